// SPDX-License-Identifier: GPL-3.0-or-later
// A QR code as an SVG path. The encoding is lean-qr's (David Evans, MIT licence), served from node_modules as /lib/qr.mjs; it comes with
// the first code.

import { fetched } from './glue/fetched.js';

const QUIET = 4; // modules around it, as the standard asks for

const wanted = new WeakMap(); // what each picture is to show

/**
 * Shows the text, or nothing: without a text, when it is too long for any code, and where the encoder cannot be fetched any more.
 * @param {SVGElement} svg @param {string} text
 */
export async function showQr(svg, text) {
  wanted.set(svg, text);
  svg.toggleAttribute('hidden', true);
  const encoder = text ? await fetched(() => import('./lib/qr.mjs')).catch(() => null) : null;
  if (encoder && wanted.get(svg) === text) svg.toggleAttribute('hidden', !draw(svg, text, encoder.generate));
}

function draw(svg, text, generate) {
  let code;
  try {
    code = generate(text);
  } catch {
    return false;
  }
  let path = '';
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      if (!code.get(x, y)) continue;
      const from = x;
      while (code.get(x + 1, y)) x++;
      path += `M${from} ${y}h${x + 1 - from}v1h${from - x - 1}z`;
    }
  }
  svg.setAttribute('viewBox', `${-QUIET} ${-QUIET} ${code.size + 2 * QUIET} ${code.size + 2 * QUIET}`);
  svg.querySelector('path').setAttribute('d', path);
  return true;
}
