// SPDX-License-Identifier: GPL-3.0-or-later
/** The JavaScript API of nkt. */

/** Base58Check text, about 34 characters. */
export type Address = string;

export type * from './types_config.d.ts';
export type * from './types_content.d.ts';
export type * from './types_error.d.ts';
export type * from './types_event.d.ts';
export type * from './types_health.d.ts';
export type * from './types_plugin.d.ts';
export type * from './types_talk.d.ts';
export type * from './types_user.d.ts';
export type * from './types_value.d.ts';
import type { Config, IceServer, KeptIdentity, Platform } from './types_config.d.ts';
import type { Content, FetchedContent, FetchOptions, ShareOptions } from './types_content.d.ts';
import type { NktErrorCode } from './types_error.d.ts';
import type { NktEventMap, NktEventOf, NktMessages } from './types_event.d.ts';
import type { Health } from './types_health.d.ts';
import type { LoadedPlugin, Plugin } from './types_plugin.d.ts';
import type { CallContext, CallOptions, Delivery, Invite, User } from './types_user.d.ts';
import type { Bytes, Said, SendOptions } from './types_value.d.ts';

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

/** One peer. In a page it is `window.nkt`; elsewhere `new Nkt()`, then init(). Its events are in NktEventMap. */
export class Nkt<Messages = NktMessages> extends EventTarget {
  /**
   * `platform` replaces parts of what is found here; for tests and unusual hosts.
   * @example
   * const peer = new Nkt(); // another one; in a page window.nkt is there already
   * await peer.init({ nick: 'Carl', room: 'green' });
   * peer.health().running; // => true
   */
  constructor(platform?: Partial<Platform>);

