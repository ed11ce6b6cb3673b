// SPDX-License-Identifier: GPL-3.0-or-later
/** How a content is told of in a message: {"manifest", "thumbnail"?}, both in Base64url. Hostile until the core has read the manifest. */
import { fromBase64url, lengthOf, toBase64url } from './base64url.js';
import { MANIFEST_TEXT_MAX } from './carriers.js';
import { THUMBNAIL_SIZE_MAX } from './content.js';

/** @param {string} manifest in Base64url @param {Uint8Array|null} thumbnail @returns {string} JSON */
export function writeWord(manifest, thumbnail) {
  return JSON.stringify(thumbnail === null ? { manifest } : { manifest, thumbnail: toBase64url(thumbnail) });
}

/** @param {any} value what was said @returns {{manifest: string, thumbnail: Uint8Array|null}|null} null: it is none */
export function readWord(value) {
  if (value === null || typeof value !== 'object') return null;
  const { manifest, thumbnail } = value;
  if (typeof manifest !== 'string' || manifest.length > MANIFEST_TEXT_MAX) return null;
  if (thumbnail === undefined) return { manifest, thumbnail: null };
  if (typeof thumbnail !== 'string' || thumbnail.length > lengthOf(THUMBNAIL_SIZE_MAX) || thumbnail === '') return null;
  const bytes = fromBase64url(thumbnail);
  return bytes && { manifest, thumbnail: bytes };
}
