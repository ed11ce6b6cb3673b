// SPDX-License-Identifier: GPL-3.0-or-later
// Servers of others that a test starts: each as a child of its own, with all it writes in a folder that goes with it.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { until } from '../glue/support/until.mjs';

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/**
 * Resolves when it listens.
 * @param {string} file @param {string[]} args @param {object} options
 * @param {number} options.port one that it listens on @param {string} options.folder deleted when it is stopped
 * @param {NodeJS.Signals} [options.signal] asks it to end @param {Record<string, string>} [options.env] beside this process's own
 * @returns {Promise<{stop(): Promise<void>}>}
 */
export async function startProgram(file, args, { port, folder, signal = 'SIGTERM', env = {} }) {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  children.add(child);
  let errors = '';
  child.stderr.on('data', (chunk) => (errors = (errors + chunk).slice(-4000)));
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  ended.then(() => children.delete(child));
  const listens = () => new Promise((resolve, reject) => {
    if (child.exitCode !== null) reject(new Error(`${file} ended: ${errors}`));
    const socket = connect(port, '127.0.0.1', () => resolve(!socket.destroy().connecting));
    socket.on('error', () => resolve(false));
  });
  await until(listens, `${file} to listen`);
  return {
    stop: async () => {
      child.kill(signal);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1000))]);
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