  /**
   * The core runs and the identity is there. Before init() was called it waits for that call, whoever makes it (in a page, the login);
   * it rejects when that init() does, and is another promise after the next one.
   * @example
   * await nkt.ready;
   * nkt.mySwarm.address(); // => 'B…'
   */
  readonly ready: Promise<void>;
  /**
   * (Re)starts. A bad config rejects and leaves what runs as it is. What only opening a storage or an identity's file tells
   * (NKT_E_PASSPHRASE, NKT_E_IN_USE, NKT_E_STORAGE, NKT_E_NEWER) ends what ran: resume() goes back to it. If the page goes away meanwhile
   * and is gone back to (back/forward cache), it is through when the page is back; so are resume() and enter().
   * @example
   * const peer = new Nkt();
   * await peer.init({ nick: 'Carl', room: 'tea', relays: ['wss://nkt.example/relay'] });
   * const user = await peer.peer(({ nick }) => nick === 'Ada');
   * await peer.sendEncryptedMessage('hello, Ada', user.addr);
   * await peer.init({ nick: 'x'.repeat(65) }).catch(({ code }) => code); // => 'NKT_E_OPTIONS'
   */
  init(config?: Config): Promise<void>;
  /**
   * init() with what it was called with when it succeeded last, but for these keys; one that is undefined is as if it had not been given.
   * What failed is not tried again: `resume()` after an `init()` or `resume()` that rejected goes back to what worked, and rejects with
   * NKT_E_STATE where nothing has worked yet. While an `init()` is under way it is that one that is changed. `nick = ...` counts as given.
   * @example
   * const peer = new Nkt();
   * await peer.init({ nick: 'Carl', room: 'green', storage: { folder: 'carl' } });
   * const address = peer.mySwarm.address();
   * await peer.resume({ room: 'tea' }); // the same person in another room
   * peer.nick; // => 'Carl'
   * peer.mySwarm.address() === address; // => true
   */
  resume(changes?: Config): Promise<void>;
  /**
   * Leaves the swarm, wipes keys. immediate: without waiting for what is not durable yet.
   * @example
   * const peer = new Nkt();
   * await peer.init({ room: 'green' });
   * await peer.close();
   * peer.health().running; // => false
   */
  close(options?: { immediate?: boolean | undefined }): Promise<void>;
  /**
   * Another room beside this one, as the same person: the peer there has this address, and whom one verified or ignores, and what plugins
   * keep, holds in all rooms. Its users, messages, history and contents are its own, kept in a place of their own; nothing of one room is
   * told in another. What is not given is as here, but for the secret of a room that is named: it has none then. Servers that are given
   * as undefined are those of an init() that names none. It is told of itself, not on window; `prepare` is called before it starts, so
   * that who listens from there on misses nothing. Each ends by its own close(); the next enter() or init() of that room takes its place
   * up again. A room that is open already: the peer that is there. An init() or resume() of this one that is under way is waited for.
   * Rejects as init(), and with NKT_E_STATE: this one does not run, NKT_E_QUOTA: 8 rooms are open.
   * @example
   * const garden = await nkt.enter({ room: 'garden' }, (peer) => {
   *   peer.addEventListener('nktencryptedmessagereceived', ({ detail }) => console.log('in the garden:', detail));
   * });
   * garden.mySwarm.address() === nkt.mySwarm.address(); // => true
   * nkt.rooms.map(({ room }) => room); // => ['tea', 'garden']
   * await garden.close();
   */
  enter(place?: Omit<Config, 'storage' | 'identity' | 'keeper'>, prepare?: (nkt: Nkt<Messages>) => void): Promise<Nkt<Messages>>;
  /**
   * The peers of this identity, one for each room that is open here, in the order in which they came; this one among them.
   * @example
   * for (const { room, userList } of nkt.rooms) console.log(room, Object.keys(userList).length); // => 'tea', 1
   */
  readonly rooms: readonly Nkt<Messages>[];
  /**
   * For a page that shows one room at a time: this peer's events are dispatched on window from now on, where the other one's were, and the
   * other one's plugins are unloaded there and loaded here; `between` is called between the two.
   * @example
   * const green = await nkt.enter({ room: 'green' });
   * green.takePlaceOf(nkt);
   * nkt.takePlaceOf(green); // and back
   */
  takePlaceOf(other: Nkt<Messages>, between?: () => void): void;
  /**
   * Says that the platform was frozen or offline and is back.
   * @example
   * nkt.wake(); // this machine slept: what is dead is found out now. In a page it is called by itself
   */
  wake(): void;

