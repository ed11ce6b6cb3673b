// SPDX-License-Identifier: GPL-3.0-or-later
// Padding: lengths that say little (docs/protocol.md, section 2.5).
import { demand, zeros } from './bytes.mjs';

const MARK = 0x80;
const SIZE_MIN = 128;
const LARGE = 4096; // from here on in finer steps

/** @param {number} size with the mark */
function paddedSize(size) {
  const least = Math.max(size, SIZE_MIN);
  const step = 2 ** (Math.floor(Math.log2(least)) - (least < LARGE ? 2 : 3));
  return Math.ceil(least / step) * step;
}

/** @param {Uint8Array} bytes */
export function pad(bytes) {
  const padded = zeros(paddedSize(bytes.length + 1));
  padded.set(bytes);
  padded[bytes.length] = MARK;
  return padded;
}

/** @param {Uint8Array} padded */
export function unpad(padded) {
  let end = padded.length;
  while (end > 0 && padded[end - 1] === 0) end--;
  demand(end > 0 && padded[end - 1] === MARK, 'padding');
  return padded.slice(0, end - 1);
}
