// SPDX-License-Identifier: GPL-3.0-or-later
// A folder that is not only ours: with files of others, under two names, half gone, taken away or replaced while it is used.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { closePeers, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const VERSION = new Uint8Array([0x78, 99]); // field 15 of each stored message: of a version that is still to come
const PRECIOUS = 'of another program';

describe('a folder that is not only ours', { skip, timeout: 120_000 }, () => {
  let root;
  let full; // of somebody who has said something
  let address;
  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'nkt-foreign-'));
    full = newFolder();
    const ann = await start(full);
    address = ann.address;
    await ann.nkt.sendEncryptedMessage('kept');
    await ann.nkt.close();
  });
  after(() => rmSync(root, { recursive: true, force: true }));
  afterEach(closePeers);

  const newFolder = () => mkdtempSync(path.join(root, 'f-'));
  const start = (folder, more = {}) => startPeer('ann', { RTCPeerConnection: null, room: 'one', storage: { folder }, ...more });
  const filesOf = (folder) => readdirSync(folder).sort().map((file) => [file, readFileSync(path.join(folder, file), 'hex')]);
  const copy = () => {
    const folder = newFolder();
    cpSync(full, folder, { recursive: true });
    return folder;
  };
  const cipherOf = (folder, nonce, name) => xchacha20poly1305(
    Buffer.from(JSON.parse(readFileSync(path.join(folder, 'key.json'), 'utf8')).key, 'hex'), nonce, Buffer.from(name));
  const refused = (folder, code, message) => assert.rejects(start(folder), (error) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
  const inMemory = async (ann, why) => {
    await ann.nkt.sendEncryptedMessage('not kept');
    await until(() => ann.nkt.health().storage.state === 'memory', 'nothing is kept');
    assert.match(ann.nkt.health().storage.error, why);
    await ann.seen('nktstatus', ({ detail }) => detail.storage.state === 'memory');
  };

  for (const [file, message] of [
    ['lock', /lock is a file of another program: remove it/], ['commit', /has the file commit and no key\.json/],
    ['notes.record', /has the file notes\.record and no key\.json/],
  ]) {
    test(`another's file ${file}: refused, and nothing is touched`, async () => {
      const folder = newFolder();
      for (const one of [file, 'my.new', 'my.txt']) writeFileSync(path.join(folder, one), PRECIOUS);
      const found = filesOf(folder);
      await refused(folder, 'NKT_E_STORAGE', message);
      assert.deepEqual(filesOf(folder), found);
    });
  }

  test("files of others beside ours stay as they are; what is ours and half written goes; an empty lock is nobody's", async () => {
    const folder = copy();
    const others = ['my.new', 'my.json.new', 'My notes.record', 'notes.record', 'a.txt'];
    for (const file of others) writeFileSync(path.join(folder, file), PRECIOUS);
    for (const file of ['pins.record.new', 'key.json.new', 'commit.new', 'lock']) writeFileSync(path.join(folder, file), '');
    symlinkSync(path.join(root, 'nowhere'), path.join(folder, 'gone.record'));
    const ann = await start(folder);
    assert.equal(ann.address, address);
    await ann.nkt.close();
    for (const file of others) assert.equal(readFileSync(path.join(folder, file), 'utf8'), PRECIOUS, file);
    assert.deepEqual(readdirSync(folder).filter((file) => /\.new$|^lock/.test(file)).sort(), ['my.json.new', 'my.new']);
  });

  test('under two names it is one folder', async () => {
    const link = path.join(root, 'link');
    const folder = copy();
    symlinkSync(folder, link);
    const ann = await start(link);
    await refused(folder, 'NKT_E_IN_USE', /in use by this process/);
    await ann.nkt.close();
    assert.equal((await start(folder)).address, address);
  });

  test('without one of its records: who one was, or refused; never somebody new without a word', async () => {
    const all = readdirSync(full);
    const records = all.filter((file) => file.endsWith('.record'));
    assert.ok(records.length >= 3, records.join());
    const identity = ['identity.record', 'spare.record'];
    for (const gone of records.map((file) => [file])) {
      const folder = copy();
      for (const file of gone) rmSync(path.join(folder, file));
      const ann = await start(folder);
      assert.equal(ann.address, address, gone.join());
      await ann.nkt.close();
    }
    for (const [gone, message] of [
      [identity, /identity is damaged or gone/], [records, /key\.json is there without records: bring them back, or remove it/],
      [['key.json'], /and no key\.json: bring that back/], [['key.json', ...identity], /and no key\.json: bring that back/],
    ]) {
      const folder = copy();
      for (const file of gone) rmSync(path.join(folder, file));
      const found = filesOf(folder);
      await refused(folder, 'NKT_E_STORAGE', message);
      assert.deepEqual(filesOf(folder), found);
      for (const file of gone) cpSync(path.join(full, file), path.join(folder, file));
      const ann = await start(folder);
      assert.equal(ann.address, address, 'brought back');
      await ann.nkt.close();
    }
  });

  test('what a newer version keeps beside what this one knows stays as it is', async () => {
    const folder = copy();
    const nonce = new Uint8Array(24).fill(7);
    const sealed = Buffer.concat([nonce, cipherOf(folder, nonce, 'drafts/1').encrypt(VERSION)]);
    writeFileSync(path.join(folder, 'drafts-1.record'), sealed);
    const ann = await start(folder);
    assert.equal(ann.address, address);
    assert.equal(ann.nkt.health().counters.recordsQuarantined, 0);
    await ann.nkt.sendEncryptedMessage('more');
    await ann.nkt.close();
    assert.deepEqual(readFileSync(path.join(folder, 'drafts-1.record')), sealed);
  });

  test('what a newer version wrote: refused, and nothing is touched, also what cannot be read at all', async () => {
    const folder = copy();
    for (const name of ['identity', 'spare']) {
      const file = path.join(folder, `${name}.record`);
      const bytes = readFileSync(file);
      const nonce = bytes.subarray(0, 24);
      const plain = cipherOf(folder, nonce, name).decrypt(bytes.subarray(24));
      writeFileSync(file, Buffer.concat([nonce, cipherOf(folder, nonce, name).encrypt(Buffer.concat([plain, VERSION]))]));
    }
    for (const file of readdirSync(folder).filter((one) => one.startsWith('log-'))) writeFileSync(path.join(folder, file), 'another form');
    const found = filesOf(folder);
    await refused(folder, 'NKT_E_NEWER', /newer/);
    assert.deepEqual(filesOf(folder), found);
  });

  test('replaced by an empty one while it is used: said, nothing is written there, and all is kept once it is back', async () => {
    const folder = copy();
    const ann = await start(folder);
    renameSync(folder, `${folder}-aside`);
    mkdirSync(folder);
    await inMemory(ann, /lock is gone: nothing is kept until it is back/);
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
    renameSync(`${folder}-aside`, folder);
    await ann.nkt.close(); // writes once more
    const again = await start(folder);
    assert.deepEqual((await again.nkt.history()).map(({ value }) => value), ['kept', 'not kept']);
  });

  test('taken by somebody else, since its lock was removed by hand: said, nothing is written over his, and his lock stays', async () => {
    const folder = copy();
    const ann = await start(folder);
    const lock = path.join(folder, 'lock');
    rmSync(lock);
    writeFileSync(lock, `${process.ppid} - - -`);
    const found = filesOf(folder);
    await inMemory(ann, new RegExp(`in use by process ${process.ppid} by now`));
    await ann.nkt.close();
    assert.deepEqual(filesOf(folder), found);
    await refused(folder, 'NKT_E_IN_USE', new RegExp(`process ${process.ppid}`));
  });
});
