// SPDX-License-Identifier: GPL-3.0-or-later
/** The JavaScript API of nkt: values. */
import type { ContentProgress } from './types_content.d.ts';
import type { Address } from './types.d.ts';

/** What JSON can carry. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Bytes that can be said, within a value or beside it. Of shared memory a copy is wanted. */
export type Bytes = ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;

/**
 * What can be said: JSON and bytes; also what has toJSON(), such as a Date, which arrives as that says. A property that is undefined is
 * left out. For `satisfies`: an interface is no such type for TypeScript, though its objects can be said.
 */
export type Sendable = null | boolean | number | string | Bytes | { toJSON(key: string): unknown } | readonly Sendable[]
  | { readonly [key: string]: Sendable | undefined };

/**
 * T where it can be said; with never in place of what cannot, so that the compiler names the place: a Map, a function, a BigInt, undefined
 * in a list, what is `unknown`. Interfaces and types of one's own pass, which `Sendable` does not let through.
 */
export type Said<T> =
  T extends null | boolean | number | string | ArrayBuffer | ArrayBufferView | Blob | { toJSON(key: string): unknown } ? T
    : T extends ((...args: never) => unknown) | symbol | bigint | undefined ? never
      : T extends readonly unknown[] ? { [I in keyof T]: Said<T[I]> }
        : T extends object ? { [K in keyof T]: Said<Exclude<T[K], undefined>> | Extract<T[K], undefined> }
          : never;

/** How a value is said. */
export interface SendOptions {
  /** None: everybody. */
  to?: Address | undefined;
  /** Said beside the value: `event.bytes` there. */
  bytes?: Bytes | null | undefined;
  /** Gives it up before it is said (NKT_E_CANCELLED): nothing of it stays. */
  signal?: AbortSignal | undefined;
  /** How much is sealed and stored of what is too large for a message. */
  onProgress?: ((progress: ContentProgress) => void) | undefined;
}
