// SPDX-License-Identifier: GPL-3.0-or-later
// What the types say to an application that declares its messages: compiled by types.test.mjs, never run.
import { Nkt } from '../../../glue/types.js';
import type { NktEventOf, NktMessageEvent, Said } from '../../../glue/types.js';

interface Move { kind: 'move'; x: number; at?: Date; trail: { y: number }[] }
interface Chat { kind: 'chat'; text: string; picture?: Blob }

const game = new Nkt<Move | Chat>();
const move: Move = { kind: 'move', x: 1, trail: [] };
export const said = [
  game.sendEncryptedMessage(move),
  game.sendEncryptedMessage({ kind: 'chat', text: 'hello', picture: new Blob([]) }, 'B'),
  game.send({ kind: 'move', x: 1, at: new Date(0), trail: [{ y: 2 }] }, { bytes: new Uint8Array(1) }),
  game.sendClearMessage(move),
];
// @ts-expect-error no such kind
game.sendEncryptedMessage({ kind: 'mov', x: 1, trail: [] });
// @ts-expect-error a number
game.send({ kind: 'move', x: '1', trail: [] });
// @ts-expect-error not one of them
game.sendEphemeral('hello');
game.addEventListener('nktencryptedmessagereceived', ({ detail, from }) => (detail.kind === 'move' ? detail.x : detail.text + from));
// @ts-expect-error a Chat has none
game.addEventListener('nktencryptedmessagereceived', ({ detail }) => detail.x);
const heard = (event: NktMessageEvent<Move | Chat>) => event.detail.kind;
game.addEventListener('nktclearmessagereceived', heard);
game.removeEventListener('nktclearmessagereceived', heard);

/** Nothing declared: whatever can be said. */
const plain = new Nkt();
class Own { constructor(readonly name: string) {} }
interface Tree { name: string; children: Tree[]; note?: string }
const tree: Tree = { name: 'a', children: [{ name: 'b', children: [] }] };
declare const anything: any;
declare const unknownThing: unknown;
export const more = [
  plain.sendEncryptedMessage(null), plain.sendEncryptedMessage('hello'), plain.sendEncryptedMessage([1, 'a', new Blob([])]),
  plain.sendEncryptedMessage(tree), plain.sendEncryptedMessage(new Own('a')), plain.sendEncryptedMessage(anything),
  plain.sendEncryptedMessage(JSON.parse('1')), plain.sendEncryptedMessage({ when: new Date(0), bytes: new Uint8Array(1) }),
];
// @ts-expect-error a Map arrives as nothing
plain.sendEncryptedMessage(new Map());
// @ts-expect-error a BigInt has no number in JSON
plain.sendEncryptedMessage({ deep: [{ big: 1n }] });
// @ts-expect-error a function
plain.send({ call() {} });
// @ts-expect-error undefined in a list
plain.send([undefined]);
// @ts-expect-error nothing at all
plain.send(undefined);
// @ts-expect-error who does not know what it is does not know that it can be said
plain.send(unknownThing);
// @ts-expect-error a Set, deep in what one's own interface says
plain.sendEphemeral({ list: [{ set: new Set<string>() }] } satisfies { list: { set: Set<string> }[] });

export const answer: Promise<number> = plain.rpc<number>('B', 'add', [1, 2]);
plain.register<[number, number]>('add', ([a, b]) => a + b);
export type Same = Said<Tree>;
export const whole: Same = tree;
export type Ephemeral = NktEventOf<Move, 'nktephemeral'>['detail'];
export const last: Ephemeral = move;

/** As an application and its plugins say what there is, once. */
declare module '../../../glue/types.js' {
  interface NktEventMap { cointossed: CustomEvent<{ side: 'heads' | 'tails' }> }
}
plain.addEventListener('cointossed', ({ detail }) => detail.side === 'heads');
// @ts-expect-error no such side
window.addEventListener('cointossed', ({ detail }) => detail.side === 'edge');
plain.plugin({ name: 'score', listeners: { cointossed: ({ detail }) => detail.side } });
