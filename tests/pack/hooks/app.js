// SPDX-License-Identifier: GPL-3.0-or-later
// An application with nkt/react: built for a browser, where StrictMode mounts everything twice, and rendered on a server.
import { createElement as h, StrictMode, useEffect, useState } from 'react';
import { useDelivery, useMessages, useNkt, useUsers } from 'nkt/react';

function Message({ nkt, message }) {
  const { total, delivered, isSettled } = useDelivery(nkt, message.delivery);
  return h('li', { 'data-delivered': delivered, 'data-total': total, 'data-settled': String(isSettled) }, String(message.value));
}

function Room({ config }) {
  const { nkt, status, address, error } = useNkt(config);
  const users = useUsers(nkt);
  const { messages, send } = useMessages(nkt);
  useEffect(() => {
    globalThis.sends = (globalThis.sends ?? new Set()).add(send);
  }, [send]);
  globalThis.peers?.add(nkt);
  return h('main', { 'data-status': status, 'data-address': address, 'data-error': error?.code },
    h('ul', { id: 'users' }, users.map(({ addr, nick }) => h('li', { key: addr }, nick))),
    h('ol', { id: 'messages' }, messages.map((message) => h(Message, { key: message.id, nkt, message }))),
    h('button', { onClick: () => send('hello from react') }, 'say'));
}

/** @param {{config: object|null}} props the configuration is another object in each rendering */
export function App({ config }) {
  const [change, setChange] = useState({});
  const [isShown, setShown] = useState(true);
  useEffect(() => {
    globalThis.app = { setChange, setShown };
  }, []);
  return h(StrictMode, null, isShown && h(Room, { config: config && { ...config, ...change } }));
}
