// SPDX-License-Identifier: GPL-3.0-or-later
/** The JavaScript API of nkt: users, and what is asked of them. */
import type { Address } from './types.d.ts';

/** Whether a Signal session with a user is there; 'pending': it is being set up. */
export type SessionState = 'none' | 'pending' | 'established';
/**
 * How far a message has come with one recipient. 'queued': it waits here. 'sent': it left. 'delivered': an encrypted acknowledgement came
 * back. 'failed': given up.
 */
export type DeliveryState = 'queued' | 'sent' | 'delivered' | 'failed';

/** Somebody who is known: an entry of `userList`, updated live. */
export interface User {
  /** A hash of its keys: nobody else can have it. */
  readonly addr: Address;
  /** A label that anybody may choose; see verify(). */
  readonly nick: string;
  /** What is said to it is encrypted in that session; without one it waits. */
  readonly session: SessionState;
  /** Authenticated WebRTC links to it. */
  readonly links: number;
  /** Over WebRTC, through a relay, by others who forward; or not at all, also while it is not known whether others could. */
  readonly path: 'direct' | 'relay' | 'forwarded' | 'none';
  /** Unix ms: when it was last heard, or said what came since. A link that is open proves more: see path. */
  readonly lastSeen: number;
  /** Its safety number was compared: see verify(). */
  readonly verified: boolean;
  /**
   * It may have what is said to everybody in the room: it proved to know the room's secret, or there is none. false: it knows this peer's
   * address, and no more. What a function of register() tells of a room is not for such a caller.
   */
  readonly inRoom: boolean;
  /** Nothing that it says is shown: see nkt.ignore(). Something else than dontSendTo. */
  readonly ignored: boolean;
  /** Nothing is sent to it. */
  dontSendTo: boolean;
  /** No delivery is tried until it is heard of again. Set and cleared by the program, may be set by hand. */
  isUnreachable: boolean;
  /** It keeps for days what is said to members who are away (`config.keeper`). */
  readonly isKeeper: boolean;
}

/** What becomes of a message. */
export interface Delivery {
  /** 32 hexadecimal digits; empty if cancelled. */
  readonly id: string;
  /** A listener of nktsendingmessage called preventDefault(): nothing was sent. */
  readonly cancelled: boolean;
  /** Updated live. */
  readonly recipients: ReadonlyMap<Address, DeliveryState>;
  /** Resolves when each recipient is 'delivered' or 'failed', or the peer was closed. Never rejects. */
  readonly settled: Promise<ReadonlyMap<Address, DeliveryState>>;
}

/** What a registered function is told beside the value. */
export interface CallContext {
  /** The proven caller. */
  readonly from: Address;
  /** By which it was called. */
  readonly name: string;
}

/** How long a call waits. */
export interface CallOptions {
  /** In ms; of rpc() 30,000 by default, of others as they say. */
  timeout?: number | undefined;
  /** Gives it up. */
  signal?: AbortSignal | undefined;
}

/** A text to be passed on by hand: an invite, or the answer to one. String(invite) is the text. */
export interface Invite {
  /** At most 1024 characters, usually 350; letters, digits, - and _. */
  readonly text: string;
  /** Unix ms until which it can be used. */
  readonly expires: number;
  /** Of an answer: who invited. */
  readonly addr?: Address;
  /** Of an answer: what the invite calls him. A label; the link proves the address. */
  readonly nick?: string;
  /** Resolves to the other side's address when the link is authenticated; rejects when it expires, is cancelled or fails. */
  readonly linked: Promise<Address>;
  /** Gives it up: `linked` rejects with NKT_E_CANCELLED. */
  cancel(): void;
  /** The text. */
  toString(): string;
}
