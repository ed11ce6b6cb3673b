// SPDX-License-Identifier: GPL-3.0-or-later
/** The JavaScript API of nkt. */

/** Base58Check text, about 34 characters. */
export type Address = string;

export type * from './types_config.d.ts';
export type * from './types_content.d.ts';
export type * from './types_error.d.ts';
export type * from './types_health.d.ts';
export type * from './types_plugin.d.ts';
export type * from './types_talk.d.ts';
export type * from './types_user.d.ts';
export type * from './types_value.d.ts';
import type { Config, IceServer, KeptIdentity, Platform } from './types_config.d.ts';
import type { Content, FetchedContent, FetchOptions, ShareOptions } from './types_content.d.ts';
import type { NktErrorCode } from './types_error.d.ts';
import type { FrameDetail, Health } from './types_health.d.ts';
import type { LoadedPlugin, Plugin } from './types_plugin.d.ts';
import type { CallContext, CallOptions, Delivery, DeliveryState, Invite, SessionState, User } from './types_user.d.ts';
import type { Bytes, Said, Sendable, SendOptions } from './types_value.d.ts';

/** A message that was said or heard. */
export interface HistoryEntry<T = any> {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Unix ms: when its author said it, corrected if his clock is known to be off by two minutes or more, never later than it arrived. */
  readonly date: number;
  /** Its author. */
  readonly from: Address;
  /** null: everybody. undefined: of what was heard, it was said by an older version, which does not tell. */
  readonly to: Address | null | undefined;
  /**
   * In which room it was said, as `nkt.roomId` names it: 32 hexadecimal digits, others for each name and secret. null: in none.
   * undefined: an older version stored it, and not where. What was said to oneself alone is of the room one was in.
   */
  readonly room: string | null | undefined;
  /** As it was said, but for bytes that came as contents: those are Contents here, to be fetched. null if it is a content. */
  readonly value: T;
  /** What was said beside the value, or its Content; else it is not there. */
  readonly bytes?: Bytes | Content;
  /** What was shared; else it is not there. */
  readonly content?: Content;
  /** Whether one said it oneself. */
  readonly own: boolean;
  /** Of own ones: how many it was for. */
  readonly recipients?: number;
  /** How many of them acknowledged it. */
  readonly delivered?: number;
  /** For how many it failed. */
  readonly failed?: number;
  /** Of own ones that are not settled; its recipients are those who are still to acknowledge it in this life. */
  readonly delivery?: Delivery | null;
}

/**
 * For an application that says once what its messages are:
 * `declare module 'nkt' { interface NktTypes { messages: Move | Chat } }`. The compiler believes it; a stranger need not keep to it: look
 * at what came before you use it.
 */
export interface NktTypes {}

/** What the application's messages are, as far as it said so. */
export type NktMessages = NktTypes extends { messages: infer Messages } ? Messages : any;

/** A message that came in. Keys such as `__proto__` in `detail` are plain own properties, as JSON.parse makes them. */
export interface NktMessageEvent<T = NktMessages> extends CustomEvent<T> {
  /** The proven sender. */
  readonly from: Address;
  /**
   * Oneself; null: everybody. It travels inside the encryption, beside the value, so that no value can say otherwise. undefined: the sender
   * speaks an older version, which does not tell.
   */
  readonly to: Address | null | undefined;
  /**
   * In which room it was said, as `nkt.roomId` names it; null: in none. Another one than that: it was said to everybody there, and
   * came late, or its sender has met this peer by address. What was said to oneself alone is of the room one is in.
   */
  readonly room: string | null | undefined;
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Unix ms: when its sender said it, corrected if his clock is known to be off by two minutes or more, never later than now. */
  readonly date: number;
  /** false: it was said in clear, and signed. */
  readonly encrypted: boolean;
  /** What was said beside the value: of the kind that it was, or the Content that it is to be fetched by; null: nothing. */
  readonly bytes: Bytes | Content | null;
}

/** What somebody said that may be lost; `detail` is the value. */
export interface NktEphemeralEvent<T = NktMessages> extends CustomEvent<T> {
  /** The proven sender. */
  readonly from: Address;
  /** Oneself; null: everybody. */
  readonly to: Address | null;
  /** Unix ms: when its sender said it, by this machine's clock. */
  readonly date: number;
}

