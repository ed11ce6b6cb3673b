// SPDX-License-Identifier: GPL-3.0-or-later
// The C sources we build on: fetched, checked against their pinned SHA-256, unpacked with Debian's
// patches, edited (edits.mjs), put in place in one rename.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadSource } from './apt_sources.mjs';
import { edit, edits } from './edits.mjs';
import { downloadsDir, sourcesDir } from './paths.mjs';
import { Failure, run, say } from './report.mjs';

const pinFile = join(dirname(fileURLToPath(import.meta.url)), 'sources.json');
/** @type {Record<string, {version: string, files: Record<string, string>}>} */
const pins = JSON.parse(readFileSync(pinFile, 'utf8'));

/** @param {string | Buffer} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** What identifies an unpacked tree: its pins and our edits. */
function stampOf(name) {
  return sha256(JSON.stringify([pins[name], edits.filter((one) => one.source === name)]));
}

const stampFileOf = (name) => join(sourcesDir, name, '.nkt-stamp');

function isInPlace(name) {
  const file = stampFileOf(name);
  return existsSync(file) && readFileSync(file, 'utf8') === stampOf(name);
}

/** The files of a source package that are not there with the right hash. */
function wrongFiles(name) {
  return Object.entries(pins[name].files).filter(([file, hash]) => {
    const path = join(downloadsDir, file);
    return !existsSync(path) || sha256(readFileSync(path)) !== hash;
  });
}

function fetchPinned(name) {
  if (wrongFiles(name).length === 0) return;
  const { version, files } = pins[name];
  say(`fetching ${name} ${version}`);
  for (const [file] of wrongFiles(name)) rmSync(join(downloadsDir, file), { force: true });
  const { ok, output } = downloadSource(name, version, downloadsDir);
  if (!ok) {
    process.stderr.write(output);
    throw new Failure(
      `The mirror did not give ${name} ${version}.`,
      'no network: try again with one. "Unable to find" or "no version": the mirror has moved on to a newer one.\n' +
        'Then either put these files, from an archive of Debian, into build/downloads (they are checked by hash):\n' +
        `${Object.keys(files).join('\n')}\n` +
        'or review the newer version, put it and its hashes (the .dsc lists them) into tools/setup/sources.json,\n' +
        'and run the tests: security fixes are why it was made.',
    );
  }
  for (const [file] of wrongFiles(name)) {
    throw new Failure(
      `${file} is not the file that was pinned: its SHA-256 differs, or it is missing.`,
      `do not use it. Remove ${downloadsDir} and try another mirror; when it happens again, tell the project.`,
    );
  }
}

function unpack(name) {
  const dsc = Object.keys(pins[name].files).find((file) => file.endsWith('.dsc'));
  const fresh = join(sourcesDir, `${name}.new`);
  rmSync(fresh, { recursive: true, force: true });
  run('dpkg-source', ['--no-check', '--no-copy', '-x', join(downloadsDir, dsc), fresh], {
    quiet: true,
    cure: `remove ${downloadsDir} and try again.`,
  });
  edit(name, fresh);
  rmSync(join(sourcesDir, name), { recursive: true, force: true });
  renameSync(fresh, join(sourcesDir, name));
  writeFileSync(stampFileOf(name), stampOf(name));
  say(`unpacked ${name} ${pins[name].version}`);
}

/** Puts every pinned source in place; does nothing for those that are. */
export function installSources() {
  const stale = Object.keys(pins).filter((name) => !isInPlace(name));
  if (stale.length === 0) return;
  mkdirSync(downloadsDir, { recursive: true });
  mkdirSync(sourcesDir, { recursive: true });
  for (const name of stale) {
    fetchPinned(name);
    unpack(name);
  }
}
