// SPDX-License-Identifier: GPL-3.0-or-later
// The page's scripts as the server sends them: bundled, from build/web when that is of the sources as they are now, else bundled anew.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildDir, root } from '../setup/paths.mjs';
import { isMade, pageSources } from './sources.mjs';

/** @typedef {import('./bundle.mjs').Part} Part */
/** @typedef {import('./bundle.mjs').Bundle} Bundle */

const FOLDER = join(buildDir, 'web');
const LIST = 'bundle.json'; // {of, parts: {address: {hash, isAside}}, faults}; of: what it was made of

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** What a bundle depends on: the scripts, and what bundles them. @param {Map<string, string>} sources @returns {string} a hash */
export function hashOfSources(sources) {
  const hash = createHash('sha256').update(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.esbuild);
  const here = join(root, 'tools/page');
  const bundler = readdirSync(here).sort().map((name) => [name, join(here, name)]);
  for (const [name, file] of [...bundler, ...[...sources].filter(([address]) => isMade(address)).sort()]) {
    hash.update(`\n${name} ${sha256(readFileSync(file))}`);
  }
  return hash.digest('hex');
}

/** What lies in a folder. @returns {Bundle | null} null: nothing, or it is of other sources, or not whole */
function readBuilt(folder, of) {
  try {
    const list = JSON.parse(readFileSync(join(folder, LIST), 'utf8'));
    if (list.of !== of) return null;
    const parts = new Map();
    for (const [address, { hash, isAside }] of Object.entries(list.parts)) {
      const body = readFileSync(join(folder, address));
      if (sha256(body) !== hash) return null; // somebody is writing there, or has
      parts.set(address, { body, isAside });
    }
    return { parts, faults: new Map(Object.entries(list.faults)) };
  } catch {
    return null;
  }
}

/** Whole or not at all, for whoever reads meanwhile. */
function write(file, bytes) {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  writeFileSync(beside, bytes);
  renameSync(beside, file);
}

/** @param {string} folder @param {string} of @param {Bundle} bundle */
function writeBuilt(folder, of, { parts, faults }) {
  for (const [address, { body }] of parts) write(join(folder, address), body);
  const list = Object.fromEntries([...parts].map(([address, { body, isAside }]) => [address, { hash: sha256(body), isAside }]));
  write(join(folder, LIST), JSON.stringify({ of, parts: list, faults: Object.fromEntries(faults) }));
}

/**
 * The page's scripts, by address.
 * @param {{folder?: string, sources?: Map<string, string>}} [where]
 * @returns {Promise<Bundle & {isNew: boolean}>} isNew: bundled just now. Throws when a source is wrong, or the bundler is not here
 */
export async function openPage({ folder = FOLDER, sources = pageSources() } = {}) {
  const of = hashOfSources(sources);
  const built = readBuilt(folder, of);
  if (built !== null) return { ...built, isNew: false };
  const { bundlePage } = await import('./bundle.mjs');
  const bundle = await bundlePage(sources);
  try {
    writeBuilt(folder, of, bundle);
  } catch {
    // a folder of somebody else: bundled again at the next start
  }
  return { ...bundle, isNew: true };
}
