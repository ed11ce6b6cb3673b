// SPDX-License-Identifier: GPL-3.0-or-later
// The plugins in the side panel: what each does, a switch, its faults.

import { $, el, soon } from './dom.js';
import { listPlugins, loadPlugin, unloadPlugin } from './plugins.js';
import { note } from './messages.js';
import { texts, wordsOf } from './texts.js';

const refresh = soon(paint, 100);

export function setUpPluginList() {
  const list = el('ul', { id: 'plugins', className: 'ways' });
  const details = el('details', { className: 'plugins', ontoggle: paint }, el('summary', { textContent: texts.plugins }), list,
    el('p', { className: 'small', textContent: texts.pluginsHelp }));
  $('side').append(el('section', {}, details));
  for (const name of ['nktpluginerror', 'nktcommand', 'nktstatus']) window.addEventListener(name, refresh);
}

function paint() {
  const list = $('plugins');
  if (!list.closest('details').open) return;
  const plugins = listPlugins();
  const key = JSON.stringify(plugins);
  if (key === list.dataset.key) return; // a box may be pressed just now
  list.dataset.key = key;
  list.replaceChildren(...plugins.map(({ name, about, loaded, errors }) => {
    const box = el('input', { type: 'checkbox', checked: loaded, onchange: () => toggle(name, box.checked) });
    const label = el('label', { className: 'check' }, box,
      el('span', {}, el('b', { textContent: name }), ' ', el('span', { className: 'small', textContent: about })));
    const item = el('li', { data: { name, loaded, errors } }, label);
    if (errors) item.append(el('span', { className: 'error', textContent: texts.pluginErrors(errors) }));
    return item;
  }));
}

async function toggle(name, isOn) {
  try {
    await (isOn ? loadPlugin(name) : unloadPlugin(name));
  } catch (error) {
    note(wordsOf(error), 'error');
  }
  $('plugins').dataset.key = ''; // the box is as it was pressed, and that may not be so
  paint();
  $('plugins').querySelector(`[data-name="${CSS.escape(name)}"] input`)?.focus();
}
