// SPDX-License-Identifier: GPL-3.0-or-later
// What the core asks of anybody else, and what it keeps between calls, by the compiler's own list of symbols (nm on the objects of the
// native build): of C a few functions on memory and text, of libraries what they define, of variables that outlive a call none.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, root } from '../setup/paths.mjs';

const build = join(buildDir, 'native');
const objectsDir = join(build, 'core', 'CMakeFiles', 'nkt_core.dir', 'src');

/** Of the C library: no clock, entropy, file, process or printing, and nothing that writes until it finds an end. */
const allowed = new Set([
  '__assert_fail',
  'bcmp',
  'calloc',
  'free',
  'malloc',
  'memchr',
  'memcmp',
  'memcpy',
  'memmove',
  'memset',
  'qsort',
  'realloc',
  'strcmp',
  'strlen',
  'strncasecmp',
  'strncmp',
]);
/** What compilers put in: sanitizers, position-independent code, checks of the stack and of sizes. */
const compilers = /^__(asan|ubsan|sanitizer|stack_chk)_|^_GLOBAL_OFFSET_TABLE_$|^__(mem|str)\w+_chk$/;

/** Of libraries: what one file alone may call, and why. */
const alone = [
  { name: /^crypto_generichash/, file: 'base/hash.c', why: 'what is hashed has a label and lengths: nkt_hash() of base/hash.h' },
  { name: /^crypto_(box|secretbox|stream)/, file: 'identity/seal.c', why: 'what is sealed is sealed by identity/seal.h' },
];

/** @typedef {{file: string, line: number, what: string}} Finding */
/** @typedef {{defines: string[], needs: string[], keeps: string[]}} Outside keeps: variables that can change */

/** @param {string} text what nm -A -f sysv prints @returns {Map<string, Outside>} by file, as nm names it */
export function readObjects(text) {
  /** @type {Map<string, Outside>} */
  const files = new Map();
  for (const line of text.split('\n')) {
    const found = /^(.*?):([^|:]+)\|[^|]*\|\s*(\w)\s*\|[^|]*\|[^|]*\|[^|]*\|\s*(\S*)/.exec(line);
    if (!found) continue;
    const [, file, padded, kind, section] = found;
    const name = padded.trim();
    if (!files.has(file)) files.set(file, { defines: [], needs: [], keeps: [] });
    const { defines, needs, keeps } = /** @type {Outside} */ (files.get(file));
    if (kind === 'U') needs.push(name);
    else if (/[A-Z]/.test(kind)) defines.push(name);
    const isData = /^\.(t?data|t?bss)\b/.test(section) && !section.startsWith('.data.rel.ro'); // constants that hold addresses
    if ((isData || kind === 'C') && !/^__(asan|unnamed)/.test(name)) keeps.push(name);
  }
  return files;
}

/**
 * @param {Map<string, Outside>} files of the core, relative to core/src
 * @param {Set<string>} libraries what they define
 * @returns {Finding[]}
 */
export function judgeOutside(files, libraries) {
  const own = new Set([...files.values()].flatMap(({ defines }) => defines));
  const findings = [];
  for (const [file, { needs, keeps }] of files) {
    const find = (what) => findings.push({ file: `core/src/${file}`, line: 1, what });
    for (const name of needs) {
      const only = alone.find((one) => one.name.test(name) && one.file !== file);
      if (only) find(`calls ${name}(): ${only.why}`);
      if (own.has(name) || libraries.has(name) || allowed.has(name) || compilers.test(name)) continue;
      find(`calls ${name}(): what the core may ask of C is in tools/tidy/outside.mjs; facts are the host's to give`);
    }
    for (const name of keeps) find(`keeps ${name.replace(/\.\d+$/, '')} between calls: state belongs to nkt_core`);
  }
  return findings;
}

/** @param {string[]} paths @returns {Map<string, Outside>} */
function symbolsOf(paths) {
  const { stdout, stderr, error } = spawnSync('nm', ['-A', '-f', 'sysv', ...paths], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error || stdout === '') throw new Error(`nm: ${error?.message ?? stderr}`);
  return readObjects(stdout);
}

/**
 * The core as it was compiled last, or undefined if it was not yet.
 * @returns {Finding[] | undefined}
 */
export function tidyOutside() {
  if (!existsSync(objectsDir)) return undefined;
  const isThere = (object) => existsSync(join(root, 'core', 'src', object.replace(/\.o$/, '')));
  const objects = readdirSync(objectsDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.c.o') && isThere(name));
  const archives = readdirSync(build).filter((name) => name.endsWith('.a') && !name.endsWith('_ref.a'));
  const libraries = new Set([...symbolsOf(archives.map((name) => join(build, name))).values()].flatMap(({ defines }) => defines));
  const files = new Map();
  for (const [path, symbols] of symbolsOf(objects.map((name) => join(objectsDir, name)))) {
    files.set(path.slice(objectsDir.length + 1).replace(/\.o$/, ''), symbols);
  }
  return judgeOutside(files, libraries);
}
