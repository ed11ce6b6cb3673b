// SPDX-License-Identifier: GPL-3.0-or-later
// The login before everything else, so that a slow machine can be typed at while the rest is on its way.

import { fillTexts } from './dom.js';
import { failLogin, openLogin, setUpLogin } from './login.js';
import { texts } from './texts.js';

const TOGETHER_COUNT = 8; // asked for in one task: more, and a slow machine hangs for a moment

fillTexts();
setUpLogin();
openLogin();
for (const script of document.querySelectorAll('head script')) script.addEventListener('error', () => failLogin(texts.partMissing));
preload([...document.querySelectorAll('link[data-module]')]);

/** What glue/window.js and main.js will import: the server has named it all, so that nothing is found late. */
function preload(links) {
  if (!links.length) return;
  setTimeout(() => {
    // href comes first: Chromium warns of each link that is to preload nothing
    for (const link of links.splice(0, TOGETHER_COUNT)) Object.assign(link, { href: link.dataset.module, rel: 'modulepreload' });
    preload(links);
  });
}
