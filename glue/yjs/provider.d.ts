// SPDX-License-Identifier: GPL-3.0-or-later
/** nkt/yjs: shared documents. */
import type { Awareness } from 'y-protocols/awareness';
import type { AbstractConnector, Doc } from 'yjs';
import type { Address, Nkt } from '../types.js';

/** How a document is shared. */
export interface NktProviderOptions {
  /** 1 to 128 bytes of UTF-8; default: 'doc'. Documents of the same name are one, across the room. */
  name?: string | undefined;
  /** For cursors and names; default: a new one. null: none. */
  awareness?: Awareness | null | undefined;
  /** false: only connect() begins. */
  connect?: boolean | undefined;
}

/** What a provider tells, by name. */
export interface NktProviderEvents {
  /** All that those who are there have is here, or not yet. `sync` is the same. */
  synced: (isSynced: boolean, provider: NktProvider) => void;
  /** The same as `synced`. */
  sync: (isSynced: boolean, provider: NktProvider) => void;
  /** See NktProvider.status. */
  status: (change: { status: NktProvider['status'] }, provider: NktProvider) => void;
  /** Who shares the document is other now. */
  peers: (change: { peers: readonly Address[]; added: Address[]; removed: Address[] }, provider: NktProvider) => void;
}

/**
 * Shares a Yjs document with those in the room who share one of the same name: whoever is in the room may read and write it. End to end
 * encrypted, by remote calls and by what may be lost: nothing of it is a message, or in anybody's history.
 */
export class NktProvider extends AbstractConnector {
  /**
   * Before or after nkt.init(). NKT_E_ARGUMENT: the name is none, is shared by this peer already, or it shares 64 documents; the document
   * is none, or of another copy of Yjs.
   * @param nkt a peer; it may be closed and started again
   */
  constructor(nkt: Nkt<any>, doc: Doc, options?: NktProviderOptions);
  /** As given. */
  readonly name: string;
  /** All that others are known to have was fetched, but of who failed to give it three times. false until somebody was there. */
  readonly synced: boolean;
  /** 'connected': there is a relay or a link; 'connecting': neither; 'disconnected': closed, here or by nkt.close(). */
  readonly status: 'connected' | 'connecting' | 'disconnected';
  /** Who shares the document, proven. */
  readonly peers: readonly Address[];
  /** What others sent and was not used: broken updates, broken state vectors, what waited in vain, broken states. */
  readonly dropped: { updates: number; vectors: number; pending: number; awareness: number };
  /** Whose client that is in `awareness`, proven by his messages; null: nobody's who is known. */
  addressOf(clientID: number): Address | null;
  /** Again after disconnect(). */
  connect(): void;
  /** Shares it no more. */
  disconnect(): void;
  /** Takes everything away; the document and an awareness that was given stay. Also when the document is destroyed. */
  destroy(): void;

  on<Name extends keyof NktProviderEvents>(name: Name, listener: NktProviderEvents[Name]): NktProviderEvents[Name];
  on(name: string, listener: (...args: any[]) => void): (...args: any[]) => void;
}
