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

const release = () => /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
const ownSuites = () => [release(), 'stable', 'oldstable'].filter(Boolean);

/** Debian's own suites: those named after the release. What third parties added has other sources. */
const isOwnSuite = (suite) =>
  ownSuites().some((name) => suite === name || suite.startsWith(`${name}-`) || suite.startsWith(`${name}/`));

/** The release itself, without updates: a mirror of it has Debian's other suites beside it. */
const isMainSuite = (suite) => ownSuites().includes(suite);

/**
 * One-line style: `deb [options] uri suite component...`
 * @param {string} text
 * @param {string} [other] a suite that is wanted in place of this machine's own
 */
export function debSrcLines(text, other) {
  return text
    .split('\n')
    .map((line) => /^\s*deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line))
    .filter((match) => match && (other ? isMainSuite : isOwnSuite)(match[3]))
    .map(([, options = '', uri, suite, components]) => {
      const kept = options.replace(/\barch=\S+?(?=[\s\]])/, '').replace(/\[\s*\]\s*/, '');
      return `deb-src ${kept}${uri} ${other ?? suite} ${components.replace(/#.*/, '').trim()}`;
    })
    .join('\n');
}

/**
 * deb822 style: stanzas of `Field: value`
 * @param {string} text
 * @param {string} [other] a suite that is wanted in place of this machine's own
 */
export function debSrcStanzas(text, other) {
  const stanzas = text.replace(/^#.*\n/gm, '').split(/\n\s*\n/);
  return stanzas
    .filter((stanza) => /^Types:.*\bdeb\b/im.test(stanza) && !/^Enabled:\s*no/im.test(stanza))
    .filter((stanza) => /^Suites:(.*)$/im.exec(stanza)?.[1].trim().split(/\s+/).some(other ? isMainSuite : isOwnSuite))
    .map((stanza) =>
      stanza
        .replace(/^Types:.*$/im, 'Types: deb-src')
        .replace(/^Architectures:.*\n?/im, '')
        .replace(/^Suites:.*$/im, (line) => (other ? `Suites: ${other}` : line))
        .trim(),
    )
    .join('\n\n');
}

/** Where apt keeps what it knows of one suite. @param {string} [other] none: this machine's own */
const dirOf = (other) => join(buildDir, 'apt', other ?? 'own');

/** @param {string} [other] */
function writeLists(other) {
  const aptDir = dirOf(other);
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
    const text = (isDeb822 ? debSrcStanzas : debSrcLines)(readFileSync(file, 'utf8'), other);
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

/** Where apt is to look and to keep what it finds. @param {string} [other] */
function aptOptions(other) {
  const aptDir = dirOf(other);
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
 * @param {string} [other] a suite that is not this machine's own
 * @returns {{ok: boolean, stdout: string, output: string}}
 */
function apt(command, args, cwd, other) {
  const flags = ['--quiet', ...aptOptions(other), ...args];
  const { status, stdout, stderr } = spawnSync(command, flags, { cwd, encoding: 'utf8', maxBuffer: 64 << 20 });
  return { ok: status === 0, stdout: stdout ?? '', output: `${stdout}${stderr}` };
}

/** @param {string} a @param {string} b versions of Debian packages */
export const isNewerVersion = (a, b) => spawnSync('dpkg', ['--compare-versions', a, 'gt', b]).status === 0;

/** @type {Set<string | undefined>} suites whose indices are there */
const updated = new Set();

/** Fetches the mirror's indices, once. @returns {string} what apt said */
function update(folder, other) {
  if (updated.has(other)) return '';
  writeLists(other);
  updated.add(other);
  // A mirror that fails is no failure yet: what counts is whether the file can be had.
  return apt('apt-get', ['update'], folder, other).output;
}

/**
 * Downloads the files of a source package into a folder, unpacking nothing.
 * @param {string} name
 * @param {string} version
 * @param {string} folder
 * @param {string[]} [suites] in which to look, in this order; none: in this machine's own
 * @returns {{ok: boolean, output: string}}
 */
export function downloadSource(name, version, folder, suites = [undefined]) {
  let output = '';
  for (const suite of suites) {
    output += update(folder, suite);
    const args = ['source', '--download-only', '--only-source', `${name}=${version}`];
    const got = apt('apt-get', args, folder, suite);
    output += got.output;
    if (got.ok) return { ok: true, output };
  }
  return { ok: false, output };
}

/**
 * What the mirror's index says of a source package: all versions that it offers.
 * @param {string} name
 * @param {string} folder any
 * @param {string[]} [suites] as above
 */
export function offeredSources(name, folder, suites = [undefined]) {
  return suites.flatMap((suite) => {
    update(folder, suite);
    return parseSourceIndex(apt('apt-cache', ['showsrc', '--only-source', name], folder, suite).stdout);
  });
}
