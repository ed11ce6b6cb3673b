// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures before they are sent: drawn anew, so that what is written beside the picture (where it was taken, when, by whose camera) stays
// here; and a small one for the message. By their first bytes, whatever they are called.

import { el } from './dom.js';
import { texts } from './texts.js';

const THUMBNAIL_SIZE_MAX = 16 << 10; // as the API takes them
const THUMBNAIL_SIDE = 320;
/** Pixels: what a telephone takes. Each takes four bytes of this tab's memory, and 30 bytes of a file may say 268 million. */
export const AREA_MAX = 64e6;
const DRAWN_AREA_MAX = 4 * AREA_MAX; // of one's own, for a moment
export const UNASKED_AREA_MAX = 16e6; // of one that nobody asked for: several of them may be seen at a time
export const THUMBNAIL_AREA_MAX = 1e6; // others may make them larger than this page does

const SIGNS = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47]], ['image/jpeg', [0xff, 0xd8, 0xff]], ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x52, 0x49, 0x46, 0x46, -1, -1, -1, -1, 0x57, 0x45, 0x42, 0x50]],
];

/** What picture it is, of those that every browser shows and that run nothing; '': none. */
export function pictureType(bytes) {
  return SIGNS.find(([, sign]) => sign.every((byte, i) => byte < 0 || byte === bytes[i]))?.[0] ?? '';
}

/** The same of a Blob. */
export async function pictureTypeOf(blob) {
  return pictureType(new Uint8Array(await blob.slice(0, 12).arrayBuffer()));
}

/**
 * A picture to be shown, not yet drawn: {img, url}; null where it is none, or one of more pixels. How many it has a browser tells before it
 * draws it.
 * @param {Blob} blob @param {number} areaMax
 * @returns {Promise<{img: HTMLImageElement, url: string} | null>}
 */
export async function readPicture(blob, areaMax) {
  const url = URL.createObjectURL(blob);
  const img = el('img', { decoding: 'async', draggable: false });
  const isRead = await new Promise((resolve) => {
    img.onload = () => resolve(true);
    img.onerror = () => resolve(false);
    img.src = url;
  });
  const area = img.naturalWidth * img.naturalHeight;
  if (isRead && area > 0 && area <= areaMax) return { img, url };
  URL.revokeObjectURL(url);
  return null;
}

async function draw(bitmap, scale, type, quality) {
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type, quality });
}

/** Small enough for a message. */
async function thumbnailOf(bitmap) {
  let scale = Math.min(1, THUMBNAIL_SIDE / Math.max(bitmap.width, bitmap.height));
  for (let i = 0; i < 6; i++, scale *= 0.7) {
    const small = await draw(bitmap, scale, 'image/webp', 0.7); // a browser that writes no WebP gives PNG
    if (small.size <= THUMBNAIL_SIZE_MAX) return new Uint8Array(await small.arrayBuffer());
  }
  return null;
}

/** All of it, in as many pixels as this browser draws: some stop at 16 million. null: in none. */
async function drawAnew(bitmap, type) {
  const most = Math.min(1, Math.sqrt(AREA_MAX / (bitmap.width * bitmap.height)));
  for (const scale of [most, most / 2, most / 4]) {
    const blob = await draw(bitmap, scale, type, 0.92).catch(() => null);
    if (blob) return blob;
  }
  return null;
}

/**
 * {blob, thumbnail} of what is to be sent; asItIs: the file's own bytes. What is no picture goes as it is; one that cannot be drawn does
 * not: nobody said that where it was taken may be told.
 */
export async function prepare(file, asItIs) {
  const type = await pictureTypeOf(file);
  if (!type) return { blob: file, thumbnail: null };
  const read = await readPicture(file, DRAWN_AREA_MAX);
  URL.revokeObjectURL(read?.url);
  const bitmap = read && await createImageBitmap(file).catch(() => null);
  try {
    const thumbnail = bitmap && await thumbnailOf(bitmap).catch(() => null);
    if (asItIs || type === 'image/gif') return { blob: file, thumbnail }; // drawn, it would not move any more
    const blob = bitmap && await drawAnew(bitmap, type);
    if (!blob) throw new Error(texts.attachNotDrawn);
    return { blob, thumbnail };
  } finally {
    bitmap?.close();
  }
}
