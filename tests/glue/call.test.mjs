// SPDX-License-Identifier: GPL-3.0-or-later
// Calls without a page: who rings whom, who is in, what strangers may cost. The words go from one to the other as text; of the
// connections there is only what is negotiated.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Calls, RING_MS } from '../../web/call.js';
import {
  CANDIDATE_COUNT_MAX, Limits, newCallId, PEOPLE_COUNT_MAX, readAnswer, readCall, RING_COUNT_MAX, SDP_LENGTH_MAX,
} from '../../web/call_rules.js';

const ID = '0123456789abcdef'.repeat(2);
const SDP = 'v=0\r\n';

/** Words and timers that are due are carried out. */
const settle = async () => {
  for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** The half of a CallPeer that negotiates. */
class Peer {
  isSettled = false;
  isClosed = false;
  state = 'connecting';

  constructor(ports) {
    Object.assign(this, ports);
  }

  offer = async () => `${SDP}offer`;

  answered = async () => { this.isSettled = true; };

  take = async () => {
    this.isSettled = true;
    return { sdp: `${SDP}answer` };
  };

  add() {}

  retire() {
    this.state = 'closed';
  }

  close() {
    this.retire();
    this.isClosed = true;
  }
}

class Person {
  told = [];
  unwelcome = new Set();
  peers = [];
  changedCount = 0;
  isWithoutPeers = false; // the browser makes no connection
  isDeaf = false;
  deafCount = 0; // joins that get no answer in time

  constructor(world, addr) {
    this.addr = addr;
    this.calls = new Calls({
      self: () => addr,
      say: async (to, message) => {
        const other = world.get(to);
        if (!other || other.isDeaf) throw Object.assign(new Error('nobody'), { code: other ? 'NKT_E_UNREGISTERED' : 'NKT_E_UNKNOWN_USER' });
        await null;
        other.watch?.(message);
        if (message.op === 'join' && other.deafCount > 0) {
          other.deafCount--;
          throw Object.assign(new Error('no answer'), { code: 'NKT_E_TIMEOUT' });
        }
        return JSON.parse(JSON.stringify(await other.calls.take(addr, JSON.parse(JSON.stringify(message)))));
      },
      isWelcome: (other) => !this.unwelcome.has(other),
      makePeer: (ports) => {
        if (this.isWithoutPeers) throw new Error('no more');
        const peer = new Peer(ports);
        this.peers.push(peer);
        return peer;
      },
      state: () => ({ mic: true, camera: false, screen: false }),
      told: (change) => this.told.push(change),
      changed: () => { this.changedCount++; },
    });
  }

  get members() {
    return [...this.calls.current?.members.keys() ?? []].sort().join('');
  }

  get ring() {
    return [...this.calls.rings.keys()][0];
  }
}

/** @param {string} names a letter each */
function people(names) {
  const world = new Map();
  for (const name of names) world.set(name, new Person(world, name));
  return [...world.values()];
}

async function connect(from, to) {
  assert.equal(from.calls.ring(to.addr), '');
  await settle();
  assert.equal(to.calls.accept(to.ring), '');
  await settle();
}

describe('what is said about calls', () => {
  test('only what is as it should be is read, and nothing else of it', () => {
    const good = [
      [{ op: 'ring', call: ID, members: ['A', 'A'], video: 1, more: 'x' }, { op: 'ring', call: ID, members: ['A'], video: false }],
      [{ op: 'join', call: ID, sdp: SDP, state: { mic: true, camera: 'yes' } },
        { op: 'join', call: ID, sdp: SDP, state: { mic: true, camera: false, screen: false } }],
      [{ op: 'ice', call: ID, candidates: [{ candidate: 'c', sdpMid: '0', sdpMLineIndex: 0, foundation: 'x' }] },
        { op: 'ice', call: ID, candidates: [{ candidate: 'c', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null }] }],
      [{ op: 'leave', call: ID }, { op: 'leave', call: ID, isDeclined: false }],
      [{ op: 'state', call: ID }, { op: 'state', call: ID, state: { mic: false, camera: false, screen: false } }],
    ];
    for (const [said, read] of good) assert.deepEqual(readCall(said), read);
    const candidates = (count, candidate = 'c') => Array.from({ length: count }, () => ({ candidate, sdpMid: '0' }));
    const bad = [
      null, 7, 'ring', [], {}, { op: 'ring' }, { op: 'constructor', call: ID }, { op: '__proto__', call: ID },
      { op: 'leave', call: ID.toUpperCase() }, { op: 'leave', call: `${ID}0` },
      { op: 'ring', call: ID }, { op: 'ring', call: ID, members: ['A b'] }, { op: 'ring', call: ID, members: [7] },
      { op: 'ring', call: ID, members: Array.from({ length: PEOPLE_COUNT_MAX + 1 }, (_, i) => `A${i}`) },
      { op: 'join', call: ID, sdp: 'x' }, { op: 'offer', call: ID, sdp: SDP + 'x'.repeat(SDP_LENGTH_MAX) },
      { op: 'offer', call: ID }, { op: 'ice', call: ID, candidates: candidates(CANDIDATE_COUNT_MAX + 1) },
      { op: 'ice', call: ID, candidates: candidates(1, 'x'.repeat(600)) }, { op: 'ice', call: ID, candidates: [null] },
      { op: 'ice', call: ID, candidates: [{ candidate: 'c' }] }, { op: 'ice', call: ID, candidates: 'c' },
    ];
    for (const said of bad) assert.equal(readCall(said), null, JSON.stringify(said)?.slice(0, 80));
    for (const no of ['x'.repeat(99), 'constructor', '__proto__', 7, ['gone']]) assert.equal(readAnswer({ no }).no, 'what');
    assert.deepEqual([readAnswer({ no: 'gone' }).no, readAnswer({}).no, readAnswer(null).no], ['gone', '', '']);
    assert.deepEqual(readAnswer({ no: 'busy', sdp: 7, members: 'A' }),
      { no: 'busy', sdp: '', members: [], state: { mic: false, camera: false, screen: false } });
    assert.match(newCallId(), /^[0-9a-f]{32}$/);
  });

  test('rings and offers of one person, and rings of all, are limited', () => {
    const limits = new Limits();
    const rings = (who, count, now) => Array.from({ length: count }, () => limits.mayRing(who, now)).filter(Boolean).length;
    assert.equal(rings('A', 10, 0), 3);
    assert.equal(rings('A', 10, 20_000), 1);
    const strangers = Array.from({ length: 50 }, (_, i) => rings(`S${i}`, 1, 20_000)).filter(Boolean).length;
    assert.equal(strangers, 11, 'throw-away people share one budget');
    assert.equal(Array.from({ length: 99 }, () => limits.mayOffer('A', 0)).filter(Boolean).length, 10);
  });
});

describe('calls', () => {
  test('ring, answer, hang up', async () => {
    const [a, b] = people('AB');
    a.calls.ring('B');
    await settle();
    assert.deepEqual([b.calls.rings.size, b.calls.current, b.peers.length], [1, null, 0], 'nothing begins before it is answered');
    b.calls.accept(b.ring);
    await settle();
    assert.deepEqual([a.members, b.members, a.calls.current.invited.size, b.calls.rings.size], ['B', 'A', 0, 0]);
    assert.deepEqual([a.peers[0].isPolite, b.peers[0].isPolite], [true, false]);
    assert.equal(a.calls.current.members.get('B').state.mic, true);
    b.calls.hangUp();
    await settle();
    assert.deepEqual([a.calls.current, b.calls.current, a.peers[0].isClosed, b.peers[0].isClosed], [null, null, true, true]);
  });

  test('whoever says no is not asked again at once; taken back, ignored, deaf and busy are told', async () => {
    const [a, b, c] = people('ABC');
    a.calls.ring('B');
    await settle();
    const id = b.ring;
    b.calls.decline(id);
    await settle();
    assert.equal(a.calls.current, null);
    assert.deepEqual(a.told.map(({ why }) => why), ['declined', undefined]);
    assert.deepEqual(await b.calls.take('A', { op: 'ring', call: id, members: [] }), { no: 'declined' });
    assert.deepEqual(await b.calls.take('A', { op: 'ring', call: id, members: [] }, performance.now() + 13_000), {}, 'but later');
    b.calls.decline(id);
    await settle();

    a.calls.ring('B');
    await settle();
    a.calls.hangUp();
    await settle();
    assert.deepEqual([b.calls.rings.size, b.told.at(-1).type], [0, 'missed']);

    c.unwelcome.add('A');
    a.calls.ring('C');
    await settle();
    assert.deepEqual([c.calls.rings.size, a.told.find(({ addr }) => addr === 'C').why], [0, 'what']);
    c.isDeaf = true;
    a.calls.ring('C');
    await settle();
    assert.equal(a.told.filter(({ addr }) => addr === 'C').at(-1).why, 'NKT_E_UNREGISTERED');

    c.isDeaf = false;
    await connect(b, c);
    a.calls.ring('B');
    await settle();
    assert.deepEqual([a.told.filter(({ addr }) => addr === 'B').at(-1).why, b.told.at(-1).type, b.members], ['busy', 'missed', 'C']);
  });

  test('nobody answers, or the caller is gone without a word: it ends by itself', async (t) => {
    const [a, b] = people('AB');
    t.mock.timers.enable({ apis: ['setTimeout'] });
    a.calls.ring('B');
    await settle();
    for (let ms = 0; ms < RING_MS; ms += 1000) {
      assert.equal(b.calls.rings.size, 1, `after ${ms} ms`);
      t.mock.timers.tick(1000);
      await settle();
    }
    assert.deepEqual([a.calls.current, b.calls.rings.size], [null, 0]);
    assert.deepEqual([a.told[0].why, b.told.at(-1).type], ['silent', 'missed']);

    await b.calls.take('A', { op: 'ring', call: ID, members: [] }, 1e9);
    assert.equal(b.calls.rings.size, 1);
    t.mock.timers.tick(13_000);
    assert.equal(b.calls.rings.size, 0, 'nobody says it again');
  });

  test('two who ring each other are in one call, whoever is heard first', async () => {
    for (const names of ['AB', 'BA']) {
      const [x, y] = people(names);
      x.calls.ring(y.addr);
      y.calls.ring(x.addr);
      await settle();
      assert.equal(x.calls.current.id, y.calls.current.id);
      assert.deepEqual([x.members, y.members, x.calls.rings.size, y.calls.rings.size], [y.addr, x.addr, 0, 0]);
    }
  });

  test('a mesh: whoever is asked in joins all, several at once too, and no more than six', async () => {
    const all = people('ABCDEFGH');
    const [a, b, c, d, e, f, g] = all;
    await connect(a, b);
    a.calls.ring('C');
    b.calls.ring('D');
    await settle();
    c.calls.accept(c.ring);
    d.calls.accept(d.ring);
    await settle();
    assert.deepEqual([a, b, c, d].map(({ members }) => members), ['BCD', 'ACD', 'ABD', 'ABC']);
    await connect(d, e);
    e.calls.ring('F');
    assert.equal(e.calls.ring('G'), 'full');
    await settle();
    const ticket = f.ring;
    f.calls.accept(ticket);
    await settle();
    assert.equal(f.members, 'ABCDE');
    assert.equal((await a.calls.take('G', { op: 'join', call: ticket, sdp: SDP })).no, 'full');
    assert.equal(g.calls.current, null);
    a.calls.hangUp();
    await settle();
    assert.deepEqual([b, c, d, e, f].map(({ members }) => members), ['CDEF', 'BDEF', 'BCEF', 'BCDF', 'BCDE']);
  });

  test('one who is busy is joined once more, and given up at last', async () => {
    for (const [count, members] of [[2, 'AB'], [3, 'A']]) {
      const [a, b, c] = people('ABC');
      await connect(a, b);
      b.deafCount = count;
      await connect(a, c);
      assert.equal(c.members, members);
    }
  });

  test('without the ticket nobody gets in, hears, or ends anything', async () => {
    const [a, b, m] = people('ABM');
    await connect(a, b);
    const { id } = a.calls.current;
    const said = [
      { op: 'join', sdp: SDP }, { op: 'offer', sdp: SDP }, { op: 'ice', candidates: [] }, { op: 'state', state: {} }, { op: 'leave' },
    ];
    for (const one of said) await a.calls.take('M', { ...one, call: ID });
    for (const one of said.slice(1)) await a.calls.take('M', { ...one, call: id }); // with it, but not in the call
    assert.deepEqual([a.members, b.members], ['B', 'A']);
    assert.equal((await a.calls.take('M', { op: 'offer', call: id, sdp: SDP })).no, 'gone');
    a.unwelcome.add('M');
    assert.equal((await a.calls.take('M', { op: 'join', call: id, sdp: SDP })).no, 'what');
    assert.equal(m.calls.current, null);
  });

  test('a person rings once at a time, strangers at most so many', async () => {
    const [a] = people('A');
    const ring = (from, call = newCallId()) => a.calls.take(from, { op: 'ring', call, members: [] });
    await ring('M');
    assert.equal((await ring('M')).no, 'busy');
    for (const from of ['N', 'O', 'P', 'Q']) await ring(from);
    assert.equal(a.calls.rings.size, RING_COUNT_MAX);
    for (const id of [...a.calls.rings.keys()]) a.calls.decline(id);
  });

  test('whoever is ignored in a call is out of it; whoever is lost is let go and told', async () => {
    const [a, b, c] = people('ABC');
    await connect(a, b);
    await connect(a, c);
    a.unwelcome.add('B');
    a.calls.weed();
    await settle();
    assert.deepEqual([a.members, c.members], ['C', 'AB']);
    c.peers[0].onDead('lost');
    await settle();
    assert.equal(c.told.at(-1).why, 'lost');
  });

  test('whoever is ignored while he rings does not ring on', async () => {
    const [a, b] = people('AB');
    a.calls.ring('B');
    await settle();
    b.unwelcome.add('A');
    const before = b.changedCount;
    b.calls.weed();
    assert.equal(b.calls.rings.size, 0);
    assert.ok(b.changedCount > before, 'it is shown, and heard');
    a.calls.hangUp();
  });

  test('a browser that makes no connection: nobody is a member, and the call ends', async () => {
    const [a, b] = people('AB');
    a.calls.ring('B');
    await settle();
    b.isWithoutPeers = true;
    b.calls.accept(b.ring);
    await settle();
    assert.deepEqual([b.calls.current, b.told.map(({ why, type }) => why ?? type)], [null, ['ring', 'failed', 'over']]);
    b.isWithoutPeers = false;
    a.isWithoutPeers = true;
    const { id } = a.calls.current;
    assert.deepEqual(await a.calls.take('B', { op: 'join', call: id, sdp: SDP }), { no: 'failed' });
    assert.equal(a.calls.current, null);
  });

  test('two who name each other and leave in turn are not joined without end', async () => {
    const [a, m, n] = people('AMN');
    for (const [one, other] of [[m, n], [n, m]]) {
      one.calls.take = async (from, { op, call }) => {
        if (op !== 'join') return {};
        if (a.peers.length > 60) return { no: 'gone' };
        await a.calls.take(other.addr, { op: 'leave', call });
        return { sdp: SDP, members: [other.addr] };
      };
    }
    await a.calls.take('M', { op: 'ring', call: ID, members: [] });
    a.calls.accept(ID);
    for (let i = 0; i < 10; i++) await settle();
    assert.ok(a.peers.length <= 22, `${a.peers.length} connections`);
    a.calls.hangUp();
  });

  test('whoever answers and hangs up at once comes to nobody', async () => {
    const [a, b, c] = people('ABC');
    await connect(a, c);
    a.calls.ring('B');
    await settle();
    b.calls.accept(b.ring);
    b.calls.hangUp();
    await settle();
    assert.deepEqual([a.members, b.calls.current, c.members], ['C', null, 'A']);
  });

  test('he who went without a word and is back takes his own place', async () => {
    const [a, b] = people('AB');
    await connect(a, b);
    const first = a.peers[0];
    b.calls.current = null; // a reload
    a.calls.takeBack('B');
    const { sdp } = await a.calls.take('B', { op: 'join', call: a.calls.current.id, sdp: SDP, state: {} });
    assert.equal(sdp, `${SDP}answer`);
    assert.deepEqual([a.members, first.isClosed, a.peers.length], ['B', true, 2]);
  });

  test('a connection that cannot be mended is replaced, whoever finds out, also both at once; the old one goes last', async () => {
    for (const finders of ['A', 'B', 'AB', 'BA']) {
      const [a, b] = people('AB');
      await connect(a, b);
      const old = { A: a.peers[0], B: b.peers[0] };
      const open = [];
      a.watch = b.watch = (message) => message.op === 'join' && open.push(old.A.isClosed || old.B.isClosed);
      for (const addr of finders) {
        old[addr].state = 'on';
        old[addr].onDead('stuck');
      }
      await settle();
      assert.deepEqual([a.members, b.members, open[0]], ['B', 'A', false], finders);
      const [[x], [y]] = [a, b].map(({ calls }) => [...calls.current.members.values()]);
      assert.deepEqual([x.peer.isClosed, y.peer.isClosed, x.peer.isSettled, y.peer.isSettled], [false, false, true, true], finders);
      assert.deepEqual([old.A.isClosed, old.B.isClosed, x.state.mic, y.state.mic], [true, true, true, true], finders);
      assert.deepEqual([a, b].map(({ told }) => told.map(({ type }) => type)), [[], ['ring']], 'nothing to be said about it');
      old.A.onDead('left'); // that he closed it is no good-bye
      assert.equal(a.members, 'B');
    }
  });

  test('connections that cannot be mended, one after the other: it ends, and both know why', async () => {
    const [a, b] = people('AB');
    await connect(a, b);
    for (let i = 0; i < 9 && a.calls.current; i++) {
      a.peers.at(-1).onDead('stuck');
      await settle();
    }
    assert.equal(a.peers.length, 4);
    assert.deepEqual([a.calls.current, b.calls.current], [null, null]);
    assert.deepEqual([a.told[0].why, b.told.at(-2).type], ['lost', 'left']);
  });
});
