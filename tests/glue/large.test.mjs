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
  let late;
  let quiet; // what storage does not answer
  let now;
  let timers;
  let number = 0;

  /** As Fetching of glue/content_fetch.js: a fetch that is given up is paused. */
  const parts = {
    hold: async ({ id }, said) => {
      if (quiet.has('hold')) await new Promise(() => {});
      notes.set(`${id} ${said.id}`, said);
    },
    renote: async ({ id }, said) => { if (notes.has(`${id} ${said.id}`)) notes.set(`${id} ${said.id}`, said); },
    release: async ({ id }, { id: message }) => {
      if (quiet.has('release')) await new Promise(() => {});
      notes.delete(`${id} ${message}`);
    },
    dropUnasked: async () => {},
    fetchUnasked: async (content, signal) => {
      if (quiet.has('fetch')) await new Promise(() => {});
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
    notes = new Map();
    told = [];
    ignored = new Set();
    quiet = new Set();
    now = 1e12;
    timers = new Map();
    late = makeLate();
  });

  const makeLate = () => new Late(/** @type {any} */ ({
    shelf: { quota: 400e6 },
    fetching: parts,
    clock: { now: () => now, wall: () => now },
    timers: {
      setTimeout: (run, ms) => {
        const timer = {};
        timers.set(timer, { run, at: now + ms });
        return timer;
      },
      clearTimeout: (timer) => timers.delete(timer),
    },
    isIgnored: (from) => ignored.has(from),
    tell: ({ id }, { value }) => told.push([id, ...value.map((it) => it.constructor.name)]),
  }));

  /** Time goes by; what is due runs. @param {number} ms */
  async function pass(ms) {
    const end = now + ms;
    for (;;) {
      await settle();
      const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined || next[1].at > end) break;
      timers.delete(next[0]);
      now = Math.max(now, next[1].at);
      next[1].run();
    }
    now = end;
    await settle();
  }
  const LOOK_MS = 5000;
  const MINUTE_MS = 60_000;

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
    assert.deepEqual([[...fetching.keys()], [...notes.keys()]], [[named[0].id], [`${named[0].id} ${id}`]]);
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
    hear('dan', 10);
    await settle();
    assert.deepEqual([told.length, notes.size, fetching.size], [2, 64, 4]);
    late.end();
    told.length = 0;
    for (let i = 0; i < 7; i++) hear('ann', 16e6);
    await settle();
    assert.equal(told.length, 1, '100 MB, in sixteens');
  });

  test('four are fetched at a time; who comes no further gives way while others wait, and comes again', async () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((from) => hear(from, 10));
    await settle();
    assert.deepEqual(waiting(), all.slice(0, 4).map(({ id }) => id));
    all[1].named[0].loaded = 5;
    await pass(LOOK_MS); // three came no further
    all[1].named[0].loaded = 6;
    assert.deepEqual(waiting().sort(), [all[1], all[4], all[0], all[2]].map(({ id }) => id).sort());
    await come(all[4].named[0].id);
    assert.deepEqual(told, [[all[4].id, 'ArrayBuffer']]);
    assert.ok(waiting().includes(all[3].id), 'the last one comes again');
    const rest = waiting();
    await pass(MINUTE_MS);
    assert.deepEqual(waiting(), rest, 'nobody waits for a turn: nobody gives way');
  });

  test('who comes on slowly gives way as well, after half a minute', async () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((from) => hear(from, 1000));
    await settle();
    for (let look = 1; look <= 5; look++) {
      for (const { named: [one] } of all) one.loaded = look;
      await pass(LOOK_MS);
    }
    assert.deepEqual(waiting(), all.slice(0, 4).map(({ id }) => id));
    for (const { named: [one] } of all) one.loaded++;
    await pass(LOOK_MS);
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
    assert.equal([...notes.keys()].some((note) => note.endsWith(one.id)), false);
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
    assert.equal(told.length, 10);
    assert.deepEqual(told.filter(([it]) => it === last.id), [[last.id, 'ArrayBuffer']]);
  });

  test('when the run ends nothing is told, and the notes stay', async () => {
    hear('ann', 10);
    await settle();
    late.end();
    await settle();
    assert.deepEqual([told, notes.size, fetching.size], [[], 1, 0]);
  });

  test('an author who does not come back: told with the Content after five minutes without progress, and no sooner', async () => {
    const { id, named: [one] } = hear('ann', 1000);
    await pass(4.9 * MINUTE_MS);
    one.loaded = 10;
    await pass(4.9 * MINUTE_MS);
    assert.deepEqual([told, notes.size, fetching.size], [[], 1, 1]);
    await pass(0.3 * MINUTE_MS);
    assert.deepEqual([told, notes.size, fetching.size, timers.size], [[[id, 'Object']], 0, 0, 0]);
    await pass(600 * MINUTE_MS);
    assert.equal(told.length, 1, 'once');
  });

  test('one who gives a piece now and then has an hour', async () => {
    const { id, named: [one] } = hear('ann', 1e6);
    for (let minute = 0; minute < 59; minute++) {
      one.loaded++;
      await pass(MINUTE_MS);
    }
    assert.deepEqual(told, []);
    one.loaded++;
    await pass(MINUTE_MS);
    assert.deepEqual(told, [[id, 'Object']]);
  });

  test('a night asleep is a minute; a night between two runs as well; five minutes in many short runs are five', async () => {
    const { named: [one] } = hear('ann', 1000);
    await settle();
    now += 500 * MINUTE_MS;
    await pass(3 * MINUTE_MS);
    assert.deepEqual(told, []);
    late.end();
    now += 500 * MINUTE_MS;
    let [said] = notes.values();
    assert.ok(said.waited.idleMs >= 3 * MINUTE_MS, 'noted on the way');
    const restart = async (ms) => {
      late = makeLate();
      [said] = notes.values();
      late.wait(said, { value: [one], bytes: null, coming: [{ kind: 'ArrayBuffer', put: () => {} }], byteCount: 0 }, [one]);
      await pass(ms);
      if (told.length === 0) late.end();
      await settle();
    };
    notes.set(`${one.id} ${said.id}`, { ...said, waited: { ...said.waited, idleMs: 0, waitedMs: 0, at: now } });
    let count = 0;
    for (; told.length === 0; count++) await restart(10_000);
    assert.ok(count >= 28 && count <= 32, `${count} runs of ten seconds`);
    assert.deepEqual([told, notes.size], [[[said.id, 'Object']], 0]);
  });

  test('four who never come back hold up nobody: a place is given by who has most, and gave least for it', async () => {
    const strangers = ['eve1', 'eve2', 'eve3', 'eve4'];
    const theirs = strangers.flatMap((from) => Array.from({ length: 16 }, () => hear(from, 10)));
    await pass(LOOK_MS);
    const [given] = theirs; // of eve1, with some of its bytes
    given.named[0].loaded = 5;
    await pass(LOOK_MS);
    const honest = Array.from({ length: 16 }, () => hear('bob', 10));
    await settle();
    const left = (all) => all.filter(({ id }) => !told.some(([gone]) => gone === id)).length;
    assert.equal(told.length, 16);
    assert.ok(!told.some(([id]) => id === given.id), 'what was given for stays');
    assert.equal(left(honest), 13, 'his share of 64, with the four');
    for (const i of strangers.keys()) assert.ok(left(theirs.slice(16 * i, 16 * i + 16)) >= 12, 'as theirs');
    await pass(LOOK_MS);
    assert.ok(waiting().includes(honest[0].id), 'and he has a turn with the next look');
    for (let i = 0; i < 1000; i++) hear(`of ${i}`, 10);
    await settle();
    assert.deepEqual([notes.size, fetching.size], [64, 4]);
    assert.equal(told.length, 16 + 1000);
  });

  test('bytes are shared as places are; what is larger than all there is room for makes nobody go', async () => {
    for (let i = 0; i < 6; i++) hear('eve', 16e6);
    await settle();
    const { id } = hear('bob', 16e6);
    await settle();
    assert.equal(told.length, 1);
    assert.notEqual(told[0][0], id);
    hear('bob', 101e6);
    await settle();
    assert.equal(told.length, 2);
  });

  test('storage that never answers: told all the same', async () => {
    quiet.add('hold');
    const first = hear('ann', 10);
    await pass(MINUTE_MS);
    assert.deepEqual(told, [[first.id, 'Object']]);
    quiet = new Set(['fetch', 'release']);
    const all = ['a', 'b', 'c', 'd', 'e'].map((from) => hear(from, 10));
    await pass(LOOK_MS);
    assert.equal(told.length, 1);
    quiet = new Set(['release']);
    await pass(LOOK_MS);
    assert.ok(waiting().includes(all[4].id) || waiting().length === 4, 'a turn that never ends is taken away');
    quiet.add('fetch');
    await pass(7 * MINUTE_MS);
    assert.deepEqual(told.length, 6);
  });
});
