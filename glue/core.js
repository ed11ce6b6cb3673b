// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One core in an instance of its WebAssembly module: lends it arguments, reads its effects, and takes what only a fault of the
 * module can throw for the end of it. This file and core_*.js are the only ones that touch linear memory; their counterpart is
 * wasm/exports.c. Decides nothing.
 */
import { Addresses } from './core_addresses.js';
import { Arguments } from './core_arguments.js';
import { Effect } from './core_effect.js';
import { Memory } from './core_memory.js';
import { instantiate } from './core_module.js';
import { Names } from './core_names.js';
import { NktError, stopped } from './errors.js';

const SEED_SIZE = 32;
const STORE_KEY_SIZE = 32;
const SAFETY_DIGIT_COUNT = 60;
const ROOM_DIGIT_COUNT = 32;
/** What the core answers with: {pointer, size} of the text of its health, or digits, of a safety number or a room, terminated. */
const ANSWER_SIZE = 64;

const NO_FIELDS = Object.freeze({});

export class Core {
  #exports;
  #memory;
  #addresses;
  #arguments;
  #effect;
  #names;
  /** Where answers are put. */
  #answer;

  #core = 0;
  #busy = false;
  /** @type {NktError|null} */
  #trap = null;

  /** Use Core.create(). @param {any} exports of an instance */
  constructor(exports) {
    this.#exports = exports;
    this.#memory = new Memory(exports);
    this.#addresses = new Addresses(exports, this.#memory);
    this.#arguments = new Arguments(this.#memory);
    this.#effect = new Effect(this.#memory, this.#addresses);
    this.#names = new Names(exports, this.#memory);
    this.#answer = this.#memory.alloc(ANSWER_SIZE);
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
    const core = new Core(await instantiate(module, entropy));
    const seed = new Uint8Array(SEED_SIZE);
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
    const number = this.#names.fact(kind);
    const code = typeof value === 'string' ? this.errorCode(value) : value;
    this.#enter();
    try {
      let addressAt = 0;
      if (address !== undefined && address !== null) {
        addressAt = this.#addresses.lend(address);
        if (addressAt === 0) return this.errorCode('NKT_E_ADDRESS');
      }
      const bytesSize = this.#arguments.lend(0, bytes);
      const textSize = bytesSize < 0 ? -1 : this.#arguments.lend(bytesSize, text);
      if (textSize < 0) return this.errorCode('NKT_E_SIZE');
      const { at } = this.#arguments;
      return this.#exports.nkt_wasm_step(this.#core, number, link, ticket, flags, code, nowMs, wallMs,
        addressAt, bytesSize === 0 ? 0 : at, bytesSize, textSize === 0 ? 0 : at + bytesSize, textSize);
    } catch (error) {
      throw this.#trapped(error);
    } finally {
      this.#left();
    }
  }

  /** The next effect, or null. @returns {Effect|null} */
  next() {
    this.#enter();
    try {
      const kind = this.#exports.nkt_wasm_poll(this.#core, this.#effect.at);
      this.#memory.refresh();
      if (kind === 0) return null;
      this.#effect.kind = this.#names.effect(kind);
      return this.#effect;
    } catch (error) {
      throw this.#trapped(error);
    } finally {
      this.#left();
    }
  }

  /** When step('TIME') is wanted at the latest, on the scale of nowMs; Infinity: no wish. @returns {number} */
  deadline() {
    return this.#call('nkt_wasm_deadline', this.#core);
  }

  /** The state of everything. @returns {any} */
  health() {
    const code = this.#call('nkt_wasm_health', this.#core, this.#answer);
    if (code < 0) throw this.error(code);
    const { u32 } = this.#memory;
    const word = this.#answer >> 2;
    return JSON.parse(this.#memory.text(u32[word], u32[word + 1]));
  }

  /** The safety number with a known user. @param {string} address @returns {string} 60 digits; throws NktError */
  safetyNumber(address) {
    const addressAt = this.#addresses.lend(address);
    if (addressAt === 0) throw this.error(this.errorCode('NKT_E_ADDRESS'));
    const code = this.#call('nkt_wasm_safety_number', this.#core, addressAt, this.#answer);
    if (code < 0) throw this.error(code);
    return this.#memory.text(this.#answer, SAFETY_DIGIT_COUNT);
  }

  /** What names the room, null for none. @returns {string|null} */
  roomId() {
    const code = this.#call('nkt_wasm_room_id', this.#core, this.#answer);
    if (code < 0) throw this.error(code);
    const text = this.#memory.text(this.#answer, ROOM_DIGIT_COUNT);
    return text.startsWith('-') ? null : text;
  }

  /** Whether a user may have what is said to everybody in the room; who is not known may not. @param {string} address */
  isOfRoom(address) {
    const addressAt = this.#addresses.lend(address);
    return addressAt !== 0 && this.#call('nkt_wasm_is_of_room', this.#core, addressAt) === 1;
  }

  /** Whether the text is an address. @param {unknown} text @returns {boolean} */
  isAddress(text) {
    return typeof text === 'string' && this.#addresses.isAddress(text);
  }

  /** @param {unknown} text @throws {NktError} NKT_E_ADDRESS */
  checkAddress(text) {
    if (!this.isAddress(text)) throw this.error(this.errorCode('NKT_E_ADDRESS'));
  }

  /** @param {number} code @returns {string} such as 'NKT_E_SIZE' */
  errorName(code) {
    return this.#names.error(code).name;
  }

  /** The reverse of errorName(); 0 when there is no such error. @param {string} name @returns {number} */
  errorCode(name) {
    return this.#names.errorCode(name);
  }

  /** @param {number} code @param {string} [text] instead of the general one @returns {NktError} */
  error(code, text) {
    const known = this.#names.error(code);
    return new NktError(known.name, text || known.text);
  }

  /** Wipes the keys and ends the core; nothing may be called afterwards. */
  free() {
    if (this.#core === 0) return;
    if (this.#trap === null) {
      this.#exports.nkt_wasm_delete(this.#core);
      this.#memory.refresh(); // what still waited may have needed more to be told of as failed; names are asked for afterwards
      this.#arguments.release();
    }
    this.#core = 0;
    this.#trap ??= stopped();
  }

  /** @param {string} json @param {Uint8Array|null} storeKey @param {Uint8Array} seed */
  #start(json, storeKey, seed) {
    const size = this.#arguments.lend(0, json);
    if (size < 0) throw new NktError('NKT_E_OPTIONS', 'the options are too large');
    const seedAt = this.#memory.alloc(SEED_SIZE + STORE_KEY_SIZE);
    const storeKeyAt = storeKey ? seedAt + SEED_SIZE : 0;
    this.#memory.u8.set(seed, seedAt);
    if (storeKey) this.#memory.u8.set(storeKey, storeKeyAt);
    const core = this.#call('nkt_wasm_new', this.#arguments.at, size, storeKeyAt, seedAt);
    this.#memory.release(seedAt, SEED_SIZE + STORE_KEY_SIZE);
    this.#arguments.wipe(size); // the room's secret
    if (core < 0) throw this.error(core);
    this.#core = core;
  }

  /** Marks the module as entered. It must not be entered from within a hook, nor after a trap. */
  #enter() {
    if (this.#trap !== null) throw this.#trap;
    if (this.#busy) throw new NktError('NKT_E_STATE', 'the core was called from within itself');
    this.#busy = true;
  }

  /** It may have grown, also where it trapped. */
  #left() {
    this.#busy = false;
    this.#memory.refresh();
  }

  /** @param {string} name @param {number[]} args @returns {number} */
  #call(name, ...args) {
    this.#enter();
    try {
      return this.#exports[name](...args);
    } catch (error) {
      throw this.#trapped(error);
    } finally {
      this.#left();
    }
  }

  /** Turns what only a fault of the module can throw into a trap. @param {unknown} error @returns {unknown} */
  #trapped(error) {
    const isStackOverflow = error instanceof RangeError || /** @type {Error} */ (error).name === 'InternalError';
    if (!(error instanceof WebAssembly.RuntimeError) && !isStackOverflow) return error;
    this.#trap = new NktError('NKT_E_TRAP', `the core stopped: ${/** @type {Error} */ (error).message}`, { cause: error });
    return this.#trap;
  }
}
