// SPDX-License-Identifier: GPL-3.0-or-later
// What may be lost, between Chromium and Firefox: over the channel for it, both ways, in order; nothing of it is kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { allMeet, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

/** @type {Stage} */
let stage;
before(async () => {
  if (!skip) stage = await Stage.open({ browsers: ['chromium', 'firefox'], hasWorker: false });
});
after(() => stage?.close());

/** In the page, before anything else: counts what goes over the channel for it. */
function countLossy() {
  window.lossy = 0;
  const { send } = RTCDataChannel.prototype;
  RTCDataChannel.prototype.send = function counted(bytes) {
    if (this.id === 2 && bytes.byteLength > 100) window.lossy++;
    return send.call(this, bytes);
  };
}

test('Chromium and Firefox: cursors over the unreliable channel, in order', { skip, timeout: 90_000 }, async () => {
  const fragment = `room=${stage.newRoom()}`;
  const [[ann], [bob]] = await Promise.all(['chromium', 'firefox'].map((browser) =>
    stage.tabs(1, { browser, fragment, before: countLossy })));
  await ann.logIn('Ann');
  await bob.logIn('Bob');
  await allMeet([ann, bob]);
  for (const [from, to] of [[ann, bob], [bob, ann]]) {
    await to.run(() => {
      window.cursors = [];
      nkt.addEventListener('nktephemeral', ({ detail }) => window.cursors.push(detail.n));
    });
    await from.run((addr) => {
      let n = 0;
      window.mover = setInterval(() => nkt.sendEphemeral({ n: ++n }, addr), 16);
    }, to.address);
    await untilTabs(async () => (await from.run(() => window.lossy)) > 30 && (await to.run(() => window.cursors.length)) > 60, 'cursors');
    await from.run(() => clearInterval(window.mover));
    const cursors = await to.run(() => window.cursors);
    assert.deepEqual(cursors, [...cursors].sort((a, b) => a - b));
    assert.equal(new Set(cursors).size, cursors.length);
    assert.equal((await to.run(() => nkt.history())).length, 0);
    assert.equal(await from.run(() => nkt.health().outbox.count), 0);
  }
});
