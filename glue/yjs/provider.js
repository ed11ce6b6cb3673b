// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Shared documents: a provider for Yjs. What is written travels end to end encrypted, to those of the room who have a document of the
 * same name; yjs and y-protocols are the application's. See docs/yjs.md and provider.d.ts.
 */
import { AbstractConnector, Doc } from 'yjs';
import { Awareness } from 'y-protocols/awareness';
import { NktError } from '../errors.js';
import { Hub } from './hub.js';
import { SharedDocument } from './shared.js';

/** @typedef {import('./provider.d.ts').NktProvider} Declared */

/**
 * Yjs knows its own by their classes: in a document of a second copy, texts that others wrote would be empty.
 * @param {unknown} nkt @param {unknown} doc
 */
function checkedDoc(nkt, doc) {
  if (typeof Object(nkt).rpc !== 'function') throw new NktError('NKT_E_ARGUMENT', 'NktProvider: the first argument is an Nkt');
  if (doc instanceof Doc) return doc;
  throw new NktError('NKT_E_ARGUMENT', "NktProvider: the second argument is a Doc of the Yjs that `import 'yjs'` gives; `require('yjs')` "
    + 'gives another copy, as may a bundler that finds it twice');
}

/** @implements {Declared} */
export class NktProvider extends AbstractConnector {
  #hub;
  #name;
  /** @type {SharedDocument|null} */
  #shared = null;
  #ownsAwareness;
  #told = { status: 'disconnected', synced: false, peers: /** @type {string[]} */ ([]) };
  #isDestroyed = false;
  #onDestroy = () => this.destroy();
  /** What others sent and was not used. */
  dropped = { updates: 0, vectors: 0, pending: 0, awareness: 0 };

  /**
   * @param {import('../types.d.ts').Nkt<any>} nkt @param {import('yjs').Doc} doc
   * @param {{name?: string, awareness?: Awareness|null, connect?: boolean}} [options]
   */
  constructor(nkt, doc, { name = 'doc', awareness, connect = true } = {}) {
    super(checkedDoc(nkt, doc), awareness === undefined ? new Awareness(doc) : awareness);
    this.#ownsAwareness = awareness === undefined;
    this.#hub = Hub.of(nkt);
    this.#name = name;
    doc.on('destroy', this.#onDestroy);
    try {
      if (connect) this.connect();
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  get name() {
    return this.#name;
  }

  get synced() {
    return this.#told.synced;
  }

  get status() {
    return /** @type {any} */ (this.#told.status);
  }

  get peers() {
    return this.#told.peers;
  }

  /** @param {number} clientID of awareness @returns {string|null} the proven address */
  addressOf(clientID) {
    return this.#shared?.ownerOf(clientID) ?? null;
  }

  connect() {
    if (this.#shared !== null || this.#isDestroyed) return;
    this.#hub.check(this.#name);
    this.#shared = new SharedDocument(this.#name, this.#hub, /** @type {any} */ ({
      doc: this.doc, awareness: this.awareness ?? null, dropped: this.dropped, changed: () => this.#changed(),
    }));
    this.#hub.add(this.#name, this.#shared);
    this.#changed();
  }

  disconnect() {
    const shared = this.#shared;
    if (shared === null) return;
    shared.stop();
    this.#shared = null;
    this.#hub.remove(this.#name);
    this.#changed();
  }

  /** @override */
  destroy() {
    if (this.#isDestroyed) return;
    this.disconnect();
    this.#isDestroyed = true;
    this.doc.off('destroy', this.#onDestroy);
    if (this.#ownsAwareness) this.awareness.destroy();
    super.destroy();
  }

  /** Tells what is other than it was told last. */
  #changed() {
    const was = this.#told;
    const peers = this.#shared?.peers ?? [];
    const status = this.#shared === null ? 'disconnected' : this.#hub.status;
    const synced = this.#shared !== null && (this.#shared.isSynced || (was.synced && peers.length === 0));
    const added = peers.filter((addr) => !was.peers.includes(addr));
    const removed = was.peers.filter((addr) => !peers.includes(addr));
    this.#told = { status, synced, peers: added.length + removed.length > 0 ? peers : was.peers };
    if (added.length + removed.length > 0) this.#emit('peers', { peers, added, removed });
    if (status !== was.status) this.#emit('status', { status });
    if (synced === was.synced) return;
    this.#emit('synced', synced);
    this.#emit('sync', synced);
  }

  /** @param {string} type @param {any} detail */
  #emit(type, detail) {
    this.emit(type, [detail, this]);
  }
}
