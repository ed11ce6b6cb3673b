// SPDX-License-Identifier: GPL-3.0-or-later
// Holds a finished core.wasm to its promises: nothing from outside but the host's functions, no texts of failed asserts.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { Failure } from '../setup/report.mjs';

/**
 * @param {string} file
 * @returns {{imports: string[], exports: string[], sources: string[], bytes: number, gzipBytes: number}} sorted; sources it names
 */
export function inspectModule(file) {
  const bytes = readFileSync(file);
  const module = new WebAssembly.Module(bytes);
  return {
    imports: WebAssembly.Module.imports(module)
      .map((one) => `${one.module}.${one.name}`)
      .sort(),
    exports: WebAssembly.Module.exports(module)
      .map((one) => one.name)
      .sort(),
    sources: [...new Set(bytes.toString('latin1').match(/[\w./-]+\.c(?=\0)/g) ?? [])].sort(),
    bytes: bytes.length,
    gzipBytes: gzipSync(bytes, { level: 9 }).length,
  };
}

/** @param {string} file */
export function checkModule(file) {
  const found = inspectModule(file);
  const foreign = found.imports.filter((name) => !name.startsWith('host.'));
  if (foreign.length > 0) {
    throw new Failure(
      `${file} imports what is not the host's: ${foreign.join(' ')}`,
      'an undefined C function (misspelt, or a source not named in CMake), or a part of the C library that\n' +
        'wants an operating system: do without it or give it a stand-in in glue/wasm/libc_shim.c.',
    );
  }
  if (found.sources.length > 0) {
    throw new Failure(
      `${file} names sources: ${found.sources.join(' ')}`,
      'an assert whose text and place nobody can print: everything is to be compiled with glue/wasm/include/assert.h.',
    );
  }
  return found;
}
