// SPDX-License-Identifier: GPL-3.0-or-later
// What may be lost: over a relay, over links by a channel of its own, to one and to all; within its caps, and beside what is said for good.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import wrtc from '@roamhq/wrtc';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

/** Notes what goes over each channel of every connection. */
class Watched extends wrtc.RTCPeerConnection {
  /** @type {Array<{id: number, byte: number, size: number}>} */
  static sent = [];

  createDataChannel(label, options) {
    const channel = super.createDataChannel(label, options);
    const send = channel.send.bind(channel);
    channel.send = (bytes) => {
      Watched.sent.push({ id: options.id, byte: bytes[0], size: bytes.length });
      send(bytes);
    };
    return channel;
  }
}

/** Has no channel for what may be lost. */
class Plain extends Watched {
  createDataChannel(label, options) {
    if (options.id === 2) throw new Error('no such channel');
    return super.createDataChannel(label, options);
  }
}

describe('ephemeral', { skip, timeout: 180_000 }, () => {
  let server;
  let folder;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nkt-ephemeral-'));
    server = await startServer('app.js');
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    Watched.sent.length = 0;
    await closePeers();
  });

  const config = (room, more = {}) => ({ relays: [`${server.wsUrl}/relay`], room, ...more });
  const details = (peer) => peer.of('nktephemeral').map(({ detail }) => detail);

  async function three(more) {
    const room = newRoom();
    const peers = [];
    for (const nick of ['ann', 'bob', 'cid']) {
      peers.push(await startPeer(nick, config(room, { storage: { folder: join(folder, room + nick) }, ...more })));
    }
    for (const one of peers) {
      for (const other of peers) if (other !== one) await one.session(other.address);
    }
    return peers;
  }

  test('over a relay: to one, to all; who says it is proven; muted and ignored people; errors have names', async () => {
    const [ann, bob, cid] = await three({ RTCPeerConnection: null });
    assert.equal(await ann.nkt.sendEphemeral({ cursor: [1, 2] }, bob.address), 1);
    const { detail, from, to, date } = await bob.seen('nktephemeral');
    assert.deepEqual([detail, from, to], [{ cursor: [1, 2] }, ann.address, bob.address]);
    assert.ok(Math.abs(date - Date.now()) < 10_000);
    assert.equal(await ann.nkt.sendEphemeral('all'), 2);
    await cid.seen('nktephemeral', (event) => event.detail === 'all' && event.to === null);
    assert.deepEqual(details(cid), ['all']);

    ann.nkt.userList[cid.address].dontSendTo = true;
    assert.equal(await ann.nkt.sendEphemeral('not for cid'), 1);
    await assert.rejects(ann.nkt.sendEphemeral(1, cid.address), { code: 'NKT_E_MUTED' });
    bob.nkt.ignore(cid.address);
    assert.equal(await cid.nkt.sendEphemeral('not for bob'), 2);
    await ann.seen('nktephemeral', (event) => event.detail === 'not for bob');
    await bob.seen('nktephemeral', (event) => event.detail === 'not for cid');
    assert.ok(!details(bob).includes('not for bob') && !details(cid).includes('not for cid'));

    await assert.rejects(ann.nkt.sendEphemeral(1, ann.address), { code: 'NKT_E_SELF' });
    await assert.rejects(ann.nkt.sendEphemeral(1, 'bob'), { code: 'NKT_E_ADDRESS' });
    await assert.rejects(ann.nkt.sendEphemeral(1, null), { code: 'NKT_E_ADDRESS' });
    await assert.rejects(ann.nkt.sendEphemeral('x'.repeat(999)), { code: 'NKT_E_SIZE' });
    await assert.rejects(ann.nkt.sendEphemeral({ f() {} }), { code: 'NKT_E_VALUE' });
    assert.equal(await ann.nkt.sendEphemeral('x'.repeat(998), bob.address), 1);
    assert.equal((await ann.nkt.history()).length, 0);
    await ann.nkt.close();
    await assert.rejects(ann.nkt.sendEphemeral(1), { code: 'NKT_E_STATE' });
  });

  test('over links: by a channel of its own, in order, and nothing stored; a burst is cut, not queued', async () => {
    const [ann, bob] = await three({ RTCPeerConnection: Watched, history: true });
    await ann.seen('nktwebrtcseen', (event) => event.detail === bob.address);
    await bob.seen('nktwebrtcseen', (event) => event.detail === ann.address);
    let number = 0;
    const isLossy = ({ id, size }) => id === 2 && size > 100;
    await until(async () => {
      assert.ok(await ann.nkt.sendEphemeral(++number, bob.address) <= 1);
      return Watched.sent.some(isLossy);
    }, 'the channel');
    await until(async () => {
      await ann.nkt.sendEphemeral(++number, bob.address);
      return details(bob).length > 5;
    }, 'some arrive');
    const heard = details(bob);
    assert.deepEqual(heard, [...heard].sort((a, b) => a - b));
    assert.equal(new Set(heard).size, heard.length);
    let left = 0;
    const from = performance.now();
    for (let i = 0; i < 1000; i++) left += await ann.nkt.sendEphemeral(++number, bob.address);
    const most = 101 + (performance.now() - from) / 10; // so many at once, and a second
    assert.ok(left <= most, `${left} of 1,000, ${most}`);
    assert.equal((await (await ann.nkt.sendEncryptedMessage('for good', bob.address)).settled).get(bob.address), 'delivered');
    assert.ok(Watched.sent.every(({ id, byte }) => id !== 2 || byte === 0x2c), 'nothing else goes there');
    assert.deepEqual((await bob.nkt.history()).map(({ value }) => value), ['for good']);
  });

  test('where one end has no such channel the first one takes it', async () => {
    const room = newRoom();
    const ann = await startPeer('ann', config(room, { RTCPeerConnection: Watched }));
    const bob = await startPeer('bob', config(room, { RTCPeerConnection: Plain }));
    await ann.seen('nktwebrtcseen', (event) => event.detail === bob.address);
    await bob.seen('nktwebrtcseen', (event) => event.detail === ann.address);
    await ann.session(bob.address);
    await bob.session(ann.address);
    for (const [from, to] of [[ann, bob], [bob, ann]]) {
      assert.equal(await from.nkt.sendEphemeral('soon', to.address), 1);
      await to.seen('nktephemeral', (event) => event.detail === 'soon');
      const told = performance.now();
      await until(async () => { // later than 2 s after the key was told: not behind it any more
        await from.nkt.sendEphemeral(Math.floor(performance.now() - told), to.address);
        return to.of('nktephemeral').some(({ detail }) => detail > 2500);
      }, 'by the first channel');
    }
    assert.ok(Watched.sent.every(({ id, byte, size }) => id !== 2 || (byte === 0x2c && size === 2)), 'questions only');
  });
});
