// SPDX-License-Identifier: GPL-3.0-or-later
// Starts app.js or tracker.js on a free port and tells where it is.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readStarted } from '../../tools/log.js';
import { root } from '../../tools/setup/paths.mjs';
import { freePort } from './ports.mjs';
import { SLOW } from './slow.mjs';

const PRELOADED = SLOW > 0 ? ['--import', new URL('slow.mjs', import.meta.url).href] : [];

/** Those that run; they end with this process. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/**
 * @param {'app.js' | 'dev.js' | 'tracker.js'} script
 * @param {Record<string, string>} [env]
 * @param {string[]} [prefix] a command that runs it, such as one that enters a network namespace
 * @returns {Promise<{url: string, wsUrl: string, port: number, pid: number, said: string[], isRunning: () => boolean,
 *   kill: (signal?: NodeJS.Signals) => Promise<number | null>, stop: () => Promise<number | null>}>}
 *   said: its lines so far; kill ends it at once, stop gracefully; both resolve to its exit code when it is gone
 */
export async function startServer(script, env = {}, prefix = []) {
  const own = script === 'tracker.js' ? 'TRACKER_PORT' : 'PORT';
  const port = Number(env[own] ?? 0) === 0 ? await freePort() : env[own];
  const [command, ...args] = [...prefix, process.execPath, ...PRELOADED, join(root, 'tools', script)];
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, PORT: '0', TRACKER_PORT: '0', ...env, [own]: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  ended.then(() => children.delete(child));
  return new Promise((resolve, reject) => {
    ended.then(() => reject(new Error(`${script} ended: ${errors}`)));
    const said = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      const started = readStarted(line);
      if (!started) return;
      const { url, pid } = started;
      resolve({
        url,
        wsUrl: url.replace(/^http/, 'ws'),
        port: Number(new URL(url).port),
        pid,
        said,
        isRunning: () => children.has(child),
        kill: (signal = 'SIGKILL') => {
          child.kill(signal);
          return ended;
        },
        stop: () => {
          child.kill('SIGTERM');
          return ended;
        },
      });
    });
  });
}
