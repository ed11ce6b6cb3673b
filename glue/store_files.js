// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * storage: {folder}, in Node: one folder for one identity, one file for each record, written beside its place, synced and
 * renamed into it. So a crash leaves each record as it was or as it is to be, and a damaged file is one damaged record.
 *
 * Of several records all are as they are to be, or none: what waits for a write is coalesced (store.js), so in no order of its
 * records would every part of it be a state that the core knew. Once the file `commit` is there all are written, whatever is
 * renamed by then.
 */
import { open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { NktError } from './errors.js';
import { absent, makeFolder, readNamed, writeSynced } from './files.js';
import { FolderLock } from './folder_lock.js';
import { openKey, sealKey, tellingDerive } from './seal_key.js';
import { Store } from './store.js';

const KEY_FILE = 'key.json';
const COMMIT_FILE = 'commit';
/** Folders of rooms other than the one whose records are beside this. */
const ROOMS = 'rooms';
const SUFFIX = '.record';
const TEMPORARY = '.new';

/** The core's names: small letters, digits and slashes. */
const NAME = /^[a-z0-9]+(?:\/[a-z0-9]+)*$/;

/** What to do, by the system's code. */
const CURES = Object.freeze({
  EISDIR: 'a folder is in the place of a file: remove it, or name another folder',
  ERR_FS_EISDIR: 'a folder is in the place of a file: remove it, or name another folder',
  ENOENT: 'nothing can be made there: name another folder',
  ENOTDIR: 'a file is in the place of a folder: remove it, or name another folder',
  EACCES: 'this process may not read and write there: give it the permission, or name another folder',
  EPERM: 'the system forbids it: give this process the permission, or name a folder on another file system',
  EROFS: 'the file system is read-only: name a folder elsewhere',
  ENOSPC: 'the disk is full: make room, or name a folder elsewhere',
  EDQUOT: 'the quota is used up: make room, or name a folder elsewhere',
  ENAMETOOLONG: 'the name is too long: name another folder',
  ELOOP: 'links lead in a circle: name another folder',
  ENOSYS: 'this file system has no hard links: name a folder on another one',
  ENOTSUP: 'this file system has no hard links: name a folder on another one',
  EMFILE: 'too many files are open',
  EIO: 'the disk has a fault',
});

/** A key file is a few hundred bytes; whatever is larger is none. */
const KEY_FILE_SIZE_MAX = 4096;

class FilePlace {
  kind = 'folder';
  isStrict = true;
  isThere = false;
  #folder;
  #passphrase;
  #crypto;
  #derive;
  #lock;
  #isCommitted = false;
  /** Of a new place: written with its first records, so that a key without any tells that they are gone. @type {Uint8Array|null} */
  #keyFile = null;
  #onDeriving = (/** @type {boolean} */ _isDeriving) => {};

  #key;

  /**
   * @param {string} folder @param {string|undefined} passphrase @param {any} crypto @param {import('./seal_key.js').Derive} derive
   * @param {Uint8Array} [key] of its records, where another folder has it
   */
  constructor(folder, passphrase, crypto, derive, key) {
    this.#key = key;
    this.#folder = path.resolve(folder);
    this.#lock = new FolderLock(this.#folder);
    this.#passphrase = passphrase;
    this.#crypto = crypto;
    this.#derive = tellingDerive(derive, (isDeriving) => this.#onDeriving(isDeriving));
  }

  /** @param {(isDeriving: boolean) => void} onDeriving */
  onDeriving(onDeriving) {
    this.#onDeriving = onDeriving;
  }

  get health() {
    return { folder: this.#folder };
  }

  open() {
    return this.#open().catch((error) => this.#refuse(error));
  }

  async #open() {
    await makeFolder(this.#folder);
    await this.#lock.take();
    this.isThere = true;
    const files = await readdir(this.#folder);
    if (!this.#key && !files.includes(KEY_FILE)) this.#checkNew(files); // before anything is touched
    await this.#finish();
    for (const file of files) if (isLeft(file)) await rm(this.#at(file), { force: true });
    const records = await this.read();
    if (this.#key) return { key: this.#key, records };
    const text = await this.#readText(KEY_FILE);
    const key = text === null ? null : await this.#openKey(text);
    if (key === null || records.size > 0) return { key, records };
    const file = this.#at(KEY_FILE);
    throw new NktError('NKT_E_STORAGE', `${file} is there without records: bring them back, or remove it to begin anew`);
  }

  /** Without a key nothing that is there is ours, or it can be read by nobody. @param {string[]} files */
  #checkNew(files) {
    const isBegun = files.includes(KEY_FILE + TEMPORARY);
    const found = files.find((file) => nameOf(file) !== null || (file === COMMIT_FILE && !isBegun));
    if (found === undefined || (isBegun && files.includes(COMMIT_FILE))) return;
    const what = `${this.#folder} has the file ${found} and no ${KEY_FILE}`;
    throw new NktError('NKT_E_STORAGE', `${what}: bring that back, or name another folder`);
  }

  /** @param {Uint8Array} key */
  make(key) {
    return this.#make(key).catch((error) => this.#refuse(error));
  }

  /** @param {Uint8Array} key */
  async #make(key) {
    const hex = Buffer.from(key).toString('hex');
    const kept = this.#passphrase === undefined ? { version: 1, key: hex }
      : { version: 1, sealed: await sealKey({ key, passphrase: this.#passphrase, crypto: this.#crypto, derive: this.#derive }) };
    this.#keyFile = Buffer.from(`${JSON.stringify(kept)}\n`);
    await this.#writeBeside(KEY_FILE, this.#keyFile); // whether that can be done is told at once
  }

  /** @param {Map<string, Uint8Array|null>} batch all of it or nothing */
  async write(batch) {
    const entries = [...batch];
    for (const [name] of entries) if (!NAME.test(name)) throw new Error(`no name of a record: ${name}`);
    await this.#lock.check();
    if (this.#isCommitted) await this.#finish(); // the write before this one failed on its way
    const beside = await Promise.allSettled(entries.map(([name, bytes]) => bytes && this.#writeBeside(fileOf(name), bytes)));
    for (const [i, one] of beside.entries()) {
      if (one.status === 'fulfilled') continue;
      await this.#removeBeside(entries[i][0]).catch(() => {}); // it may be what refuses
      throw refusal(one.reason, entries[i][0]);
    }
    const files = entries.filter(([, bytes]) => bytes !== null).map(([name]) => fileOf(name));
    if (this.#keyFile && files.length === 0) return; // a key does not go alone
    if (this.#keyFile) {
      await this.#writeBeside(KEY_FILE, this.#keyFile);
      files.push(KEY_FILE);
    }
    const gone = entries.filter(([, bytes]) => bytes === null).map(([name]) => name);
    if (files.length + gone.length > 1) {
      await this.#sync(); // what is beside its place is there before it counts
      await this.#replace(COMMIT_FILE, Buffer.from(`${JSON.stringify({ version: 1, gone })}\n`));
      this.#isCommitted = true;
      await this.#sync();
    }
    await this.#settle(files, gone);
    this.#keyFile = null;
  }

  /** Puts the new records into their places. @param {string[]} files @param {string[]} gone names */
  async #settle(files, gone) {
    /** @type {Array<[name: string, error: any]>} */
    const refused = [];
    const each = (/** @type {string} */ name, /** @type {Promise<void>} */ done) => done.catch((error) => refused.push([name, error]));
    const place = (/** @type {string} */ file) => rename(this.#at(file + TEMPORARY), this.#at(file));
    if (files.includes(KEY_FILE)) await place(KEY_FILE); // without it the others are of no use
    for (const file of files) if (file !== KEY_FILE) await each(nameOf(file) ?? '', place(file));
    for (const name of gone) await each(name, rm(this.#at(fileOf(name)), { force: true }));
    for (const [name] of refused) await this.#removeBeside(name); // the others are where they belong; or nothing can be done there
    await this.#sync();
    if (this.#isCommitted) {
      await rm(this.#at(COMMIT_FILE), { force: true });
      this.#isCommitted = false;
      await this.#sync(); // or what is deleted here might be deleted again when it is back
    }
    for (const [name, error] of refused) throw refusal(error, name);
  }

  /** Brings a write that counts to its end. What lies beside its place belongs to it: whatever was left before is gone by then. */
  async #finish() {
    const text = await this.#readText(COMMIT_FILE);
    if (text === null) return;
    this.#isCommitted = true;
    const files = (await readdir(this.#folder)).filter((file) => isLeft(file) && file !== COMMIT_FILE + TEMPORARY);
    const gone = parse(text)?.gone;
    await this.#settle(files.map((file) => file.slice(0, -TEMPORARY.length)),
      Array.isArray(gone) ? gone.filter((name) => typeof name === 'string' && NAME.test(name)) : []);
  }

  /** @returns {Promise<Map<string, Uint8Array>>} */
  async read() {
    const records = new Map();
    for (const file of (await readdir(this.#folder)).sort()) {
      const name = nameOf(file);
      const bytes = name && await readNamed(this.#at(file)).catch(absent); // a link may lead nowhere
      if (bytes) records.set(name, new Uint8Array(bytes));
    }
    return records;
  }

  drop() {
    this.isThere = false;
  }

  /** @param {string} room @param {Uint8Array} key */
  beside(room, key) {
    return new FilePlace(path.join(this.#folder, ROOMS, room), undefined, this.#crypto, this.#derive, key);
  }

  release() {
    return this.#lock.release();
  }

  /** What the system says, with what to do about it. @param {any} error @returns {never} */
  #refuse(error) {
    if (error instanceof NktError) throw error;
    const where = error.path ?? this.#folder;
    const cure = error.code === 'EEXIST' ? 'a file is in its place: remove it, or name another folder' : CURES[error.code];
    throw new NktError('NKT_E_STORAGE', `${this.#folder} cannot be used: ${cure ? `${where}: ${cure}` : error.message}`, { cause: error });
  }

  /** @param {string} text @returns {Promise<Uint8Array>} */
  async #openKey(text) {
    const kept = text.length > KEY_FILE_SIZE_MAX ? null : parse(text);
    if (kept?.version > 1) throw new NktError('NKT_E_NEWER', `${this.#folder} was written by a newer version of nkt`);
    if (typeof kept?.key === 'string' && /^[0-9a-f]{64}$/.test(kept.key)) return new Uint8Array(Buffer.from(kept.key, 'hex'));
    if (kept?.sealed === undefined) throw new NktError('NKT_E_STORAGE', `${this.#at(KEY_FILE)} is damaged`);
    if (this.#passphrase === undefined) throw new NktError('NKT_E_PASSPHRASE', `${this.#folder} is kept under a passphrase`);
    return openKey({ sealed: kept.sealed, passphrase: this.#passphrase, crypto: this.#crypto, derive: this.#derive });
  }

  /** @param {string} file @returns {Promise<string|null>} null: there is none */
  async #readText(file) {
    const bytes = await readNamed(this.#at(file)).catch(absent);
    return bytes && bytes.toString('utf8');
  }

  /** @param {string} file @param {Uint8Array} bytes */
  #writeBeside(file, bytes) {
    return writeSynced(this.#at(file + TEMPORARY), bytes);
  }

  /** @param {string} name */
  #removeBeside(name) {
    return rm(this.#at(fileOf(name) + TEMPORARY), { force: true });
  }

  /** @param {string} file @param {Uint8Array} bytes */
  async #replace(file, bytes) {
    await this.#writeBeside(file, bytes);
    await rename(this.#at(file + TEMPORARY), this.#at(file));
  }

  /** The names as well are on the disk. */
  async #sync() {
    if (process.platform === 'win32') return; // folders cannot be opened there
    const handle = await open(this.#folder, 'r');
    await handle.sync().finally(() => handle.close());
  }

  /** @param {string} file */
  #at(file) {
    return path.join(this.#folder, file);
  }
}

/** Of that record, unless there is no room for any. @param {any} error @param {string} record @returns {any} the same error */
function refusal(error, record) {
  return ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'].includes(error.code) ? error : Object.assign(error, { record });
}

/** @param {string} name @returns {string} */
function fileOf(name) {
  return name.replaceAll('/', '-') + SUFFIX;
}

/** @param {string} file @returns {string|null} */
function nameOf(file) {
  const name = file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length).replaceAll('-', '/') : '';
  return NAME.test(name) ? name : null;
}

/** Whether it was left by a write that did not count; others' files may end so as well. @param {string} file */
function isLeft(file) {
  const of = file.slice(0, -TEMPORARY.length);
  return file.endsWith(TEMPORARY) && ([KEY_FILE, COMMIT_FILE].includes(of) || nameOf(of) !== null);
}

/** @param {string} text @returns {any} */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export class FileStore extends Store {
  /**
   * @param {object} parts
   * @param {string} parts.folder @param {string} [parts.passphrase] @param {any} parts.platform
   * @param {import('./seal_key.js').Derive} parts.derive
   * @param {(ticket: number) => void} parts.onDurable @param {() => void} [parts.onState]
   */
  constructor({ folder, passphrase, derive, platform, ...rest }) {
    super({ place: new FilePlace(folder, passphrase, platform.crypto, derive), platform, ...rest });
  }
}
