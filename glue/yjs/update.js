// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Updates and states of a Yjs document, as others tell of them: what they write is hostile.
 */
import * as Y from 'yjs';
import { depthOf } from './depth.js';

/** Of what others wrote and waits for something that never came, in bytes: above it is let go of, and asked for again. */
const PENDING_SIZE_MAX = 4 << 20;

/** Of a state vector that is read, in bytes: some 5,000 authors. With more the whole document is asked for. */
export const VECTOR_SIZE_MAX = 40_000;

/**
 * @param {Y.Doc} doc @param {Uint8Array} update of somebody else @param {unknown} origin of the transaction
 * @returns {'taken'|'lacking'|'broken'} lacking: it has to come with its predecessors. What cannot be read changes nothing; what can, and
 *   fits nowhere, may be there in part.
 */
export function applyUpdate(doc, update, origin) {
  const structs = structsOf(update);
  const depth = structs && depthOf(doc, structs);
  if (depth !== 'flat') return depth === 'unknown' ? 'lacking' : 'broken';
  let isWhole = true;
  const apply = () => {
    try {
      Y.applyUpdate(doc, update, origin);
    } catch {
      isWhole = false;
      dropAllPending(doc); // it may be what was in the way, and would be again
    }
  };
  try {
    Y.transact(doc, apply, origin, false);
  } catch (error) {
    console.error('nkt/yjs: what observes the document threw:', error); // nothing that the author of an update may end a process with
  }
  return isWhole ? 'taken' : 'broken';
}

/**
 * To its end, before the document is touched. What is empty, or beyond all numbers, no Yjs writes, and it breaks a document for good.
 * @param {Uint8Array} update @returns {any[]|null} null: it is broken
 */
function structsOf(update) {
  try {
    const { structs, ds } = Y.decodeUpdate(update);
    for (const { id, length } of structs) if (!isRange(id.clock, length)) return null;
    for (const deletions of ds.clients.values()) {
      for (const { clock, len } of deletions) if (!isRange(clock, len)) return null;
    }
    return structs;
  } catch {
    return null;
  }
}

/** @param {number} clock @param {number} count */
const isRange = (clock, count) => count > 0 && Number.isSafeInteger(clock + count);

/** Of what came and waits for its predecessors, in bytes. @param {Y.Doc} doc */
export const pendingSize = ({ store }) => (store.pendingStructs?.update.byteLength ?? 0) + (store.pendingDs?.byteLength ?? 0);

/** @param {Y.Doc} doc @returns {boolean} whether too much waited, which is gone now */
export function dropPending(doc) {
  if (pendingSize(doc) <= PENDING_SIZE_MAX) return false;
  dropAllPending(doc);
  return true;
}

/** @param {Y.Doc} doc */
function dropAllPending({ store }) {
  store.pendingStructs = null;
  store.pendingDs = null;
}

const DIGEST_SIZE_MAX = 64; // characters

/** @param {unknown} digest of somebody else @returns {digest is string} */
export const isDigest = (digest) => typeof digest === 'string' && digest.length <= DIGEST_SIZE_MAX;

/**
 * What a document holds, to be compared: which insertions of whom, and a hash of these with all deletions.
 * @typedef {object} State
 * @property {string} digest @property {Uint8Array} vector
 */

/** Walks over the whole document. @param {Y.Doc} doc @returns {State} */
export function stateOf(doc) {
  return { digest: hash(Y.encodeSnapshot(Y.snapshot(doc))), vector: Y.encodeStateVector(doc) };
}

/**
 * @param {Y.Doc} doc @param {Uint8Array} theirs a state vector
 * @returns {'ahead'|'behind'|'same'|'broken'} whether they have insertions that are not here; else whether some of here are not there
 */
export function compare(doc, theirs) {
  let vector;
  try {
    vector = Y.decodeStateVector(theirs);
  } catch {
    return 'broken';
  }
  let isBehind = false;
  const ours = Y.decodeStateVector(Y.encodeStateVector(doc));
  for (const [client, clock] of vector) if (clock > (ours.get(client) ?? 0)) return 'ahead';
  for (const [client, clock] of ours) isBehind ||= clock > (vector.get(client) ?? 0);
  return isBehind ? 'behind' : 'same';
}

/** @param {Y.Doc} doc @param {Uint8Array|null} theirs a state vector @returns {number} letters and items that are there and not here */
export function aheadBy(doc, theirs) {
  if (theirs === null) return 0;
  try {
    const ours = doc.store;
    return [...Y.decodeStateVector(theirs)].reduce((sum, [client, clock]) => sum + Math.max(0, clock - Y.getState(ours, client)), 0);
  } catch {
    return 0;
  }
}

/**
 * Without what waits here for its predecessors: whoever wants that has it of its author, and it is what nobody looked at yet.
 * @param {Y.Doc} doc @param {Uint8Array} vector of somebody else @returns {Uint8Array|null} what is missing there; null: it is broken
 */
export function missingOf(doc, vector) {
  const { store } = doc;
  const { pendingStructs, pendingDs } = store;
  dropAllPending(doc);
  try {
    return Y.encodeStateAsUpdate(doc, vector);
  } catch {
    return null;
  } finally {
    Object.assign(store, { pendingStructs, pendingDs });
  }
}

/**
 * Two FNV-1a of 32 bits. It finds what differs by chance; who may write a document need not look for collisions to spoil it.
 * @param {Uint8Array} bytes
 */
export function hash(bytes) {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul((b ^ byte) + (a >>> 16), 0x01000193);
  }
  return `${bytes.length.toString(36)}.${(a >>> 0).toString(36)}.${(b >>> 0).toString(36)}`;
}
