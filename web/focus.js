// SPDX-License-Identifier: GPL-3.0-or-later
// What has the focus may go: somebody leaves, a reaction is taken back, a camera is pulled out. What stands in its place has the focus
// then, so that nobody who has only a keyboard begins at the top of the page again.

const FOCUSABLE = 'a[href], button, input, select, textarea, summary, [tabindex]';

let place = []; // where the focus was: itself and all that it is in, each with its parent and which child it is

const isThere = (node) => node.isConnected && node.checkVisibility({ visibilityProperty: true }) && !node.closest('[inert], :disabled');

const firstIn = (node) => node && [node, ...node.querySelectorAll(FOCUSABLE)].find((one) => one.matches(FOCUSABLE) && isThere(one));

/** Browsers tell that it goes while it is there still; where one does not, the next key finds out. */
export function keepFocus() {
  document.addEventListener('focusin', ({ target }) => { place = target.matches(':focus-visible') ? placeOf(target) : []; }); // no finger
  document.addEventListener('focusout', ({ target, relatedTarget }) => {
    if (relatedTarget || !place.length) return;
    place = placeOf(target);
    setTimeout(look);
  });
  document.addEventListener('keydown', look, { capture: true });
}

function placeOf(node) {
  const parent = node.parentElement;
  return parent ? [[node, parent, [...parent.children].indexOf(node)], ...placeOf(parent)] : [];
}

function look() {
  if (document.activeElement !== document.body || !place.length) return;
  const was = place;
  place = [];
  if (isThere(was[0][0])) return; // somebody pressed beside it
  for (const [, parent, i] of was) {
    const next = isThere(parent) && [i, i + 1, i - 1].map((at) => firstIn(parent.children[at])).find(Boolean);
    if (next) return void next.focus({ preventScroll: true });
  }
}
