// SPDX-License-Identifier: GPL-3.0-or-later
/** A content, as the application sees it: what its manifest says, and how far it has come here. */
import { NktError } from './errors.js';
import { orRefuse } from './given.js';

/** Of a thumbnail, in bytes: what a message carries beside all else. */
export const THUMBNAIL_SIZE_MAX = 16 << 10;

/** What was given is none. */
export const noContent = () => new NktError('NKT_E_CONTENT_UNKNOWN', 'a Content is wanted, or the id of one that is kept here');

/** @type {ReadonlyArray<import('./types.d.ts').ContentHolder>} */
const NOBODY = Object.freeze([]);

/**
 * What it is in this peer.
 * @typedef {{state: import('./types.d.ts').ContentState, loaded: number, relayed: boolean,
 *   holders: ReadonlyArray<import('./types.d.ts').ContentHolder>}} Progress
 */

/** @typedef {{id: string, size: number, type: string, name: string, manifest: string, thumbnail: Uint8Array|null, from: string|null,
 *   own: boolean, sealed?: boolean}} Known sealed: the manifest is a slip */

/** @typedef {import('./types.d.ts').Content} Declared */
/** @implements {Declared} */
export class Content {
  #known;
  #progress;

  /** @param {Known} known @param {(id: string) => Progress|null} progress null: nothing of it is kept here */
  constructor(known, progress) {
    this.#known = known;
    this.#progress = progress;
  }

  get id() {
    return this.#known.id;
  }

  get name() {
    return this.#known.name;
  }

  get type() {
    return this.#known.type;
  }

  get size() {
    return this.#known.size;
  }

  get thumbnail() {
    return this.#known.thumbnail?.slice() ?? null;
  }

  get from() {
    return this.#known.from;
  }

  get own() {
    return this.#known.own;
  }

  get sealed() {
    return this.#known.sealed === true;
  }

  get state() {
    return this.#progress(this.#known.id)?.state ?? 'known';
  }

  get loaded() {
    return this.#progress(this.#known.id)?.loaded ?? 0;
  }

  get sources() {
    return this.holders.length;
  }

  get holders() {
    return this.#progress(this.#known.id)?.holders ?? NOBODY;
  }

  get relayed() {
    return this.#progress(this.#known.id)?.relayed ?? false;
  }

  toJSON() {
    const { id, name, type, size, from, own, state, loaded } = this;
    return { id, name, type, size, from, own, state, loaded };
  }

  /** What opens it. @param {Content} content @returns {Known} */
  static known(content) {
    return content.#known;
  }

  /** @param {unknown} what @returns {what is Content} */
  static is(what) {
    return typeof what === 'object' && what !== null && #known in what;
  }
}

/** @param {any} thumbnail @returns {Uint8Array|null} */
export function checkThumbnail(thumbnail) {
  if (thumbnail === undefined || thumbnail === null) return null;
  return orRefuse('NKT_E_ARGUMENT', 'share: thumbnail', () => {
    if (thumbnail instanceof Uint8Array && thumbnail.length <= THUMBNAIL_SIZE_MAX) return new Uint8Array(thumbnail); // it may change
    throw new NktError('NKT_E_ARGUMENT', `thumbnail: a Uint8Array of at most ${THUMBNAIL_SIZE_MAX} bytes is wanted`);
  });
}
