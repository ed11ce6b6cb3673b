// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The worker of content_opfs.js: contents in the private file system of the browser, which writes into files in workers alone. One folder
 * for one identity, for each content a file with its pieces and small ones beside it.
 */
import { Bits, bytesIn, clearSlot, sizeIn, SLOT_SIZE, SWEEP_AFTER_MS, TAB_AGE_MS_MAX } from './content_slots.js';

/** Where folders of contents lie, and what their locks begin with. */
const ROOT = 'nkt-content';

/** After a reload the worker of the old page may still hold the folder for a moment, in ms. */
const LOCK_WAIT_MS = 2000;

/** Files that are open at once. */
const OPEN_COUNT_MAX = 16;

/** @type {any} */
const scope = globalThis;
/** @type {any} */
let folder = null;
let folderName = '';
/** By name, the one used last in the end. @type {Map<string, Promise<any>>} */
const files = new Map();

/** What may be asked. @type {Record<string, (...args: any[]) => Promise<any>>} */
const ACTS = {
  /** @param {string} name of the folder */
  async open(name) {
    await take(name);
    folderName = name;
    await make();
    scope.setTimeout(() => rootOf().then(sweep).catch(() => {}), SWEEP_AFTER_MS);
  },

  async list() {
    const names = new Set();
    for await (const file of folder.keys()) names.add(file.split('.')[0]);
    names.delete('used');
    return [...names];
  },

  /** @param {string} name @param {string} record @param {Uint8Array} bytes */
  async put(name, record, bytes) {
    await withFile(`${name}.${record}.new`, async (file) => {
      file.truncate(0);
      file.write(bytes, { at: 0 });
      file.flush();
    });
    const made = await folder.getFileHandle(`${name}.${record}.new`);
    if (typeof made.move === 'function') await made.move(`${name}.${record}`).catch(() => copy(name, record, bytes));
    else await copy(name, record, bytes);
  },

  /** @param {string} name @param {string} record */
  async get(name, record) {
    try {
      return new Uint8Array(await (await (await folder.getFileHandle(`${name}.${record}`)).getFile()).arrayBuffer());
    } catch (error) {
      if (/** @type {any} */ (error).name === 'NotFoundError') return null;
      throw error;
    }
  },

  /**
   * @param {string} name @param {number[]} indices @param {Uint8Array[]} slots @param {number[]} sizes of what is in them
   * @returns the slots; how many were written, and why no more
   */
  async write(name, indices, slots, sizes) {
    const file = await pieces(name);
    let count = 0;
    try {
      for (; count < slots.length; count++) {
        const written = file.write(slots[count].subarray(0, sizes[count]), { at: indices[count] * SLOT_SIZE });
        if (written !== sizes[count]) throw new Error('there is no room');
      }
      return { slots, count };
    } catch (error) {
      return { slots, count, error: /** @type {Error} */ (error).message };
    }
  },

  /** @param {string} name @param {number[]} indices @param {Uint8Array[]} slots @returns them, with what is there */
  async read(name, indices, slots) {
    const file = await pieces(name);
    for (const [i, slot] of slots.entries()) {
      const size = file.read(slot, { at: indices[i] * SLOT_SIZE });
      if (bytesIn(slot.subarray(0, size)) === null) clearSlot(slot);
    }
    return { slots };
  },

  /** @param {string} name @param {number} count */
  async held(name, count) {
    const bits = new Bits(count);
    const file = await pieces(name);
    const there = Math.min(count, Math.ceil(file.getSize() / SLOT_SIZE));
    const head = new Uint8Array(4);
    for (let index = 0; index < there; index++) {
      if (sizeIn(head.subarray(0, file.read(head, { at: index * SLOT_SIZE }))) > 0) bits.set(index);
    }
    return bits.bytes;
  },

  /** @param {string} name */
  async remove(name) {
    await drop(name);
    const mine = [];
    for await (const file of folder.keys()) if (file.startsWith(`${name}.`)) mine.push(file);
    for (const file of mine) await folder.removeEntry(file);
  },

  async close() {
    for (const name of [...files.keys()]) await drop(name);
  },

  /** Everything goes: of who was nobody for longer than this page. */
  async erase() {
    await ACTS.close();
    await (await rootOf()).removeEntry(folderName, { recursive: true });
  },
};

// ---- the folder ----

/** @returns {Promise<any>} where all folders lie */
async function rootOf(create = false) {
  return (await scope.navigator.storage.getDirectory()).getDirectoryHandle(ROOT, { create });
}

async function make() {
  folder = await (await rootOf(true)).getDirectoryHandle(folderName, { create: true });
  await ACTS.put('used', 'at', new TextEncoder().encode(String(Date.now()))); // shows as well that files can be written
}