/** Cancel it, change `detail` in place if it is an object (it is a copy, its bytes as well), or replace it. */
export interface NktSendingEvent extends Omit<CustomEvent, 'detail'> {
  /** What is going to be sent. */
  detail: any;
  /** What is said beside it, a copy: may be changed in place, or replaced; null: nothing. */
  bytes: Bytes | null;
  /** Sends that instead. */
  replace(value: Sendable): void;
  /** null: everybody. */
  readonly to: Address | null;
  /** Always true: what is sent in clear has no such event. */
  readonly encrypted: boolean;
}

/** A nick, and whose it was. */
export interface KeyChangedDetail {
  /** Who shows up. */
  readonly addr: Address;
  /** As it writes it. */
  readonly nick: string;
  /** Who was known by that nick before. */
  readonly previous: Address;
  /** The person has verified `previous`: somebody else uses the nick of a friend. */
  readonly verified: boolean;
}

/**
 * Events on the Nkt object, and in a page on `window` as well. Those that a plugin makes up are declared beside them:
 * `declare module 'nkt' { interface NktEventMap { cointossed: CustomEvent<{ side: 'heads' | 'tails' }> } }`.
 */
export interface NktEventMap {
  /** Somebody became known; also when he is back, or can be reached another way. */
  nktnewpeer: CustomEvent<{ readonly data: { readonly addr: Address } }>;
  /** Somebody who could be reached said good-bye, fell silent or was forgotten; nktnewpeer tells when he is back. */
  nktpeerleft: CustomEvent<{ readonly data: { readonly addr: Address } }>;
  /** A verified frame came in, once each. */
  nktincomingdata: CustomEvent<FrameDetail>;
  /** A frame went out, once each. */
  nktoutgoingdata: CustomEvent<FrameDetail>;
  /** A message came, encrypted; `detail` is what was said, `bytes` what was said beside it. Once each, also over reloads. */
  nktencryptedmessagereceived: NktMessageEvent;
  /** A message came that was signed only; `detail` is what was said. Never one that was said encrypted. */
  nktclearmessagereceived: NktMessageEvent;
  /** Somebody said what may be lost (sendEphemeral); of one sender each is later than all before it. */
  nktephemeral: NktEphemeralEvent;
  /** Somebody shared a content, which came in an encrypted message; nothing of it is fetched by itself. */
  nktcontent: NktMessageEvent<Content>;
  /** A content that is kept here has come further, or not any more; four times a second at most. */
  nktcontentstate: CustomEvent<Content>;
  /** A message is about to be encrypted and sent. Cancelable: nothing is sent then. */
  nktsendingmessage: NktSendingEvent;
  /** A WebRTC link is up, authenticated as that address. */
  nktwebrtcseen: CustomEvent<Address>;
  /** It is down. */
  nktwebrtcleft: CustomEvent<Address>;
  /** A session was established, set up again ('rekeyed') or lost. */
  nktsession: CustomEvent<{ readonly addr: Address; readonly state: SessionState | 'rekeyed' }>;
  /** A message came further with one of its recipients; `reason` of one that failed. */
  nktdelivery: CustomEvent<{
    readonly id: string; readonly addr: Address; readonly state: DeliveryState; readonly reason?: string;
  }>;
  /**
   * A nick that looks like a known one, in the room or of a verified user, is used by somebody with other keys. Once an hour for each
   * pair, and of eight nicks of one user.
   */
  nktkeychanged: CustomEvent<KeyChangedDetail>;
  /** A plugin threw, or rejected. `where`: an event, a call, 'init' or 'stop'. */
  nktpluginerror: CustomEvent<{ readonly name: string; readonly where: string; readonly error: unknown }>;
  /** Something of health() is other now; four times a second at most. */
  nktstatus: CustomEvent<Health>;
  /** A key is being made of a passphrase: part of a second to a few. */
  nktderiving: CustomEvent<{ readonly state: 'started' | 'ended' }>;
  /** The core stopped by a fault of its own and another one goes on with what is stored; ms: how long that took. */
  nktrestarted: CustomEvent<{ readonly at: number; readonly message: string; readonly ms: number }>;
}

/** An event of a peer whose messages are those. */
export type NktEventOf<Messages, Type extends keyof NktEventMap> =
  Type extends 'nktencryptedmessagereceived' | 'nktclearmessagereceived' ? NktMessageEvent<Messages>
    : Type extends 'nktephemeral' ? NktEphemeralEvent<Messages>
      : NktEventMap[Type];

