// SPDX-License-Identifier: GPL-3.0-or-later
// A real trap: the module's memory is overwritten. The peer starts again from what it stored.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { deferred } from '../../glue/deferred.js';
import { Store } from '../../glue/store.js';
import { Traps } from '../../glue/traps.js';
import { fault } from '../support/figures.mjs';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { breakable } from './support/trap.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const RESTART_MS = 2000;
const GATHER_MS = 60; // the core gathers pages for 25 ms; timers that are due together run in their order

/** @type {Set<Store>} */
const stores = new Set();
const { put } = Store.prototype;
Store.prototype.put = function putNoted(...given) {
  stores.add(this);
  return put.apply(this, given);
};

/** What was to be stored by now is. */
async function written() {
  await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
  await Promise.all([...stores].map((store) => store.flush()));
}

describe('a trap of the module', { skip }, () => {
  let server;
  let config;
  let folder;
  before(async () => {
    server = await startServer('app.js');
    folder = mkdtempSync(path.join(tmpdir(), 'nkt-trap-'));
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(closePeers);

  /** Two peers; the first one's module can be broken. */
  async function pair(storage, more = {}, platform = {}) {
    config = { relays: [`${server.wsUrl}/relay`], room: newRoom(), RTCPeerConnection: null };
    const { crypto, spoil } = breakable();
    const errors = [];
    const log = { error: (...args) => errors.push(args.map(String).join(' ')), debug() {} };
    const ann = await startPeer('ann', { ...config, ...more, storage }, { crypto, log, ...platform });
    const restarted = [];
    ann.nkt.addEventListener('nktrestarted', ({ detail }) => restarted.push(detail));
    const bob = await startPeer('bob', config);
    await Promise.all([ann.session(bob.address), bob.session(ann.address)]);
    const trap = () => {
      spoil();
      ann.nkt.wake();
    };
    /** The view is the newest one after something drew entropy. */
    const draw = async () => (await ann.nkt.sendEncryptedMessage('draws entropy')).id;
    return { ann, bob, trap, draw, restarted, errors };
  }

  test('restarts from storage within 2 s, with one event; what waited arrives, once, and its delivery goes on', async () => {
    const { ann, bob, trap, draw, restarted, errors } = await pair({ folder: path.join(folder, 'a') });
    const bobs = await bob.nkt.exportIdentity('x');
    await bob.nkt.close();
    const delivery = await ann.nkt.sendEncryptedMessage('waits', bob.address);
    await draw();
    await written();
    trap();
    await until(() => restarted.length > 0, 'the restart', RESTART_MS);
    assert.ok(restarted[0].ms < RESTART_MS);
    fault('trap', { restartMs: restarted[0].ms });
    assert.equal(ann.nkt.mySwarm.address(), ann.address);
    assert.ok(ann.nkt.outbox.includes(delivery), 'the same object');
    const again = await startPeer('bob', { ...config, identity: { file: bobs, passphrase: 'x' } });
    await until(() => delivery.recipients.get(bob.address) === 'delivered', 'the delivery', 15_000);
    await ann.nkt.sendEncryptedMessage('after', bob.address);
    await again.seen('nktencryptedmessagereceived', ({ detail }) => detail === 'after');
    assert.deepEqual(again.values().filter((value) => value !== 'draws entropy'), ['waits', 'after']);
    assert.deepEqual([restarted.length, ann.nkt.health().traps.length, errors.length > 0], [1, 1, true]);
  });

  test('what there was no room for is read where it lies by the next core as well', async () => {
    const { ann, bob, trap, draw, restarted } = await pair({ folder: path.join(folder, 'lent') }, { contentQuota: 100_000 });
    const bytes = randomBytes(300_000);
    const { content } = await ann.nkt.share(new Blob([bytes]), { to: bob.address });
    const { detail } = await bob.seen('nktcontent');
    await draw();
    trap();
    await until(() => restarted.length > 0, 'the restart', RESTART_MS);
    assert.deepEqual(Buffer.from(await (await bob.nkt.fetch(detail)).arrayBuffer()), bytes);
    assert.deepEqual(ann.nkt.contents.map(({ id, own, size }) => [id, own, size]), [[content.id, true, bytes.length]]);
  });

  test('closed during the restart: who begins next, as somebody else, has nothing of what was kept', async () => {
    const { ann, bob, trap, draw } = await pair({ folder: path.join(folder, 'kept') }, { contentQuota: 400_000 });
    await ann.nkt.share(randomBytes(100_000));
    await ann.nkt.share(new Blob([randomBytes(500_000)])); // lent
    await bob.nkt.close();
    const delivery = await ann.nkt.sendEncryptedMessage('waits', bob.address);
    await draw();
    await written();
    trap();
    await ann.nkt.close();
    await delivery.settled;
    await ann.nkt.resume({ storage: { folder: path.join(folder, 'other') } });
    assert.notEqual(ann.nkt.mySwarm.address(), ann.address);
    const { content } = await ann.nkt.share(randomBytes(1000));
    assert.deepEqual(ann.nkt.contents.map(({ id }) => id), [content.id]);
    await ann.nkt.resume({ storage: { folder: path.join(folder, 'kept') } });
    await until(() => ann.nkt.contents.length > 0, 'what is kept is open again');
    assert.deepEqual(ann.nkt.contents.map(({ size }) => size), [100_000]);
  });

  test('a call during the restart waits for it', async () => {
    const { ann, bob, trap, draw, restarted } = await pair({ folder: path.join(folder, 'b') });
    await draw();
    trap();
    const sent = ann.nkt.sendEncryptedMessage('meanwhile').then((delivery) => delivery.id);
    const past = ann.nkt.history();
    assert.match(await sent, /^[0-9a-f]{32}$/);
    assert.ok((await past).some(({ value }) => value === 'draws entropy'));
    assert.equal(restarted.length, 1);
    await bob.seen('nktencryptedmessagereceived', ({ detail }) => detail === 'meanwhile');
  });

  test('a page that goes away while it starts again comes back with it', async () => {
    const page = Object.assign(new EventTarget(), { document: Object.assign(new EventTarget(), { visibilityState: 'visible' }) });
    const { ann, trap, draw } = await pair({ folder: path.join(folder, 'page') }, {}, { page });
    await draw();
    trap();
    assert.equal(ann.nkt.health().running, false);
    page.dispatchEvent(new Event('pagehide'));
    page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    await until(() => ann.nkt.health().running, 'it runs again', RESTART_MS);
    assert.equal(ann.nkt.mySwarm.address(), ann.address);
  });

  test('one that comes again and again ends it; init() begins anew', async () => {
    const { ann, trap, draw, restarted } = await pair({ folder: path.join(folder, 'c') });
    for (let i = 1; i <= 4; i++) {
      await draw();
      trap();
      if (i < 4) await until(() => restarted.length === i, `restart ${i}`, RESTART_MS);
    }
    await until(() => ann.nkt.health().storage.kind === 'none', 'the end');
    assert.equal(restarted.length, 3);
    await assert.rejects(ann.nkt.sendEncryptedMessage('x'), { code: 'NKT_E_STATE' });
    await until(() => ann.nkt.resume().then(() => true, () => false), 'a new start');
    assert.equal(ann.nkt.mySwarm.address(), ann.address);
  });

  test('who looks at the rooms when their state changes sees that one has ended, though another is still being left', async () => {
    const { ann, trap, draw, restarted } = await pair({ folder: path.join(folder, 'd') });
    const other = await ann.nkt.enter({ room: newRoom() });
    let isIn = true;
    ann.nkt.addEventListener('nktstatus', () => { isIn = ann.nkt.rooms.includes(ann.nkt); });
    for (let i = 1; i <= 3; i++) {
      await draw();
      trap();
      await until(() => restarted.length === i, `restart ${i}`, RESTART_MS);
    }
    await draw();
    const { close } = Store.prototype;
    const { promise, resolve } = deferred();
    Store.prototype.close = async function closeLate(...given) {
      await promise;
      return close.apply(this, given);
    };
    try {
      const left = other.close();
      const told = new Promise((done) => { ann.nkt.addEventListener('nktstatus', done, { once: true }); });
      trap();
      await told;
      resolve();
      await left;
      await until(() => !isIn, 'an event once it is left');
    } finally {
      Store.prototype.close = close;
    }
  });

  test('without storage nobody comes back as somebody else: it stays closed, and says why', async () => {
    const { ann, trap, draw, restarted } = await pair('none');
    await draw();
    trap();
    await until(() => !ann.nkt.health().running, 'its end');
    await new Promise((resolve) => setTimeout(resolve, 500)); // a restart takes 100
    assert.deepEqual([restarted.length, ann.nkt.health().running, ann.nkt.health().traps.length], [0, false, 1]);
  });

  test('three restarts a minute, by a clock that nobody sets', () => {
    const traps = new Traps();
    const may = (now, wall) => {
      traps.add(wall, 'unreachable', now);
      return traps.mayRestart(now);
    };
    const day = 86_400_000;
    assert.deepEqual([0, 1, 2, 3].map((now) => may(now, (2 + now) * day)), [true, true, true, false], 'set forward each time');
    assert.equal(may(3_600_000, 0), true, 'set back, an hour later');
    assert.deepEqual(traps.list.at(-1), { at: 0, message: 'unreachable' });
  });
});
