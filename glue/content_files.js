// SPDX-License-Identifier: GPL-3.0-or-later
/** Contents in Node: a folder, for each content a file with its pieces and small ones beside it. */
import { mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Bits, bytesIn, sizeIn, SLOT_SIZE, slotOf } from './content_slots.js';
import { absent, makeFolder, readNamed, writeSynced } from './files.js';

const PIECES = 'pieces';
const NAME = /^[0-9a-f]{32}$/;
const RECORD = /^[a-z]+$/;

/** Files that are open at once, the one used last in the end. */
const OPEN_COUNT_MAX = 16;

/** What is asked of the first bytes of slots at once, when it is looked what is there. */
const LOOK_COUNT = 64;

/** @typedef {import('./content_keep.js').Place} Place */
/** @implements {Place} */
export class FilesPlace {
  kind = 'files';
  sizeMax = Infinity;
  #folder;
  #isTemporary;
  /** By name. @type {Map<string, Promise<import('node:fs/promises').FileHandle>>} */
  #open = new Map();

  /** @param {string|null} folder null: one that goes when this peer does */
  constructor(folder) {
    this.#folder = folder ?? '';
    this.#isTemporary = folder === null;
  }

  /** A folder that is to stay is made with the first content: who shares nothing finds nothing new beside the identity. */
  async open() {
    if (this.#isTemporary) this.#folder = await mkdtemp(path.join(tmpdir(), 'nkt-content-'));
  }

  async list() {
    const names = (await this.#files()).map((file) => file.split('.')[0]).filter((name) => NAME.test(name));
    return [...new Set(names)];
  }

  /** @param {string} name @param {string} record @param {Uint8Array} bytes */
  async put(name, record, bytes) {
    const file = this.#at(name, record);
    await this.#make();
    await writeSynced(`${file}.new`, bytes);
    await rename(`${file}.new`, file);
  }

  /** @param {string} name @param {string} record @returns {Promise<Uint8Array|null>} */
  async get(name, record) {
    const bytes = await readNamed(this.#at(name, record)).catch(absent);
    return bytes && new Uint8Array(bytes);
  }

  /** @param {string} name @param {number} index @param {Uint8Array} bytes */
  async write(name, index, bytes) {
    const slot = slotOf(bytes);
    const file = await this.#file(name);
    let at = 0;
    while (at < slot.length) {
      const { bytesWritten } = await file.write(slot, at, slot.length - at, index * SLOT_SIZE + at);
      at += bytesWritten;
    }
  }

  /** @param {string} name @param {number} index @param {(bytes: Uint8Array|null) => void} use */
  async read(name, index, use) {
    const file = await this.#file(name);
    const slot = new Uint8Array(SLOT_SIZE);
    const { bytesRead } = await file.read(slot, 0, SLOT_SIZE, index * SLOT_SIZE);
    use(bytesIn(slot.subarray(0, bytesRead)));
  }

  /** @param {string} name @param {number} count @returns {Promise<Uint8Array>} */
  async held(name, count) {
    const bits = new Bits(count);
    const file = await this.#file(name);
    const { size } = await file.stat();
    const there = Math.min(count, Math.ceil(size / SLOT_SIZE));
    const look = async (index) => {
      const head = new Uint8Array(4);
      const { bytesRead } = await file.read(head, 0, head.length, index * SLOT_SIZE);
      if (sizeIn(head.subarray(0, bytesRead)) > 0) bits.set(index);
    };
    for (let first = 0; first < there; first += LOOK_COUNT) {
      await Promise.all(Array.from({ length: Math.min(LOOK_COUNT, there - first) }, (_, i) => look(first + i)));
    }
    return bits.bytes;
  }

  /** @param {string} name */
  async remove(name) {
    await this.#close(name);
    for (const file of await this.#files()) {
      if (file.startsWith(`${name}.`)) await rm(path.join(this.#folder, file), { force: true });
    }
  }

  async close() {
    await Promise.all([...this.#open.keys()].map((name) => this.#close(name)));
    if (this.#isTemporary && this.#folder !== '') await rm(this.#folder, { recursive: true, force: true });
  }

  /** @param {string} name */
  #file(name) {
    const file = this.#open.get(name) ?? this.#openFile(name);
    this.#open.delete(name);
    this.#open.set(name, file);
    file.catch(() => { if (this.#open.get(name) === file) this.#open.delete(name); }); // whoever is next tries again
    for (const other of this.#open.keys()) {
      if (this.#open.size <= OPEN_COUNT_MAX) break;
      this.#close(other).catch(() => {}); // read again when it is wanted
    }
    return file;
  }

  /** @param {string} name */
  async #openFile(name) {
    const file = this.#at(name, PIECES);
    await this.#make();
    return open(file, 'r+').catch((error) => (error.code === 'ENOENT' ? open(file, 'w+', 0o600) : Promise.reject(error)));
  }

  /** @param {string} name */
  async #close(name) {
    const file = this.#open.get(name);
    this.#open.delete(name);
    await (await file)?.close();
  }

  async #files() {
    return await readdir(this.#folder).catch(absent) ?? [];
  }

  #make() {
    return makeFolder(this.#folder);
  }

  /** @param {string} name @param {string} record */
  #at(name, record) {
    if (!NAME.test(name) || !RECORD.test(record)) throw new Error(`no name of a content: ${name}`);
    return path.join(this.#folder, `${name}.${record}`);
  }
}
