// SPDX-License-Identifier: GPL-3.0-or-later
// Messages that wait for bytes: caps, turns, who gives way, the end of a run. Contents here are as the test says: what they are among
// real peers is in values.test.mjs.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { deferred } from '../../glue/deferred.js';
import { NktError } from '../../glue/errors.js';
import { Late } from '../../glue/large_hear.js';

const settle = () => new Promise(setImmediate);

describe('messages that wait for their bytes', () => {
  let fetching;
  let notes;
  let told;
  let ignored;
  let timer;
  let late;
  let number = 0;

  /** As Fetching of glue/content_fetch.js: a fetch that is given up is paused. */
  const parts = {
    hold: async ({ id }, { id: message }) => { notes.add(`${id} ${message}`); },
    release: async ({ id }, { id: message }) => { notes.delete(`${id} ${message}`); },
    dropUnasked: async () => {},
    fetchUnasked: async (content, signal) => {
      const fetched = deferred();
      fetching.set(content.id, fetched);
      signal.addEventListener('abort', () => {
        fetching.delete(content.id);
        fetched.reject(new NktError('NKT_E_CANCELLED', 'cancelled'));
      });
      return {
        arrayBuffer: async () => {
          await fetched.promise;
          fetching.delete(content.id);
          return new ArrayBuffer(content.size);
        },
      };
    },
  };

  beforeEach(() => {
    fetching = new Map();
    notes = new Set();
    told = [];
    ignored = new Set();
    timer = null;
    late = new Late(/** @type {any} */ ({
      shelf: { quota: 400e6 },
      fetching: parts,
      timers: { setTimeout: (f) => (timer = f), clearTimeout: () => { timer = null; } },
      isIgnored: (from) => ignored.has(from),
      tell: ({ id }, { value }) => told.push([id, ...value.map((it) => it.constructor.name)]),
    }));
  });

  /** @param {string} from @param {number[]} sizes of its parts */
  const hear = (from, ...sizes) => hearAs(null, from, ...sizes);

  /** @param {string|null} chosen its id @param {string} from @param {number[]} sizes */
  function hearAs(chosen, from, ...sizes) {
    const name = `m${++number}`;
    const id = chosen ?? name;
    const named = sizes.map((size, i) => ({ id: `${name}.${i}`, size, loaded: 0 }));
    const value = [...named];
    const coming = named.map((_, i) => ({ kind: 'ArrayBuffer', put: (it) => { value[i] = it; } }));
    late.hear({ id, from, date: 0, text: '' }, { value, bytes: null, coming, byteCount: 0 }, named);
    return { id, named };
  }
  const waiting = () => [...fetching.keys()].map((id) => id.split('.')[0]);
  const come = async (id) => {
    fetching.get(id).resolve();
    await settle();
  };

  test('its parts one after the other, then it is told, and its note is gone before', async () => {
    const { id, named } = hear('ann', 10, 20);
    await settle();
    assert.deepEqual([[...fetching.keys()], [...notes]], [[named[0].id], [`${named[0].id} ${id}`]]);
    await come(named[0].id);
    assert.deepEqual([[...fetching.keys()], told], [[named[1].id], []]);
    await come(named[1].id);
    assert.deepEqual([told, notes.size], [[[id, 'ArrayBuffer', 'ArrayBuffer']], 0]);
  });

  test('above 16 of one author, 64 in all, a quarter of the quota: told at once', async () => {
    for (let i = 0; i < 17; i++) hear('ann', 10);
    await settle();
    assert.deepEqual(told.length, 1);
    for (const from of ['bob', 'cyd', 'dan']) for (let i = 0; i < 16; i++) hear(from, 10);
    hear('eve', 10);
    await settle();
    assert.deepEqual([told.length, notes.size, fetching.size], [2, 64, 4]);
    late.end();
    told.length = 0;
    for (let i = 0; i < 7; i++) hear(`of ${i}`, 16e6);
    await settle();
    assert.equal(told.length, 1, '100 MB, in sixteens');
  });

  test('four are fetched at a time; who comes no further gives way while others wait, and comes again', async () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((from) => hear(from, 10));
    await settle();
    assert.deepEqual(waiting(), all.slice(0, 4).map(({ id }) => id));
    all[1].named[0].loaded = 5;
    timer();
    all[1].named[0].loaded = 6;
    timer(); // a look later three came no further
    await settle();
    assert.deepEqual(waiting().sort(), [all[1], all[4], all[0], all[2]].map(({ id }) => id).sort());
    await come(all[4].named[0].id);
    assert.deepEqual(told, [[all[4].id, 'ArrayBuffer']]);
    assert.ok(waiting().includes(all[3].id), 'the last one comes again');
    assert.equal(timer, null, 'nobody waits: nobody gives way');
  });

  test('who comes on slowly gives way as well, after half a minute', async () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((from) => hear(from, 1000));
    await settle();
    for (let look = 1; look <= 5; look++) {
      for (const { named: [one] } of all) one.loaded = look;
      timer();
      await settle();
    }
    assert.deepEqual(waiting(), all.slice(0, 4).map(({ id }) => id));
    for (const { named: [one] } of all) one.loaded++;
    timer();
    await settle();
    assert.ok(waiting().includes(all[4].id));
  });

  test('of whom one ignores meanwhile nothing is told; what cannot be fetched is told without', async () => {
    const [one, other] = [hear('ann', 10), hear('bob', 10)];
    await settle();
    const queued = ['ann', 'ann', 'ann', 'bob'].map((from) => hear(from, 10));
    await settle();
    ignored.add('ann');
    late.ignored('ann');
    await settle();
    assert.deepEqual(waiting(), [other.id, queued[3].id], 'nothing of his is fetched any more');
    assert.equal([...notes].some((note) => note.endsWith(one.id)), false);
    await come(queued[3].named[0].id);
    told.length = 0;
    fetching.get(other.named[0].id).reject(new NktError('NKT_E_QUOTA', 'no room'));
    await settle();
    assert.deepEqual(told, [[other.id, 'Object']]);
  });

  test('who says the id of another\'s message, or one of his twice, holds up nobody', async () => {
    const { id } = hear('ann', 10);
    for (let i = 0; i < 8; i++) hearAs(id, 'eve', 10);
    const last = hear('bob', 10);
    await settle();
    while (fetching.size > 0) await come([...fetching.keys()][0]);
    assert.deepEqual([told.length, told.at(-1)], [10, [last.id, 'ArrayBuffer']]);
  });

  test('when the run ends nothing is told, and the notes stay', async () => {
    hear('ann', 10);
    await settle();
    late.end();
    await settle();
    assert.deepEqual([told, notes.size, fetching.size], [[], 1, 0]);
  });
});
