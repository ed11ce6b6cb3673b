// SPDX-License-Identifier: GPL-3.0-or-later
// Contents, headless: real core, real relay, real WebRTC, real files.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, readdirSync, rmSync, writeSync, closeSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const PIECE = 65520;
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

describe('contents', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  let relays;
  const folders = [];
  before(async () => {
    server = await startServer('app.js');
    relays = [`${server.wsUrl}/relay`];
  });
  after(() => server.stop());
  afterEach(async () => {
    await closePeers();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  function newFolder() {
    const folder = mkdtempSync(join(tmpdir(), 'nkt-content-test-'));
    folders.push(folder);
    return folder;
  }

  /** Peers that know each other and have sessions. */
  async function meet(nicks, config = {}) {
    const room = newRoom();
    const peers = await Promise.all(nicks.map((nick) => startPeer(nick, { relays, room, ...config, ...config[nick] })));
    for (const one of peers) for (const other of peers) if (one !== other) await one.session(other.address);
    return Object.assign(peers, { room });
  }

  const told = async (peer) => (await peer.seen('nktcontent')).detail;

  test('5 MB from one to another, byte for byte, with name, type and thumbnail', async () => {
    const [ann, bob] = await meet(['ann', 'bob']);
    const bytes = randomBytes(5_000_000);
    const thumbnail = new Uint8Array(randomBytes(16 << 10));
    const shares = [];
    const { content, delivery } = await ann.nkt.share(new Blob([bytes], { type: 'video/mp4' }), {
      to: bob.address, name: 'ä 🦊.mp4', thumbnail, onProgress: (progress) => shares.push(progress.loaded),
    });
    assert.deepEqual([content.name, content.type, content.size, content.own, content.state],
      ['ä 🦊.mp4', 'video/mp4', bytes.length, true, 'complete']);
    assert.equal(shares.at(-1), bytes.length);
    const event = await bob.seen('nktcontent');
    const { detail: heard } = event;
    assert.deepEqual([event.from, event.id, event.encrypted], [ann.address, delivery.id, true]);
    assert.deepEqual([heard.id, heard.name, heard.type, heard.size, heard.own, heard.state, heard.from],
      [content.id, 'ä 🦊.mp4', 'video/mp4', bytes.length, false, 'known', ann.address]);
    assert.deepEqual(heard.thumbnail, thumbnail);
    assert.deepEqual(bob.nkt.contents, [], 'nothing is fetched unasked');
    const steps = [];
    const fetched = await bob.nkt.fetch(heard, { onProgress: (progress) => steps.push(progress) });
    const blob = await fetched.blob();
    assert.equal(blob.type, 'video/mp4');
    assert.equal(hash(new Uint8Array(await blob.arrayBuffer())), hash(bytes));
    assert.deepEqual([heard.state, heard.loaded], ['complete', bytes.length]);
    assert.ok(steps.length > 0 && steps.every(({ total }) => total === bytes.length));
    assert.deepEqual(bob.nkt.contents.map(({ id }) => id), [heard.id]);
    assert.deepEqual(bob.values(), [], 'it is no message among others');
    assert.deepEqual([...(await delivery.settled)], [[bob.address, 'delivered']]);
  });
});
