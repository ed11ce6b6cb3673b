// SPDX-License-Identifier: GPL-3.0-or-later
/** The JavaScript API of nkt: plugins. How they are used: docs/plugins.md. */
import type { Address, Nkt } from './types.d.ts';
import type { NktEventMap } from './types_event.d.ts';
import type { CallContext } from './types_user.d.ts';
import type { Said } from './types_value.d.ts';

/** By event name; those that plugins make up as well. */
export type PluginListeners =
  { [K in keyof NktEventMap]?: (event: NktEventMap[K]) => unknown } & { [type: string]: (event: any) => unknown };

/** What nkt.plugin() takes: listeners, calls, commands, and what happens when it is loaded and unloaded. */
export interface Plugin {
  /** By which it is known, replaced and unloaded. */
  name: string;
  /** By event name. */
  listeners?: PluginListeners | undefined;
  /** By name: registered while the plugin is loaded, as by nkt.register(). */
  calls?: { [name: string]: (value: any, context: CallContext) => unknown } | undefined;
  /** By what is typed behind the slash: small letters, at most 32. */
  commands?: { [name: string]: PluginCommand } | undefined;
  /** Messages of its own that the page shows, by any name. */
  messages?: { [name: string]: PluginMessageType } | undefined;
  /** What it throws unloads the plugin and is thrown by nkt.plugin(). */
  init?(nkt: Nkt, context: PluginContext): unknown;
  /** When it is unloaded. */
  stop?(nkt: Nkt): unknown;
}

/** What init() is given. Storage and state begin their work when they are taken out of it. */
export interface PluginContext {
  /** Aborted when the plugin is unloaded. */
  readonly signal: AbortSignal;
  /** What it keeps, with the identity. */
  readonly storage: PluginStorage;
  /** What it shares with the same plugin of others in the room. Its name has at most 40 letters then. */
  readonly state: PluginState;
  /** Places of the page; undefined where there is none. */
  readonly ui: PluginUi | undefined;
}

/** A line that begins with a slash. */
export interface PluginCommand {
  /** Such as '/poll QUESTION ANSWER...'; read when it is shown. */
  readonly usage?: string | undefined;
  /** What it does. */
  readonly help?: string | undefined;
  /** args: words, or what was typed in quotes. Text that it returns, or resolves to, is shown to the person; so is what it throws. */
  run(args: string[], context: PluginCommandContext): unknown;
  /** What the argument of that index may become; `args[index]` is what is typed of it. At once: no promise. */
  complete?(args: string[], index: number): readonly string[];
}

/** What a command is told beside its arguments. */
export interface PluginCommandContext {
  /** By which it was called. */
  readonly name: string;
  /** What was typed behind it, as it was typed. */
  readonly rest: string;
  /** As the command has it. */
  readonly usage: string;
  /** Shows something to the person, and to nobody else. */
  reply(answer: unknown, kind?: 'info' | 'error'): void;
}

/** A kind of message that a plugin sends, and how the page shows it. Pages without the plugin show the value's `text`, if it has one. */
export interface PluginMessageType<T = any> {
  /** Values that are objects with this key are of this type. */
  readonly key?: string | undefined;
  /** Or those of which this says so; with a key, of those with the key. */
  test?(value: T): boolean;
  /** What is shown in place of a text; null: the text. Called again when the plugin is loaded anew. */
  render?(value: T, context: PluginMessageContext): Node | null;
  /** What it says in words: for notifications, and where there is no body. */
  text?(value: T): string;
}

/** Of which message it is. */
export interface PluginMessageContext {
  /** The proven sender. */
  readonly from: Address;
  /** 32 hexadecimal digits; '' of one's own that was not given one yet. */
  readonly id: string;
  /** When it was said. */
  readonly date: Date;
  /** Whether one said it oneself. */
  readonly own: boolean;
}

/**
 * What a plugin keeps: JSON, with the identity and as long, sealed as the identity is; 256 keys and 65,536 bytes. With storage 'none', or
 * where storage is blocked, it is gone with the peer. Before init() it waits for that call. NKT_E_ARGUMENT (the key: 1 to 128 letters),
 * NKT_E_VALUE, NKT_E_QUOTA, NKT_E_STATE.
 */
export interface PluginStorage {
  /** A copy; undefined: there is none. */
  get(key: string): Promise<any>;
  /** Resolves when it is kept. */
  set<T>(key: string, value: (T & Said<T>) | undefined): Promise<void>;
  /** The same. */
  delete(key: string): Promise<void>;
  /** In the order in which they were first set. */
  keys(): Promise<string[]>;
}

