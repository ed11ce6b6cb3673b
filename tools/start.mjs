// SPDX-License-Identifier: GPL-3.0-or-later
// The main job: set-up, build, then the relay with the page and the tracker, as processes of their own
// that can be killed one by one. Ctrl-C ends all. PORT and TRACKER_PORT choose the ports.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from './build.mjs';
import { setup } from './setup.mjs';
import { root } from './setup/paths.mjs';
import { command, Failure, say } from './setup/report.mjs';

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
let isStopping = false;

/**
 * Starts a server and waits for the line that says where it is.
 * @param {string} name
 * @param {string} script
 * @param {Record<string, string>} [env]
 * @returns {Promise<{url: string, pid: number}>}
 */
function start(name, script, env = {}) {
  const child = spawn(process.execPath, [join(root, 'tools', script)], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  let isUp = false;
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      console.log(line);
      const found = /^nkt \w+: (\S+) pid (\d+)$/.exec(line);
      if (!found) return;
      isUp = true;
      resolve({ url: found[1], pid: Number(found[2]) });
    });
    child.on('exit', (code, signal) => {
      children.delete(child);
      reject(new Failure(`The ${name} did not start`, 'see its message above.'));
      if (isUp && !isStopping) tellOfDeath(name, script, code, signal);
    });
  });
}

function tellOfDeath(name, script, code, signal) {
  const how = signal ? `was killed (${signal})` : `ended with ${code}`;
  say(`the ${name} ${how}; open tabs go on without it. Again: node tools/${script}`);
  if (children.size === 0) say('nothing is left running here.');
}

function stop() {
  isStopping = true;
  for (const child of children) child.kill('SIGTERM');
}

await command(async () => {
  setup();
  build('wasm');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  try {
    const tracker = await start('tracker', 'tracker.js');
    const trackerPort = new URL(tracker.url).port;
    const relay = await start('relay', 'app.js', { TRACKER_PORT: trackerPort });
    console.log(
      `\n  Open ${relay.url} in two tabs, choose a nick in each, and write.\n` +
        `  Then kill the relay (kill -9 ${relay.pid}), the tracker (kill -9 ${tracker.pid}), or both, and go on writing.\n` +
        '  Ctrl-C ends all.\n',
    );
  } catch (error) {
    const isAskedTo = isStopping; // Ctrl-C while starting
    stop();
    if (!isAskedTo) throw error;
  }
});
