// SPDX-License-Identifier: GPL-3.0-or-later
/** The JavaScript API of nkt: contents. */
import type { Address } from './types.d.ts';

/**
 * What a content is here. 'known': it was told of, and nothing of it is kept. 'waiting': nobody is here who has what is missing. 'paused':
 * nobody wants it at the moment. 'full': there is no room.
 */
export type ContentState = 'known' | 'waiting' | 'fetching' | 'complete' | 'paused' | 'full';

/** Bytes that somebody shared: what their name says, checked by the core, and how far they have come here; live. */
export interface Content {
  /** 32 hexadecimal digits, the same for all who know it. */
  readonly id: string;
  /** What it is to be called as a file: no path, no control characters nor such as turn text around, at most 255 bytes; '': none. */
  readonly name: string;
  /** A media type, as its sender says: to be shown, not to be trusted; '': nothing was said. */
  readonly type: string;
  /** In bytes; proven by what comes. */
  readonly size: number;
  /** A small picture of it, at most 16 KiB, as its sender made it: of any format, or none. A copy. */
  readonly thumbnail: Uint8Array | null;
  /** Who told of it; null: oneself. */
  readonly from: Address | null;
  /** It was shared here. */
  readonly own: boolean;
  /** To be held for others: what is fetched is given on, and cannot be read (NKT_E_CONTENT_UNKNOWN) until it is told of as it is. */
  readonly sealed: boolean;
  /** See ContentState. */
  readonly state: ContentState;
  /** Bytes that are here. */
  readonly loaded: number;
  /** Neighbours who know it: how many. */
  readonly sources: number;
  /** The same: who, and how much of it each says he has. */
  readonly holders: ReadonlyArray<ContentHolder>;
  /** There is no link to anybody who has it: it comes over a relay, slowly, and up to 1 MiB only. */
  readonly relayed: boolean;
}

/** A neighbour who knows a content. */
export interface ContentHolder {
  /** Proven by the link. */
  readonly addr: Address;
  /** Bytes of it that he says he has; of its author: all. */
  readonly loaded: number;
}

/** How far it has come. */
export interface ContentProgress {
  /** Bytes. */
  readonly loaded: number;
  /** Bytes; of a stream that is being shared: so far. */
  readonly total: number;
  /** Neighbours who know it. */
  readonly sources: number;
  /** 'sharing': it is being read and sealed. */
  readonly state: ContentState | 'sharing';
}

/** How a content is shared. */
export interface ShareOptions {
  /** None: everybody. */
  to?: Address | undefined;
  /** Default: a File's, made fit and cut. NKT_E_MANIFEST: a path, control characters, a turned direction, more than 255 bytes. */
  name?: string | undefined;
  /** Default: a Blob's, if it is a MIME type. NKT_E_MANIFEST: none. */
  type?: string | undefined;
  /** A small picture of it, at most 16 KiB: it travels in the message. */
  thumbnail?: Uint8Array | null | undefined;
  /** To who is to hold it for others: he can fetch it and give it on, not read it; of it he learns its size, and who asks. */
  sealed?: boolean | undefined;
  /** Gives it up before it is said: nothing of it stays. */
  signal?: AbortSignal | undefined;
  /** How much of it is sealed and stored. */
  onProgress?: ((progress: ContentProgress) => void) | undefined;
}

/** How a content is fetched. */
export interface FetchOptions {
  /** What waits rejects with NKT_E_CANCELLED; what is here stays, and fetch() goes on with it. */
  signal?: AbortSignal | undefined;
  /** How much of it is here; a few times a second. */
  onProgress?: ((progress: ContentProgress) => void) | undefined;
}

/** A content on its way, or here, to be read as a Response. Each may be called more than once. */
export interface FetchedContent {
  /** Which one. */
  readonly content: Content;
  /** In bytes. */
  readonly size: number;
  /** As its sender says. */
  readonly type: string;
  /** Resolves when all of it is here, and proven; rejects with NKT_E_CANCELLED, NKT_E_QUOTA, NKT_E_STOPPED. */
  readonly complete: Promise<void>;
  /**
   * In order, as pieces come: those that are read next are fetched first. Of a part: from start (default 0) to before end (default: size),
   * in bytes; NKT_E_ARGUMENT: it is none.
   */
  stream(part?: { start?: number | undefined; end?: number | undefined }): ReadableStream<Uint8Array>;
  /** When it is complete. */
  blob(): Promise<Blob>;
  /** When it is complete; all of it in memory. */
  arrayBuffer(): Promise<ArrayBuffer>;
  /** The same as UTF-8. */
  text(): Promise<string>;
}
