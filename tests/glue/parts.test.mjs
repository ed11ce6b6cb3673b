// SPDX-License-Identifier: GPL-3.0-or-later
// The small parts of the API: config, deliveries, users, events, plugins.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkConfig } from '../../glue/config.js';
import { Delivery } from '../../glue/delivery.js';
import { Dispatcher, NktMessageEvent, NktSendingEvent } from '../../glue/events.js';
import { Plugins } from '../../glue/plugins.js';
import { checkStorage } from '../../glue/stores.js';
import { User } from '../../glue/user.js';

describe('config', () => {
  test('good values', () => {
    const config = {
      nick: 'ann', room: null, secret: 's', relays: ['ws://a/relay', 'ws://a/relay'], trackers: [], iceServers: [{}], storage: 'none',
      verbose: false, linkCountMax: 0, WebSocket: null, RTCPeerConnection: class {}, wasm: new URL('file:///x'),
    };
    const checked = checkConfig(config);
    assert.deepEqual(Object.keys(checked), Object.keys(config));
    assert.deepEqual(checked.relays, ['ws://a/relay'], 'each URL once');
    assert.deepEqual(checkConfig(undefined), {});
    assert.deepEqual(checkConfig({ nick: undefined }), {}, 'undefined is not given');
  });

  test('storage that is not here is refused by what is missing', () => {
    const node = { hasTabs: false, isWorker: false };
    const page = { hasTabs: true, isWorker: false };
    const worker = { hasTabs: true, isWorker: true };
    for (const [storage, good, bad, words] of [
      ['tab', [page], [node], /need a browser/],
      ['tab', [page], [worker], /needs a page/],
      [{ passphrase: 'x' }, [page, worker], [node], /need a browser/],
      [{ folder: 'x' }, [node], [page, worker], /needs Node/],
      ['none', [node, page, worker], [], /never/],
      [undefined, [node, page, worker], [], /never/],
    ]) {
      for (const platform of good) checkStorage(storage, platform);
      for (const platform of bad) assert.throws(() => checkStorage(storage, platform), { code: 'NKT_E_STORAGE', message: words });
    }
  });

  test('what is a URL of a WebSocket is one that the core takes, however it is written', () => {
    const plain = ['ws://a', 'wss://a:1/b?c=d', 'ws://[::1]:3000/relay'];
    assert.deepEqual(checkConfig({ relays: plain }).relays, plain);
    const odd = ['WS://A:1/x', ' ws://b ', 'ws://c/\n', 'wss://bücher.example/ü'];
    const { trackers } = checkConfig({ trackers: odd });
    assert.deepEqual(trackers.map((url) => new URL(url).href), odd.map((url) => new URL(url).href));
    for (const url of trackers) assert.match(url, /^wss?:\/\/[!-~]+$/);
  });

  test('each bad value is refused by name', () => {
    for (const [config, code, words] of [
      [null, 'NKT_E_OPTIONS', /config is not an object/],
      ['ann', 'NKT_E_OPTIONS', /not an object/],
      [[], 'NKT_E_OPTIONS', /not an object/],
      [{ nick: 7 }, 'NKT_E_OPTIONS', /config\.nick is 7: text/],
      [{ nick: 'ü'.repeat(33) }, 'NKT_E_OPTIONS', /at most 64 bytes/],
      [{ nick: 'a\0b' }, 'NKT_E_OPTIONS', /NUL/],
      [{ nick: null }, 'NKT_E_OPTIONS', /config\.nick/],
      [{ room: 1 }, 'NKT_E_OPTIONS', /config\.room/],
      [{ secret: 'x'.repeat(257) }, 'NKT_E_OPTIONS', /^config\.secret: text of at most 256 bytes is wanted$/],
      [{ relays: 'ws://a' }, 'NKT_E_OPTIONS', /config\.relays .* a list/],
      [{ relays: ['ws://a', 'http://b'] }, 'NKT_E_OPTIONS', /config\.relays\[1\] is "http:\/\/b": a ws:\/\/ or wss:\/\/ URL/],
      [{ relays: ['ws://a/#x'] }, 'NKT_E_OPTIONS', /config\.relays\[0\]/],
      [{ trackers: [null] }, 'NKT_E_OPTIONS', /config\.trackers\[0\]/],
      [{ trackers: Array.from({ length: 9 }, (_, i) => `ws://t${i}`) }, 'NKT_E_OPTIONS', /at most 8/],
      [{ trackers: [`ws://a/${'x'.repeat(300)}`] }, 'NKT_E_OPTIONS', /at most 256/],
      [{ iceServers: {} }, 'NKT_E_OPTIONS', /config\.iceServers/],
      [{ storage: 'disk' }, 'NKT_E_OPTIONS', /config\.storage/],
      [{ storage: {} }, 'NKT_E_OPTIONS', /config\.storage/],
      [{ storage: { passphrase: '' } }, 'NKT_E_OPTIONS', /config\.storage\.passphrase: text of 1 to 1024 bytes/],
      [{ storage: { passphrase: 'secret', extra: 1 } }, 'NKT_E_OPTIONS', /^(?!.*secret)/],
      [{ storage: { passphrase: 'ü'.repeat(513) } }, 'NKT_E_OPTIONS', /^(?!.*ü)/],
      [{ storage: { name: 'x' } }, 'NKT_E_OPTIONS', /config\.storage/],
      [{ storage: { folder: 'x', name: 'y' } }, 'NKT_E_OPTIONS', /config\.storage/],
      [{ identity: { file: 'x' } }, 'NKT_E_OPTIONS', /config\.identity/],
      [{ history: 'yes' }, 'NKT_E_OPTIONS', /config\.history/],
      [{ verbose: 1 }, 'NKT_E_OPTIONS', /config\.verbose/],
      [{ linkCountMax: 17 }, 'NKT_E_OPTIONS', /config\.linkCountMax is 17: a whole number from 0 to 16/],
      [{ linkCountMax: 4.5 }, 'NKT_E_OPTIONS', /config\.linkCountMax/],
      [{ contentQuota: NaN }, 'NKT_E_OPTIONS', /config\.contentQuota is NaN: a whole number/],
      [{ wasm: 7 }, 'NKT_E_OPTIONS', /config\.wasm/],
      [{ WebSocket: {} }, 'NKT_E_OPTIONS', /config\.WebSocket/],
      [{ relay: [] }, 'NKT_E_OPTIONS', /unknown key "relay" \(did you mean relays\?\)/],
      [{ ncik: 'ann' }, 'NKT_E_OPTIONS', /did you mean nick\?/],
      [{ iceservers: [] }, 'NKT_E_OPTIONS', /did you mean iceServers/],
      [JSON.parse('{"__proto__": 1}'), 'NKT_E_OPTIONS', /unknown key "__proto__"/],
      [{ something: 1 }, 'NKT_E_OPTIONS', /known: nick, room/],
    ]) {
      assert.throws(() => checkConfig(config), { name: 'NktError', code, message: words });
    }
  });
});