  /**
   * One's own address, and who is linked.
   * @example
   * nkt.mySwarm.address(); // => 'B…'
   * Object.keys(nkt.mySwarm.peers); // => [bob]
   */
  readonly mySwarm: {
    address(): Address;
    /** Live, authenticated WebRTC links by address. */
    readonly peers: Readonly<Record<Address, { readonly addr: Address; readonly since: number }>>;
  };
  /**
   * Every known user but oneself. Has no prototype. Who said good-bye, or was out of reach for two minutes, is listed no more (its
   * property is not enumerable): what is said to everybody is not for it. `userList[address]` still answers for it as long as it is
   * remembered; what is said to that address alone waits for it.
   * @example
   * for (const user of Object.values(nkt.userList)) console.log(user.nick, user.session); // => 'Bob', 'established'
   * nkt.userList[bob].path; // => 'direct'
   */
  readonly userList: Readonly<Record<Address, User>>;
  /**
   * Writing it renames.
   * @example
   * nkt.nick = 'Countess'; // others see it in their userList
   * nkt.nick; // => 'Countess'
   */
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
   * @example
   * const delivery = await nkt.sendEncryptedMessage({ text: 'tea at five' }); // to all; with an address: to that one
   * await delivery.settled;
   * delivery.recipients.get(bob); // => 'delivered'
   * await nkt.sendEncryptedMessage({ when: NaN }).catch(({ code, path }) => `${code} ${path}`); // => 'NKT_E_VALUE value.when'
   */
  sendEncryptedMessage<T extends Messages>(value: T & Said<T>, to?: Address): Promise<Delivery>;
  /**
   * As sendEncryptedMessage(), with `bytes` beside the value, `signal` and `onProgress`. Also NKT_E_ARGUMENT (options that are no object,
   * such as an address, or have an unknown name), NKT_E_CANCELLED, and of what is kept here NKT_E_QUOTA, NKT_E_STORAGE,
   * NKT_E_CONTENTS_FULL, NKT_E_STOPPED.
   * @example
   * other.addEventListener('nktencryptedmessagereceived', ({ detail, bytes }) => {
   *   if (bytes instanceof Blob) console.log(detail.text, bytes.size); // => 'my notes', 300000
   * });
   * const delivery = await nkt.send({ text: 'my notes' }, { to: bob, bytes: file, signal: AbortSignal.timeout(10_000) });
   * await delivery.settled;
   */
  send<T extends Messages>(value: T & Said<T>, options?: SendOptions): Promise<Delivery>;
  /**
   * Signed, not encrypted, to all. No delivery states.
   * @example
   * other.addEventListener('nktclearmessagereceived', ({ detail, from }) => {
   *   console.log(other.userList[from].nick, detail); // => 'Ada', 'anybody may read this'
   * });
   * await nkt.sendClearMessage('anybody may read this');
   */
  sendClearMessage<T extends Messages>(value: T & Said<T>): Promise<Delivery>;
  /**
   * For typing, cursors, games: encrypted, to one user or to all, and then forgotten. Neither stored nor acknowledged nor sent again,
   * kept for nobody who is away, passed on by nobody: over links, on an unreliable channel where both ends have one; where there is no
   * link, ten a second over a relay on which both are. What is overtaken by a later one, or is older than 5 s, is dropped. Resolves to how
   * many users it left for; 0 also when more than 100 a second are sent. NKT_E_SIZE over 1,000 bytes as JSON; NKT_E_VALUE, NKT_E_ADDRESS,
   * NKT_E_UNKNOWN_USER, NKT_E_SELF, NKT_E_MUTED, NKT_E_STATE.
   * @example
   * other.addEventListener('nktephemeral', ({ detail }) => console.log(detail)); // => { x: 12, y: 7 }
   * await nkt.sendEphemeral({ x: 12, y: 7 }, bob); // => 1
   */
  sendEphemeral<T extends Messages>(value: T & Said<T>, to?: Address): Promise<number>;
  /**
   * Shares bytes, of any size up to 16 GiB: they are sealed and kept here piece by piece, then a message tells of them, to one user or to
   * all; who fetches them gets them from whoever has them. A Blob or File that there is no room for (`contentQuota`) is read where it
   * lies, as long as this peer runs and it stays as it is. A stream is an async iterable or ReadableStream of Uint8Arrays. Of a Content
   * that is known here others are told as well. NKT_E_ARGUMENT, NKT_E_MANIFEST (name or type), NKT_E_VALUE (reading it failed: `cause`
   * says why, or it changed meanwhile, or was a stream that was read to its end already), NKT_E_CONTENT_UNKNOWN (one's own that is not
   * kept here any more), NKT_E_QUOTA, NKT_E_STORAGE, NKT_E_CONTENTS_FULL, NKT_E_CANCELLED, or as sendEncryptedMessage().
   * @example
   * const { content, delivery } = await nkt.share(file, { to: bob });
   * content.name; // => 'notes.txt'
   * await delivery.settled; // Bob knows of it, and may fetch it
   * delivery.recipients.get(bob); // => 'delivered'
   */
  share(
    what: Blob | ArrayBuffer | ArrayBufferView | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Content, options?: ShareOptions,
  ): Promise<{ content: Content; delivery: Delivery }>;
  /**
   * Fetches a content, or goes on with it: into storage, from where it is read. It stays until it is dropped or makes room, is given on to
   * others who know it, and is fetched to its end also after a restart. By id: one that is kept here. NKT_E_CONTENT_UNKNOWN, NKT_E_QUOTA,
   * NKT_E_STORAGE, NKT_E_CONTENTS_FULL.
   * @example
   * other.addEventListener('nktcontent', async ({ detail }) => {
   *   const fetched = await other.fetch(detail, { onProgress: ({ loaded, total }) => console.log(loaded / total) }); // => 1
   *   console.log(detail.name, (await fetched.blob()).size); // => 'notes.txt', 300000
   * });
   * await nkt.share(file);
   */
  fetch(content: Content | string, options?: FetchOptions): Promise<FetchedContent>;
  /**
   * What is kept here, shared or fetched, also in part. Soon after init() those of earlier lives as well.
   * @example
   * await nkt.share(file);
   * nkt.contents.map(({ name, size, state }) => `${name}, ${size} bytes, ${state}`); // => ['notes.txt, 300000 bytes, complete']
   */
  readonly contents: readonly Content[];
  /**
   * Lets go of one: resolves when nothing of it is here any more, for others neither; to false where nothing was. NKT_E_CONTENT_UNKNOWN:
   * neither a Content (a copy of one is none) nor an id.
   * @example
   * const { content } = await nkt.share(file);
   * await nkt.drop(content); // => true
   * nkt.contents.length; // => 0
   */
  drop(content: Content | string): Promise<boolean>;
  /**
   * What was said and heard, encrypted, here and in earlier lives; the oldest first. count: the newest so many.
   * @example
   * await nkt.sendEncryptedMessage('tea at five');
   * const [newest] = await nkt.history({ count: 1 });
   * newest.value; // => 'tea at five'
   * newest.own; // => true
   */
  history(options?: { count?: number | undefined }): Promise<HistoryEntry[]>;
  /**
   * Resolves when it is gone from storage as well. What is not delivered still will be, and is forgotten then.
   * @example
   * await nkt.clearHistory();
   * await nkt.history(); // => []
   */
  clearHistory(): Promise<void>;
  /**
   * Deliveries that are not settled, those of earlier lives as well, the oldest first.
   * @example
   * const delivery = await nkt.sendEncryptedMessage('is it delivered?');
   * nkt.outbox.includes(delivery); // => true
   * await delivery.settled;
   * nkt.outbox.length; // => 0
   */
  readonly outbox: readonly Delivery[];
  /**
   * The own keys as text for a file, under a passphrase of its own; for config.identity. No session, message or nick is in it.
   * @example
   * const text = await nkt.exportIdentity('a long passphrase');
   * const phone = new Nkt(); // on another device; one of the two at a time
   * await phone.init({ room: 'green', identity: { file: text, passphrase: 'a long passphrase' } });
   * phone.mySwarm.address() === nkt.mySwarm.address(); // => true
   */
  exportIdentity(passphrase: string): Promise<string>;
  /**
   * Names of the identities kept in this browser.
   * @example <caption>In a page</caption>
   * await nkt.init({ nick: 'Ada', storage: { passphrase: 'a long passphrase', name: 'work' } });
   * await nkt.kept(); // => ['work']
   */
  kept(): Promise<string[]>;
  /**
   * Who they are, the last used first: a list to choose from.
   * @example <caption>In a page</caption>
   * await nkt.init({ nick: 'Ada', storage: { passphrase: 'a long passphrase', name: 'work' } });
   * (await nkt.keptIdentities()).map(({ name, nick }) => `${name}: ${nick}`); // => ['work: Ada']
   */
  keptIdentities(): Promise<KeptIdentity[]>;
  /**
   * Deletes one for good.
   * @example <caption>In a page</caption>
   * await nkt.init({ nick: 'Ada', storage: { passphrase: 'a long passphrase', name: 'work' } });
   * await nkt.close();
   * await nkt.forgetKept('work');
   * await nkt.kept(); // => []
   */
  forgetKept(name?: string): Promise<void>;
  /**
   * The first user who is there and with whom a session is established: at once if there is one, or when one comes. A message sent now
   * reaches somebody. In a crowd (64 and more), where sessions begin when something is said, some of those who are meant are asked for
   * one. NKT_E_TIMEOUT after `timeout` ms (none: it waits for ever), NKT_E_CANCELLED by `signal`, NKT_E_STOPPED by close(),
   * NKT_E_STATE before init(), NKT_E_ADDRESS, NKT_E_SELF. `filter`: an address, or a function that is given each user and says whether
   * it is meant; none: anybody.
   * @example
   * const anybody = await nkt.peer();
   * const friend = await nkt.peer(({ nick }) => nick === 'Bob', { timeout: 10_000 });
   * friend.addr; // => bob
   * await nkt.peer(({ nick }) => nick === 'Zoe', { timeout: 100 }).catch(({ code }) => code); // => 'NKT_E_TIMEOUT'
   */
  peer(filter?: Address | ((user: User) => boolean), options?: CallOptions): Promise<User>;
  /**
   * timeout in ms. Resolves when the link is authenticated as that address. NKT_E_NO_WEBRTC where there is none, as of invite().
   * @example
   * await nkt.startWebRTCClient(bob, { timeout: 20_000 });
   * nkt.userList[bob].links; // => 1
   */
  startWebRTCClient(addr: Address, options?: CallOptions): Promise<void>;

