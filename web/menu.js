// SPDX-License-Identifier: GPL-3.0-or-later
// The menu of a message: fetched when it is first opened (later.js). It stands in the message, so that it is in sight and in the order of
// the Tab key wherever that is, at any width.

import './words_menu.js';
import { addedActions } from './actions.js';
import { nextEdit, ownReaction, takeChange } from './changed.js';
import { openDetails } from './details.js';
import { el, icon, isComposing, setLabel, toClipboard } from './dom.js';
import { chooser } from './emoji_choice.js';
import { editLine } from './input.js';
import { loadEmoji } from './later.js';
import { note } from './messages.js';
import { ownAddress } from './names.js';
import { answer } from './reply.js';
import { readSign, SIGN_COUNT_MAX, signShown, writeGone, writeReaction } from './said.js';
import { texts, wordsOf } from './texts.js';

const QUICK = ['👍', '❤', '😂', '😮', '😢', '🙏'];
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

let shown = null; // {menu, button}
let sending = Promise.resolve(); // one after the other: each counts on from what the last one made

const canChange = ({ encrypted, isGone }) => encrypted && !isGone;

/** Those of the page; a plugin's come behind them. */
const ACTIONS = [
  { id: 'reply', label: () => texts.actions.reply, icon: 'reply', applies: ({ isGone }) => !isGone, run: answer },
  {
    id: 'edit', label: () => texts.actions.edit, icon: 'edit',
    applies: (message) => message.own && message.text !== null && canChange(message),
    run: (message) => editLine(message, nextEdit(message.id, message.from)),
  },
  { id: 'copy', label: () => texts.actions.copy, icon: 'copy', applies: ({ text }) => Boolean(text), run: copyText },
  { id: 'details', label: () => texts.actions.details, icon: 'info', run: openDetails },
  { id: 'remove', label: () => texts.actions.remove, icon: 'remove', applies: (message) => message.own && canChange(message), run: ask },
];

/** A button at a message was pressed. @param {import('./actions.js').Message} message @param {HTMLElement} button */
export function press(message, button) {
  if (button.matches('.edited')) openDetails(message);
  else if (button.matches('.sign')) react(message, button.dataset.sign);
  else openMenu(message, button);
}

/** Opens the menu, or closes it. */
function openMenu(message, button) {
  const isSame = shown?.button === button;
  close();
  if (isSame) return;
  const menu = el('div', { className: 'acts', role: 'toolbar', 'aria-label': texts.actionsLabel, 'aria-live': 'off' });
  shown = { menu, button };
  fill(menu, message);
  menu.addEventListener('keydown', onKey);
  menu.addEventListener('focusout', ({ relatedTarget: to }) => { // who goes on by Tab leaves it, as who presses beside it does
    if (to && to !== button && shown?.menu === menu && !menu.contains(to)) close();
  });
  message.node.append(menu);
  button.setAttribute('aria-expanded', 'true');
  stops(menu)[0]?.focus({ preventScroll: true });
  menu.scrollIntoView({ block: 'nearest' });
}

function close() {
  if (!shown) return;
  const { menu, button } = shown;
  shown = null;
  const hadFocus = menu.contains(document.activeElement);
  menu.remove();
  button.setAttribute('aria-expanded', 'false');
  if (hadFocus) button.focus({ preventScroll: true });
}

document.addEventListener('pointerdown', ({ target }) => {
  if (shown && !shown.menu.contains(target) && !shown.button.contains(target)) close();
});

function fill(menu, message) {
  const own = new Set(ownReaction(message.id, message.from).signs);
  const quick = canChange(message) ? [...QUICK.map((sign) => signButton(message, sign, own.has(sign))), moreSigns(message)] : [];
  const rest = [...ACTIONS, ...addedActions()].filter((one) => applies(one, message)).map((one) => action(one, message));
  menu.replaceChildren(...(quick.length ? [el('div', { className: 'acts-signs' }, ...quick)] : []),
    el('div', { className: 'acts-rest' }, ...rest));
  rove(menu, stops(menu)[0]);
}

function applies({ id, applies: test }, message) {
  try {
    return test ? Boolean(test(message)) : true;
  } catch (error) {
    console.error(`nkt: action ${id}:`, error);
    return false;
  }
}

