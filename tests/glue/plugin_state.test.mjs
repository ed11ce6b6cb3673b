// SPDX-License-Identifier: GPL-3.0-or-later
// What one side of a plugin's state says, and to whom, with remote calls that are answered when the test says so. Between real peers:
// plugin_api.test.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { State } from '../../glue/plugin_state.js';
import { timers, until } from './support/until.mjs';

const BOB = 'Bbob';

function setUp() {
  const said = [];
  const ears = {};
  let called;
  const users = { [BOB]: { addr: BOB, inRoom: true, isUnreachable: false } };
  const state = new State({ plugin: { name: 'p' }, signal: new AbortController().signal, guard: (_what, fn) => fn() }, {
    register: (_name, fn) => { called = fn; },
    rpc: (_addr, _name, value) => new Promise((resolve, reject) => { said.push({ value, answer: resolve, fail: reject }); }),
    users: () => users,
    self: () => 'Bann',
    listen: (type, fn) => { ears[type] = fn; },
    ready: async () => {},
    dropped: () => {},
    wall: () => Date.now(),
    timers,
    clock: { now: () => performance.now() },
    openNote: async () => ({ value: null, check: async () => {}, save: async () => {} }),
  });
  state.begin();
  return { state, said, ask: (value) => called(value, { from: BOB }), comes: () => ears.nktnewpeer({ detail: { data: { addr: BOB } } }) };
}

test('who comes back and asks while he is being told is told of what changes then', async () => {
  const { state, said, ask, comes } = setUp();
  await state.set('word', 1);
  await until(() => said.length === 1, 'he is greeted');
  const none = { ...said[0].value, ask: undefined };
  said[0].answer(none);
  await state.set('word', 2);
  await until(() => said.length === 2, 'he is told');
  comes(); // another life of his: what was said to the one before is not answered yet
  await ask({ ...none, ask: true });
  said[1].answer(null);
  await state.set('word', 3);
  await until(() => said.length === 3, 'he is told of the next change, too', 5000);
  assert.match(JSON.stringify(said[2].value), /3/);
});
