// SPDX-License-Identifier: GPL-3.0-or-later
// What glue and core.wasm have agreed on, as a number that is in both (glue/interface.js, which CMake reads): a module and a glue of
// different ones would call what is not there, or read it at other offsets. `node tools/wasm/interface.mjs` writes it, and so does
// each build of the module.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../setup/paths.mjs';

const HEADERS = ['nkt.h', 'nkt_err.def', 'nkt_event.def', 'nkt_effect.def'];
const SOURCES = ['glue/wasm/exports.c', ...HEADERS.map((name) => `core/include/${name}`)];
const FILE = join(root, 'glue/interface.js');

/** Without comments and white space, which agree on nothing. @param {string} text */
const bare = (text) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').replace(/\s+/g, ' ');

/** @returns {string} glue/interface.js as it is to be */
export function interfaceText() {
  const hash = createHash('sha256');
  for (const source of SOURCES) hash.update(bare(readFileSync(join(root, source), 'utf8')));
  return `// SPDX-License-Identifier: GPL-3.0-or-later
/** A hash of what the core offers to the glue, which is in core.wasm too: made by tools/wasm/interface.mjs. */
export const INTERFACE = 0x${hash.digest('hex').slice(0, 8)};
`;
}

/** @returns {boolean} whether it was another one */
export function writeInterface() {
  const text = interfaceText();
  const isOther = text !== readFileSync(FILE, 'utf8');
  if (isOther) writeFileSync(FILE, text);
  return isOther;
}

/** @returns {import('../tidy/tidy.mjs').Finding[]} */
export function tidyInterface() {
  if (readFileSync(FILE, 'utf8') === interfaceText()) return [];
  return [{ file: 'glue/interface.js', line: 3, what: 'the core offers something else now: node tools/wasm/interface.mjs' }];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(`glue/interface.js: ${writeInterface() ? 'written' : 'as it was'}`);
}
