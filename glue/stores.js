// SPDX-License-Identifier: GPL-3.0-or-later
/** Which store config.storage means here. */
import { NktError } from './errors.js';
import { fetched } from './fetched.js';
import { importInNode, isNode } from './platform.js';
import { splitNotes } from './records.js';
import { NoStore } from './store_none.js';
import { TabStore } from './store_tab.js';

/** Records of the core with the identity: the same one twice. */
export const IDENTITY_NAMES = ['identity', 'spare'];

/**
 * @param {any} storage as config has it @param {{hasTabs: boolean, isWorker: boolean}} platform
 * @param {boolean} [keeper] what it keeps has to outlive it
 * @throws {NktError} NKT_E_STORAGE: not here
 */
export function checkStorage(storage, { hasTabs, isWorker }, keeper) {
  const isFolder = typeof storage === 'object' && 'folder' in storage;
  const isBrowsers = storage === 'tab' || (typeof storage === 'object' && !isFolder);
  if (isNode && isBrowsers && !hasTabs) {
    throw new NktError('NKT_E_STORAGE', "config.storage: 'tab' and {passphrase} need a browser; use {folder} or 'none' here");
  }
  if (storage === 'tab' && isWorker) {
    throw new NktError('NKT_E_STORAGE', "config.storage: 'tab' needs a page, and this is a worker; use {passphrase} or 'none' here");
  }
  if (keeper && (!isFolder || hasTabs)) {
    throw new NktError('NKT_E_STORAGE', 'config.keeper: only in Node, with storage: {folder}: what is kept has to outlive the process');
  }
  if (isFolder && hasTabs) throw new NktError('NKT_E_STORAGE', 'config.storage: {folder} needs Node');
}

/**
 * @param {any} storage as config has it
 * @param {{platform: any, derive: import('./seal_key.js').Derive, onDurable: (ticket: number) => void, onState: () => void}} parts
 * @returns {Promise<import('./run.js').AnyStore>}
 */
export async function makeStore(storage, parts) {
  const { hasTabs, isWorker } = parts.platform;
  if (storage === 'none' || (storage === undefined && (!hasTabs || isWorker))) return new NoStore(parts);
  if (storage === undefined || storage === 'tab') return new TabStore(parts);
  if (isNode && 'folder' in storage) {
    const { FileStore } = await importInNode('./store_files.js');
    return new FileStore({ ...parts, ...storage });
  }
  const { KeptStore } = await fetched(() => import('./store_kept.js')); // seldom
  return new KeptStore({ ...parts, ...storage });
}

/**
 * Hands the records back to the core.
 * @param {import('./run.js').Run} run @param {Array<[string, Uint8Array]>} records
 * @param {boolean} isStrict nobody is to become somebody else here: NKT_E_STORAGE when neither record of the identity is sound
 * @param {Array<[string, Uint8Array]>} [seeds] the identity as it is kept elsewhere, for who has none here
 */
export function restore(run, records, isStrict, seeds = []) {
  const isSomebody = tell(run, splitNotes(records).core) || tell(run, seeds);
  if (isStrict && records.length + seeds.length > 0 && !isSomebody) {
    throw new NktError('NKT_E_STORAGE', 'the stored identity is damaged or gone');
  }
}

/**
 * @param {import('./run.js').Run} run @param {Array<[string, Uint8Array]>} records
 * @returns {boolean} whether they tell who it is, or START will say that a newer version knows
 */
function tell({ core, driver }, records) {
  let isSomebody = false;
  for (const [name, bytes] of records) {
    driver.step('RESTORE', { text: name, bytes }, (code) => {
      if ((code >= 0 || code === core.errorCode('NKT_E_NEWER')) && IDENTITY_NAMES.includes(name)) isSomebody = true;
    });
  }
  return isSomebody;
}
