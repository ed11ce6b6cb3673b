// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The core in its WebAssembly module: loads it, lends it arguments, reads its effects. The only file that touches linear
 * memory; its counterpart is wasm/exports.c. Decides nothing.
 */
import { NktError } from './errors.js';
import { importInNode } from './platform.js';

/** Largest argument lent to the module, in bytes. The limits of the protocol are far below; this bounds memory. */
export const ARGUMENT_SIZE_MAX = 1 << 20;

/** First size of the argument buffer, in bytes: most frames fit, a larger one makes it grow once. */
const ARGUMENT_SIZE_START = 16 << 10;

const EFFECT_SIZE = 104; // sizeof(nkt_wasm_effect_t)
const ADDRESS_SIZE = 20;
const ADDRESS_TEXT_SIZE = 36;
const HEALTH_AT = ADDRESS_SIZE + ADDRESS_TEXT_SIZE; // in the scratch memory: {pointer, size}
const DIGITS_AT = HEALTH_AT + 8; // terminated
const SAFETY_DIGIT_COUNT = 60;
const SCRATCH_SIZE = DIGITS_AT + SAFETY_DIGIT_COUNT + 4;

/** Addresses kept in both forms; more users than a swarm remembers. */
const ADDRESS_CACHE_COUNT = 4096;

/** Texts up to this many bytes are decoded by hand when they are ASCII: quicker than a TextDecoder. */
const SHORT_TEXT_SIZE = 24;

/** Everything the module may ask of its host: the proof that the core does no I/O. */
export const IMPORTS_ALLOWED = Object.freeze([
  'host.entropy',
  'env.emscripten_notify_memory_growth',
]);

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));
const NO_FIELDS = Object.freeze({});

/** Compiled modules (promises) by URL: a second init() finds the first one's. @type {Map<string, Promise<WebAssembly.Module>>} */
const compiled = new Map();

/**
 * Compiles the module; once per URL.
 * @param {URL|string|ArrayBuffer|ArrayBufferView|WebAssembly.Module} source
 * @returns {Promise<WebAssembly.Module>} rejects with NKT_E_WASM
 */
export function loadModule(source) {
  if (source instanceof WebAssembly.Module) return Promise.resolve(source);
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return WebAssembly.compile(/** @type {BufferSource} */ (source)).catch((error) => {
      throw new NktError('NKT_E_WASM', `not a WebAssembly module: ${error.message}`, { cause: error });
    });
  }
  const href = String(source);
  let promise = compiled.get(href);
  if (!promise) {
    promise = fetchModule(href).catch((error) => {
      compiled.delete(href); // the next try may succeed
      throw new NktError('NKT_E_WASM', `cannot load ${href}: ${error.message}`, { cause: error });
    });
    compiled.set(href, promise);
  }
  return promise;
}

/** @param {string} href @returns {Promise<WebAssembly.Module>} */
async function fetchModule(href) {
  if (href.startsWith('file:')) {
    const { readFile } = await importInNode('node:fs/promises');
    return WebAssembly.compile(await readFile(new URL(href)));
  }
  const response = await fetch(href);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  // Streaming needs the right type; a server that does not know .wasm costs only the streaming.
  const type = response.headers.get('content-type') ?? '';
  if (WebAssembly.compileStreaming && type.startsWith('application/wasm')) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Refuses a module that asks for more than IMPORTS_ALLOWED. @param {WebAssembly.Module} module */
export function assertImports(module) {
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (!IMPORTS_ALLOWED.includes(`${from}.${name}`)) {
      throw new NktError('NKT_E_WASM', `the module asks for ${from}.${name}, which the core must not need`);
    }
  }
}

/**
 * Fills a view with unpredictable bytes, in the pieces of 64 KiB that WebCrypto gives.
 * @param {{getRandomValues(view: Uint8Array): unknown}} crypto
 * @returns {(view: Uint8Array) => void}
 */