  /**
   * 60 digits, the same at the other side; two people who know each other compare them. Takes some 20 ms.
   * @example
   * const number = nkt.safetyNumber(bob);
   * number.length; // => 60
   * other.safetyNumber(nkt.mySwarm.address()) === number; // => true
   */
  safetyNumber(addr: Address): string;
  /**
   * Marks the user as verified if that is the number (what is no digit is passed over); false if it is another. null takes the mark
   * back. Kept with the identity, also when the user is forgotten.
   * @example
   * const heard = other.safetyNumber(nkt.mySwarm.address()); // Bob reads it out, over the telephone
   * nkt.verify(bob, '01234 56789'); // => false
   * nkt.verify(bob, heard); // => true
   * nkt.userList[bob].verified; // => true
   */
  verify(addr: Address, number: string | null): boolean;

  /**
   * Silences somebody for good: nothing that he says is told, shown, notified, stored or acknowledged (to him it stays 'sent', as if one
   * were away), none of his calls runs, no nick of his is warned of, no history() tells of him. Kept with the identity, also when he is
   * not here, was never known or is forgotten. What is said to everybody reaches him as before (dontSendTo ends that), and what he
   * forwards for others goes on. NKT_E_ADDRESS, NKT_E_SELF, NKT_E_IGNORED_FULL (256).
   * @example
   * nkt.ignore(bob);
   * nkt.userList[bob].ignored; // => true
   * const delivery = await other.sendEncryptedMessage('do you hear me?'); // she does not, and it stays 'sent'
   */
  ignore(addr: Address): void;
  /**
   * Takes it back. What he said in the last 24 hours was never acknowledged and may still arrive.
   * @example
   * nkt.ignore(bob);
   * nkt.unignore(bob);
   * nkt.userList[bob].ignored; // => false
   */
  unignore(addr: Address): void;
  /**
   * Those who are ignored, with the nick by which they were known then.
   * @example
   * nkt.ignore(bob);
   * nkt.ignored; // => [{ addr: bob, nick: 'Bob' }]
   */
  readonly ignored: ReadonlyArray<{ readonly addr: Address; readonly nick: string }>;

