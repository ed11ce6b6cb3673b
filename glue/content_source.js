// SPDX-License-Identifier: GPL-3.0-or-later
/** What is shared, cut into pieces: bytes, a Blob or File, or a stream of bytes. Never more than a piece or two of it in memory. */
import { PIECE_COUNT_MAX, PIECE_PLAIN_SIZE } from './constants.js';
import { NktError } from './errors.js';
import { fitName } from './fit_name.js';
import { orRefuse, refusal } from './given.js';

/** What is read of a Blob at once: some pieces, since each reading costs a browser a round trip between processes. */
const READ_COUNT = 16;

/** What a manifest takes of a type, in letters, and of a name, in bytes: what most disks take. Windows and macOS take 255 letters. */
export const TYPE_SIZE_MAX = 127;
export const NAME_SIZE_MAX = 255;

const TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(;[ -~]*)?$/;

/** What tells the kind of a file, at the end of its name: it stays when a name is cut. */
const KIND = /\.[^.]{1,15}$/u;

const encoder = new TextEncoder();

/** Largest content, in bytes. */
const SIZE_MAX = PIECE_COUNT_MAX * PIECE_PLAIN_SIZE;

/**
 * @typedef {object} Source
 * @property {number|undefined} size @property {string} name @property {string} type
 * @property {() => AsyncIterable<Uint8Array>} chunks
 * @property {(index: number) => Promise<Uint8Array>} [piece] of what can be read again, and lies elsewhere
 */

/** What a browser says of a file, or anybody of a Blob, as a manifest takes it. @param {string} type @returns {string} */
export const fitType = (type) => (type.length <= TYPE_SIZE_MAX && TYPE.test(type) ? type : '');

/** A file's name in a manifest. @param {string} name @returns {string} */
export function shortName(name) {
  const fit = fitName(name);
  if (encoder.encode(fit).length <= NAME_SIZE_MAX) return fit;
  const [kind] = KIND.exec(fit) ?? [''];
  const room = new Uint8Array(NAME_SIZE_MAX - encoder.encode(kind).length);
  return fit.slice(0, encoder.encodeInto(fit.slice(0, fit.length - kind.length), room).read) + kind;
}

/** Iterators that were read here. @type {WeakSet<object>} */
const readHere = new WeakSet();

/** Whether somebody read of it, which a stream does not tell: a Response takes no such one. @param {any} stream */
function isDisturbed(stream) {
  if (typeof ReadableStream === 'undefined' || !(stream instanceof ReadableStream) || typeof Response === 'undefined') return false;
  try {
    return !new Response(stream);
  } catch {
    return true;
  }
}

/** @param {any} stream @returns {AsyncIterator<Uint8Array>} */
function readerOf(stream) {
  const reader = stream.getReader();
  return {
    next: () => reader.read(),
    return: () => reader.cancel().catch(() => {}).then(() => ({ done: true, value: undefined })),
  };
}

/**
 * What it gives. One that was read to its end would be an empty content, and nobody would know why.
 * @param {any} stream that can be read once, or an iterable @returns {AsyncIterable<Uint8Array>}
 */
function readOf(stream) {
  return {
    [Symbol.asyncIterator]() { // neither a generator nor its own: those can be ended between two readings alone
      let wasRead = stream.readableDidRead === true || isDisturbed(stream); // the first: of Node
      const source = typeof stream.getReader === 'function' ? readerOf(stream) : stream[Symbol.asyncIterator]();
      wasRead ||= source === stream && readHere.has(stream);
      if (source === stream) readHere.add(stream); // any other gives a new one each time
      let isBegun = false;
      return {
        async next() {
          const { done, value } = await source.next();
          if (done && wasRead && !isBegun) throw new NktError('NKT_E_VALUE', 'share: it was read already, and gives nothing any more');
          isBegun = true;
          return { done, value };
        },
        return: async () => source.return?.(),
      };
    },
  };
}

/** @param {any} what @returns {Source} @throws {NktError} NKT_E_ARGUMENT, NKT_E_SIZE */
export function sourceOf(what) {
  const source = orRefuse('NKT_E_ARGUMENT', 'share', () => ofBlob(what) ?? ofBytes(what) ?? ofStream(what));
  if (source === null) {
    throw new NktError('NKT_E_ARGUMENT', 'a Blob, File, Uint8Array, ArrayBuffer, ReadableStream or async iterable of bytes is wanted');
  }
  if (source.size !== undefined && source.size > SIZE_MAX) {
    throw new NktError('NKT_E_SIZE', `the content: ${source.size} of at most ${SIZE_MAX} bytes`);
  }
  return source;
}

