// SPDX-License-Identifier: GPL-3.0-or-later
// What never answers keeps nobody: who waits gives it up, or the peer is closed, and nothing of it is left, no timer either.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { newRoom, startPeer } from './support/peers.mjs';
import { useRelay } from './support/relay.mjs';
import { until } from './support/until.mjs';

/** A file of a network that is gone. */
class SilentBlob extends Blob {
  constructor() {
    super([new Uint8Array(9)]);
  }

  arrayBuffer() {
    return new Promise(() => {});
  }

  stream() {
    return new ReadableStream();
  }
}

/** Timers that are counted while they run. */
function countedTimers() {
  const running = new Set();
  return {
    running,
    setTimeout: (f, ms) => {
      const timer = setTimeout(() => {
        running.delete(timer);
        f();
      }, ms);
      running.add(timer);
      return timer;
    },
    clearTimeout: (timer) => {
      running.delete(timer);
      clearTimeout(timer);
    },
  };
}

const codeOf = (promise) => promise.then(() => 'none', ({ name, code }) => (name === 'NktError' ? code : `raw ${code}`));

describe('what is given up', () => {
  const relays = useRelay();
  let ada;
  let bob;
  let timers;

  beforeEach(async () => {
    timers = countedTimers();
    const config = { room: newRoom(), relays, RTCPeerConnection: null, storage: 'none' };
    ada = await startPeer('Ada', config, { timers });
    bob = await startPeer('Bob', config);
    await ada.nkt.peer(bob.address);
    await bob.nkt.peer(ada.address);
  });

  test('a call whose Blob cannot be read holds up no other once it is given up', { timeout: 20_000 }, async () => {
    bob.nkt.register('one', () => 1);
    const control = new AbortController();
    const given = [
      codeOf(ada.nkt.rpc(bob.address, 'one', new SilentBlob(), { timeout: 50 })),
      codeOf(ada.nkt.rpc(bob.address, 'one', new SilentBlob(), { signal: control.signal })),
    ];
    const next = ada.nkt.rpc(bob.address, 'one');
    setTimeout(() => control.abort(), 100);
    assert.deepEqual(await Promise.all(given), ['NKT_E_TIMEOUT', 'NKT_E_CANCELLED']);
    assert.equal(await next, 1);
  });

  test('close() ends all that waits, and leaves no timer', { timeout: 20_000 }, async () => {
    const { nkt } = ada;
    nkt.register('silent', () => new SilentBlob());
    const asked = codeOf(bob.nkt.rpc(ada.address, 'silent', null, { timeout: 500 }));
    const control = new AbortController();
    const aborted = codeOf(nkt.send(new SilentBlob(), { signal: control.signal }));
    control.abort();
    let isRead = false;
    const waiting = [
      nkt.send(new SilentBlob()), nkt.send({ in: [new SilentBlob()] }, { to: bob.address }), nkt.send('behind them'),
      nkt.sendEphemeral(new SilentBlob()), nkt.rpc(bob.address, 'x', new SilentBlob()),
      nkt.peer(() => false),
      nkt.share((async function* silent() { isRead = true; await new Promise(() => {}); yield new Uint8Array(1); })()),
    ].map(codeOf);
    assert.equal(await aborted, 'NKT_E_CANCELLED');
    assert.equal(await asked, 'NKT_E_TIMEOUT');
    await until(() => isRead, 'what is shared is being read');
    await nkt.close();
    assert.deepEqual(await Promise.all(waiting), waiting.map(() => 'NKT_E_STOPPED'));
    assert.equal(timers.running.size, 0);
  });

  test('nobody has to listen to what says that a content is complete', async () => {
    const { content } = await bob.nkt.share(new Uint8Array(9));
    const { detail } = await ada.seen('nktcontent', (event) => event.detail.id === content.id);
    await bob.nkt.drop(content);
    const control = new AbortController();
    const { complete } = await ada.nkt.fetch(detail, { signal: control.signal });
    control.abort();
    await new Promise((resolve) => { setTimeout(resolve, 50); }); // an unhandled rejection would end a process
    assert.equal(await codeOf(complete), 'NKT_E_CANCELLED');
  });

  test('whatever a function that is called throws, the caller is told, and the process goes on', { timeout: 20_000 }, async () => {
    const odd = { nothing: undefined, bare: Object.create(null), silent: { get message() { throw new Error('not this either'); } } };
    for (const [name, thrown] of Object.entries(odd)) {
      bob.nkt.register(name, () => { throw thrown; });
      assert.equal(await codeOf(ada.nkt.rpc(bob.address, name, null, { timeout: 5000 })), 'NKT_E_REMOTE', name);
    }
  });

  test('ICE servers that cannot be read cost themselves alone', async () => {
    const bad = [new Proxy({}, { get: () => { throw undefined; } }), { urls: { toString: null } }]; // eslint-disable-line no-throw-literal
    await ada.nkt.resume({ iceServers: [...bad, 'stun:stun.example'] });
    const { count, errors } = ada.nkt.health().iceServers;
    assert.deepEqual([count, errors.map(({ index }) => index)], [1, [0, 1]]);
  });
});