/** One peer. In a page it is `window.nkt`; elsewhere `new Nkt()`, then init(). Its events are in NktEventMap. */
export class Nkt<Messages = NktMessages> extends EventTarget {
  /** `platform` replaces parts of what is found here; for tests and unusual hosts. */
  constructor(platform?: Partial<Platform>);

  /**
   * The core runs and the identity is there. Before init() was called it waits for that call, whoever makes it (in a page, the login);
   * it rejects when that init() does, and is another promise after the next one.
   */
  readonly ready: Promise<void>;
  /** (Re)starts. A bad config rejects and leaves what runs as it is. */
  init(config?: Config): Promise<void>;
  /** init() with what it was called with last, but for these keys; one that is undefined is as if it had not been given. */
  resume(changes?: Config): Promise<void>;
  /** Leaves the swarm, wipes keys. immediate: without waiting for what is not durable yet. */
  close(options?: { immediate?: boolean }): Promise<void>;
  /** Says that the platform was frozen or offline and is back. */
  wake(): void;

  /** One's own address, and who is linked. */
  readonly mySwarm: {
    address(): Address;
    /** Live, authenticated WebRTC links by address. */
    readonly peers: Readonly<Record<Address, { readonly addr: Address; readonly since: number }>>;
  };
  /**
   * Every known user but oneself. Has no prototype. Who said good-bye, or was out of reach for two minutes, is listed no more (its
   * property is not enumerable): what is said to everybody is not for it. `userList[address]` still answers for it as long as it is
   * remembered; what is said to that address alone waits for it.
   */
  readonly userList: Readonly<Record<Address, User>>;
  /** Writing it renames. */
  nick: string;

