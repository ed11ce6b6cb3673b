// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Bytes within values: what holds them here, and the carrier that stands for it in JSON, an object with the key "$"
 * (docs/protocol.md, 9.6). What a peer wrote is hostile: an object that is no well-formed carrier stays as it came.
 */
import { fromBase64url, lengthOf, toBase64url } from './base64url.js';
import { fitName } from './fit_name.js';

/** What can be said beside JSON: by its name, the size of an element in bytes. */
const SIZES = Object.assign(Object.create(null), {
  ArrayBuffer: 1, DataView: 1, Blob: 1, File: 1, Uint8Array: 1, Int8Array: 1, Uint8ClampedArray: 1, Uint16Array: 2, Int16Array: 2,
  Float16Array: 2, Uint32Array: 4, Int32Array: 4, Float32Array: 4, Float64Array: 8, BigInt64Array: 8, BigUint64Array: 8,
});

/** Of a manifest in Base64url: its parts are 127 + 255 + 80 bytes at most. */
export const MANIFEST_TEXT_MAX = 1024;

/** Of one value, in bytes: all of it lies in memory, at both ends; share() is for more. */
export const BYTES_SIZE_MAX = 16 << 20;

/** Parts of one value that are contents: each is opened, noted and asked for. */
export const PARTS_COUNT_MAX = 8;

/** Keys that are written with one dollar sign more. */
export const DOLLARS = /^\$+$/;

const encoder = new TextEncoder();
const isBigEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

/**
 * @typedef {object} Part
 * @property {string} kind one of SIZES
 * @property {string} type a Blob's @property {string} name a File's @property {number} modified the same
 * @typedef {Part & {size: number, source: any, path: string}} Given source: a Uint8Array or a Blob
 * @typedef {Part & {bytes?: Uint8Array, manifest?: string}} Carried
 */

/**
 * Tells what something is whoever made it, in any realm.
 * @param {any} owner @param {PropertyKey} key @returns {(it: any) => any} undefined: it is none
 */
function getterOf(owner, key) {
  const getter = owner && Object.getOwnPropertyDescriptor(owner.prototype, key)?.get;
  return (it) => {
    try {
      return getter?.call(it);
    } catch {
      return undefined;
    }
  };
}
const { Blob, File } = /** @type {any} */ (globalThis);
const viewOf = getterOf(Object.getPrototypeOf(Uint8Array), Symbol.toStringTag);
const bufferSizeOf = getterOf(ArrayBuffer, 'byteLength');
const sharedSizeOf = getterOf(globalThis.SharedArrayBuffer, 'byteLength');
const blobSizeOf = getterOf(Blob, 'size');
const blobTypeOf = getterOf(Blob, 'type');
const fileNameOf = getterOf(File, 'name');
const fileTimeOf = getterOf(File, 'lastModified');

/**
 * @param {any} value @param {string} path for an error
 * @returns {Given|string|null} null: it holds no bytes; text: why they cannot be said
 */
export function partOf(value, path) {
  const part = { kind: '', type: '', name: '', modified: 0, size: 0, source: value, path };
  const isView = ArrayBuffer.isView(value); // first: a getter that is asked of something else throws, which takes longer than all of this
  const blobSize = isView ? undefined : blobSizeOf(value);
  if (blobSize !== undefined) {
    const modified = fileTimeOf(value);
    const file = modified === undefined ? { kind: 'Blob' } : { kind: 'File', name: fitName(fileNameOf(value)), modified };
    return { ...part, ...file, type: blobTypeOf(value), size: blobSize };
  }
  const buffer = isView ? value.buffer : value;
  if (bufferSizeOf(buffer) === undefined) return sharedSizeOf(buffer) === undefined ? null : 'shared memory cannot be sent: send a copy';
  try {
    const source = isView ? new Uint8Array(buffer, value.byteOffset, value.byteLength) : new Uint8Array(buffer);
    return { ...part, kind: isView ? viewOf(value) ?? 'DataView' : 'ArrayBuffer', source, size: source.length };
  } catch {
    return 'its buffer is detached';
  }
}

/** @param {Part} part @param {string} rest what names its bytes @returns {string} JSON */
function carrier({ kind, type, name, modified }, rest) {
  const blob = kind === 'Blob' || kind === 'File' ? `,"t":${JSON.stringify(type)}` : '';
  const file = kind === 'File' ? `,"n":${JSON.stringify(name)},"m":${modified}` : '';
  return `{"$":"${kind}"${blob}${file},${rest}}`;
}

/** @param {Part} part @param {Uint8Array} bytes as they lie in memory @returns {string} JSON */
export function inline(part, bytes) {
  return carrier(part, `"b":"${toBase64url(inOrder(part.kind, bytes))}"`);
}

/** As large as inline() is, in bytes. @param {Given} part @returns {number} */
export function inlineSize(part) {
  const text = carrier(part, '"b":""');
  const isPlain = part.type === '' && part.name === ''; // letters of ours alone
  return (isPlain ? text.length : encoder.encode(text).length) + lengthOf(part.size);
}

/** @param {Part} part @param {string} manifest of a content that is its bytes @returns {string} JSON */
export const shared = (part, manifest) => carrier(part, `"c":"${manifest}"`);

/** @param {any} object with "$" @returns {Carried|null} null: it is not well-formed */
export function readCarrier(object) {
  const { $: kind, b, c, t, n, m, ...more } = object;
  const isFile = kind === 'File';
  const isBlob = isFile || kind === 'Blob';
  const isWhole = typeof kind === 'string' && kind in SIZES && (isBlob || kind in globalThis) && Object.keys(more).length === 0
    && Object.keys(object).length === 2 + Number(isBlob) + 2 * Number(isFile)
    && (!isBlob || typeof t === 'string') && (!isFile || (typeof n === 'string' && fitName(n) === n && Number.isSafeInteger(m)));
  if (!isWhole) return null;
  const part = { kind, type: t ?? '', name: n ?? '', modified: m ?? 0 };
  if (typeof c === 'string') return c !== '' && c.length <= MANIFEST_TEXT_MAX ? { ...part, manifest: c } : null;
  const bytes = typeof b === 'string' ? fromBase64url(b) : null;
  return bytes && isFitting(kind, bytes.length) ? { ...part, bytes } : null;
}

/** @param {string} kind @param {number} size in bytes @returns {boolean} whether elements fill it */
export const isFitting = (kind, size) => size % SIZES[kind] === 0;

/** @param {Part} part @param {Uint8Array} bytes as they travelled, in a buffer of its own @returns {any} what it was */
export function madeOf({ kind, type, name, modified }, bytes) {
  if (kind === 'Blob') return new Blob([bytes], { type });
  if (kind === 'File') return new File([bytes], name, { type, lastModified: modified });
  const { buffer } = inOrder(kind, bytes);
  return kind === 'ArrayBuffer' ? buffer : new /** @type {any} */ (globalThis)[kind](buffer);
}

/** Elements travel with their lowest byte first. @param {string} kind @param {Uint8Array} bytes */
export function inOrder(kind, bytes, isTurned = isBigEndian) {
  const size = SIZES[kind];
  if (!isTurned || size === 1) return bytes;
  const turned = bytes.slice();
  for (let at = 0; at < turned.length; at += size) turned.subarray(at, at + size).reverse();
  return turned;
}
