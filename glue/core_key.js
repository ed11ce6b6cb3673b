// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * A key from a passphrase, made by the module in an instance of its own, which takes its memory along when it goes.
 */
import { Memory } from './core_memory.js';
import { instantiate } from './core_module.js';
import { NktError } from './errors.js';

const KEY_SIZE = 32;

/** NKT_E_ARGUMENT of the core: salt, passes or memory are out of bounds. */
const CODE_ARGUMENT = -101;

/**
 * Takes part of a second in which nothing else runs in this thread.
 * @param {WebAssembly.Module} module
 * @param {{passphrase: string, salt: Uint8Array, passes: number, memoryKiB: number}} params
 * @returns {Promise<Uint8Array>} 32 bytes; rejects with NKT_E_ARGUMENT, NKT_E_MEMORY
 */
export async function derivePassphraseKey(module, { passphrase, salt, passes, memoryKiB }) {
  const wasm = await instantiate(module, () => {
    throw new Error('nothing is left to chance here');
  });
  const text = new TextEncoder().encode(passphrase.normalize('NFC'));
  const size = text.length + salt.length + KEY_SIZE;
  const memory = new Memory(wasm);
  const textAt = memory.alloc(size);
  const saltAt = textAt + text.length;
  const keyAt = saltAt + salt.length;
  memory.u8.set(text, textAt);
  memory.u8.set(salt, saltAt);
  text.fill(0);
  const code = wasm.nkt_wasm_passphrase_key(textAt, text.length, saltAt, salt.length, passes, memoryKiB, keyAt);
  if (code < 0) throw new NktError(code === CODE_ARGUMENT ? 'NKT_E_ARGUMENT' : 'NKT_E_MEMORY', 'no key could be made of the passphrase');
  memory.refresh();
  const key = memory.u8.slice(keyAt, keyAt + KEY_SIZE);
  memory.release(textAt, size);
  return key;
}
