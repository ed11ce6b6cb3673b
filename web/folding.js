// SPDX-License-Identifier: GPL-3.0-or-later
// Where a long text is folded. Pure, tested in Node (tests/glue/budget.test.mjs).

const LENGTH_MAX = 1000; // letters that are shown at once
const LINE_COUNT_MAX = 20;
const REST_MIN = 400; // less is not worth a button

/** Where a text is folded; its length if it is not. */
export function foldAt(text) {
  let cut = Math.min(LENGTH_MAX, text.length);
  for (let at = -1, lines = 0; (at = text.indexOf('\n', at + 1)) >= 0 && at < cut;) {
    if (++lines === LINE_COUNT_MAX) cut = at;
  }
  if (text.length - cut < REST_MIN && cut === LENGTH_MAX) return text.length;
  const space = text.lastIndexOf(' ', cut);
  if (cut === LENGTH_MAX && space > cut - 40) cut = space;
  return /[\ud800-\udbff]/.test(text[cut - 1] ?? '') ? cut - 1 : cut; // no half of a sign
}
