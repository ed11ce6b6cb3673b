// SPDX-License-Identifier: GPL-3.0-or-later
// The order in which the driver does things, as a trace of what reached ports and core.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DATA_SIZE_MAX, SEND_BULK } from '../../glue/constants.js';
import { Driver } from '../../glue/driver.js';
import { NktError } from '../../glue/errors.js';
import { VirtualTime } from './support/clock.mjs';
import { FakeCore } from './support/fake_core.mjs';

const bytes = new Uint8Array([1]);
const open = (link) => ({ kind: 'SOCKET_OPEN', link, text: 'ws://x' });
const send = (link, ticket, text) => ({ kind: 'SEND', link, ticket, bytes: new TextEncoder().encode(text) });
const put = (ticket) => ({ kind: 'PUT', ticket, text: `r${ticket}`, bytes });
const close = (link) => ({ kind: 'LINK_CLOSE', link });

/**
 * @param {(kind: string, fields: any, core: FakeCore) => any} [answer]
 * @param {{isSlow?: boolean}} [options] isSlow: durable only when told
 */
function setUp(answer, { isSlow = true, onDelivery = () => {}, onDrained = () => {}, rtc = {} } = {}) {
  const time = new VirtualTime();
  const trace = [];
  const core = new FakeCore(answer);
  const port = (name) => ({
    open: (link) => trace.push(`${name} open ${link}`),
    offer: (link) => trace.push(`${name} offer ${link}`),
    answer: (link) => trace.push(`${name} answer ${link}`),
    accept: (link) => trace.push(`${name} accept ${link}`),
    send: (link, data) => trace.push(`${name} send ${link} ${new TextDecoder().decode(data)}`),
    close: (link) => trace.push(`${name} close ${link}`),
    closeAll: (isImmediate) => trace.push(`${name} closeAll${isImmediate ? ' now' : ''}`),
  });
  let ticket = 0;
  const commits = [];
  const store = {
    put: (newest, name) => {
      ticket = newest;
      trace.push(`put ${name}`);
    },
    commit: (isWaitedFor) => {
      commits.push(isWaitedFor);
      if (isSlow || ticket === 0) return false;
      const done = ticket;
      ticket = 0;
      driver.durable(done);
      return true;
    },
    flush: async () => driver.durable(ticket),
  };
  const driver = new Driver({
    core, clock: time.clock, timers: time.timers, sockets: port('socket'), rtc: { ...port('rtc'), ...rtc }, store,
    onEffect: (fx) => {
      if (fx.kind === 'DELIVERY') onDelivery(fx);
      else trace.push(`effect ${fx.kind}`);
      if (fx.text === 'throw') throw new Error('listener');
    },
    onDrained: () => {
      trace.push('drained');
      onDrained();
    },
    onFault: (error, isFatal) => trace.push(`fault ${error.message}${isFatal ? ' fatal' : ''}`),
  });
  return { time, trace, core, driver, commits };
}

test('a SEND waits until its PUT is durable, and what follows on that link waits behind it', () => {
  const script = { START: [open(1), open(2), put(7), send(1, 7, 'a'), send(1, 0, 'b'), send(2, 0, 'c')] };
  const { trace, core, driver } = setUp((kind) => script[kind]);
  driver.step('START');
  assert.deepEqual(trace, ['socket open 1', 'socket open 2', 'put r7', 'socket send 2 c', 'drained']);
  driver.durable(7);
  assert.deepEqual(trace.slice(5), ['socket send 1 a', 'socket send 1 b', 'drained']);
  assert.deepEqual(core.facts, ['START', 'PUT_DONE 7']);
});

test('a part of a content goes out as it lies in memory, at once, whatever waits for a record', () => {
  const memory = new TextEncoder().encode('a');
  const part = (link) => ({ kind: 'SEND', link, ticket: 0, flags: SEND_BULK, view: memory });
  const script = { START: [open(1), open(2), put(7), send(1, 7, 'x'), part(1), part(2), send(1, 0, 'y')] };
  const { trace, driver } = setUp((kind) => script[kind]);
  driver.step('START');
  assert.deepEqual(trace.slice(3), ['socket send 1 a', 'socket send 2 a', 'drained']);
  driver.durable(7);
  assert.deepEqual(trace.slice(6), ['socket send 1 x', 'socket send 1 y', 'drained']);
});

