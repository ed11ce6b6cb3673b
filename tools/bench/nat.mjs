// SPDX-License-Identifier: GPL-3.0-or-later
// Who can be linked with whom: two Chromiums behind routers of each kind, in network namespaces, with STUN alone and with TURN as well
// (a real coturn), beside a bare RTCPeerConnection with the same servers. Root on Linux.
// Usage: node nat.mjs [--tries=3] [--only=cone-symmetric]; JSON on stdout, progress on stderr.
import { startCoturn } from '../../tests/support/coturn.mjs';
import { CHROMIUM, launch } from '../../tests/support/chromium.mjs';
import { Network } from '../../tests/support/network.mjs';
import { startServer } from '../../tests/support/servers.mjs';
import { turnServer } from '../relay/turn.js';
import { machine } from './machine.mjs';
import { bar, median, progress, round } from './support.mjs';

const SECRET = 'only of this bench';
const GIVEN_UP_MS = 20_000;
const KINDS = ['none', 'cone', 'restricted', 'symmetric'];
const number = (name, fallback) => Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);
const tries = number('tries', 3);
const only = process.argv.find((arg) => arg.startsWith('--only='))?.slice(7);

const pairs = KINDS.flatMap((one, i) => KINDS.slice(i).map((other) => /** @type {const} */ ([one, other])))
  .filter((pair) => only === undefined || pair.join('-') === only);

