// SPDX-License-Identifier: GPL-3.0-or-later
// What a program may give by mistake: objects without a prototype, of a class, frozen, that throw when they are read. Whatever it is, the
// answer is an error with a code, nothing has happened, and no option is passed over in silence.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { NktError } from '../../glue/nkt.js';
import { nodeConfig } from '../../glue/node.js';
import { newRoom, startPeer } from './support/peers.mjs';
import { useRelay } from './support/relay.mjs';

const boom = () => { throw new TypeError('boom'); };
const traps = { get: boom, has: boom, ownKeys: boom, getPrototypeOf: boom, getOwnPropertyDescriptor: boom };
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const detached = () => {
  const bytes = new Uint8Array(4);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
};
const signal = (/** @type {object} */ parts) => ({ signal: { aborted: false, addEventListener() {}, removeEventListener() {}, ...parts } });

/** What is wrong wherever it is given. */
const HOSTILE = {
  'a proxy that throws': () => new Proxy({}, traps),
  'a revoked proxy': revoked,
  'no prototype': () => Object.assign(Object.create(null), { nonsense: 1 }),
  'what has no text': () => ({ toString: boom, [Symbol.toPrimitive]: boom, nonsense: 1 }),
  'a symbol': () => Symbol('s'),
  'a number': () => 5,
};

/** What is wrong in place of options, and of a config. */
const NO_OPTIONS = {
  ...HOSTILE,
  'a Map': () => new Map([['to', 'x']]),
  'a promise': () => Promise.resolve({}),
  'a signal': () => AbortSignal.abort(),
  'a function': () => () => {},
  'a list': () => [],
};

const BAD_SIGNALS = {
  'a signal that throws': () => ({ signal: new Proxy({}, traps) }),
  'a signal that nobody can listen to': () => signal({ addEventListener: boom }),
  'a signal that nobody can leave': () => signal({ removeEventListener: undefined }),
  'a signal that does not say': () => ({ get signal() { return boom(); } }),
};

/** @param {() => any} call @param {string} what */
async function refused(call, what) {
  const error = await (async () => call())().then(() => null, (reason) => reason);
  assert.ok(error instanceof NktError, `${what}: ${error === null ? 'taken' : error.stack}`);
  assert.match(error.code, /^NKT_E_/, what);
  assert.ok(error.message.length > 10, what);
}