test('a delivery is not told as sent while its SEND is held; what is told after it stands', () => {
  const sent = (id) => ({ kind: 'DELIVERY', id, address: 'x', value: 1, text: `sent ${id}` });
  const failed = { kind: 'DELIVERY', id: 'b', address: 'x', value: 3, text: 'failed b' };
  const script = { START: [open(1), sent('0'), sent('a'), put(7), send(1, 7, 'a'), sent('b')], TIME: [failed], WAKE: [sent('c')] };
  const told = [];
  const { trace, driver } = setUp((kind) => script[kind], { onDelivery: (fx) => told.push(fx.text) });
  driver.step('START');
  assert.deepEqual(told, [], 'all of them may be in what is held');
  driver.step('TIME');
  driver.step('WAKE');
  assert.deepEqual(told, ['failed b']);
  driver.durable(7);
  assert.ok(trace.includes('socket send 1 a'));
  assert.deepEqual(told, ['failed b', 'sent 0', 'sent a', 'sent c']);
});

test('tickets become durable one after the other, without overtaking', () => {
  const script = { START: [open(1), put(1), send(1, 1, 'a'), put(2), send(1, 2, 'b'), send(1, 1, 'c'), put(3), send(1, 3, 'd')] };
  const { trace, driver } = setUp((kind) => script[kind]);
  driver.step('START');
  const sent = () => trace.filter((line) => line.startsWith('socket send')).map((line) => line.at(-1)).join('');
  assert.equal(sent(), '');
  driver.durable(1);
  assert.equal(sent(), 'a');
  driver.durable(2);
  assert.equal(sent(), 'abc');
  driver.durable(2); // told again: nothing
  driver.durable(3);
  assert.equal(sent(), 'abcd');
});

test('a SEND for what is durable already goes at once', () => {
  const { trace, driver } = setUp((kind) => ({ START: [open(1), put(1)], TIME: [send(1, 1, 'late')] })[kind]);
  driver.step('START');
  driver.durable(1);
  driver.step('TIME');
  assert.ok(trace.includes('socket send 1 late'));
});

test('a link is closed after what was sent on it before', () => {
  const { trace, driver } = setUp((kind) => ({ START: [open(1), put(1), send(1, 1, 'bye'), close(1), send(1, 1, 'lost')] })[kind]);
  driver.step('START');
  assert.ok(!trace.includes('socket close 1'));
  driver.durable(1);
  assert.deepEqual(trace.slice(3), ['socket send 1 bye', 'socket close 1', 'drained']);
});

test('of a link that the core closed nothing is reported, whatever still waits on it', () => {
  const { trace, core, driver } = setUp((kind) => ({
    START: [open(1), open(2), open(3), put(1), send(1, 1, 'bye'), close(1), send(2, 1, 'bye'), close(2), close(3)],
  })[kind]);
  driver.trace = (what, kind, { link }) => {
    if (what === 'effect' && kind === 'LINK_CLOSE' && link === 3) driver.step('LINK_DATA', { link, bytes }); // waits for its turn
  };
  driver.step('START');
  for (const kind of ['LINK_UP', 'LINK_DATA', 'LINK_PRESSURE', 'LINK_SUSPECT', 'RTC_LOCAL']) {
    driver.step(kind, { link: 1, bytes, text: '', value: 1 });
  }
  driver.step('LINK_DATA', { link: 1, bytes: new Uint8Array(DATA_SIZE_MAX + 1) });
  driver.step('LINK_DOWN', { link: 2, text: 'the other side was quicker' });
  driver.durable(1);
  assert.deepEqual(core.facts, ['START', 'PUT_DONE 1']);
  assert.deepEqual(trace.filter((line) => / (send|close) /.test(line)), ['socket close 3', 'socket send 1 bye', 'socket close 1']);
});

test('what is held for a link that went down is dropped', () => {
  const { trace, driver } = setUp((kind) => ({ START: [open(1), put(1), send(1, 1, 'x')] })[kind]);
  driver.step('START');
  driver.step('LINK_DOWN', { link: 1, text: 'gone' });
  driver.durable(1);
  assert.ok(!trace.some((line) => line.startsWith('socket send')));
});