/** What throws takes no menu away. */
function wordsOfAction({ id, label }) {
  try {
    return String((typeof label === 'function' ? label() : label) ?? id);
  } catch (error) {
    console.error(`nkt: action ${id}:`, error);
    return id;
  }
}

function action(one, message) {
  const { id, icon: symbol, run } = one;
  const words = wordsOfAction(one);
  const button = el('button', { type: 'button', data: { action: id } }, ...(symbol ? [icon(symbol)] : []), words);
  button.addEventListener('click', () => {
    if (run === ask) return ask(message);
    close();
    return Promise.resolve().then(() => run(message)).catch((error) => note(wordsOf(error), 'error'));
  });
  return button;
}

function signButton(message, sign, isOwn) {
  const picture = signShown(sign);
  return el('button', {
    type: 'button', className: 'sign', 'aria-pressed': String(isOwn), 'aria-label': texts.signAdd(picture), textContent: picture,
    data: { sign }, onclick: () => { close(); react(message, sign); },
  });
}

function moreSigns(message) {
  const button = el('button', { type: 'button', className: 'sign', textContent: '+' });
  setLabel(button, texts.signMore);
  button.addEventListener('click', async () => {
    const { menu } = shown;
    try {
      const table = await loadEmoji();
      if (shown?.menu !== menu) return;
      menu.replaceChildren(chooser(table, (sign) => { close(); react(message, sign); }));
      menu.querySelector('input').focus();
      menu.scrollIntoView({ block: 'nearest' });
    } catch {
      note(texts.notFetched, 'error');
    }
  });
  return button;
}

/** A deletion is asked about once more, in the same place: nobody takes it back. */
function ask(message) {
  const { menu } = shown;
  const yes = el('button', { type: 'button', className: 'acts-bad', textContent: texts.removeYes, data: { action: 'yes' },
    onclick: () => { close(); remove(message); } });
  menu.replaceChildren(el('span', { textContent: texts.removeAsk }), yes,
    el('button', { type: 'button', textContent: texts.removeNo, onclick: close }));
  rove(menu, stops(menu)[0]);
  yes.focus();
}

async function copyText({ text }) {
  if (await toClipboard(text)) note(texts.copied);
  else note(texts.copyFailed, 'error');
}

// ---- what is said ----

/** With a sign, or not any more. @param {import('./actions.js').Message} message @param {string} given */
export function react({ id, from, partner }, given) {
  const sign = readSign(given);
  return tell(partner, () => {
    const { n, signs } = ownReaction(id, from);
    const others = signs.filter((one) => one !== sign);
    return writeReaction(id, n, others.length < signs.length ? others : [...others, sign].slice(-SIGN_COUNT_MAX), partner);
  });
}

const remove = ({ id, partner }) => tell(partner, () => writeGone(id, partner));

/** To those whom the message was of. */
function tell(partner, make) {
  const { roomId } = window.nkt;
  sending = sending.then(async () => {
    if (window.nkt.roomId !== roomId) return; // what came before it took longer than one stayed
    const value = make();
    const { id, cancelled } = await window.nkt.sendEncryptedMessage(...(partner ? [value, partner] : [value]));
    if (!cancelled) takeChange(value, { id, from: ownAddress(), partner, date: Date.now() });
  }).catch((error) => note(texts.notSent(wordsOf(error)), 'error'));
  return sending;
}

// ---- keys ----

const stops = (menu) => [...menu.querySelectorAll('button, input')];

/** One of them is what the Tab key finds. */
function rove(menu, one) {
  for (const other of stops(menu)) other.tabIndex = other === one ? 0 : -1;
}

function onKey(event) {
  if (!shown || isComposing(event)) return undefined; // what was pressed has closed it
  const { menu } = shown;
  if (event.key === 'Escape') {
    event.preventDefault();
    event.stopPropagation();
    return close();
  }
  const all = stops(menu);
  const at = all.indexOf(event.target);
  const isWriting = event.target.matches('input') && !['ArrowDown', 'ArrowUp'].includes(event.key);
  const to = { Home: all[0], End: all.at(-1) }[event.key] ?? (STEPS[event.key] && all[(at + STEPS[event.key] + all.length) % all.length]);
  if (!to || at < 0 || isWriting) return undefined;
  event.preventDefault();
  rove(menu, to);
  return to.focus();
}
