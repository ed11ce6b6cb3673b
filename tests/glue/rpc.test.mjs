// SPDX-License-Identifier: GPL-3.0-or-later
// Remote calls: between real peers over a real relay, and the limits of one side with a wire made here.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { NktError } from '../../glue/errors.js';
import { Calls } from '../../glue/rpc.js';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

describe('rpc between peers', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  before(async () => {
    server = await startServer('app.js');
  });
  after(() => server.stop());
  afterEach(closePeers);

  async function pair({ wsUrl } = server) {
    const config = { relays: [`${wsUrl}/relay`], room: newRoom(), RTCPeerConnection: null };
    const [ann, bob] = await Promise.all(['ann', 'bob'].map((nick) => startPeer(nick, config)));
    await Promise.all([ann.session(bob.address), bob.session(ann.address)]);
    return { ann, bob };
  }

  test('a value, a promise, nothing: each comes back; the caller is proven', async () => {
    const { ann, bob } = await pair();
    bob.nkt.register('add', ([a, b]) => a + b);
    bob.nkt.register('later', async (value) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { later: value };
    });
    bob.nkt.register('who', (_value, context) => context);
    bob.nkt.register('nothing', () => {});
    assert.equal(await ann.nkt.rpc(bob.address, 'add', [1, 2]), 3);
    assert.deepEqual(await ann.nkt.rpc(bob.address, 'later', 'ö🦊'), { later: 'ö🦊' });
    assert.deepEqual(await ann.nkt.rpc(bob.address, 'who'), { from: ann.address, name: 'who' });
    assert.equal(await ann.nkt.rpc(bob.address, 'nothing'), null);
    const many = await Promise.all(Array.from({ length: 12 }, (_, i) => ann.nkt.rpc(bob.address, 'add', [i, i])));
    assert.deepEqual(many, Array.from({ length: 12 }, (_, i) => 2 * i), 'answers find their calls');
  });

  test('both ways at once, one calling back from within', async () => {
    const { ann, bob } = await pair();
    ann.nkt.register('name', () => 'ann');
    bob.nkt.register('greet', async (_value, { from }) => `hello ${await bob.nkt.rpc(from, 'name')}`);
    assert.equal(await ann.nkt.rpc(bob.address, 'greet'), 'hello ann');
  });

  test('a call is no message: no event but of frames tells of it, and a message is no call', async () => {
    const { ann, bob } = await pair();
    let calls = 0;
    bob.nkt.register('f', () => ++calls);
    const sending = [];
    ann.nkt.addEventListener('nktsendingmessage', (event) => sending.push(event.detail));
    await ann.nkt.rpc(bob.address, 'f', 'x');
    const fake = { call: '0'.repeat(24), name: 'f', value: 1 };
    await (await ann.nkt.sendEncryptedMessage(fake, bob.address)).settled;
    await ann.nkt.sendClearMessage(fake);
    await bob.seen('nktclearmessagereceived');
    await ann.nkt.rpc(bob.address, 'f');
    assert.equal(calls, 2);
    assert.deepEqual(bob.values(), [fake]);
    assert.deepEqual(ann.values(), []);
    assert.deepEqual(sending, [fake]);
    const told = new Set([...ann.of('nktdelivery'), ...bob.of('nktdelivery')].map(({ detail }) => detail.id));
    assert.equal(told.size, 1, 'of the one message alone');
    for (const { detail: { data } } of bob.of('nktincomingdata')) assert.doesNotMatch(JSON.stringify(data), /"f"/);
  });

  test('what goes wrong there rejects here, by code', async () => {
    const { ann, bob } = await pair();
    bob.nkt.register('throw', () => { throw new TypeError('no such luck'); });
    bob.nkt.register('reject', async () => { throw 'plain words'; }); // eslint-disable-line no-throw-literal
    bob.nkt.register('circle', () => { const a = {}; a.a = a; return a; });
    bob.nkt.register('map', () => ({ list: [1, { when: new Map() }] }));
    bob.nkt.register('asks', () => bob.nkt.sendEncryptedMessage(new Set(), ann.address));
    bob.nkt.register('large', () => 'x'.repeat(60_000));
    bob.nkt.register('long words', () => { throw new Error('x'.repeat(10_000)); });
    const call = (name, ...rest) => ann.nkt.rpc(bob.address, name, ...rest);
    await assert.rejects(call('throw'), { name: 'NktError', code: 'NKT_E_REMOTE', message: 'no such luck' });
    await assert.rejects(call('reject'), { code: 'NKT_E_REMOTE', message: 'plain words' });
    await assert.rejects(call('circle'), { code: 'NKT_E_VALUE', message: /^answer\.a: a circle/ });
    await assert.rejects(call('map'), { code: 'NKT_E_VALUE', message: /^answer\.list\[1\]\.when: this Map/ });
    await assert.rejects(call('asks'), { code: 'NKT_E_REMOTE', message: /^value: this Set/ }, 'a fault of the function, not of its answer');
    await assert.rejects(call('large'), { code: 'NKT_E_SIZE', message: 'the answer: 60,048 of at most 60,000 bytes as JSON' });
    await assert.rejects(call('long words'), (error) => error.code === 'NKT_E_REMOTE' && error.message.length === 500);
    for (const name of ['nobody', '__proto__', 'constructor', 'toString']) {
      await assert.rejects(call(name), { code: 'NKT_E_UNREGISTERED', message: /nothing is registered/ });
    }
    assert.deepEqual(bob.values(), []);
  });

  test('arguments are checked here', async () => {
    const { ann, bob } = await pair();
    for (const [call, code] of [
      [() => ann.nkt.rpc('bob', 'f'), 'NKT_E_ADDRESS'],
      [() => ann.nkt.rpc(undefined, 'f'), 'NKT_E_ADDRESS'],
      [() => ann.nkt.rpc(ann.address, 'f'), 'NKT_E_SELF'],
      [() => ann.nkt.rpc(bob.address, ''), 'NKT_E_ARGUMENT'],
      [() => ann.nkt.rpc(bob.address, 'x'.repeat(65)), 'NKT_E_ARGUMENT'],
      [() => ann.nkt.rpc(bob.address, 'f', 1n), 'NKT_E_VALUE'],
      [() => ann.nkt.rpc(bob.address, 'f', () => 1), 'NKT_E_VALUE'],
      [() => ann.nkt.rpc(bob.address, 'f', { a: [NaN] }), 'NKT_E_VALUE'],
      [() => ann.nkt.rpc(bob.address, 'f', 'x'.repeat(60_000)), 'NKT_E_SIZE'],
      [() => ann.nkt.rpc(bob.address, 'f', 1, { timeout: 0 }), 'NKT_E_ARGUMENT'],
      [() => ann.nkt.rpc(bob.address, 'f', 1, { signal: AbortSignal.abort() }), 'NKT_E_CANCELLED'],
      [async () => ann.nkt.register('', () => {}), 'NKT_E_ARGUMENT'],
      [async () => ann.nkt.register('f', 'no function'), 'NKT_E_ARGUMENT'],
    ]) await assert.rejects(call, (error) => error instanceof NktError && error.code === code, code);
    ann.nkt.userList[bob.address].dontSendTo = true;
    await assert.rejects(ann.nkt.rpc(bob.address, 'f'), { code: 'NKT_E_MUTED' });
  });

  test('registering again replaces; taking back takes back one\'s own', async () => {
    const { ann, bob } = await pair();
    const first = bob.nkt.register('f', () => 1);
    const second = bob.nkt.register('f', () => 2);
    assert.equal(await ann.nkt.rpc(bob.address, 'f'), 2);
    assert.equal(first(), false);
    assert.equal(await ann.nkt.rpc(bob.address, 'f'), 2);
    assert.deepEqual([second(), second()], [true, false]);
    await assert.rejects(ann.nkt.rpc(bob.address, 'f'), { code: 'NKT_E_UNREGISTERED' });
  });

  test('a time-out, a cancellation, the end of either side', async () => {
    const { ann, bob } = await pair();
    bob.nkt.register('never', () => new Promise(() => {}));
    await assert.rejects(ann.nkt.rpc(bob.address, 'never', 0, { timeout: 200 }), { code: 'NKT_E_TIMEOUT' });
    const aborting = new AbortController();
    const cancelled = ann.nkt.rpc(bob.address, 'never', 0, { signal: aborting.signal });
    aborting.abort('why');
    await assert.rejects(cancelled, (error) => error.code === 'NKT_E_CANCELLED' && error.cause === 'why');
    const waiting = ann.nkt.rpc(bob.address, 'never');
    waiting.catch(() => {});
    await ann.nkt.close();
    await assert.rejects(waiting, { code: 'NKT_E_STOPPED' });
    await assert.rejects(ann.nkt.rpc(bob.address, 'never'), { code: 'NKT_E_STATE' });
  });

  test('a call that timed out while the other was away does not run when it returns', async () => {
    const only = await startServer('app.js'); // the only way from one to the other
    const { ann, bob } = await pair(only);
    const ran = [];
    bob.nkt.register('f', (value) => ran.push(value));
    await only.kill();
    await until(() => [ann, bob].every(({ nkt }) => nkt.health().relays[0].state !== 'open'), 'both without a relay');
    await assert.rejects(ann.nkt.rpc(bob.address, 'f', 'late', { timeout: 100 }), { code: 'NKT_E_TIMEOUT' });
    assert.equal(ann.nkt.health().outbox.count, 0, 'it waits no more');
    const again = await startServer('app.js', { PORT: String(only.port) });
    try {
      await ann.nkt.rpc(bob.address, 'f', 'in time', { timeout: 60_000 });
      assert.deepEqual(ran, ['in time']);
      await until(() => ann.nkt.health().outbox.count === 0, 'an empty outbox');
    } finally {
      await closePeers();
      await again.stop();
    }
  });

  test('nothing runs for whom nothing is sent to', async () => {
    const { ann, bob } = await pair();
    let ran = 0;
    bob.nkt.register('f', () => ++ran);
    bob.nkt.userList[ann.address].dontSendTo = true;
    await assert.rejects(ann.nkt.rpc(bob.address, 'f', 0, { timeout: 300 }), { code: 'NKT_E_TIMEOUT' });
    assert.equal(ran, 0);
  });
});

