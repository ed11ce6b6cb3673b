// SPDX-License-Identifier: GPL-3.0-or-later
/** The JavaScript API of nkt: events. */
import type { Content } from './types_content.d.ts';
import type { FrameDetail, Health } from './types_health.d.ts';
import type { CommandDetail, CommandListDetail, PluginOffer } from './types_plugin.d.ts';
import type { Address, NktTypes } from './types.d.ts';
import type { DeliveryState, SessionState } from './types_user.d.ts';
import type { Bytes, Sendable } from './types_value.d.ts';

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
  /**
   * Somebody became known; also when he is back, or can be reached another way.
   * @example
   * nkt.addEventListener('nktnewpeer', ({ detail }) => console.log(nkt.userList[detail.data.addr].nick)); // => 'Carl'
   * const carl = new Nkt();
   * await carl.init({ nick: 'Carl', room: 'tea', relays: ['wss://nkt.example/relay'] });
   */
  nktnewpeer: CustomEvent<{ readonly data: { readonly addr: Address } }>;
  /**
   * Somebody who could be reached said good-bye, fell silent or was forgotten; nktnewpeer tells when he is back.
   * @example
   * const carl = new Nkt();
   * await carl.init({ nick: 'Carl', room: 'tea', relays: ['wss://nkt.example/relay'] });
   * await carl.peer(bob);
   * other.addEventListener('nktpeerleft', ({ detail }) => console.log(other.userList[detail.data.addr].nick)); // => 'Carl'
   * await carl.close();
   */
  nktpeerleft: CustomEvent<{ readonly data: { readonly addr: Address } }>;
  /**
   * A verified frame came in, once each.
   * @example
   * nkt.addEventListener('nktincomingdata', ({ detail: { data } }) => console.log(data.msgFrom, data.fromChannel)); // => bob, 'webrtc'
   * await other.sendEncryptedMessage('hello');
   */
  nktincomingdata: CustomEvent<FrameDetail>;
  /**
   * A frame went out, once each.
   * @example
   * nkt.addEventListener('nktoutgoingdata', ({ detail: { data } }) => console.log(data.msgTo, data.size > 100)); // => bob, true
   * await nkt.sendEncryptedMessage('hello');
   */
  nktoutgoingdata: CustomEvent<FrameDetail>;
  /**
   * A message came, encrypted; `detail` is what was said, `bytes` what was said beside it. Once each, also over reloads.
   * @example
   * nkt.addEventListener('nktencryptedmessagereceived', ({ detail, from, encrypted }) => {
   *   console.log(detail, from, encrypted); // => 'hello', bob, true
   * });
   * await other.sendEncryptedMessage('hello');
   */
  nktencryptedmessagereceived: NktMessageEvent;
  /**
   * A message came that was signed only; `detail` is what was said. Never one that was said encrypted.
   * @example
   * nkt.addEventListener('nktclearmessagereceived', ({ detail, from, encrypted }) => {
   *   console.log(detail, from, encrypted); // => 'hello', bob, false
   * });
   * await other.sendClearMessage('hello');
   */
  nktclearmessagereceived: NktMessageEvent;
  /**
   * Somebody said what may be lost (sendEphemeral); of one sender each is later than all before it.
   * @example
   * nkt.addEventListener('nktephemeral', ({ detail, from, to }) => console.log(detail, from, to)); // => { typing: true }, bob, null
   * await other.sendEphemeral({ typing: true });
   */
  nktephemeral: NktEphemeralEvent;
  /**
   * Somebody shared a content, which came in an encrypted message; nothing of it is fetched by itself.
   * @example
   * nkt.addEventListener('nktcontent', ({ detail }) => console.log(detail.name, detail.state)); // => 'notes.txt', 'known'
   * await other.share(file);
   */
  nktcontent: NktMessageEvent<Content>;
  /**
   * A content that is kept here has come further, or not any more; four times a second at most.
   * @example
   * nkt.addEventListener('nktcontentstate', ({ detail }) => console.log(detail.name, detail.state)); // => 'notes.txt', 'complete'
   * nkt.addEventListener('nktcontent', ({ detail }) => nkt.fetch(detail));
   * await other.share(file);
   */
  nktcontentstate: CustomEvent<Content>;
  /**
   * A message is about to be encrypted and sent. Cancelable: nothing is sent then.
   * @example
   * nkt.addEventListener('nktsendingmessage', (event) => {
   *   if (event.detail === 'secret') event.preventDefault();
   *   else event.replace(`${event.detail}!`);
   * });
   * (await nkt.sendEncryptedMessage('secret')).cancelled; // => true
   * other.addEventListener('nktencryptedmessagereceived', ({ detail }) => console.log(detail)); // => 'hello!'
   * await nkt.sendEncryptedMessage('hello');
   */
  nktsendingmessage: NktSendingEvent;
  /**
   * A WebRTC link is up, authenticated as that address.
   * @example
   * nkt.addEventListener('nktwebrtcseen', ({ detail }) => console.log(detail === carl.mySwarm.address())); // => true
   * const carl = new Nkt();
   * await carl.init({ nick: 'Carl', room: 'tea', relays: ['wss://nkt.example/relay'] });
   */
  nktwebrtcseen: CustomEvent<Address>;
  /**
   * It is down.
   * @example
   * const carl = new Nkt();
   * await carl.init({ nick: 'Carl', room: 'tea', relays: ['wss://nkt.example/relay'] });
   * const address = carl.mySwarm.address();
   * nkt.addEventListener('nktwebrtcleft', ({ detail }) => console.log(detail === address)); // => true
   * await carl.startWebRTCClient(nkt.mySwarm.address());
   * await carl.close();
   */
  nktwebrtcleft: CustomEvent<Address>;
  /**
   * A session is being set up ('pending'), was established, set up again ('rekeyed') or lost.
   * @example
   * nkt.addEventListener('nktsession', ({ detail }) => console.log(detail.state)); // => 'established'
   * const carl = new Nkt();
   * await carl.init({ nick: 'Carl', room: 'tea', relays: ['wss://nkt.example/relay'] });
   */
  nktsession: CustomEvent<{ readonly addr: Address; readonly state: SessionState | 'rekeyed' }>;
  /**
   * A message came further with one of its recipients; `reason` of one that failed.
   * @example
   * nkt.addEventListener('nktdelivery', ({ detail: { addr, state } }) => console.log(addr, state)); // => bob, 'delivered'
   * await nkt.sendEncryptedMessage('hello');
   */
  nktdelivery: CustomEvent<{
    readonly id: string; readonly addr: Address; readonly state: DeliveryState; readonly reason?: string;
  }>;
  /**
   * A nick that looks like a known one, in the room or of a verified user, is used by somebody with other keys. Once an hour for each
   * pair, and of eight nicks of one user.
   * @example
   * nkt.addEventListener('nktkeychanged', ({ detail }) => console.log(detail.nick, detail.previous)); // => 'Bob', bob
   * const carl = new Nkt();
   * await carl.init({ nick: 'Bob', room: 'tea', relays: ['wss://nkt.example/relay'] }); // not the Bob who is known
   */
  nktkeychanged: CustomEvent<KeyChangedDetail>;
  /**
   * A line began with a slash. Of pages and programs that have such lines; nkt itself fires none. Cancelable, by who knows the command.
   * @example
   * nkt.plugin({ name: 'adder', commands: { add: { run: ([a, b]) => String(Number(a) + Number(b)) } } });
   * const reply = (answer: unknown) => console.log(answer); // => '3'
   * nkt.dispatchEvent(new CustomEvent('nktcommand', { cancelable: true, detail: { name: 'add', rest: '1 2', reply } }));
   */
  nktcommand: CustomEvent<CommandDetail>;
  /**
   * Help is wanted, or a command is being typed.
   * @example
   * nkt.plugin({ name: 'adder', commands: { add: { usage: '/add A B', run: ([a, b]) => String(Number(a) + Number(b)) } } });
   * const add = ({ usage }: { usage?: string }) => console.log(usage); // => '/add A B'
   * nkt.dispatchEvent(new CustomEvent('nktcommandlist', { detail: { add } }));
   */
  nktcommandlist: CustomEvent<CommandListDetail>;
  /**
   * A plugin is being loaded: whoever has places for it gives them now.
   * @example
   * nkt.addEventListener('nktplugin', ({ detail }) => console.log(detail.plugin.name)); // => 'adder'
   * nkt.plugin({ name: 'adder' });
   */
  nktplugin: CustomEvent<PluginOffer>;
  /**
   * A plugin threw, or rejected. `where`: an event, a call, 'init', 'stop', 'state', 'load' (into another room), or a place of the page.
   * @example
   * nkt.addEventListener('nktpluginerror', ({ detail }) => console.log(detail.name, detail.where)); // => 'bad', 'nktephemeral'
   * nkt.plugin({ name: 'bad', listeners: { nktephemeral: ({ detail }) => detail.no.such.thing } });
   * await other.sendEphemeral('hello');
   */
  nktpluginerror: CustomEvent<{ readonly name: string; readonly where: string; readonly error: unknown }>;
  /**
   * Something of health() is other now; four times a second at most.
   * @example
   * const carl = new Nkt();
   * carl.addEventListener('nktstatus', ({ detail }) => console.log(detail.relays?.[0].state)); // => 'open'
   * await carl.init({ nick: 'Carl', room: 'green', relays: ['wss://nkt.example/relay'] });
   */
  nktstatus: CustomEvent<Health>;
  /**
   * A key is being made of a passphrase: part of a second to a few.
   * @example
   * nkt.addEventListener('nktderiving', ({ detail }) => console.log(detail.state)); // => 'started'
   * await nkt.exportIdentity('a long passphrase');
   */
  nktderiving: CustomEvent<{ readonly state: 'started' | 'ended' }>;
  /**
   * The core stopped by a fault of its own and another one goes on with what is stored; ms: how long that took.
   * @example
   * nkt.addEventListener('nktrestarted', ({ detail }) => console.log(`back after ${detail.ms} ms`)); // => 'back after … ms'
   */
  nktrestarted: CustomEvent<{ readonly at: number; readonly message: string; readonly ms: number }>;
}

/** An event of a peer whose messages are those. */
export type NktEventOf<Messages, Type extends keyof NktEventMap> =
  Type extends 'nktencryptedmessagereceived' | 'nktclearmessagereceived' ? NktMessageEvent<Messages>
    : Type extends 'nktephemeral' ? NktEphemeralEvent<Messages>
      : NktEventMap[Type];
