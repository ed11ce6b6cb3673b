// SPDX-License-Identifier: GPL-3.0-or-later
// Messages to everybody under sender keys, both ways, with the real core among 18.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressBytes } from './address.mjs';
import { equal } from './bytes.mjs';
import { newRoom, skip, until, useStage } from './support/stage.mjs';

const COUNT = 18;

describe('a crowd with the core', { skip, timeout: 360_000 }, () => {
  const stage = useStage();

  test(`${COUNT} of the second implementation: the core says it to all, and one of them does`, async () => {
    const room = newRoom();
    const core = await stage.core('core', room);
    const speaker = await stage.second(room, { nick: 'speaker', seed: 'speaker' });
    const coreAddress = addressBytes(core.address);
    // the others need no sessions among themselves
    const knows = (address) => equal(address, coreAddress) || equal(address, speaker.peer.address);
    const others = [];
    for (let i = 1; i < COUNT; i++) others.push(await stage.second(room, { nick: `one ${i}`, seed: `one ${i}`, knows }));
    const all = [speaker, ...others];
    const sessions = () => Object.values(core.nkt.userList).filter(({ session }) => session === 'established').length;
    await until(() => sessions() === COUNT, 'the core: sessions');
    await until(() => speaker.peer.people.established.length === COUNT, 'the speaker: sessions');

    // the first ones may go in sessions, until everybody holds the key
    let count = 0;
    const isBroadcast = () => all.every(({ heard }) => heard.some((one) => one.isBroadcast && equal(one.from.address, coreAddress)));
    for (; count < 10 && !isBroadcast(); count++) await core.say(`core ${count}`);
    assert.ok(isBroadcast(), 'the core broadcasts under its sender key');
    for (const { values } of all) assert.deepEqual(values(), Array.from({ length: count }, (_, n) => `core ${n}`));

    for (let n = 0; n < 4; n++) assert.equal(await speaker.peer.say(`speaker ${n}`), COUNT);
    const said = ['speaker 0', 'speaker 1', 'speaker 2', 'speaker 3'];
    assert.deepEqual(core.values(), said);
    for (const { heard } of others) {
      const ofSpeaker = heard.filter(({ from }) => equal(from.address, speaker.peer.address));
      assert.deepEqual(ofSpeaker.map(({ value }) => value), said);
      assert.ok(ofSpeaker.at(-1).isBroadcast);
    }
    assert.ok(speaker.peer.crowd.count >= 2, 'we broadcast as well');
  });
});
