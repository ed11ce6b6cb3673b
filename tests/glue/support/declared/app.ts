// SPDX-License-Identifier: GPL-3.0-or-later
// An application that says once what its messages are, for every peer and for window: compiled by types.test.mjs, never run.
import { Nkt } from 'nkt';

interface Chat { kind: 'chat'; text: string }

declare module 'nkt' {
  interface NktTypes { messages: Chat }
  interface NktEventMap { cointossed: CustomEvent<{ side: 'heads' | 'tails' }> }
}

const peer = new Nkt();
peer.sendEncryptedMessage({ kind: 'chat', text: 'hello' });
// @ts-expect-error not what was declared
peer.sendEncryptedMessage({ kind: 'chat' });
// @ts-expect-error nor text alone
window.nkt.send('hello');
window.addEventListener('nktencryptedmessagereceived', ({ detail, from }) => detail.text + from);
// @ts-expect-error a Chat has none
peer.addEventListener('nktencryptedmessagereceived', ({ detail }) => detail.colour);
window.addEventListener('cointossed', ({ detail }) => detail.side);
// @ts-expect-error no such side
peer.addEventListener('cointossed', ({ detail }) => detail.side === 'edge');
