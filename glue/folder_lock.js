// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One peer has a folder: a file in it names its process, and the thread in it. Taken with a hard link, which is there or is not, on every
 * file system.
 */
import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { link, readFile, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { NktError } from './errors.js';
import { absent, readNamed, writeSynced } from './files.js';

const LOCK_FILE = 'lock';
/** Of any version of nkt; or of a disk that lost what was in it. */
const OURS = /^(?:\d+(?: [\w-]+){0,3}|[\s\0]*)$/;
/** Who had it may be on its way out: a bot that is started again, a peer whose storage does not answer. As long as in browsers, in ms. */
const TAKE_MS = 1500;
const AGAIN_MS = 50;

/** Folders that this thread has open, by whichever copy of this module: its own name in a lock is no stranger. @type {Set<string>} */
const held = (/** @type {any} */ (globalThis)[Symbol.for('nkt.folders')] ??= new Set());

export class FolderLock {
  #folder;
  /** Without the links that lead there: it is one folder, whatever it is called. */
  #real = '';
  /** What is in our lock; '': it is not ours. */
  #name = '';

  /** @param {string} folder absolute, and there before it is taken */
  constructor(folder) {
    this.#folder = folder;
  }

  /** What a dead process left is taken over; what a living one has is waited for. @returns {Promise<void>} rejects with NKT_E_IN_USE */
  async take() {
    const end = performance.now() + TAKE_MS;
    const real = await realpath(this.#folder);
    await this.#wait(end, () => {
      if (held.has(real)) return 'this process';
      held.add(real); // at once: nobody comes in between
      return null;
    });
    this.#real = real;
    const name = await ownName();
    const own = this.#at(`${LOCK_FILE}.${process.pid}.${randomBytes(4).toString('hex')}`);
    try {
      await writeSynced(own, Buffer.from(name));
      await this.#wait(end, () => this.#link(own));
      this.#name = name;
    } finally {
      if (this.#name === '') held.delete(real);
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
      const name = await this.#read();
      if (name !== null && !OURS.test(name)) {
        throw new NktError('NKT_E_STORAGE', `${this.#at(LOCK_FILE)} is a file of another program: remove it, or name another folder`);
      }
      if (name !== null && await isAlive(name)) return holderOf(name);
      if (name !== null) await this.#takeAway(name);
    }
    return 'another process';
  }

  /**
   * Whether the folder is still ours: it may have been put out of the way, with another one in its place, or its lock been taken away by
   * hand. Records without their key, or among another's, would be of no use to anybody. @throws {Error}
   */
  async check() {
    const name = await this.#read();
    if (name === this.#name) return;
    throw new Error(name === null ? `${this.#at(LOCK_FILE)} is gone: nothing is kept until it is back, or this is started again`
      : `${this.#folder} is in use by ${holderOf(name)} by now`);
  }

  async release() {
    if (this.#name === '') return;
    const isOurs = await this.#read().catch(() => null) === this.#name;
    this.#name = '';
    if (isOurs) await rm(this.#at(LOCK_FILE), { force: true });
    held.delete(this.#real);
  }

  /** @returns {Promise<string|null>} what is in the lock; null: there is none */
  #read() {
    return readNamed(this.#at(LOCK_FILE)).then(String, absent);
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

/** @param {string} name */
function holderOf(name) {
  const pid = Number.parseInt(name, 10);
  return pid === process.pid ? 'another thread of this process' : `process ${pid}`;
}

const UNKNOWN = '-';

/** A process that has ended, and that nobody has looked after: containers without an init have such ones. */
const ENDED = 'ended';

/** When it began, where the system tells it: numbers of processes and threads are used again. @param {string} at in /proc */
async function startOf(at) {
  const stat = await readFile(`/proc/${at}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return /^[ZX]/.test(fields[0]) ? ENDED : fields[19] ?? UNKNOWN;
}

/** The system's number, where it tells it; asked at once: what is waited for another thread does. */
const OWN_THREAD = /\d+$/.exec(ownTask())?.[0] ?? `thread-${threadId}`;

/** Whether threads can be looked for. */
const areThreadsTold = !OWN_THREAD.startsWith('thread-');

function ownTask() {
  try {
    return readlinkSync('/proc/thread-self');
  } catch {
    return '';
  }
}

/** Of this thread: process and thread, and when they began. */
async function ownName() {
  const { pid } = process;
  return [pid, await startOf(`${pid}`), OWN_THREAD, areThreadsTold ? await startOf(`${pid}/task/${OWN_THREAD}`) : UNKNOWN].join(' ');
}

/** @param {string} name */
async function isAlive(name) {
  const [pid, start = UNKNOWN, thread = UNKNOWN, threadStart = UNKNOWN] = name.split(' '); // older versions named no thread
  if (!isRunning(Number.parseInt(pid, 10))) return false;
  const current = await startOf(pid);
  if (current === ENDED || (start !== current && start !== UNKNOWN && current !== UNKNOWN)) return false;
  if (pid !== `${process.pid}`) return true;
  if (thread === UNKNOWN || thread === OWN_THREAD) return false; // of ours only what is in `held`
  if (!areThreadsTold || thread.startsWith('thread-')) return true; // until the process ends
  return threadStart === await startOf(`${pid}/task/${thread}`);
}

/** @param {number} pid */
function isRunning(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {any} */ (error).code !== 'ESRCH';
  }
}
