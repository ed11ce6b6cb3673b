// SPDX-License-Identifier: GPL-3.0-or-later
// One message as it is shown: whose, when, how it came.

import { el, icon } from './dom.js';
import { textNodes } from './fold.js';
import { mentionsOf } from './mentioned.js';
import { quoted } from './reply.js';
import { hueOf, initial, isAmbiguous, nameOf, ownAddress, short } from './names.js';
import { texts } from './texts.js';

const clock = formatter({ hour: '2-digit', minute: '2-digit' });
const calendar = formatter({ dateStyle: 'medium', timeStyle: 'short' });

/** Made when it is first needed: a fifth of what it took to start the page. */
function formatter(options) {
  let made;
  return { format: (date) => (made ??= new Intl.DateTimeFormat(texts.locale, options)).format(date) };
}

/**
 * talk: in which conversation; body: what is shown in place of a text; clear: not encrypted; secret: what its badge says when it is a
 * private message; joins: the one above says already who and when; re: what it answers; mentions: whom it says that it names; held: what
 * is kept of the text.
 */
export function buildMessage({
  talk, from, date, text, clear = false, secret = '', joins = false, body = null, re = null, mentions = null, held,
}) {
  const node = el('div', { className: 'message', data: { from, hue: hueOf(from) } });
  if (joins) node.classList.add('joins');
  else node.append(...heading(from, date));
  if (secret) mark(node, 'private', 'lock', secret);
  if (clear) mark(node, 'clear', 'open', texts.clear, texts.clearHelp);
  if (re) node.append(quoted(re, talk));
  if (body) {
    node.append(body);
  } else {
    const { isMe, people } = mentionsOf(text, mentions);
    if (isMe && from !== ownAddress()) node.dataset.mention = 'true';
    node.append(...textNodes(text, joins ? calendar.format(date) : '', people, held));
  }
  return node;
}

function heading(from, date) {
  const name = nameOf(from);
  const code = el('code', { className: 'short', textContent: short(from), title: from });
  if (isAmbiguous(from)) {
    code.classList.add('twin');
    code.title = `${from}\n${texts.sameNick}`;
  }
  const today = date.toDateString() === new Date().toDateString();
  const time = el('time', {
    dateTime: date.toISOString(), textContent: (today ? clock : calendar).format(date), title: calendar.format(date),
  });
  const author = el('b', { className: 'author', dir: 'auto', textContent: name });
  if (from === ownAddress()) for (const node of [author, code]) node.classList.add('off'); // seen by the side it is on
  return [el('span', { className: 'avatar', textContent: initial(name), 'aria-hidden': 'true' }),
    el('div', { className: 'head' }, author, code, time)];
}

function mark(node, kind, symbol, text, title = '') {
  node.dataset[kind] = 'true';
  node.querySelector('.head')?.append(el('span', { className: 'badge', title }, icon(symbol), text));
}

/** What a peer sent may be no date at all. */
export function dateOf(value) {
  const date = new Date(value ?? Date.now());
  return Number.isNaN(date.getTime()) ? new Date() : date;
}
