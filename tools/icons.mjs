// SPDX-License-Identifier: GPL-3.0-or-later
// The icons of the page as an app, drawn of web/favicon.svg by Chromium: `node tools/icons.mjs` writes web/icons. To be run when that
// picture changes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { launch } from '../tests/support/chromium.mjs';
import { root } from './setup/paths.mjs';

/** isWhole: to the edges, with what matters in the middle, where systems cut their own shape out of it or round the corners. */
const ICONS = [
  { name: 'any-192', size: 192 }, { name: 'any-512', size: 512 }, { name: 'maskable-512', size: 512, isWhole: true },
  { name: 'touch-180', size: 180, isWhole: true },
];
const MIDDLE = 'translate(16 16) scale(.85) translate(-16 -16)'; // into the circle of 80 % that is never cut
const COLORS_MAX = 256; // of a palette: an icon of four colours and their edges, a third as large as with 32 bits a point

/** In a page: the points of an SVG at a size, 4 bytes each. */
async function draw({ picture, size, middle }) {
  const svg = new DOMParser().parseFromString(picture, 'image/svg+xml').documentElement;
  svg.setAttribute('width', size);
  svg.setAttribute('height', size);
  if (middle) {
    const [ground, ...rest] = svg.children;
    ground.removeAttribute('rx');
    for (const one of rest) one.setAttribute('transform', middle);
  }
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  await image.decode();
  const pen = new OffscreenCanvas(size, size).getContext('2d');
  pen.drawImage(image, 0, 0);
  return [...pen.getImageData(0, 0, size, size).data];
}

/** Colours in fewer steps until they fit into a palette. @returns {{palette: number[], points: Uint8Array}} palette: RGBA as 32 bits */
function inPalette(bytes) {
  for (let step = 1; ; step *= 2) {
    const near = (byte) => Math.min(255, Math.round(byte / step) * step);
    const colors = new Map();
    const points = new Uint8Array(bytes.length / 4);
    for (let i = 0; i < points.length && colors.size <= COLORS_MAX; i++) {
      const [r, g, b, a] = bytes.slice(4 * i, 4 * i + 4).map(near);
      const color = a === 0 ? 0 : ((r << 24) | (g << 16) | (b << 8) | a) >>> 0;
      if (!colors.has(color)) colors.set(color, colors.size);
      points[i] = colors.get(color);
    }
    if (colors.size <= COLORS_MAX) return { palette: [...colors.keys()], points };
  }
}

/** @param {string} type @param {Buffer} body */
function chunk(type, body) {
  const named = Buffer.concat([Buffer.from(type), body]);
  const [head, tail] = [Buffer.alloc(4), Buffer.alloc(4)];
  head.writeUInt32BE(body.length);
  tail.writeUInt32BE(crc32(named));
  return Buffer.concat([head, named, tail]);
}

function pngOf(bytes, size) {
  const { palette, points } = inPalette(bytes);
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]); // 8 bits a point, by palette
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  const rows = Buffer.alloc(size * (size + 1)); // each begins with 0: as it is
  for (let y = 0; y < size; y++) rows.set(points.subarray(y * size, (y + 1) * size), y * (size + 1) + 1);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flatMap((color) => [color >>> 24, (color >>> 16) & 255, (color >>> 8) & 255]))),
    chunk('tRNS', Buffer.from(palette.map((color) => color & 255))),
    chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0)),
  ]);
}

const folder = join(root, 'web/icons');
mkdirSync(folder, { recursive: true });
const picture = readFileSync(join(root, 'web/favicon.svg'), 'utf8');
const browser = await launch();
const page = await browser.newPage();
for (const { name, size, isWhole = false } of ICONS) {
  const bytes = await page.evaluate(draw, { picture, size, middle: isWhole && MIDDLE });
  writeFileSync(join(folder, `${name}.png`), pngOf(bytes, size));
  console.log(join(folder, `${name}.png`));
}
await browser.close();
