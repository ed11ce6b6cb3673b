// SPDX-License-Identifier: GPL-3.0-or-later
// One person, in a dialog: who that is, whether it was compared, how and when it was reached, and what one does about it.

import './words_verify.js';
import { $, copy, el, icon, setLabel, setText } from './dom.js';
import { setTarget } from './input.js';
import { openVerify } from './later.js';
import { hueOf, initial, known, nameOf } from './names.js';
import { onUsers, pathOf, toggleIgnored, toggleMute } from './users.js';
import { texts } from './texts.js';

let address = ''; // whose it is

const FACTS = ['seen', 'way', 'session', 'verified', 'number'];
const rows = Object.fromEntries(FACTS.map((name) => [name, el('dd', { id: `profile-${name}` })]));

document.body.append(dialog());
onUsers(() => { if ($('profile').open) paint(); });

/** @param {string} addr who may have gone while this window was fetched: what is known of them is shown all the same */
export function openProfile(addr) {
  if (!known(addr)) return;
  address = addr;
  paint();
  if (!$('profile').open) $('profile').showModal();
}

function dialog() {
  const button = (id, act, className = '') => el('button', { type: 'button', id, className, onclick: act });
  const close = el('button', {
    type: 'button', id: 'profile-close', className: 'icon-button', textContent: '✕', onclick: shut, autofocus: true,
  });
  setLabel(close, texts.close);
  const copying = button('profile-copy', () => copy(address, copying), 'icon-button');
  copying.append(icon('copy'));
  const leave = (act) => () => { shut(); act(address); };
  const facts = Object.entries(rows).flatMap(([name, value]) => [el('dt', { textContent: texts.profileFacts[name] }), value]);
  return el('dialog', { id: 'profile', className: 'profile', 'aria-labelledby': 'profile-name' },
    el('header', {}, el('span', { id: 'profile-avatar', className: 'avatar', 'aria-hidden': 'true' }),
      el('h2', { id: 'profile-name', dir: 'auto' }), close),
    el('p', { className: 'profile-address' }, el('code', { id: 'profile-address', className: 'address' }), copying),
    el('dl', {}, ...facts),
    el('div', { className: 'profile-buttons' },
      button('profile-talk', leave(setTarget), 'primary'), button('profile-verify', leave(openVerify))),
    switched('profile-mute', toggleMute, texts.profileMuteHelp),
    switched('profile-ignore', toggleIgnored, texts.profileIgnoreHelp));
}

function shut() {
  $('profile').close();
}

/** Two things that are not the same: each says what it does. */
function switched(id, toggle, help) {
  return el('div', {},
    el('button', { type: 'button', id, 'aria-describedby': `${id}-help`, onclick: () => { toggle(address); paint(); } }),
    el('p', { id: `${id}-help`, className: 'small', textContent: help }));
}

function paint() {
  if (!known(address)) return shut();
  const user = window.nkt.userList[address];
  const name = nameOf(address);
  setText($('profile-name'), name);
  setText($('profile-address'), address);
  setText($('profile-avatar'), initial(name));
  $('profile-avatar').dataset.hue = hueOf(address);
  setLabel($('profile-copy'), texts.userCopy(name));
  const seen = new Date(user.lastSeen).toLocaleString(texts.locale, { dateStyle: 'medium', timeStyle: 'short' });
  setText(rows.seen, pathOf(address) === 'direct' ? texts.profileNow : user.lastSeen ? seen : '–');
  setText(rows.way, [user.isUnreachable ? texts.unreachable : texts.path[pathOf(address)], user.isKeeper && texts.profileKeeper]
    .filter(Boolean).join(' · '));
  setText(rows.session, texts.session[user.session] ?? texts.session.none);
  setText(rows.verified, user.verified ? texts.verified : texts.profileNotVerified);
  setText(rows.number, numberNow());
  setText($('profile-talk'), texts.profileTalk);
  setText($('profile-verify'), texts.profileVerify);
  press('profile-mute', user.dontSendTo, texts.userMute(name));
  press('profile-ignore', user.ignored, texts.userIgnore(name));
  return undefined;
}

/** In groups, as they are read out. */
function numberNow() {
  try {
    return window.nkt.safetyNumber(address).match(/\d{5}/g).join(' ');
  } catch {
    return '–'; // its keys are not known yet
  }
}

function press(id, isOn, text) {
  setText($(id), text);
  $(id).setAttribute('aria-pressed', String(Boolean(isOn)));
}
