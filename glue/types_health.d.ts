// SPDX-License-Identifier: GPL-3.0-or-later
/** The JavaScript API of nkt: health, and what is told of frames. */
import type { Address } from './types.d.ts';
import type { NktErrorCode } from './types_error.d.ts';

/** The core's part is documented in core/include/nkt.h; more keys may be there. */
export interface Health {
  /** Of nkt. */
  version: string;
  /** Whether there is a core: between init() and close(). */
  running: boolean;
  /** One's own. */
  address?: Address;
  /** One's own. */
  nick?: string;
  /** Each relay, its state and what went wrong last. */
  /** What was stored is of protocol 1: the same keys have another address now, as everybody's have. In this life only. */
  addressChanged?: boolean;
  /** `code` is NKT_E_VERSION while one speaks another version of the protocol; it is tried again every few minutes. */
  relays?: Array<{ url: string; state: string; lastError?: string; code?: string; [key: string]: unknown }>;
  /** Each tracker, the same. */
  trackers?: Array<{ url: string; state: string; lastError?: string; [key: string]: unknown }>;
  /** tree: 'eager': broadcasts come over it (in a small swarm; else it was first with one lately), 'lazy': others are quicker. */
  links?: Array<{ address?: Address; state: string; kind: string; tree?: 'eager' | 'lazy'; [key: string]: unknown }>;
  /** How each known user is reached: directly, by the relay, through the neighbour `via`, by asking everybody, not at all. */
  paths?: Array<{ address: Address; by: 'link' | 'relay' | 'peer' | 'flood' | 'none'; via: Address | null }>;
  /** The partial view, and how broadcasts come. */
  overlay?: {
    /** 'mesh': everybody is linked with everybody; 'tree': a partial view, broadcasts from link to link. */
    mode: 'mesh' | 'tree';
    degree: number; degreeMax: number; eager: number; lazy: number; known: number; recent: number; missing: number;
    /** No link and no relay, though others are known. */
    isolated: boolean;
    /** Most of those who were heard went silent at once: this part of the swarm seems cut off. */
    partitioned: boolean;
  };
  /** offsetMs: by how much this machine's clock is ahead of most others' (less than 0: behind), as `people` others told. off: by two
   *  minutes or more, and others agree on it; of two people nobody's is. */
  clock?: { offsetMs: number; people: number; off: boolean };
  /** WebRTC links that are up. */
  degree?: number;
  /** Users that are known. */
  users?: number;
  /** Of them, with a session. */
  sessions?: number;
  /** Given out or accepted, and not at their end. */
  invites?: number;
  /** Messages that somebody has not acknowledged yet. */
  outbox?: { count: number; bytes: number };
  /** What is kept for days (`config.keeper`): whether here, by how many others; letters, bytes; messages on their way to keepers. */
  keeper?: { on: boolean; others: number; count: number; bytes: number; toKeepers: number };
  /** Encrypted messages kept for others who are away: envelopes, and their bytes. */
  mailbox?: { count: number; bytes: number };
  /** Frames dropped, by error name. */
  dropped?: Partial<Record<NktErrorCode, number>>;
  /** Entries in force, and those that were refused. */
  iceServers: { count: number; errors: Array<{ index: number; entry: string; error: string }> };
  /** Whether the peer that runs has WebRTC: not in workers, in Node with `@roamhq/wrtc`. Without it only relays reach it, and no invite. */
  webrtc: boolean;
  /** RTCPeerConnections that exist, those that are being set up as well. */
  peerConnections: number;
  /**
   * 'memory': storage is blocked, full, or does not answer; the peer goes on, tells it once by nktstatus, and tries again. 'ok' with an
   * error: one record is refused, and all others are kept.
   */
  storage: {
    kind: 'none' | 'tab' | 'kept' | 'folder'; state: 'off' | 'opening' | 'ok' | 'memory' | 'closed';
    slot?: string; name?: string; folder?: string; error?: string;
  };
  /** What contents take here: how many, bytes, of how many, and where. */
  contents: {
    count: number; bytes: number; quota: number; kind: 'none' | 'files' | 'opfs' | 'indexeddb' | 'memory'; error?: string;
  };
  /** Faults that stopped the core, newest last. */
  traps: Array<{ at: number; message: string }>;
  [key: string]: unknown;
}

/** What is told of a frame; no key, and nothing that is encrypted. */
export interface FrameDetail {
  /** Names as in the original: who to whom, which message, when it was made, how large, which way it came or went. */
  readonly data: {
    readonly msgType: string;
    readonly msgFrom: Address | null;
    /** null: everybody. */
    readonly msgTo: Address | null;
    readonly uid: string;
    /** Unix ms. */
    readonly msgDate: number;
    readonly size: number;
    readonly fromChannel: 'relay' | 'webrtc';
  };
}
