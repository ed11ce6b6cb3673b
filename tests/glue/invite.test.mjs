// SPDX-License-Identifier: GPL-3.0-or-later
// Joining with no server: two headless peers over real WebRTC, texts in between.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import wrtc from '@roamhq/wrtc';
import { Peers } from '../../glue/rtc.js';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { timers, until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const TEXT_SIZE_USUAL = 450;

afterEach(closePeers);

/** @param {object} [config] of both */
async function pair(config) {
  const room = newRoom();
  return Promise.all(['ann', 'bob'].map((nick) => startPeer(nick, { room, ...config })));
}

const refuses = (promise, code) => assert.rejects(promise, (error) => error.code === code && error.message.length > 8);

test('three texts by hand, no server: linked, in a session, and talking', { skip }, async () => {
  const [ann, bob] = await pair();
  const invite = await ann.nkt.invite();
  assert.match(String(invite), /^nkt-invite-[\w-]+$/);
  assert.ok(Math.abs(invite.expires - Date.now() - 900_000) < 30_000);
  const answer = await bob.nkt.acceptInvite(`Join us: http://localhost:3000/#invite=${invite}\n-- \nAnn`);
  assert.match(answer.text, /^nkt-answer-[\w-]+$/);
  assert.equal(answer.addr, ann.address);
  assert.equal(answer.nick, 'ann');
  console.log(`  wrtc: invite of ${invite.text.length} characters, answer of ${answer.text.length}`);
  assert.ok(invite.text.length <= TEXT_SIZE_USUAL && answer.text.length <= TEXT_SIZE_USUAL);
  assert.equal(ann.nkt.health().invites, 1);
  assert.equal(await ann.nkt.completeInvite(answer.text), bob.address);
  assert.deepEqual(await Promise.all([invite.linked, answer.linked]), [bob.address, ann.address]);
  assert.equal(ann.nkt.health().invites, 0);
  await Promise.all([ann.session(bob.address), bob.session(ann.address)]);
  await (await ann.nkt.sendEncryptedMessage('over no server')).settled;
  assert.deepEqual(bob.values(), ['over no server']);
});

test('into a secret room without knowing its secret; the invite does not hold it', { skip }, async () => {
  const room = newRoom();
  const [ann, carl] = await Promise.all([
    startPeer('ann', { room, secret: 'pssst' }), startPeer('carl', { room: null }),
  ]);
  const invite = await ann.nkt.invite();
  assert.ok(!Buffer.from(invite.text.slice(11), 'base64url').includes('pssst'));
  const answer = await carl.nkt.acceptInvite(invite.text);
  await ann.nkt.completeInvite(answer.text);
  await answer.linked;
  await carl.session(ann.address);
  const delivery = await ann.nkt.sendEncryptedMessage({ to: 'all of the room' });
  assert.deepEqual([...(await delivery.settled)], [[carl.address, 'delivered']]);
});

test('whoever was taken into a secret room is in it again after a reload, and leaves it for one that he names', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-guest-'));
  const server = await startServer('app.js');
  try {
    const room = newRoom();
    const relays = [`${server.wsUrl}/relay`];
    const ann = await startPeer('ann', { room, secret: 'pssst', relays });
    const guest = { room: null, relays, storage: { folder } };
    const carl = await startPeer('carl', guest);
    const answer = await carl.nkt.acceptInvite((await ann.nkt.invite()).text);
    await ann.nkt.completeInvite(answer.text);
    await answer.linked;
    await carl.session(ann.address);
    const bob = await startPeer('bob', { room, secret: 'pssst', relays });
    await bob.session(carl.address);
    await carl.nkt.close();

    const again = await startPeer('carl', guest);
    assert.equal(again.address, carl.address);
    await again.session(bob.address);
    await until(() => !bob.nkt.userList[carl.address].isUnreachable, 'bob: carl is back'); // he said good-bye
    await (await bob.nkt.sendEncryptedMessage('to all of the room')).settled;
    assert.deepEqual(again.values(), ['to all of the room']);
    await again.nkt.close();

    const elsewhere = newRoom();
    const dora = await startPeer('dora', { room: elsewhere, relays });
    const moved = await startPeer('carl', { ...guest, room: elsewhere });
    await moved.session(dora.address);
    // those of the first room are not in the list, and not spoken to: nor is he who was met by the invite
    assert.deepEqual(Object.keys(moved.nkt.userList), [dora.address]);
    const delivery = await moved.nkt.sendEncryptedMessage('to all of the second room');
    assert.deepEqual([...(await delivery.settled)], [[dora.address, 'delivered']]);
    await assert.rejects(moved.nkt.sendEncryptedMessage('to one of the first', ann.address), { code: 'NKT_E_UNKNOWN_USER' });
    await moved.nkt.close();
    const alone = await startPeer('carl', guest);
    await alone.seen('nktstatus', ({ detail }) => detail.relays[0].state === 'open');
    await (await bob.nkt.sendClearMessage('not for carl'));
    assert.equal(alone.nkt.health().relays[0].peers, 0);
    assert.deepEqual(Object.keys(alone.nkt.userList).filter((addr) => addr !== dora.address), []);
    for (const peer of [ann, bob]) {
      assert.deepEqual(peer.values().filter((text) => text.includes('second') || text.includes('first')), []);
      assert.notEqual(peer.nkt.userList[carl.address]?.path, 'direct');
    }
  } finally {
    await closePeers();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('two without any room: the one who was invited is in the swarm of the other', { skip }, async () => {
  const [ann, bob] = await pair({ room: null });
  const answer = await bob.nkt.acceptInvite((await ann.nkt.invite()).text);
  await ann.nkt.completeInvite(answer.text);
  await Promise.all([ann.session(bob.address), bob.session(ann.address)]);
  for (const [from, to] of [[ann, bob], [bob, ann]]) {
    assert.deepEqual([...(await (await from.nkt.sendEncryptedMessage('to all')).settled)], [[to.address, 'delivered']]);
  }
});

test('several at once: each text leads to whom it is of', { skip }, async () => {
  const room = newRoom();
  const [ann, ...guests] = await Promise.all(['ann', 'bob', 'carl', 'dora'].map((nick) => startPeer(nick, { room })));
  const invites = await Promise.all(guests.map(() => ann.nkt.invite()));
  const answers = await Promise.all(guests.map(({ nkt }, i) => nkt.acceptInvite(invites[i].text)));
  const linked = await Promise.all(answers.toReversed().map(({ text }) => ann.nkt.completeInvite(text)));
  assert.deepEqual(linked.toReversed(), guests.map(({ address }) => address));
  assert.deepEqual(await Promise.all(invites.map((invite) => invite.linked)), guests.map(({ address }) => address));
});

test('what goes wrong has a name and words', { skip }, async () => {
  const [ann, bob] = await pair();
  const dora = await startPeer('dora', { room: newRoom() });
  const invite = await ann.nkt.invite();
  await refuses(ann.nkt.acceptInvite(invite.text), 'NKT_E_SELF');
  await refuses(bob.nkt.acceptInvite(invite.text.slice(0, -1)), 'NKT_E_INVITE_TEXT');
  await refuses(bob.nkt.acceptInvite('hello'), 'NKT_E_INVITE_TEXT');
  await refuses(bob.nkt.acceptInvite(undefined), 'NKT_E_INVITE_TEXT');
  await refuses(dora.nkt.acceptInvite(invite.text), 'NKT_E_INVITE_ROOM');
  await refuses(ann.nkt.completeInvite(invite.text), 'NKT_E_INVITE_KIND');
  const answer = await bob.nkt.acceptInvite(invite.text);
  await refuses(bob.nkt.acceptInvite(invite.text), 'NKT_E_INVITE_USED');
  await refuses(dora.nkt.completeInvite(answer.text), 'NKT_E_INVITE_FOREIGN');
  invite.cancel();
  await refuses(invite.linked, 'NKT_E_CANCELLED');
  await refuses(ann.nkt.completeInvite(answer.text), 'NKT_E_INVITE_FOREIGN');
  const many = await Promise.all([1, 2, 3, 4].map(() => ann.nkt.invite()));
  await refuses(ann.nkt.invite(), 'NKT_E_INVITE_FULL');
  const aborted = new AbortController();
  many[0].cancel();
  const more = await ann.nkt.invite({ signal: aborted.signal });
  aborted.abort();
  await refuses(more.linked, 'NKT_E_CANCELLED');
  await ann.nkt.close();
  await refuses(many[1].linked, 'NKT_E_STOPPED');
  await refuses(ann.nkt.invite(), 'NKT_E_STATE');
});

test('no WebRTC: said at once', { skip }, async () => {
  const ann = await startPeer('ann', { room: newRoom() });
  const lone = await startPeer('lone', { room: newRoom(), RTCPeerConnection: null });
  await refuses(lone.nkt.invite(), 'NKT_E_NO_WEBRTC');
  await refuses(lone.nkt.acceptInvite((await ann.nkt.invite()).text), 'NKT_E_NO_WEBRTC');
  await refuses(lone.nkt.startWebRTCClient(ann.address), 'NKT_E_NO_WEBRTC');
  assert.equal(lone.nkt.health().peerConnections, 0);
  assert.deepEqual([lone, ann].map(({ nkt }) => nkt.health().webrtc), [false, true]);
});

test('ICE that failed while a person carried the answer back does not end it', { timeout: 60_000 }, async () => {
  const sides = [0, 1].map(() => {
    const facts = [];
    const report = (kind, fields) => facts.push({ kind, ...fields });
    const peers = new Peers({ RTCPeerConnection: wrtc.RTCPeerConnection, iceServers: [], timers, report });
    return { peers, fact: (kind) => until(() => facts.find((one) => one.kind === kind), kind, 30_000), facts };
  });
  const [a, b] = sides;
  a.peers.offer(1, 2000, true);
  const offer = await a.fact('RTC_LOCAL');
  // nothing listens there: as behind a router that lets nobody in yet
  const deaf = offer.text.replace(/^(a=candidate:\S+ 1 udp \d+ \S+) \d+/gm, '$1 10001').replace(/^a=candidate:.* tcp .*\r\n/gm, '');
  let pc;
  const Watched = class extends wrtc.RTCPeerConnection {
    constructor(config) {
      super(config);
      pc = this;
    }
  };
  const report = (kind, fields) => b.facts.push({ kind, ...fields });
  b.peers = new Peers({ RTCPeerConnection: Watched, iceServers: [], timers, report });
  b.peers.answer(2, deaf, 2000, true);
  const answer = await b.fact('RTC_LOCAL');
  await until(() => pc.connectionState === 'failed', 'ICE gives up', 30_000);
  a.peers.accept(1, answer.text);
  await Promise.all([a.fact('LINK_UP'), b.fact('LINK_UP')]);
  assert.ok(![...a.facts, ...b.facts].some(({ kind }) => kind === 'LINK_DOWN'));
  for (const { peers } of sides) peers.closeAll(true);
});
