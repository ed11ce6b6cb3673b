// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the login that says who one is: one of those kept in this browser, chosen by address; somebody new, kept or not; somebody
// from a file. Nobody becomes somebody else by the spelling of a nick: it chooses nothing.

import { $, el, setText } from './dom.js';
import { checkNew, clearFields, showBox, strengthLine } from './passphrase.js';
import { texts } from './texts.js';

const ADDRESS_LETTERS = 10; // of those shown: enough to tell one's own apart, and to know them again
const FIELDS = ['passphrase', 'passphrase-again', 'file-passphrase'];
const HUES = 10; // as many as style.css has

let kept = []; // as nkt.keptIdentities() told it
let isListed = false;
let isNickTyped = false;

/** One of them; null: somebody new. */
const chosen = () => kept.find(({ name }) => name === $('login-who').querySelector(':checked')?.value) ?? null;

export function setUpWho() {
  $('passphrase').after(strengthLine('passphrase'));
  $('passphrase-again').after(showBox('passphrase-show', FIELDS));
  $('passphrase').addEventListener('input', paint);
  for (const id of ['passphrase', 'passphrase-again']) $(id).disabled = !window.isSecureContext;
  $('nick').addEventListener('input', () => { isNickTyped = true; });
  $('login-who').addEventListener('change', () => {
    clearFields(FIELDS, 'passphrase-show');
    if (chosen()) $('nick').value = chosen().nick;
    paint();
  });
  paint();
}

/** Lists who is kept here, and chooses the one of that name, or the last used one. @param {string} [name] */
export async function listKept(name) {
  kept = await window.nkt.keptIdentities().catch(() => []);
  isListed = true;
  $('login-who').replaceChildren(...(kept.length ? rows() : []));
  $('login-who').hidden = !kept.length;
  if (kept.length) $('nick-label').before($('login-keep')); // the first thing to decide
  else $('login-room').after($('login-keep'));
  const first = kept.find((one) => one.name === name) ?? kept[0];
  if (first) {
    $('login-who').querySelector(`[value="${CSS.escape(first.name)}"]`).checked = true;
    if (!isNickTyped) $('nick').value = first.nick;
    $('login-keep').open = true;
  }
  paint();
}

/** Whether the person could see who is kept here, if anybody is. */
export const isListShown = () => isListed;

export const hasKept = () => kept.length > 0;

function rows() {
  return [el('legend', { textContent: texts.whoLegend }), ...kept.map(row),
    el('label', { className: 'who' }, radio(''), el('span', { className: 'avatar', textContent: '+', 'aria-hidden': 'true' }),
      el('b', { textContent: texts.whoNew }))];
}

function row({ name, address, nick, usedAt }) {
  const avatar = el('span', { className: 'avatar', textContent: [...nick][0]?.toUpperCase() ?? '?', 'aria-hidden': 'true' });
  if (address) avatar.dataset.hue = hueOf(address);
  return el('label', { className: 'who', data: { address } }, radio(name), avatar, el('span', { className: 'who-lines' },
    el('b', { dir: 'auto', textContent: nick || texts.whoUnknown }),
    el('span', { className: 'small' }, ...(address ? [el('code', { textContent: start(address), title: address }), ' '] : []),
      address ? texts.whoUsed(new Date(usedAt)) : texts.whoOld)));
}

const radio = (value) => el('input', { type: 'radio', name: 'who', value });

const start = (address) => `${address.slice(0, ADDRESS_LETTERS)}…`;

/** As names.js has it, which is not there yet when the login is drawn. */
function hueOf(address) {
  let sum = 7;
  for (let i = 0; i < address.length; i++) sum = (sum * 31 + address.charCodeAt(i)) >>> 0;
  return String(sum % HUES);
}

function paint() {
  const one = chosen();
  $('who-new').hidden = Boolean(one);
  $('passphrase-again').hidden = $('passphrase-again-label').hidden = Boolean(one);
  $('passphrase').autocomplete = one ? 'current-password' : 'new-password';
  setText($('passphrase-label'), one ? texts.passphraseOf(one.nick) : texts.passphrase);
  setText($('login-keep-name'), one ? [one.nick, one.address && start(one.address)].filter(Boolean).join(' · ')
    : ($('passphrase').value && texts.keepDevice) || (window.isSecureContext ? texts.keepTab : texts.keepNothing));
}

/** Where to type first: only the person knows the passphrase. */
export const firstField = () => (chosen() ? $('passphrase') : $('nick'));

/** What of it cannot be: {id, text} of a field, or null. */
export function checkWho() {
  const one = chosen();
  if (one) return $('passphrase').value ? null : { id: 'passphrase', text: texts.passphraseMissing(one.nick) };
  return $('passphrase').value || $('passphrase-again').value ? checkNew('passphrase', 'passphrase-again') : null;
}

/** What nkt.init() takes of it: {storage?, identity?}. */
export async function readWho() {
  const one = chosen();
  const passphrase = $('passphrase').value;
  if (one) return { storage: { passphrase, name: one.name, existing: true } };
  const file = $('identity-file').files[0];
  return {
    ...(passphrase && { storage: { passphrase, name: newName() } }),
    ...(file && { identity: { file: await file.text(), passphrase: $('file-passphrase').value } }),
  };
}

/** Of the place where somebody new is kept: says nothing, and nobody has it. */
const newName = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The field that an error of nkt.init() is about. */
export function fieldOf({ code }) {
  if (code === 'NKT_E_IN_USE') return 'passphrase';
  if (!['NKT_E_PASSPHRASE', 'NKT_E_FILE', 'NKT_E_NEWER'].includes(code)) return '';
  if (chosen()) return 'passphrase';
  return code === 'NKT_E_PASSPHRASE' ? 'file-passphrase' : 'identity-file';
}

/** Somebody is in: nothing typed is left. */
export function clearWho() {
  clearFields(FIELDS, 'passphrase-show');
  $('identity-file').value = '';
  isNickTyped = false;
  paint();
}
