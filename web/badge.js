// SPDX-License-Identifier: GPL-3.0-or-later
// How much came that nobody saw, on the icon: of the app where it is installed, of the tab everywhere. Loaded with the first of it.

const ICON = new URL('./favicon.svg', import.meta.url).href;
const SHOWN_MAX = 9; // digits on an icon of 16 points: above it says so

let shown = '';
let picture; // what the icon is drawn of, once asked for

/** @param {number} count none: the icon is as it was */
export async function showBadge(count) {
  const words = count > SHOWN_MAX ? `${SHOWN_MAX}+` : String(count || '');
  navigator.setAppBadge?.(count).catch(() => {}); // it is not installed
  if (words === shown) return;
  shown = words;
  picture ??= fetch(ICON).then((answer) => answer.text());
  const drawn = words && badged(await picture, words);
  if (words === shown) document.querySelector('link[rel=icon]').href = drawn || ICON;
}

function badged(svg, words) {
  const badge = `<circle cx="22" cy="10" r="10" fill="#b3261e"/><text x="22" y="15" text-anchor="middle" font-family="sans-serif" `
    + `font-weight="bold" font-size="${words.length > 1 ? 12 : 15}" fill="#fff">${words}</text>`;
  return `data:image/svg+xml,${encodeURIComponent(svg.replace('</svg>', `${badge}</svg>`))}`;
}
