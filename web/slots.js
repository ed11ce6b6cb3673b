// SPDX-License-Identifier: GPL-3.0-or-later
// Places of the page for plugins: `ui` of docs/plugins.md. What is put there goes when the plugin is unloaded; what it throws is its own
// fault.

import { addAction } from './actions.js';
import { addType } from './bodies.js';
import { $, el, icon, setLabel } from './dom.js';
import { targetNow } from './input.js';
import { sayValue } from './say.js';

const LABEL_LENGTH_MAX = 80;
const PLACE_COUNT_MAX = 32; // of one plugin: one that adds in a loop takes no page away

let actionCount = 0;

export function setUpSlots() {
  window.addEventListener('nktplugin', ({ detail: offer }) => {
    offer.ui = placesFor(offer);
    const { name, messages } = offer.plugin;
    for (const type of Object.values(messages)) addType(name, type, offer);
  });
}

/** A sign of the page's own, or a letter or two. */
const signOf = (sign) => (document.getElementById(`i-${sign}`) ? icon(sign) : el('span', { 'aria-hidden': 'true', textContent: sign }));

function placesFor({ plugin: { name }, guard, signal }) {
  let count = 0;
  const take = () => {
    if (signal.aborted) throw new Error('the plugin is unloaded');
    if (++count > PLACE_COUNT_MAX) throw new RangeError(`a plugin has at most ${PLACE_COUNT_MAX} places`);
  };
  const put = (node, place) => {
    take();
    node.dataset.plugin = name;
    place(node);
    signal.addEventListener('abort', () => node.remove());
    return node;
  };
  const button = (place) => ({ label, icon: sign, onClick }) => {
    if (typeof onClick !== 'function') throw new TypeError('a button has label and onClick');
    const words = String(label).slice(0, LABEL_LENGTH_MAX);
    const onclick = (event) => guard('button', () => onClick(event));
    const node = el('button', { type: 'button', className: sign ? 'icon-button' : 'quiet', onclick });
    if (sign) node.append(signOf(String(sign)));
    else node.textContent = words;
    if (sign) setLabel(node, words);
    return put(node, place);
  };
  return Object.freeze({
    header: Object.freeze({ button: button((node) => $('side-toggle').before(node)) }),
    panel: Object.freeze({
      section({ title }) {
        const body = el('div', { className: 'plugin-panel' });
        put(el('section', {}, el('h2', { textContent: String(title).slice(0, LABEL_LENGTH_MAX) }), body), (node) => $('side').append(node));
        return body;
      },
    }),
    composer: Object.freeze({
      button: button((node) => $('send').before(node)),
      row: () => put(el('div', { className: 'plugin-row small', role: 'status' }), (node) => $('line').parentElement.before(node)),
      onInput(listener) {
        const tell = () => guard('input', () => listener($('line').value));
        $('line').addEventListener('input', tell, { signal });
        $('say').addEventListener('submit', () => queueMicrotask(tell), { signal });
      },
      say: (value, to = targetNow()) => sayValue(value, to || undefined),
    }),
    message: Object.freeze({
      action({ label, icon: sign, applies, run }) {
        take();
        const id = `plugin-${name}-${++actionCount}`;
        const of = (test, message) => {
          let answer = false;
          guard('action', () => { answer = Boolean(test(message)); });
          return answer;
        };
        const remove = addAction({
          id, label, icon: sign, applies: applies && ((message) => of(applies, message)),
          run: (message) => { guard('action', () => run(message)); },
        });
        signal.addEventListener('abort', remove);
      },
    }),
  });
}
