// SPDX-License-Identifier: GPL-3.0-or-later
// The swarm as a picture, without drawing it: where each of those whom reach.js found is put. Pure functions.
// An angle follows from an address, so that everybody keeps their place while others come and go.

import { fraction } from './reach.js';

const LINK_GAP = 0.85; // of an even share of the ring, at least, between two who are linked
const RELAY_GAP = 0.5; // of 2 pi, left free on each side of the relay
const OUTER_GAP = 0.28; // of 2 pi, between two in a row outside, if there is room
const INNER = [0.8, 0.56, 0.5, 0.44]; // radius of the linked by the number of rows outside; 1: the edge
const ROW_STEP = 0.15; // of the radius, between two rows outside
const ROWS = [[0, 0], [32, 1], [90, 2], [Infinity, 3]]; // [people outside at most, rows]
const ARC_STEPS = 240; // an ellipse as so many straight lines, to measure it
const MARGIN = { x: 44, y: 46 }; // px, for what is written at the edge

/**
 * Moves wishes apart, as little as possible (least squares): ascending, at least `gap` between two, within [low, high].
 * The gap shrinks when there is no room for it.
 * @param {number[]} wishes ascending
 */
export function spread(wishes, gap, low, high) {
  const n = wishes.length;
  const step = Math.min(gap, (high - low) / Math.max(1, n - 1));
  const blocks = []; // {sum, count}: neighbours that were pushed together
  wishes.forEach((wish, i) => {
    let block = { sum: wish - i * step, count: 1 };
    while (blocks.length && blocks.at(-1).sum / blocks.at(-1).count > block.sum / block.count) {
      const last = blocks.pop();
      block = { sum: last.sum + block.sum, count: last.count + block.count };
    }
    blocks.push(block);
  });
  const clamp = (value) => Math.min(Math.max(value, low), high - (n - 1) * step);
  return blocks.flatMap(({ sum, count }) => Array(count).fill(clamp(sum / count))).map((value, i) => value + i * step);
}

/**
 * Where everything is, in px of a picture of that size. Oneself is in the middle, the relay at the top, the linked around, the
 * others beyond those who forward for them.
 * @returns {{center: Point, relay: Point|null, people: Map<string, Point & {isOuter: boolean}>, space: {inner: number, outer: number}}}
 * space: px from one person to the next, on average
 * @typedef {{x: number, y: number}} Point
 */
export function place(swarm, { width, height }) {
  const linked = swarm.people.filter(({ by }) => by === 'link');
  const outer = swarm.people.filter(({ by }) => by !== 'link');
  const rowCount = ROWS.find(([max]) => outer.length <= max)[1];
  const center = { x: width / 2, y: height / 2 };
  const radius = { x: Math.max(0, center.x - MARGIN.x), y: Math.max(0, center.y - MARGIN.y) };
  const angleAt = evenly(radius);
  const at = (turn, share) => {
    const angle = angleAt(turn);
    return { x: center.x + Math.sin(angle) * radius.x * share, y: center.y - Math.cos(angle) * radius.y * share };
  };
  const inner = INNER[rowCount];
  const people = new Map();
  const angles = placeLinked(linked, Boolean(swarm.relay));
  for (const [address, angle] of angles) people.set(address, { ...at(angle, inner), isOuter: false });
  for (const [address, { angle, row }] of placeOuter(outer, angles, rowCount)) {
    people.set(address, { ...at(angle, 1 - row * ROW_STEP), isOuter: true });
  }
  const way = Math.PI * (radius.x + radius.y); // around the edge, nearly
  const space = { inner: way * inner / Math.max(1, linked.length), outer: way * INNER[0] * rowCount / Math.max(1, outer.length) };
  return { center, relay: swarm.relay && at(0, inner), people, space };
}