  /**
   * Lets others call fn by name; what it returns, or its promise resolves to, is the answer. One of the same name is replaced.
   * Returns a function that takes it back.
   * @example
   * const undo = other.register('add', ({ a, b }, { from }) => a + b);
   * await nkt.rpc(bob, 'add', { a: 2, b: 3 }); // => 5
   * undo(); // => true
   */
  register<Value = any>(name: string, fn: (value: Value, context: CallContext) => unknown): () => boolean;
  /**
   * Calls what that user registered, encrypted, at most once. Value and answer may hold bytes, within 60,000 bytes as JSON.
   * Rejects with NKT_E_UNREGISTERED, NKT_E_REMOTE (it threw: its words are
   * the message), NKT_E_TIMEOUT, NKT_E_CANCELLED, NKT_E_BUSY, NKT_E_RATE, NKT_E_SIZE, NKT_E_VALUE, NKT_E_UNDELIVERED, NKT_E_IGNORED, or as
   * sendEncryptedMessage().
   * After a time-out or a cancellation it may have run, or not.
   * @example
   * other.register('time', () => new Date());
   * await nkt.rpc(bob, 'time', null, { timeout: 5000 }); // => '20…Z'
   * await nkt.rpc(bob, 'weather').catch(({ code }) => code); // => 'NKT_E_UNREGISTERED'
   */
  rpc<Answer = any, Value = any>(addr: Address, name: string, value?: Value & Said<Value>, options?: CallOptions): Promise<Answer>;
  /**
   * A text by which one peer joins with no server at all. It waits for 15 minutes; four may wait at once.
   * @example
   * const invite = await nkt.invite();
   * console.log(invite.text); // => 'nkt-invite-…'
   * const ended = invite.linked.catch(({ code }) => code);
   * invite.cancel(); // nobody wants it
   * await ended; // => 'NKT_E_CANCELLED'
   */
  invite(options?: { signal?: AbortSignal | undefined }): Promise<Invite>;
  /**
   * Takes an invite of somebody; gives the answer that is to be passed back. The text may have a mail or a link around it.
   * @example
   * const { text } = await nkt.invite(); // by mail, say
   * const guest = new Nkt();
   * await guest.init({ nick: 'Carl', room: null }); // knows no server
   * const answer = await guest.acceptInvite(text);
   * answer.nick; // => 'Ada'
   * answer.text; // => 'nkt-answer-…'
   */
  acceptInvite(text: string, options?: { signal?: AbortSignal | undefined }): Promise<Invite>;
  /**
   * Takes the answer to an invite of ours. Resolves to the other side's address when the link is authenticated.
   * @example
   * const guest = new Nkt();
   * await guest.init({ nick: 'Carl', room: null });
   * const answer = await guest.acceptInvite((await nkt.invite()).text);
   * await nkt.completeInvite(answer.text); // it came back, by mail
   * await answer.linked; // => nkt.mySwarm.address()
   */
  completeInvite(text: string): Promise<Address>;

