// SPDX-License-Identifier: GPL-3.0-or-later
// Somebody is silenced for good: nothing of him is told, and he is not told that.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { startServer } from '../support/servers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

describe('ignore', { skip, timeout: 180_000 }, () => {
  let server;
  let folder;
  before(async () => {
    server = await startServer('app.js');
    folder = mkdtempSync(join(tmpdir(), 'nkt-ignore-'));
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  afterEach(closePeers);

  const peer = (nick, room, more = {}) => startPeer(nick, { relays: [`${server.wsUrl}/relay`], room, RTCPeerConnection: null, ...more });

  /** What the other says of itself, in every way. */
  async function speak(other, to) {
    const all = await other.nkt.sendEncryptedMessage('to all');
    const one = await other.nkt.sendEncryptedMessage({ text: 'psst', private: true }, to);
    await other.nkt.sendClearMessage('clear');
    return [all, one];
  }

  test('no message, no call, no warning, no history, no acknowledgement; over a restart, and by an address alone', async () => {
    const room = newRoom();
    const kept = { storage: { folder: join(folder, 'ann') }, history: true };
    let ann = await peer('ann', room, kept);
    const mal = await peer('mal', room);
    const bob = await peer('bob', room);
    for (const [a, b] of [[ann, mal], [ann, bob], [bob, mal], [mal, ann]]) await a.session(b.address);
    let calls = 0;
    ann.nkt.register('f', () => { calls++; });
    await (await mal.nkt.sendEncryptedMessage('before', ann.address)).settled;

    ann.nkt.ignore(mal.address);
    ann.nkt.ignore(mal.address);
    assert.deepEqual(ann.nkt.ignored, [{ addr: mal.address, nick: 'mal' }]);
    assert.equal(ann.nkt.userList[mal.address].ignored, true);
    assert.equal(ann.nkt.userList[mal.address].dontSendTo, false);
    assert.equal(ann.nkt.userList[bob.address].ignored, false);
    for (const wrong of ['mal', '', null, undefined]) assert.throws(() => ann.nkt.ignore(wrong), { code: 'NKT_E_ADDRESS' });
    assert.throws(() => ann.nkt.ignore(ann.address), { code: 'NKT_E_SELF' });
    await assert.rejects(ann.nkt.rpc(mal.address, 'f'), { code: 'NKT_E_IGNORED' });

    for (const life of [1, 2]) {
      const heard = ann.values().length;
      const [all, one] = await speak(mal, ann.address);
      mal.nkt.nick = `bob${life === 1 ? '' : ' '}`; // as another is called
      await assert.rejects(mal.nkt.rpc(ann.address, 'f', 1, { timeout: 300 }), { code: 'NKT_E_TIMEOUT' });
      await (await bob.nkt.sendEncryptedMessage(`from bob ${life}`)).settled;
      await until(() => all.recipients.get(bob.address) === 'delivered', 'bob has it');
      assert.deepEqual(ann.values().slice(heard), [`from bob ${life}`]);
      assert.deepEqual([all.recipients.get(ann.address), one.recipients.get(ann.address)], ['sent', 'sent'], 'he is not told');
      assert.equal(calls, 0);
      assert.deepEqual(ann.of('nktclearmessagereceived'), []);
      assert.ok(ann.of('nktkeychanged').every(({ detail }) => detail.addr !== mal.address));
      assert.deepEqual((await ann.nkt.history()).filter(({ from }) => from === mal.address), [], 'not even what was before');
      const mine = await ann.nkt.sendEncryptedMessage('to all of you');
      await mine.settled;
      assert.equal(mine.recipients.get(mal.address), 'delivered', 'ignored is not muted');
      if (life === 2) continue;
      await ann.nkt.close();
      assert.deepEqual(ann.nkt.ignored, [], 'who is closed knows nobody');
      const isThere = ({ nkt }) => (nkt.userList[ann.address]?.path ?? 'none') !== 'none';
      await until(() => !isThere(mal) && !isThere(bob), 'that she left'); // who left is told nothing
      ann = await peer('ann', room, kept);
      assert.deepEqual(ann.nkt.ignored, [{ addr: mal.address, nick: 'mal' }]);
      await ann.session(mal.address);
      await until(() => isThere(mal) && isThere(bob), 'that she is back');
      assert.equal(ann.nkt.userList[mal.address].ignored, true);
      assert.ok(ann.of('nktnewpeer').every(({ detail }) => detail.data.addr !== mal.address));
    }
    ann.nkt.unignore(mal.address);
    ann.nkt.unignore(mal.address);
    assert.deepEqual(ann.nkt.ignored, []);
    assert.equal(ann.nkt.userList[mal.address].ignored, false);
    await mal.nkt.sendEncryptedMessage('heard again', ann.address);
    await until(() => ann.values().includes('heard again'), 'heard again');
    assert.ok((await ann.nkt.history()).some(({ value }) => value === 'before'), 'it was kept, and is told again');
  });

  test('somebody who is not here: nor is he heard when he comes', async () => {
    const room = newRoom();
    const storage = { folder: join(folder, 'mal') };
    const ann = await peer('ann', room);
    let mal = await peer('mal', newRoom(), { storage });
    const { address } = mal;
    ann.nkt.ignore(address);
    assert.deepEqual(ann.nkt.ignored, [{ addr: address, nick: '' }]);
    await mal.nkt.close();
    mal = await peer('mal', room, { storage });
    assert.equal(mal.address, address);
    const bob = await peer('bob', room);
    for (const [a, b] of [[mal, ann], [bob, ann], [bob, mal]]) await a.session(b.address);
    await speak(mal, ann.address);
    await until(() => bob.values().includes('to all'), 'bob hears him');
    await (await bob.nkt.sendEncryptedMessage('from bob', ann.address)).settled;
    assert.deepEqual([ann.values(), ann.of('nktclearmessagereceived')], [['from bob'], []]);
  });
});
