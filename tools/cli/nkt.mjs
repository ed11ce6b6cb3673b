#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// A peer in the terminal, `npx nkt --help`; and what it needs on a machine of one's own, `npx nkt serve`.
import { Nkt } from '../../glue/nkt.js';
import { followServer, nodeConfig } from '../../glue/node.js';
import { JsonLines } from './jsonlines.mjs';
import { openLines } from './lines.mjs';
import { HELP, readOptions, UsageError } from './options.mjs';
import { rememberWhoLeaves, someone } from './people.mjs';
import { Terminal } from './terminal.mjs';

const say = (/** @type {string} */ text) => process.stderr.write(`nkt: ${text}\n`);

/** @param {import('./options.mjs').Options} options */
async function configOf(options) {
  const platform = await nodeConfig({ webrtc: options.webrtc });
  if (options.webrtc && platform.RTCPeerConnection === null) {
    say('no WebRTC here, messages go by the relay alone (npm install @roamhq/wrtc adds it)');
  }
  const { nick, room, secret } = options;
  return {
    nick, room, secret, ...platform, storage: options.folder === undefined ? 'none' : { folder: options.folder },
    keeper: options.keep, verbose: options.verbose,
    relays: options.relays, trackers: options.trackers, iceServers: options.iceServers,
  };
}

/** Codes of OpenSSL and Node for certificates. */
const TLS_FAULT = /CERT|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/;

/** What the server says of relays, trackers and ICE servers, now and later. @param {string|undefined} server undefined: they were named */
async function defaultsOf(server) {
  if (server === undefined) return () => ({});
  return followServer(server).catch((error) => {
    const why = error.cause?.code;
    const fault = TLS_FAULT.test(why) ? `has a certificate that is not taken (${why})` : `does not answer (${why}): is it running?`;
    const words = typeof why === 'string' ? `${server} ${fault}` : error.message; // something answers there, or too late
    throw new Error(`${words}${words.endsWith('?') ? '' : ';'} --server, --relay and --tracker name others`);
  });
}

/** Relays and trackers, as far as is known with why. @param {Nkt} nkt @returns {string[]} */
function notReached(nkt) {
  const { relays = [], trackers = [] } = nkt.health();
  return [...relays, ...trackers].filter(({ state }) => state !== 'open')
    .map(({ url, lastError }) => (lastError ? `${url} (${lastError})` : url));
}

/** Resolves when all is settled, or the time is over. @param {Set<any>} deliveries @param {number} ms */
async function settle(deliveries, ms) {
  let timer;
  const over = new Promise((resolve) => { timer = setTimeout(resolve, ms); });
  await Promise.race([Promise.all([...deliveries].map((delivery) => delivery.settled)), over]);
  clearTimeout(timer);
}

/** @param {import('./options.mjs').Options} options */
async function run(options) {
  if (options.secret === '') say('NKT_SECRET is empty: the room is open to whoever knows its name');
  const config = await configOf(options);
  const nkt = new Nkt({ log: { error: console.error, debug: console.error }, defaults: await defaultsOf(options.server) });
  /** Not settled yet. @type {Set<any>} */
  const open = new Set();
  let undelivered = 0;
  const sent = (delivery) => {
    open.add(delivery);
    delivery.settled.then((recipients) => {
      open.delete(delivery);
      if ([...recipients.values()].includes('failed')) undelivered++;
    });
  };
  let isInterrupted = false;
  let quit = () => {};
  const ended = new Promise((resolve) => {
    quit = () => {
      isInterrupted = true;
      resolve(undefined);
    };
  });
  process.stdout.on('error', ({ code }) => {
    if (code !== 'ENOSPC' && code !== 'EDQUOT') quit(); // whoever read it is gone; a keeper goes on although its log's disk is full
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.once(signal, () => quit());
  /** @type {JsonLines|Terminal|null} */
  let front = null;
  const complete = (/** @type {string} */ line) => (front instanceof Terminal ? front.complete(line) : [[], line]);
  const { input, print, isTerminal, close } = openLines(() => quit(), complete);
  const parts = { to: options.to, sent, quit: () => quit() };
  rememberWhoLeaves(nkt);
  front = options.json ? new JsonLines(nkt, print, parts) : new Terminal(nkt, print, parts);

  await nkt.init(config);
  front.ready();
  let unheard = 0;
  const takeAll = async () => {
    if (!isTerminal && !options.json && !(await someone(nkt, options.to, options.waitMs))) {
      const away = notReached(nkt);
      const whither = away.length === 0 ? '' : `; not reached: ${away.join(', ')}`;
      say(`${options.to === '' ? 'nobody is here' : `${options.to} is not here`}${whither}`); // what is piped in wants somebody to hear it
    }
    for await (const line of input) {
      if (line.trim() !== '' && !(await front.take(line)) && !isTerminal) unheard++;
    }
    await front.idle();
  };
  await Promise.race([ended, takeAll()]);
  if (!isInterrupted && options.stay) await ended;
  if (!isInterrupted) await settle(open, options.waitMs);
  const count = undelivered + open.size; // as it is now: close() ends what is open
  await nkt.close();
  close();
  if (isInterrupted) return 0;
  const told = (/** @type {number} */ n, /** @type {string} */ what) => say(`${n} ${n === 1 ? 'message was' : 'messages were'} ${what}`);
  if (unheard > 0) told(unheard, 'heard by nobody');
  if (count > 0) told(count, 'not delivered');
  return unheard + count === 0 ? 0 : 1;
}

async function main() {
  if (process.argv[2] === 'serve') { // a room of that name: nkt -- serve
    const { serve } = await import('./serve.mjs');
    return serve(process.argv.slice(3));
  }
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help || options.version) {
    process.stdout.write(options.version ? `${HELP.split(':')[0]}\n` : HELP);
    return 0;
  }
  return run(options);
}

main().then((status) => process.exit(status), (error) => { // exit: a WebRTC library may leave threads behind
  say(error instanceof UsageError ? `${error.message}\n     ${error.help} tells how it is used` : error.message);
  process.exit(error instanceof UsageError ? 2 : 1);
});
