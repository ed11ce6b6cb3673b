// SPDX-License-Identifier: GPL-3.0-or-later
// A text with its marks, as elements. What was written to mark something is in the document, and not seen: the text content of all is the
// text itself, for who copies or searches it.

import { el } from './dom.js';
import { findMentions } from './mentions.js';
import { ownAddress } from './names.js';
import { parse } from './markup.js';

const TAGS = { em: 'em', strong: 'strong', del: 'del', code: 'code', quote: 'blockquote', pre: 'pre' };

/** @param {string} text @param {{addr: string, nick: string}[]} [people] whom it may name @returns {(string | HTMLElement)[]} */
export const marked = (text, people = []) => parse(text).flatMap((node) => build(node, people));

/** People are named in what is no code and no link. */
function build(node, people) {
  if (typeof node === 'string') return named(node, people);
  const children = node.children.flatMap((one) => build(one, ['code', 'pre', 'link'].includes(node.kind) ? [] : people));
  switch (node.kind) {
    case 'mark': return el('span', { hidden: true }, ...children);
    case 'both': return el('strong', {}, el('em', {}, ...children));
    case 'link': return link(node, children);
    case 'list': return el(Number.isNaN(node.children[0].number) ? 'ul' : 'ol', {}, ...children);
    case 'item': return Number.isNaN(node.number) ? el('li', {}, ...children) : el('li', { value: node.number }, ...children);
    default: return el(TAGS[node.kind], {}, ...children);
  }
}

function named(text, people) {
  if (!people.length) return [text];
  let at = 0;
  const nodes = findMentions(text, people).flatMap(({ start, end, addrs }) => {
    const className = addrs.includes(ownAddress()) ? 'mention me' : 'mention';
    const parts = [text.slice(at, start), el('b', { className, textContent: text.slice(start, end) })];
    at = end;
    return parts;
  });
  return [...nodes, text.slice(at)].filter(Boolean);
}

/** Read from left to right whatever stands around it; the host as it is called is said when the text says another. */
function link({ href, leads }, children) {
  const props = { href, dir: 'ltr', target: '_blank', rel: 'noopener noreferrer', referrerPolicy: 'no-referrer' };
  return el('a', { ...props, ...(leads && { title: leads, data: { leads } }) }, ...children);
}

/** What is copied of one text is what was written, with its marks. @param {ClipboardEvent} event */
export function copyAsWritten(event) {
  const selection = document.getSelection();
  const range = selection?.rangeCount === 1 && !selection.isCollapsed ? selection.getRangeAt(0) : null;
  const within = range?.commonAncestorContainer;
  const text = (within instanceof Element ? within : within?.parentElement)?.closest('.text');
  if (!text) return;
  event.clipboardData.setData('text/plain', String(range));
  event.preventDefault();
}