export function entropyOf(crypto) {
  return (view) => {
    for (let at = 0; at < view.length; at += 65536) crypto.getRandomValues(view.subarray(at, at + 65536));
  };
}

/**
 * One effect, read from linear memory as it is asked for: what nobody looks at costs nothing. Valid until the next call of
 * next() or step(); the same object serves every effect.
 */
class Effect {
  /** Name without prefix, such as 'SEND'. */
  kind = '';
  #memory;
  #address;

  /** @param {Memory} memory @param {(at: number) => string|null} address reads an address at an offset */
  constructor(memory, address) {
    this.#memory = memory;
    this.#address = address;
  }

  get link() {
    return this.#memory.u32[this.#memory.effect32 + 1];
  }

  get ticket() {
    return this.#memory.u32[this.#memory.effect32 + 2];
  }

  get flags() {
    return this.#memory.u32[this.#memory.effect32 + 3];
  }

  get value() {
    return this.#memory.u32[this.#memory.effect32 + 4] | 0;
  }

  /** Bytes, copied; null when there are none. @returns {Uint8Array|null} */
  get bytes() {
    const { u8, u32, effect32 } = this.#memory;
    const at = u32[effect32 + 5];
    return at === 0 ? null : u8.slice(at, at + u32[effect32 + 6]);
  }

  get bytesSize() {
    return this.#memory.u32[this.#memory.effect32 + 6];
  }

  /** The bytes as text. @returns {string} */
  get bytesText() {
    const { u32, effect32 } = this.#memory;
    return this.#memory.text(u32[effect32 + 5], u32[effect32 + 6]);
  }

  /** @returns {string} empty when there is none */
  get text() {
    const { u32, effect32 } = this.#memory;
    return this.#memory.text(u32[effect32 + 7], u32[effect32 + 8]);
  }

  get time() {
    return this.#memory.f64[(this.#memory.effect + 40) >> 3];
  }

  /** @returns {string|null} Base58Check; null for nobody or everybody */
  get address() {
    return this.#address(this.#memory.effect + 48);
  }

  /** @returns {string|null} */
  get peer() {
    return this.#address(this.#memory.effect + 68);
  }

  /** Message id in hex. @returns {string} */
  get id() {
    const { u8, effect } = this.#memory;
    let id = '';
    for (let i = effect + 88; i < effect + 104; i++) id += HEX[u8[i]];
    return id;
  }
}

/** Views of linear memory, renewed when it has grown, and where things lie in it. */
class Memory {
  #memory;
  u8 = new Uint8Array(0);
  u32 = new Uint32Array(0);
  f64 = new Float64Array(0);
  /** Offset of the effect, in bytes, and in words. */
  effect = 0;
  effect32 = 0;

  /** @param {WebAssembly.Memory} memory */
  constructor(memory) {
    this.#memory = memory;
    this.refresh();
  }

