// SPDX-License-Identifier: GPL-3.0-or-later
// Safety numbers between real peers; nicks that show up with other keys.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { loadLookalikes } from '../../glue/fold.js';
import { Trust } from '../../glue/trust.js';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

describe('safety numbers', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  before(async () => {
    server = await startServer('app.js');
  });
  after(() => server.stop());
  afterEach(closePeers);

  /** Peers of one room that all have met. */
  async function room(...nicks) {
    const name = newRoom();
    const config = { relays: [`${server.wsUrl}/relay`], room: name, RTCPeerConnection: null };
    const peers = await Promise.all(nicks.map((nick) => startPeer(nick, config)));
    await Promise.all(peers.flatMap((a) => peers.filter((b) => b !== a).map((b) => a.session(b.address))));
    return Object.assign(peers, { config });
  }

  test('the same on both sides, 60 digits, another for others', async () => {
    const [ann, bob, cyd] = await room('ann', 'bob', 'cyd');
    const number = ann.nkt.safetyNumber(bob.address);
    for (const wrong of [undefined, null, 5, {}, '', 'bob', Symbol('bob')]) {
      assert.throws(() => ann.nkt.safetyNumber(/** @type {any} */ (wrong)), { code: 'NKT_E_ADDRESS' }, String(wrong));
    }
    assert.match(number, /^\d{60}$/);
    assert.equal(bob.nkt.safetyNumber(ann.address), number);
    assert.notEqual(ann.nkt.safetyNumber(cyd.address), number);
    assert.notEqual(bob.nkt.safetyNumber(cyd.address), number);
  });

  test('verify() marks the right one, and nobody by a wrong number; null takes it back', async () => {
    const [ann, bob, cyd] = await room('ann', 'bob', 'cyd');
    const number = bob.nkt.safetyNumber(ann.address);
    assert.equal(ann.nkt.userList[bob.address].verified, false);
    for (const wrong of ['', '0', number.slice(1), `${number}0`, ann.nkt.safetyNumber(cyd.address), [...number].reverse().join('')]) {
      assert.equal(ann.nkt.verify(bob.address, wrong), false, wrong);
    }
    assert.equal(ann.nkt.userList[bob.address].verified, false);
    assert.equal(ann.nkt.verify(bob.address, number.replace(/(.{5})/g, '$1 \n')), true);
    assert.equal(ann.nkt.userList[bob.address].verified, true);
    assert.equal(JSON.parse(JSON.stringify(ann.nkt.userList[bob.address])).verified, true);
    assert.equal(ann.nkt.userList[cyd.address].verified, false);
    assert.equal(bob.nkt.userList[ann.address].verified, false, 'each side for itself');
    assert.equal(ann.nkt.verify(bob.address, null), true);
    assert.equal(ann.nkt.userList[bob.address].verified, false);
    assert.equal(ann.nkt.verify(bob.address, null), true, 'there was no mark');
  });

  test('arguments', async () => {
    const [ann, bob] = await room('ann', 'bob');
    const stranger = (await startPeer('far', { room: newRoom() })).address;
    assert.throws(() => ann.nkt.safetyNumber('bob'), { code: 'NKT_E_ADDRESS' });
    assert.throws(() => ann.nkt.safetyNumber(stranger), { code: 'NKT_E_UNKNOWN_USER' });
    assert.throws(() => ann.nkt.verify('bob', '1'), { code: 'NKT_E_ADDRESS' });
    assert.throws(() => ann.nkt.verify(stranger, '1'), { code: 'NKT_E_UNKNOWN_USER' });
    for (const number of [undefined, 5, {}]) assert.throws(() => ann.nkt.verify(bob.address, number), { code: 'NKT_E_ARGUMENT' });
    await ann.nkt.close();
    assert.throws(() => ann.nkt.safetyNumber(bob.address), { code: 'NKT_E_STATE' });
    assert.throws(() => ann.nkt.verify(bob.address, '1'), { code: 'NKT_E_STATE' });
  });

  test('a nick that is known shows up with other keys: nktkeychanged, once; of a verified user, also when he is gone', async () => {
    const peers = await room('ann', 'Bob');
    const [ann, bob] = peers;
    ann.nkt.verify(bob.address, ann.nkt.safetyNumber(bob.address));
    await bob.nkt.close();
    const eve = await startPeer('bob ', peers.config);
    const { detail } = await ann.seen('nktkeychanged');
    assert.deepEqual(detail, { addr: eve.address, nick: 'bob ', previous: bob.address, verified: true });
    await ann.session(eve.address);
    eve.nkt.nick = 'eve';
    await until(() => ann.nkt.userList[eve.address].nick === 'eve', 'a new nick');
    assert.equal(ann.of('nktkeychanged').length, 1);
    const other = await startPeer('EVE', peers.config);
    await ann.session(other.address);
    assert.deepEqual(ann.of('nktkeychanged').map((event) => event.detail).at(-1),
      { addr: other.address, nick: 'EVE', previous: eve.address, verified: false });
    assert.equal(ann.of('nktkeychanged').length, 2);
  });
});

