// SPDX-License-Identifier: GPL-3.0-or-later
// The main job: set-up, build, then the relay with the page and the tracker, as processes of their own
// that can be killed one by one. Ctrl-C ends all. PORT and TRACKER_PORT choose the ports.
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { isEnding, startServer, stopAll, stopOnSignals } from './children.mjs';
import { setup } from './setup.mjs';
import { command } from './setup/report.mjs';

const scriptOf = (name) => fileURLToPath(new URL(name, import.meta.url));

await command(async () => {
  await setup();
  build('wasm');
  build('web');
  stopOnSignals();
  try {
    const tracker = await startServer('tracker', scriptOf('tracker.js'));
    const trackerPort = new URL(tracker.url).port;
    const relay = await startServer('relay', scriptOf('app.js'), { TRACKER_PORT: trackerPort });
    console.log(
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
