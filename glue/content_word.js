// SPDX-License-Identifier: GPL-3.0-or-later
/** How a content is told of in a message: {"manifest", "thumbnail"?}, both in Base64url. Hostile until the core has read the manifest. */
import { THUMBNAIL_SIZE_MAX } from './content.js';

const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** Of a manifest in Base64url: its parts are 127 + 255 + 80 bytes at most. */
const MANIFEST_TEXT_MAX = 1024;

/** @param {string} manifest in Base64url @param {Uint8Array|null} thumbnail @returns {string} JSON */
export function writeWord(manifest, thumbnail) {
  return JSON.stringify(thumbnail === null ? { manifest } : { manifest, thumbnail: toBase64url(thumbnail) });
}

/** @param {any} value what was said @returns {{manifest: string, thumbnail: Uint8Array|null}|null} null: it is none */
export function readWord(value) {
  if (value === null || typeof value !== 'object') return null;
  const { manifest, thumbnail } = value;
  if (typeof manifest !== 'string' || manifest.length > MANIFEST_TEXT_MAX || !BASE64URL.test(manifest)) return null;
  if (thumbnail === undefined) return { manifest, thumbnail: null };
  if (typeof thumbnail !== 'string' || thumbnail.length > Math.ceil(THUMBNAIL_SIZE_MAX * 4 / 3) || !BASE64URL.test(thumbnail)) return null;
  const bytes = fromBase64url(thumbnail);
  return bytes && { manifest, thumbnail: bytes };
}

/** @param {Uint8Array} bytes @returns {string} */
export function toBase64url(bytes) {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @param {string} text @returns {Uint8Array|null} */
export function fromBase64url(text) {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
