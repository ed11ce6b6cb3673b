// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that is full: half a file is never taken for a whole one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { Files, saveFile, shareFile, sizeText } from '../../tools/cli/files.mjs';

const MODULE = new URL('../../tools/cli/files.mjs', import.meta.url);

test('what does not fit is an error, and nothing stays of it', { skip: process.platform === 'win32' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-save-'));
  const code = `
    import { saveFile } from ${JSON.stringify(MODULE.href)};
    const fetch = async () => ({ stream: async function* stream() { yield new Uint8Array(3000); } });
    await saveFile({ fetch }, { sealed: false }, 'saved').then(() => {}, ({ code, message }) => console.log(code, message));`;
  // A limit on files does what a full disk does: what fits is written, and it says how much that is.
  const { stdout } = spawnSync('bash', ['-c', 'trap "" XFSZ; ulimit -f 1; exec "$0" --input-type=module -e "$1"', process.execPath, code],
    { cwd: folder, encoding: 'utf8' });
  const left = readdirSync(folder);
  rmSync(folder, { recursive: true });
  assert.match(stdout, /^NKT_E_STORAGE saved: EFBIG/);
  assert.deepEqual(left, []);
});

test('under its own name no file is hidden, or read by programs unasked; one of which nothing can be seen gets another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-save-'));
  const before = process.cwd();
  const fetch = async () => ({ stream: async function* stream() { yield new Uint8Array(1); } });
  const about = { id: 'abcdef0123', size: 1, type: '' };
  process.chdir(folder);
  try {
    const names = { ' \u200b': 'nkt-abcdef01', '.npmrc': '_npmrc', '...': '_', 'a.txt:b': 'a.txt_b', 'c.tar.gz': 'c.tar.gz' };
    for (const [name, wanted] of Object.entries(names)) assert.equal(await saveFile({ fetch }, { ...about, name }), wanted);
    assert.deepEqual(readdirSync(folder).sort(), Object.values(names).sort());
    assert.match(new Files({}, () => {}).add({ ...about, name: ' \u200b' }), /#1 a file, /);
    assert.equal(await saveFile({ fetch }, { ...about, name: '.npmrc' }, '.mine'), '.mine', 'where one says so');
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
});

test('what the system refuses is said in words, under a code of nkt', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-save-'));
  const absent = join(folder, 'absent');
  const wrong = (path, words) => ({ name: 'NktError', code: 'NKT_E_ARGUMENT', message: `${path}: ${words}` });
  try {
    await assert.rejects(shareFile({}, absent), wrong(absent, 'there is no such file or folder'));
    await assert.rejects(shareFile({}, folder), { name: 'NktError', message: `${folder} is no file` });
    await assert.rejects(shareFile({}, 'a\0b'), { name: 'NktError', code: 'NKT_E_ARGUMENT' });
    await assert.rejects(saveFile({}, { sealed: false }, join(absent, 'x')), wrong(join(absent, 'x'), 'there is no such file or folder'));
    const inside = join(folder, 'a.txt');
    const fetch = async () => ({ stream: async function* stream() { yield new Uint8Array(1); } });
    assert.equal(await saveFile({ fetch }, { sealed: false, name: 'a.txt' }, folder), inside, 'under its own name in a folder');
    const isThere = wrong(inside, 'there is one already, which stays as it is');
    for (const path of [folder, inside]) await assert.rejects(saveFile({}, { sealed: false, name: 'a.txt' }, path), isThere);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a path is typed as for a shell, in quotes and from home on; a number as it is listed, and nothing behind it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-typed-'));
  const { HOME } = process.env;
  const fetch = async () => ({ stream: async function* stream() { yield new Uint8Array(1); } });
  const shared = [];
  const share = async (blob, { name }) => (shared.push(name), { content: { name, size: 1, type: '' } });
  const files = new Files({ fetch, share }, () => {});
  files.add({ name: 'b', size: 1, type: '' });
  process.env.HOME = folder;
  try {
    for (const name of ['a b', '"q"', 'c']) writeFileSync(join(folder, name), '1');
    const spaced = join(folder, 'a b');
    for (const typed of [`"${spaced}"`, `'${spaced}'`, spaced, '~/"q"', '~/c']) await files.send(typed);
    assert.deepEqual(shared, ['a b', 'a b', 'a b', '"q"', 'c']);
    await files.save(`#1 "${join(folder, 'd d')}"`);
    await files.save('1   ~/e');
    for (const wrong of [`1${join(folder, 'x')}`, '1x', '#', '', '9', '1.5']) {
      await assert.rejects(files.save(wrong), /lists the numbers/, wrong);
    }
    assert.deepEqual(readdirSync(folder).sort(), ['"q"', 'a b', 'c', 'd d', 'e']);
  } finally {
    process.env.HOME = HOME;
    rmSync(folder, { recursive: true });
  }
});

test('how far a file is, is told while it is fetched, and not once it is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-save-'));
  const told = [];
  let onProgress = (/** @type {any} */ _progress) => {};
  const fetch = async (_content, options) => {
    ({ onProgress } = options);
    return { async *stream() {
      now.mock.mockImplementation(() => 1e9);
      onProgress({ loaded: 1, total: 2 });
      yield new Uint8Array(2);
    } };
  };
  const now = mock.method(performance, 'now', () => 0);
  try {
    const files = new Files({ fetch }, (line) => told.push(line));
    files.add({ name: 'b', size: 2, type: '' });
    await files.save(`1 ${folder}`);
    now.mock.mockImplementation(() => 2e9);
    onProgress({ loaded: 2, total: 2 }); // as it is let go at the end
    assert.deepEqual(told, ['  1 byte of 2 bytes', `  saved as ${join(folder, 'b')}`]);
  } finally {
    now.mock.restore();
    rmSync(folder, { recursive: true });
  }
});

test('few bytes are counted', () => {
  const sizes = { 0: '0 bytes', 1: '1 byte', 999: '999 bytes', 1000: '1.0 KB', 999_900: '999.9 KB', 999_951: '1.0 MB' };
  for (const [size, words] of Object.entries(sizes)) assert.equal(sizeText(Number(size)), words);
});