describe('delivery', () => {
  test('settles when every recipient is delivered or failed', async () => {
    const delivery = new Delivery();
    assert.equal(Delivery.said(delivery, 'id', 2), false);
    assert.equal(Delivery.update(delivery, 'a', 0), false);
    assert.equal(Delivery.update(delivery, 'a', 2), false, 'b was not even queued');
    assert.equal(Delivery.update(delivery, 'b', 1), false);
    const { settled } = delivery;
    assert.equal(Delivery.update(delivery, 'b', 3), true);
    assert.deepEqual([...(await settled)], [['a', 'delivered'], ['b', 'failed']]);
    assert.deepEqual(JSON.parse(JSON.stringify(delivery)), { id: 'id', recipients: { a: 'delivered', b: 'failed' }, cancelled: false });
  });

  test('nobody to deliver to, and cancelled: settled at once', async () => {
    const alone = new Delivery();
    assert.equal(Delivery.said(alone, 'id', 0), true);
    assert.equal((await alone.settled).size, 0);
    const cancelled = new Delivery(true);
    assert.deepEqual([cancelled.cancelled, cancelled.id, (await cancelled.settled).size], [true, '', 0]);
  });
});

test('user: two flags to write, the rest to read', () => {
  const told = [];
  const user = new User('Baddr', (flags) => told.push(flags));
  User.update(user, { nick: 'ann', flags: 4 | 32, value: 2 | (3 << 8), time: 99 });
  assert.deepEqual(JSON.parse(JSON.stringify(user)), {
    addr: 'Baddr', nick: 'ann', session: 'established', path: 'direct', links: 3, lastSeen: 99, verified: false,
    inRoom: false, ignored: false, dontSendTo: false, isUnreachable: false, isKeeper: false,
  });
  user.dontSendTo = true;
  user.dontSendTo = true;
  user.isUnreachable = true;
  user.dontSendTo = false;
  assert.deepEqual(told, [1, 3, 2]);
  assert.throws(() => { /** @type {any} */ (user).nick = 'eve'; }, TypeError);
  User.setSession(user, 3);
  assert.equal(user.session, 'established');
});

