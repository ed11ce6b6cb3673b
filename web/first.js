// SPDX-License-Identifier: GPL-3.0-or-later
// The login before everything else, so that a slow machine can be typed at while the rest is on its way.

import { fillTexts } from './dom.js';
import { failLogin, openLogin, setUpLogin } from './login.js';
import { texts, translated } from './texts.js';

const begun = translated?.then(begin) ?? begin();
for (const script of document.querySelectorAll('head script')) script.addEventListener('error', fail);

function begin() {
  fillTexts();
  setUpLogin();
  openLogin();
}

async function fail() {
  await begun;
  failLogin(texts.partMissing);
}
