// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * storage: {folder}, in Node: one folder for one identity, one file for each record, written beside its place, synced and
 * renamed into it. So a crash leaves each record as it was or as it is to be, and a damaged file is one damaged record.
 *
 * Of several records all are as they are to be, or none: what waits for a write is coalesced (store.js), so in no order of its
 * records would every part of it be a state that the core knew. Once the file `commit` is there all are written, whatever is
 * renamed by then.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { NktError } from './errors.js';
import { openKey, sealKey, tellingDerive } from './seal_key.js';
import { Store } from './store.js';

const KEY_FILE = 'key.json';
const LOCK_FILE = 'lock';
const COMMIT_FILE = 'commit';
const SUFFIX = '.record';
const TEMPORARY = '.new';

/** The core's names: small letters, digits and slashes. */
const NAME = /^[a-z0-9]+(?:\/[a-z0-9]+)*$/;

/** What to do, by the system's code. */
const CURES = Object.freeze({
  EISDIR: 'a folder is in the place of a file: remove it, or name another folder',
  ERR_FS_EISDIR: 'a folder is in the place of a file: remove it, or name another folder',
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

/** Folders that this process has open: its own pid in a lock is no stranger. @type {Set<string>} */
const held = new Set();

class FilePlace {
  kind = 'folder';
  isStrict = true;
  isThere = false;
  #folder;
  #passphrase;
  #crypto;
  #derive;
  #isLocked = false;
  #isCommitted = false;
  #onDeriving = (/** @type {boolean} */ _isDeriving) => {};

  /** @param {string} folder @param {string|undefined} passphrase @param {any} crypto @param {import('./seal_key.js').Derive} derive */
  constructor(folder, passphrase, crypto, derive) {
    this.#folder = path.resolve(folder);
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
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#lock();
    this.isThere = true;
    const text = await this.#readText(KEY_FILE);
    await this.#finish();
    for (const file of await readdir(this.#folder)) if (file.endsWith(TEMPORARY)) await rm(this.#at(file));
    const records = await this.read();
    if (text === null) {
      if (records.size > 0) throw new NktError('NKT_E_STORAGE', `${this.#folder} has records and no ${KEY_FILE}: they cannot be read`);
      return { key: null, records };
    }
    return { key: await this.#openKey(text), records };
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
    await this.#replace(KEY_FILE, Buffer.from(`${JSON.stringify(kept)}\n`));
    await this.#sync();
  }

  /** @param {Map<string, Uint8Array|null>} batch all of it or nothing */
  async write(batch) {
    const entries = [...batch];
    for (const [name] of entries) if (!NAME.test(name)) throw new Error(`no name of a record: ${name}`);
    if (this.#isCommitted) await this.#finish(); // the write before this one failed on its way
    await Promise.all(entries.map(([name, bytes]) => bytes && this.#writeBeside(fileOf(name), bytes)));
    const gone = entries.filter(([, bytes]) => bytes === null).map(([name]) => name);
    if (entries.length > 1) {
      await this.#sync(); // what is beside its place is there before it counts
      await this.#replace(COMMIT_FILE, Buffer.from(`${JSON.stringify({ version: 1, gone })}\n`));
      this.#isCommitted = true;
      await this.#sync();
    }
    await this.#settle(entries.filter(([, bytes]) => bytes !== null).map(([name]) => fileOf(name)), gone);
  }

  /** Puts the new records into their places. @param {string[]} files @param {string[]} gone names */
  async #settle(files, gone) {
    for (const file of files) await rename(this.#at(file + TEMPORARY), this.#at(file));
    for (const name of gone) await rm(this.#at(fileOf(name)), { force: true });
    await this.#sync();
    if (!this.#isCommitted) return;
    await rm(this.#at(COMMIT_FILE), { force: true });
    this.#isCommitted = false;
    await this.#sync(); // or what is deleted here might be deleted again when it is back
  }

  /** Brings a write that counts to its end. What lies beside its place belongs to it: whatever was left before is gone by then. */
  async #finish() {
    const text = await this.#readText(COMMIT_FILE);
    if (text === null) return;
    this.#isCommitted = true;
    const files = (await readdir(this.#folder)).filter((file) => file.endsWith(SUFFIX + TEMPORARY));
    const gone = parse(text)?.gone;
    await this.#settle(files.map((file) => file.slice(0, -TEMPORARY.length)),
      Array.isArray(gone) ? gone.filter((name) => typeof name === 'string' && NAME.test(name)) : []);
  }

  /** @returns {Promise<Map<string, Uint8Array>>} */
  async read() {
    const records = new Map();
    for (const file of (await readdir(this.#folder)).sort()) {
      const name = nameOf(file);
      if (name !== null) records.set(name, new Uint8Array(await readNamed(this.#at(file))));
    }
    return records;
  }

  drop() {
    this.isThere = false;
  }

  async release() {
    if (!this.#isLocked) return;
    this.#isLocked = false;
    await rm(this.#at(LOCK_FILE), { force: true });
    held.delete(this.#folder);
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

  /** One process has the folder: the file names it. What a dead process left is taken over. */
  async #lock() {
    const inUse = () => new NktError('NKT_E_IN_USE', `${this.#folder} is in use by another process`);
    if (held.has(this.#folder)) throw inUse();
    held.add(this.#folder);
    const own = this.#at(`${LOCK_FILE}.${process.pid}.${randomBytes(4).toString('hex')}`);
    try {
      await writeSynced(own, Buffer.from(await processName(process.pid)));
      for (let tries = 0; ; tries++) {
        const isOurs = await link(own, this.#at(LOCK_FILE)).then(() => true, (error) => {
          if (error.code === 'EEXIST') return false;
          throw error;
        });
        if (isOurs) break;
        const name = await this.#readText(LOCK_FILE);
        if (tries > 3 || (name !== null && await isAlive(name))) throw inUse();
        if (name !== null) await this.#takeAway(name);
      }
      this.#isLocked = true;
    } catch (error) {
      held.delete(this.#folder);
      throw error;
    } finally {
      await rm(own, { force: true });
    }
  }

  /** Removes the lock of a dead process, unless it is another's by now. @param {string} name */
  async #takeAway(name) {
    const aside = this.#at(`${LOCK_FILE}.${randomBytes(8).toString('hex')}`);
    await rename(this.#at(LOCK_FILE), aside).catch(absent);
    const found = await readFile(aside, 'utf8').catch(absent);
    if (found !== null && found !== name) await link(aside, this.#at(LOCK_FILE)).catch(() => {}); // it was not the dead one's
    await rm(aside, { force: true });
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

/** @param {string} name @returns {string} */
function fileOf(name) {
  return name.replaceAll('/', '-') + SUFFIX;
}

/** @param {string} file @returns {string|null} */
function nameOf(file) {
  const name = file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length).replaceAll('-', '/') : '';
  return NAME.test(name) ? name : null;
}

/** @param {string} file @param {Uint8Array} bytes */
async function writeSynced(file, bytes) {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The system does not say which file it could not read. @param {string} file */
function readNamed(file) {
  return readFile(file).catch((error) => {
    throw Object.assign(error, { path: file });
  });
}

/** What there is not is null. @param {any} error @returns {null} */
function absent(error) {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/** @param {string} text @returns {any} */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Pid, and where the system tells it when it began: pids are used again. @param {number} pid */
async function processName(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`.trim();
}

/** @param {string} name */
async function isAlive(name) {
  const pid = Number.parseInt(name, 10);
  if (!(pid > 0) || pid === process.pid) return false; // of ours only what is in `held`
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (/** @type {any} */ (error).code === 'ESRCH') return false;
  }
  return (await processName(pid)) === name;
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
