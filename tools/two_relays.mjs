// SPDX-License-Identifier: GPL-3.0-or-later
// An example of several relays as one: two relays and one NATS on this machine, `node tools/two_relays.mjs`.
// Ctrl-C ends all. PORT (3000; the second relay takes the next) and NATS_PORT (4222) choose the ports.
// On machines of their own the same: nats-server, and on each `NATS_URL=nats://HOST:4222 node tools/app.js`.
import { fileURLToPath } from 'node:url';
import { guide, isEnding, startProgram, startServer, stopAll, stopOnSignals } from './children.mjs';
import { portOf } from './listen.js';
import { command, Failure } from './setup/report.mjs';

const scriptOf = (name) => fileURLToPath(new URL(name, import.meta.url));

/** @returns {{port: number, natsPort: number}} */
function readPorts() {
  try {
    const natsPort = portOf('NATS_PORT', 4222);
    if (natsPort === 0) throw new Error('NATS_PORT=0: both relays have to know it, so name one');
    return { port: portOf('PORT', 3000), natsPort };
  } catch (error) {
    throw new Failure(/** @type {Error} */ (error).message);
  }
}

await command(async () => {
  stopOnSignals();
  const { port, natsPort } = readPorts();
  try {
    const nats = startProgram('NATS', 'nats-server', ['-a', '127.0.0.1', '-p', String(natsPort)]);
    if (nats.pid === undefined) throw new Failure('nats-server is not here', 'apt-get install nats-server, or npm run setup');
    const env = { NATS_URL: `nats://127.0.0.1:${natsPort}` };
    const first = await startServer('first relay', scriptOf('app.js'), { ...env, PORT: String(port) });
    const second = await startServer('second relay', scriptOf('app.js'), { ...env, PORT: String(port === 0 ? 0 : port + 1) });
    guide(
      `\n  Open ${first.url} in one tab and ${second.url} in another: they are in one room.\n` +
        `  Kill NATS (kill -9 ${nats.pid}): each relay works on alone, and says so. Start it again:\n` +
        `  nats-server -a 127.0.0.1 -p ${natsPort}\n  Ctrl-C ends all.\n`,
    );
  } catch (error) {
    const isAskedTo = isEnding();
    stopAll();
    if (!isAskedTo) throw error;
  }
});
