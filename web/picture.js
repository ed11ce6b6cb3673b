// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the swarm as SVG. Keeps the elements of those who stay, so that they glide (style in swarm.css) and nothing flickers.

import { place, placeLabels } from './layout.js';
import { cleanNick, hueOf, initial, isAmbiguous, nameOf, ownNick, short } from './names.js';
import { setText } from './dom.js';
import { texts } from './texts.js';

const SVG = 'http://www.w3.org/2000/svg';
const RADIUS = { self: 21, inner: [9, 16], outer: [4, 11] }; // px; from, to: as there is room
const RELAY_SIZE = 30; // px
const SMALL = 12; // px of radius, below which letters are small too
const TINY = 6; // px of radius, below which there is none
const LABEL = { letter: 7.6, least: 62, height: 31 }; // px: of a letter, nearly; of the address below; of both lines
const LABEL_LENGTH_MAX = 11; // characters

const nodes = new Map(); // key -> parts of a node; a person's key is the address
const edges = new Map(); // key -> path
let lit = ''; // address whose way is lit

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const set = (node, name, value) => { if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value); };

/** Draws into an svg element, in px of its own size. describe(person): words for the pointer that rests. */
export function draw(root, swarm, size, describe) {
  set(root, 'viewBox', `0 0 ${size.width} ${size.height}`);
  if (!root.firstChild) root.append(svg('g', { class: 'edges' }), svg('g', { class: 'nodes' }));
  const places = place(swarm, size);
  const seen = new Set();
  const labels = labelsOf(swarm, places, size);
  const show = (key, parts) => { seen.add(key); put(root.lastChild, key, { ...parts, label: labels.get(key) }); };
  drawEdges(root.firstChild, swarm, places);
  if (swarm.relay) {
    const { count, state } = swarm.relay;
    const words = { letter: '⇄', name: texts.swarmRelays(count), note: texts.swarmRelay(swarm.relay) };
    show('relay', { kind: 'relay', state, point: places.relay, ...words });
  }
  for (const one of swarm.people) {
    const point = places.people.get(one.address);
    const kind = point.isOuter ? 'outer' : 'inner';
    const detail = short(one.address);
    show(one.address, { kind, one, point, radius: radiusOf(kind, places), name: nameOf(one.address), detail, note: describe(one) });
  }
  const self = { hue: hueOf(swarm.self), letter: initial(cleanNick(ownNick())), name: texts.swarmSelf, note: texts.swarmSelf };
  show('self', { kind: 'self', point: places.center, ...self });
  keepOnly(nodes, seen);
  light(lit);
}

export function clearPicture(root) {
  nodes.clear();
  edges.clear();
  lit = '';
  root.replaceChildren();
}

/** Lights the way to somebody, '' for none: theirs, and the one of who forwards for them. */
export function light(address) {
  lit = nodes.has(address) ? address : '';
  const via = lit && nodes.get(lit).node.dataset.via;
  const isOn = (key) => key === lit || (via !== '' && key === via);
  for (const [key, { node }] of nodes) node.classList.toggle('lit', Boolean(lit) && isOn(key));
  for (const [key, edge] of edges) edge.classList.toggle('lit', Boolean(lit) && isOn(key));
  nodes.get('self')?.node.ownerSVGElement?.classList.toggle('has-lit', Boolean(lit));
}

function radiusOf(kind, { space }) {
  const [from, to] = RADIUS[kind];
  return Math.min(to, Math.max(from, Math.round(space[kind] * 0.32)));
}

/** Who is in the way comes first: oneself and the relay with their own words. */
function labelsOf(swarm, { center, relay, people, space }, size) {
  const owners = [{ key: 'self', ...center, radius: RADIUS.self + 5, width: 30, sides: ['below'] }];
  if (relay) {
    const half = RELAY_SIZE / 2;
    const width = texts.swarmRelays(swarm.relay.count).length * LABEL.letter;
    owners.push({ key: 'relay', ...relay, radius: half, width: width + 8, sides: ['right', 'left', 'above'] });
  }
  for (const { address, forwards } of swarm.people) {
    const { x, y, isOuter } = people.get(address);
    const width = Math.max(LABEL.least, cut(nameOf(address)).length * LABEL.letter);
    const radius = radiusOf(isOuter ? 'outer' : 'inner', { space }) + (forwards ? 4 : 0);
    const isAbove = y < center.y - RADIUS.self && forwards === 0; // no line runs there
    const beside = x < center.x ? 'left' : 'right';
    const sides = forwards ? ['below', 'above', beside] : isAbove ? ['above', beside, 'below'] : ['below', beside, 'above'];
    owners.push({ key: address, x, y, radius, width, sides });
  }
  return placeLabels(owners, size, LABEL.height);
}

