// SPDX-License-Identifier: GPL-3.0-or-later
// Joining by hand, in a dialog: whoever invites passes on a text (or link, or QR code) and enters the answer; whoever was
// invited does the reverse. What is made stays until it is used or expires, whether the dialog is open or not.

import { $, copy, setText } from './dom.js';
import { clearInvite, handLink } from './login.js';
import { cleanNick, isolated, nameInLine, ownAddress } from './names.js';
import { showQr } from './qr.js';
import { texts, wordsOf } from './texts.js';

let made = null; // the invite that waits
let answer = null; // the answer that waits

setUp();

function setUp() {
  $('hand-close').addEventListener('click', closeHand);
  $('hand').addEventListener('click', ({ target }) => { if (target === $('hand')) closeHand(); }); // beside it
  $('hand-host').addEventListener('click', () => show('host'));
  $('hand-guest').addEventListener('click', () => show('guest'));
  $('hand-again').addEventListener('click', () => { dropInvite(); makeInvite(); });
  $('hand-complete').addEventListener('click', () => complete($('hand-answer-in').value));
  $('hand-accept').addEventListener('click', () => accept($('hand-invite-in').value));
  for (const [button, text] of [['hand-copy', () => $('hand-invite').value], ['hand-copy-link', () => link()],
    ['hand-copy-answer', () => $('hand-answer').value]]) $(button).addEventListener('click', () => copy(text(), $(button)));
  for (const id of ['hand-invite', 'hand-answer']) $(id).addEventListener('focus', () => $(id).select());
}

/** @param {'host'|'guest'} [side] */
export function openHand(side = answer ? 'guest' : 'host') {
  if (!ownAddress()) return;
  if (!$('hand').open) $('hand').showModal();
  show(side);
}

export function closeHand() {
  $('hand').close();
}

/**
 * A text from somewhere else: the address of the page, or a command. isAsked: the person wants it taken up; else it waits for the button,
 * since to answer is to tell one's IP address.
 */
export function takeHand(text, isAsked = true) {
  clearInvite();
  const isAnswer = /nkt\P{L}*answer/iu.test(text.replace(/[\p{Default_Ignorable_Code_Point}\s>|]/gu, ''));
  openHand(isAnswer ? 'host' : 'guest');
  $(isAnswer ? 'hand-answer-in' : 'hand-invite-in').value = text;
  if (!isAsked) return undefined;
  return isAnswer ? complete(text) : accept(text);
}

/** The person left: nothing of it holds for the next one. */
export function forgetHand() {
  made = answer = null;
  for (const id of ['hand-invite', 'hand-answer', 'hand-answer-in', 'hand-invite-in']) $(id).value = '';
  paintInvite();
  paintAnswer();
  closeHand();
}

const link = () => handLink($('hand-invite').value);

function show(side) {
  for (const name of ['host', 'guest']) {
    $(`hand-${name}`).setAttribute('aria-pressed', String(name === side));
    $(`hand-${name}-steps`).hidden = name !== side;
  }
  fail(null);
  if (side === 'host' && !made) makeInvite();
  if (side === 'guest' && !answer) $('hand-invite-in').focus();
}

function fail(error) {
  setText($('hand-error'), error ? wordsOf(error) : '');
}

// ---- inviting ----

async function makeInvite() {
  paintInvite(); // until there is one, there is nothing to copy
  $('hand-again').hidden = true;
  setText($('hand-host-state'), texts.handMaking);
  try {
    const invite = await window.nkt.invite();
    made?.cancel();
    made = invite;
    paintInvite();
    invite.linked.then((addr) => inviteEnds(invite, texts.handConnected(nameInLine(addr))), (error) => inviteEnds(invite, wordsOf(error)));
  } catch (error) {
    setText($('hand-host-state'), '');
    $('hand-again').hidden = false;
    fail(error);
  }
}

/** Used, expired or cancelled. */
function inviteEnds(invite, said) {
  if (made !== invite) return;
  made = null;
  paintInvite();
  setText($('hand-host-state'), said);
}

function dropInvite() {
  const invite = made;
  made = null;
  invite?.cancel();
  paintInvite();
}

function paintInvite() {
  $('hand-invite').value = made ? made.text : '';
  $('hand-again').hidden = Boolean(made);
  for (const id of ['hand-copy', 'hand-copy-link', 'hand-complete', 'hand-answer-in']) $(id).disabled = !made;
  showQr($('hand-qr'), made ? link() : '');
  setText($('hand-host-state'), made ? texts.handUntil(new Date(made.expires)) : '');
}

async function complete(text) {
  fail(null);
  setText($('hand-host-state'), texts.handConnecting);
  try {
    await window.nkt.completeInvite(text);
    $('hand-answer-in').value = '';
  } catch (error) {
    if (made) paintInvite();
    fail(error);
  }
}

// ---- being invited ----

async function accept(text) {
  fail(null);
  $('hand-accept').disabled = true;
  setText($('hand-guest-state'), texts.handAnswering);
  try {
    const made = await window.nkt.acceptInvite(text);
    answer = made;
    paintAnswer();
    made.linked.then((addr) => answerEnds(made, texts.handConnected(nameInLine(addr))), (error) => answerEnds(made, wordsOf(error)));
  } catch (error) {
    setText($('hand-guest-state'), answer ? texts.handWaiting(isolated(cleanNick(answer.nick))) : '');
    fail(error);
  }
  $('hand-accept').disabled = false;
}

function answerEnds(made, said) {
  if (answer !== made) return;
  answer = null;
  $('hand-invite-in').value = '';
  paintAnswer();
  setText($('hand-guest-state'), said);
}

function paintAnswer() {
  $('hand-answer').value = answer ? answer.text : '';
  $('hand-back').hidden = !answer;
  showQr($('hand-answer-qr'), answer ? answer.text : '');
  setText($('hand-guest-state'), answer ? texts.handWaiting(isolated(cleanNick(answer.nick))) : '');
  if (answer) $('hand-answer').focus();
}
