// SPDX-License-Identifier: GPL-3.0-or-later
// peer() in a crowd, in which sessions begin only when something is said: who is meant is asked for one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Meetings } from '../../glue/meetings.js';
import { VirtualTime } from './support/clock.mjs';

const core = { isAddress: (text) => text.startsWith('B') };

/** So many users who are there, and what is asked of the core. */
function crowd(count) {
  const time = new VirtualTime();
  const asked = [];
  const users = Object.fromEntries(Array.from({ length: count }, (_, i) => [`B${i}`, { addr: `B${i}`, session: 'none', path: 'relay' }]));
  const talk = (addr, isWanted) => asked.push(isWanted ? addr : `-${addr}`);
  const meetings = new Meetings({ users, timers: time.timers, wall: time.clock.wall, talk });
  meetings.start();
  const establish = (addr) => { users[addr].session = 'established'; meetings.look(addr); };
  return { time, asked, users, meetings, establish };
}

test('some are asked, and more while nobody answers; whom nobody waits for any more is told so', async () => {
  const { time, asked, meetings, establish } = crowd(100);
  const somebody = meetings.wait(core, undefined, {});
  assert.deepEqual(asked, ['B0', 'B1', 'B2', 'B3']);
  time.pass(5000);
  assert.equal(asked.length, 8);
  establish('B6');
  assert.equal((await somebody).addr, 'B6');
  assert.deepEqual(asked.splice(8), [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `-B${i}`));
  assert.equal(time.timerCount, 0);
  assert.equal((await meetings.wait(core, undefined, {})).addr, 'B6', 'one who is ready before one who would have to be asked');
  assert.equal(asked.length, 8);
});

test('who is meant alone is asked: by address, by a function, who comes later; not twice', async () => {
  const { time, asked, users, meetings, establish } = crowd(10);
  const byAddress = meetings.wait(core, 'B7', {});
  const byFunction = meetings.wait(core, ({ addr }) => addr === 'B5' || addr === 'B10', {});
  assert.deepEqual(asked, ['B7', 'B5']);
  users.B10 = { addr: 'B10', session: 'none', path: 'relay' };
  for (let i = 0; i < 3; i++) meetings.look('B10');
  time.pass(20_000);
  assert.deepEqual(asked, ['B7', 'B5', 'B10']);
  establish('B10');
  assert.equal((await byFunction).addr, 'B10');
  establish('B7');
  assert.equal((await byAddress).addr, 'B7');
});

test('two who wait for one: he is wanted as long as one of them waits', async () => {
  const { asked, meetings } = crowd(2);
  const controller = new AbortController();
  const given = meetings.wait(core, 'B1', { signal: controller.signal });
  const other = meetings.wait(core, 'B1', {});
  controller.abort();
  await assert.rejects(given, ({ code }) => code === 'NKT_E_CANCELLED');
  assert.deepEqual(asked, ['B1', 'B1']);
  meetings.forget(new Error('closed'));
  await assert.rejects(other, /closed/);
  assert.deepEqual(asked, ['B1', 'B1', '-B1']);
});

test('who is away is not asked; whoever goes gives his place to the next', () => {
  const { asked, users, meetings } = crowd(7);
  users.B0.path = 'none';
  meetings.wait(core, undefined, {}).catch(() => {});
  assert.deepEqual(asked.splice(0), ['B1', 'B2', 'B3', 'B4']);
  users.B2.path = 'none';
  meetings.look('B2');
  meetings.look('B5');
  meetings.look('B6');
  assert.deepEqual(asked, ['-B2', 'B5']);
  meetings.forget(new Error('closed'));
});
