// SPDX-License-Identifier: GPL-3.0-or-later
// The C sources we build on: fetched, checked against their pinned SHA-256, unpacked with Debian's
// patches, edited (edits.mjs), put in place in one rename. A revision that the mirror replaced by a
// newer one of the same upstream version is followed there (revisions.mjs).
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadSource, isNewerVersion, offeredSources } from './apt_sources.mjs';
import { edit, edits } from './edits.mjs';
import { downloadsDir, sourcesDir } from './paths.mjs';
import { Failure, run, say } from './report.mjs';
import { nextRevision } from './revisions.mjs';

const pinFile = join(dirname(fileURLToPath(import.meta.url)), 'sources.json');
/** @type {Record<string, {version: string, suites?: string[], files: Record<string, string>}>} suites: not this release's */
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

/** The files of a source package that are not there with the right hash. @param {Record<string, string>} files */
function wrongFiles(files) {
  return Object.entries(files).filter(([file, hash]) => {
    const path = join(downloadsDir, file);
    return !existsSync(path) || sha256(readFileSync(path)) !== hash;
  });
}

/** @param {string} name @param {{version: string, files: Record<string, string>}} one @returns {{ok: boolean, output: string}} */
function download(name, { version, files }) {
  for (const [file] of wrongFiles(files)) rmSync(join(downloadsDir, file), { force: true });
  return downloadSource(name, version, downloadsDir, pins[name].suites);
}

/** The pinned revision is not to be had. @param {string} name @param {string} output what apt said */
function fetchNewer(name, output) {
  const pin = pins[name];
  const next = nextRevision(name, pin, offeredSources(name, downloadsDir, pin.suites), isNewerVersion);
  if (next !== null && 'refused' in next) {
    throw new Failure(
      `${name} ${pin.version} is gone from the mirror, and ${next.refused}.`,
      'do not use it. Look at what changed upstream, and why, before tools/setup/sources.json is to say so.',
    );
  }
  if (next === null || !download(name, next).ok) {
    process.stderr.write(output);
    throw new Failure(
      `The mirror did not give ${name} ${pin.version}, and no newer revision of it.`,
      'no network: try again with one. "Unable to find" or "no version": the mirror has moved on to another upstream version.\n' +
        'Then either put these files, from an archive of Debian, into build/downloads (they are checked by hash):\n' +
        `${Object.keys(pin.files).join('\n')}\n` +
        'or review the newer version, put it and its hashes (the .dsc lists them) into tools/setup/sources.json,\n' +
        'and run the tests: security fixes are why it was made.',
    );
  }
  say(
    `${name} ${pin.version} is gone from the mirror. Going on with ${next.version}: the same upstream sources (checked), ` +
      'with newer patches of Debian (as its signed index says). Please put it into tools/setup/sources.json.',
  );
  return next;
}

/** @param {string} name @returns {{version: string, files: Record<string, string>}} what lies in build/downloads now */
function fetchSource(name) {
  let got = pins[name];
  if (wrongFiles(got.files).length > 0) {
    say(`fetching ${name} ${got.version}`);
    const { ok, output } = download(name, got);
    if (!ok) got = fetchNewer(name, output);
  }
  for (const [file] of wrongFiles(got.files)) {
    throw new Failure(
      `${file} is not the file that was pinned: its SHA-256 differs, or it is missing.`,
      `do not use it. Remove ${downloadsDir} and try another mirror; when it happens again, tell the project.`,
    );
  }
  return got;
}

/** @param {string} name @param {{version: string, files: Record<string, string>}} got */
function unpack(name, got) {
  const dsc = Object.keys(got.files).find((file) => file.endsWith('.dsc'));
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
  say(`unpacked ${name} ${got.version}`);
}

/** Puts every pinned source in place; does nothing for those that are. */
export function installSources() {
  const stale = Object.keys(pins).filter((name) => !isInPlace(name));
  if (stale.length === 0) return;
  mkdirSync(downloadsDir, { recursive: true });
  mkdirSync(sourcesDir, { recursive: true });
  for (const name of stale) {
    unpack(name, fetchSource(name));
  }
}
