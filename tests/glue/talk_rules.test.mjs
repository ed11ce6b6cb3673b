// SPDX-License-Identifier: GPL-3.0-or-later
// Which conversation of the page something belongs to, by what the core tells of it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSameRoom, step, talkOf, talkOfKept, withRoom, withTalk } from '../../web/talk_rules.js';

const here = { roomId: 'a', isKnown: (addr) => addr === 'bob' };

describe('what comes', () => {
  test('is private if the core says so, whatever its sender wrote', () => {
    assert.equal(talkOf({ from: 'bob', to: 'me', room: 'a' }, false, here), 'bob');
    assert.equal(talkOf({ from: 'bob', to: null, room: 'a' }, true, here), '', 'it says that it is private, and all have it');
    assert.equal(talkOf({ from: 'bob', room: 'a' }, true, here), 'bob', 'an older version');
    assert.equal(talkOf({ from: 'bob', room: 'a' }, false, here), '');
  });

  test('to everybody in another room is not of this one', () => {
    assert.equal(talkOf({ from: 'bob', to: null, room: 'b' }, false, here), 'bob', 'who is known here is heard, not in the room');
    assert.equal(talkOf({ from: 'cyd', to: null, room: 'b' }, false, here), null);
    assert.equal(talkOf({ from: 'cyd', to: null, room: null }, false, here), null);
    assert.equal(talkOf({ from: 'cyd', to: null, room: null }, false, { ...here, roomId: null }), '');
    assert.equal(talkOf({ from: 'cyd', to: 'me', room: 'a' }, false, here), 'cyd', 'to oneself alone');
  });
});

test('what is kept is shown in its room alone', () => {
  const kept = (entry, says = false) => talkOfKept({ from: 'bob', own: false, ...entry }, says, 'a');
  assert.equal(kept({ to: null, room: 'a' }), '');
  assert.equal(kept({ to: 'me', room: 'a' }), 'bob');
  assert.equal(kept({ to: null, room: 'a' }, true), '');
  for (const room of ['b', null, undefined]) {
    assert.equal(kept({ to: null, room }), null);
    assert.equal(kept({ to: 'me', room }), null);
    assert.equal(kept({ from: 'me', own: true, to: null, room }), null);
  }
  assert.equal(kept({ from: 'me', own: true, to: null, room: 'a' }), '');
  assert.equal(kept({ from: 'me', own: true, to: 'bob', room: 'a' }), 'bob');
});

test('the next conversation, around the ends', () => {
  const keys = ['', 'ann', 'bob'];
  assert.deepEqual(['', 'ann', 'bob', 'gone'].map((key) => step(keys, key, 1)), ['ann', 'bob', '', 'ann']);
  assert.equal(step(keys, '', -1), 'bob');
  assert.equal(step([''], '', 1), '');
});

test('conversations are not without end: of those that are worth least the oldest makes room', () => {
  const worth = (addr) => ({ seen: 2, bob: 1, cyd: 1 }[addr] ?? 0);
  assert.deepEqual(withTalk(['ann', 'bob'], 'bob', 9, worth), ['bob', 'ann'], 'the newest first, each once');
  let people = ['bob', 'cyd', 'seen'];
  for (let i = 0; i < 20; i++) people = withTalk(people, `stranger ${i}`, 5, worth);
  assert.deepEqual(people, ['stranger 19', 'stranger 18', 'bob', 'cyd', 'seen']);
  assert.deepEqual(withTalk(['bob', 'cyd', 'seen'], 'new', 3, worth), ['new', 'bob', 'seen'], 'nobody is worth nothing');
  assert.deepEqual(withTalk(['cyd', 'seen'], 'new', 2, worth), ['new', 'seen']);
});

test('rooms are remembered once each, the newest first, and not without end; a secret makes another room', () => {
  let rooms = [];
  const entered = [{ room: 'a' }, { room: 'a', secret: 's' }, { room: undefined }, { room: null }, { room: 'a' }];
  for (const now of entered) rooms = withRoom(rooms, now, 3);
  assert.deepEqual(rooms, [{ room: 'a' }, { room: null }, { room: undefined }]);
  assert.ok(!isSameRoom({ room: 'a' }, { room: 'a', secret: 's' }) && isSameRoom({ room: 'a', secret: '' }, { room: 'a' }));
  assert.ok(!isSameRoom({ room: null }, {}), 'no room is not the usual one');
});
