// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes in values (docs/protocol.md, section 9.6). Large ones stay manifests here: this peer has no contents.
const VIEWS = new Map([
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array,
  BigUint64Array,
].map((View) => [View.name, View]));
const ONLY_DOLLARS = /^[$]+$/;
const UNFIT = /[/\\\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** What is a content's bytes. */
export class Large {
  /** @param {string} kind @param {string} manifest @param {{t?: string, n?: string, m?: number}} [more] of a Blob or File */
  constructor(kind, manifest, more = {}) {
    Object.assign(this, { kind, manifest, more });
  }
}

/** A value with bytes beside it. */
export class Beside {
  constructor(value, bytes) {
    Object.assign(this, { value, bytes });
  }
}

/** @param {any} value @returns {Promise<any>} what JSON.stringify() makes the text of */
export async function packed(value) {
  if (value instanceof Beside) return { $: 'beside', v: await packed(value.value), b: await packed(value.bytes) };
  if (value instanceof Large) return { $: value.kind, ...value.more, c: value.manifest };
  if (value instanceof Blob) {
    const b = base64(await value.arrayBuffer());
    return value instanceof File ? { $: 'File', t: value.type, n: value.name, m: value.lastModified, b } : { $: 'Blob', t: value.type, b };
  }
  if (value instanceof ArrayBuffer) return { $: 'ArrayBuffer', b: base64(value) };
  if (ArrayBuffer.isView(value)) return { $: value[Symbol.toStringTag], b: base64(value.buffer, value.byteOffset, value.byteLength) };
  if (Array.isArray(value)) return Promise.all(value.map(packed));
  if (value === null || typeof value !== 'object') return value;
  const pairs = Object.entries(value).map(async ([key, it]) => [ONLY_DOLLARS.test(key) ? `$${key}` : key, await packed(it)]);
  return Object.fromEntries(await Promise.all(pairs));
}

/** @param {any} json as it was parsed @returns {any} the value */
export function unpacked(json) {
  const isBeside = hasKeys(json, '$ b v') && json.$ === 'beside';
  const bytes = isBeside ? carried(json.b) : null;
  return bytes ? new Beside(unpack(json.v), bytes) : unpack(json);
}

function unpack(json) {
  if (Array.isArray(json)) return json.map(unpack);
  if (json === null || typeof json !== 'object') return json;
  if (Object.hasOwn(json, '$')) return carried(json) ?? json;
  return Object.fromEntries(Object.entries(json).map(([key, it]) => [ONLY_DOLLARS.test(key) ? key.slice(1) : key, unpack(it)]));
}

/** @returns {any} null: it is no carrier */
function carried(object) {
  const { $: kind, t, n, m, b, c } = object ?? {};
  const bytesKey = typeof c === 'string' ? 'c' : 'b';
  if (kind === 'File') {
    const isFile = hasKeys(object, `$ ${bytesKey} m n t`) && typeof t === 'string' && typeof n === 'string' && Number.isSafeInteger(m)
      && !UNFIT.test(n) && n !== '.' && n !== '..';
    return isFile ? made(kind, b, c, { t, n, m }, (bytes) => new File([bytes], n, { type: t, lastModified: m })) : null;
  }
  if (kind === 'Blob') {
    const isBlob = hasKeys(object, `$ ${bytesKey} t`) && typeof t === 'string';
    return isBlob ? made(kind, b, c, { t }, (bytes) => new Blob([bytes], { type: t })) : null;
  }
  if (!hasKeys(object, `$ ${bytesKey}`)) return null;
  if (kind === 'ArrayBuffer') return made(kind, b, c, {}, (bytes) => bytes.buffer);
  if (kind === 'DataView') return made(kind, b, c, {}, (bytes) => new DataView(bytes.buffer));
  const View = VIEWS.get(kind);
  if (!View) return null;
  return made(kind, b, c, {}, (bytes) => (bytes.length % View.BYTES_PER_ELEMENT === 0 ? new View(bytes.buffer) : null));
}

function made(kind, b, c, more, make) {
  if (typeof c === 'string') return c.length > 0 && c.length <= 1024 ? new Large(kind, c, more) : null;
  if (typeof b !== 'string') return null;
  const bytes = Uint8Array.from(Buffer.from(b, 'base64url'));
  return base64(bytes) === b ? make(bytes) : null; // whatever is not as it is written is none
}

/** @param {any} object @param {string} keys sorted */
function hasKeys(object, keys) {
  return object !== null && typeof object === 'object' && !Array.isArray(object) && Object.keys(object).sort().join(' ') === keys;
}

/** Of a machine that has the lowest byte first, as this is written for. */
function base64(...bytes) {
  return Buffer.from(...bytes).toString('base64url');
}
