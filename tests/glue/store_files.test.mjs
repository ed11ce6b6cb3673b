// SPDX-License-Identifier: GPL-3.0-or-later
// The store over files: real folders, real processes, real crashes. A disk that hangs: store_hang.test.mjs.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Nkt } from '../../glue/nkt.js';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const TALKER = fileURLToPath(new URL('support/talker.mjs', import.meta.url));
const CRASH_COUNT = Number(process.env.NKT_CRASHES ?? 5);

describe('a folder', { skip }, () => {
  let server;
  let config;
  let root;
  const children = [];
  before(async () => {
    server = await startServer('app.js');
    config = { relays: [`${server.wsUrl}/relay`], RTCPeerConnection: null };
    root = mkdtempSync(path.join(tmpdir(), 'nkt-files-'));
  });
  after(async () => {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  });
  afterEach(async () => {
    await closePeers();
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  const newFolder = () => mkdtempSync(path.join(root, 'f-'));
  const filesOf = (folder) => Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(path.join(folder, file), 'hex')]));

  /** Two peers that know each other, the first one in that folder. */
  async function pair(storage, room = newRoom()) {
    const ann = await startPeer('ann', { ...config, room, storage });
    const bob = await startPeer('bob', { ...config, room });
    await Promise.all([ann.session(bob.address), bob.session(ann.address)]);
    return { ann, bob, room };
  }

  test('is the same peer in its next life: address, sessions, history; with a passphrase too', async () => {
    for (const storage of [{ folder: newFolder() }, { folder: newFolder(), passphrase: 'open sesame' }]) {
      const { ann, bob, room } = await pair(storage);
      await (await ann.nkt.sendEncryptedMessage({ n: 1 })).settled;
      await (await bob.nkt.sendEncryptedMessage({ n: 2 }, ann.address)).settled;
      await ann.nkt.close();
      const again = await startPeer('ann', { ...config, room, storage });
      assert.equal(again.address, ann.address);
      const past = await again.nkt.history();
      assert.deepEqual(past.map(({ value, own, from, delivered }) => ({ value, own, from, delivered })), [
        { value: { n: 1 }, own: true, from: ann.address, delivered: 1 },
        { value: { n: 2 }, own: false, from: bob.address, delivered: undefined },
      ]);
      await (await again.nkt.sendEncryptedMessage({ n: 3 }, bob.address)).settled;
      assert.equal(again.of('nktsession').filter(({ detail }) => detail.state === 'rekeyed').length, 0);
      assert.deepEqual(bob.values(), [{ n: 1 }, { n: 3 }]);
      await closePeers();
    }
  });

  test('what was queued for one who is away goes out in the next life; its delivery is told, and found in the outbox', async () => {
    const storage = { folder: newFolder() };
    const { ann, bob, room } = await pair(storage);
    const bobs = await bob.nkt.exportIdentity('x');
    await bob.nkt.close();
    const sent = [];
    for (let n = 0; n < 30; n++) sent.push((await ann.nkt.sendEncryptedMessage(n, bob.address)).id);
    await ann.nkt.close();
    const again = await startPeer('ann', { ...config, room, storage });
    assert.deepEqual(again.nkt.outbox.map(({ id }) => id), sent);
    const past = await again.nkt.history({ count: 10 });
    assert.deepEqual(past.map(({ value }) => value), Array.from({ length: 10 }, (_, i) => 20 + i));
    assert.equal(past[9].delivery, again.nkt.outbox[29]);
    const back = await startPeer('bob', { ...config, room, identity: { file: bobs, passphrase: 'x' } });
    await Promise.all(again.nkt.outbox.map(({ settled }) => settled));
    assert.deepEqual(back.values(), Array.from({ length: 30 }, (_, i) => i));
    const told = again.of('nktdelivery').filter(({ detail }) => detail.state === 'delivered').map(({ detail }) => detail.id);
    assert.deepEqual(told.sort(), sent.sort());
    assert.deepEqual(again.nkt.outbox, []);
  });

  test('history can be cleared, and switched off', async () => {
    const storage = { folder: newFolder() };
    const { ann } = await pair(storage);
    await (await ann.nkt.sendEncryptedMessage('a')).settled;
    assert.equal((await ann.nkt.history()).length, 1);
    await ann.nkt.clearHistory();
    assert.deepEqual(await ann.nkt.history(), []);
    assert.ok(!readdirSync(storage.folder).some((file) => file.startsWith('log-')));
    await (await ann.nkt.sendEncryptedMessage('b')).settled;
    await ann.nkt.close();
    assert.ok(readdirSync(storage.folder).some((file) => file.startsWith('log-')));
    const off = await startPeer('ann', { ...config, room: newRoom(), storage, history: false });
    assert.deepEqual(await off.nkt.history(), []);
    await off.nkt.close();
    assert.ok(!readdirSync(storage.folder).some((file) => file.startsWith('log-')));
  });

  test('a wrong passphrase, none, a newer version, a lost key: an error that says so, and nothing is touched', async () => {
    const storage = { folder: newFolder(), passphrase: 'right' };
    const ann = await startPeer('ann', { ...config, room: newRoom(), storage });
    await ann.nkt.close();
    const found = filesOf(storage.folder);
    const refused = (given, code) => assert.rejects(startPeer('ann', { ...config, room: newRoom(), storage: given }), { code });
    await refused({ ...storage, passphrase: 'wrong' }, 'NKT_E_PASSPHRASE');
    await refused({ folder: storage.folder }, 'NKT_E_PASSPHRASE');
    assert.deepEqual(filesOf(storage.folder), found);
    const key = path.join(storage.folder, 'key.json');
    const good = readFileSync(key);
    for (const [text, code] of [['{"version":2}', 'NKT_E_NEWER'], ['{', 'NKT_E_STORAGE'], ['', 'NKT_E_STORAGE'],
      [`{"version":1,"sealed":{"kdf":"argon2id","passes":3,"memoryKiB":99999999}}`, 'NKT_E_STORAGE']]) {
      writeFileSync(key, text);
      await refused(storage, code);
    }
    rmSync(key);
    await refused(storage, 'NKT_E_STORAGE');
    writeFileSync(key, good);
    const again = await startPeer('ann', { ...config, room: newRoom(), storage });
    assert.equal(again.address, ann.address);
  });

  test('one byte flipped in any record: detected, the others as they were, and all talk again', async () => {
    const storage = { folder: newFolder() };
    const { ann, bob, room } = await pair(storage);
    await (await ann.nkt.sendEncryptedMessage('a')).settled;
    await ann.nkt.close();
    const found = filesOf(storage.folder);
    for (const file of Object.keys(found).filter((name) => name.endsWith('.record'))) {
      for (const [name, hex] of Object.entries(found)) writeFileSync(path.join(storage.folder, name), Buffer.from(hex, 'hex'));
      const bytes = Buffer.from(found[file], 'hex');
      bytes[bytes.length >> 1] ^= 4;
      writeFileSync(path.join(storage.folder, file), bytes);
      const again = await startPeer('ann', { ...config, room, storage });
      assert.equal(again.nkt.health().counters.recordsQuarantined, 1, file);
      assert.equal(again.address, ann.address, file);
      await again.session(bob.address);
      const delivery = await again.nkt.sendEncryptedMessage(file, bob.address);
      assert.equal((await delivery.settled).get(bob.address), 'delivered');
      await until(() => bob.values().includes(file), `${file} heard`, 5000);
      await again.nkt.close();
    }
  });

  test('a folder that goes away: life goes on in memory, and it is said', async () => {
    const storage = { folder: newFolder() };
    const { ann, bob } = await pair(storage);
    renameSync(storage.folder, `${storage.folder}-gone`); // at once: it is being written to
    await (await ann.nkt.sendEncryptedMessage('still here', bob.address)).settled;
    assert.deepEqual(bob.values(), ['still here']);
    await until(() => ann.nkt.health().storage.state === 'memory', 'that storage fails');
    assert.match(ann.nkt.health().storage.error, /lock is gone: nothing is kept until it is back|ENOENT/);
    assert.ok(await ann.seen('nktstatus', ({ detail }) => detail.storage.state === 'memory'));
  });

  test('something else in its place: an error with a name, the path, and what to do; nothing is touched', async () => {
    const rows = [
      ['a file in its place', (folder) => [rmSync(folder, { recursive: true }), writeFileSync(folder, 'x')], '', /file is in its/],
      ['a file on the way to it', (folder) => writeFileSync(path.join(folder, 'f'), 'x'), 'f/deeper', /file is in the place of a fol/],
      ['a folder for the key', (folder) => mkdirSync(path.join(folder, 'key.json')), '', /key\.json: a folder is in the place of a file/],
      ['a folder for the lock', (folder) => mkdirSync(path.join(folder, 'lock')), '', /lock: a folder is in the place of a file/],
      ['a folder for a record', (folder) => [writeFileSync(path.join(folder, 'key.json'), `{"version":1,"key":"${'00'.repeat(32)}"}`),
        mkdirSync(path.join(folder, 'identity.record'))], '', /identity\.record: a folder is/],
      ['a folder for what is being written', (folder) => mkdirSync(path.join(folder, 'key.json.new')), '', /key\.json\.new: a folder is/],
      ['a name that is too long', () => {}, 'x'.repeat(300), /name is too long/],
      ['where nothing can be made', () => {}, '/proc/nkt/a', /\/proc\/nkt: nothing can be made there/],
      ['where a folder is and nothing can be made', () => {}, '/proc', /nothing can be made there/],
      ['a system that refuses', () => {}, '/sys/nkt', /forbids it|read-only|may not/],
    ];
    for (const [what, prepare, place, message] of rows) {
      const folder = newFolder();
      prepare(folder);
      const before = execFileSync('find', [folder], { encoding: 'utf8' });
      const nkt = new Nkt();
      const wanted = path.resolve(folder, place);
      await assert.rejects(nkt.init({ nick: 'ann', storage: { folder: wanted } }), (error) => {
        assert.equal(error.code, 'NKT_E_STORAGE', `${what}: ${error.message}`);
        assert.match(error.message, message, what);
        assert.ok(error.message.startsWith(wanted), `${what}: ${error.message}`);
        return true;
      });
      assert.equal(nkt.health().running, false, what);
      assert.equal(execFileSync('find', [folder], { encoding: 'utf8' }), before, what);
    }
  });

  /** A peer in a process of its own that says numbers; `said` is as its promises told. */
  function talk(folder, room, first, to) {
    const args = [TALKER, JSON.stringify({ folder, room, first, to, relays: config.relays })];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const said = [];
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => said.push(JSON.parse(line)));
    return { child, said };
  }

  test('another process cannot take the folder while it is in use, and can once its owner was killed', async () => {
    const folder = newFolder();
    const { child, said } = talk(folder, newRoom(), 0, null);
    await until(() => said.length > 0, 'the other process');
    await assert.rejects(startPeer('ann', { ...config, storage: { folder } }), { code: 'NKT_E_IN_USE' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const ann = await startPeer('ann', { ...config, room: newRoom(), storage: { folder } });
    assert.equal(ann.address, said[0].address);
    await assert.rejects(startPeer('twin', { ...config, storage: { folder } }), { code: 'NKT_E_IN_USE', message: /by this process/ });
  });

  test('an owner that ended is no owner, though its parent has not taken note of it', { skip: process.platform !== 'linux' }, async () => {
    const folder = newFolder();
    const given = JSON.stringify({ folder, room: newRoom(), first: 0, to: null, relays: config.relays });
    const command = ['-c', '"$0" "$@" & exec sleep 60', process.execPath, TALKER, given];
    const careless = spawn('sh', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(careless);
    const [line] = await once(createInterface({ input: careless.stdout }), 'line');
    const [pid] = readFileSync(path.join(folder, 'lock'), 'utf8').split(' ');
    process.kill(Number(pid), 'SIGKILL');
    await until(() => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')), 'that it has ended');
    const ann = await startPeer('ann', { ...config, room: newRoom(), storage: { folder } });
    assert.equal(ann.address, JSON.parse(line).address);
  });

  test('nor can another thread of the same process, nor another copy of the module; and once its owner was ended, it can', async () => {
    const folder = newFolder();
    const argv = [JSON.stringify({ folder, room: newRoom(), first: 0, to: null, relays: config.relays })];
    const worker = new Worker(TALKER, { argv, stdout: true });
    const [line] = await once(createInterface({ input: worker.stdout }), 'line');
    await assert.rejects(startPeer('ann', { ...config, storage: { folder } }), { code: 'NKT_E_IN_USE', message: /by another thread/ });
    await worker.terminate();
    const ann = await startPeer('ann', { ...config, room: newRoom(), storage: { folder } });
    assert.equal(ann.address, JSON.parse(line).address);
    const { FolderLock } = await import(`../../glue/folder_lock.js?${'copy'}`);
    await assert.rejects(new FolderLock(folder).take(), { code: 'NKT_E_IN_USE', message: /by this process/ });
  });

  test('who is just going is waited for: another process, and a peer of this one', async () => {
    const folder = newFolder();
    const { child, said } = talk(folder, newRoom(), 0, null);
    await until(() => said.length > 0, 'the other process');
    let tries = 0;
    const watcher = watch(folder, (_event, name) => { tries += name?.startsWith(`lock.${process.pid}.`) ? 1 : 0; });
    const starting = startPeer('ann', { ...config, room: newRoom(), storage: { folder } });
    await until(() => tries >= 2, 'the first try');
    watcher.close();
    child.kill('SIGTERM');
    const ann = await starting;
    assert.equal(ann.address, said[0].address);
    const again = startPeer('ann', { ...config, room: newRoom(), storage: { folder } });
    await ann.nkt.close();
    assert.equal((await again).address, ann.address);
  });

  const timeout = 60_000 + CRASH_COUNT * 5000;
  test(`killed ${CRASH_COUNT} times while it talks: nothing is heard twice, nothing that was stored is lost`, { timeout }, async () => {
    const room = newRoom();
    const folder = newFolder();
    const bob = await startPeer('bob', { ...config, room, storage: { folder: newFolder() } });
    const stored = [];
    let next = 0;
    for (let i = 0; i < CRASH_COUNT; i++) {
      const { child, said } = talk(folder, room, next, bob.address);
      const wanted = 5 + Math.floor(Math.random() * 60);
      await until(() => said.length > wanted, 'that it talks', 15_000);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const numbers = said.filter(({ n }) => n !== undefined);
      stored.push(...said.filter((line) => line.stored !== undefined).map((line) => line.stored));
      next = (numbers.at(-1)?.n ?? next) + 1000;
    }
    const { said } = talk(folder, room, next, bob.address);
    await until(() => said.length > 3, 'that it talks', 15_000);
    const lacks = () => {
      const values = new Set(bob.values()); // once: bob lives in this process, and hears nothing while it is looked
      return stored.filter((n) => !values.has(n));
    };
    await until(() => lacks().length === 0, 'all that was stored', 15_000).catch((error) => assert.fail(`${error.message}: ${lacks()}`));
    const heard = bob.values();
    assert.ok(stored.length > 0);
    assert.equal(new Set(heard).size, heard.length, 'nothing twice');
    const past = (await bob.nkt.history()).filter(({ own }) => !own).map(({ value }) => value);
    assert.deepEqual(past, heard.slice(-past.length), 'history is what was heard');
  });
});
