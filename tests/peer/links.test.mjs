// SPDX-License-Identifier: GPL-3.0-or-later
// WebRTC links between the second implementation and the real core: offered by either, proved by both, and what is no proof.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import wrtc from '@roamhq/wrtc';
import { FRAME } from './envelope.mjs';
import { newRoom, seedOf, skip, until, useStage } from './support/stage.mjs';

describe('links with the core', { skip, timeout: 360_000 }, () => {
  const stage = useStage();
  const withRtc = { RTCPeerConnection: wrtc.RTCPeerConnection };

  for (const which of /** @type {const} */ (['lower', 'higher'])) {
    test(`the ${which} address is ours: the ${which === 'lower' ? 'second implementation' : 'core'} offers`, async () => {
      const room = newRoom();
      const core = await stage.core('core', room, withRtc);
      /** @type {number[]} */
      const out = [];
      const second = await stage.second(room, {
        seed: seedOf(which, core.address, 'link'),
        hasRtc: true,
        lose: (frame, isOut) => {
          if (isOut) out.push(frame[0]);
          return false;
        },
      });
      const person = await second.linked(core.address);
      assert.equal(person.link.isOfferer, which === 'lower');
      await until(() => core.nkt.mySwarm.peers[second.address], 'the core: the link');
      await second.person(core.address);
      out.length = 0;
      assert.equal(await second.peer.say('over the link', person), 1);
      assert.ok(out.includes(FRAME.DIRECT), 'direct, not signed');
      await core.say('back over it', second.address);
      assert.deepEqual([core.values(), second.values()], [['over the link'], ['back over it']]);
    });
  }

  test('a proof that is not of this link is no proof: the core closes it', async () => {
    const room = newRoom();
    const core = await stage.core('core', room, withRtc);
    const forge = { proof: (frame) => frame.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) };
    let closed = 0;
    const second = await stage.second(room, { seed: seedOf('lower', core.address, 'forged'), hasRtc: true, forge });
    second.peer.on('link', (_person, link) => link.on('closed', () => closed++));
    await until(() => closed > 0, 'the core to close it');
    assert.equal(core.nkt.mySwarm.peers[second.address], undefined);
    assert.ok(core.of('nktwebrtcseen').length === 0);
  });
});