describe('limits of rpc', () => {
  /** One side, and what it says. */
  function side() {
    const said = [];
    const cancelled = [];
    const muted = new Set();
    let now = 0;
    let ticket = 0;
    /** @type {Array<{f: () => void, at: number, isOver: boolean}>} */
    const waiting = [];
    const timers = {
      setTimeout: (f, ms) => {
        const timer = { f, at: now + ms, isOver: false };
        waiting.push(timer);
        return timer;
      },
      clearTimeout: (timer) => { if (timer) timer.isOver = true; },
    };
    const wire = {
      ticket: () => ++ticket,
      say: (number, to, text) => {
        if (text.length > 60_000) throw new NktError('NKT_E_SIZE', 'too large');
        said.push({ number, to, message: JSON.parse(text) });
      },
      cancel: (number) => cancelled.push(number),
      isAddress: () => true,
      isMuted: (addr) => muted.has(addr),
      isIgnored: () => false,
    };
    const calls = new Calls({ wire, clock: { now: () => now }, timers, crypto: globalThis.crypto });
    return {
      calls, said, cancelled, muted,
      pass(ms) {
        now += ms;
        for (const timer of waiting.splice(0)) {
          if (timer.at > now) waiting.push(timer);
          else if (!timer.isOver) timer.f();
        }
      },
      openTimers: () => waiting.filter(({ isOver }) => !isOver).length,
      codes: () => said.map(({ message }) => message.error?.code ?? 'ok'),
    };
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let number = 0;
  const call = (name, value = null) => ({ call: (++number).toString(16).padStart(24, '0'), name, value });

  test('256 calls wait for an answer, no more', async () => {
    const { calls, openTimers } = side();
    const all = Array.from({ length: 256 }, () => calls.call('b', 'f', 1));
    await assert.rejects(calls.call('b', 'f', 1), { code: 'NKT_E_BUSY' });
    calls.reset(new NktError('NKT_E_STOPPED', 'stopped'));
    for (const one of await Promise.allSettled(all)) assert.equal(one.reason?.code, 'NKT_E_STOPPED');
    assert.equal(openTimers(), 0);
  });

  test('only the answer of whom was asked counts, and only the first', async () => {
    const { calls, said } = side();
    const answer = calls.call('bob', 'f', 1);
    const { call: id } = said[0].message;
    assert.equal(calls.receive('eve', { answer: id, value: 'forged' }), true);
    assert.equal(calls.receive('bob', { answer: 'f'.repeat(24), value: 'of no call' }), true);
    assert.equal(calls.receive('bob', { answer: id, value: 'first' }), true);
    assert.equal(calls.receive('bob', { answer: id, value: 'second' }), true);
    assert.equal(await answer, 'first');
  });

  test('what is no call is refused', () => {
    const { calls, said } = side();
    for (const message of [null, 1, 'x', [], {}, { call: 1, name: 'f', value: 1 }, { call: 'x', name: 'f', value: 1 }, { answer: '' },
      { call: '0'.repeat(24), name: 1, value: 1 }, { call: '0'.repeat(24), name: 'f' }, { answer: ['0'.repeat(24)] }]) {
      assert.equal(calls.receive('bob', message), false, JSON.stringify(message));
    }
    assert.deepEqual(said, []);
  });

  test('an error of a code nobody knows, or with words that are none, is still an error', async () => {
    const { calls, said } = side();
    for (const error of [{ code: 'NKT_E_MADE_UP', message: 'x' }, { code: '__proto__' }, null, 7, { message: {} }]) {
      const answer = calls.call('bob', 'f', 1);
      calls.receive('bob', { answer: said.at(-1).message.call, error });
      await assert.rejects(answer, (caught) => caught instanceof NktError && caught.code === 'NKT_E_REMOTE' && caught.message.length > 0);
    }
  });

  test('16 at work for one user, 128 in all, and one of each who has none; a place is free when its answer has gone', async () => {
    const { calls, said, cancelled, pass, openTimers } = side();
    const ends = [];
    calls.register('hold', () => new Promise((resolve) => ends.push(resolve)));
    for (let i = 0; i < 17; i++) calls.receive('eve', call('hold'));
    await turn();
    assert.deepEqual(said.map(({ message }) => message.error.code), ['NKT_E_BUSY']);
    for (let user = 0; user < 7; user++) for (let i = 0; i < 16; i++) calls.receive(`u${user}`, call('hold'));
    assert.equal(said.length, 1);
    const places = ends.length;
    for (let user = 0; user < 64; user++) calls.receive(`late${user}`, call('hold'));
    assert.deepEqual([said.length, ends.length], [1, places + 64], 'of whom nothing is at work');
    for (const user of ['late0', 'ann']) {
      calls.receive(user, call('hold'));
      assert.equal(said.at(-1).message.error.code, 'NKT_E_BUSY', `${user}: full`);
    }
    for (const end of ends.splice(places)) end('done');
    await turn();
    for (const { number, message } of said) if (message.value === 'done') calls.delivery(number, 'delivered', '');
    ends[0]('done');
    await turn();
    calls.receive('eve', call('hold'));
    assert.equal(said.at(-1).message.error.code, 'NKT_E_BUSY', 'its answer is on the way');
    calls.delivery(said.findLast(({ message }) => message.value === 'done').number, 'delivered', '');
    calls.receive('eve', call('hold'));
    assert.equal(ends.length, 129);
    ends[1]('not taken');
    await turn();
    pass(30_000);
    assert.deepEqual(cancelled.includes(said.find(({ message }) => message.value === 'not taken').number), true);
    calls.receive('eve', call('hold'));
    assert.equal(ends.length, 130);
    pass(120_000);
    await turn();
    assert.equal(said.at(-1).message.error.code, 'NKT_E_TIMEOUT', 'what never ends is not waited for');
    calls.reset(new NktError('NKT_E_STOPPED', 'stopped'));
    for (const end of ends) end(0);
    await turn();
    assert.equal(openTimers(), 0);
  });

  test('100 at once, 50 a second; refused ten times a second, then in silence', async () => {
    const { calls, said, codes, pass, muted } = side();
    calls.register('f', () => 1);
    const deliver = () => { for (const { number: one } of said) calls.delivery(one, 'delivered', ''); };
    const flood = async (count) => {
      said.length = 0;
      for (let i = 0; i < count; i++) {
        calls.receive('eve', call('f'));
        await turn();
        deliver();
      }
      return { ok: codes().filter((code) => code === 'ok').length, rate: codes().filter((code) => code === 'NKT_E_RATE').length };
    };
    assert.deepEqual(await flood(150), { ok: 100, rate: 10 });
    pass(1000);
    assert.deepEqual(await flood(80), { ok: 50, rate: 10 });
    said.length = 0;
    calls.receive('ann', call('f'));
    await turn();
    assert.deepEqual(codes(), ['ok'], 'of one user alone');
    muted.add('ann');
    calls.receive('ann', call('f'));
    await turn();
    assert.equal(said.length, 1);
  });

  test('the rates of 1024 users are remembered, of those who called last', async () => {
    const { calls, codes } = side();
    for (let i = 0; i < 101; i++) calls.receive('eve', call('none'));
    for (let user = 0; user < 1023; user++) calls.receive(`u${user}`, call('none'));
    calls.receive('eve', call('none'));
    assert.notEqual(codes().at(-1), 'NKT_E_RATE', 'her refusals are used up: in silence');
    const before = codes().length;
    for (let user = 0; user < 1024; user++) calls.receive(`v${user}`, call('none'));
    calls.receive('eve', call('none'));
    assert.equal(codes().length, before + 1025, 'forgotten, and as good as new');
  });

  test('256 names', () => {
    const { calls } = side();
    for (let i = 0; i < 256; i++) calls.register(`f${i}`, () => i);
    calls.register('f0', () => 0);
    assert.throws(() => calls.register('one more', () => 0), { code: 'NKT_E_ARGUMENT' });
  });
});
