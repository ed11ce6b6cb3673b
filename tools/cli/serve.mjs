// SPDX-License-Identifier: GPL-3.0-or-later
// `npx nkt serve`: the page with its relay, and a tracker, as processes of their own: either can be killed, and what is left goes on.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { guide, isEnding, isForPeople, portIn, say, startServer, stopAll, stopOnSignals } from '../children.mjs';
import { Failure } from '../setup/report.mjs';
import { DEFAULT_SERVER, UsageError } from './options.mjs';

export const SERVE_HELP = `nkt serve: page, relay and tracker on this machine

  nkt serve [options]            then open http://localhost:3000 in two tabs, or in one and type \`npx nkt\` here

  -p, --port PORT            of page and relay (the variable PORT, or 3000); 0 takes a free one
      --tracker-port PORT    of the tracker (TRACKER_PORT, or 8000)
      --restart              starts either again, 2 s after it ended, however often: for containers
      --host HOST            0.0.0.0 or :: lets other machines in (HOST, or this machine alone); browsers there want https in front
  -h, --help

Further settings are variables, such as NKT_ORIGINS, NKT_PROXY, NKT_ICE_SERVERS: docs/operators.md tells all.
`;

/** As app.js and tracker.js have them. */
const DEFAULT_PORTS = { page: '3000', tracker: '8000' };

const OPTIONS = /** @type {const} */ ({
  port: { type: 'string', short: 'p' },
  'tracker-port': { type: 'string' },
  host: { type: 'string' },
  restart: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
});

/** @param {string[]} args */
function readArgs(args) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message.split('. ')[0], 'nkt serve --help');
  }
}

/** @param {string|undefined} text @param {string} option @returns {string|undefined} */
function port(text, option) {
  if (text === undefined || (/^\d{1,5}$/.test(text) && Number(text) < 2 ** 16)) return text;
  throw new UsageError(`--${option} ${text}: a port is wanted, 0 to 65535`, 'nkt serve --help');
}

/** Whichever starts second would call the other a stranger. @param {Record<string, string|undefined>} env */
function checkApart({ PORT, TRACKER_PORT }) {
  const [page, tracker] = [PORT?.trim() || DEFAULT_PORTS.page, TRACKER_PORT?.trim() || DEFAULT_PORTS.tracker];
  if (page !== tracker || Number(page) === 0) return;
  throw new UsageError(`--port and --tracker-port (PORT and TRACKER_PORT) are both ${page}: each wants one of its own`, 'nkt serve --help');
}

/** Between the end of one and its next start, in ms: as units of systemd have it. */
const AGAIN_MS = 2000;
const BY_ITSELF = `by itself, in ${AGAIN_MS / 1000} s`;

/**
 * One of both, where it was, as often as it ends.
 * @param {string} name @param {string} script @param {Record<string, string>} env @param {{ended: Promise<unknown>}} server the first
 */
async function keepUp(name, script, env, server) {
  for (let { ended } = server; ; ) {
    await ended;
    if (!isEnding()) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    if (isEnding()) return;
    ({ ended } = await startServer(name, script, env, BY_ITSELF).catch(() => {
      say(`the ${name} did not start. Again: ${BY_ITSELF}`); // it said why
      return { ended: Promise.resolve() };
    }));
  }
}

/** Where relay and tracker are: built into the package; in a checkout as they are there. @returns {{relay: string, tracker: string}} */
function programs() {
  const at = (path) => fileURLToPath(new URL(path, import.meta.url));
  const packed = { relay: at('../../build/serve/relay.js'), tracker: at('../../build/serve/tracker.js') };
  const inCheckout = { relay: at('../app.js'), tracker: at('../tracker.js') };
  return existsSync(inCheckout.relay) ? inCheckout : packed;
}

/**
 * Starts both, and stays until both have ended or somebody asks for the end.
 * @param {string[]} args @returns {Promise<number>} the status to exit with
 */
export async function serve(args) {
  const values = readArgs(args);
  if (values.help) {
    process.stdout.write(SERVE_HELP);
    return 0;
  }
  const ports = [['PORT', port(values.port, 'port')], ['TRACKER_PORT', port(values['tracker-port'], 'tracker-port')]];
  for (const [name, value] of [...ports, ['HOST', values.host]]) {
    if (value !== undefined) process.env[name] = value;
  }
  checkApart(process.env);
  stopOnSignals();
  const where = programs();
  let ended;
  try {
    const again = values.restart ? BY_ITSELF : undefined;
    const tracker = await startServer('tracker', where.tracker, {}, again);
    const trackerEnv = { TRACKER_PORT: portIn(tracker.url) };
    const relay = await startServer('relay', where.relay, trackerEnv, again);
    const relayEnv = { ...trackerEnv, PORT: portIn(relay.url) };
    const isUp = values.restart
      ? [keepUp('tracker', where.tracker, trackerEnv, tracker), keepUp('relay', where.relay, relayEnv, relay)]
      : [tracker.ended, relay.ended];
    ended = Promise.all(isUp);
    const server = relay.url === DEFAULT_SERVER ? '' : ` --server ${relay.url}`;
    guide(
      `\n  Open ${relay.url} in two tabs, choose a nick in each, and write.\n` +
        `  Or join from another terminal: npx nkt${server}\n` +
        '  Ctrl-C ends both.\n',
    );
  } catch (error) {
    const isAskedTo = isEnding(); // Ctrl-C while starting
    stopAll();
    if (isAskedTo) return 0;
    if (!isForPeople()) {
      say(`FAILED: ${error.message}`);
      return 1;
    }
    throw error instanceof Failure ? error : new Error(`it does not start: ${error.message}`, { cause: error });
  }
  await ended;
  return isEnding() ? 0 : 1;
}
