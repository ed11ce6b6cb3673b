// SPDX-License-Identifier: GPL-3.0-or-later
// Two people behind routers that give each connection another port: no way leads from one to the other but through TURN, a real coturn
// with the configuration of docs/operators.md and passwords that end.
// Long: passwords end, and that is waited for.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { turnServer } from '../../tools/relay/turn.js';
import { skip as noWasm } from '../glue/support/wasm.mjs';
import { CHROMIUM, launch } from '../support/chromium.mjs';
import { startCoturn } from '../support/coturn.mjs';
import { print } from '../support/figures.mjs';
import { Network } from '../support/network.mjs';
import { startServer } from '../support/servers.mjs';
import { Tab } from '../support/tab.mjs';

const NAMES = ['ann', 'bob'];
const SECRET = 'only of this test';
const BRIEF_S = 12; // a page asks for the next password 10 s after one at the earliest
const LINK_MS_MAX = 60_000;
const skip = noWasm || Network.whyNot();

describe('through TURN', { skip, timeout: 480_000 }, () => {
  /** @type {Network} */
  let network;
  /** @type {Awaited<ReturnType<typeof startCoturn>>} */
  let coturn;
  const browsers = [];
  const ends = [];
  let url = '';
  let room = 0;
  /** @type {Tab[]} */
  let tabs = [];

  before(async () => {
    network = new Network([], { ann: 'symmetric', bob: 'symmetric' });
    ends.push(() => network.close());
    coturn = await startCoturn(network.hub, SECRET, network.prefix('hub'));
    ends.push(() => coturn.stop());
    const env = { HOST: network.hub, NKT_TRACKERS: '', NKT_TURN_URLS: coturn.url, NKT_TURN_SECRET: SECRET };
    const app = await startServer('app.js', env, network.prefix('hub'));
    ends.push(() => app.stop());
    url = `http://${network.hub}:${app.port}`;
    for (const name of NAMES) {
      const browser = await launch({
        executablePath: network.wrap(name, CHROMIUM),
        hosts: [network.hub],
        args: [`--unsafely-treat-insecure-origin-as-secure=${url}`], // what localhost is without
      });
      browsers.push(browser);
      ends.push(() => browser.close());
    }
  });
  after(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterEach(async () => {
    await Promise.all(tabs.splice(0).map((tab) => tab.page.context().close()));
  });

  /**
   * Both, who have met by the relay.
   * @param {object} config @param {(tab: Tab, i: number) => Promise<unknown>} [prepare] before the page loads
   */
  async function pair(config, prepare) {
    const name = `turn-${++room}`;
    tabs = await Promise.all(browsers.map(async (browser, i) => {
      const tab = await Tab.blank(await browser.newContext(), { before: watchConnections });
      await prepare?.(tab, i);
      return tab.load(url);
    }));
    await Promise.all(tabs.map((tab, i) => tab.start(NAMES[i], { room: name, ...config })));
    await Promise.all(tabs.map((tab, i) => tab.session(tabs[1 - i].address)));
    return tabs;
  }

  /** Before the page's scripts: its connections can be asked which way they take. */
  function watchConnections() {
    window.connections = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...args) {
        super(...args);
        window.connections.push(this);
      }
    };
  }

  /** Kinds of the two candidates that connections at work use. @param {Tab} tab @returns {Promise<string[][]>} */
  const ways = (tab) => tab.run(async () => {
    const found = [];
    for (const connection of window.connections.filter((one) => one.connectionState === 'connected')) {
      const stats = await connection.getStats();
      const isIt = ({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded';
      const pair = [...stats.values()].find(isIt);
      if (pair) found.push([pair.localCandidateId, pair.remoteCandidateId].map((id) => stats.get(id).candidateType));
    }
    return found;
  });

  const delivered = (tab) => tab.delivered(LINK_MS_MAX);

  test('without it there is no link, and messages go by the relay', async () => {
    const [ann, bob] = await pair({ iceServers: [] });
    const linking = (addr) => nkt.startWebRTCClient(addr, { timeout: 5000 }).then(() => 'linked', ({ code }) => code);
    const refused = await ann.run(linking, bob.address);
    assert.match(refused, /^NKT_E_/);
    await ann.say('by the relay');
    await bob.hears('it', ({ value }) => value === 'by the relay');
    assert.deepEqual(await ways(ann), []);
  });

  test('with what /config.json gives there is one, through coturn', async () => {
    const start = Date.now();
    const [ann, bob] = await pair({ iceServers: undefined });
    await Promise.all([ann.link(bob.address, LINK_MS_MAX), bob.link(ann.address, LINK_MS_MAX)]);
    print(`linked through TURN ${Date.now() - start} ms after the start`);
    for (const kinds of [...await ways(ann), ...await ways(bob)]) assert.ok(kinds.includes('relay'), kinds.join(' to '));
    await ann.say('through TURN');
    await bob.hears('it', ({ value }) => value === 'through TURN');
  });

  test('passwords end while they talk, the address changes: linked again, with later passwords; nothing is lost', async () => {
    const given = [[], []];
    const [ann, bob] = await pair({ iceServers: undefined }, async (tab, i) => {
      await tab.page.route('**/config.json', async (route) => {
        const server = turnServer({ urls: [coturn.url], secret: SECRET, seconds: BRIEF_S });
        given[i].push(server.username);
        await route.fulfill({ json: { relays: ['relay'], trackers: [], iceServers: [server], ttl: BRIEF_S } });
      });
    });
    await Promise.all([ann.link(bob.address, LINK_MS_MAX), bob.link(ann.address, LINK_MS_MAX)]);
    const first = given.map(([username]) => username);
    const talking = Promise.all(tabs.map((tab) => tab.run((what) => window.probe.talk(what), { count: 400, everyMs: 50, tag: 'turn' })));
    const endS = Math.max(...first.map((username) => Number(username.split(':')[0])));
    await ann.until((ms) => Date.now() > ms, (endS + 1) * 1000, 'the end of the first passwords');
    const before = Date.now();
    network.readdress('ann');
    await ann.until((addr) => {
      window.probe.since ??= window.probe.frames.webrtc;
      const isOpen = nkt.health().links.some((link) => link.address === addr && link.state === 'open');
      return isOpen && window.probe.frames.webrtc > window.probe.since;
    }, bob.address, 'frames over WebRTC again', LINK_MS_MAX);
    print(`another address after the first passwords' end: linked again ${Date.now() - before} ms later`);
    await talking;
    await Promise.all(tabs.map(delivered));
    for (const tab of tabs) {
      const heard = (await tab.messages()).map(({ value }) => value.i).sort((a, b) => a - b);
      assert.deepEqual(heard, Array.from({ length: 400 }, (_, n) => n), 'each once');
    }
    assert.ok(given[0].some((username) => username !== first[0] && coturn.said().includes(`username=<${username}>`)), 'and used');
    assert.match(coturn.said(), /peer IP 192\.168\.1\.2 denied in the range: 192\.168\.0\.0-/, 'not into networks of the server');
  });
});
