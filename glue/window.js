// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Installs window.nkt in a page: its events are dispatched on window as well, its settings come from where the page came from.
 */
import { Nkt } from './nkt.js';
import { Served } from './served.js';

/** Where the page is: of a relay behind a proxy nothing else knows the path. */
const { baseURI } = window.document;

/** The relay beside the page. @returns {string[]} */
function ownRelay() {
  const url = new URL('relay', baseURI);
  if (!/^https?:$/.test(url.protocol)) return []; // a page from a file
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return [url.href];
}

const served = new Served({
  url: new URL('config.json', baseURI).href,
  fetch: (url, options) => fetch(url, options),
  timers: { setTimeout: (f, ms, ...args) => setTimeout(f, ms, ...args), clearTimeout: (timer) => clearTimeout(timer) },
  wallNow: () => Date.now(),
  warn: (words, what) => console.warn(words, what),
  fallback: () => ({ relays: ownRelay() }),
});

let shown = new Nkt({
  worker: new URL('glue/derive_worker.js', baseURI).href,
  contentWorker: new URL('glue/content_worker.js', baseURI).href,
  mirror: window, defaults: (onLater) => served.get(onLater), wasm: new URL('core.wasm', baseURI).href,
});
Object.defineProperty(window, 'nkt', { get: () => shown, enumerable: true });

/** Of several rooms (nkt.rooms) another one is what window.nkt and the events on window are of. @param {Nkt} nkt */
export function show(nkt) {
  nkt.takePlaceOf(shown, () => { shown = nkt; });
}

export default shown;