describe('trust', () => {
  before(loadLookalikes);

  /** With users as the core would tell of them. */
  function trust() {
    const told = [];
    const pinned = [];
    const nicks = new Map();
    const ignored = new Set();
    const clock = { now: 0 };
    const one = new Trust({
      safetyNumber: (addr) => `1234${addr.length}`,
      nickOf: (addr) => nicks.get(addr),
      pin: (addr, nick, isSet) => {
        pinned.push([addr, nick, isSet]);
        one.onPin(addr, nick, isSet);
      },
      isIgnored: (addr) => ignored.has(addr),
      changed: () => {},
      now: () => clock.now,
      keyChanged: (detail) => told.push(detail),
    });
    const user = (addr, nick, isQuiet = false) => {
      nicks.set(addr, nick);
      one.onUser(addr, nick, isQuiet);
    };
    return { one, told, pinned, user, clock, ignored };
  }

  test('told once of each, by whoever came second; not of those without a nick', () => {
    const { told, user } = trust();
    user('A', 'ada');
    user('B', 'bob');
    user('C', '');
    user('D', ' ');
    assert.deepEqual(told, []);
    user('E', 'ADA');
    user('E', 'ADA');
    user('A', 'ada');
    assert.deepEqual(told, [{ addr: 'E', nick: 'ADA', previous: 'A', verified: false }]);
    user('B', 'ada');
    assert.equal(told.length, 2);
  });

  test('a verified one comes first, is watched under his present nick, and is told of after a restart as well', () => {
    const { one, told, pinned, user } = trust();
    user('A', 'ada');
    user('A2', 'ada');
    one.verify('A2', '12342');
    user('A3', 'Ada');
    assert.deepEqual(told.at(-1), { addr: 'A3', nick: 'Ada', previous: 'A2', verified: true });
    user('A2', 'adele');
    assert.deepEqual(pinned.at(-1), ['A2', 'adele', true]);
    one.onGone('A2');
    user('X', 'Adele', true);
    assert.deepEqual(told.at(-1), { addr: 'X', nick: 'Adele', previous: 'A2', verified: true });
    const count = told.length;
    user('Y', 'ada', true);
    assert.equal(told.length, count, 'those of before a restart were told of before it');
    one.onGone('X');
    user('A2', 'adele');
    assert.equal(told.length, count, 'himself');
  });

  test('whoever changes his nick all day is told of once an hour of each, and of eight at most', () => {
    const { one, told, user, clock } = trust();
    for (let i = 0; i < 20; i++) user(`A${i}`, `name ${'abcdefghijklmnopqrst'[i]}`);
    one.verify('A19', '12343');
    const flip = () => {
      for (let i = 0; i < 20; i++) {
        user('M', `NAME ${'abcdefghijklmnopqrst'[i]}`);
        user('M', '');
      }
    };
    for (let i = 0; i < 50; i++) flip();
    assert.equal(told.length, 9, 'eight, and the one that is verified');
    assert.deepEqual(told.at(-1), { addr: 'M', nick: 'NAME t', previous: 'A19', verified: true });
    one.onGone('M');
    flip();
    assert.equal(told.length, 9, 'coming back is no news either');
    clock.now = 3_600_001;
    flip();
    assert.equal(told.length, 18);
  });

  test('nothing is told of one who is ignored', () => {
    const { told, user, ignored } = trust();
    user('A', 'ada');
    ignored.add('B');
    user('B', 'ada');
    assert.deepEqual(told, []);
  });

  test('what looks like a verified nick is told of, in whatever signs', () => {
    const { one, told, user } = trust();
    user('A', 'Alice');
    one.verify('A', '12341');
    const others = ['AIice', 'Al\u034fice', 'Alice\ufe0f', '\u3164Alice', 'Alice\u2800', 'Аlісе', '𝓐𝓵𝓲𝓬𝓮', 'ALICE',
      'A\u200dlice', 'ＡＬＩＣＥ'];
    for (const [i, nick] of others.entries()) user(`B${i}`, nick);
    assert.deepEqual(told.map(({ nick }) => nick), others);
    assert.ok(told.every(({ verified, previous }) => verified && previous === 'A'));
    for (const [i, nick] of ['Alicia', 'Alíce', 'Alec', '\u3164', ''].entries()) user(`C${i}`, nick);
    assert.equal(told.length, others.length);
  });

  test('a wrong number changes no mark that is there', () => {
    const { one, user } = trust();
    user('A', 'ada');
    assert.equal(one.verify('A', '12341'), true);
    assert.equal(one.verify('A', '0'), false);
    assert.equal(one.isVerified('A'), true);
    one.verify('A', null);
    assert.equal(one.isVerified('A'), false);
  });
});
