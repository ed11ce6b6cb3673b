// SPDX-License-Identifier: GPL-3.0-or-later
// The set-up when a mirror has replaced a pinned Debian revision: which one it goes on with, and which it refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { debSrcLines, debSrcStanzas, isNewerVersion } from '../../tools/setup/apt_sources.mjs';
import { isPristine, nextRevision, parseSourceIndex, upstreamOf } from '../../tools/setup/revisions.mjs';

const hash = (letter) => letter.repeat(64);
const pristine = { 'thing_1.2.orig.tar.gz': hash('a') };
const pin = {
  version: '1.2-1+deb12u1',
  files: { 'thing_1.2-1+deb12u1.dsc': hash('b'), ...pristine, 'thing_1.2-1+deb12u1.debian.tar.xz': hash('c') },
};

/** A stanza as `apt-cache showsrc` prints it. */
const stanza = (version, files, name = 'thing') =>
  [
    `Package: ${name}`,
    'Binary: libthing1, libthing-dev',
    `Version: ${version}`,
    'Files:',
    ...Object.keys(files).map((file) => ` ${'0'.repeat(32)} 1234 ${file}`),
    'Checksums-Sha256:',
    ...Object.entries(files).map(([file, sum]) => ` ${sum} 1234 ${file}`),
    'Directory: pool/main/t/thing',
    'Priority: source',
  ].join('\n');

const filesOf = (revision, more = pristine) => ({
  [`thing_${revision}.dsc`]: hash('d'),
  ...more,
  [`thing_${revision}.debian.tar.xz`]: hash('e'),
});
const offer = (...stanzas) => parseSourceIndex(`${stanzas.join('\n\n')}\n\n`);
const next = (...stanzas) => nextRevision('thing', pin, offer(...stanzas), isNewerVersion);

test('the index is read with its SHA-256 sums', () => {
  const [one, ...others] = offer(stanza('1.2-1+deb12u2', filesOf('1.2-1+deb12u2')));
  assert.deepEqual(one, { name: 'thing', version: '1.2-1+deb12u2', files: filesOf('1.2-1+deb12u2') });
  assert.equal(others.length, 0);
  assert.deepEqual(parseSourceIndex(''), []);
  assert.deepEqual(parseSourceIndex('Package: thing\nVersion: 1.2-3\n'), [], 'without files');
});

test('the newest revision of the same upstream version is taken, by the order of Debian', () => {
  const revisions = ['1.2-1+deb12u2', '1.2-1+deb12u10', '1.2-1+deb12u9'];
  const found = next(...revisions.map((version) => stanza(version, filesOf(version))));
  assert.deepEqual(found, { version: '1.2-1+deb12u10', files: filesOf('1.2-1+deb12u10') });
});

test('another upstream version, an older revision and another package are none', () => {
  assert.equal(next(stanza('1.3-1', filesOf('1.3-1', { 'thing_1.3.orig.tar.gz': hash('f') }))), null);
  assert.equal(next(stanza('1.2.1-1', filesOf('1.2.1-1'))), null);
  assert.equal(next(stanza('1.2-1', filesOf('1.2-1'))), null);
  assert.equal(next(stanza('1.2-2', filesOf('1.2-2'), 'other')), null);
  assert.equal(next(), null);
});

test('a changed upstream tarball is refused, also under the same name, and one more of them', () => {
  const changed = next(stanza('1.2-2', filesOf('1.2-2', { 'thing_1.2.orig.tar.gz': hash('f') })));
  assert.match(changed.refused, /another thing_1\.2\.orig\.tar\.gz/);
  const renamed = next(stanza('1.2-2', filesOf('1.2-2', { 'thing_1.2.orig.tar.xz': hash('a') })));
  assert.match(renamed.refused, /another thing_1\.2\.orig\.tar\.gz/);
  const added = next(stanza('1.2-2', filesOf('1.2-2', { ...pristine, 'thing_1.2.orig-more.tar.gz': hash('a') })));
  assert.match(added.refused, /thing_1\.2\.orig-more\.tar\.gz/);
  // an older, honest revision beside it does not make up for it
  const both = next(
    stanza('1.2-2', filesOf('1.2-2', { 'thing_1.2.orig.tar.gz': hash('f') })),
    stanza('1.2-1+deb12u2', filesOf('1.2-1+deb12u2')),
  );
  assert.ok('refused' in both);
});

test('what is upstream’s own', () => {
  assert.equal(upstreamOf('0.6+dfsg.1-3'), '0.6+dfsg.1');
  assert.equal(upstreamOf('1.0-rc-2-1'), '1.0-rc-2');
  assert.ok(isPristine('bearssl_0.6+dfsg.1.orig.tar.xz') && isPristine('a_1.orig-docs.tar.gz') && isPristine('a_1.orig.tar.gz.asc'));
  assert.ok(!isPristine('a_1-1.debian.tar.xz') && !isPristine('a_1-1.dsc'));
});

test('another suite is looked for where the machine has its release from, and nowhere else', () => {
  const stanzas = [
    'Types: deb\nURIs: http://mirror.test/debian\nSuites: stable stable-updates\nComponents: main\nSigned-By: /key.gpg',
    'Types: deb\nURIs: http://security.test/debian-security\nSuites: stable-security\nComponents: main',
    'Types: deb\nURIs: http://others.test/node\nSuites: nodistro\nComponents: main',
  ].join('\n\n');
  const wanted = 'Types: deb-src\nURIs: http://mirror.test/debian\nSuites: forky\nComponents: main\nSigned-By: /key.gpg';
  assert.equal(debSrcStanzas(stanzas, 'forky'), wanted);
  assert.match(debSrcStanzas(stanzas), /Suites: stable stable-updates[^]*Suites: stable-security/);
  const lines = [
    'deb [signed-by=/key.gpg] http://mirror.test/debian stable main # ours',
    'deb http://security.test/s stable-security main',
  ];
  assert.equal(debSrcLines(lines.join('\n'), 'sid'), 'deb-src [signed-by=/key.gpg] http://mirror.test/debian sid main');
});
