// SPDX-License-Identifier: GPL-3.0-or-later
// What is kept of contents, in a real folder: what happens at once, and what makes room for what.
import assert from 'node:assert/strict';
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { FilesPlace } from '../../glue/content_files.js';
import { Keep } from '../../glue/content_keep.js';
import { makeSeal } from '../../glue/content_seal.js';

describe('what is kept of contents', () => {
  let folder;
  let keep;
  let evicted;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nkt-keep-test-'));
    evicted = [];
    keep = new Keep({
      place: new FilesPlace(folder), seal: await makeSeal(webcrypto, randomBytes(32)), clock: { wall: () => 5 }, crypto: webcrypto,
      quota: 1000, onEvicted: (id) => evicted.push(id),
    });
  });
  afterEach(async () => {
    await keep.close();
    rmSync(folder, { recursive: true });
  });

  /** @param {string} id @param {object} about */
  async function add(id, about) {
    const name = keep.newName();
    const all = /** @type {any} */ ({ version: 1, id, size: 100, own: false, ...about });
    await keep.room(all.size, name, all.unasked);
    keep.adopt(name, all, () => false);
    keep.promiseEnds(name);
    await keep.about(name, all);
    return { name, all };
  }

  test('written several times at once: the last one stays; what is removed meanwhile does not come back', async () => {
    const { name, all } = await add('a', {});
    await Promise.all([1, 2, 3, 4].map((size) => keep.about(name, { ...all, size })));
    assert.deepEqual((await keep.load(assert.ifError)).map(([, { size }]) => size), [4]);
    await Promise.all([keep.about(name, all), keep.remove(name), keep.about(name, all)]);
    assert.deepEqual([await keep.load(assert.ifError), readdirSync(folder)], [[], []]);
  });

  test('a file that could not be opened once is tried again', async () => {
    const place = new FilesPlace(folder);
    const name = keep.newName();
    const file = join(folder, `${name}.pieces`);
    mkdirSync(file);
    await assert.rejects(place.read(name, 0, () => {}), { code: 'EISDIR' });
    rmdirSync(file);
    await place.write(name, 0, new Uint8Array(3));
    await place.read(name, 0, (bytes) => assert.deepEqual(bytes, new Uint8Array(3)));
    await place.close();
  });

  test('what nobody asked for has a quarter, and makes others\' go, but nothing that was shared here', async () => {
    await add('own', { size: 600, own: true });
    await add('asked', { size: 400 });
    await assert.rejects(add('too large', { size: 251, unasked: true }), { code: 'NKT_E_QUOTA' });
    assert.deepEqual(evicted, []);
    await add('1', { unasked: true });
    await add('2', { unasked: true });
    await add('3', { unasked: true });
    assert.deepEqual(evicted, ['asked', '1'], 'of its kind, above a quarter');
    await add('own, too', { size: 200, own: true });
    await assert.rejects(add('4', { size: 201, unasked: true }), { code: 'NKT_E_QUOTA' });
    assert.deepEqual(evicted, ['asked', '1', '2', '3']);
    await add('last', { size: 900 });
    assert.deepEqual(evicted.slice(4), ['own', 'own, too'], 'for what is asked for everything goes');
  });
});
