// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures before they are sent: drawn anew, so that what is written beside the picture (where it was taken, when, by whose camera) stays
// here; and a small one for the message. By their first bytes, whatever they are called.

const THUMBNAIL_SIZE_MAX = 16 << 10; // as the API takes them
const THUMBNAIL_SIDE = 320;
const AREA_MAX = 64e6; // pixels: what a telephone takes; larger ones would take this tab's memory

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

/** {blob, thumbnail} of what is to be sent; asItIs: the file's own bytes. What is no picture, or cannot be drawn, goes as it is. */
export async function prepare(file, asItIs) {
  const type = await pictureTypeOf(file);
  if (!type) return { blob: file, thumbnail: null };
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
    if (bitmap.width * bitmap.height > AREA_MAX) return { blob: file, thumbnail: await thumbnailOf(bitmap) };
    const thumbnail = await thumbnailOf(bitmap);
    if (asItIs || type === 'image/gif') return { blob: file, thumbnail }; // drawn, it would not move any more
    return { blob: await draw(bitmap, 1, type, 0.92), thumbnail };
  } catch {
    return { blob: file, thumbnail: null };
  } finally {
    bitmap?.close();
  }
}
