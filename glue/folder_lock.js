// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One process has a folder: a file in it names who. Taken with a hard link, which is there or is not, on every file system.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NktError } from './errors.js';
import { absent, readNamed, writeSynced } from './files.js';

const LOCK_FILE = 'lock';
/** Who had it may be on its way out: a bot that is started again, a peer whose storage does not answer. As long as in browsers, in ms. */
const TAKE_MS = 1500;
const AGAIN_MS = 50;

/** Folders that this process has open: its own pid in a lock is no stranger. @type {Set<string>} */
const held = new Set();

export class FolderLock {
  #folder;
  #isLocked = false;

  /** @param {string} folder absolute, and there before it is taken */
  constructor(folder) {
    this.#folder = folder;
  }

  /** What a dead process left is taken over; what a living one has is waited for. @returns {Promise<void>} rejects with NKT_E_IN_USE */
  async take() {
    const end = performance.now() + TAKE_MS;
    await this.#wait(end, () => {
      if (held.has(this.#folder)) return 'this process';
      held.add(this.#folder); // at once: nobody comes in between
      return null;
    });
    const own = this.#at(`${LOCK_FILE}.${process.pid}.${randomBytes(4).toString('hex')}`);
    try {
      await writeSynced(own, Buffer.from(await processName(process.pid)));
      await this.#wait(end, () => this.#link(own));
      this.#isLocked = true;
    } finally {
      if (!this.#isLocked) held.delete(this.#folder);
      await rm(own, { force: true });
    }
  }

  /** @param {number} end @param {() => string|null|Promise<string|null>} holder who has it, in words; null: nobody any more */
  async #wait(end, holder) {
    for (let who = await holder(); who !== null; who = await holder()) {
      if (performance.now() >= end) throw new NktError('NKT_E_IN_USE', `${this.#folder} is in use by ${who}: close it there first`);
      await sleep(AGAIN_MS);
    }
  }

  /** @param {string} own @returns {Promise<string|null>} who has it, in words; null: we */
  async #link(own) {
    for (let tries = 0; tries < 5; tries++) {
      if (await link(own, this.#at(LOCK_FILE)).then(() => true, present)) return null;
      const name = await readNamed(this.#at(LOCK_FILE)).then(String, absent);
      if (name !== null && await isAlive(name)) return `process ${Number.parseInt(name, 10)}`;
      if (name !== null) await this.#takeAway(name);
    }
    return 'another process';
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

/** @param {any} error of link() */
function present(error) {
  if (error.code === 'EEXIST') return false;
  throw error;
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
