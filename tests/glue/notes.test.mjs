// SPDX-License-Identifier: GPL-3.0-or-later
// Notes of an identity: when there are as many as there may be, the one of a room that was changed longest ago makes room.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Notes } from '../../glue/notes.js';
import { Storage } from '../../glue/plugin_storage.js';

const NOTE_COUNT_MAX = 256; // as in glue/notes.js

for (const kind of ['sealed', 'in memory']) {
  describe(`notes, ${kind}`, () => {
    const key = kind === 'sealed' ? new Uint8Array(32).fill(7) : null;
    let now = 1e12;

    /** One identity's, from one run to the next. */
    function makeShelf() {
      const records = new Map();
      const store = { key, keep: async (name, bytes) => { if (bytes) records.set(name, bytes); else records.delete(name); } };
      return { records, run: () => ({ shelf: { store: { ...store }, notes: new Map(records) } }) };
    }
    const make = () => new Notes(globalThis.crypto, () => ++now);
    const ofRoom = (room) => JSON.stringify(['state', 'poll', room, 'null']);

    async function change(notes, run, label, value) {
      const note = await notes.open(run, label);
      await note.check();
      note.value = value;
      await note.save();
    }
    const state = (n) => ({ version: n, texts: [['votes', String(n)]] });

    test('the room changed longest ago makes room, a plugin\u2019s own storage never does, and who has all is told', async () => {
      const { records, run } = makeShelf();
      const first = make();
      const one = run();
      await change(first, one, JSON.stringify(['storage', 'own']), [['key', '1']]);
      for (let n = 1; n < NOTE_COUNT_MAX; n++) await change(first, one, ofRoom(`room ${n}`), state(n));
      await change(first, one, ofRoom('room 1'), state(1000)); // the oldest is the second one now
      if (kind === 'sealed') assert.equal(records.size, NOTE_COUNT_MAX);

      const [notes, at] = kind === 'sealed' ? [make(), run()] : [first, one];
      await change(notes, at, ofRoom('one more'), state(1));
      if (kind === 'sealed') assert.equal(records.size, NOTE_COUNT_MAX);
      const again = kind === 'sealed' ? [make(), run()] : [first, one];
      const valueOf = async (label) => (await again[0].open(again[1], label)).value;
      assert.deepEqual(await valueOf(JSON.stringify(['storage', 'own'])), [['key', '1']]);
      assert.deepEqual(await valueOf(ofRoom('room 1')), state(1000));
      assert.equal(await valueOf(ofRoom('room 2')), null);
      assert.deepEqual([await valueOf(ofRoom('room 3')), await valueOf(ofRoom('one more'))], [state(3), state(1)]);
    });

    test('where nothing may go there is no room, and what is there stays', async () => {
      const { records, run } = makeShelf();
      const [notes, one] = [make(), run()];
      for (let n = 0; n < NOTE_COUNT_MAX; n++) await change(notes, one, JSON.stringify(['storage', `plugin ${n}`]), [['key', '1']]);
      const storage = new Storage(() => notes.open(one, JSON.stringify(['storage', 'late'])));
      await assert.rejects(storage.set('key', 1), { code: 'NKT_E_QUOTA', message: /256/ });
      await storage.delete('key'); // it had none
      const first = new Storage(() => notes.open(one, JSON.stringify(['storage', 'plugin 0'])));
      await Promise.all([first.set('a', 1), first.set('b', 2)]);
      assert.deepEqual(await first.keys(), ['key', 'a', 'b']);
      assert.equal(records.size, kind === 'sealed' ? NOTE_COUNT_MAX : 0);
    });
  });
}
