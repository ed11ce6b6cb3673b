// SPDX-License-Identifier: GPL-3.0-or-later
// The swarm as a live picture, in a dialog: the drawing, the same in words, what the lines mean, a warning.
// Drawn anew on events only, a few times a second at most, and not at all while nobody can see it.

import './words_swarm.js';
import { $, el, place, setText, soon } from './dom.js';
import { nameInLine, nameOf, ownAddress, short } from './names.js';
import { clearPicture, draw, light } from './picture.js';
import { readSwarm } from './reach.js';
import { texts } from './texts.js';

const REDRAW_MS = 250;
const EVENTS = ['nktstatus', 'nktnewpeer', 'nktsession', 'nktwebrtcseen', 'nktwebrtcleft', 'nktkeychanged'];

const rows = new Map(); // address -> {node, button, ...}
let pinned = ''; // address whose way stays lit

const refreshSoon = soon(refresh, REDRAW_MS);
const changed = () => { if (isSeen()) refreshSoon(); };

setUp();

function setUp() {
  for (const name of EVENTS) window.addEventListener(name, changed);
  document.addEventListener('visibilitychange', changed);
  new ResizeObserver(changed).observe($('swarm-picture'));
  $('swarm-close').addEventListener('click', closeSwarm);
  $('swarm').addEventListener('click', ({ target }) => { if (target === $('swarm')) closeSwarm(); }); // beside it
  $('swarm').addEventListener('close', forget);
  $('swarm-picture').addEventListener('pointerover', ({ target }) => light(addressAt(target) || pinned));
  $('swarm-picture').addEventListener('pointerleave', () => light(pinned));
  $('swarm-picture').addEventListener('click', ({ target }) => pin(addressAt(target)));
}

export function openSwarm() {
  if (!ownAddress() || $('swarm').open) return;
  $('swarm').showModal();
  refresh();
}

function closeSwarm() {
  $('swarm').close();
}

const isSeen = () => $('swarm').open && !document.hidden;

const addressAt = (target) => target.closest?.('[data-address]')?.dataset.address ?? '';

function forget() {
  pinned = '';
  rows.clear();
  $('swarm-list').replaceChildren();
  clearPicture($('swarm-picture'));
}

function refresh() {
  if (!isSeen()) return;
  const swarm = readSwarm(window.nkt.health(), window.nkt.userList ?? {});
  const { width, height } = $('swarm-picture').getBoundingClientRect();
  setText($('swarm-summary'), texts.swarmSummary(swarm));
  setText($('swarm-warning'), swarm.warning && texts.swarmWarning[swarm.warning]);
  setText($('swarm-more'), swarm.more ? `+${swarm.more}` : '');
  $('swarm').dataset.tree = String(swarm.hasTree);
  draw($('swarm-picture'), swarm, { width, height }, (one) => `${nameInLine(one.address)} (${short(one.address)}): ${wayOf(one)}`);
  list(swarm);
}

const wayOf = ({ by, via, tree, isWaiting, forwards }) => [
  by === 'peer' ? texts.swarmThrough(nameInLine(via)) : texts.swarmBy[by === 'link' ? tree || 'link' : by],
  isWaiting && texts.swarmWaiting, forwards > 0 && texts.swarmForwards(forwards),
].filter(Boolean).join(', ');

/** The same in words, in the order of the drawing's importance, then by name. */
function list({ people, more }) {
  const seen = new Set(people.map(({ address }) => address));
  for (const [address, row] of rows) if (!seen.has(address)) drop(address, row);
  const order = ['link', 'peer', 'relay', 'flood', 'none'];
  const sorted = people.map((one) => ({ one, name: nameOf(one.address) }))
    .sort((a, b) => order.indexOf(a.one.by) - order.indexOf(b.one.by) || a.name.localeCompare(b.name)
      || (a.one.address < b.one.address ? -1 : 1));
  sorted.forEach(({ one, name }, i) => {
    const row = rows.get(one.address) ?? build(one.address);
    setText(row.name, name);
    setText(row.way, wayOf(one));
    row.node.dataset.by = one.by;
    row.button.setAttribute('aria-pressed', String(pinned === one.address));
    place($('swarm-list'), row.node, i);
  });
  setText($('swarm-rest'), more ? texts.swarmMore(more) : people.length ? '' : texts.usersEmpty);
}

function drop(address, row) {
  row.node.remove();
  rows.delete(address);
}

/** A button, so that the keyboard can light a way as the pointer does. */
function build(address) {
  const name = el('b', { dir: 'auto' });
  const way = el('span', { className: 'swarm-way' });
  const button = el('button', { type: 'button', onclick: () => pin(address), onfocus: () => light(address), onblur: () => light(pinned),
    onpointerenter: () => light(address), onpointerleave: () => light(pinned) },
  name, ' ', el('code', { textContent: short(address), title: address }), el('span', { className: 'off', textContent: ': ' }), way);
  const row = { node: el('li', { data: { address } }, button), button, name, way };
  rows.set(address, row);
  return row;
}

/** Once more lets go. */
function pin(address) {
  pinned = pinned === address ? '' : address;
  light(pinned);
  for (const [key, { button }] of rows) button.setAttribute('aria-pressed', String(pinned === key));
}