  /**
   * To one user, or to all that are not excluded. Waits while the outbox is above its high-water mark. The value arrives as it is, or
   * the promise rejects: with NKT_E_VALUE and the path of what cannot be said (a Map, a class instance without toJSON(), NaN, undefined
   * in a list, shared memory, a Blob that cannot be read, more than 32 levels or 4,096 values ...), with NKT_E_SIZE when it is too large.
   * As JSON does, a property that is undefined is left out, and toJSON() is called. Bytes may stand anywhere in it: an ArrayBuffer, a
   * typed array, a DataView, a Blob or File arrives as what it was (a Buffer as Uint8Array; of a File's name what belongs to a path becomes
   * _). Messages leave in the order of the calls: who comes later waits while a Blob is being read.
   *
   * As JSON it may have 60,000 bytes, bytes in Base64 included. Above it the largest of them, at most 8 and 16 MiB in all, are kept here
   * and fetched by who hears it, as what share() shares: that counts into `config.contentQuota`, and he is told once all of it is
   * there, so perhaps after what was said later. He is told at once, with a Content in place of the bytes, of what he has no room for,
   * and while 16 messages of the author wait. While 64 wait in all, or as much as a quarter of his quota, authors share the places: one
   * of who has most is told so. And so is every message that came no further for five minutes, or is not there after an hour; the time
   * counts over reloads. A listener that finds a Content (`it.sources` is a number) where he expects bytes gives it to fetch(), then or
   * when its author is there again; what only looks like one is refused there with NKT_E_CONTENT_UNKNOWN. Clear messages, remote calls
   * and what may be lost have no such way: NKT_E_SIZE.
   */
  sendEncryptedMessage<T extends Messages>(value: T & Said<T>, to?: Address): Promise<Delivery>;
  /**
   * As sendEncryptedMessage(), with `bytes` beside the value, `signal` and `onProgress`. Also NKT_E_CANCELLED, and of what is kept here
   * NKT_E_QUOTA, NKT_E_STORAGE, NKT_E_CONTENTS_FULL, NKT_E_STOPPED.
   */
  send<T extends Messages>(value: T & Said<T>, options?: SendOptions): Promise<Delivery>;
  /** Signed, not encrypted, to all. No delivery states. */
  sendClearMessage<T extends Messages>(value: T & Said<T>): Promise<Delivery>;
  /**
   * For typing, cursors, games: encrypted, to one user or to all, and then forgotten. Neither stored nor acknowledged nor sent again,
   * kept for nobody who is away, passed on by nobody: over links, on an unreliable channel where both ends have one; where there is no
   * link, ten a second over a relay on which both are. What is overtaken by a later one, or is older than 5 s, is dropped. Resolves to how
   * many users it left for; 0 also when more than 100 a second are sent. NKT_E_SIZE over 1,000 bytes as JSON; NKT_E_VALUE, NKT_E_ADDRESS,
   * NKT_E_UNKNOWN_USER, NKT_E_SELF, NKT_E_MUTED, NKT_E_STATE.
   */
  sendEphemeral<T extends Messages>(value: T & Said<T>, to?: Address): Promise<number>;
  /**
   * Shares bytes, of any size up to 16 GiB: they are sealed and kept here piece by piece, then a message tells of them, to one user or to
   * all; who fetches them gets them from whoever has them. A Blob or File that there is no room for (`contentQuota`) is read where it
   * lies, as long as this peer runs and it stays as it is. A stream is an async iterable or ReadableStream of Uint8Arrays. Of a Content
   * that is known here others are told as well. NKT_E_ARGUMENT, NKT_E_MANIFEST (name or type), NKT_E_QUOTA, NKT_E_STORAGE,
   * NKT_E_CONTENTS_FULL, NKT_E_CANCELLED, or as sendEncryptedMessage().
   */
  share(
    what: Blob | ArrayBuffer | ArrayBufferView | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Content, options?: ShareOptions,
  ): Promise<{ content: Content; delivery: Delivery }>;
  /**
   * Fetches a content, or goes on with it: into storage, from where it is read. It stays until it is dropped or makes room, is given on to
   * others who know it, and is fetched to its end also after a restart. By id: one that is kept here. NKT_E_CONTENT_UNKNOWN, NKT_E_QUOTA,
   * NKT_E_STORAGE, NKT_E_CONTENTS_FULL.
   */
  fetch(content: Content | string, options?: FetchOptions): Promise<FetchedContent>;
  /** What is kept here, shared or fetched, also in part. Soon after init() those of earlier lives as well. */
  readonly contents: readonly Content[];
  /** Lets go of one: resolves when nothing of it is here any more, for others neither. */
  drop(content: Content | string): Promise<void>;
  /** What was said and heard, encrypted, here and in earlier lives; the oldest first. count: the newest so many. */
  history(options?: { count?: number }): Promise<HistoryEntry[]>;
  /** Resolves when it is gone from storage as well. What is not delivered still will be, and is forgotten then. */
  clearHistory(): Promise<void>;
  /** Deliveries that are not settled, those of earlier lives as well, the oldest first. */
  readonly outbox: readonly Delivery[];
  /** The own keys as text for a file, under a passphrase of its own; for config.identity. No session, message or nick is in it. */
  exportIdentity(passphrase: string): Promise<string>;
  /** Names of the identities kept in this browser. */
  kept(): Promise<string[]>;
  /** Who they are, the last used first: a list to choose from. */
  keptIdentities(): Promise<KeptIdentity[]>;
  /** Deletes one for good. */
  forgetKept(name?: string): Promise<void>;
  /**
   * The first user who is there and with whom a session is established: at once if there is one, or when one comes. A message sent now
   * reaches somebody. NKT_E_TIMEOUT after `timeout` ms (none: it waits for ever), NKT_E_CANCELLED by `signal`, NKT_E_STOPPED by close(),
   * NKT_E_STATE before init(), NKT_E_ADDRESS. `filter`: an address, or a function that is given each user and says whether it is meant;
   * none: anybody.
   */
  peer(filter?: Address | ((user: User) => boolean), options?: { timeout?: number; signal?: AbortSignal }): Promise<User>;
  /** timeout in ms. Resolves when the link is authenticated as that address. */
  startWebRTCClient(addr: Address, options?: { signal?: AbortSignal; timeout?: number }): Promise<void>;

  /** 60 digits, the same at the other side; two people who know each other compare them. Takes some 20 ms. */
  safetyNumber(addr: Address): string;
  /**
   * Marks the user as verified if that is the number (what is no digit is passed over); false if it is another. null takes the mark
   * back. Kept with the identity, also when the user is forgotten.
   */
  verify(addr: Address, number: string | null): boolean;

