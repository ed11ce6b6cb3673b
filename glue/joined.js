// SPDX-License-Identifier: GPL-3.0-or-later
/** One behind the other. @param {Uint8Array} a @param {Uint8Array} b @returns {Uint8Array} */
export function joined(a, b) {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
