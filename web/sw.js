// SPDX-License-Identifier: GPL-3.0-or-later
// The page without its server. Keeps whole sets of the page's files, each checked against /set.json before any of it is
// kept, and serves every page from one set from its beginning to its end. While the server answers, a reload gets the set
// that the server has now: only what changed is fetched.

/** The folder that the page is in: / or, behind a proxy, some other. What is kept is named from there; caches are the origin's. */
const BASE = new URL('./', self.location.href).pathname;
const OWN = BASE === '/' ? '' : `${BASE}:`;
const SET = `nkt-set-${OWN}`; // + version: a cache with all files of that version; LIST in it says that it is whole
const STATE = `nkt-state${OWN}`; // a cache: the newest version, which page lives on which, the last config.json
const KEPT_HEADER = 'x-nkt-kept'; // glue/served.js: the last word of a server that does not answer
const LIST = '/set.json';
const NEWEST = '/newest';
const PAGE = '/page/';
const CONFIG = '/config.json';
const DOORS = '/doors.json'; // of a bundled page: addresses of modules that live in other files, and what stands there

const ALIVE_MS = 1000; // a server that does not answer by then is not waited for
const RENEW_MS = 8000; // the longest that a page waits for its new set; it comes with the next reload then
const CONFIG_MS = 400; // glue/window.js waits 500
const SET_COUNT = 2; // kept beside those that pages live on

/** By page; the cache STATE is for a worker that was stopped in between. @type {Map<string, string>} */
const pages = new Map();
let renewing = null;
/** Why the newest set of the server was refused, if it was. */
let refused = '';

self.addEventListener('install', (event) => {
  self.skipWaiting(); // one worker serves any set
  event.waitUntil(Promise.all([renew(), fetch(urlOf(CONFIG)).then((response) => response.ok && write(CONFIG, response))]));
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin || !pathname.startsWith(BASE)) return;
  const path = `/${pathname.slice(BASE.length)}`;
  if (path === LIST || path === '/sw.js') return;
  if (request.mode === 'navigate') event.respondWith(navigate(event, path));
  else if (path === CONFIG) event.respondWith(config(event));
  else event.respondWith(resource(event, path));
});
self.addEventListener('message', (event) => {
  if (event.data === 'nkt-check') event.waitUntil(answer(event));
});
self.addEventListener('notificationclick', (event) => { // of plugins/notify.js, on a telephone
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: 'window' }).then(([page]) => page?.focus()));
});

// ---- requests ----

async function navigate(event, pathname) {
  const renewal = renew().catch(() => newest());
  event.waitUntil(renewal);
  const version = await Promise.race([renewal, after(RENEW_MS).then(newest)]);
  const path = pathname === '/index.html' || /^\/%23/i.test(pathname) ? '/' : pathname; // a link whose # was encoded
  if (version) pages.set(event.resultingClientId, version); // before it is looked for: clean() spares it from now on
  const kept = version && await find(version, path);
  if (!kept) {
    pages.delete(event.resultingClientId);
    return fetch(event.request);
  }
  event.waitUntil(write(PAGE + event.resultingClientId, version));
  return kept;
}

async function resource({ request, clientId }, pathname) {
  const version = await versionOf(clientId);
  return (version && (await find(version, pathname) ?? await door(version, pathname))) || fetch(request);
}

/** What a console or somebody's plugin asks for is of the page's own version as well, and there without its server. */
async function door(version, path) {
  const kept = /\.m?js$/.test(path) && await find(version, DOORS);
  if (!kept) return null;
  const headers = new Headers(kept.headers);
  headers.set('content-type', 'text/javascript; charset=utf-8');
  const doors = await kept.json();
  return Object.hasOwn(doors, path) ? new Response(doors[path], { headers }) : null;
}

/** What the server says where relays and trackers are: settings, in no set. The last word of a server that is dead holds. */
async function config(event) {
  const asked = fetch(event.request).then((response) => {
    if (response.ok) event.waitUntil(write(CONFIG, response.clone()));
    return response;
  });
  const last = await (await caches.open(STATE)).match(CONFIG);
  if (!last) return asked;
  const kept = new Response(last.body, { headers: { ...Object.fromEntries(last.headers), [KEPT_HEADER]: '1' } });
  event.waitUntil(asked.catch(() => {}));
  return Promise.race([asked.catch(() => kept), after(CONFIG_MS).then(() => kept)]);
}