/** The browser took the folder away: there is another one, empty; what was in it is fetched again. */
async function makeAgain() {
  await Promise.all([...files.keys()].map((name) => drop(name).catch(() => {})));
  await make();
}

/** @type {Promise<void>|null} */
let making = null;

/** Is there another folder than there was? @param {any} before @returns {Promise<boolean>} */
async function isAnother(before) {
  if (folder === before) {
    const isThere = await rootOf().then((root) => root.getDirectoryHandle(folderName))
      .then(() => true, (/** @type {Error} */ { name }) => name !== 'NotFoundError');
    if (isThere) return false;
    making ??= makeAgain().finally(() => { making = null; });
  }
  return Promise.resolve(making).then(() => true, () => false);
}

/** Nobody else has this folder, until this worker ends. @param {string} name @returns {Promise<void>} */
function take(name) {
  const signal = AbortSignal.timeout(LOCK_WAIT_MS);
  return new Promise((resolve, reject) => {
    scope.navigator.locks.request(`${ROOT}/${name}`, { signal }, () => {
      resolve();
      return new Promise(() => {});
    }).catch(reject);
  });
}

/** @param {string} name @param {(file: any) => Promise<void>} use */
async function withFile(name, use) {
  const file = await (await folder.getFileHandle(name, { create: true })).createSyncAccessHandle();
  try {
    await use(file);
  } finally {
    file.close();
  }
}

/** Where files cannot be renamed. @param {string} name @param {string} record @param {Uint8Array} bytes */
async function copy(name, record, bytes) {
  await withFile(`${name}.${record}`, async (file) => {
    file.truncate(0);
    file.write(bytes, { at: 0 });
    file.flush();
  });
  await folder.removeEntry(`${name}.${record}.new`);
}

/** @param {string} name @returns {Promise<any>} the file with its pieces, open */
function pieces(name) {
  const file = files.get(name) ?? folder.getFileHandle(`${name}.pieces`, { create: true })
    .then((handle) => handle.createSyncAccessHandle());
  files.delete(name);
  files.set(name, file);
  file.catch(() => files.delete(name));
  for (const other of files.keys()) {
    if (files.size <= OPEN_COUNT_MAX) break;
    drop(other).catch(() => {});
  }
  return file;
}

/** @param {string} name */
async function drop(name) {
  const file = files.get(name);
  files.delete(name);
  (await file)?.close();
}

/** Folders of tabs and pages that are gone. @param {any} root */
async function sweep(root) {
  const names = [];
  for await (const name of root.keys()) if (name !== folderName && /^(tab|none)-/.test(name)) names.push(name);
  for (const name of names) {
    await scope.navigator.locks.request(`${ROOT}/${name}`, { ifAvailable: true }, async (lock) => {
      if (lock === null) return;
      const used = name.startsWith('tab-') ? await usedAt(await root.getDirectoryHandle(name)) : 0;
      if (!(Date.now() - used < TAB_AGE_MS_MAX)) await root.removeEntry(name, { recursive: true });
    });
  }
}

/** @param {any} of a folder @returns {Promise<number>} Unix ms */
async function usedAt(of) {
  return Number(await (await (await of.getFileHandle('used.at')).getFile()).text());
}

/** @param {string} act @param {any[]} args @returns {Promise<{result?: any, error?: string}>} */
async function answerTo(act, args) {
  const before = folder;
  const answer = await tried(act, args);
  const isDone = answer.error === undefined && answer.result?.error === undefined;
  return isDone || before === null || !await isAnother(before) ? answer : tried(act, args);
}

/** @param {string} act @param {any[]} args @returns {Promise<{result?: any, error?: string}>} */
function tried(act, args) {
  return ACTS[act](...args).then((result) => ({ result }), (error) => ({ error: error?.message || String(error) }));
}

/** What goes back and is not copied. @param {any} result @returns {ArrayBufferLike[]} */
function buffersOf(result) {
  if (result instanceof Uint8Array) return [result.buffer];
  return (result?.slots ?? []).map(({ buffer }) => buffer);
}

/** One after the other for each content: what is asked for later is done later. @type {Map<string, Promise<void>>} */
const lines = new Map();

scope.onmessage = ({ data: { number, act, args } }) => {
  const line = String(args[0] ?? '');
  const before = lines.get(line) ?? Promise.resolve();
  const done = before.then(() => answerTo(act, args))
    .then((answer) => scope.postMessage({ number, act, ...answer }, buffersOf(answer.result)));
  lines.set(line, done);
  done.then(() => { if (lines.get(line) === done) lines.delete(line); });
};
scope.postMessage({ number: 0 });
