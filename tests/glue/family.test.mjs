// SPDX-License-Identifier: GPL-3.0-or-later
// One identity and its rooms, without cores: who is told of what, in which order places are taken and left.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { deferred } from '../../glue/deferred.js';
import { Family } from '../../glue/family.js';
import { hexOf } from '../../glue/hex.js';

const code = (name) => (error) => error.code === name;
const id = (n) => n.toString(16).padStart(32, '0');
const platform = { crypto: globalThis.crypto, clock: performance, timers: globalThis, soon: setImmediate, hasTabs: false, isWorker: false };

describe('a family', () => {
  let root;
  before(() => { root = mkdtempSync(path.join(tmpdir(), 'nkt-family-')); });
  after(() => rmSync(root, { recursive: true, force: true }));

  /** One that notes what it is told. */
  function member(name) {
    const told = [];
    const self = {
      nkt: name, place: '', told, marks: [], runs: true,
      isIn: () => false,
      seal: async () => { throw new Error('not asked'); },
      tellSisters: ({ value, bytes }) => told.push([value, hexOf(bytes).match(/.{32}/g) ?? []]),
      mark(kind, fields) {
        if (self.runs) self.marks.push([kind, fields.address]);
        return self.runs;
      },
    };
    return self;
  }
  const enter = (family, one, room, storage = 'none') => family.enter(one, { room, secret: null, storage },
    { platform, derive: null, hands: { driver: null }, onState() {} });
  async function begin(family, one, room, roomId, storage) {
    const entered = await enter(family, one, room, storage);
    family.began(one, roomId);
    return entered;
  }

  test('all know the rooms of all; the first is found, and the next when she leaves', async () => {
    const family = new Family();
    const [a, b, c] = ['a', 'b', 'c'].map(member);
    await begin(family, a, 'x', id(1));
    assert.deepEqual(a.told, []);
    await begin(family, b, 'y', id(2));
    assert.deepEqual(a.told.at(-1), [1, [id(1), id(2)]]);
    assert.deepEqual(b.told.at(-1), [0, [id(1), id(2)]]);
    await begin(family, c, 'z', id(3));
    await family.leave(a);
    assert.deepEqual(b.told.at(-1), [1, [id(1), id(2), id(3)]]); // a closed one counts as well
    assert.deepEqual(c.told.at(-1), [0, [id(1), id(2), id(3)]]);
  });

  test('one without a room has zeros for a name, until she is taken into one', async () => {
    const family = new Family();
    const [a, b] = ['a', 'b'].map(member);
    await begin(family, a, null, null);
    await begin(family, b, 'y', id(2));
    assert.deepEqual(b.told.at(-1), [0, [id(0), id(2)]]);
    family.moved(a, null);
    assert.equal(b.told.length, 1);
    family.moved(a, id(7));
    assert.deepEqual(b.told.at(-1)[1].sort(), [id(2), id(7)]);
  });

  test('who was taken into a room does not begin where another is already', async () => {
    const family = new Family();
    const [a, b] = ['a', 'b'].map(member);
    await begin(family, a, 'x', id(1));
    await enter(family, b, null);
    assert.throws(() => family.began(b, id(1)), code('NKT_E_IN_USE'));
    await family.leave(b);
    await begin(family, b, null, id(2));
  });

  test('of many rooms those stay known that are open, and the last that were', async () => {
    const family = new Family();
    const [home, open] = ['home', 'open'].map(member);
    await begin(family, home, 'x', id(1000));
    await begin(family, open, 'y', id(1001));
    for (let i = 0; i < 100; i++) {
      const guest = member(`${i}`);
      await begin(family, guest, `guest ${i}`, id(i));
      await family.leave(guest);
    }
    const again = member('again');
    await begin(family, again, 'guest 40', id(40));
    const [, rooms] = home.told.at(-1);
    assert.equal(rooms.length, 64);
    assert.ok([1000, 1001, 40, 99, 60].every((n) => rooms.includes(id(n))), rooms.join());
    assert.ok(!rooms.includes(id(1)));
  });

  test('one after the other: who enters waits until it is known who the one before is, or that she is not', async () => {
    const family = new Family();
    const [a, b, c] = ['a', 'b', 'c'].map(member);
    const order = [];
    await enter(family, a, 'x');
    const second = enter(family, b, 'y').then(() => order.push('b'));
    const third = enter(family, c, 'z').then(() => family.began(c, id(3)));
    await new Promise(setImmediate);
    assert.deepEqual(order, []);
    family.began(a, id(1));
    await second;
    await new Promise(setImmediate);
    assert.deepEqual(order, ['b']);
    const left = family.leave(b); // it came to nothing
    await Promise.all([third, left]);
    assert.deepEqual(family.nkts, ['a', 'c']);
  });

  test('who enters a room that is being left waits for its end', async () => {
    const family = new Family();
    const [a, b, again] = ['a', 'b', 'again'].map(member);
    await begin(family, a, 'x', id(1));
    await begin(family, b, 'y', id(2));
    const stopped = deferred();
    const left = family.leave(b, { after: stopped.promise });
    const entering = begin(family, again, 'y', id(2));
    await new Promise(setImmediate);
    assert.deepEqual(family.nkts, ['a', 'b']);
    stopped.resolve();
    await Promise.all([left, entering]);
    assert.deepEqual(family.nkts, ['a', 'again']);
  });

  test('a room is left though its core stopped in a bad way', async () => {
    const family = new Family();
    const [a, b] = ['a', 'b'].map(member);
    await begin(family, a, 'x', id(1));
    await assert.rejects(family.leave(a, { after: Promise.reject(new Error('bad')) }), /bad/);
    await begin(family, b, 'x', id(1));
  });

  test('eight at most, whoever asks', async () => {
    const family = new Family();
    const all = Array.from({ length: 9 }, (_, i) => member(`${i}`));
    for (const [i, one] of all.slice(0, 8).entries()) await begin(family, one, `room ${i}`, id(i + 1));
    await assert.rejects(enter(family, all[8], 'one more'), code('NKT_E_QUOTA'));
    await family.leave(all[3]);
    await begin(family, all[8], 'one more', id(9));
  });

  test('what is marked while one begins, or begins again, is marked there then', async () => {
    const family = new Family();
    const [a, b] = ['a', 'b'].map(member);
    await begin(family, a, 'x', id(1));
    b.runs = false;
    await enter(family, b, 'y');
    family.marked(a, 'PIN', { address: 'one' });
    family.marked(a, 'IGNORE', { address: 'two', value: 1 });
    family.marked(a, 'IGNORE', { address: 'two', value: 0 });
    b.runs = true;
    family.began(b, id(2));
    assert.deepEqual(b.marks, [['PIN', 'one'], ['IGNORE', 'two']]);
    family.began(b, id(2)); // after a trap
    assert.equal(b.marks.length, 2);
    assert.deepEqual(a.marks, []);
  });

  test('the page goes while one enters: she is told so, or enters what is opened anew, and nothing stays open', async () => {
    for (let ticks = 0; ticks < 12; ticks++) {
      const storage = { folder: path.join(root, `goes-${ticks}`) };
      const family = new Family();
      const [a, b] = ['a', 'b'].map(member);
      await begin(family, a, 'x', id(1), storage);
      const entering = begin(family, b, 'y', id(2), storage).catch((error) => error);
      for (let i = 0; i < ticks; i++) await new Promise(setImmediate);
      await family.leave(a, { immediate: true });
      const error = await entering;
      if (error instanceof Error) assert.ok(['NKT_E_STATE', 'NKT_E_STORAGE'].includes(error.code), `${error.stack}`);
      await family.leave(b);
      await begin(family, a, 'x', id(1), storage); // and is back
      await begin(family, b, 'y', id(2), storage);
      await Promise.all([family.leave(a), family.leave(b)]);
      assert.ok(!existsSync(path.join(storage.folder, 'lock')));
      assert.ok(!existsSync(path.join(storage.folder, 'rooms', b.place, 'lock')));
    }
  });

  test('where it cannot be kept whose records those are, nobody enters beside her; later somebody does', async () => {
    const storage = { folder: path.join(root, 'unbound') };
    const family = new Family();
    const [a, b] = ['a', 'b'].map(member);
    await begin(family, a, 'x', id(1), storage);
    mkdirSync(path.join(storage.folder, 'plugin-home.record.new')); // in the place of the file
    await assert.rejects(enter(family, b, 'y', storage), code('NKT_E_STORAGE'));
    assert.ok(!existsSync(path.join(storage.folder, 'rooms')));
    await family.leave(a);
    rmSync(path.join(storage.folder, 'plugin-home.record.new'), { recursive: true });
    await begin(family, b, 'y', id(2), storage); // nothing was bound: she takes the home along
    await begin(family, a, 'x', id(1), storage);
    assert.ok(existsSync(path.join(storage.folder, 'rooms', a.place)));
    await Promise.all([family.leave(a), family.leave(b)]);
  });

  test('the order of keys in storage does not matter, nor that the default is named', () => {
    const family = new Family();
    return begin(family, member('a'), 'x', id(1)).then(() => {
      assert.ok(!family.isElsewhere(undefined, platform));
      assert.ok(!family.isElsewhere('none', platform));
      assert.ok(family.isElsewhere({ folder: 'f' }, platform));
      assert.ok(family.isElsewhere(undefined, { ...platform, hasTabs: true }));
    });
  });
});
