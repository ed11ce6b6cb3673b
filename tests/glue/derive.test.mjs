// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of passphrases without a worker that works: made here all the same.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { derivePassphraseKey } from '../../glue/core_key.js';
import { loadModule } from '../../glue/core_module.js';
import { deriveKey } from '../../glue/derive.js';
import { skip, wasmUrl } from './support/wasm.mjs';

const params = { passphrase: 'open sesame', salt: new Uint8Array(16).fill(7), passes: 1, memoryKiB: 8192 };

describe('a key of a passphrase', { skip }, () => {
  const workers = {
    none: async () => null,
    'one whose script is not there': async () => ({ listen: (f) => setTimeout(f, 5, { message: '404' }), post() {}, end() {} }),
    'one that never says that it is there': async () => ({ listen() {}, post() {}, end() {} }),
    'one that dies at work': async () => {
      let tell = () => {};
      const listen = (f) => {
        tell = f;
        setTimeout(f, 5, { isReady: true });
      };
      return { listen, post: () => tell({ message: 'out of memory' }), end() {} };
    },
  };
  for (const [name, make] of Object.entries(workers)) {
    test(`with ${name}: the same, made here`, async () => {
      const module = await loadModule(wasmUrl);
      const expected = await derivePassphraseKey(module, params);
      let ended = 0;
      const key = await deriveKey(module, params, {
        readyMs: 100, make: async () => { const made = await make(); return made && { ...made, end: () => ended++ }; },
      });
      assert.deepEqual(key, expected);
      assert.equal(ended, name === 'none' ? 0 : 1);
    });
  }

  test('of many at once one is made at a time, also when some fail', async () => {
    const module = await loadModule(wasmUrl);
    let count = 0;
    let most = 0;
    const make = async () => {
      most = Math.max(most, ++count);
      let tell = () => {};
      const listen = (f) => {
        tell = f;
        setTimeout(f, 1, { isReady: true });
      };
      const answers = { bad: { code: 'NKT_E_MEMORY', message: 'none' }, good: { key: new Uint8Array(32) } };
      const post = ({ params: { passphrase } }) => tell(answers[passphrase]);
      return { listen, post, end: () => count-- };
    };
    const given = Array.from({ length: 12 }, (_, i) => ({ ...params, passphrase: i % 3 === 0 ? 'bad' : 'good' }));
    const made = await Promise.allSettled(given.map((one) => deriveKey(module, one, { make })));
    assert.deepEqual(made.map(({ status }) => status === 'fulfilled'), given.map(({ passphrase }) => passphrase === 'good'));
    assert.deepEqual([most, count], [1, 0]);
  });

  test("a worker's refusal is the answer", async () => {
    const module = await loadModule(wasmUrl);
    await assert.rejects(deriveKey(module, { ...params, memoryKiB: 1 << 30 }), { code: /NKT_E_(ARGUMENT|MEMORY)/ });
  });
});
