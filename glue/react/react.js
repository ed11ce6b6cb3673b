'use client';
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Hooks for React: a peer that lives as long as the component, and what it knows as what is rendered. See docs/react.md and react.d.ts.
 * Nothing is begun while rendering, so nothing on a server.
 */
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { keyOf } from './key.js';
import { NO_DELIVERY, DeliveryView } from './delivery.js';
import { COUNT, NO_MESSAGES, MessagesView } from './messages.js';
import { NO_PEER, Seat } from './seat.js';
import { NO_USERS, UsersView } from './users.js';

/** @typedef {import('../types.d.ts').Nkt<any>} Nkt */

/**
 * @template T @param {{subscribe: (changed: () => void) => () => void, get: () => T}} view
 * @param {T} before what is rendered on a server, and first in the browser
 */
function useView(view, before) {
  return useSyncExternalStore(view.subscribe, view.get, () => before);
}

/** @param {import('../types.d.ts').Config|null} [config] */
export function useNkt(config = null) {
  const [seat] = useState(() => new Seat());
  const key = keyOf(config);
  useEffect(() => (config === null ? undefined : seat.take(key, config)), [seat, key]); // the same key is the same config
  return useView(seat, NO_PEER);
}

/** @param {Nkt|null} nkt */
export function useUsers(nkt) {
  return useView(useMemo(() => new UsersView(nkt), [nkt]), NO_USERS);
}

/** @param {Nkt|null} nkt @param {{count?: number}} [options] */
export function useMessages(nkt, { count = COUNT } = {}) {
  const view = useMemo(() => new MessagesView(nkt, count), [nkt, count]);
  const messages = useView(view, NO_MESSAGES);
  const send = useCallback((value, options) => view.send(value, options), [view]);
  return useMemo(() => ({ messages, send }), [messages, send]);
}

/** @param {Nkt|null} nkt @param {import('../types.d.ts').Delivery|null|undefined} delivery */
export function useDelivery(nkt, delivery) {
  return useView(useMemo(() => new DeliveryView(nkt, delivery ?? null), [nkt, delivery]), NO_DELIVERY);
}
