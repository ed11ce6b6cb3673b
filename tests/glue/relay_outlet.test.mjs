// SPDX-License-Identifier: GPL-3.0-or-later
// When a busy room writes: it waits for more, and learns how much there will be.
import assert from 'node:assert/strict';
import { setImmediate as turnEnds } from 'node:timers/promises';
import { test } from 'node:test';
import { limits } from '../../tools/relay/limits.js';
import { Room, Turn, frameMessage } from '../../tools/relay/outlet.js';

const WINDOW = 32;
const frame = frameMessage(Buffer.alloc(300));

/** A member that counts writes. */
class Member {
  writes = 0;
  follow() {}
  rewind() {}
  flush() {
    this.writes++;
  }
}

/** A room that everybody speaks in; `turn` says half a window before its end and the other half after it. */
function busyRoom(more) {
  const room = new Room('room', new Turn(), { ...limits, ...more });
  const member = new Member();
  room.add(member);
  for (let i = 1; i < limits.gatherMemberCountMin; i++) room.add(new Member());
  const half = () => {
    for (let i = 0; i < WINDOW / 2; i++) room.broadcast(frame);
  };
  return { member, half };
}

const isWritten = async (member, count, turns) => {
  for (let i = 0; i < turns && member.writes < count; i++) await turnEnds();
  return member.writes >= count;
};

/** A first batch goes at once, since nothing was written before; it makes the room a busy one. */
async function warmUp({ member, half }) {
  half();
  assert.ok(await isWritten(member, 1, 100));
}

test('a wait that went on to its end is the measure of the next: they end as soon as as much is there', async () => {
  const room = busyRoom({ gatherMs: 1000, gatherGoalUses: 3 });
  const { member, half } = room;
  await warmUp(room);
  const say = async () => {
    const before = member.writes;
    half();
    for (let i = 0; i < 4; i++) await turnEnds(); // the turns bring nothing more: it waits
    assert.equal(member.writes, before);
    half();
    return isWritten(member, before + 1, 4);
  };
  assert.equal(await say(), false, 'it cannot know yet that this is all');
  while (member.writes < 2) await turnEnds();
  for (let i = 0; i < 3; i++) assert.equal(await say(), true, `wait ${i} is cut short`);
  assert.equal(await say(), false, 'now and then it looks whether there is more by now');
  while (member.writes < 6) await turnEnds();
  assert.equal(await say(), true);
});

test('few frames are no measure', async () => {
  const room = busyRoom({ gatherMs: 400, gatherGoalMin: WINDOW + 1 });
  const { member, half } = room;
  await warmUp(room);
  for (let round = 2; round < 4; round++) {
    half();
    for (let i = 0; i < 4; i++) await turnEnds();
    half();
    assert.equal(await isWritten(member, round, 4), false);
    while (member.writes < round) await turnEnds();
  }
});
