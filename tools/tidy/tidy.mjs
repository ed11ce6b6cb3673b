// SPDX-License-Identifier: GPL-3.0-or-later
// Collects the source files and applies the rules that concern each.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/paths.mjs';
import { cIncludes } from './c_rules.mjs';
import { judgeCalls, symbolsOfCore } from './calls.mjs';
import { tidyClang } from './clang_tidy.mjs';
import { tidyOutside } from './outside.mjs';
import { tidyWriters } from './owners.mjs';
import { tidyInterface } from '../wasm/interface.mjs';
import { conflicts, length, licence, registries, whitespace } from './text_rules.mjs';

const rooms = ['core', 'glue', 'web', 'tests', 'tools', 'examples', 'cmake', '.ci'];
const kinds = /\.(c|h|def|proto|js|mjs|d\.ts|css|html|cmake|sh)$|CMakeLists\.txt$/;
const pages = /\.md$/;
const skipped = new Set(['node_modules', 'build', '.cache', 'vectors', 'corpus']);

/** @typedef {{file: string, line: number, what: string}} Finding */
/** @typedef {{path: string, text: string, lines: string[]}} Source */

/** Files of that kind under a folder of the project, with paths relative to its root. */
function* filesUnder(folder, kind) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) yield* filesUnder(path, kind);
    } else if (kind.test(entry.name)) {
      yield path;
    }
  }
}

/**
 * @param {Source} source
 * @returns {Finding[]}
 */
export function tidySource(source) {
  if (pages.test(source.path)) return conflicts(source).map((one) => ({ file: source.path, ...one }));
  const rules = [licence, length, whitespace, registries, conflicts];
  const isC = /\.[ch]$/.test(source.path);
  if (isC && source.path.startsWith('core/')) rules.push(cIncludes);
  return rules.flatMap((rule) => rule(source).map((one) => ({ file: source.path, ...one })));
}

/** @returns {{fileCount: number, findings: Finding[]}} */
export function tidy() {
  const paths = rooms.filter((room) => existsSync(join(root, room)))
    .flatMap((room) => [...filesUnder(room, kinds), ...filesUnder(room, pages)]);
  paths.push('CMakeLists.txt', 'README.md', 'CHANGELOG.md', 'SECURITY.md', ...filesUnder('docs', pages));
  const sources = paths.map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return { path, text, lines: text.split('\n') };
  });
  const findings = sources.flatMap(tidySource);
  return { fileCount: paths.length, findings };
}

/**
 * Calls within the core, as they were compiled last.
 * @returns {Finding[] | undefined} undefined: it was not compiled yet
 */
export function tidyCalls() {
  const symbols = symbolsOfCore();
  return symbols && judgeCalls(symbols);
}

/**
 * All of it; what reads the builds only where there is one.
 * @returns {Promise<{fileCount: number, findings: Finding[]}>}
 */
export async function tidyAll() {
  const { fileCount, findings } = tidy();
  const more = [tidyInterface(), tidyCalls() ?? [], tidyOutside() ?? [], (await tidyWriters()) ?? [], (await tidyClang()).findings];
  return { fileCount, findings: findings.concat(...more) };
}