describe('events', () => {
  const setUp = (mirror = null) => {
    const target = new EventTarget();
    const dispatcher = new Dispatcher(target, mirror);
    const on = (type, listener) => {
      dispatcher.heard(type);
      target.addEventListener(type, listener);
    };
    return { dispatcher, on };
  };

  test('no event is built that nobody hears', () => {
    const { dispatcher } = setUp();
    dispatcher.queue('x', () => assert.fail('built'));
    dispatcher.flush();
  });

  test('listeners run in order, also those that cause more', () => {
    const { dispatcher, on } = setUp();
    const seen = [];
    on('a', () => {
      seen.push('a');
      dispatcher.queueDetail('b', {});
      dispatcher.flush();
      seen.push('end of a');
    });
    on('b', () => seen.push('b'));
    on('c', () => seen.push('c'));
    dispatcher.queueDetail('a', {});
    dispatcher.queueDetail('c', {});
    dispatcher.flush();
    assert.deepEqual(seen, ['a', 'end of a', 'c', 'b']);
  });

  test('the mirror hears the same, and may cancel', () => {
    const mirror = new EventTarget();
    const { dispatcher, on } = setUp(mirror);
    const seen = [];
    on('nktsendingmessage', (event) => seen.push(event.detail));
    mirror.addEventListener('nktsendingmessage', (event) => {
      seen.push(`mirror ${event.detail}`);
      event.preventDefault();
    });
    const holder = { value: 'hi' };
    assert.equal(dispatcher.dispatch('nktsendingmessage', () => new NktSendingEvent(holder, null, true)), false);
    assert.deepEqual(seen, ['hi', 'mirror hi']);
  });

  test('what a listener puts in place of the value is what the next one sees', () => {
    const mirror = new EventTarget();
    const { dispatcher, on } = setUp(mirror);
    on('nktsendingmessage', (event) => { event.detail = event.detail.replace('heck', 'h**k'); });
    on('nktsendingmessage', (event) => event.replace(`${event.detail}!`));
    mirror.addEventListener('nktsendingmessage', (event) => { event.detail += '?'; });
    const holder = { value: 'what the heck' };
    assert.ok(dispatcher.dispatch('nktsendingmessage', () => new NktSendingEvent(holder, 'Bx', true)));
    assert.equal(holder.value, 'what the h**k!?');
  });

  test('what the sender proved cannot be overwritten', () => {
    const event = new NktMessageEvent('x', { detail: 1, from: 'B', id: 'i', date: 5, encrypted: true });
    assert.throws(() => { /** @type {any} */ (event).from = 'eve'; }, TypeError);
    assert.deepEqual([event.detail, event.from, event.id, event.date, event.encrypted], [1, 'B', 'i', 5, true]);
  });
});