/**
 * Which of the labels fit beside their owners, within the picture, over nobody and over no other label.
 * @param {Array<{key: string, x: number, y: number, radius: number, width: number, sides: Side[]}>} owners px; first come, first
 * served; sides: where to try, in that order. Without any it is in the way only
 * @param {{width: number, height: number}} size
 * @param {number} height px of a label
 * @returns {Map<string, Side>}
 * @typedef {'above'|'below'|'left'|'right'} Side
 */
export function placeLabels(owners, size, height) {
  const taken = owners.map(({ key, x, y, radius }) => ({ key, left: x - radius, right: x + radius, top: y - radius, bottom: y + radius }));
  const found = new Map();
  for (const { key, width, sides, ...circle } of owners) {
    for (const side of sides) {
      const box = boxAt(side, circle, width, height);
      if (box.left < 0 || box.right > size.width || box.top < 0 || box.bottom > size.height) continue;
      if (taken.some((other) => other.key !== key && overlap(box, other))) continue;
      taken.push({ key: '', ...box });
      found.set(key, side);
      break;
    }
  }
  return found;
}

function boxAt(side, { x, y, radius }, width, height) {
  const left = side === 'left' ? x - radius - width : side === 'right' ? x + radius : x - width / 2;
  const top = side === 'above' ? y - radius - height : side === 'below' ? y + radius : y - height / 2;
  return { left, right: left + width, top, bottom: top + height };
}

const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** From a turn (2 pi: all the way round) to the angle of an ellipse: equal turns are equal ways along it, wide or narrow. */
function evenly({ x, y }) {
  const step = 2 * Math.PI / ARC_STEPS;
  const ways = [0];
  for (let i = 1; i <= ARC_STEPS; i++) {
    const middle = (i - 0.5) * step;
    ways.push(ways.at(-1) + Math.hypot(x * Math.cos(middle), y * Math.sin(middle)));
  }
  return (turn) => {
    const part = turn / (2 * Math.PI);
    const way = (part - Math.floor(part)) * ways.at(-1);
    const i = Math.max(1, ways.findIndex((end) => end > way)); // -1: no size at all
    return (i - 1 + (way - ways[i - 1]) / (ways[i] - ways[i - 1] || 1)) * step;
  };
}

/** Turns from the top, clockwise. The gap depends on the next power of 1.4: one more moves few who are not in the way. */
function placeLinked(linked, hasRelay) {
  const low = hasRelay ? RELAY_GAP : 0;
  const high = 2 * Math.PI - low;
  const sorted = [...linked].sort((a, b) => fraction(a.address) - fraction(b.address));
  const room = 2 ** (Math.ceil(2 * Math.log2(Math.max(1, linked.length))) / 2);
  const angles = spread(sorted.map(({ address }) => low + fraction(address) * (high - low)), LINK_GAP * (high - low) / room, low,
    high - (hasRelay ? 0 : LINK_GAP * high / room));
  return new Map(sorted.map(({ address }, i) => [address, angles[i]]));
}

/** As fans behind those through whom they are reached. The seam is at the bottom, opposite of the relay. */
function placeOuter(outer, angles, rowCount) {
  const fromBottom = (angle) => (angle > Math.PI ? angle - 2 * Math.PI : angle);
  const wish = ({ by, via, address }) => (by === 'relay' ? 0 : by === 'peer' && angles.has(via) ? fromBottom(angles.get(via))
    : fromBottom(fraction(address) * 2 * Math.PI));
  const placed = new Map();
  const limit = Math.PI - OUTER_GAP / 2;
  for (let row = 0; row < rowCount; row++) {
    const wishes = outer.filter(({ address }) => Math.floor(fraction(`${address} row`) * rowCount) === row)
      .map(({ address, ...rest }) => ({ address, angle: wish({ address, ...rest }) }))
      .sort((a, b) => a.angle - b.angle || fraction(a.address) - fraction(b.address));
    const spreadOut = spread(wishes.map(({ angle }) => angle), OUTER_GAP, -limit, limit);
    wishes.forEach(({ address }, i) => placed.set(address, { angle: spreadOut[i], row }));
  }
  return placed;
}
