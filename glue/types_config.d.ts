// SPDX-License-Identifier: GPL-3.0-or-later
/** The JavaScript API of nkt: what init() takes, and what is replaced of a platform. */
import type { Address } from './types.d.ts';

/** What init() takes; every key may be left out. */
export interface Config {
  /** At most 64 bytes of UTF-8. */
  nick?: string | undefined;
  /** Default: 'nkt'; null: none. */
  room?: string | null | undefined;
  /** Of the room. */
  secret?: string | null | undefined;
  /** ws:// or wss:// URLs, at most 8. */
  relays?: readonly string[] | undefined;
  /** ws:// or wss:// URLs, at most 8. */
  trackers?: readonly string[] | undefined;
  /** A bad entry costs that entry; health().iceServers names it. */
  iceServers?: ReadonlyArray<IceServer | string> | undefined;
  /** Default: 'tab' in pages, 'none' in workers and elsewhere. */
  storage?: StorageChoice | undefined;
  /** Starts as that identity; refused with NKT_E_STATE where another one is stored already. */
  identity?: { file: string; passphrase: string } | null | undefined;
  /** Whether messages are kept for history(), the newest 2,000 or 1 MiB. Default: true; false deletes them; storage 'none' has none. */
  history?: boolean | undefined;
  /** Logs every fact and effect. */
  verbose?: boolean | undefined;
  /**
   * In Node, with `storage: {folder}`: keep, for 7 days and over restarts, what members of the room say to members who are away: sealed,
   * 64 MiB in all, fair shares for each author and recipient. Default: false.
   */
  keeper?: boolean | undefined;
  /**
   * Bytes that contents may take here, in each room; default: 500,000,000. Who was used longest ago goes first, what one shared oneself
   * last.
   */
  contentQuota?: number | undefined;
  /** WebRTC links wanted at most, 1 to 16; a quarter more while links are decided. 0: the default, 16. */
  linkCountMax?: number | undefined;
  /** Where core.wasm is, or its bytes, or the compiled module. */
  wasm?: URL | string | BufferSource | WebAssembly.Module | undefined;
  /** Constructor; null: no relay and no tracker can be reached. Default: the platform's. */
  WebSocket?: (new (url: string, ...rest: any[]) => any) | null | undefined;
  /** Constructor; null: no WebRTC. Default: the platform's. */
  RTCPeerConnection?: (new (config?: any) => any) | null | undefined;
}

/** A STUN or TURN server, as RTCPeerConnection takes it. */
export interface IceServer {
  /** stun:, stuns:, turn: or turns: URLs. */
  urls: string | string[];
  /** Of a TURN server. */
  username?: string | undefined;
  /** Its password. */
  credential?: string | undefined;
}

/**
 * 'tab': lives as long as the tab, survives reloads. {passphrase}: kept in this browser, `name` is one of several and no nick; one tab
 * at a time has it (NKT_E_IN_USE), a wrong passphrase is NKT_E_PASSPHRASE and changes nothing. existing: NKT_E_STORAGE, instead of
 * somebody new, when nobody is kept under that name. {folder}: in Node, one process at a time; without a passphrase its key lies in the
 * folder. Passphrases: 1 to 1,024 bytes; Argon2id, 64 MiB, three passes.
 */
export type StorageChoice =
  | 'tab' | 'none' | { passphrase: string; name?: string | undefined; existing?: boolean | undefined }
  | { folder: string; passphrase?: string | undefined };

/** An identity that is kept in this browser: what a person chooses from, before it is opened. Labels, read from storage. */
export interface KeptIdentity {
  /** For config.storage.name and forgetKept(). */
  readonly name: string;
  /** '' if an older version stored it and it was not opened since. */
  readonly address: Address;
  /** What it was called last. */
  readonly nick: string;
  /** Unix ms when it was opened or renamed last; 0 as above. */
  readonly usedAt: number;
}

/** Parts of the platform, for tests and unusual hosts; each replaces what is found. */
export interface Platform {
  /** Monotonic and Unix milliseconds. */
  clock: { now(): number; wall(): number };
  /** As the global ones. */
  timers: { setTimeout(f: () => void, ms: number): any; clearTimeout(timer: any): void };
  /** getRandomValues(), and subtle for what is kept. */
  crypto: Crypto;
  /** As in Config, for every init(). */
  WebSocket: Config['WebSocket'];
  /** As in Config, for every init(). */
  RTCPeerConnection: Config['RTCPeerConnection'];
  /** Whether this is a browser: what storage there is, and its default. */
  hasTabs: boolean;
  /** Whether this is a worker of a browser: no storage 'tab', which is no default there. */
  isWorker: boolean;
  /** null: there is none. */
  indexedDB: IDBFactory | null;
  /** Web Locks; null: there are none. */
  locks: LockManager | null;
  /** sessionStorage: which identity is this tab's, what a page that goes away leaves; null: there is none. */
  session: Storage | null;
  /** localStorage: the list of identities that are kept; null: there is none. */
  local: Storage | null;
  /** Asks the browser not to evict what is stored. */
  persist(): void;
  /** Where faults go, and facts and effects when `verbose`. */
  log: { error(...args: unknown[]): void; debug(...args: unknown[]): void };
  /** Where core.wasm is, for every init() that does not say. */
  wasm: URL | string;
  /** Where derive_worker.js is, for a page that lets scripts in by a policy; null: beside the other files. */
  worker: string | null;
  /** Where content_worker.js is, in the same way. */
  contentWorker: string | null;
  /** Whether there is a private file system (OPFS): contents lie there, otherwise in indexedDB. */
  privateFiles: boolean;
  /**
   * The window. A peer that runs leaves with a good-bye when the page goes away, comes back when it is taken from the back/forward cache,
   * and looks after its connections when it was hidden, frozen or offline. null: none (workers, Node), or whoever uses it sees to that by
   * `close({immediate: true})`, `resume()` and `wake()`.
   */
  page: (EventTarget & { document: Document }) | null;
  /** Where every event is dispatched as well, and where plugins listen. */
  mirror: EventTarget | null;
  /** Fills up what init() is given. */
  defaults(onLater: (settings: Config) => void): Config | Promise<Config>;
}
