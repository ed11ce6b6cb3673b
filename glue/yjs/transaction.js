// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What a transaction did, as an update. Yjs tells of it ('update') when all observers were called and what was deleted is cleared away;
 * written here it can leave before them. The bytes are those that Yjs would tell, at the same moment.
 */
import * as Y from 'yjs';

/** Making an encoder takes longer than writing an edit into it, so there is one; after an update of more bytes another one. */
const KEPT_SIZE_MAX = 4096;
let kept = new Y.UpdateEncoderV1();

/** @returns {Y.UpdateEncoderV1} empty, until it is asked for again */
function emptyEncoder() {
  const { restEncoder } = kept;
  if (restEncoder.cbuf.length > KEPT_SIZE_MAX) return kept = new Y.UpdateEncoderV1();
  restEncoder.cpos = 0;
  restEncoder.bufs.length = 0;
  return kept;
}

/** @param {Y.Transaction} transaction that is over @returns {boolean} */
export function hasChanges({ beforeState, afterState, deleteSet }) {
  if (deleteSet.clients.size > 0) return true;
  for (const [client, clock] of afterState) if (clock !== beforeState.get(client)) return true;
  return false;
}

/**
 * What came and went within one transaction is nobody's business. Until all is cleared away it is still there to be read.
 * @param {Y.Transaction} transaction @returns {boolean} whether it deletes something that it wrote itself
 */
export function deletesOwn({ beforeState, deleteSet }) {
  for (const [client, deletions] of deleteSet.clients) {
    const { clock, len } = deletions[deletions.length - 1]; // they are sorted
    if (clock + len > (beforeState.get(client) ?? 0)) return true;
  }
  return false;
}

/** @param {Y.Transaction} transaction with changes @returns {Uint8Array} */
export function updateOf({ doc, beforeState, deleteSet }) {
  const encoder = emptyEncoder();
  writeStructs(encoder, doc.store, beforeState);
  writeDeletions(encoder, deleteSet);
  return encoder.toUint8Array();
}

/**
 * All from those clocks on. By writeLen() an encoder of this version writes any number.
 * @param {Y.UpdateEncoderV1} encoder @param {any} store @param {Map<number, number>} from
 */
function writeStructs(encoder, { clients }, from) {
  const written = [];
  for (const [client, structs] of clients) {
    const { id, length } = structs[structs.length - 1];
    const clock = Math.max(from.get(client) ?? 0, structs[0].id.clock);
    if (id.clock + length > clock) written.push({ client, clock, structs });
  }
  encoder.writeLen(written.length);
  for (const { client, clock, structs } of written.sort(laterFirst)) {
    const first = Y.findIndexSS(structs, clock);
    encoder.writeLen(structs.length - first);
    encoder.writeClient(client);
    encoder.writeLen(clock);
    structs[first].write(encoder, clock - structs[first].id.clock);
    for (let i = first + 1; i < structs.length; i++) structs[i].write(encoder, 0);
  }
}

/** @param {Y.UpdateEncoderV1} encoder @param {any} deleteSet */
function writeDeletions(encoder, { clients }) {
  encoder.writeLen(clients.size);
  const written = Array.from(clients, ([client, deletions]) => ({ client, deletions }));
  for (const { client, deletions } of written.sort(laterFirst)) {
    encoder.writeClient(client);
    encoder.writeLen(deletions.length);
    for (const { clock, len } of deletions) {
      encoder.writeLen(clock);
      encoder.writeLen(len);
    }
  }
}

/** As Yjs orders them: its way of joining what conflicts is quicker then. @param {{client: number}} a @param {{client: number}} b */
const laterFirst = (a, b) => b.client - a.client;