function drawEdges(layer, swarm, { center, relay, people }) {
  const seen = new Set();
  const join = (key, from, to, data) => {
    seen.add(key);
    if (!edges.has(key)) {
      edges.set(key, svg('path', { class: 'edge' }));
      layer.append(edges.get(key));
    }
    const edge = edges.get(key);
    Object.assign(edge.dataset, data);
    set(edge, 'd', `M${round(from.x)} ${round(from.y)}L${round(to.x)} ${round(to.y)}`);
  };
  if (swarm.relay) join('relay', center, relay, { kind: 'relay', state: swarm.relay.state });
  for (const one of swarm.people) {
    const from = one.by === 'relay' ? relay : one.by === 'peer' ? people.get(one.via) : center;
    const kind = one.by === 'link' ? one.tree || 'link' : one.by;
    if (one.by === 'none' || !from) continue; // by a relay that is not set any more
    join(one.address, from, people.get(one.address), { kind, state: one.isWaiting ? 'wait' : 'ok', to: one.address });
  }
  keepOnly(edges, seen);
}

function put(layer, key, { kind, one, point, radius = RADIUS.self, label, name, detail = '', note, ...more }) {
  const { letter = initial(name), hue = hueOf(key), state = '' } = more;
  if (!nodes.has(key)) {
    nodes.set(key, build(kind === 'relay'));
    layer.append(nodes.get(key).node);
  }
  const parts = nodes.get(key);
  const size = radius < TINY ? 'tiny' : radius < SMALL ? 'small' : 'full';
  const side = label ?? (kind === 'relay' ? 'right' : 'none');
  const via = one?.via || (one?.by === 'relay' ? 'relay' : '');
  Object.assign(parts.node.dataset, { kind, state, size, label: side, via });
  if (one) {
    const { address, by, forwards } = one;
    Object.assign(parts.node.dataset, { address, by, forwards, twin: isAmbiguous(address) });
  }
  if (kind !== 'relay') {
    parts.node.dataset.hue = hue;
    for (const [circle, extra] of [[parts.shape, 0], [parts.ring, 4]]) set(circle, 'r', radius + extra);
  }
  set(parts.node, 'transform', `translate(${round(point.x)} ${round(point.y)})`);
  putLabel(parts, side, kind === 'relay' ? RELAY_SIZE / 2 : radius, Boolean(detail));
  setText(parts.letter, letter);
  setText(parts.name, cut(name));
  setText(parts.detail, detail);
  setText(parts.title, note);
}

function putLabel({ name, detail }, side, radius, isTwo) {
  const [x, top] = { // of the first line's foot
    above: [0, -radius - 18], left: [-radius - 8, -1], right: [radius + 8, -1],
  }[side] ?? [0, radius + 15];
  for (const node of [name, detail]) set(node, 'x', x);
  set(name, 'y', isTwo || x === 0 ? top : top + 6);
  set(detail, 'y', top + 11);
}

function build(isRelay) {
  const half = RELAY_SIZE / 2;
  const shape = isRelay ? svg('rect', { x: -half, y: -half, width: RELAY_SIZE, height: RELAY_SIZE, rx: 5, class: 'shape' })
    : svg('circle', { class: 'shape' });
  const parts = {
    title: svg('title'), shape, ring: svg('circle', { class: 'ring' }), letter: svg('text', { class: 'letter', dy: '.36em' }),
    name: svg('text', { class: 'label' }), detail: svg('text', { class: 'detail' }),
  };
  return { ...parts, node: svg('g', { class: 'node' }, ...Object.values(parts)) };
}

function keepOnly(map, keys) {
  for (const [key, value] of map) {
    if (keys.has(key)) continue;
    (value.node ?? value).remove();
    map.delete(key);
  }
}

const round = (value) => Math.round(value * 10) / 10;

function cut(name) {
  const letters = [...name];
  return letters.length > LABEL_LENGTH_MAX ? `${letters.slice(0, LABEL_LENGTH_MAX - 1).join('')}…` : name;
}
