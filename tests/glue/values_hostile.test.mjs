// SPDX-License-Identifier: GPL-3.0-or-later
// Values that name contents as no honest peer names them: headless, over a real relay; eve writes the JSON herself.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { Content } from '../../glue/content.js';
import { Keep } from '../../glue/content_keep.js';
import { deferred } from '../../glue/deferred.js';
import { Driver } from '../../glue/driver.js';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

/** Said in place of a value "raw N". */
const raw = [];

/** @param {{bytes: string}} fields */
const written = ({ bytes, ...fields }) => {
  const [, number] = /^"raw (\d+)"$/.exec(bytes) ?? [];
  return { ...fields, bytes: number === undefined ? bytes : raw[Number(number)] };
};

describe('values of hostile peers', { skip, timeout: 180_000 }, () => {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  let relays;
  const { step } = Driver.prototype;
  before(async () => {
    server = await startServer('app.js');
    relays = [`${server.wsUrl}/relay`];
    Driver.prototype.step = function stepRaw(kind, fields, ...rest) {
      return step.call(this, kind, kind === 'SAY' ? written(/** @type {any} */ (fields)) : fields, ...rest);
    };
  });
  after(() => {
    Driver.prototype.step = step;
    return server.stop();
  });
  afterEach(closePeers);

  /** @param {string[]} nicks @param {Record<string, object>} [each] config by nick */
  async function meet(nicks, each = {}) {
    const room = newRoom();
    const peers = await Promise.all(nicks.map((nick) => startPeer(nick, { relays, room, ...each[nick] })));
    for (const one of peers) for (const other of peers) if (one !== other) await one.session(other.address);
    return peers;
  }

  const sayRaw = (peer, text, to) => peer.nkt.sendEncryptedMessage(`raw ${raw.push(text) - 1}`, to);
  const named = (content) => `{"$":"ArrayBuffer","c":"${Content.known(content).manifest}"}`;

  test('who names a file of his victim, and is ignored, does not take it along', async () => {
    const [bob, eve] = await meet(['bob', 'eve']);
    const { content } = await bob.nkt.share(randomBytes(100_000), { to: eve.address });
    const { content: missing } = await eve.nkt.share(randomBytes(70_000));
    await eve.nkt.drop(missing);
    const bytes = randomBytes(80_000);
    const { content: asked } = await eve.nkt.share(bytes, { to: bob.address });
    const { detail } = await bob.seen('nktcontent', (event) => event.detail.id === asked.id);
    await (await bob.nkt.fetch(detail)).complete;
    await sayRaw(eve, `[${named(missing)},${named(content)},${named(asked)}]`, bob.address);
    await until(() => bob.nkt.contents.length === 3, 'it waits for what nobody has');
    bob.nkt.ignore(eve.address);
    await until(() => bob.nkt.contents.length < 3, 'nothing stays of what nobody else wanted');
    assert.deepEqual(bob.nkt.contents.map(({ id, state }) => [id, state]), [[content.id, 'complete'], [asked.id, 'complete']]);
    assert.deepEqual(bob.values(), []);
  });

  test('a message that is noted while what was sealed is opened is in the note after it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nkt-hostile-test-'));
    const [ann, kim] = await meet(['ann', 'kim'], { kim: { storage: { folder } } });
    const { about, held, load } = Keep.prototype;
    const namesOf = ({ said }) => said?.map(({ text }) => text.split('"c"').length - 1) ?? [];
    try {
      const { content } = await ann.nkt.share(randomBytes(100_000));
      await ann.nkt.share(content, { to: kim.address, sealed: true });
      const { detail } = await kim.seen('nktcontent', (event) => event.detail.sealed);
      await (await kim.nkt.fetch(detail)).complete;
      const { content: missing } = await ann.nkt.share(randomBytes(70_000));
      await ann.nkt.drop(missing);
      const [isOpening, mayOpen, isNoted] = [deferred(), deferred(), deferred()];
      Keep.prototype.about = function noted(name, said) {
        if (namesOf(said).includes(2)) isNoted.resolve();
        return about.call(this, name, said);
      };
      Keep.prototype.held = async function heldLate(...args) {
        isOpening.resolve();
        await mayOpen.promise;
        return held.apply(this, args);
      };
      await sayRaw(ann, `[${named(content)}]`, kim.address);
      await isOpening.promise;
      await sayRaw(ann, `[${named(content)},${named(missing)}]`, kim.address);
      await isNoted.promise;
      mayOpen.resolve();
      await until(() => kim.values().length === 1, 'the first is told');
      await kim.nkt.close();
      let all = [];
      Keep.prototype.load = async function loaded() {
        all = await load.call(this);
        return all;
      };
      Keep.prototype.held = held;
      await kim.nkt.resume();
      await until(() => all.length > 0, 'what is kept is read');
      assert.deepEqual(all.flatMap(([, one]) => namesOf(one)), [2]);
    } finally {
      Object.assign(Keep.prototype, { about, held, load });
      await closePeers();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