/** In two pages: a channel by hand, each text carried over by us at once. ms from the offer to an open channel; NaN: given up. */
async function bare([ann, bob], iceServers) {
  const open = (page, isFirst) => page.evaluate(({ servers, first }) => {
    const connection = new RTCPeerConnection({ iceServers: servers });
    window.peer = { connection, candidates: [], isOpen: false };
    connection.onicecandidate = ({ candidate }) => candidate && window.peer.candidates.push(candidate.toJSON());
    const use = (channel) => { channel.onopen = () => { window.peer.isOpen = true; }; };
    if (first) use(connection.createDataChannel('a'));
    connection.ondatachannel = ({ channel }) => use(channel);
  }, { servers: iceServers, first: isFirst });
  await Promise.all([open(ann, true), open(bob, false)]);
  const start = performance.now();
  const offer = await ann.evaluate(async () => {
    await window.peer.connection.setLocalDescription();
    return window.peer.connection.localDescription.toJSON();
  });
  const answer = await bob.evaluate(async (said) => {
    await window.peer.connection.setRemoteDescription(said);
    await window.peer.connection.setLocalDescription();
    return window.peer.connection.localDescription.toJSON();
  }, offer);
  await ann.evaluate((said) => window.peer.connection.setRemoteDescription(said), answer);
  const take = (page) => page.evaluate(() => ({ found: window.peer.candidates.splice(0), isOpen: window.peer.isOpen }));
  const give = (page, found) => page.evaluate((list) => Promise.all(list.map((one) => window.peer.connection.addIceCandidate(one))), found);
  let ms = NaN;
  while (performance.now() - start < GIVEN_UP_MS) {
    const [a, b] = await Promise.all([take(ann), take(bob)]);
    if (a.isOpen && b.isOpen) {
      ms = performance.now() - start;
      break;
    }
    if (a.found.length + b.found.length > 0) await Promise.all([give(bob, a.found), give(ann, b.found)]);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  await Promise.all([ann, bob].map((page) => page.evaluate(() => window.peer.connection.close())));
  return ms;
}

let roomCount = 0;

/** ms from the second init() to a link at both; NaN: given up. heard: whether a message came all the same. */
async function ours(pages, iceServers, relay) {
  const room = `nat-${++roomCount}`;
  const start = (page, nick) => page.evaluate((config) => nkt.init(config), {
    nick, room, relays: [relay], trackers: [], iceServers, storage: 'none',
  });
  await start(pages[0], 'ann');
  const from = performance.now();
  await start(pages[1], 'bob');
  const until = (page, text) => page.evaluate(async ({ condition, ms }) => {
    const holds = new Function(`return ${condition}`);
    const end = performance.now() + ms;
    while (!holds() && performance.now() < end) await new Promise((resolve) => { setTimeout(resolve, 20); });
    return holds();
  }, { condition: text, ms: GIVEN_UP_MS });
  const linked = await Promise.all(pages.map((page) => until(page, "nkt.health().links.some(({ state }) => state === 'open')")));
  const ms = linked.every(Boolean) ? performance.now() - from : NaN;
  await pages[1].evaluate(() => nkt.addEventListener('nktencryptedmessagereceived', ({ detail }) => { window.heard = detail; }));
  await pages[0].evaluate(() => nkt.sendEncryptedMessage('hello'));
  const heard = await until(pages[1], "window.heard === 'hello'");
  await Promise.all(pages.map((page) => page.evaluate(() => nkt.close())));
  return { ms, heard };
}

/** @param {readonly string[]} kinds of the two routers */
async function measure(kinds) {
  const names = ['ann', 'bob'];
  const entries = names.map((name, i) => /** @type {const} */ ([name, kinds[i]]));
  const behind = Object.fromEntries(entries.filter(([, kind]) => kind !== 'none'));
  // somebody who is never there: so that addresses are not private where neither has a router
  const network = new Network(names.filter((_, i) => kinds[i] === 'none'), { ...behind, nobody: 'cone' });
  const ends = [() => network.close()];
  try {
    const coturn = await startCoturn(network.hub, SECRET, network.prefix('hub'));
    ends.push(() => coturn.stop());
    const app = await startServer('app.js', { HOST: network.hub, NKT_TRACKERS: '' }, network.prefix('hub'));
    ends.push(() => app.stop());
    const url = `http://${network.hub}:${app.port}`;
    const browsers = await Promise.all(names.map((name) => launch({
      executablePath: network.wrap(name, CHROMIUM), hosts: [network.hub], args: [`--unsafely-treat-insecure-origin-as-secure=${url}`],
    })));
    ends.push(() => Promise.all(browsers.map((browser) => browser.close())));
    const stun = { urls: coturn.url.replace('turn:', 'stun:') };
    const turn = turnServer({ urls: [coturn.url], secret: SECRET, seconds: 3600 });
    const found = {};
    for (const [what, servers] of [['STUN', [stun]], ['STUN and TURN', [stun, turn]]]) {
      const result = { nkt: [], bare: [], heard: 0 };
      for (let i = 0; i < tries; i++) {
        const pages = await Promise.all(browsers.map(async (browser) => {
          const page = await (await browser.newContext()).newPage();
          await page.goto(url);
          await page.waitForFunction(() => Boolean(window.nkt));
          return page;
        }));
        const { ms, heard } = await ours(pages, servers, `${app.wsUrl.replace('localhost', network.hub)}/relay`);
        result.nkt.push(ms);
        result.heard += Number(heard);
        result.bare.push(await bare(pages, servers));
        await Promise.all(pages.map((page) => page.context().close()));
      }
      const side = (list) => {
        const good = list.filter(Number.isFinite);
        return { linked: `${good.length} of ${list.length}`, ms: good.length > 0 ? round(median(good), 0) : null };
      };
      found[what] = { nkt: side(result.nkt), bare: side(result.bare), heard: `${result.heard} of ${tries}` };
      progress(`${kinds.join(' and ')}, ${what}: ${JSON.stringify(found[what])}`);
    }
    return found;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

const why = Network.whyNot();
if (why) {
  console.log(JSON.stringify({ skipped: why }));
} else {
  const table = {};
  for (const kinds of pairs) table[kinds.join('-')] = await measure(kinds);
  const rows = Object.values(table).flatMap(Object.values);
  const count = (side) => rows.reduce((sum, row) => sum + Number(row[side].linked.split(' ')[0]), 0);
  const bars = { 'pairs linked, of those of a bare connection': bar(count('nkt') / count('bare'), '>=', 1) };
  console.log(JSON.stringify({ bench: 'nat', tries, machine: machine(), table, bars }, null, 1));
}
