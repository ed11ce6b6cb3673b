// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of a file in tests/vectors.
import { readFileSync } from 'node:fs';
import { unhex, zeros } from '../bytes.mjs';

/** @param {string} name @returns {{kind: string, fields: string[]}[]} */
export function readVectors(name) {
  return readFileSync(new URL(`../../vectors/${name}`, import.meta.url), 'utf8').split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ')).map(([kind, ...fields]) => ({ kind, fields }));
}

/** @param {string} field - stands for nothing */
export const bytesOf = (field) => (field === '-' ? zeros(0) : unhex(field));

/** Gives what it was told, in that order: chance that was drawn before. */
export class Script {
  #parts;

  /** @param {...Uint8Array} parts */
  constructor(...parts) {
    this.#parts = parts;
  }

  add(...parts) {
    this.#parts.push(...parts);
  }

  /** @param {number} size */
  bytes(size) {
    const part = this.#parts.shift();
    if (part?.length !== size) throw new Error(`the vector draws ${part?.length} bytes here, not ${size}`);
    return part;
  }

  get left() {
    return this.#parts.length;
  }
}
