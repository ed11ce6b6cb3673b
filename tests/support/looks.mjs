// SPDX-License-Identifier: GPL-3.0-or-later
// What can be measured of how the page looks, on what is on the screen now.

const FRAMES = 'html, body, dialog[open], .side, .scroll, .say, .bar, .call, .acts, .card, .ring, #messages';
const TARGETS = 'button, a[href], summary, select, textarea, input:not([hidden])';
const TARGET_MIN = 24; // px, as WCAG 2.2 has it (2.5.8)

/**
 * What stands out of where it is, and what is too small for a thumb.
 * @param {import('./tab.mjs').Tab} tab @returns {Promise<string[]>}
 */
export function misfits(tab) {
  return tab.run(([frames, targets, least]) => {
    const isSeen = (node) => node.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })
      && node.getClientRects().length > 0 && !node.closest('.off, .sprite');
    const named = (node) => `${node.tagName.toLowerCase()}${node.id ? `#${node.id}` : ''}.${String(node.className).replaceAll(' ', '.')}`;
    const wide = [...document.querySelectorAll(frames)].filter((node) => isSeen(node) && node.scrollWidth > node.clientWidth + 1)
      .map((node) => `${named(node)} is ${node.scrollWidth} px wide inside, ${node.clientWidth} outside`);
    const small = [...document.querySelectorAll(targets)].filter((node) => isSeen(node) && !node.closest('.text')).flatMap((node) => {
      const { width, height } = (node.matches('[type=checkbox], [type=radio]') && node.closest('label') || node).getBoundingClientRect();
      return Math.min(width, height) < least - 0.5 ? [`${named(node)} is ${Math.round(width)} x ${Math.round(height)} px`] : [];
    });
    return wide.concat([...new Set(small)]);
  }, [FRAMES, TARGETS, TARGET_MIN]);
}
