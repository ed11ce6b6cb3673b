// SPDX-License-Identifier: GPL-3.0-or-later
// What the types say of values that can be said: compiled by types.test.mjs, never run.
import { Nkt } from '../../../glue/types.js';
import type {
  Bytes, Content, Delivery, HistoryEntry, NktMessageEvent, NktSendingEvent, Sendable, SendOptions,
} from '../../../glue/types.js';

const buffer = new ArrayBuffer(8);
export const good = [
  null, true, 1, 'a', [1, ['a']], { a: { b: [null] }, left: undefined }, new Date(0), buffer, new Uint8Array(buffer), new DataView(buffer),
  new BigInt64Array(1), new Blob([]), new File([], 'a'), { $: [new Blob([])], deep: { view: new Float32Array(1) } },
] satisfies Sendable[];
// @ts-expect-error a Map arrives as nothing
export const map: Sendable = new Map();
// @ts-expect-error nor a function
export const call: Sendable = { call() {} };
// @ts-expect-error a BigInt has no number in JSON
export const big: Sendable = [1n];
// @ts-expect-error in a list
export const hole: Sendable = [undefined];
// @ts-expect-error shared memory
export const shared: Bytes = new Uint8Array(new SharedArrayBuffer(1));

const options: SendOptions = {
  to: 'B', bytes: new Blob([]), signal: AbortSignal.abort(), onProgress: ({ loaded, total }) => loaded + total,
};
export const said: Promise<Delivery> = new Nkt().send({ a: 1 }, options);
const add: Promise<number> = new Nkt().rpc<number>('B', 'add', { a: 1 });
// @ts-expect-error as what is said
export const call2 = (value: Map<string, number>) => [add, new Nkt().rpc('B', 'add', value)];
new Nkt().plugin({
  name: 'kept',
  init(_nkt, { storage, state, ui }) {
    // @ts-expect-error as what is said
    storage.set('key', new Map());
    // @ts-expect-error
    state.set('key', () => 1);
    // @ts-expect-error
    ui?.composer.say(1n);
  },
});
// @ts-expect-error bytes are bytes
export const text: SendOptions = { bytes: 'a' };

type Heard = NktMessageEvent<{ a: Uint8Array<ArrayBuffer> }>;
export function heard(event: Heard, entry: HistoryEntry, sending: NktSendingEvent): (Bytes | Content | null)[] {
  sending.bytes = new Blob([]);
  sending.replace([new Uint8Array(1)]);
  // @ts-expect-error what was heard is not changed
  event.bytes = null;
  return [event.bytes, event.detail.a, entry.bytes ?? null];
}
