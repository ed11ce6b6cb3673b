// SPDX-License-Identifier: GPL-3.0-or-later
// Files in the terminal: shared, listed by a number, fetched into a file. Nothing is written over, and no name leads out of this folder.
import { openAsBlob } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fitName } from '../../glue/content_source.js';
import { plain } from './people.mjs';

/** The newest so many are listed. */
const COUNT_MAX = 100;

/** Progress is told so often at most, in ms. */
const TELL_MS = 2000;

/** @param {number} size in bytes @returns {string} */
function sizeText(size) {
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} KB` : `${(size / 1e6).toFixed(1)} MB`;
}

export class Files {
  #nkt;
  #print;
  /** By number. @type {Map<number, any>} */
  #files = new Map();
  #count = 0;

  /** @param {any} nkt @param {(line: string) => void} print */
  constructor(nkt, print) {
    this.#nkt = nkt;
    this.#print = print;
  }

  /** @param {any} content @returns {string} what to call it */
  add(content) {
    this.#files.set(++this.#count, content);
    this.#files.delete(this.#count - COUNT_MAX);
    return this.#words(this.#count);
  }

  list() {
    const lines = [...this.#files].map(([number, { state }]) => `  ${this.#words(number)}, ${state}`);
    return lines.length > 0 ? lines.join('\n') : '  nothing';
  }

  /** @param {string} path @param {string} [to] @returns {Promise<any>} its delivery */
  async send(path, to) {
    if (path === '') throw new Error('/send FILE: there is no name');
    if (!(await stat(path)).isFile()) throw new Error(`${path} is no file`);
    const { content, delivery } = await this.#nkt.share(await openAsBlob(path), { to, name: fitName(basename(path)) });
    this.#print(`  shared ${this.add(content)}`);
    return delivery;
  }

  /** @param {string} text the number, and where to */
  async save(text) {
    const [, number, path] = /^(\d+)\s*(.*)$/.exec(text) ?? [];
    const content = this.#files.get(Number(number));
    if (!content) throw new Error('/save N [PATH]: /files lists the numbers');
    const target = path || join('.', basename(content.name) || `nkt-${content.id.slice(0, 8)}`);
    const file = await open(target, 'wx'); // never over what is there
    try {
      await this.#write(file, content);
    } catch (error) {
      await rm(target, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    this.#print(`  saved as ${plain(target)}`);
  }

  /** @param {import('node:fs/promises').FileHandle} file @param {any} content */
  async #write(file, content) {
    let told = Date.now();
    const fetched = await this.#nkt.fetch(content, {
      onProgress: ({ loaded, total }) => {
        if (Date.now() - told < TELL_MS) return;
        told = Date.now();
        this.#print(`  ${sizeText(loaded)} of ${sizeText(total)}`);
      },
    });
    for await (const part of fetched.stream()) await file.write(part);
  }

  /** @param {number} number */
  #words(number) {
    const { name, size, type } = this.#files.get(number);
    return `#${number} ${plain(name || 'a file')}, ${sizeText(size)}${type === '' ? '' : `, ${plain(type)}`}`;
  }
}
