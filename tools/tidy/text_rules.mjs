// SPDX-License-Identifier: GPL-3.0-or-later
// Rules for every kind of source file.

/** @typedef {import('./tidy.mjs').Source} Source */
/** @typedef {{line: number, what: string}} Remark */

const lineCountMax = 700;
const lineWidthMax = 140; // the formatter aims at 100; this catches what it cannot break

/** @param {Source} source @returns {Remark[]} */
export function licence({ lines }) {
  const isThere = lines
    .slice(0, 4)
    .some((line) => line.includes('SPDX-License-Identifier: GPL-3.0-or-later'));
  return isThere ? [] : [{ line: 1, what: 'no SPDX-License-Identifier in the first lines' }];
}

/** @param {Source} source @returns {Remark[]} */
export function length({ path, lines }) {
  const hasWideLines = /\.(def|html|css)$/.test(path); // tables and prose
  const remarks = (hasWideLines ? [] : lines)
    .map((text, i) => ({ line: i + 1, width: text.length }))
    .filter(({ width }) => width > lineWidthMax)
    .map(({ line, width }) => ({ line, what: `${width} columns, more than ${lineWidthMax}` }));
  const isOneTable = /^web\/texts(_\w+)?\.js$/.test(path); // a language is one file: whoever translates has all of it before him
  if (lines.length > lineCountMax + 1 && !isOneTable) {
    remarks.push({ line: lines.length, what: `more than ${lineCountMax} lines: split it` });
  }
  return remarks;
}

/** @param {Source} source @returns {Remark[]} */
export function whitespace({ lines, text }) {
  const remarks = [];
  lines.forEach((line, i) => {
    if (/[ \t]$/.test(line)) remarks.push({ line: i + 1, what: 'blanks at the end of the line' });
    if (line.includes('\t')) remarks.push({ line: i + 1, what: 'a tab' });
    if (line.endsWith('\r')) remarks.push({ line: i + 1, what: 'a carriage return' });
  });
  if (!text.endsWith('\n')) remarks.push({ line: lines.length, what: 'no newline at the end' });
  return remarks;
}

/** What two made of one place, put side by side by git and left so. @param {Source} source @returns {Remark[]} */
export function conflicts({ lines }) {
  return lines.flatMap((text, i) => (/^(<{7}|>{7}) /.test(text) ? [{ line: i + 1, what: 'a conflict that nobody resolved' }] : []));
}

// In two halves, so that this file passes its own rule.
const registry = new RegExp(`registry\\.${'npm'}js|resolved"?:\\s*"http`);

/** Names of package registries stay out of the sources. @param {Source} source @returns {Remark[]} */
export function registries({ lines }) {
  return lines
    .map((text, i) => ({ line: i + 1, text }))
    .filter(({ text }) => registry.test(text))
    .map(({ line }) => ({ line, what: 'names a package registry' }));
}