  /** To be called after every call into the module: growing detaches all views. */
  refresh() {
    if (this.u8.length !== 0) return;
    this.u8 = new Uint8Array(this.#memory.buffer);
    this.u32 = new Uint32Array(this.#memory.buffer);
    this.f64 = new Float64Array(this.#memory.buffer);
  }

  /** @param {number} at @param {number} size @returns {string} */
  text(at, size) {
    if (size <= SHORT_TEXT_SIZE) {
      let text = '';
      let i = at;
      for (; i < at + size && this.u8[i] < 0x80; i++) text += String.fromCharCode(this.u8[i]);
      if (i === at + size) return text;
    }
    return decoder.decode(this.u8.subarray(at, at + size));
  }

  /** Terminated text. @param {number} at @returns {string} */
  terminated(at) {
    return at === 0 ? '' : this.text(at, this.u8.indexOf(0, at) - at);
  }
}

/** The module's imports; `memory` is told once it is there. @param {(view: Uint8Array) => void} entropy */
function importsOf(entropy) {
  /** @type {{memory: WebAssembly.Memory|null}} */
  const late = { memory: null };
  const imports = {
    host: {
      entropy(at, size) {
        try {
          entropy(new Uint8Array(/** @type {WebAssembly.Memory} */ (late.memory).buffer, at, size));
          return 0;
        } catch {
          return -1;
        }
      },
    },
    env: { emscripten_notify_memory_growth() {} }, // Memory.refresh() sees it by itself
  };
  return { imports, late };
}

/**
 * A key from a passphrase, in an instance of its own. Takes part of a second in which nothing else runs in this thread.
 * @param {WebAssembly.Module} module
 * @param {{passphrase: string, salt: Uint8Array, passes: number, memoryKiB: number}} params
 * @returns {Promise<Uint8Array>} 32 bytes; rejects with NKT_E_ARGUMENT, NKT_E_MEMORY
 */
export async function derivePassphraseKey(module, { passphrase, salt, passes, memoryKiB }) {
  assertImports(module);
  const { exports } = await WebAssembly.instantiate(module, importsOf(() => {}).imports);
  const wasm = /** @type {any} */ (exports);
  wasm._initialize?.();
  const text = encoder.encode(passphrase.normalize('NFC'));
  const size = text.length + salt.length + 32;
  const at = wasm.nkt_wasm_alloc(size);
  const bytes = () => new Uint8Array(wasm.memory.buffer, at, size);
  bytes().set(text);
  bytes().set(salt, text.length);
  text.fill(0);
  const keyAt = at + text.length + salt.length;
  const code = wasm.nkt_wasm_passphrase_key(at, text.length, at + text.length, salt.length, passes, memoryKiB, keyAt);
  if (code < 0) throw new NktError(code === -101 ? 'NKT_E_ARGUMENT' : 'NKT_E_MEMORY', 'no key could be made of the passphrase');
  const key = bytes().slice(text.length + salt.length);
  wasm.nkt_wasm_release(at, size);
  return key;
}

/** One peer: an instance of the module with one core in it. */
export class Core {
  #exports;
  #memory;
  #effect;
  #core = 0;
  #busy = false;
  /** @type {NktError|null} */
  #trap = null;

  #argument = 0;
  #argumentSize = 0;
  #scratch = 0;

  /** @type {Map<string, number>} */
  #events = new Map();
  /** @type {string[]} */
  #effects = [];
  /** @type {Map<number, {name: string, text: string}>} */
  #errors = new Map();
  /** @type {Map<string, number>|null} */
  #errorCodes = null;
  /**
   * By the first 32 bits of the address; a collision costs only the older entry's place.
   * @type {Map<number, {bytes: Uint8Array, text: string}>}
   */
  #addressTexts = new Map();
  /** @type {Map<string, Uint8Array>} */
  #addressBytes = new Map();

  /** Use Core.create(). @param {WebAssembly.Exports} exports */
  constructor(exports) {
    this.#exports = /** @type {any} */ (exports);
    this.#memory = new Memory(this.#exports.memory);
    this.#effect = new Effect(this.#memory, (at) => this.#addressAt(at));
    this.#scratch = this.#alloc(SCRATCH_SIZE);
    this.#memory.effect = this.#alloc(EFFECT_SIZE);
    this.#memory.effect32 = this.#memory.effect >> 2;
    this.#reserve(ARGUMENT_SIZE_START);
    this.#readNames();
  }

  /**
   * @param {object} parts
   * @param {WebAssembly.Module} parts.module
   * @param {object} parts.options as nkt_new_json() wants them
   * @param {Uint8Array|null} parts.storeKey 32 bytes, copied
   * @param {(view: Uint8Array) => void} parts.entropy
   * @returns {Promise<Core>} rejects with NktError
   */
  static async create({ module, options, storeKey, entropy }) {
    assertImports(module);
    const { imports, late } = importsOf(entropy);
    const instance = await WebAssembly.instantiate(module, imports);
    late.memory = /** @type {WebAssembly.Memory} */ (instance.exports.memory);
    /** @type {any} */ (instance.exports)._initialize?.();
    const core = new Core(instance.exports);
    const seed = new Uint8Array(32);
    entropy(seed);
    core.#start(JSON.stringify(options), storeKey, seed);
    return core;
  }

  /**
   * Reports a fact (nkt_step).
   * @param {string} kind name without prefix, such as 'LINK_UP'
   * @param {number} nowMs monotonic
   * @param {number} wallMs Unix time
   * @param {{link?: number, ticket?: number, flags?: number, value?: number|string, address?: string|null,
   *   bytes?: Uint8Array|string|null, text?: string|null}} [fields] a value given as text is the name of an error
   * @returns {number} 0 or an error
   */
  step(kind, nowMs, wallMs, fields = NO_FIELDS) {
    const { link = 0, ticket = 0, flags = 0, value = 0, address, bytes, text } = fields;
    const number = this.#events.get(kind);
    if (number === undefined) throw new NktError('NKT_E_ARGUMENT', `no such fact: ${kind}`);
    const code = typeof value === 'string' ? this.errorCode(value) : value;
    this.#enter();
    try {
      let addressAt = 0;
      if (address !== undefined && address !== null) {
        const raw = this.#parse(address);
        if (raw === null) return this.errorCode('NKT_E_ADDRESS');
        addressAt = this.#scratch;
        this.#memory.u8.set(raw, addressAt);
      }
      const bytesSize = this.#lend(0, bytes);
      const textSize = bytesSize < 0 ? -1 : this.#lend(bytesSize, text);
      if (textSize < 0) return this.errorCode('NKT_E_SIZE');
      const at = this.#argument;
      const result = this.#exports.nkt_wasm_step(this.#core, number, link, ticket, flags, code, nowMs, wallMs,
        addressAt, bytesSize === 0 ? 0 : at, bytesSize, textSize === 0 ? 0 : at + bytesSize, textSize);
      this.#memory.refresh();
      return result;
    } catch (error) {
      throw this.#trapped(error);
    } finally {
      this.#busy = false;
    }
  }

  /** The next effect, or null. @returns {Effect|null} */
  next() {
    this.#enter();
    try {
      const kind = this.#exports.nkt_wasm_poll(this.#core, this.#memory.effect);
      this.#memory.refresh();
      if (kind === 0) return null;
      this.#effect.kind = this.#effects[kind] ?? `#${kind}`;
      return this.#effect;
    } catch (error) {
      throw this.#trapped(error);
    } finally {
      this.#busy = false;
    }
  }

  /** When step('TIME') is wanted at the latest, on the scale of nowMs; Infinity: no wish. @returns {number} */
  deadline() {
    return this.#call('nkt_wasm_deadline', this.#core);
  }

  /** The state of everything. @returns {any} */
  health() {
    const out = this.#scratch + HEALTH_AT;
    const code = this.#call('nkt_wasm_health', this.#core, out);
    if (code < 0) throw this.error(code);
    const { u32 } = this.#memory;
    return JSON.parse(this.#memory.text(u32[out >> 2], u32[(out >> 2) + 1]));
  }

  /** The safety number with a known user. @param {string} address @returns {string} 60 digits; throws NktError */
  safetyNumber(address) {
    const raw = this.#parse(address);
    if (raw === null) throw this.error(this.errorCode('NKT_E_ADDRESS'));
    this.#memory.u8.set(raw, this.#scratch);
    const code = this.#call('nkt_wasm_safety_number', this.#core, this.#scratch, this.#scratch + DIGITS_AT);
    if (code < 0) throw this.error(code);
    return this.#memory.text(this.#scratch + DIGITS_AT, SAFETY_DIGIT_COUNT);
  }

  /** Whether the text is an address. @param {unknown} text @returns {boolean} */
  isAddress(text) {
    return typeof text === 'string' && this.#parse(text) !== null;
  }

  /** @param {number} code @returns {string} such as 'NKT_E_SIZE' */
  errorName(code) {
    return this.#errorOf(code).name;
  }

  /** The reverse of errorName(); 0 when there is no such error. @param {string} name @returns {number} */
  errorCode(name) {
    if (this.#errorCodes === null) {
      this.#errorCodes = new Map();
      for (let code = -101; code > -500; code--) this.#errorCodes.set(this.#errorOf(code).name, code);
    }
    return this.#errorCodes.get(name) ?? 0;
  }

  /** @param {number} code @param {string} [text] instead of the general one @returns {NktError} */
  error(code, text) {
    const known = this.#errorOf(code);
    return new NktError(known.name, text || known.text);
  }

  /** Wipes the keys and ends the core; nothing may be called afterwards. */
  free() {
    if (this.#core === 0) return;
    if (this.#trap === null) {
      this.#exports.nkt_wasm_delete(this.#core);
      this.#exports.nkt_wasm_release(this.#argument, this.#argumentSize);
    }
    this.#core = 0;
    this.#trap ??= new NktError('NKT_E_STOPPED', 'the peer was stopped');
  }

  /** @param {string} json @param {Uint8Array|null} storeKey @param {Uint8Array} seed */
  #start(json, storeKey, seed) {
    const size = this.#lend(0, json);
    if (size < 0) throw new NktError('NKT_E_OPTIONS', 'the options are too large');
    const keys = this.#alloc(64);
    const { u8 } = this.#memory;
    u8.set(seed, keys);
    if (storeKey) u8.set(storeKey, keys + 32);
    const core = this.#call('nkt_wasm_new', this.#argument, size, storeKey ? keys + 32 : 0, keys);
    this.#exports.nkt_wasm_release(keys, 64);
    this.#memory.u8.fill(0, this.#argument, this.#argument + size); // the room's secret
    if (core < 0) throw this.error(core);
    this.#core = core;
  }

  #readNames() {
    for (let i = 0; ; i++) {
      const name = this.#memory.terminated(this.#exports.nkt_wasm_name(0, i));
      if (name === '') break;
      this.#events.set(name, i);
    }
    for (let i = 0; ; i++) {
      const name = this.#memory.terminated(this.#exports.nkt_wasm_name(1, i));
      if (name === '') break;
      this.#effects.push(name);
    }
  }

  /** Marks the module as entered. It must not be entered from within a hook, nor after a trap. */
  #enter() {
    if (this.#trap !== null) throw this.#trap;
    if (this.#busy) throw new NktError('NKT_E_STATE', 'the core was called from within itself');
    this.#busy = true;
  }

  /** @param {string} name @param {number[]} args @returns {number} */
  #call(name, ...args) {
    this.#enter();
    try {
      const result = this.#exports[name](...args);
      this.#memory.refresh();
      return result;
    } catch (error) {
      throw this.#trapped(error);
    } finally {
      this.#busy = false;
    }
  }

  /** Turns what only a fault of the module can throw into a trap. @param {unknown} error @returns {unknown} */
  #trapped(error) {
    const isStackOverflow = error instanceof RangeError || /** @type {Error} */ (error).name === 'InternalError';
    if (!(error instanceof WebAssembly.RuntimeError) && !isStackOverflow) return error;
    this.#trap = new NktError('NKT_E_TRAP', `the core stopped: ${/** @type {Error} */ (error).message}`, { cause: error });
    return this.#trap;
  }

  /** @param {number} size @returns {number} offset */
  #alloc(size) {
    const at = this.#exports.nkt_wasm_alloc(size);
    this.#memory.refresh();
    if (at === 0) throw new NktError('NKT_E_MEMORY', 'out of memory');
    return at;
  }

