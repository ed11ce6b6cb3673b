// SPDX-License-Identifier: GPL-3.0-or-later
// Long conversations with the real core: frames that are lost and out of order, both ratchets turning, a restart in between.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Entropy } from './entropy.mjs';
import { FRAME } from './envelope.mjs';
import { newRoom, seedOf, skip, until, useStage } from './support/stage.mjs';

const LOST = 0.15;
const COUNT = 60;
const TURNS = 30;
const EPOCHS_MIN = 4;

describe('talking with the core for long', { skip, timeout: 360_000 }, () => {
  const stage = useStage();

  test('every seventh frame is lost, either way: each message arrives once', async () => {
    const room = newRoom();
    const core = await stage.core('core', room);
    const chance = new Entropy('loss');
    let isLossy = false;
    let lost = 0;
    const lose = () => {
      const isIt = isLossy && chance.happens(LOST);
      if (isIt) lost++;
      return isIt;
    };
    const second = await stage.second(room, { seed: 'loss', lose });
    const person = await second.person(core.address);
    await core.session(second.address);
    isLossy = true;
    const ours = Array.from({ length: COUNT }, (_, n) => second.peer.say(`second ${n}`, person));
    const theirs = [];
    for (let n = 0; n < COUNT; n++) theirs.push((await core.nkt.sendEncryptedMessage(`core ${n}`, second.address)).settled);
    await Promise.all(ours);
    for (const settled of theirs) assert.deepEqual([...(await settled).values()], ['delivered']);
    const all = (who) => Array.from({ length: COUNT }, (_, n) => `${who} ${n}`).sort();
    assert.deepEqual(core.values().sort(), all('second'));
    assert.deepEqual(second.values().sort(), all('core'));
    assert.ok(lost > 10, `${lost} lost`);
  });

  test('what comes out of order is heard, in another order', async () => {
    const room = newRoom();
    const core = await stage.core('core', room);
    /** @type {Uint8Array[]} */
    const held = [];
    let isHolding = false;
    const lose = (frame, isOut) => {
      if (!isHolding || isOut || frame[0] !== FRAME.ENVELOPE) return false;
      held.push(frame);
      return true;
    };
    const second = await stage.second(room, { seed: 'order', lose });
    await second.person(core.address);
    await core.session(second.address);
    isHolding = true;
    for (let n = 0; n < 8; n++) {
      await core.nkt.sendEncryptedMessage(n, second.address);
      const before = held.length;
      await until(() => held.length > before, `message ${n}`);
    }
    isHolding = false;
    for (const frame of held.reverse()) second.peer.receive(frame, {});
    await until(() => new Set(second.values()).size === 8, 'all of them');
    assert.equal(second.values().length, 8);
    assert.notDeepEqual(second.values(), [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  for (const which of /** @type {const} */ (['lower', 'higher'])) {
    test(`both ratchets turn, and the core is restarted in between: we are the ${which} address`, async () => {
      const room = newRoom();
      const folder = stage.folder();
      let core = await stage.core('core', room, { storage: { folder } });
      const second = await stage.second(room, { seed: seedOf(which, core.address, 'turns') });
      const person = await second.person(core.address);
      const { address } = core;
      const turn = async (n) => {
        assert.equal(await second.peer.say(`ping ${n}`, person), 1);
        await core.say(`pong ${n}`, second.address);
      };
      for (let n = 0; n < TURNS; n++) await turn(n);
      const { epoch, count } = person.session; // two, if both began: after 0.4 s the higher address waits no longer
      assert.ok(epoch >= EPOCHS_MIN, `epoch ${epoch} after ${TURNS} turns`);
      await core.nkt.close();
      core = await stage.core('core', room, { storage: { folder } });
      assert.equal(core.address, address);
      await until(() => !person.isAway, 'the core to be back');
      await core.session(second.address);
      for (let n = TURNS; n < 2 * TURNS; n++) await turn(n);
      assert.equal(person.session.count, count, 'the session that was stored goes on');
      assert.ok(person.session.epoch >= epoch + EPOCHS_MIN, `from epoch ${epoch} to ${person.session.epoch}`);
      assert.equal(second.heard.length, 2 * TURNS);
    });
  }

  test('we forget every session: the core begins anew, and loses nothing', async () => {
    const room = newRoom();
    const core = await stage.core('core', room);
    const before = await stage.second(room, { seed: 'forgets' });
    await before.person(core.address);
    await core.session(before.address);
    await core.say('before', before.address);
    before.peer.vanish();
    const delivered = core.say('said meanwhile', before.address);
    const after = await stage.second(room, { identity: before.peer.identity, seed: 'forgot' });
    await delivered;
    assert.deepEqual(after.values(), ['said meanwhile']);
    const person = await after.person(core.address);
    assert.equal(await after.peer.say('and back', person), 1);
    assert.deepEqual(core.values(), ['and back']);
  });
});
