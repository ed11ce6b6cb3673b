// SPDX-License-Identifier: GPL-3.0-or-later
// Starts app.js or tracker.js on a free port and tells where it is.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../tools/setup/paths.mjs';

/**
 * @param {'app.js' | 'tracker.js'} script
 * @param {Record<string, string>} [env]
 * @returns {Promise<{url: string, wsUrl: string, port: number, pid: number,
 *   kill: (signal?: NodeJS.Signals) => void, stop: () => Promise<number | null>}>}
 *   stop ends it gracefully and resolves to its exit code
 */
export function startServer(script, env = {}) {
  const child = spawn(process.execPath, [join(root, 'tools', script)], {
    cwd: root,
    env: { ...process.env, PORT: '0', TRACKER_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  return new Promise((resolve, reject) => {
    ended.then(() => reject(new Error(`${script} ended: ${errors}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^nkt \w+: (\S+) pid (\d+)$/.exec(line);
      if (!found) return;
      const url = found[1];
      resolve({
        url,
        wsUrl: url.replace(/^http/, 'ws'),
        port: Number(new URL(url).port),
        pid: Number(found[2]),
        kill: (signal = 'SIGKILL') => child.kill(signal),
        stop: () => {
          child.kill('SIGTERM');
          return ended;
        },
      });
    });
  });
}