  /**
   * One of the same name is unloaded before.
   * @example
   * nkt.plugin({
   *   name: 'yes',
   *   listeners: { nktencryptedmessagereceived: ({ detail, from }) => nkt.sendEncryptedMessage({ yes: detail }, from) },
   * });
   * other.addEventListener('nktencryptedmessagereceived', ({ detail }) => console.log(detail)); // => { yes: 'tea' }
   * await other.sendEncryptedMessage('tea');
   */
  plugin(plugin: Plugin): LoadedPlugin;
  /**
   * In the order in which they were loaded, which is the order in which their listeners run.
   * @example
   * nkt.plugin({ name: 'yes', listeners: {} });
   * Object.keys(nkt.plugins); // => ['yes']
   * nkt.plugins.yes.errors; // => []
   */
  readonly plugins: Readonly<Record<string, LoadedPlugin>>;
  /**
   * Unloads it; false if it was not loaded.
   * @example
   * nkt.plugin({ name: 'yes', stop: () => console.log('bye') }); // => 'bye'
   * nkt.unplug('yes'); // => true
   * nkt.unplug('yes'); // => false
   */
  unplug(name: string): boolean;

  /**
   * A snapshot of everything that helps to see why something does not work.
   * @example
   * const { relays = [], degree, storage } = nkt.health();
   * relays.map(({ url, state }) => `${url} ${state}`); // => ['wss://nkt.example/relay open']
   * degree; // => 1
   * storage.state; // => 'ok'
   */
  health(): Health;
  /**
   * Those in force.
   * @example
   * nkt.relays; // => ['wss://nkt.example/relay']
   */
  readonly relays: readonly string[];
  /**
   * Those in force.
   * @example
   * const peer = new Nkt();
   * await peer.init({ room: 'green', trackers: ['wss://tracker.example'] });
   * peer.trackers; // => ['wss://tracker.example']
   */
  readonly trackers: readonly string[];
  /**
   * Those in force; which were refused is in health().
   * @example
   * const peer = new Nkt();
   * await peer.init({ room: 'green', iceServers: ['stun:stun.example', 'http://stun.example'] });
   * peer.iceServers; // => [{ urls: ['stun:stun.example'] }]
   * peer.health().iceServers.errors.map(({ index }) => index); // => [1]
   */
  readonly iceServers: readonly IceServer[];
  /**
   * Logs every fact and effect.
   * @example
   * nkt.verbose = true; // in console.debug, or wherever `new Nkt({ log })` says
   * nkt.wake();
   */
  verbose: boolean;
  /**
   * The room in force, null for none.
   * @example
   * nkt.room; // => 'tea'
   */
  readonly room: string | null;
  /**
   * What names the room one is in: 32 hexadecimal digits, others for each name and secret; also for the swarm of somebody else that was
   * joined by address or invite. null: none, or not running. `room` of events and of history() is compared with it.
   * @example
   * nkt.roomId === other.roomId; // => true
   * other.addEventListener('nktencryptedmessagereceived', ({ room }) => console.log(room === other.roomId)); // => true
   * await nkt.sendEncryptedMessage('said here');
   */
  readonly roomId: string | null;
  /**
   * Of nkt.
   * @example
   * nkt.version; // => '0.…'
   */
  readonly version: string;

