// SPDX-License-Identifier: GPL-3.0-or-later
// The identity as a file: the same address comes out, nothing else does, and a hostile file costs nothing but an error.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { newRoom, closePeers, startPeer } from './support/peers.mjs';
import { startServer } from '../support/servers.mjs';
import { skip } from './support/wasm.mjs';

const PASSPHRASE = 'correct horse';

describe('an identity in a file', { skip }, () => {
  afterEach(closePeers);

  test('is the same one elsewhere; peers who had a session set up a new one, and talk', async () => {
    const server = await startServer('app.js');
    try {
      const config = { relays: [`${server.wsUrl}/relay`], room: newRoom(), RTCPeerConnection: null };
      const [ann, bob] = await Promise.all(['ann', 'bob'].map((nick) => startPeer(nick, config)));
      await Promise.all([ann.session(bob.address), bob.session(ann.address)]);
      await (await ann.nkt.sendEncryptedMessage('before')).settled;
      const file = await ann.nkt.exportIdentity(PASSPHRASE);
      await ann.nkt.close();
      const again = await startPeer('ann again', { ...config, identity: { file, passphrase: PASSPHRASE } });
      assert.equal(again.address, ann.address);
      const delivery = await bob.nkt.sendEncryptedMessage('to the new one', ann.address);
      assert.deepEqual([...(await delivery.settled).values()], ['delivered']);
      await (await again.nkt.sendEncryptedMessage('back', bob.address)).settled;
      assert.deepEqual([again.values(), bob.values()], [['to the new one'], ['before', 'back']]);
    } finally {
      await server.stop();
    }
  });

  test('shows nothing of the keys, and each file is another', async () => {
    const { nkt, address } = await startPeer('ann', { room: null });
    const [one, two] = [await nkt.exportIdentity(PASSPHRASE), await nkt.exportIdentity(PASSPHRASE)];
    assert.notEqual(JSON.parse(one).salt, JSON.parse(two).salt);
    assert.ok(!one.includes(address));
    assert.deepEqual(Object.keys(JSON.parse(one)), ['kind', 'version', 'kdf', 'passes', 'memoryKiB', 'salt', 'box']);
    await assert.rejects(nkt.exportIdentity(''), { code: 'NKT_E_OPTIONS' });
  });

  test('a file that an editor put a byte order mark and other line ends into is read', async () => {
    const ann = await startPeer('ann', { room: null });
    const file = `\ufeff${(await ann.nkt.exportIdentity(PASSPHRASE)).replaceAll('\n', '\r\n')}\r\n`;
    await ann.nkt.close();
    const again = await startPeer('ann', { room: null, identity: { file, passphrase: PASSPHRASE } });
    assert.equal(again.address, ann.address);
  });

  test('hostile files are refused, with words, and nothing is started', async () => {
    const { nkt } = await startPeer('ann', { room: null });
    const good = JSON.parse(await nkt.exportIdentity(PASSPHRASE));
    const box = (at) => good.box.slice(0, at) + (good.box[at] === '0' ? '1' : '0') + good.box.slice(at + 1);
    const rows = [
      ['nothing', '', 'NKT_E_FILE'], ['no JSON', '{', 'NKT_E_FILE'], ['null', 'null', 'NKT_E_FILE'], ['a list', '[]', 'NKT_E_FILE'],
      ['something else', { ...good, kind: 'x' }, 'NKT_E_FILE'], ['a later version', { ...good, version: 2 }, 'NKT_E_NEWER'],
      ['no version', { ...good, version: '1' }, 'NKT_E_FILE'], ['another derivation', { ...good, kdf: 'none' }, 'NKT_E_FILE'],
      ['too many passes', { ...good, passes: 1e9 }, 'NKT_E_FILE'], ['no pass', { ...good, passes: 0 }, 'NKT_E_FILE'],
      ['half a pass', { ...good, passes: 1.5 }, 'NKT_E_FILE'], ['too much memory', { ...good, memoryKiB: 1 << 22 }, 'NKT_E_FILE'],
      ['no salt', { ...good, salt: '' }, 'NKT_E_FILE'], ['a long salt', { ...good, salt: 'ab'.repeat(65) }, 'NKT_E_FILE'],
      ['salt that is no hex', { ...good, salt: 'zz'.repeat(16) }, 'NKT_E_FILE'], ['no box', { ...good, box: 7 }, 'NKT_E_FILE'],
      ['a short box', { ...good, box: good.box.slice(0, 100) }, 'NKT_E_FILE'], ['a large one', ' '.repeat(8193), 'NKT_E_FILE'],
      ['another salt', { ...good, salt: '00'.repeat(16) }, 'NKT_E_PASSPHRASE'],
      ['a box cut', { ...good, box: good.box.slice(0, -2) }, 'NKT_E_PASSPHRASE'],
      ['a box with a bit changed at its start', { ...good, box: box(1) }, 'NKT_E_PASSPHRASE'],
      ['... in its middle', { ...good, box: box(200) }, 'NKT_E_PASSPHRASE'],
      ['... at its end', { ...good, box: box(good.box.length - 1) }, 'NKT_E_PASSPHRASE'],
    ];
    await nkt.close(); // else it would go on where a file is bad
    for (const [what, file, code] of rows) {
      const text = typeof file === 'string' ? file : JSON.stringify(file);
      await assert.rejects(nkt.init({ room: null, identity: { file: text, passphrase: PASSPHRASE } }), (error) => {
        assert.equal(error.code, code, what);
        assert.ok(error.message.length > 10 && !error.message.includes(PASSPHRASE), what);
        return true;
      });
      assert.equal(nkt.health().running, false, what);
    }
    await assert.rejects(nkt.init({ identity: { file: JSON.stringify(good), passphrase: 'wrong' } }), { code: 'NKT_E_PASSPHRASE' });
  });
});