test('facts reported while effects are carried out wait for their turn', () => {
  const answers = [];
  const { trace, core, driver } = setUp((kind) => {
    if (kind === 'START') return [open(1), { kind: 'STATUS' }];
    if (kind === 'LINK_DOWN') return [{ kind: 'LINK' }];
    return [];
  });
  driver.trace = (what, kind) => {
    if (what === 'effect' && kind === 'SOCKET_OPEN') driver.step('LINK_DOWN', { link: 1 }, (code) => answers.push(code));
  };
  driver.step('START', {}, (code) => answers.push(`start ${code}`));
  assert.deepEqual(trace, ['socket open 1', 'effect STATUS', 'effect LINK', 'drained']);
  assert.deepEqual(core.facts, ['START', 'LINK_DOWN 1']);
  assert.deepEqual(answers, ['start 0', 0]);
});

test('a store that writes at once answers within the same step', () => {
  const { trace, core, driver } = setUp((kind) => ({ START: [open(1), put(1), send(1, 1, 'a')] })[kind], { isSlow: false });
  driver.step('START');
  assert.deepEqual(trace, ['socket open 1', 'put r1', 'socket send 1 a', 'drained']);
  assert.deepEqual(core.facts, ['START', 'PUT_DONE 1']);
});

test('WebRTC effects reach the WebRTC port, SENDs on their links too', () => {
  const { trace, driver } = setUp((kind) => ({
    START: [{ kind: 'RTC_OFFER', link: 1 }, { kind: 'RTC_ANSWER', link: 2, text: 'o' }, { kind: 'RTC_ACCEPT', link: 1, text: 'a' },
      send(1, 0, 'x'), send(3, 0, 'nobody'), close(2)],
  })[kind]);
  driver.step('START');
  assert.deepEqual(trace, ['rtc offer 1', 'rtc answer 2', 'rtc accept 1', 'rtc send 1 x', 'rtc close 2', 'drained']);
});

test('one timer, for the earliest deadline; one that fires early looks again', () => {
  const { time, core, driver } = setUp((kind, fields, self) => {
    if (kind === 'TIME') self.deadlineMs = Infinity;
    return [];
  });
  core.deadlineMs = 1500;
  driver.step('START');
  assert.equal(time.timerCount, 1);
  core.deadlineMs = 1200;
  driver.step('WAKE');
  core.deadlineMs = 3000; // later: the timer stays as it is
  driver.step('WAKE');
  assert.equal(time.timerCount, 1);
  time.pass(250);
  assert.deepEqual(core.facts, ['START', 'WAKE', 'WAKE']);
  time.pass(1750);
  assert.deepEqual(core.facts.slice(3), ['TIME']);
  assert.equal(time.timerCount, 0);
});

test('listeners are called before the next deadline is asked for, which is asked for whatever they throw', () => {
  const onDrained = () => { throw new Error('mine'); };
  const { trace, core, driver } = setUp((kind) => kind === 'START' && [{ kind: 'MESSAGE' }], { onDrained });
  core.deadline = () => trace.push('deadline') && Infinity;
  assert.throws(() => driver.step('START'), { message: 'mine' });
  assert.deepEqual(trace, ['effect MESSAGE', 'drained', 'deadline']);
});

test('a machine that slept reports WAKE first', () => {
  const { time, core, driver } = setUp();
  driver.step('START');
  time.wallMs += 60_000; // the monotonic clock stood still
  driver.step('TIME');
  driver.step('TIME');
  assert.deepEqual(core.facts, ['START', 'WAKE', 'TIME', 'TIME']);
});

test('oversized data is not shown to the core', () => {
  const { core, driver } = setUp((kind) => ({ START: [open(1)] })[kind]);
  driver.step('START');
  driver.step('LINK_DATA', { link: 1, bytes: new Uint8Array(DATA_SIZE_MAX) });
  driver.step('LINK_DATA', { link: 1, bytes: new Uint8Array(DATA_SIZE_MAX + 1) });
  driver.step('LINK_DATA', { link: 1, bytes: 'x'.repeat(DATA_SIZE_MAX + 1) });
  assert.deepEqual(core.facts, ['START', 'LINK_DATA 1', 'DROPPED NKT_E_FRAME_LENGTH', 'DROPPED NKT_E_FRAME_LENGTH']);
});

