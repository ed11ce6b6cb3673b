// SPDX-License-Identifier: GPL-3.0-or-later
// The picture of the swarm without a page: what health() says of people, and where they are put.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { place, placeLabels, spread } from '../../web/layout.js';
import { DRAWN_COUNT_MAX, fraction, readSwarm } from '../../web/reach.js';

const SIZE = { width: 640, height: 480 };
const OPEN_RELAY = [{ url: 'ws://r/', state: 'open' }];
const link = (address, more) => ({ address, kind: 'webrtc', state: 'open', ...more });
const names = (count, prefix = 'B') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const usersOf = (addresses, path = 'direct') => Object.fromEntries(addresses.map((address) => [address, { path }]));
const ways = ({ people }) => Object.fromEntries(people.map(({ address, by, via }) => [address, via ? `${by} ${via}` : by]));
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** A swarm of linked people, each of which forwards for some. */
function forest(linkedCount, behindCount) {
  const linked = names(linkedCount, 'L');
  const paths = linked.flatMap((via) => names(behindCount, `${via}.`).map((address) => ({ address, by: 'peer', via })));
  return readSwarm({ address: 'me', relays: OPEN_RELAY, links: linked.map((address) => link(address)), paths }, usersOf(linked));
}

describe('who is reached how', () => {
  test('without overlay and paths: by links and userList', () => {
    const users = { a: { path: 'direct' }, r: { path: 'relay' }, f: { path: 'forwarded' }, n: { path: 'none' } };
    const swarm = readSwarm({ address: 'me', relays: OPEN_RELAY, links: [link('a'), link('c', { state: 'connecting' })] }, users);
    assert.deepEqual(ways(swarm), { a: 'link', r: 'relay', f: 'flood', n: 'none' });
    assert.deepEqual(swarm.counts, { link: 1, peer: 0, relay: 1, flood: 1, none: 1 });
    assert.deepEqual([swarm.hasTree, swarm.warning, swarm.more, swarm.relay], [false, '', 0, { count: 1, state: 'ok' }]);
  });

  test('before the start', () => {
    const swarm = readSwarm({}, {});
    assert.deepEqual([swarm.people, swarm.relay, swarm.self], [[], null, '']);
    assert.equal(place(swarm, { width: 0, height: 0 }).people.size, 0);
  });

  test('paths say through whom, links say which are on the tree', () => {
    const paths = [
      { address: 'a', by: 'link', via: null }, { address: 'b', by: 'peer', via: 'a' }, { address: 'c', by: 'peer', via: 'a' },
      { address: 'd', by: 'relay', via: null }, { address: 'e', by: 'flood', via: null }, { address: 'f', by: 'none', via: null },
    ];
    const links = [link('a', { tree: 'eager' }), link('z', { tree: 'lazy' })];
    const swarm = readSwarm({ address: 'me', links, paths }, usersOf(['a', 'b', 'c', 'd', 'e', 'f'], 'none'));
    assert.deepEqual(ways(swarm), { a: 'link', z: 'link', b: 'peer a', c: 'peer a', d: 'relay', e: 'flood', f: 'none' });
    const found = Object.fromEntries(swarm.people.map((one) => [one.address, one]));
    assert.deepEqual([found.a.forwards, found.a.tree, found.z.tree, swarm.hasTree], [2, 'eager', 'lazy', true]);
  });

  test('what does not fit together is no fault', () => {
    const paths = [
      { address: 'me', by: 'peer', via: 'a' }, { address: 'b', by: 'peer', via: 'gone' }, { address: 'a', by: 'peer', via: 'a' },
      { address: 'c', by: 'constructor', via: null }, { address: 'd', by: 'link', via: null }, { address: 'e', by: 'peer', via: 'b' },
    ];
    const links = [link('a', { tree: 'odd' }), { state: 'open' }];
    const swarm = readSwarm({ address: 'me', links, paths }, JSON.parse('{"__proto__": {"path": "toString"}}'));
    assert.deepEqual(Object.entries(ways(swarm)).sort(), [
      ['__proto__', 'none'], ['a', 'link'], ['b', 'flood'], ['c', 'none'], ['d', 'link'], ['e', 'flood'],
    ]);
    assert.equal(swarm.hasTree, false);
    assert.equal(swarm.people.find(({ address }) => address === 'd').isWaiting, true);
  });

  test('the relays as one', () => {
    const state = (...states) => readSwarm({ relays: states.map((one) => ({ state: one })) }, {}).relay;
    assert.deepEqual(state('waiting', 'open'), { count: 2, state: 'ok' });
    assert.deepEqual(state('waiting', 'connecting'), { count: 2, state: 'down' });
    assert.deepEqual(state('connecting'), { count: 1, state: 'wait' });
  });

  test('warnings, but not to somebody alone', () => {
    const warning = (overlay, users) => readSwarm({ overlay }, users).warning;
    const somebody = usersOf(['a'], 'none');
    assert.equal(warning({ isolated: true, partitioned: true }, somebody), 'isolated');
    assert.equal(warning({ isolated: false, partitioned: true }, somebody), 'partitioned');
    assert.equal(warning({ isolated: false, partitioned: false }, somebody), '');
    assert.equal(warning({ isolated: true, partitioned: false }, {}), '');
  });

  test('at most 200, the linked first, the others as a number', () => {
    const linked = names(20, 'L');
    const swarm = readSwarm({ links: linked.map((address) => link(address)) }, usersOf([...names(300, 'N'), ...linked], 'none'));
    assert.deepEqual([swarm.people.length, swarm.more, swarm.counts.none], [DRAWN_COUNT_MAX, 120, 300]);
    assert.ok(linked.every((address) => swarm.people.some((one) => one.address === address)));
  });
});

