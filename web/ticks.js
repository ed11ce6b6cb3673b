// SPDX-License-Identifier: GPL-3.0-or-later
// Delivery of one's own messages: a tick under each, and on request one line per recipient with its reason.

import { el, icon, setIcon, setLabel, setText, soon } from './dom.js';
import { nameOf, short } from './names.js';
import { texts, wordsOf } from './texts.js';

const ICONS = { queued: 'clock', sent: 'check', delivered: 'checks', partial: 'alert', failed: 'alert', nobody: 'alert' };

const ticks = new WeakMap(); // message element -> tick
const byId = new Map(); // message id -> tick, while the message is shown
const stale = new Set(); // ticks to paint again
let newest = null;

const paintStale = soon(() => {
  for (const tick of stale) paint(tick);
  stale.clear();
}, 40);

export function setUpTicks() {
  window.addEventListener('nktdelivery', ({ detail }) => {
    const tick = byId.get(detail?.id);
    if (!tick) return;
    if (detail.reason) tick.reasons.set(detail.addr, wordsOf(detail.reason));
    stale.add(tick);
    paintStale();
  });
}

/** The tick for a message element; delivering is the Promise of its delivery, counts {all, done, failed} of those it does not name. */
export function tickFor(node, delivering, counts = { all: 0, done: 0, failed: 0 }) {
  const symbol = icon('clock');
  const words = el('span', { className: 'tick-words', textContent: ' ' });
  const button = el('button', { type: 'button', className: 'tick', 'aria-expanded': 'false', 'aria-live': 'off' }, symbol, words);
  const tick = { node, button, symbol, words, delivery: null, counts, error: '', reasons: new Map(), details: null };
  button.addEventListener('click', () => toggle(tick));
  ticks.set(node, tick);
  if (newest?.node.dataset.state !== 'failed') newest?.button.setAttribute('tabindex', '-1'); // few stops for the Tab key
  newest = tick;
  paint(tick);
  delivering.then((delivery) => follow(tick, delivery), (error) => fail(tick, error));
  return button;
}

/** The message leaves the list. */
export function forgetTick(node) {
  const tick = ticks.get(node);
  if (byId.get(tick?.delivery?.id) === tick) byId.delete(tick?.delivery?.id);
}

function follow(tick, delivery) {
  if (delivery.cancelled) return fail(tick, new Error(texts.cancelled));
  tick.delivery = delivery;
  tick.node.dataset.id = delivery.id;
  byId.set(delivery.id, tick);
  paint(tick);
  Promise.resolve(delivery.settled).then(() => paint(tick), () => paint(tick));
  return undefined;
}

function fail(tick, error) {
  tick.error = wordsOf(error);
  paint(tick);
}

/** {state, done, all} over all recipients. */
function tally({ delivery, counts, error }) {
  if (error) return { state: 'failed', done: 0, all: 0 };
  if (!delivery) return { state: 'queued', done: 0, all: 0 };
  const states = [...delivery.recipients.values()];
  const count = (state) => states.filter((one) => one === state).length;
  const all = counts.all + states.length;
  const done = counts.done + count('delivered');
  const failed = counts.failed + count('failed');
  if (!all) return { state: 'nobody', done, all };
  if (done === all) return { state: 'delivered', done, all };
  if (done + failed === all) return { state: done ? 'partial' : 'failed', done, all };
  return { state: done || count('sent') ? 'sent' : 'queued', done, all };
}

function paint(tick) {
  const { state, done, all } = tally(tick);
  tick.node.dataset.state = state;
  setIcon(tick.symbol, ICONS[state]);
  const summary = texts.delivery[state];
  const words = ['failed', 'nobody'].includes(state) ? summary : all > 1 && state !== 'queued' ? `${done}/${all}` : '';
  tick.words.firstChild.data = words; // the text node itself: a new one would be read aloud
  const reason = tick.error || (state === 'failed' && [...tick.reasons.values()][0]);
  setLabel(tick.button, [words !== summary && words, summary, reason].filter(Boolean).join(': '));
  if (['failed', 'partial'].includes(state)) tick.button.removeAttribute('tabindex');
  if (tick.details) paintDetails(tick);
}

function toggle(tick) {
  if (tick.details) {
    tick.details.remove();
    tick.details = null;
  } else {
    tick.details = el('ul', { className: 'recipients', 'aria-live': 'off' });
    tick.button.after(tick.details);
    paintDetails(tick);
  }
  tick.button.setAttribute('aria-expanded', String(Boolean(tick.details)));
}

function paintDetails(tick) {
  tick.details.replaceChildren(...linesOf(tick));
}

const linesOf = (tick) => (tick.delivery?.recipients.size
  ? [...tick.delivery.recipients].map(([addr, state]) => recipient(tick, addr, state))
  : [el('li', { textContent: tick.error || texts.delivery[tally(tick).state] })]);

/** A line for each recipient of one's own message. @param {HTMLElement} node @returns {HTMLElement[]} */
export function recipientsOf(node) {
  const tick = ticks.get(node);
  return tick ? linesOf(tick) : [];
}

function recipient(tick, addr, state) {
  const line = el('li', { data: { state } }, icon(ICONS[state] ?? 'clock'),
    el('b', { dir: 'auto', textContent: nameOf(addr) }), el('code', { textContent: short(addr), title: addr }), el('span'));
  const reason = state === 'failed' && (tick.reasons.get(addr) || texts.unknownReason);
  setText(line.lastChild, [texts.delivery[state] ?? state, reason].filter(Boolean).join(': '));
  return line;
}