/**
 * Small values that everybody who has the plugin sees, of each author his own: 64 keys and 16,384 bytes of JSON. They are said to others in
 * remote calls, encrypted, are in no talk and no history, and are kept with their author's identity, for one room each. Who comes later
 * gets them from their authors; of one who is away when he is back. His newest ones hold.
 */
export interface PluginState {
  /** Frozen; undefined: there is none, or it did not come yet. Without an address one's own. */
  get(key: string, addr?: Address): any;
  /** Of everybody who has one, oneself included. */
  all(key: string): Map<Address, any>;
  /** Sets one's own. Resolves when it is kept here; others are told next. Errors as of PluginStorage. */
  set<T>(key: string, value: (T & Said<T>) | undefined): Promise<void>;
  /** Takes one's own back. */
  delete(key: string): Promise<void>;
  /** Calls it with every change from now on, until the plugin is unloaded or the function that it returns is called. */
  watch(listener: (change: PluginStateChange) => unknown): () => boolean;
}

/** A value that is other now. */
export interface PluginStateChange {
  /** Which. */
  readonly key: string;
  /** Its author, proven. */
  readonly from: Address;
  /** undefined: it is gone, or nothing is known of its author any more. */
  readonly value: any;
  /** Whether it is one's own. */
  readonly own: boolean;
}

/** A button of a plugin. */
export interface PluginButton {
  /** What it does, in words: read aloud, and shown when one points at it. */
  label: string;
  /** A sign or two, or the name of one of the page's icons; none: the label stands in the button. */
  icon?: string | undefined;
  /** What it throws is a fault of the plugin. */
  onClick(event: MouseEvent): unknown;
}

/** Places of the page. What is put there goes when the plugin is unloaded. */
export interface PluginUi {
  /** Above the talk. */
  readonly header: {
    /** Beside the room's name. */
    button(button: PluginButton): HTMLButtonElement;
  };
  /** At the side. */
  readonly panel: {
    /** An element at the end of the side panel, under that title. */
    section(section: { title: string }): HTMLElement;
  };
  /** Where one writes. */
  readonly composer: {
    /** Beside the line. */
    button(button: PluginButton): HTMLButtonElement;
    /** A row above the line, read aloud when it changes, not there while it is empty. */
    row(): HTMLElement;
    /**
     * Says a value as if it were typed, shown in the talk if it is for people: to one user, to everybody in the room (''), or without `to`
     * to whom the line is for. Resolves to its id, '' if it was cancelled. Errors as of sendEncryptedMessage().
     */
    say<T>(value: T & Said<T>, to?: Address | ''): Promise<string>;
    /** Runs with each change of what is typed, until it is sent: '' then. */
    onInput(listener: (text: string) => unknown): void;
  };
  /** Each in the talk. */
  readonly message: {
    /** Among what one can do with a message. applies: to which; none: to all. */
    action(action: {
      label: string; icon?: string | undefined; applies?(message: PluginMessage): boolean; run(message: PluginMessage): unknown;
    }): void;
  };
}

/** A message that is shown. */
export interface PluginMessage extends PluginMessageContext {
  /** What it is in the page. */
  readonly node: HTMLElement;
}

/** A line that began with a slash, in whatever has such lines. Who knows the command calls preventDefault(). */
export interface CommandDetail {
  /** In small letters, without the slash. */
  readonly name: string;
  /** What stands behind it. */
  readonly rest: string;
  /** Shows something to the person. An error is said in the person's language, where it has a code. */
  reply(answer: unknown, kind?: 'info' | 'error'): void;
}

/** Which commands there are is asked for. */
export interface CommandListDetail {
  /** Tells of one. */
  add(command: { name: string; usage?: string; help?: string; complete?: PluginCommand['complete'] }): void;
}

/** A plugin that is loaded. */
export interface LoadedPlugin extends Readonly<Plugin> {
  /** The newest faults. */
  readonly errors: Array<{ where: string; error: unknown }>;
}

/** A plugin is being loaded: whoever has places for it gives them before its init(). */
export interface PluginOffer {
  /** Which. */
  readonly plugin: LoadedPlugin;
  /** Aborted when it is unloaded. */
  readonly signal: AbortSignal;
  /** Calls code of the plugin; what it throws is reported as its fault, and the answer is false. */
  guard(where: string, call: () => unknown): boolean;
  /** Goes to init(). */
  ui: PluginUi | undefined;
}
