// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Installs window.nkt in a page: its events are dispatched on window as well, its settings come from where the page came from.
 * The only file that names `window`.
 */
import { Nkt } from './nkt.js';

/** init() waits no longer than this for config.json, in ms from the start of this script. */
const CONFIG_MS = 500;

/** A page hidden for less than this, in ms, has nothing to check on its return. */
const HIDDEN_MS_MIN = 5000;

/** What the server says in config.json; nothing if it does not say it in time. */
const served = Promise.race([
  fetch('config.json', { cache: 'no-cache' }).then((response) => (response.ok ? response.json() : {})).catch(() => ({})),
  new Promise((resolve) => setTimeout(resolve, CONFIG_MS, {})),
]);

/** What init() takes for keys that nobody gave. */
const settings = served.then((config) => {
  const { relays, trackers, iceServers } = config ?? {};
  return {
    relays: webSocketUrls(relays) ?? ownRelay(),
    trackers: webSocketUrls(trackers) ?? [],
    iceServers: Array.isArray(iceServers) ? iceServers : [],
  };
});

/** The relay at the page's own origin. @returns {string[]} */
function ownRelay() {
  const { protocol, host } = window.location;
  if (host === '') return []; // a page from a file
  return [`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/relay`];
}

/** A bad entry costs that entry. @param {unknown} list @returns {string[]|null} */
function webSocketUrls(list) {
  if (!Array.isArray(list)) return null;
  return list.filter((url) => {
    const isGood = typeof url === 'string' && URL.canParse(url) && /^wss?:$/.test(new URL(url).protocol);
    if (!isGood) console.warn('nkt: config.json: not a ws:// or wss:// URL:', url);
    return isGood;
  });
}

const nkt = new Nkt({ mirror: window, defaults: () => settings, wasm: '/core.wasm' });
Object.defineProperty(window, 'nkt', { value: nkt, enumerable: true });

/** Left with the page going away, to be taken up again if it comes back from the back/forward cache. */
let isLeft = false;

window.addEventListener('pagehide', () => {
  isLeft = nkt.health().running;
  nkt.close({ immediate: true });
});
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted && isLeft) nkt.resume().catch((error) => console.error('nkt:', error));
});

window.addEventListener('online', () => nkt.wake());
window.document.addEventListener('resume', () => nkt.wake()); // the browser had frozen the page

let hiddenAt = 0;
window.document.addEventListener('visibilitychange', () => {
  if (window.document.visibilityState === 'hidden') hiddenAt = performance.now();
  else if (performance.now() - hiddenAt >= HIDDEN_MS_MIN) nkt.wake();
});

export default nkt;
