// SPDX-License-Identifier: GPL-3.0-or-later
// Files in the terminal: shared, listed by a number, fetched into a file. Nothing is written over, and no name leads out of this folder.
import { existsSync, openAsBlob } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { shortName } from '../../glue/content_source.js';
import { NktError } from '../../glue/errors.js';
import { shownNick } from '../../glue/fold.js';
import { readName } from '../../glue/named.js';
import { plain } from './people.mjs';

/** The newest so many are listed. */
const COUNT_MAX = 100;

/** Letters of a path that are shown. */
const PATH_SHOWN_MAX = 200;

/** Progress is told so often at most, in ms. */
const TELL_MS = 2000;

/** What the system says, in words. @type {Record<string, string>} */
const FAULTS = {
  ENOENT: 'there is no such file or folder',
  EEXIST: 'there is one already, which stays as it is',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of it is no folder',
  EACCES: 'it is not allowed here',
  EPERM: 'it is not allowed here',
  EROFS: 'nothing can be written there',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'the disk is full',
};

/** @template T @param {string} path @param {Promise<T>} promise of the file system @param {string} [code] @returns {Promise<T>} */
function told(path, promise, code = 'NKT_E_ARGUMENT') {
  return promise.catch((error) => {
    throw new NktError(code, `${path.slice(0, PATH_SHOWN_MAX)}: ${FAULTS[error.code] ?? error.message}`, { cause: error });
  });
}

/** @param {number} size in bytes @returns {string} */
export function sizeText(size) {
  if (size < 1000) return `${size} ${size === 1 ? 'byte' : 'bytes'}`;
  return size < 999_950 ? `${(size / 1e3).toFixed(1)} KB` : `${(size / 1e6).toFixed(1)} MB`; // as KB it would be 1000.0
}

/**
 * @param {any} nkt @param {string} path @param {{to?: string, name?: string, type?: string}} [options] as nkt.share() takes them
 * @returns {Promise<{content: any, delivery: any}>}
 */
export async function shareFile(nkt, path, { to, name, type } = {}) {
  if (!(await told(path, stat(path))).isFile()) throw new NktError('NKT_E_ARGUMENT', `${path} is no file`);
  return nkt.share(await told(path, openAsBlob(path)), { to, name: name ?? shortName(basename(path)), type });
}

/** No name that programs read unasked (.npmrc), nor one that says something to Windows (a stream of another file); '': none to be seen. */
function nameToSave(/** @type {string} */ said) {
  const name = basename(said).replace(/^\.+/, '_').replace(/[:*?"<>|]/g, '_');
  return shownNick(name) === '' ? '' : name;
}

/**
 * What is there already is not touched, nor does half a file stay.
 * @param {any} nkt @param {any} content @param {string} [path] of a file, or of a folder for one of its own name; none: this one
 * @param {(progress: {loaded: number, total: number}) => void} [onProgress]
 * @returns {Promise<string|null>} where it is; null: it cannot be read, and is held for others
 */
export async function saveFile(nkt, content, path = '.', onProgress = undefined) {
  if (content.sealed) {
    await (await nkt.fetch(content, { onProgress })).complete;
    return null;
  }
  const isFolder = await stat(path).then((found) => found.isDirectory(), () => false);
  const target = isFolder ? join(path, nameToSave(content.name ?? '') || `nkt-${content.id.slice(0, 8)}`) : path;
  const file = await told(target, open(target, 'wx'));
  try {
    const fetched = await nkt.fetch(content, { onProgress });
    // all of it: write() may write less
    for await (const part of fetched.stream()) await told(target, file.appendFile(part), 'NKT_E_STORAGE');
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return target;
}

/** A path as it is typed where no shell reads it: in quotes, or from the home folder on. @param {string} typed */
function typedPath(typed) {
  const path = readName(typed, existsSync);
  return /^~[/\\]/.test(path) && !existsSync(path) ? join(homedir(), path.slice(2)) : path;
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
    const { content, delivery } = await shareFile(this.#nkt, typedPath(path), { to });
    this.#print(`  shared ${this.add(content)}`);
    return delivery;
  }

  /** @param {string} text the number, and where to */
  async save(text) {
    const [, number, path] = /^#?(\d+)(?:\s+(.*))?$/.exec(text) ?? [];
    const content = this.#files.get(Number(number));
    if (!content) throw new Error('/save N [PATH]: /files lists the numbers');
    let told = performance.now();
    const saving = saveFile(this.#nkt, content, path && typedPath(path), ({ loaded, total }) => {
      if (performance.now() - told < TELL_MS) return;
      told = performance.now();
      this.#print(`  ${sizeText(loaded)} of ${sizeText(total)}`);
    });
    const saved = await saving.finally(() => { told = Infinity; }); // what comes of it later is no news
    this.#print(saved === null ? '  held for others' : `  saved as ${plain(saved)}`);
  }

  /** @param {number} number */
  #words(number) {
    const { name, size, type, sealed } = this.#files.get(number);
    const what = sealed ? 'a file to be held for others (/save fetches it)' : plain(shownNick(name) || 'a file');
    return `#${number} ${what}, ${sizeText(size)}${type === '' ? '' : `, ${plain(type)}`}`;
  }
}