  /**
   * Silences somebody for good: nothing that he says is told, shown, notified, stored or acknowledged (to him it stays 'sent', as if one
   * were away), none of his calls runs, no nick of his is warned of, no history() tells of him. Kept with the identity, also when he is
   * not here, was never known or is forgotten. What is said to everybody reaches him as before (dontSendTo ends that), and what he
   * forwards for others goes on. NKT_E_ADDRESS, NKT_E_SELF, NKT_E_IGNORED_FULL (256).
   */
  ignore(addr: Address): void;
  /** Takes it back. What he said in the last 24 hours was never acknowledged and may still arrive. */
  unignore(addr: Address): void;
  /** Those who are ignored, with the nick by which they were known then. */
  readonly ignored: ReadonlyArray<{ readonly addr: Address; readonly nick: string }>;

  /**
   * Lets others call fn by name; what it returns, or its promise resolves to, is the answer. One of the same name is replaced.
   * Returns a function that takes it back.
   */
  register<Value = any>(name: string, fn: (value: Value, context: CallContext) => unknown): () => boolean;
  /**
   * Calls what that user registered, encrypted, at most once. Value and answer may hold bytes, within 60,000 bytes as JSON.
   * Rejects with NKT_E_UNREGISTERED, NKT_E_REMOTE (it threw: its words are
   * the message), NKT_E_TIMEOUT, NKT_E_CANCELLED, NKT_E_BUSY, NKT_E_RATE, NKT_E_SIZE, NKT_E_VALUE, NKT_E_UNDELIVERED, NKT_E_IGNORED, or as
   * sendEncryptedMessage().
   * After a time-out or a cancellation it may have run, or not.
   */
  rpc<Answer = any>(addr: Address, name: string, value?: unknown, options?: CallOptions): Promise<Answer>;
  /** A text by which one peer joins with no server at all. It waits for 15 minutes; four may wait at once. */
  invite(options?: { signal?: AbortSignal }): Promise<Invite>;
  /** Takes an invite of somebody; gives the answer that is to be passed back. The text may have a mail or a link around it. */
  acceptInvite(text: string, options?: { signal?: AbortSignal }): Promise<Invite>;
  /** Takes the answer to an invite of ours. Resolves to the other side's address when the link is authenticated. */
  completeInvite(text: string): Promise<Address>;

  /** One of the same name is unloaded before. */
  plugin(plugin: Plugin): LoadedPlugin;
  /** In the order in which they were loaded, which is the order in which their listeners run. */
  readonly plugins: Readonly<Record<string, LoadedPlugin>>;
  /** Unloads it; false if it was not loaded. */
  unplug(name: string): boolean;

  /** A snapshot of everything that helps to see why something does not work. */
  health(): Health;
  /** Those in force. */
  readonly relays: readonly string[];
  /** Those in force. */
  readonly trackers: readonly string[];
  /** Those in force; which were refused is in health(). */
  readonly iceServers: readonly IceServer[];
  /** Logs every fact and effect. */
  verbose: boolean;
  /** The room in force, null for none. */
  readonly room: string | null;
  /**
   * What names the room one is in: 32 hexadecimal digits, others for each name and secret; also for the swarm of somebody else that was
   * joined by address or invite. null: none, or not running. `room` of events and of history() is compared with it.
   */
  readonly roomId: string | null;
  /** Of nkt. */
  readonly version: string;

  /** As every EventTarget's, with the types of NktEventMap. */
  addEventListener<K extends keyof NktEventMap>(
    type: K, listener: (event: NktEventOf<Messages, K>) => any, options?: boolean | AddEventListenerOptions,
  ): void;
  /** For events that plugins make up. */
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions,
  ): void;
  /** As every EventTarget's, with the types of NktEventMap. */
  removeEventListener<K extends keyof NktEventMap>(
    type: K, listener: (event: NktEventOf<Messages, K>) => any, options?: boolean | EventListenerOptions,
  ): void;
  /** For events that plugins make up. */
  removeEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions,
  ): void;
}

/** What calls reject with. */
export class NktError extends Error {
  constructor(code: NktErrorCode, message: string, options?: { cause?: unknown });
  /** Such as 'NKT_E_SIZE'. */
  readonly code: NktErrorCode;
  /** Of NKT_E_VALUE: where in the value that is which cannot be sent, such as 'value.items[3].when'. */
  readonly path?: string;
}

declare global {
  interface Window {
    readonly nkt: Nkt;
  }
  interface WindowEventMap extends NktEventMap {}
}
