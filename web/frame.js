// SPDX-License-Identifier: GPL-3.0-or-later
// What surrounds the talk: the panel at the side (a drawer on a narrow screen) and the title.

import { $, isComposing } from './dom.js';
import { roomName } from './names.js';
import { texts } from './texts.js';

const narrow = window.matchMedia('(max-width: 51.99rem)'); // as in style.css

const DOUBLE_MS = 300; // between the clicks of a double one; who means two things takes longer

let unread = 0;
let isMentioned = false;
let painted = '';

/** Returns a function that closes the drawer. */
export function setUpFrame() {
  const side = $('side');
  const toggle = $('side-toggle');
  let watcher; // of the key that goes back, on telephones
  const set = (open) => {
    const isAbove = narrow.matches && open;
    side.dataset.open = String(open);
    side.inert = narrow.matches && !open;
    document.querySelector('.chat').inert = isAbove;
    $('side-shade').hidden = !isAbove;
    watcher?.destroy();
    watcher = isAbove && window.CloseWatcher ? new window.CloseWatcher() : null;
    if (watcher) watcher.onclose = close;
    toggle.setAttribute('aria-expanded', String(open));
  };
  const isOpen = () => side.dataset.open === 'true';
  const close = () => { if (isOpen()) set(false); };
  toggle.addEventListener('click', () => set(!isOpen()));
  $('side-shade').addEventListener('click', close);
  $('status').addEventListener('click', () => {
    if (narrow.matches) set(true);
    $('connection').scrollIntoView({ block: 'nearest' });
    $('connection').focus({ preventScroll: true });
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || isComposing(event) || !isOpen() || !narrow.matches) return;
    if (event.defaultPrevented || event.target.closest?.('dialog')) return; // it closes what lies above the drawer
    close();
    toggle.focus();
  });
  narrow.addEventListener('change', () => set(false));
  set(false);
  pressOnce();
  return close;
}

/**
 * The second click of a double one is for what the first was for, and so is a key that is held: that may have gone by now, and what lies
 * in its place, such as another room to be left, was not meant.
 */
function pressOnce() {
  let last = { at: 0, on: null };
  document.addEventListener('click', (event) => {
    const found = event.target.closest?.('button, a, label, input, summary');
    const on = found?.control ?? found;
    if (event.detail > 1 && on !== last.on && event.timeStamp - last.at < DOUBLE_MS) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else last = { at: event.timeStamp, on };
  }, { capture: true });
  document.addEventListener('keydown', (event) => {
    if (event.repeat && event.key === 'Enter' && event.target.closest?.('button, a')) event.preventDefault();
  }, { capture: true });
}

/** What the title counts. */
export function setUnread(count) {
  unread = count;
  paintTitle();
}

/** Somebody named this person meanwhile: the title says so with the number. */
export function setMentioned(is) {
  if (is === isMentioned) return;
  isMentioned = is;
  paintTitle();
}

/** Only what changed: a plugin may have a title of its own. */
export function paintTitle() {
  const title = texts.title(isMentioned ? `${unread || ''}@` : unread, roomName());
  if (title !== painted) document.title = painted = title;
}
