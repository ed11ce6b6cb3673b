// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a message: from whom, to whom, when, by which way, who has it, who reacted, what it was before. Fetched with the menu.

import { changeOf } from './changed.js';
import { el } from './dom.js';
import { textNodes } from './fold.js';
import { mentionsOf } from './mentioned.js';
import { dateOf } from './message.js';
import { nameOf, short } from './names.js';
import { signShown } from './said.js';
import { recipientsOf } from './ticks.js';
import { texts } from './texts.js';

const formatter = () => new Intl.DateTimeFormat(texts.locale, { dateStyle: 'full', timeStyle: 'medium' });

const person = (addr) => el('span', { className: 'details-person' }, el('b', { dir: 'auto', textContent: nameOf(addr) }), ' ',
  el('code', { textContent: short(addr), title: addr }));

const row = (label, ...what) => [el('dt', { textContent: label }), el('dd', {}, ...what)];

let window_ = null;
let shown = null; // the message

window.addEventListener('nktmessagechange', ({ detail: { id, from, isGone } }) => {
  if (isGone && id === shown?.id && from === shown.from) window_.close();
});

/** @param {import('./actions.js').Message} message */
export function openDetails(message) {
  window_ ??= build();
  const form = formatter();
  const change = changeOf(message.id, message.from);
  const { from, own, partner, date, encrypted, way, id, node } = message;
  const lines = [
    ...row(texts.details.from, person(from)),
    ...row(texts.details.to, partner ? (own ? person(partner) : texts.details.youAlone) : texts.details.everybody),
    ...row(texts.details.date, form.format(date)),
    ...row(texts.details.safety, encrypted ? texts.details.encrypted : texts.details.clear),
    ...(way ? row(texts.details.way, texts.path[way] ?? way) : []),
    ...row(texts.details.id, el('code', { textContent: id })),
  ];
  const recipients = own ? recipientsOf(node) : [];
  const signs = (change?.signs ?? []).map(({ sign, by }) => el('li', {}, `${signShown(sign)} `,
    ...by.flatMap((addr, i) => [i ? ', ' : '', person(addr)])));
  const earlier = (change?.earlier ?? []).map((one) => el('li', {}, el('time', { textContent: form.format(dateOf(one.date)) }),
    el('div', { className: 'details-text' }, ...textNodes(one.text, '', mentionsOf(one.text, one.mentions).people))));
  window_.querySelector('.details-body').replaceChildren(el('dl', {}, ...lines),
    ...part(texts.details.recipients, recipients, 'recipients'), ...part(texts.details.signs, signs, 'details-signs'),
    ...part(texts.details.earlier, earlier, 'details-earlier'));
  shown = message;
  if (!window_.open) window_.showModal();
}

const part = (title, items, className) => (items.length ? [el('h3', { textContent: title }), el('ul', { className }, ...items)] : []);

function build() {
  const dialog = el('dialog', { id: 'details', className: 'details', 'aria-labelledby': 'details-title' },
    el('header', { className: 'dialog-head' }, el('h2', { id: 'details-title', textContent: texts.details.title }),
      el('button', { type: 'button', className: 'icon-button', id: 'details-close', textContent: '✕', 'aria-label': texts.close,
        onclick: () => dialog.close() })),
    el('div', { className: 'details-body', tabIndex: 0, role: 'region', 'aria-labelledby': 'details-title' }));
  dialog.addEventListener('close', () => dialog.querySelector('.details-body').replaceChildren()); // a deletion finds nothing there
  document.body.append(dialog);
  return dialog;
}