  /** Makes the argument buffer at least so large, keeping its first bytes. @param {number} size @param {number} [kept] */
  #reserve(size, kept = 0) {
    if (size <= this.#argumentSize) return;
    const old = this.#argument;
    const wanted = Math.max(size, this.#argumentSize * 2);
    const at = this.#alloc(wanted);
    if (kept > 0) this.#memory.u8.copyWithin(at, old, old + kept);
    if (old !== 0) this.#exports.nkt_wasm_release(old, this.#argumentSize);
    this.#argument = at;
    this.#argumentSize = wanted;
  }

  /**
   * Copies an argument into the buffer, text as UTF-8.
   * @param {number} from offset in the buffer @param {Uint8Array|string|null|undefined} what
   * @returns {number} its size, or -1 if it is too large
   */
  #lend(from, what) {
    if (what === undefined || what === null) return 0;
    if (typeof what === 'string') {
      if (what.length > ARGUMENT_SIZE_MAX) return -1;
      this.#reserve(from + what.length * 3, from); // the most that UTF-8 can need
      return encoder.encodeInto(what, this.#memory.u8.subarray(this.#argument + from,
        this.#argument + this.#argumentSize)).written;
    }
    if (what.length > ARGUMENT_SIZE_MAX) return -1;
    this.#reserve(from + what.length, from);
    this.#memory.u8.set(what, this.#argument + from);
    return what.length;
  }

  /** @param {string} text @returns {Uint8Array|null} 20 bytes */
  #parse(text) {
    const cached = this.#addressBytes.get(text);
    if (cached) return cached;
    if (text.length === 0 || text.length >= ADDRESS_TEXT_SIZE) return null;
    const { u8 } = this.#memory;
    const at = this.#scratch + ADDRESS_SIZE;
    const { read, written } = encoder.encodeInto(text, u8.subarray(at, at + ADDRESS_TEXT_SIZE));
    if (read !== text.length) return null;
    if (this.#exports.nkt_wasm_address_parse(at, written, this.#scratch) !== 0) return null;
    const bytes = this.#memory.u8.slice(this.#scratch, this.#scratch + ADDRESS_SIZE);
    remember(this.#addressBytes, text, bytes);
    return bytes;
  }

  /** @param {number} at offset of 20 bytes, aligned to 4 @returns {string|null} null when all are zero */
  #addressAt(at) {
    const { u32, u8 } = this.#memory;
    const word = at >> 2;
    const key = u32[word];
    const cached = this.#addressTexts.get(key);
    if (cached && isEqual(u8, at, cached.bytes)) return cached.text;
    if ((key | u32[word + 1] | u32[word + 2] | u32[word + 3] | u32[word + 4]) === 0) return null;
    const textAt = this.#scratch + ADDRESS_SIZE;
    this.#exports.nkt_wasm_address_format(at, textAt);
    const text = this.#memory.terminated(textAt);
    remember(this.#addressTexts, key, { bytes: u8.slice(at, at + ADDRESS_SIZE), text });
    return text;
  }

  /** @param {number} code @returns {{name: string, text: string}} */
  #errorOf(code) {
    let known = this.#errors.get(code);
    if (!known) {
      known = {
        name: this.#memory.terminated(this.#exports.nkt_wasm_err_name(code)),
        text: this.#memory.terminated(this.#exports.nkt_wasm_err_text(code)),
      };
      this.#errors.set(code, known);
    }
    return known;
  }
}

/** @param {Uint8Array} u8 @param {number} at @param {Uint8Array} bytes @returns {boolean} */
function isEqual(u8, at, bytes) {
  for (let i = 0; i < bytes.length; i++) if (u8[at + i] !== bytes[i]) return false;
  return true;
}

/** Adds to a bounded cache; the oldest entry makes room. @template K, V @param {Map<K, V>} cache @param {K} key @param {V} value */
function remember(cache, key, value) {
  if (cache.size >= ADDRESS_CACHE_COUNT) cache.delete(/** @type {K} */ (cache.keys().next().value));
  cache.set(key, value);
}