  /**
   * As every EventTarget's, with the types of NktEventMap. What a listener throws stops nothing here, and is an error that nobody caught:
   * in a page it is told to window, in Node it ends the process. So is a promise that nobody catches.
   * @example
   * nkt.addEventListener('nktencryptedmessagereceived', ({ detail, from, date }) => {
   *   console.log(nkt.userList[from].nick, detail, new Date(date).getFullYear() > 2000); // => 'Bob', 'hello', true
   * }, { once: true });
   * await other.sendEncryptedMessage('hello');
   */
  addEventListener<K extends keyof NktEventMap>(
    type: K, listener: (event: NktEventOf<Messages, K>) => any, options?: boolean | AddEventListenerOptions,
  ): void;
  /** For events that plugins make up. */
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions,
  ): void;
  /**
   * As every EventTarget's, with the types of NktEventMap.
   * @example
   * const listener = ({ detail }: { detail: unknown }) => console.log(detail); // => 'the first'
   * nkt.addEventListener('nktencryptedmessagereceived', listener);
   * await (await other.sendEncryptedMessage('the first')).settled;
   * nkt.removeEventListener('nktencryptedmessagereceived', listener);
   */
  removeEventListener<K extends keyof NktEventMap>(
    type: K, listener: (event: NktEventOf<Messages, K>) => any, options?: boolean | EventListenerOptions,
  ): void;
  /** For events that plugins make up. */
  removeEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions,
  ): void;
}

/**
 * What calls reject with.
 * @example
 * try {
 *   await nkt.sendEncryptedMessage({ items: [{ when: NaN }] }, bob);
 * } catch (error) {
 *   if (!(error instanceof NktError)) throw error;
 *   console.log(error.code, error.path); // => 'NKT_E_VALUE', 'value.items[0].when'
 * }
 */
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
