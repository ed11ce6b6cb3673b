// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Pieces in a file: one slot for each, of the same size, its length first. No list is kept of what is there: a slot that was never written
 * is a hole of zeros, and what was torn by a crash is found out by the core, since a piece comes with the proof that it is one.
 */
import { PIECE_NODE_SIZE, PIECE_PATH_COUNT_MAX, PIECE_SIZE } from './constants.js';

const LENGTH_SIZE = 4;

/** Most that a piece is with its path, in bytes. */
const PROVEN_SIZE_MAX = PIECE_SIZE + PIECE_PATH_COUNT_MAX * PIECE_NODE_SIZE;

/** Places of tabs that nobody opened for so long are deleted, as their identities are, in ms. */
export const TAB_AGE_MS_MAX = 7 * 24 * 3600 * 1000;

/** Sweeping them waits until there are other things behind it, in ms. */
export const SWEEP_AFTER_MS = 10_000;

/** In whole KiB. */
export const SLOT_SIZE = Math.ceil((LENGTH_SIZE + PROVEN_SIZE_MAX) / 1024) * 1024;

/**
 * @param {Uint8Array} bytes a piece with its path @param {Uint8Array} [into] of SLOT_SIZE
 * @returns {Uint8Array} to be written at index * SLOT_SIZE; the beginning of `into`, if that was given
 */
export function slotOf(bytes, into = new Uint8Array(LENGTH_SIZE + bytes.length)) {
  new DataView(into.buffer, into.byteOffset).setUint32(0, bytes.length, true);
  into.set(bytes, LENGTH_SIZE);
  return into.subarray(0, LENGTH_SIZE + bytes.length);
}

/** There is nothing in it. @param {Uint8Array} slot */
export function clearSlot(slot) {
  slot.fill(0, 0, LENGTH_SIZE);
}

/** @param {Uint8Array} slot as far as it could be read @returns {Uint8Array|null} null: there is none */
export function bytesIn(slot) {
  const size = sizeIn(slot);
  return size > 0 && slot.length >= LENGTH_SIZE + size ? slot.subarray(LENGTH_SIZE, LENGTH_SIZE + size) : null;
}

/** @param {Uint8Array} slot its first bytes @returns {number} of the piece, 0: there is none */
export function sizeIn(slot) {
  if (slot.length < LENGTH_SIZE) return 0;
  const size = new DataView(slot.buffer, slot.byteOffset).getUint32(0, true);
  return size <= PROVEN_SIZE_MAX ? size : 0;
}

/** A bit for each piece, the highest of the first byte being piece 0: as CONTENT_HELD has it. */
export class Bits {
  /** @param {number} count */
  constructor(count) {
    this.bytes = new Uint8Array(Math.ceil(count / 8));
  }

  /** @param {number} index */
  set(index) {
    this.bytes[index >> 3] |= 0x80 >> (index & 7);
  }
}
