// SPDX-License-Identifier: GPL-3.0-or-later
// The page in a third engine: WebKit, which on Debian has no WebRTC, so through the relay alone, and has no files of its own (OPFS).
// What does not work there is in docs/users.md; what the page then says of it is looked at here.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { allMeet, clean } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';
import { skipWebKit } from '../support/webkit.mjs';

describe('WebKit', { skip: skip || skipWebKit, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ browsers: ['chromium', 'webkit'] });
  });
  after(() => stage.close());

  /** Ann in WebKit and Bob in Chromium, who logged in by hand, and have met over the relay. */
  async function annAndBob() {
    const fragment = `room=${stage.newRoom()}`;
    const [[ann], [bob]] = await Promise.all([stage.tabs(1, { browser: 'webkit', fragment }), stage.tabs(1, { fragment })]);
    await Promise.all([ann.logIn('Ann'), bob.logIn('Bob')]);
    await allMeet([ann, bob], { links: false });
    return [ann, bob];
  }

  const shows = (tab, text) => tab.until((wanted) => [...document.querySelectorAll('#messages .text')]
    .some((node) => node.checkVisibility() && node.textContent === wanted), text, `sees ${text}`);

  test('messages both ways, files, what becomes of them, a reload, and no server at all', async (t) => {
    const [ann, bob] = await annAndBob();

    await t.test('messages both ways, acknowledged, to all and to one', async () => {
      await ann.type('from WebKit');
      await shows(bob, 'from WebKit');
      await bob.type('from Chromium');
      await shows(ann, 'from Chromium');
      for (const tab of [ann, bob]) {
        await tab.until(() => document.querySelector('#messages .own')?.dataset.state === 'delivered', undefined, 'delivered');
      }
      assert.equal(await ann.run((to) => nkt.userList[to].path, bob.address), 'relay');
      for (const [from, to] of [[ann, bob], [bob, ann]]) {
        await from.say({ text: `to one, by ${from.name}` }, to.address);
        const { encrypted } = await to.hears('what is for one', ({ value }) => value?.text === `to one, by ${from.name}`);
        assert.equal(encrypted, true);
      }
    });

    await t.test('a reaction, an edit, a deletion', async () => {
      await ann.act('from Chromium', '[data-sign="👍"]');
      await bob.until(() => document.querySelector('.tail .sign')?.textContent === '👍1', undefined, 'a reaction of WebKit');
      await bob.act('from Chromium', '[data-action=edit]');
      await bob.type('from Chromium, later');
      await shows(ann, 'from Chromium, later');
      await ann.act('from WebKit', '[data-action=remove]');
      await ann.run(() => document.querySelector('.acts [data-action=yes]').click());
      await bob.until(() => document.querySelector('[data-gone]') !== null, undefined, 'a deletion of WebKit');
    });

    await t.test('bytes inside of a message and a content, byte for byte, both ways', async () => {
      const listen = () => {
        globalThis.content = new Promise((resolve) => nkt.addEventListener('nktcontent', ({ detail }) => resolve(detail), { once: true }));
      };
      const share = async ({ to, size }) => {
        const { delivery } = await nkt.share(new Blob([Uint8Array.from({ length: size }, (_, i) => i * 7 >> 8)]), { to, name: 'x' });
        return [...(await delivery.settled).values()];
      };
      const fetched = async (size) => {
        const bytes = new Uint8Array(await (await (await nkt.fetch(await globalThis.content)).blob()).arrayBuffer());
        return bytes.length === size && bytes.every((byte, i) => byte === (i * 7 >> 8 & 255));
      };
      const size = 200_001;
      for (const [from, to] of [[ann, bob], [bob, ann]]) {
        await to.run(listen);
        assert.deepEqual(await from.run(share, { to: to.address, size }), ['delivered']);
        assert.ok(await to.run(fetched, size), `to ${to.name}`);
      }
      assert.equal(await ann.run(() => nkt.health().contents.kind), 'indexeddb');
    });

    await t.test('what it lacks is said, and nothing that cannot be done is offered', async () => {
      assert.equal(await ann.run(() => typeof RTCPeerConnection), 'undefined');
      await ann.until(() => /has no WebRTC/.test(document.getElementById('messages').textContent), undefined, 'that there is no WebRTC');
      await ann.page.locator('#hand-open').click();
      await ann.until(() => /no WebRTC/.test(document.getElementById('hand-error').textContent), undefined, 'that an invite needs it');
      assert.equal(await ann.run(() => document.getElementById('hand-copy').disabled), true);
      await ann.page.locator('#hand-close').click();
    });

    await t.test('the same person, and what was said, after a reload', async () => {
      const { address } = ann;
      await ann.page.reload();
      await ann.until((addr) => window.nkt?.health().running && nkt.mySwarm.address() === addr, address, 'the same address');
      await shows(ann, 'from Chromium, later');
      await bob.session(address);
      await bob.type('after');
      await shows(ann, 'after');
    });

    await t.test('opened again with no server at all, from its service worker', async () => {
      await ann.until(async () => (await navigator.serviceWorker.getRegistration())?.active
        && (await caches.keys()).some((name) => name.startsWith('nkt-set-')), undefined, 'a whole set');
      await stage.app.kill();
      await ann.page.reload();
      await ann.until((addr) => window.nkt?.health().running && nkt.mySwarm.address() === addr, ann.address, 'the same, offline');
      await shows(ann, 'after');
      await ann.type('into the void');
      await stage.startServers();
      await shows(bob, 'into the void');
    });
    await clean(ann, bob);
  });
});