/** A page asks whether there is something newer than what it lives on. */
async function answer({ source, ports }) {
  await renew().catch(() => {});
  ports[0]?.postMessage({ own: await versionOf(source?.id), newest: await newest(), refused });
}

// ---- sets ----

/** The newest set, whole; its version. Throws when the server does not answer, or has one that must be refused. */
function renew() {
  renewing ??= fetchSet().finally(() => { renewing = null; });
  return renewing;
}

async function fetchSet() {
  const response = await fetch(urlOf(LIST), { cache: 'no-cache', signal: AbortSignal.timeout(ALIVE_MS) });
  if (!response.ok) throw new Error(`${LIST}: HTTP ${response.status}`);
  const { version, files } = await response.json();
  if (version === await newest()) return version;
  if (await listOf(version)) return settle(version); // whole, and checked when it came: a page may live on it since
  try {
    if (await sha256(new TextEncoder().encode(JSON.stringify(files))) !== version) throw new Error(LIST);
    const known = await listOf(await newest());
    const all = await Promise.all(Object.entries(files).map(async ([path, hash]) => [path, await verified(path, hash, known)]));
    const cache = await caches.open(SET + version);
    await Promise.all(all.map(([path, file]) => cache.put(path, file)));
    await cache.put(LIST, new Response(JSON.stringify({ version, files })));
    refused = '';
  } catch (error) {
    if (!(error instanceof TypeError)) refused = error.message; // a TypeError is the network's
    await caches.delete(SET + version);
    await tell();
    throw error;
  }
  return settle(version);
}

/** A whole set is what new pages get. */
async function settle(version) {
  await write(NEWEST, version);
  await tell();
  await clean(version);
  return version;
}

/** A file that is what the list says, from the set before if it has not changed. @returns {Promise<Response>} */
async function verified(path, hash, known) {
  const kept = known?.files[path] === hash && await find(known.version, path);
  if (kept) return kept;
  const response = await fetch(urlOf(path), { cache: 'no-cache', redirect: 'error' });
  const bytes = await response.arrayBuffer();
  if (!response.ok || await sha256(bytes) !== hash) throw new Error(path);
  const headers = new Headers(response.headers);
  for (const name of ['content-encoding', 'content-length']) headers.delete(name); // the bytes are as they were before
  return new Response(bytes, { headers });
}

/** What no page lives on any more goes, but for the newest. */
async function clean(version) {
  const state = await caches.open(STATE);
  const living = new Set((await self.clients.matchAll({ includeUncontrolled: true })).map(({ id }) => id));
  const used = new Set([version, ...pages.values()]);
  for (const { url } of await state.keys()) {
    const id = new URL(url).pathname.startsWith(PAGE) && new URL(url).pathname.slice(PAGE.length);
    if (!id) continue;
    if (living.has(id) || pages.has(id)) used.add(await read(new URL(url).pathname));
    else await state.delete(url);
  }
  const sets = (await caches.keys()).filter((name) => name.startsWith(SET) && isSpare(name.slice(SET.length), used));
  for (const name of sets.slice(0, Math.max(0, sets.length - SET_COUNT + 1))) {
    if (![...pages.values()].includes(name.slice(SET.length))) await caches.delete(name); // a page may have begun on it meanwhile
  }
}

/** Not in use, and not of a page under another path. */
const isSpare = (version, used) => !version.includes(':') && !used.has(version);

async function tell() {
  for (const client of await self.clients.matchAll({ includeUncontrolled: true, type: 'window' })) client.postMessage('nkt-set');
}

// ---- small things ----

/** Where a path of the server is found. */
const urlOf = (path) => BASE + path.slice(1);

const find = async (version, path) => ((await caches.has(SET + version)) ? (await caches.open(SET + version)).match(path) : null);
const newest = () => read(NEWEST);
const write = async (name, value) => (await caches.open(STATE)).put(name, value instanceof Response ? value : new Response(value));
const read = async (name) => (await (await caches.open(STATE)).match(name))?.text() ?? null;
const after = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function listOf(version) {
  const list = version && await find(version, LIST);
  return list ? list.json() : null;
}

async function versionOf(id) {
  if (!id) return null;
  const version = pages.get(id) ?? await read(PAGE + id);
  if (version) pages.set(id, version);
  return version;
}

async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
