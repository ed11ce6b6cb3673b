// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium, Firefox and Node with each other: every pair talks both ways, encrypted, over WebRTC alone.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { hear } from '../support/hear.mjs';
import { Stage, lackWorker } from '../support/stage.mjs';
import { Tab, allMeet, untilTabs } from '../support/tab.mjs';
import { closePeers, startPeer } from '../glue/support/peers.mjs';
import { skip } from '../glue/support/wasm.mjs';

const WAIT_MS = 15_000;

describe('Chromium, Firefox and Node', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ browsers: ['chromium', 'firefox'], isWhole: true });
  });
  after(() => stage.close());
  afterEach(async () => {
    await closePeers();
    await stage.clear();
  });

  /** Ann in Firefox and Bob in Chromium, on the page, who have met. */
  async function annAndBob() {
    await stage.startServers();
    return stage.annAndBob();
  }

  test('all pairs, with the relay and then the tracker dead', async () => {
    const config = { room: stage.newRoom(), relays: stage.relays, trackers: stage.trackers };
    const tabs = (await Promise.all([stage.tabs(2, { browser: 'chromium' }), stage.tabs(2, { browser: 'firefox' })])).flat();
    const names = ['Chromium 1', 'Chromium 2', 'Firefox 1', 'Firefox 2'];
    const [node] = await Promise.all([startPeer('Node', config), ...tabs.map((tab, i) => tab.start(names[i], config))]);
    await allMeet(tabs);
    for (const tab of tabs) {
      await tab.session(node.address);
      await tab.link(node.address);
      await node.session(tab.address);
    }
    const peers = [
      ...tabs.map((tab) => ({
        name: tab.name, address: tab.address, say: (value, to) => tab.say(value, to), read: () => tab.messages(),
        path: (to) => tab.run((addr) => nkt.userList[addr].path, to),
      })),
      {
        name: 'Node', address: node.address, say: (value, to) => node.nkt.sendEncryptedMessage(value, to),
        read: async () => node.of('nktencryptedmessagereceived').map(({ from, detail, encrypted }) => ({ from, value: detail, encrypted })),
        path: async (to) => node.nkt.userList[to].path,
      },
    ];
    for (const server of ['app', 'tracker']) {
      await stage[server].kill();
      for (const peer of peers) {
        for (const other of peers) {
          if (other !== peer) await peer.say({ server, by: peer.name }, other.address);
        }
      }
      for (const peer of peers) {
        const heard = async () => (await peer.read()).filter(({ value }) => value.server === server);
        await untilTabs(async () => (await heard()).length >= peers.length - 1, `${peer.name}: everybody, with ${server} dead`, WAIT_MS);
        const others = peers.filter((other) => other !== peer);
        assert.deepEqual((await heard()).map(({ from, value, encrypted }) => [from, value.by, encrypted]).sort(),
          others.map(({ address, name }) => [address, name, true]).sort(), `${peer.name}: each once, with ${server} dead`);
        for (const { address } of others) {
          await untilTabs(async () => (await peer.path(address)) === 'direct', `${peer.name}: a direct path`);
        }
      }
    }
    for (const tab of tabs) await tab.delivered();
  });

  test('a content from Firefox to Chromium and back, and over a reload of Firefox', async () => {
    await stage.startServers();
    const config = { room: stage.newRoom(), relays: stage.relays, trackers: stage.trackers };
    const [chromium] = await stage.tabs(1, { browser: 'chromium' });
    const [firefox] = await stage.tabs(1, { browser: 'firefox' });
    await Promise.all([chromium.start('Chromium', config), firefox.start('Firefox', config)]);
    await allMeet([chromium, firefox]);
    const listen = () => {
      globalThis.contents = new Promise((resolve) => nkt.addEventListener('nktcontent', ({ detail }) => resolve(detail), { once: true }));
    };
    const share = async ({ to, size, by }) => {
      const { delivery } = await nkt.share(new Blob([Uint8Array.from({ length: size }, (_, i) => i * by >> 8)]), { to, name: `${by}` });
      return [...(await delivery.settled).values()];
    };
    const fetched = async ({ size, by }) => {
      const bytes = new Uint8Array(await (await (await nkt.fetch(await globalThis.contents)).blob()).arrayBuffer());
      return bytes.length === size && bytes.every((byte, i) => byte === (i * by >> 8 & 255));
    };
    const size = 1_000_001;
    for (const [from, to, by] of [[firefox, chromium, 3], [chromium, firefox, 7]]) {
      await to.run(listen);
      assert.deepEqual(await from.run(share, { to: to.address, size, by }), ['delivered']);
      assert.ok(await to.run(fetched, { size, by }), `${by}: byte for byte`);
      assert.ok(['opfs', 'indexeddb'].includes(await to.run(() => nkt.health().contents.kind)));
    }
    await firefox.page.reload();
    await firefox.start('Firefox', config);
    const kept = () => firefox.run(() => nkt.contents.map(({ name, state, own }) => `${name} ${state} ${own}`).sort());
    await untilTabs(async () => (await kept()).join() === '3 complete true,7 complete false', 'what was kept', WAIT_MS);
  });

  test('values with bytes between Firefox and Chromium, small and large, and what the page says of them', async () => {
    const [ann, bob] = await annAndBob();
    const listen = () => {
      globalThis.heard = [];
      nkt.addEventListener('nktencryptedmessagereceived', ({ detail, bytes }) => globalThis.heard.push({ detail, bytes }));
    };
    const say = async () => {
      const large = Uint8Array.from({ length: 300_000 }, (_, i) => i * 31 >> 4);
      const file = new File(['<b>'], 'b.html', { type: 'text/html', lastModified: 5 });
      const said = [
        nkt.sendEncryptedMessage({ n: [new BigInt64Array([-1n]), { $: new Float32Array([0.5]) }], file }),
        nkt.send({ text: 'look' }, { bytes: new Blob([large], { type: 'image/png' }) }),
      ];
      return (await Promise.all(said.map(async (one) => [...(await (await one).settled).values()]))).flat();
    };
    const check = async () => {
      const [{ detail: { n: [big, { $: float }], file } }, { detail, bytes }] = globalThis.heard;
      const large = new Uint8Array(await bytes.arrayBuffer());
      return [String(big[0]), float[0], file.name, file.type, file.lastModified, await file.text(), detail.text, bytes.type, large.length,
        large.every((byte, i) => byte === (i * 31 >> 4 & 255))];
    };
    for (const [from, to] of [[ann, bob], [bob, ann]]) {
      await to.run(listen);
      assert.deepEqual(await from.run(say), ['delivered', 'delivered']);
      await to.until(() => globalThis.heard.length === 2, undefined, 'both');
      assert.deepEqual(await to.run(check), ['-1', 0.5, 'b.html', 'text/html', 5, '<b>', 'look', 'image/png', 300_000, true]);
      for (const words of ['3 bytes of b.html', 'look', '300 KB of image/png']) {
        await to.until((text) => document.getElementById('messages').textContent.includes(text), words, words);
      }
    }
  });

  test('Firefox keeps who one is, and what was said, over a reload', async () => {
    const [ann, bob] = await annAndBob();
    await ann.type('before');
    await bob.shows('before');
    const { address } = ann;
    await ann.page.reload();
    await ann.until((addr) => window.nkt?.health().running && nkt.mySwarm.address() === addr, address, 'the same address');
    await ann.until(async () => (await nkt.history()).some(({ own, value }) => own && value === 'before'), undefined, 'the history');
    await bob.session(address);
    await bob.type('after');
    await ann.hears('Bob', ({ value }) => value === 'after');

    // what becomes of messages, in Firefox as in Chromium
    await ann.act('after', '[data-sign="👍"]');
    await bob.until(() => document.querySelector('.tail .sign')?.textContent === '👍1', undefined, 'a reaction of Firefox');
    await bob.act('after', '[data-action=edit]');
    await bob.type('later, @Ann');
    await ann.until(() => document.querySelector('[data-mention] .me')?.textContent === '@Ann', undefined, 'an edit of Chromium');
    await ann.act('before', '[data-action=remove]');
    await ann.run(() => document.querySelector('.acts [data-action=yes]').click());
    await bob.until(() => document.querySelector('[data-gone]') !== null, undefined, 'a deletion of Firefox');
  });

  test('Firefox: mangled links, servers of others, compositions, long words, a browser that lacks something', async () => {
    await stage.startServers();
    const context = await stage.newContext('firefox');
    const open = async (rest) => Object.assign(await Tab.blank(context), { name: 'Firefox' }).load(stage.app.url + rest);
    for (const rest of ['/%23room=tea%20time&secret=x', '/#room=tea%20time&amp;secret=x']) {
      const tab = await open(rest);
      assert.deepEqual(await tab.run(() => ['room', 'secret'].map((id) => document.getElementById(id).value)), ['tea time', 'x'], rest);
      await tab.page.close();
    }
    const asked = await open(`/?nick=Ann&auto=1#room=${stage.newRoom()}&relays=ws://localhost:9/relay&trackers=`);
    await asked.until(() => /localhost:9/.test(document.getElementById('login-servers').textContent), undefined, 'whose servers they are');
    assert.equal(await asked.run(() => nkt.health().running), false);
    await asked.page.close();

    const ann = await open(`/#room=${stage.newRoom()}`);
    await ann.page.bringToFront();
    await ann.logIn('Ann');
    const enter = (text, init) => ann.run(([value, given]) => {
      const line = document.getElementById('line');
      line.value = value;
      line.dispatchEvent(new CompositionEvent('compositionend', { data: value }));
      line.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...given }));
      return [line.value, [...document.querySelectorAll('#messages .own .text')].map((one) => one.textContent)];
    }, [text, init]);
    assert.deepEqual(await enter('にほん', { isComposing: true }), ['にほん', []]);
    assert.deepEqual(await enter('にほん', { keyCode: 229 }), ['にほん', []]);
    const word = 'Donaudampfschifffahrt'.repeat(40);
    assert.deepEqual(await enter(word, { keyCode: 13 }), ['', [word]]);
    assert.equal(await ann.run(() => ['scroll', 'side'].concat('').some((id) => {
      const { scrollWidth, clientWidth } = document.getElementById(id) ?? document.scrollingElement;
      return scrollWidth > clientWidth;
    })), false, 'nothing scrolls sideways');
    assert.deepEqual(await ann.faults(), []);

    const old = await Tab.blank(context, { before: () => { delete window.WebAssembly; } });
    await old.page.goto(stage.app.url);
    await untilTabs(() => old.run(() => /lacks WebAssembly/.test(document.getElementById('trouble').textContent)), 'what it lacks');
  });

  test('Firefox: what could not be fetched while the server was away comes once it is back', async () => {
    await stage.startServers();
    const [ann] = await stage.tabs(1, { browser: 'firefox', fragment: `room=${stage.newRoom()}`, before: lackWorker });
    await ann.logIn('Ann');
    await ann.type('a message');
    const press = (selector) => ann.run((one) => document.querySelector(one).click(), selector);
    const told = (count) => ann.until((wanted) => wanted === [...document.querySelectorAll('#messages .note')]
      .filter(({ textContent }) => /cannot be (fetched|loaded)/.test(textContent)).length, count, `${count} faults`);
    await stage.app.stop();
    await press('#gear');
    await told(1);
    await press('.own .more');
    await told(2);
    await ann.type('/load coin');
    await told(3);
    const share = () => ann.run(() => nkt.share(new File(['x'], 'x.txt')).then(() => 'shared', ({ code }) => code));
    assert.equal(await share(), 'NKT_E_STORAGE', 'what shares contents is not there');
    await stage.startServers();
    await press('#gear');
    await ann.until(() => document.getElementById('settings')?.open, undefined, 'the settings');
    await press('#settings-close');
    await press('.own .more');
    await ann.until(() => document.querySelectorAll('.acts').length, undefined, 'the menu');
    await ann.type('/load coin');
    await ann.until(() => 'coin' in nkt.plugins, undefined, 'the plugin');
    assert.equal(await share(), 'shared');
  });

  test('Firefox copies all of the conversation that is shown, however long; nothing of another, or of a room that was left', async () => {
    const [ann] = await stage.tabs(1, { browser: 'firefox', fragment: `room=${stage.newRoom()}` });
    await ann.logIn('Ann');
    await ann.run(hear, [200, 'open', false]);
    await ann.run(hear, [120, 'secret', true]);
    await ann.run(() => document.getSelection().selectAllChildren(document.body));
    const countOf = (name) => String(document.getSelection()).split(`${name} `).length - 1;
    const copied = () => Promise.all(['open', 'secret'].map((name) => ann.run(countOf, name)));
    const settles = (counts) => untilTabs(async () => String(await copied()) === String(counts), `${counts} in the selection`, WAIT_MS);
    await settles([200, 0]); // chunks out of sight are drawn because they are selected
    await ann.run(() => document.querySelector('#talks [data-talk="Bada"] button').click());
    await settles([0, 120]);
    await ann.run(() => document.getElementById('leave').click());
    assert.deepEqual(await copied(), [0, 0]);
  });
});
