// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What exists between init() and close(): a core, what drives it, and what it is driven with.
 */
import { Core } from './core.js';
import { entropyOf } from './core_module.js';
import { Driver } from './driver.js';
import { Peers } from './rtc.js';
import { Sockets } from './socket.js';

/** @typedef {import('./store_none.js').NoStore|import('./store.js').Store} AnyStore */
/** How a store reaches the driver, which comes after it; the same for each core over one store. @typedef {{driver: Driver|null}} Hands */
/** What is kept with the identity, whichever room: where, and by name what was there. @typedef {import('./family.js').Shelf} Shelf */
/** @typedef {{core: Core, driver: Driver, rtc: Peers, store: AnyStore, hands: Hands, shelf: Shelf}} Run */

/**
 * @param {object} parts
 * @param {import('./platform.js').Platform} parts.platform
 * @param {WebAssembly.Module} parts.module
 * @param {Record<string, any>} parts.config complete
 * @param {AnyStore} parts.store open
 * @param {Hands} parts.hands
 * @param {Shelf} parts.shelf
 * @param {(fx: any) => void} parts.onEffect @param {() => void} parts.onDrained
 * @param {(error: Error, isFatal: boolean) => void} parts.onFault see Driver
 * @returns {Promise<Run>} a core that has been told nothing yet
 */
export async function makeRun({ platform, module, config, store, hands, shelf, ...told }) {
  const { timers, clock, crypto } = platform;
  const core = await Core.create({ module, options: optionsOf(config, store), storeKey: store.key, entropy: entropyOf(crypto) });
  const report = (kind, fields) => driver.step(kind, fields);
  const rtc = new Peers({ RTCPeerConnection: config.RTCPeerConnection, iceServers: config.iceServers, timers, report });
  const sockets = new Sockets({ WebSocket: config.WebSocket, timers, report });
  const driver = new Driver({ core, clock, timers, sockets, rtc, store, ...told });
  hands.driver = driver;
  return { core, driver, rtc, store, hands, shelf };
}

/** As nkt_new_json() wants them. @param {Record<string, any>} config @param {AnyStore} store */
function optionsOf({ nick, room, secret, relays, trackers, linkCountMax, history, keeper }, store) {
  const options = { nick, relays, trackers, linkCountMax, history, keeper, persist: store.key !== null };
  return { ...options, ...(room !== null && { room }), ...(secret !== null && { secret }) };
}
