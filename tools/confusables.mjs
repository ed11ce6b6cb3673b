// SPDX-License-Identifier: GPL-3.0-or-later
// Makes glue/confusables.js of Unicode's confusables.txt (UTS 39):
//   node tools/confusables.mjs PATH/TO/confusables.txt
// Debian's source package icu has it: apt-get source icu, source/data/unidata/confusables.txt.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const TARGET = new URL('../glue/confusables.js', import.meta.url);
const WIDTH = 120;

/** Sign to prototype, of the file. @param {string} text @returns {{version: string, map: Map<string, string>}} */
export function readConfusables(text) {
  const signs = (hex) => String.fromCodePoint(...hex.trim().split(/\s+/).map((code) => parseInt(code, 16)));
  const map = new Map();
  for (const line of text.split('\n')) {
    const [, from, to] = /^([0-9A-F]+)\s*;\s*([0-9A-F ]+?)\s*;/.exec(line) ?? [];
    if (from) map.set(signs(from), signs(to));
  }
  return { version: /^# Version: (\S+)/m.exec(text)?.[1] ?? 'unknown', map };
}

/** What fold.js needs of it: it decomposes (NFKD) and drops what is ignorable or blank before it looks. @param {Map<string, string>} map */
export function reduce(map) {
  const decomposed = (text) => text.normalize('NFKD').replace(/[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{White_Space}\u2800]/gu, '');
  const reduced = new Map();
  for (const [from, to] of map) {
    if (decomposed(from) !== from) continue;
    let target = decomposed(to);
    for (let i = 0; i < 4; i++) target = decomposed([...target].map((sign) => map.get(sign) ?? sign).join(''));
    if (target !== from && target !== '') reduced.set(from, target);
  }
  return reduced;
}

/** Lines of ASCII: for each prototype its code points, then the gaps between the signs that look like it; in base 36. */
export function pack(reduced) {
  const groups = new Map();
  for (const [from, to] of reduced) groups.set(to, [...(groups.get(to) ?? []), from.codePointAt(0)]);
  const base36 = (number) => number.toString(36);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([to, froms]) => {
    let last = 0;
    const gaps = froms.sort((a, b) => a - b).map((code) => {
      const gap = code - last;
      last = code;
      return base36(gap);
    });
    return `${[...to].map((sign) => base36(sign.codePointAt(0))).join(' ')}=${gaps.join(' ')}`;
  }).join(';');
}

/** @param {string} text of confusables.txt @returns {string} the module */
export function moduleOf(text) {
  const { version, map } = readConfusables(text);
  const packed = pack(reduce(map));
  const lines = packed.match(new RegExp(`.{1,${WIDTH}}`, 'g')).map((line) => `  + '${line}'`);
  return `// SPDX-License-Identifier: GPL-3.0-or-later AND Unicode-DFS-2016
// Signs that look alike: confusables.txt of Unicode's UTS 39, version ${version} (© Unicode, Inc.; its terms of use apply).
// Made by tools/confusables.mjs, which says in what form; read by fold.js.
export const VERSION = '${version}';
export const CONFUSABLES = ''
${lines.join('\n')};
`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , path] = process.argv;
  if (!path) {
    process.stderr.write('usage: node tools/confusables.mjs PATH/TO/confusables.txt\n');
    process.exit(2);
  }
  writeFileSync(TARGET, moduleOf(readFileSync(path, 'utf8')));
}
