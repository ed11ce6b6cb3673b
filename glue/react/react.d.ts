// SPDX-License-Identifier: GPL-3.0-or-later
/** nkt/react: hooks. */
import type { Content } from '../types_content.js';
import type { Address, Bytes, Config, Delivery, DeliveryState, Nkt, NktErrorCode, NktMessages, Said, SendOptions, User } from '../types.js';

/** The peer of a component. */
export type NktState<Messages = NktMessages> = {
  /** null: on a server, in the first rendering, and without a configuration. */
  readonly nkt: Nkt<Messages> | null;
  /** One's own; '' before it runs. */
  readonly address: Address;
} & ({
  readonly status: 'stopped' | 'starting' | 'running';
  readonly error: null;
} | {
  /** init() rejected, see `error`; another configuration begins again. */
  readonly status: 'failed';
  /** Why: an NktError, in nearly all cases. */
  readonly error: Error & { readonly code?: NktErrorCode };
});

/**
 * A peer that runs while the component is mounted. `config` is compared by what it says, so an object literal does; another one starts it
 * anew. null: not yet, or not any more. StrictMode keeps one peer, with one identity. For a whole application call it once, at the top,
 * and pass `nkt` on by a context.
 */
export function useNkt<Messages = NktMessages>(config?: Config | null): NktState<Messages>;

/** Somebody who is there, as he is now: another object when something of it but `lastSeen` is other. */
export type UserSnapshot = Readonly<User>;

/** Who is there, by nick. */
export function useUsers(nkt: Nkt<any> | null): readonly UserSnapshot[];

/** A message that was said or heard. */
export interface MessageSnapshot<Messages = NktMessages> {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Unix ms. */
  readonly date: number;
  /** Its author, proven. */
  readonly from: Address;
  /** null: everybody. undefined: of what was heard, it was said by an older version, which does not tell. */
  readonly to: Address | null | undefined;
  /** In which room it was said, as `nkt.roomId` names it; null: in none. undefined: it is not known. */
  readonly room: string | null | undefined;
  /** null if it is a content. */
  readonly value: Messages;
  /** What was said beside the value. */
  readonly bytes?: Bytes | Content;
  /** What was shared. */
  readonly content?: Content;
  /** Whether one said it oneself. */
  readonly own: boolean;
  /** false: it was said in clear, and signed. */
  readonly encrypted: boolean;
  /** Of own ones that were said in this life: for useDelivery(). */
  readonly delivery?: Delivery | null;
}

/**
 * The newest messages, of earlier lives and other rooms as well, in the order in which they were heard; and a way to say one. count: so
 * many, 200 without it.
 */
export function useMessages<Messages = NktMessages>(nkt: Nkt<Messages> | null, options?: { count?: number | undefined }): {
  readonly messages: ReadonlyArray<MessageSnapshot<Messages>>;
  /** As nkt.send(). The same function in each rendering. */
  readonly send: <T extends Messages>(value: T & Said<T>, options?: SendOptions) => Promise<Delivery>;
};

/** How far a message has come. */
export interface DeliverySnapshot {
  /** By address. */
  readonly recipients: Readonly<Record<Address, DeliveryState>>;
  /** How many there are. */
  readonly total: number;
  /** How many acknowledged it. */
  readonly delivered: number;
  /** For how many it was given up. */
  readonly failed: number;
  /** It is delivered or given up for each. */
  readonly isSettled: boolean;
}

/** Of a message that was said here. */
export function useDelivery(nkt: Nkt<any> | null, delivery: Delivery | null | undefined): DeliverySnapshot;