test('a fault in the application costs that effect only', () => {
  const { trace, driver } = setUp((kind) => ({ START: [{ kind: 'STATUS', text: 'throw' }, open(1)] })[kind]);
  driver.step('START');
  assert.deepEqual(trace, ['effect STATUS', 'fault listener', 'socket open 1', 'drained']);
});

for (const [name, fault] of [
  ['a trap', () => { throw new NktError('NKT_E_TRAP', 'unreachable'); }],
  ['a fatal code', () => -301],
]) {
  test(`${name} ends everything, once, and every caller gets an answer`, () => {
    const answers = [];
    const { time, trace, core, driver } = setUp((kind) => (kind === 'TIME' ? fault() : [open(1)]));
    core.deadlineMs = 2000;
    driver.step('START');
    driver.step('TIME', {}, (code) => answers.push(code < 0));
    driver.step('WAKE', {}, (code) => answers.push(code < 0));
    driver.durable(4);
    assert.deepEqual(answers, [true, true]);
    assert.equal(trace.filter((line) => line.endsWith('fatal')).length, 1);
    assert.deepEqual(trace.filter((line) => line.includes('closeAll')), ['socket closeAll', 'rtc closeAll now']);
    assert.equal(time.timerCount, 0);
    assert.ok(core.isFreed && driver.isStopped);
  });
}

test('stop lets out what becomes durable; an immediate stop does not wait', async () => {
  const script = { START: [open(1), put(1), send(1, 1, 'last')], STOP: [send(1, 0, 'bye'), close(1)] };
  const patient = setUp((kind) => script[kind]);
  patient.driver.step('START');
  await patient.driver.stop();
  assert.deepEqual(patient.trace.slice(3), ['drained', 'socket send 1 last', 'socket send 1 bye', 'socket close 1',
    'socket closeAll', 'rtc closeAll']);
  assert.deepEqual(patient.core.facts, ['START', 'STOP']);

  const hasty = setUp((kind) => script[kind]);
  hasty.driver.step('START');
  const stopped = hasty.driver.stop({ immediate: true });
  assert.ok(hasty.core.isFreed, 'before the first await');
  assert.deepEqual(hasty.trace.slice(3), ['drained', 'socket send 1 bye', 'socket closeAll', 'rtc closeAll now'],
    'nothing leaves that is not durable, the good-bye does');
  await stopped;
});

test('a port that copies what it sends is given it where it lies; what is held is copied at once', () => {
  const memory = new Uint8Array(1);
  const sending = (value, ticket) => ({
    get kind() {
      memory[0] = value; // as when the core is asked for the next
      return 'SEND';
    },
    link: 1,
    ticket,
    get bytes() { return memory.slice(); },
    get view() { return memory; },
  });
  const sent = [];
  const rtc = { copies: true, send: (_link, data) => sent.push([data[0], data === memory]) };
  const script = { START: [{ kind: 'RTC_OFFER', link: 1, value: 0 }, sending(1, 0), put(7), sending(2, 7), sending(3, 0)] };
  const { driver } = setUp((kind) => script[kind], { rtc });
  driver.step('START');
  memory[0] = 9;
  driver.durable(7);
  assert.deepEqual(sent, [[1, true], [2, false], [3, false]]);
});

test('the store is told whether anything waits for what it is to write', () => {
  const { driver, commits } = setUp((kind) => ({ START: [open(1)], LINK_DATA: [put(1)], SAY: [put(2), send(1, 2, 'said')] })[kind]);
  driver.step('START');
  commits.length = 0;
  driver.step('LINK_DATA', { link: 1, bytes });
  assert.deepEqual(commits, [false]);
  driver.step('SAY');
  assert.deepEqual(commits, [false, true]);
  driver.durable(2); // PUT_DONE, nothing waits any more
  assert.deepEqual(commits, [false, true, false]);
});