describe('plugins', () => {
  const setUp = () => {
    const target = new EventTarget();
    const logged = [];
    const registered = new Map();
    const nkt = {
      register(name, fn) {
        if (name === 'bad name') throw new Error('refused');
        registered.set(name, fn);
        return () => registered.delete(name);
      },
    };
    const told = [];
    const plugins = new Plugins(nkt, target, { error: (...args) => logged.push(args) }, (detail) => told.push(detail));
    return { target, logged, told, registered, nkt, plugins };
  };

  test('load, hear, unload', () => {
    const { target, nkt, plugins } = setUp();
    const seen = [];
    plugins.add({
      name: '__proto__',
      listeners: { ping(event) { seen.push([event.type, this.name]); } },
      init: (given) => seen.push(given === nkt),
      stop: () => seen.push('stop'),
    });
    assert.deepEqual(Object.keys(plugins.list), ['__proto__']);
    target.dispatchEvent(new Event('ping'));
    assert.equal(plugins.remove('__proto__'), true);
    assert.equal(plugins.remove('__proto__'), false);
    target.dispatchEvent(new Event('ping'));
    assert.deepEqual(seen, [true, ['ping', '__proto__'], 'stop']);
  });

  test('a second one of the same name takes the place of the first', () => {
    const { target, plugins } = setUp();
    const seen = [];
    for (const n of [1, 2]) plugins.add({ name: 'p', listeners: { x: () => seen.push(n) }, stop: () => seen.push(`stop ${n}`) });
    target.dispatchEvent(new Event('x'));
    assert.deepEqual(seen, ['stop 1', 2]);
  });

  test('faults stay with the plugin', async () => {
    const { target, logged, plugins } = setUp();
    const seen = [];
    const loaded = plugins.add({
      name: 'bad',
      listeners: { x() { throw new Error('sync'); }, async y() { throw new Error('async'); } },
      stop() { throw new Error('stop'); },
    });
    plugins.add({ name: 'good', listeners: { x: () => seen.push('x') } });
    target.dispatchEvent(new Event('x'));
    target.dispatchEvent(new Event('y'));
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(seen, ['x']);
    assert.deepEqual(loaded.errors.map(({ where, error }) => [where, error.message]), [['x', 'sync'], ['y', 'async']]);
    assert.equal(plugins.remove('bad'), true);
    assert.equal(logged.length, 3);
  });

  test('a fault is told, but not for ever', () => {
    const { target, told, plugins } = setUp();
    plugins.add({ name: 'bad', listeners: { x() { throw new Error('x'); }, nktpluginerror() { throw new Error('again'); } } });
    target.dispatchEvent(new Event('x'));
    target.dispatchEvent(new Event('nktpluginerror'));
    assert.deepEqual(told.map(({ name, where, error }) => [name, where, error.message]), [['bad', 'x', 'x']]);
  });

  test('listeners run in the order of loading, and a list shows it', () => {
    const { target, plugins } = setUp();
    const seen = [];
    const plugin = (name) => plugins.add({ name, listeners: { x: () => seen.push(name) } });
    for (const name of ['z', 'a', 'm']) plugin(name);
    plugin('z'); // loaded again: now the last
    assert.deepEqual(Object.keys(plugins.list), ['a', 'm', 'z']);
    target.dispatchEvent(new Event('x'));
    assert.deepEqual(seen, ['a', 'm', 'z']);
  });

  test('calls are registered as long as it is loaded; their faults are told here and there', async () => {
    const { told, registered, plugins } = setUp();
    plugins.add({ name: 'p', word: 'yes', calls: { ask() { return this.word; }, async fail() { throw new Error('no'); } } });
    assert.equal(await registered.get('ask')(), 'yes');
    await assert.rejects(registered.get('fail')(), /no/);
    assert.deepEqual(told.map(({ where }) => where), ['fail']);
    plugins.remove('p');
    assert.equal(registered.size, 0);
  });

  test('what is undone when it is unloaded: listeners, calls, and what hangs on the signal', () => {
    const { target, registered, plugins } = setUp();
    const seen = [];
    let signal;
    const plugin = {
      name: 'p',
      listeners: { x: () => seen.push('listener') },
      calls: { f: () => 1 },
      init(_nkt, context) {
        ({ signal } = context);
        target.addEventListener('x', () => seen.push('own'), { signal });
      },
      stop: () => seen.push(`stop ${signal.aborted}`),
    };
    plugins.add(plugin);
    target.dispatchEvent(new Event('x'));
    plugins.remove('p');
    target.dispatchEvent(new Event('x'));
    assert.deepEqual(seen, ['listener', 'own', 'stop true']);
    assert.equal(registered.size, 0);
    assert.throws(() => plugins.add({ ...plugin, name: 'q', calls: { f: () => 1, 'bad name': () => 1 } }), /refused/);
    target.dispatchEvent(new Event('x'));
    assert.deepEqual([seen.length, registered.size, Object.keys(plugins.list)], [3, 0, []]);
  });

  test('one whose init fails is not loaded', () => {
    const { target, plugins } = setUp();
    const plugin = { name: 'p', listeners: { x: () => assert.fail('heard') }, init() { throw new Error('no'); } };
    assert.throws(() => plugins.add(plugin), { code: 'NKT_E_PLUGIN', message: /init failed: no/ });
    target.dispatchEvent(new Event('x'));
    assert.deepEqual(Object.keys(plugins.list), []);
  });

  test('what is no plugin is refused', () => {
    const { plugins } = setUp();
    for (const bad of [null, 7, {}, { name: '' }, { name: 'p', listeners: { x: 1 } }, { name: 'p', listeners: null },
      { name: 'p', calls: null }, { name: 'p', calls: { f: 1 } }, { name: 'p', init: 1 }, { name: 'p', stop: {} }]) {
      assert.throws(() => plugins.add(/** @type {any} */ (bad)), { code: 'NKT_E_ARGUMENT' });
    }
  });
});
