// SPDX-License-Identifier: GPL-3.0-or-later
// Debian's source packages, without touching the machine's own configuration: the machine's list of
// mirrors is copied with deb in it turned into deb-src, into a folder of the build tree, and apt is
// pointed at the copy.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { buildDir } from './paths.mjs';
import { Failure } from './report.mjs';
import { parseSourceIndex } from './revisions.mjs';

const aptDir = join(buildDir, 'apt');

/** Debian's own suites: those named after the release. What third parties added has other sources. */
function isOwnSuite(suite) {
  const release = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  return [release, 'stable', 'oldstable'].some(
    (name) => name && (suite === name || suite.startsWith(`${name}-`) || suite.startsWith(`${name}/`)),
  );
}

/**
 * One-line style: `deb [options] uri suite component...`
 * @param {string} text
 */
export function debSrcLines(text) {
  return text
    .split('\n')
    .map((line) => /^\s*deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line))
    .filter((match) => match && isOwnSuite(match[3]))
    .map(([, options = '', uri, suite, components]) => {
      const kept = options.replace(/\barch=\S+?(?=[\s\]])/, '').replace(/\[\s*\]\s*/, '');
      return `deb-src ${kept}${uri} ${suite} ${components.replace(/#.*/, '').trim()}`;
    })
    .join('\n');
}

/**
 * deb822 style: stanzas of `Field: value`
 * @param {string} text
 */
export function debSrcStanzas(text) {
  const stanzas = text.replace(/^#.*\n/gm, '').split(/\n\s*\n/);
  return stanzas
    .filter((stanza) => /^Types:.*\bdeb\b/im.test(stanza) && !/^Enabled:\s*no/im.test(stanza))
    .filter((stanza) => /^Suites:(.*)$/im.exec(stanza)?.[1].trim().split(/\s+/).some(isOwnSuite))
    .map((stanza) =>
      stanza
        .replace(/^Types:.*$/im, 'Types: deb-src')
        .replace(/^Architectures:.*\n?/im, '')
        .trim(),
    )
    .join('\n\n');
}

function writeLists() {
  const parts = join(aptDir, 'parts');
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  mkdirSync(join(aptDir, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(aptDir, 'cache', 'archives', 'partial'), { recursive: true });
  const folder = '/etc/apt/sources.list.d';
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  let count = 0;
  for (const file of ['/etc/apt/sources.list', ...files]) {
    if (!existsSync(file) || !/\.(list|sources)$/.test(file)) continue;
    const isDeb822 = file.endsWith('.sources');
    const text = (isDeb822 ? debSrcStanzas : debSrcLines)(readFileSync(file, 'utf8'));
    if (text === '') continue;
    writeFileSync(join(parts, `nkt-${count}.${isDeb822 ? 'sources' : 'list'}`), `${text}\n`);
    count += 1;
  }
  if (count === 0) {
    throw new Failure(
      'No Debian mirror in /etc/apt/sources.list or /etc/apt/sources.list.d',
      'use Debian 12 with its usual mirrors, or put the files of tools/setup/sources.json into build/downloads.',
    );
  }
}

/** Where apt is to look and to keep what it finds. */
function aptOptions() {
  const options = {
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': join(aptDir, 'parts'),
    'Dir::State::lists': join(aptDir, 'lists'),
    'Dir::Cache': join(aptDir, 'cache'),
    'Acquire::Retries': '3',
    'Acquire::Languages': 'none',
    // What an index says counts only when it is signed.
    'Acquire::AllowInsecureRepositories': 'false',
    'APT::Get::AllowUnauthenticated': 'false',
    // The files are checked against our own hashes; the sandbox user could not read the build tree.
    ...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
  };
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/**
 * Runs a command of apt on the copied lists.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @returns {{ok: boolean, stdout: string, output: string}}
 */
function apt(command, args, cwd) {
  const flags = ['--quiet', ...aptOptions(), ...args];
  const { status, stdout, stderr } = spawnSync(command, flags, { cwd, encoding: 'utf8', maxBuffer: 64 << 20 });
  return { ok: status === 0, stdout: stdout ?? '', output: `${stdout}${stderr}` };
}

/** @param {string} a @param {string} b versions of Debian packages */
export const isNewerVersion = (a, b) => spawnSync('dpkg', ['--compare-versions', a, 'gt', b]).status === 0;

let isUpdated = false;

/** Fetches the mirror's indices, once. @returns {string} what apt said */
function update(folder) {
  if (isUpdated) return '';
  writeLists();
  isUpdated = true;
  // A mirror that fails is no failure yet: what counts is whether the file can be had.
  return apt('apt-get', ['update'], folder).output;
}

/**
 * Downloads the files of a source package into a folder, unpacking nothing.
 * @param {string} name
 * @param {string} version
 * @param {string} folder
 * @returns {{ok: boolean, output: string}}
 */
export function downloadSource(name, version, folder) {
  const said = update(folder);
  const got = apt('apt-get', ['source', '--download-only', '--only-source', `${name}=${version}`], folder);
  return { ok: got.ok, output: said + got.output };
}

/**
 * What the mirror's index says of a source package: all versions that it offers.
 * @param {string} name
 * @param {string} folder any
 */
export function offeredSources(name, folder) {
  update(folder);
  return parseSourceIndex(apt('apt-cache', ['showsrc', '--only-source', name], folder).stdout);
}
