// SPDX-License-Identifier: GPL-3.0-or-later
// Contents where something does not go well: given up at any moment, by one of two; names of all systems; disks that fail.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { metPeers } from './support/met.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const PIECE = 65520;
const cancelled = { code: 'NKT_E_CANCELLED' };

describe('contents, adverse', { skip, timeout: 300_000 }, () => {
  const { newFolder, meet } = metPeers();

  const told = async (peer) => (await peer.seen('nktcontent')).detail;

  test('one of two who fetch the same gives up, at any moment: the other gets it', async () => {
    const [ann, bob] = await meet(['ann', 'bob']);
    for (let count = 0; count < 30; count += 2) {
      const { content } = await ann.nkt.share(randomBytes(100));
      const { detail: heard } = await bob.seen('nktcontent', ({ detail }) => detail.id === content.id);
      const controller = new AbortController();
      const one = bob.nkt.fetch(heard, { signal: controller.signal });
      one.catch(() => {});
      const other = bob.nkt.fetch(heard);
      for (let i = 0; i < count; i++) await null;
      controller.abort();
      const fetched = await other;
      await until(() => heard.state === 'complete', `given up ${count} promises later`);
      await fetched.complete;
    }
  });

  test('given up at any moment, nothing is shared, and nobody is told', async () => {
    const [ann, bob] = await meet(['ann', 'bob']);
    const never = () => new ReadableStream({ pull: () => new Promise(() => {}) });
    for (let count = 0; count < 20; count++) {
      const controller = new AbortController();
      const { signal } = controller;
      const sharing = [never(), randomBytes(100)].map((what) => assert.rejects(ann.nkt.share(what, { signal }), cancelled));
      for (let i = 0; i < count; i++) await null;
      controller.abort();
      await Promise.all(sharing);
    }
    const { content } = await ann.nkt.share(randomBytes(1), { name: 'last' });
    await assert.rejects(ann.nkt.share(content, { signal: AbortSignal.abort() }), cancelled);
    await ann.nkt.sendEncryptedMessage('behind all');
    await bob.seen('nktencryptedmessagereceived', ({ detail }) => detail === 'behind all');
    assert.deepEqual([ann, bob].map(({ nkt }) => nkt.contents.length), [1, 0]);
    assert.deepEqual(bob.events.filter(({ type }) => type === 'nktcontent').map(({ detail }) => detail.name), ['last']);
  });

  test('a file of any name and type that a system has; what one says oneself is taken, or refused', async () => {
    const [ann] = await meet(['ann']);
    const shared = async (name, type = '') => (await ann.nkt.share(new File(['x'], name, { type }))).content;
    const names = [
      [`${'日'.repeat(100)}.tar.gz`, `${'日'.repeat(84)}.gz`], ['x'.repeat(1000), 'x'.repeat(255)], [`${'🦊'.repeat(64)}`, '🦊'.repeat(63)],
      [`${'x'.repeat(300)}.${'y'.repeat(16)}`, 'x'.repeat(255)], ['../a\u202e\n', '.._a__'], ['..', '_'], ['CON', 'CON'], ['', ''],
    ];
    for (const [name, sent] of names) assert.equal((await shared(name)).name, sent);
    for (const type of ['foo', `a/${'b'.repeat(126)}`, 'a/b/c', '/']) assert.equal((await shared('x', type)).type, '');
    for (const type of ['text/plain;charset=utf-8', 'image/svg+xml']) assert.equal((await shared('x', type)).type, type);
    await assert.rejects(ann.nkt.share(new File(['x'], 'x', { type: 'foo' }), { type: 'foo' }), { code: 'NKT_E_MANIFEST' });
  });

  test('what cannot be read when a peer starts hinders no other, and is there when it can be', async () => {
    const folder = newFolder();
    const [ann] = await meet(['ann'], { ann: { storage: { folder } } });
    for (const name of ['1', '2', '3', '4']) await ann.nkt.share(randomBytes(3 * PIECE), { name });
    const within = join(folder, 'content');
    const names = readdirSync(within).filter((file) => file.endsWith('.about')).map((file) => file.split('.')[0]);
    const failing = [`${names[0]}.about`, `${names[1]}.leaves`].map((name) => join(within, name));
    await ann.nkt.close();
    for (const file of failing) {
      renameSync(file, `${file}.aside`);
      mkdirSync(file); // cannot be read, as where a disk fails
    }
    await ann.nkt.resume();
    await until(() => ann.nkt.contents.length === 2, 'the others are there');
    assert.match(ann.nkt.health().contents.error, /EISDIR/);
    await ann.nkt.close();
    for (const file of failing) {
      rmdirSync(file);
      renameSync(`${file}.aside`, file);
    }
    await ann.nkt.resume();
    await until(() => ann.nkt.contents.length === 4 && ann.nkt.contents.every(({ state }) => state === 'complete'), 'all are there');
    assert.equal(ann.nkt.health().contents.error, undefined);
  });

  test('what there was no room for is tried again when it is fetched again', async () => {
    const folder = newFolder();
    const [ann, bob] = await meet(['ann', 'bob'], { bob: { storage: { folder } }, ann: { storage: { folder: newFolder() } } });
    await ann.nkt.share(randomBytes(20 * PIECE));
    const heard = await told(bob);
    await ann.nkt.close();
    const first = await bob.nkt.fetch(heard);
    const [about] = readdirSync(join(folder, 'content'));
    const pieces = join(folder, 'content', about.replace('.about', '.pieces'));
    mkdirSync(pieces); // no file can be there
    const failing = assert.rejects(first.complete, { code: 'NKT_E_QUOTA' });
    await ann.nkt.resume();
    await failing;
    assert.equal(heard.state, 'full');
    rmdirSync(pieces);
    await (await bob.nkt.fetch(heard)).complete;
    assert.equal(heard.state, 'complete');
  });

  test('where nothing can be written it is said by name, and tried again; a folder that is gone is made again', async () => {
    const folder = newFolder();
    const within = join(folder, 'content');
    const [ann, bob] = await meet(['ann', 'bob'], { bob: { storage: { folder } } });
    writeFileSync(within, 'no folder');
    await ann.nkt.share(randomBytes(100 * PIECE));
    const heard = await told(bob);
    await assert.rejects(bob.nkt.fetch(heard), { code: 'NKT_E_STORAGE' });
    await assert.rejects(bob.nkt.share(new Uint8Array(1)), { code: 'NKT_E_STORAGE' });
    assert.deepEqual([bob.nkt.contents, bob.nkt.health().contents.bytes], [[], 0]);
    rmSync(within);
    const fetched = await bob.nkt.fetch(heard);
    await until(() => heard.loaded > 0, 'some of it');
    rmSync(within, { recursive: true });
    await fetched.complete;
    assert.equal((await fetched.arrayBuffer()).byteLength, heard.size);
  });
});
