// SPDX-License-Identifier: GPL-3.0-or-later
// Comparing safety numbers: the dialog.

import './words_verify.js';
import { $, el, setText } from './dom.js';
import { known, nameInLine, ownAddress, short } from './names.js';
import { note } from './messages.js';
import { showQr } from './qr.js';
import { refreshUsers } from './users.js';
import { dismiss } from './warnings.js';
import { texts, wordsOf } from './texts.js';

export { openProfile } from './profile.js'; // fetched with this one
export { saveIdentity } from './save.js'; // so is this

const SVG = 'http://www.w3.org/2000/svg';
const GROUP_SIZE = 5; // digits that are read out in one breath

let address = ''; // whose number is shown

document.body.append(dialog());

/** Shows the number of a user, who may have gone, as we may, while this window was fetched. */
export function openVerify(addr) {
  if (!ownAddress()) return;
  let number = '';
  try {
    number = window.nkt.safetyNumber(addr);
  } catch (error) {
    note(wordsOf(error), 'error');
    return;
  }
  address = addr;
  setText($('verify-title'), texts.verifyTitle(nameInLine(addr), short(addr)));
  $('verify-number').replaceChildren(...groups(number).map((group) => el('li', { textContent: group })));
  $('verify-qr').dataset.number = number;
  showQr($('verify-qr'), number);
  setText($('verify-state'), '');
  paint();
  if (!$('verify').open) $('verify').showModal();
}

/** A number that came by another way, such as a letter: does it fit? Marks the user if so. */
export function verifyByNumber(addr, number) {
  const name = `${nameInLine(addr)} (${short(addr)})`;
  const fits = window.nkt.verify(addr, number);
  refreshUsers();
  if (!fits) throw new Error(texts.verifyDifferent(name));
  return texts.verifyDone(name);
}

const groups = (number) => number.match(new RegExp(`\\d{${GROUP_SIZE}}`, 'g')) ?? [];

function dialog() {
  const button = (id, text, onclick, className = '') => el('button', { type: 'button', id, className, textContent: text, onclick });
  return el('dialog', { id: 'verify', className: 'verify', 'aria-labelledby': 'verify-title', 'aria-describedby': 'verify-help' },
    el('h2', { id: 'verify-title', dir: 'auto' }),
    el('p', { id: 'verify-help', textContent: texts.verifyHelp }),
    el('ol', { id: 'verify-number', className: 'safety', 'aria-label': texts.verifyNumber }),
    code(),
    el('p', { id: 'verify-state', className: 'advice', role: 'status' }),
    el('div', { className: 'verify-buttons' },
      button('verify-same', texts.verifySame, () => answer(true), 'primary'),
      button('verify-other', texts.verifyOther, () => answer(false)),
      // it has the focus at first: a person who presses Enter too soon has compared nothing
      Object.assign(button('verify-close', texts.close, () => $('verify').close(), 'quiet'), { autofocus: true })));
}

/** A picture of the number: telephones read it, and say what it is. */
function code() {
  const svg = document.createElementNS(SVG, 'svg');
  svg.append(document.createElementNS(SVG, 'path'));
  for (const [name, value] of Object.entries({ id: 'verify-qr', class: 'qr', role: 'img', 'shape-rendering': 'crispEdges' })) {
    svg.setAttribute(name, value);
  }
  svg.firstChild.setAttribute('stroke', 'none');
  svg.setAttribute('aria-label', texts.verifyQr);
  return svg;
}

/** What the person saw. */
function answer(isSame) {
  const name = `${nameInLine(address)} (${short(address)})`;
  try {
    window.nkt.verify(address, isSame ? $('verify-qr').dataset.number : null);
  } catch (error) { // gone meanwhile
    setText($('verify-state'), wordsOf(error));
    return;
  }
  refreshUsers();
  if (isSame) {
    dismiss(address);
    note(texts.verifyDone(name));
    $('verify').close();
    return;
  }
  $('verify-state').dataset.state = 'bad';
  setText($('verify-state'), texts.verifyDifferent(name));
  paint();
}

function paint() {
  const isVerified = known(address) && window.nkt.userList[address].verified;
  if (isVerified) {
    $('verify-state').dataset.state = 'ok';
    setText($('verify-state'), texts.verifyAlready);
  }
  setText($('verify-other'), isVerified ? texts.verifyTakeBack : texts.verifyOther);
}
