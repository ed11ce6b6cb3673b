// SPDX-License-Identifier: GPL-3.0-or-later
// What the types of nkt/yjs, nkt/react and nkt/room let one write, and what not: compiled by types.test.mjs, never run.
import { Doc } from 'yjs';
import { Nkt } from '../../../glue/types.js';
import type { Delivery } from '../../../glue/types.js';
import { useDelivery, useMessages, useNkt, useUsers } from '../../../glue/react/react.js';
import type { NktRoomElement } from '../../../glue/room/room.js';
import { NktProvider } from '../../../glue/yjs/provider.js';

const provider = new NktProvider(new Nkt(), new Doc(), { name: 'notes', awareness: null, connect: false });
export const told: [boolean, 'connected' | 'connecting' | 'disconnected', readonly string[], string | null] =
  [provider.synced, provider.status, provider.peers, provider.addressOf(1)];
provider.on('peers', ({ added, removed }, from) => [...added, ...removed, from.name]);
provider.on('status', ({ status }) => status === 'connected');
// @ts-expect-error no such state
provider.on('status', ({ status }) => status === 'open');
// @ts-expect-error a flag
provider.on('synced', (isSynced) => isSynced.length);
// @ts-expect-error without a document
export const none = new NktProvider(new Nkt());
// @ts-expect-error a peer comes first
export const turned = new NktProvider(new Doc(), new Nkt());
// @ts-expect-error of y-webrtc
export const other = new NktProvider(new Nkt(), new Doc(), { password: 'secret' });
// @ts-expect-error a name is text
export const numbered = new NktProvider(new Nkt(), new Doc(), { name: 1 });
// @ts-expect-error told, not set
provider.synced = true;
// @ts-expect-error a client id is a number
provider.addressOf('1');

interface Chat { kind: 'chat'; text: string }
export function Room() {
  const { nkt, status, address, error } = useNkt<Chat>({ nick: 'Ada', room: 'tea' });
  const { messages, send } = useMessages(nkt, { count: 10 });
  const delivery: Delivery | null | undefined = messages[0]?.delivery;
  const { delivered, total } = useDelivery(nkt, delivery);
  send({ kind: 'chat', text: 'hello' }, { to: address });
  // @ts-expect-error not what was declared
  send('hello');
  // @ts-expect-error an option that there is not
  send({ kind: 'chat', text: 'hello' }, { recipient: address });
  // @ts-expect-error null before it runs
  nkt.close();
  // @ts-expect-error no such status
  if (status === 'open') return [];
  // @ts-expect-error what was rendered is not changed
  messages.push(messages[0]);
  // @ts-expect-error as it is now, not to be changed
  useUsers(nkt)[0].nick = 'Eve';
  // @ts-expect-error a key that init() does not know
  useNkt({ nickname: 'Ada' });
  // @ts-expect-error a delivery, not its id
  useDelivery(nkt, messages[0].id);
  if (status === 'failed') return [error.code === 'NKT_E_OPTIONS', error.message];
  const none: null = error;
  return [none, delivered / total, useUsers(nkt).map(({ nick }) => nick)];
}

export function peerOf(room: NktRoomElement) {
  // @ts-expect-error null while it does not run
  room.nkt.health();
  return document.querySelector('nkt-room')?.nkt;
}
