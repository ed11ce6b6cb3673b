// SPDX-License-Identifier: GPL-3.0-or-later
// The store over a place that is slow, or fails, for hours: in virtual time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Store } from '../../glue/store.js';

const HOUR = 3_600_000;

/** Timers and a clock that go on when they are told to, with what follows from each timer done before the next. */
class Time {
  #now = 0;
  #id = 0;
  #timers = new Map();

  clock = { now: () => this.#now, wall: () => this.#now };
  timers = {
    setTimeout: (run, wait) => {
      this.#timers.set(++this.#id, { run, at: this.#now + wait });
      return this.#id;
    },
    clearTimeout: (id) => this.#timers.delete(id),
  };

  after = (wait) => new Promise((resolve) => this.timers.setTimeout(resolve, wait));

  async run(ms) {
    const end = this.#now + ms;
    for (;;) {
      await new Promise((resolve) => { setImmediate(resolve); });
      const [id, timer] = [...this.#timers].reduce((first, one) => (first && first[1].at <= one[1].at ? first : one), undefined) ?? [];
      if (timer === undefined || timer.at > end) break;
      this.#timers.delete(id);
      this.#now = timer.at;
      timer.run();
    }
    this.#now = end;
  }
}

/** A store whose writes do what write(n) says. */
async function storeOver(write) {
  const time = new Time();
  const stored = new Map();
  const putAt = new Map();
  const told = { states: [], lateMs: 0 };
  let count = 0;
  const place = {
    kind: 'test', health: {}, isStrict: false, isThere: true,
    open: async () => ({ key: new Uint8Array(32), records: new Map() }),
    write: async (batch) => {
      await write(++count, time);
      for (const [name, bytes] of batch) stored.set(name, bytes[0]);
    },
    read: async () => stored,
    drop() {},
    release() {},
  };
  const store = new Store({
    place,
    platform: { crypto: globalThis.crypto, clock: time.clock, timers: time.timers, soon: queueMicrotask },
    onDurable: (ticket) => {
      for (const [put, at] of putAt) {
        if (put > ticket) continue;
        told.lateMs = Math.max(told.lateMs, time.clock.now() - at);
        putAt.delete(put);
      }
    },
    onState: () => told.states.push(store.health.state),
  });
  await store.open();
  const put = (ticket) => {
    putAt.set(ticket, time.clock.now());
    store.put(ticket, `a${ticket % 10}`, new Uint8Array([ticket & 255]));
    store.commit();
  };
  return { store, time, stored, told, put, putAt };
}

/** Something is put every second for so long. @returns what was told meanwhile */
async function putFor(ms, write) {
  const { time, told, put, putAt, store } = await storeOver(write);
  for (let n = 1; n <= ms / 1000; n++) {
    put(n);
    await time.run(1000);
  }
  await time.run(5000);
  assert.equal(putAt.size, 0, 'nothing waits');
  return { ...told, error: store.health.error };
}

const TELLINGS_MAX = 12; // of four hours: each return has to last twice as long

test('a disk that answers too late now and then, for hours: nobody waits longer for it, nor is told of it every few seconds', async () => {
  const told = await putFor(4 * HOUR, (n, time) => time.after(n % 2 === 0 ? 2000 : 3000));
  assert.ok(told.states.length <= TELLINGS_MAX, `told ${told.states.length} times`);
  assert.ok(told.lateMs <= 3000, `${told.lateMs} ms`);
  assert.deepEqual([told.states.at(-1), told.error], ['memory', 'storage does not answer']);
});

test('writes that fail now and then, for hours: told seldom; and that all is well, when it was for long enough', async () => {
  const { time, told, put } = await storeOver(async (n) => {
    if (n < 2000 && n % 7 === 0) throw new Error('no room');
  });
  for (let n = 1; n <= 6 * 3600; n++) {
    put(n);
    await time.run(1000);
  }
  assert.ok(told.states.length <= TELLINGS_MAX, `told ${told.states.length} times`);
  assert.equal(told.states.at(-1), 'ok');
});

test('the first time that storage works again it is told at once; and what it missed is written when a page closes before', async () => {
  const { store, time, told, put, stored } = await storeOver(async (n) => {
    if (n < 3 || n === 5) throw new Error('no room');
  });
  put(1);
  await time.run(25_000); // tried again every 10 s
  assert.deepEqual(told.states, ['ok', 'memory', 'ok']);
  put(2);
  await time.run(1000);
  put(3);
  await time.run(1000);
  assert.deepEqual([told.states.at(-1), stored.get('a3')], ['memory', undefined]);
  await Promise.all([store.close(), time.run(3000)]);
  assert.deepEqual([...stored], [['a1', 1], ['a2', 2], ['a3', 3]]);
});

test('silent at first, then known to be full: told once more, with the reason; not each time that it is silent again', async () => {
  const { store, time, told, put } = await storeOver(async (n, { after }) => {
    if (n > 8) return;
    await after(3000);
    if (n % 2 === 0) throw new Error('no room');
  });
  const reasons = [];
  put(1);
  for (let n = 2; n < 90; n++) {
    await time.run(1000);
    if (told.states.length > reasons.length) reasons.push(store.health.error);
    put(n);
  }
  assert.deepEqual(told.states, ['ok', 'memory', 'memory', 'ok']);
  assert.deepEqual(reasons.slice(0, 3), [undefined, 'storage does not answer', 'no room']);
});
