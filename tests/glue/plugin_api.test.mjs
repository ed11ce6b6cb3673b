// SPDX-License-Identifier: GPL-3.0-or-later
// What plugins have beside listeners and calls: commands, storage, state. Commands and documents by themselves, the rest between peers.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import wrtc from '@roamhq/wrtc';
import { Nkt } from '../../glue/nkt.js';
import { splitArguments, typedArguments, writeArgument } from '../../glue/plugin_commands.js';
import { Plugins } from '../../glue/plugins.js';
import { AUTHOR_COUNT_MAX, readDoc, SharedValues, STATE_SIZE_MAX, THEIRS_SIZE_MAX } from '../../glue/shared_values.js';
import { metPeers } from './support/met.mjs';
import { closePeers, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

describe('commands of plugins', () => {
  test('arguments: words, and more of them in quotes of any kind', () => {
    for (const [line, args] of [['', []], ['  a  b ', ['a', 'b']], ['"Ada L" how are', ['Ada L', 'how', 'are']],
      ['„so was“ «x y»', ['so was', 'x y']], ['"a b', ['"a', 'b']], ['say "x"y', ['say', '"x"y']], ['"" z', ['', 'z']]]) {
      assert.deepEqual(splitArguments(line), args, line);
    }
    const many = splitArguments('a '.repeat(1000));
    assert.deepEqual([many.length, many[63].length], [64, 2 * 937 - 1]);
  });

  test('what is being typed, and how an argument is written so that it comes back', () => {
    for (const [line, index, typed, before] of [['', 0, '', ''], ['a b', 1, 'b', 'a '], ['a ', 1, '', 'a '], ['x "a b', 1, 'a b', 'x '],
      ['"a b"', 1, '', '"a b"']]) {
      const found = typedArguments(line);
      assert.deepEqual([found.index, found.typed, found.before], [index, typed, before], line);
    }
    for (const text of ['x', 'two words', 'a "b" c', '"', '']) assert.deepEqual(splitArguments(writeArgument(text)), [text]);
  });

  const setUp = () => {
    const target = new EventTarget();
    const replies = [];
    const faults = [];
    const plugins = new Plugins({}, target, { error() {} }, ({ name, where, error }) => faults.push([name, where, error.message]));
    const command = (name, rest) => {
      const event = new CustomEvent('nktcommand', { cancelable: true, detail: { name, rest, reply: (...one) => replies.push(one) } });
      return target.dispatchEvent(event);
    };
    return { target, plugins, replies, faults, command };
  };

  test('run with arguments; what they return is shown, so is what they throw; others have their own', async () => {
    const { target, plugins, replies, command } = setUp();
    plugins.add({
      name: 'p', word: 'yes',
      commands: {
        add: { usage: '/add A B', help: 'adds', run: ([a, b]) => String(Number(a) + Number(b)) },
        mine: { async run(args, { rest, usage }) { return `${this.word} ${rest} ${usage}`; } },
        fail: { run() { throw new Error('no'); } },
        __proto__x: { run: () => 'odd' },
      },
    });
    assert.equal(command('add', '1  2'), false);
    assert.equal(command('mine', ' it  is'), false);
    assert.equal(command('fail', ''), false);
    assert.equal(command('toString', ''), true, 'not of anybody');
    await until(() => replies.length === 3, 'all answers');
    const said = replies.map(([answer, kind]) => [String(answer.message ?? answer), kind]);
    assert.deepEqual(said.sort(), [['3', undefined], ['no', 'error'], ['yes  it  is /mine', undefined]].sort());
    const listed = [];
    target.dispatchEvent(new CustomEvent('nktcommandlist', { detail: { add: (one) => listed.push(one.usage) } }));
    assert.deepEqual(listed, ['/add A B', '/mine', '/fail', '/__proto__x']);
    plugins.remove('p');
    assert.equal(command('add', '1 2'), true, 'unloaded');
  });

  test('of two with the same name the first answers, and it is told; one that cannot say what it does hurts no other', async () => {
    const { target, plugins, replies, faults, command } = setUp();
    const one = { name: 'one', commands: { go: { run: () => 'one' } } };
    plugins.add(one);
    plugins.add(one);
    assert.deepEqual(faults, [], 'loaded again it is no other');
    plugins.add({
      name: 'two',
      commands: { go: { run: () => 'two' }, bad: { get usage() { throw new Error('no words'); }, run: () => 'ran' }, last: { run() {} } },
    });
    assert.deepEqual(faults, [['two', 'commands', '/go is a command of another plugin, which answers it']]);
    for (const name of ['go', 'bad']) assert.equal(command(name, ''), false);
    await until(() => replies.length === 2, 'both answers');
    assert.deepEqual(replies.map(([answer]) => answer), ['one', 'ran']);
    const listed = [];
    target.dispatchEvent(new CustomEvent('nktcommandlist', { detail: { add: ({ name }) => listed.push(name) } }));
    assert.deepEqual(listed, ['go', 'go', 'last']);
    assert.deepEqual(faults.at(-1), ['two', 'commands', 'no words']);
  });

  test('what is no command, or no type of message, is refused by name', () => {
    const { plugins } = setUp();
    for (const bad of [{ commands: null }, { commands: { x: 1 } }, { commands: { x: {} } }, { commands: { 'a b': { run() {} } } },
      { commands: { X: { run() {} } } }, { commands: { '/x': { run() {} } } }, { commands: { x: { run() {}, complete: 1 } } },
      { messages: 1 }, { messages: { x: null } }, { messages: { x: { render: 1 } } }, { messages: { x: { key: 1 } } }]) {
      assert.throws(() => plugins.add(/** @type {any} */ ({ name: 'p', ...bad })), { code: 'NKT_E_ARGUMENT' }, JSON.stringify(bad));
    }
  });

  test('whoever shows something may give a plugin places before it begins', () => {
    const target = new EventTarget();
    const announce = (offer) => { offer.ui = `for ${offer.plugin.name}`; };
    const plugins = new Plugins({}, target, { error() {} }, undefined, { announce });
    let ui;
    plugins.add({ name: 'p', init: (_nkt, context) => { ({ ui } = context); } });
    assert.equal(ui, 'for p');
  });
});

describe('documents of authors', () => {
  const doc = (version, values) => readDoc({ version, values: Object.entries(values) });
  const none = () => false;

  test('the newest version holds; what changes is told; one is whole', () => {
    const table = new SharedValues();
    assert.deepEqual(table.hear('ann', doc(5, { a: 1, b: [1] }), none).map(({ key }) => key), ['a', 'b']);
    assert.deepEqual(table.hear('ann', doc(5, { a: 2 }), none), []);
    assert.deepEqual(table.hear('ann', doc(4, { a: 3 }), none), []);
    assert.deepEqual(table.hear('ann', doc(6, { b: [1], c: null }), none),
      [{ key: 'a', from: 'ann', value: undefined }, { key: 'c', from: 'ann', value: null }]);
    assert.deepEqual([...table.all('b')], [['ann', [1]]]);
    assert.throws(() => table.get('b', 'ann').push(2), TypeError);
    assert.deepEqual(table.drop('ann').map(({ key }) => key), ['b', 'c']);
  });

  test('what others say is held to its limits, and a key may be __proto__', () => {
    const fine = { version: 1, values: [] };
    for (const bad of [null, 1, {}, { version: 1 }, ...['1', 2 ** 53, -1, 1.5, NaN].map((version) => ({ ...fine, version })),
      ...[{}, [['a']], [[1, 1]], [['', 1]], [['k'.repeat(129), 1]], [['a', 1], ['a', 2]], [['a', new Uint8Array(3)]],
        [['a', 'x'.repeat(STATE_SIZE_MAX)]], Array.from({ length: 65 }, (_, i) => [`k${i}`, 1])].map((values) => ({ ...fine, values }))]) {
      assert.throws(() => readDoc(bad), { name: 'NktError' }, JSON.stringify(bad)?.slice(0, 80));
    }
    const table = new SharedValues();
    const odd = [['__proto__', JSON.parse('{"__proto__": {"polluted": 1}}')]];
    table.hear('__proto__', readDoc({ version: 2 ** 53 - 1, values: odd }), none);
    assert.equal(/** @type {any} */ ({}).polluted, undefined);
    assert.deepEqual(Object.keys(table.get('__proto__', '__proto__')), ['__proto__']);
  });

  test('many authors: a cap of them, and of all that they say; who is gone makes room', () => {
    const table = new SharedValues();
    for (let i = 0; i < AUTHOR_COUNT_MAX; i++) table.hear(`a${i}`, doc(1, { v: 1 }), none);
    assert.throws(() => table.hear('new', doc(1, { v: 1 }), none), { code: 'NKT_E_QUOTA' });
    assert.deepEqual(table.hear('new', doc(1, { v: 1 }), (author) => author === 'a7'),
      [{ key: 'v', from: 'a7', value: undefined }, { key: 'v', from: 'new', value: 1 }]);
    const large = new SharedValues();
    const count = Math.floor(THEIRS_SIZE_MAX / STATE_SIZE_MAX);
    const text = 'x'.repeat(STATE_SIZE_MAX - 10);
    for (let i = 0; i < count; i++) large.hear(`a${i}`, doc(1, { v: text }), none);
    assert.throws(() => large.hear('new', doc(1, { v: text }), none), { code: 'NKT_E_QUOTA' });
    large.hear('a0', doc(2, {}), none);
    assert.equal(large.hear('new', doc(1, { v: text }), none).length, 1, 'there is room again');
  });

  test('a crowd that says as much as it may shuts out nobody who says little, and not oneself', () => {
    const table = new SharedValues();
    const text = 'x'.repeat(STATE_SIZE_MAX - 10);
    table.put('me', doc(1, { v: text }));
    for (let i = 0; i < 100; i++) {
      try {
        table.hear(`crowd${i}`, doc(1, { v: text }), none, { self: 'me' });
      } catch (error) {
        assert.equal(error.code, 'NKT_E_QUOTA');
      }
    }
    for (let i = 0; i < 300; i++) table.hear(`a${i}`, doc(1, { v: i }), none, { self: 'me' });
    for (let i = 0; i < 100; i++) {
      assert.throws(() => table.hear(`more${i}`, doc(1, { v: text }), none, { self: 'me' }), { code: 'NKT_E_QUOTA' });
    }
    const all = table.all('v');
    assert.ok(Array.from({ length: 300 }, (_, i) => all.get(`a${i}`) === i).every(Boolean));
    assert.equal(all.get('me'), text);
    assert.ok([...all.values()].reduce((sum, value) => sum + JSON.stringify(value).length, 0) <= THEIRS_SIZE_MAX);
  });
});

describe('storage and state', { skip, timeout: 180_000 }, () => {
  const { newFolder, meet } = metPeers();

  /** Loads a plugin and gives what it was given. @param {any} nkt @param {string} [name] */
  function load(nkt, name = 'p') {
    let given;
    const changes = [];
    nkt.plugin({
      name,
      init(_nkt, { storage, state }) {
        given = { storage, state };
        state.watch((change) => changes.push(change));
        for (const none of [undefined, {}, 'x']) assert.throws(() => state.watch(none), { code: 'NKT_E_ARGUMENT' });
      },
    });
    return { ...given, changes };
  }

  test('storage: kept with the identity, sealed, for one plugin; limits by name', async () => {
    const folder = newFolder();
    const { nkt } = await startPeer('ann', { storage: { folder }, WebSocket: null });
    const one = load(nkt, 'canary-plugin').storage;
    const other = load(nkt, 'other').storage;
    await one.set('canary-key', { word: 'canary-value', $: 1, list: [1, null] });
    await one.set('gone', 1);
    await one.delete('gone');
    await other.set('canary-key', 2);
    assert.deepEqual(await one.keys(), ['canary-key']);
    assert.equal(await one.get('nothing'), undefined);
    for (const [call, code] of [[() => one.set('', 1), 'NKT_E_ARGUMENT'], [() => one.set('a', new Map()), 'NKT_E_VALUE'],
      [() => one.set('a', new Uint8Array(2)), 'NKT_E_VALUE'], [() => one.set('a', 'x'.repeat(65_536)), 'NKT_E_QUOTA']]) {
      await assert.rejects(call, { code });
    }
    for (let i = 0; i < 255; i++) await one.set(`k${i}`, i);
    await assert.rejects(one.set('one more', 1), { code: 'NKT_E_QUOTA' });
    await nkt.close();
    await assert.rejects(one.get('canary-key'), { code: 'NKT_E_STATE' });
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    for (const file of files) {
      const path = join(file.parentPath ?? file.path, file.name);
      assert.ok(!path.includes('canary') && !readFileSync(path).includes('canary'), path);
    }
    const again = await startPeer('ann', { storage: { folder }, WebSocket: null });
    assert.deepEqual(await load(again.nkt, 'canary-plugin').storage.get('canary-key'), { word: 'canary-value', $: 1, list: [1, null] });
    assert.equal(await load(again.nkt, 'other').storage.get('canary-key'), 2);
  });

  test('storage: none keeps until the end; what is asked before init() waits for it', async () => {
    const nkt = new Nkt();
    const { storage } = load(nkt);
    const set = storage.set('a', [1]);
    const config = { nick: 'ann', WebSocket: null, trackers: [], storage: 'none' };
    await nkt.init(config);
    await set;
    assert.deepEqual(await storage.get('a'), [1]);
    await nkt.close();
    await nkt.init(config);
    assert.equal(await storage.get('a'), undefined, 'somebody else');
    await nkt.close();
  });

  test('state: others have it, so does one who comes later; each owns his own', async () => {
    const [ann, bob] = await meet(['ann', 'bob'], { ann: { RTCPeerConnection: null }, bob: { RTCPeerConnection: null } });
    const a = load(ann.nkt);
    const b = load(bob.nkt);
    await a.state.set('vote', { choice: 1 });
    await b.state.set('vote', { choice: 2 });
    const both = [[ann.address, { choice: 1 }], [bob.address, { choice: 2 }]].sort();
    for (const one of [a, b]) await until(() => one.state.all('vote').size === 2, 'both votes');
    assert.deepEqual([...a.state.all('vote')].sort(), both);
    const relays = [...ann.nkt.relays];
    const cyd = await startPeer('cyd', { relays, room: ann.nkt.room, RTCPeerConnection: null });
    const c = load(cyd.nkt);
    await until(() => c.state.all('vote').size === 2, 'the latecomer');
    assert.deepEqual([...c.state.all('vote')].sort(), both);
    await a.state.delete('vote');
    await until(() => c.state.all('vote').size === 1, 'it is gone');
    assert.deepEqual(c.changes.at(-1), { key: 'vote', from: ann.address, value: undefined, own: false });
    assert.deepEqual(a.changes[0], { key: 'vote', from: ann.address, value: { choice: 1 }, own: true });
    assert.deepEqual([ann.values(), bob.values(), cyd.values()], [[], [], []], 'no messages');
    bob.nkt.ignore(cyd.address);
    await c.state.set('vote', { choice: 3 });
    await until(() => a.state.get('vote', cyd.address), 'ann has it');
    assert.equal(b.state.get('vote', cyd.address), undefined);
    bob.nkt.unignore(cyd.address);
    await until(() => b.state.get('vote', cyd.address), 'bob has it');
    bob.nkt.ignore(cyd.address);
    await until(() => !b.state.all('vote').has(cyd.address), 'and has not');
  });

  test('state: after a restart its author goes on, though his clock went back', async () => {
    const folder = newFolder();
    let wall = Date.now() + 3_600_000;
    const platform = { clock: { now: () => performance.now(), wall: () => wall } };
    const [bob] = await meet(['bob'], { bob: { RTCPeerConnection: null } });
    const config = { relays: [...bob.nkt.relays], room: bob.nkt.room, RTCPeerConnection: null, storage: { folder } };
    const ann = await startPeer('ann', config, platform);
    const b = load(bob.nkt);
    await load(ann.nkt).state.set('word', 'one');
    await until(() => b.state.get('word', ann.address) === 'one', 'the first word');
    await ann.nkt.close();
    wall -= 7_200_000;
    const again = await startPeer('ann', config, platform);
    const a = load(again.nkt);
    await until(() => a.state.get('word') === 'one', 'his own, of before');
    await a.state.set('word', 'two');
    await until(() => b.state.get('word', ann.address) === 'two', 'the second word');
    await bob.nkt.resume({ room: `${config.room}-other` });
    assert.equal(b.state.get('word', ann.address), undefined, 'another room');
  });

  test('state: a clock that was a year ahead holds nobody up who begins anew without what he kept', async () => {
    const yearMs = 31_557_600_000;
    const [bob] = await meet(['bob'], { bob: { RTCPeerConnection: null } });
    const b = load(bob.nkt);
    const config = { relays: [...bob.nkt.relays], room: bob.nkt.room, RTCPeerConnection: null, storage: 'none' };
    const ann = await startPeer('ann', config, { clock: { now: () => performance.now(), wall: () => Date.now() + yearMs } });
    const first = load(ann.nkt);
    await first.state.set('word', 'one');
    await until(() => b.state.get('word', ann.address) === 'one', 'the first word');
    const file = await ann.nkt.exportIdentity('x');
    await ann.nkt.close();
    const again = await startPeer('ann', { ...config, identity: { file, passphrase: 'x' } });
    assert.equal(again.address, ann.address);
    const a = load(again.nkt);
    await a.state.set('word', 'two');
    await until(() => b.state.get('word', ann.address) === 'two', 'the second word');
    await a.state.set('word', 'three');
    await until(() => b.state.get('word', ann.address) === 'three', 'the third word');
  });

  test('state: nothing waits for those who left; who is back has what changed meanwhile', async () => {
    const folder = newFolder();
    const noRtc = { RTCPeerConnection: null };
    const bobs = { ...noRtc, storage: { folder } };
    const [ann, bob, cyd] = await meet(['ann', 'bob', 'cyd'], { ann: noRtc, bob: bobs, cyd: noRtc });
    const [a, b, c] = [ann, bob, cyd].map(({ nkt }) => load(nkt));
    await a.state.set('word', 1);
    for (const one of [b, c]) await until(() => one.state.get('word', ann.address) === 1, 'both have it');
    await bob.nkt.close();
    await until(() => !Object.keys(ann.nkt.userList).includes(bob.address), 'he left');
    const text = 'x'.repeat(10_000);
    await a.state.set('word', text);
    await until(() => c.state.get('word', ann.address) === text, 'cyd has it');
    await until(() => ann.nkt.health().outbox.bytes < text.length, 'nothing waits', 5000);
    const again = await startPeer('bob', { ...bobs, relays: [...ann.nkt.relays], room: ann.nkt.room });
    const { state } = load(again.nkt);
    await until(() => state.get('word', ann.address) === text, 'bob has it');
    await a.state.set('word', 3);
    await until(() => state.get('word', ann.address) === 3, 'and what comes');
  });

  test('one that loads another of its name, at its end or before it fails: nothing of the former stays, nothing of the latter goes', () => {
    const nkt = new Nkt();
    let heard = [];
    const listeners = (who) => ({ mine: () => heard.push(who) });
    const say = () => {
      heard = [];
      nkt.dispatchEvent(new Event('mine'));
      return heard;
    };
    nkt.plugin({ name: 'a', listeners: listeners('first'), stop: () => nkt.plugin({ name: 'a', listeners: listeners('its stop()') }) });
    nkt.plugin({ name: 'a', listeners: listeners('second') });
    assert.deepEqual(say(), ['second']);
    nkt.unplug('a');
    assert.deepEqual(say(), []);
    const init = () => {
      nkt.plugin({ name: 'b', listeners: listeners('another') });
      throw new Error('no');
    };
    assert.throws(() => nkt.plugin({ name: 'b', listeners: listeners('failed'), init }), { code: 'NKT_E_PLUGIN' });
    assert.deepEqual(say(), ['another']);
    assert.ok(nkt.plugins.b);
  });

  test('to another room: one that changed its name, loads itself anew at its end, or is none any more hinders no other', () => {
    const mirror = new EventTarget();
    const log = { error() {}, warn() {}, debug() {} };
    const here = new Nkt({ mirror, log });
    const there = new Nkt({ mirror: null, log });
    const told = [];
    mirror.addEventListener('nktpluginerror', ({ detail: { name, where } }) => told.push(`${name} ${where}`));
    let heard = [];
    const of = (name, more) => ({ name, listeners: { mine: () => heard.push(name) }, ...more });
    const renamed = of('renamed');
    const stubborn = of('stubborn', { stop: (nkt) => nkt.plugin(stubborn) });
    const spoilt = of('spoilt');
    for (const plugin of [renamed, stubborn, spoilt, of('good')]) here.plugin(plugin);
    renamed.name = 'another';
    spoilt.commands = 'none any more';
    there.takePlaceOf(here);
    mirror.dispatchEvent(new Event('mine'));
    assert.deepEqual(heard, ['renamed', 'stubborn', 'good']);
    assert.deepEqual([Object.keys(here.plugins), Object.keys(there.plugins)], [[], ['another', 'stubborn', 'good']]);
    assert.deepEqual(told, ['spoilt load']);
    heard = [];
    here.takePlaceOf(there);
    mirror.dispatchEvent(new Event('mine'));
    assert.deepEqual(heard, ['renamed', 'stubborn', 'good']);
  });

  test('a call that never ends holds no place when its plugin is unloaded', async () => {
    const [ann, bob] = await meet(['ann', 'bob'], { ann: { RTCPeerConnection: null }, bob: { RTCPeerConnection: null } });
    let count = 0;
    ann.nkt.plugin({ name: 'slow', calls: { slow: () => new Promise(() => { count++; }) } });
    const slow = Array.from({ length: 16 }, () => bob.nkt.rpc(ann.address, 'slow').catch((error) => [error.code, error.message]));
    await until(() => count === 16, 'all at work');
    ann.nkt.plugin({ name: 'quick', calls: { quick: () => 'here' } });
    await assert.rejects(bob.nkt.rpc(ann.address, 'quick'), { code: 'NKT_E_BUSY' });
    ann.nkt.unplug('slow');
    for (const end of await Promise.all(slow)) assert.deepEqual(end, ['NKT_E_REMOTE', 'the plugin slow is unloaded']);
    await until(() => bob.nkt.rpc(ann.address, 'quick').then((answer) => answer === 'here', () => false), 'a place');
  });

  test('state: who knows an address and not the secret of the room is told nothing, and tells nothing', async () => {
    const secret = { secret: 'deep', RTCPeerConnection: wrtc.RTCPeerConnection };
    const [ann, bob] = await meet(['ann', 'bob'], { ann: secret, bob: secret });
    const [a, b] = [ann, bob].map(({ nkt }) => load(nkt));
    await a.state.set('word', 'of the room');
    await until(() => b.state.get('word', ann.address), 'bob has it');
    const eve = await startPeer('eve', { relays: [...ann.nkt.relays], room: `${ann.nkt.room}-other` });
    await eve.nkt.startWebRTCClient(ann.address);
    await eve.session(ann.address);
    const e = load(eve.nkt);
    await e.state.set('word', 'of another');
    const said = { ask: true, version: 2 ** 50, values: [['word', 'hers']] };
    await assert.rejects(eve.nkt.rpc(ann.address, 'state p', said), { code: 'NKT_E_REMOTE' });
    await a.state.set('word', 'told now');
    await until(() => b.state.get('word', ann.address) === 'told now', 'bob has it again');
    assert.deepEqual([[...e.state.all('word').values()], a.state.get('word', eve.address)], [['of another'], undefined]);
  });

  test('state: a stranger says anything; it is dropped and counted, and the rest goes on', async () => {
    const [ann, eve] = await meet(['ann', 'eve'], { ann: { RTCPeerConnection: null }, eve: { RTCPeerConnection: null } });
    const a = load(ann.nkt);
    await a.state.set('mine', 1);
    const say = (value) => eve.nkt.rpc(ann.address, 'state p', value).then(() => 'ok', (error) => error.code);
    for (const bad of [null, 'x', { version: 2 ** 53, values: [] }, { version: 1, values: [['a', 'x'.repeat(20_000)]] },
      { version: 1, values: 'abc' },
      { version: 1, values: Array.from({ length: 100 }, (_, i) => [`k${i}`, i]) }]) {
      assert.equal(await say(bad), 'NKT_E_REMOTE');
    }
    assert.equal(ann.nkt.health().dropped?.NKT_E_PAYLOAD, 6);
    assert.equal(await say({ version: 9, values: [['mine', 'hers'], ['from', ann.address]], from: ann.address }), 'ok');
    assert.deepEqual([a.state.get('mine'), a.state.get('mine', eve.address)], [1, 'hers']);
    const answer = await eve.nkt.rpc(ann.address, 'state p', { ask: true, version: 0, values: [] });
    assert.deepEqual(answer.values, [['mine', 1]]);
    ann.nkt.unplug('p');
    assert.equal(await say({ version: 10, values: [] }), 'NKT_E_UNREGISTERED');
    await closePeers();
  });
});
