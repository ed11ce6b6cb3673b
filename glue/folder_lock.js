// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One process has a folder: a file in it names who. Taken with a hard link, which is there or is not, on every file system.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { NktError } from './errors.js';
import { absent, readNamed, writeSynced } from './files.js';

const LOCK_FILE = 'lock';

/** Folders that this process has open: its own pid in a lock is no stranger. @type {Set<string>} */
const held = new Set();

export class FolderLock {
  #folder;
  #isLocked = false;

  /** @param {string} folder absolute, and there before it is taken */
  constructor(folder) {
    this.#folder = folder;
  }

  /** What a dead process left is taken over. @returns {Promise<void>} rejects with NKT_E_IN_USE */
  async take() {
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
        const name = await readNamed(this.#at(LOCK_FILE)).then(String, absent);
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

  async release() {
    if (!this.#isLocked) return;
    this.#isLocked = false;
    await rm(this.#at(LOCK_FILE), { force: true });
    held.delete(this.#folder);
  }

  /** Removes the lock of a dead process, unless it is another's by now. @param {string} name */
  async #takeAway(name) {
    const aside = this.#at(`${LOCK_FILE}.${randomBytes(8).toString('hex')}`);
    await rename(this.#at(LOCK_FILE), aside).catch(absent);
    const found = await readFile(aside, 'utf8').catch(absent);
    if (found !== null && found !== name) await link(aside, this.#at(LOCK_FILE)).catch(() => {}); // it was not the dead one's
    await rm(aside, { force: true });
  }

  /** @param {string} file */
  #at(file) {
    return path.join(this.#folder, file);
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