describe('what a program gives by mistake', () => {
  const relays = useRelay();
  let ada;
  let bob;

  beforeEach(async () => {
    const config = { room: newRoom(), relays, RTCPeerConnection: null, storage: 'none' };
    ada = await startPeer('Ada', config);
    bob = await startPeer('Bob', config);
    await ada.nkt.peer(bob.address);
    await bob.nkt.peer(ada.address);
  });

  test('in place of an argument', async () => {
    const { nkt } = ada;
    const calls = {
      send: (bad) => nkt.send('x', { to: bad }),
      sendEphemeral: (bad) => nkt.sendEphemeral('x', bad),
      startWebRTCClient: (bad) => nkt.startWebRTCClient(bad),
      share: (bad) => nkt.share(bad),
      'share: thumbnail': (bad) => nkt.share(new Uint8Array(1), { thumbnail: bad }),
      fetch: (bad) => nkt.fetch(bad),
      safetyNumber: (bad) => nkt.safetyNumber(bad),
      ignore: (bad) => nkt.ignore(bad),
      rpc: (bad) => nkt.rpc(bad, 'x'),
      register: (bad) => nkt.register('x', bad),
      acceptInvite: (bad) => nkt.acceptInvite(bad),
      completeInvite: (bad) => nkt.completeInvite(bad),
      plugin: (bad) => nkt.plugin(bad),
      unplug: (bad) => nkt.unplug(bad),
      takePlaceOf: (bad) => nkt.takePlaceOf(bob.nkt, bad),
      enter: (bad) => nkt.enter({ room: newRoom() }, bad),
      nick: (bad) => { nkt.nick = bad; },
    };
    for (const [name, call] of Object.entries(calls)) {
      for (const [what, make] of Object.entries(HOSTILE)) await refused(() => call(make()), `${name}, ${what}`);
    }
    await refused(() => nkt.share(detached()), 'share, detached bytes');
    await refused(() => nkt.share(new Uint8Array(1), { thumbnail: detached() }), 'share, a detached thumbnail');
    assert.equal(nkt.health().contents.count, 0);
    assert.deepEqual(nkt.rooms, [nkt]);
  });

  test('in place of options', async () => {
    const { nkt } = ada;
    const heard = bob.values().length;
    const { content } = await nkt.share(new Uint8Array(1));
    const calls = {
      send: (bad) => nkt.send('to nobody', bad),
      peer: (bad) => nkt.peer(bob.address, bad),
      share: (bad) => nkt.share(new Uint8Array(1), bad),
      fetch: (bad) => nkt.fetch(content, bad),
      rpc: (bad) => nkt.rpc(bob.address, 'x', null, bad),
      history: (bad) => nkt.history(bad),
      nodeConfig,
      stream: async (bad) => (await nkt.fetch(content)).stream(bad),
    };
    for (const [name, call] of Object.entries(calls)) {
      const all = { ...NO_OPTIONS, ...(!['history', 'nodeConfig', 'stream'].includes(name) && BAD_SIGNALS) };
      for (const [what, make] of Object.entries(all)) await refused(() => call(make()), `${name}, ${what}`);
    }
    for (const [what, make] of Object.entries(NO_OPTIONS)) {
      await refused(() => nkt.init(make()), `init, ${what}`);
      await refused(() => nkt.resume(make()), `resume, ${what}`);
      await refused(() => nkt.enter(make()), `enter, ${what}`);
    }
    await refused(() => calls.stream({ from: 0, to: 1 }), 'stream, of words that it does not know');
    await refused(() => calls.stream({ start: Symbol('s') }), 'stream, a symbol');
    for (const key of ['nick', 'room', 'relays', 'iceServers', 'storage', 'identity', 'WebSocket']) {
      await refused(() => nkt.init({ [key]: revoked() }), `init, ${key}`);
    }
    await assert.rejects(nkt.init(Promise.resolve({})), { message: /await it/ });
    assert.ok(nkt.health().running);
    await nkt.drop(content);
    assert.equal(nkt.health().contents.count, 0);
    await nkt.send('said');
    await bob.seen('nktencryptedmessagereceived', ({ detail }) => detail === 'said');
    assert.deepEqual(bob.values().slice(heard), ['said']);
  });

  test('what a class has counts, and getters run once', async () => {
    let readCount = 0;
    class Options {
      get to() {
        readCount += 1;
        return bob.address;
      }

      get bytes() {
        return new Uint8Array([1, 2]);
      }
    }
    await ada.nkt.send('of a class', Object.freeze(new Options()));
    const { bytes, to } = await bob.seen('nktencryptedmessagereceived', ({ detail }) => detail === 'of a class');
    assert.deepEqual([[...bytes], to, readCount], [[1, 2], bob.address, 1]);

    const room = newRoom();
    class Place {
      room = room;

      get secret() {
        return 'known to few';
      }
    }
    const inside = await ada.nkt.enter(new Place());
    const { roomId } = inside;
    await inside.close();
    const { nkt } = await startPeer('Carl', { room });
    const open = nkt.roomId;
    await nkt.init(Object.assign(Object.create({ secret: 'known to few' }), { room }));
    assert.deepEqual([nkt.roomId, open === roomId], [roomId, false]);
    await nkt.resume(new (class { get secret() { return null; } })());
    assert.equal(nkt.roomId, open);
  });

  test('a source that fails', async () => {
    const bytes = (size) => new Uint8Array(size).fill(7);
    const cause = new Error('bang');
    const pulled = (fail) => new ReadableStream({ start: (control) => control.enqueue(bytes(100_000)), pull: fail });
    const locked = new ReadableStream();
    locked.getReader();
    const sources = {
      'at once': (async function* fails() { throw cause; })(), // eslint-disable-line require-yield
      'in the middle': (async function* fails() { yield bytes(100_000); throw cause; })(),
      'with nothing': (async function* fails() { yield bytes(1); throw undefined; })(),
      'a stream': pulled((control) => control.error(cause)),
      'a locked stream': locked,
      'no iterator': { [Symbol.asyncIterator]: () => undefined },
      'no results': { [Symbol.asyncIterator]: () => ({ next: async () => undefined }) },
      'one that throws': { [Symbol.asyncIterator]: () => ({ next: boom }) },
    };
    for (const [what, source] of Object.entries(sources)) {
      await assert.rejects(ada.nkt.share(source), { name: 'NktError', code: 'NKT_E_VALUE' }, what);
    }
    await assert.rejects(ada.nkt.share((async function* fails() { yield bytes(9); throw cause; })()), { code: 'NKT_E_VALUE', cause });
    const shrinking = bytes(3_000_000);
    const onProgress = () => { if (shrinking.length > 0) structuredClone(shrinking, { transfer: [shrinking.buffer] }); };
    await assert.rejects(ada.nkt.share(shrinking, { onProgress }), { code: 'NKT_E_VALUE', message: /changed/ });
    for (const content of ada.nkt.contents) await ada.nkt.drop(content);
    assert.equal(ada.nkt.health().contents.count, 0);
  });
});