/** @param {any} blob @returns {Source|null} */
function ofBlob(blob) {
  if (typeof Blob === 'undefined' || !(blob instanceof Blob)) return null;
  const name = typeof File !== 'undefined' && blob instanceof File ? shortName(blob.name) : '';
  return {
    size: blob.size, name, type: fitType(blob.type),
    chunks: () => chunksOf(blob),
    piece: async (index) => new Uint8Array(await blob.slice(index * PIECE_PLAIN_SIZE, (index + 1) * PIECE_PLAIN_SIZE).arrayBuffer()),
  };
}

/** Into one buffer again and again: new ones would be 1 MiB of memory each, until they are collected. @param {Blob} blob */
async function* chunksOf(blob) {
  const size = READ_COUNT * PIECE_PLAIN_SIZE;
  let reader;
  try {
    reader = /** @type {any} */ (blob.stream()).getReader({ mode: 'byob' });
  } catch { // not everywhere a stream of bytes
    for (let at = 0; at < blob.size; at += size) yield new Uint8Array(await blob.slice(at, at + size).arrayBuffer());
    return;
  }
  try {
    for (let buffer = new ArrayBuffer(size);;) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) return;
      yield value;
      buffer = value.buffer;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** @param {any} bytes @returns {Source|null} */
function ofBytes(bytes) {
  const isView = ArrayBuffer.isView(bytes);
  if (!isView && !(bytes instanceof ArrayBuffer)) return null;
  const view = isView ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
  return { size: view.length, name: '', type: '', async* chunks() { yield view; } };
}

/** @param {any} stream @returns {Source|null} */
function ofStream(stream) {
  if (typeof stream !== 'object' || stream === null) return null;
  if (typeof stream.getReader !== 'function' && typeof stream[Symbol.asyncIterator] !== 'function') return null;
  return { size: undefined, name: '', type: '', chunks: () => readOf(stream) };
}

/**
 * The same until it is over, in the middle of a reading too: who gives nothing, and does not end, keeps nobody.
 * @param {AsyncIterable<Uint8Array>} chunks @param {Promise<any>} over rejects with why @returns {AsyncIterable<Uint8Array>}
 */
export function untilOver(chunks, over) {
  let stop = (/** @type {unknown} */ _error) => {};
  let isOver = false;
  over.catch((error) => {
    isOver = true;
    stop(error);
  });
  return {
    [Symbol.asyncIterator]() {
      const source = orRefuse('NKT_E_VALUE', 'share', () => chunks[Symbol.asyncIterator]());
      const leave = async () => { await source.return?.(); };
      const end = () => void leave().catch(() => {}); // it may not come to its end either
      const next = () => new Promise((resolve, reject) => {
        stop = (error) => {
          end();
          reject(error);
        };
        if (isOver) over.catch(stop);
        else {
          new Promise((given) => { given(source.next()); }).then((/** @type {any} */ { done, value }) => resolve({ done, value }))
            .catch((error) => reject(refusal('NKT_E_VALUE', 'share', error)));
        }
      });
      const leaving = async () => {
        end();
        return { done: true, value: undefined };
      };
      return { next, return: /** @type {any} */ (leaving) };
    },
  };
}

/**
 * In pieces of one size, of which the last may be shorter, and empty if it is the only one.
 * What it gives is lent until the next is asked for.
 * @param {AsyncIterable<Uint8Array>} chunks @returns {AsyncGenerator<{bytes: Uint8Array, isLast: boolean}>}
 */
export async function* inPieces(chunks) {
  const piece = new Uint8Array(PIECE_PLAIN_SIZE); // one that lies in two chunks
  let filled = 0;
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) throw new NktError('NKT_E_ARGUMENT', 'the stream gave something else than a Uint8Array');
    for (let at = 0; at < chunk.length;) {
      if (filled === PIECE_PLAIN_SIZE) { // more comes: it is not the last one
        yield { bytes: piece, isLast: false };
        filled = 0;
      }
      if (filled === 0 && chunk.length - at > PIECE_PLAIN_SIZE) {
        yield { bytes: chunk.subarray(at, at + PIECE_PLAIN_SIZE), isLast: false };
        at += PIECE_PLAIN_SIZE;
        continue;
      }
      const count = Math.min(PIECE_PLAIN_SIZE - filled, chunk.length - at);
      piece.set(chunk.subarray(at, at + count), filled);
      filled += count;
      at += count;
    }
  }
  yield { bytes: piece.subarray(0, filled), isLast: true };
}
