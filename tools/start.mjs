// SPDX-License-Identifier: GPL-3.0-or-later
// The main job: set-up, build, then the relay with the page and the tracker, as processes of their own
// that can be killed one by one. Ctrl-C ends all. PORT and TRACKER_PORT choose the ports. --dev: plugins that are saved are loaded anew in
// open tabs (dev.js).
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { guide, isEnding, startServer, stopAll, stopOnSignals } from './children.mjs';
import { setup } from './setup.mjs';
import { command, Failure } from './setup/report.mjs';

const scriptOf = (name) => fileURLToPath(new URL(name, import.meta.url));

function isDev() {
  try {
    return parseArgs({ options: { dev: { type: 'boolean', default: false } } }).values.dev;
  } catch (error) {
    throw new Failure(error.message, 'npm start, or npm start -- --dev');
  }
}

await command(async () => {
  const server = isDev() ? 'dev.js' : 'app.js';
  await setup();
  build('wasm');
  build('web');
  stopOnSignals();
  try {
    const tracker = await startServer('tracker', scriptOf('tracker.js'));
    const trackerPort = new URL(tracker.url).port;
    const relay = await startServer('relay', scriptOf(server), { TRACKER_PORT: trackerPort });
    guide(
      `\n  Open ${relay.url} in two tabs, choose a nick in each, and write.\n` +
        `  Then kill the relay (kill -9 ${relay.pid}), the tracker (kill -9 ${tracker.pid}), or both, and go on writing.\n` +
        '  Ctrl-C ends all.\n',
    );
  } catch (error) {
    const isAskedTo = isEnding(); // Ctrl-C while starting
    stopAll();
    if (!isAskedTo) throw error;
  }
});