describe('where they are', () => {
  test('spread() keeps the order, the gap and the bounds, and moves only what is in the way', () => {
    assert.deepEqual(spread([1, 3], 1, 0, 10), [1, 3]);
    assert.deepEqual(spread([1, 5, 5], 1, 0, 10), [1, 4.5, 5.5]);
    assert.deepEqual(spread([0, 0, 9.9, 10], 1, 0, 10), [0, 1, 9, 10]);
    assert.deepEqual(spread([4, 4, 4], 100, 0, 10), [0, 5, 10], 'the gap shrinks');
    assert.deepEqual(spread([], 1, 0, 1), []);
  });

  test('nobody on top of another, all within the picture', () => {
    for (const [linkedCount, behindCount, near] of [[2, 0, 80], [3, 2, 40], [16, 0, 40], [16, 1, 16], [12, 4, 10], [20, 9, 4]]) {
      const { people, center, relay } = place(forest(linkedCount, behindCount), SIZE);
      const points = [...people.values(), center, relay];
      assert.equal(points.length, linkedCount * (behindCount + 1) + 2);
      points.forEach((a, i) => points.slice(i + 1).forEach((b) => {
        assert.ok(distance(a, b) >= near, `${linkedCount}/${behindCount}: ${distance(a, b)} px`);
      }));
      for (const { x, y } of points) assert.ok(x >= 20 && y >= 20 && x <= SIZE.width - 20 && y <= SIZE.height - 20);
    }
  });

  test('beyond the one who forwards for them', () => {
    const swarm = forest(5, 3);
    const { people, center } = place(swarm, SIZE);
    for (const { address, via } of swarm.people) {
      if (!via) continue;
      assert.equal(people.get(address).isOuter, true);
      const own = distance(people.get(address), people.get(via));
      const nearest = Math.min(...names(5, 'L').map((other) => distance(people.get(address), people.get(other))));
      assert.equal(own, nearest, `${address} is nearest to ${via}`);
      assert.ok(distance(people.get(address), center) > distance(people.get(via), center));
    }
  });

  test('those reached by the relay are beyond the relay', () => {
    const { people, relay } = place(readSwarm({ relays: OPEN_RELAY }, usersOf(names(4), 'relay')), SIZE);
    for (const { y } of people.values()) assert.ok(y < relay.y);
  });

  test('the same whatever the order, and who comes moves few', () => {
    const at = (addresses) => place(readSwarm({ relays: OPEN_RELAY, links: addresses.map((address) => link(address)) }, {}), SIZE).people;
    const all = names(9);
    const before = at(all);
    assert.deepEqual([...at([...all].reverse())].sort(), [...before].sort());
    for (const newcomer of names(5, 'new')) {
      const after = at([...all, newcomer]);
      const moved = all.map((address) => distance(before.get(address), after.get(address)));
      assert.ok(Math.max(...moved) < 110, `${newcomer}: ${Math.max(...moved)} px`);
      assert.ok(moved.filter((px) => px < 1).length >= 3, `${newcomer} moves ${moved}`);
    }
  });

  test('a label is where it covers nobody, or nowhere', () => {
    const owner = (key, x, y, ...sides) => ({ key, x, y, radius: 10, width: 60, sides });
    const fit = (...owners) => Object.fromEntries(placeLabels(owners, { width: 200, height: 200 }, 30));
    const both = ['below', 'above'];
    assert.deepEqual(fit(owner('a', 100, 100, ...both), owner('b', 100, 50, 'above')), { a: 'below', b: 'above' });
    assert.deepEqual(fit(owner('a', 100, 180, ...both), owner('b', 100, 15, 'above', 'right')), { a: 'above', b: 'right' }, 'within');
    assert.deepEqual(fit(owner('a', 20, 100, ...both, 'left')), {}, 'cut off at the side');
    assert.deepEqual(fit(owner('a', 80, 100, ...both), owner('b', 120, 100, ...both)), { a: 'below', b: 'above' }, 'over no other label');
    assert.deepEqual(fit(owner('a', 100, 100, ...both, 'left'), owner('x', 90, 130), owner('y', 110, 70)), { a: 'left' });
    assert.deepEqual(fit(owner('a', 100, 100, 'right'), owner('x', 140, 100)), {});
  });

  test('angles are even over addresses', () => {
    const quarters = [0, 0, 0, 0];
    for (const address of names(400, 'BSRjcBZzyWeTy5P2tahhBgLDveHWo3y')) quarters[Math.floor(fraction(address) * 4)]++;
    assert.ok(quarters.every((count) => count > 70 && count < 130), String(quarters));
  });
});
