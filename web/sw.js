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
const SHARE = '/share'; // app.webmanifest
const SHARED = `nkt-shared${OWN}`; // a cache: what another app shared last, until a page of somebody who has joined takes it (shared.js)
const CONFIG = '/config.json';
const MEDIA = '/media/'; // and the name by which a page plays a content: that page is asked for it (media.js)
const DOORS = '/doors.json'; // of a bundled page: addresses of modules that live in other files, and what stands there

const ALIVE_MS = 1000; // a page waits no longer for the server's list, and begins with what is kept; the renewal goes on
const RENEW_MS = 8000; // nor longer than this for a new set that is on its way: it is told of when it is whole
const CONFIG_MS = 400; // glue/window.js waits 500
const QUIET_MS = 15_000; // a server from which nothing came for so long is not listened to any more
const WHOLE_MS = 240_000; // nor longer than this, however slowly it goes on: browsers end what a worker does after 300 s
const ECHO_MS = 5000; // a page that was told of something asks within this
const LISTS_MAX = 4; // asked for at a time
const SHARED_MS = 3_600_000; // nobody joins who has not by then
const SHARED_FILES_MAX = 20; // as many as wait beside the line
const SHARED_TEXT_MAX = 60_000; // letters: more does not fit into a message
const HEARD_REPLY_MS = 3000; // a page that does not take an answer by then is closed, or frozen: it does not send it later either
const HEARD_MS = 10_000; // a page that plays something says so much sooner, and then looks for what is wanted
const FILE_SIZE_MAX = 16 << 20; // in bytes, of which the largest is 0.5 MB
const SET_COUNT = 2; // kept beside those that pages live on

/** By page; the cache STATE is for a worker that was stopped in between. @type {Map<string, string>} */
const pages = new Map();
/** Questions for the list under way, and how many there were: what a later one is answered counts. */
const asking = [];
let asked = 0;
let answered = 0;
/** The set that is being completed: {version, begunAt (ms), files (a Download), whole (a promise)}. */
let current = null;
/** Why the newest set of the server was refused, if it was. */
let refused = '';
/** Pages that were told that something changed, and when: what they ask then is no reason to ask the server. */
let told = new Set();
let toldAt = -Infinity;

self.addEventListener('install', (event) => {
  self.skipWaiting(); // one worker serves any set
  const settings = load(CONFIG).then((response) => response.ok && write(CONFIG, response)).catch(() => {});
  event.waitUntil(Promise.all([renew().whole, settings]));
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin || !pathname.startsWith(BASE)) return;
  const path = `/${pathname.slice(BASE.length)}`;
  if (request.method === 'POST' && request.mode === 'navigate' && path === SHARE) event.respondWith(share(request));
  if (request.method !== 'GET') return;
  if (path === LIST || path === '/sw.js') return;
  if (request.mode === 'navigate') event.respondWith(navigate(event, path));
  else if (path === CONFIG) event.respondWith(config(event));
  else if (path.startsWith(MEDIA)) event.respondWith(media(event, path.slice(MEDIA.length)));
  else event.respondWith(resource(event, path));
});
self.addEventListener('message', (event) => {
  if (event.data === 'nkt-check') event.waitUntil(answer(event));
  if (event.data === 'nkt-shared') event.waitUntil(giveShared(event));
  if (event.data === 'nkt-claim') event.waitUntil(self.clients.claim()); // a page on its first visit
});
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(pressed(event));
});

// ---- requests ----

async function navigate(event, pathname) {
  const { listed, whole } = renew();
  event.waitUntil(Promise.all([whole.catch(() => {}), dropOldShare().catch(() => {})]));
  // one that has been on its way for long is not waited for anew at each reload
  if (await isInTime(listed, ALIVE_MS)) await isInTime(whole, RENEW_MS - (current ? performance.now() - current.begunAt : 0));
  const version = await newest();
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

/** A page that came from the server itself asks that server first, and it may be gone since. Workers ask as nobody, too. */
async function resource({ request, clientId }, pathname) {
  const kept = await inSet(await versionOf(clientId), pathname);
  if (kept) return kept;
  const answer = await fetch(request).catch((error) => error);
  if (answer instanceof Response && answer.status < 500) return answer; // else a proxy whose server is away
  const last = await inSet(await newest(), pathname);
  if (!last && !(answer instanceof Response)) throw answer;
  return last ?? answer;
}

const inSet = async (version, path) => (version ? await find(version, path) ?? door(version, path) : null);

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
  const answer = load(CONFIG).then((response) => {
    if (response.ok) event.waitUntil(write(CONFIG, response.clone()));
    return response;
  });
  event.waitUntil(answer.catch(() => {}));
  const last = await (await caches.open(STATE)).match(CONFIG);
  if (!last) return answer;
  const kept = new Response(last.body, { headers: { ...Object.fromEntries(last.headers), [KEPT_HEADER]: '1' } });
  return Promise.race([answer.catch(() => kept), after(CONFIG_MS).then(() => kept)]);
}

/** A page asks whether there is something newer than what it lives on. It hears what is known; of what is found later it is told. */
async function answer({ source, ports }) {
  const isEcho = told.delete(source?.id) && performance.now() - toldAt < ECHO_MS;
  const whole = isEcho ? Promise.resolve() : renew().whole.catch(() => {});
  const own = await versionOf(source?.id);
  if (!own) await whole; // it came from the server itself: what the server has is what it lives on
  ports[0]?.postMessage({ own, newest: await newest(), refused });
  await whole;
}

// ---- contents that are played ----

/**
 * A part of a content, for an <audio> or <video> of a page that plays it: of what that page itself fetches, and that only it knows the name
 * of. Each answer is short, so that nothing hangs on this worker's life.
 */
async function media({ request, clientId }, name) {
  const page = ['audio', 'video'].includes(request.destination) && clientId ? await self.clients.get(clientId) : null;
  const [, from, to] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(request.headers.get('range') ?? '') ?? [];
  if (!page || from === undefined) return new Response(null, { status: 404 });
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((resolve) => {
    const deaf = setTimeout(resolve, HEARD_MS); // a page that plays nothing does not listen
    port1.onmessage = ({ data }) => {
      clearTimeout(deaf);
      if (data !== 'heard') resolve(data);
    };
  });
  request.signal.addEventListener('abort', () => port1.postMessage('end'));
  page.postMessage({ kind: 'nkt-media', name, start: Number(from), end: to ? Number(to) + 1 : Infinity }, [port2]);
  const { type, size, start, bytes } = await answered ?? {};
  port1.close();
  if (!/^(audio|video)\/[a-z0-9][a-z0-9.+-]*$/.test(type ?? '')) return new Response(null, { status: 404 });
  const headers = {
    'content-type': type, 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin', 'cache-control': 'no-store', 'accept-ranges': 'bytes',
    'content-range': bytes ? `bytes ${start}-${start + bytes.length - 1}/${size}` : `bytes */${size}`,
  };
  return new Response(bytes, { status: bytes ? 206 : 416, headers });
}

// ---- notifications (plugins/notify.js) ----

/** Somebody pressed one: its page is shown, or sends what was written there. What no page takes is said to be lost. */
async function pressed({ action, reply, notification: { data, icon } }) {
  const text = (reply ?? '').trim();
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const question = { ...data, kind: 'nkt-notification', isReply: action === 'reply', text, until: Date.now() + HEARD_REPLY_MS };
  const heard = await Promise.race([...pages.map((page) => taker(page, question)), after(HEARD_REPLY_MS)]);
  if (!text) await (heard ?? pages[0] ? (heard ?? pages[0]).focus() : self.clients.openWindow(BASE));
  else if (!heard) await self.registration.showNotification(data.lost, { body: text, icon });
}

/** @returns {Promise<WindowClient>} that page, once it says that it is meant; else it never says anything */
function taker(page, question) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(page);
    page.postMessage(question, [port2]);
  });
}

// ---- what other apps share ----

async function share(request) {
  await caches.delete(SHARED);
  const form = await request.formData().catch(() => new FormData());
  const words = ['title', 'text', 'url'].map((name) => form.get(name)).filter((one) => typeof one === 'string' && one.trim());
  const isSaid = (one, i) => words.some((other, k) => k !== i && other.includes(one) && (other !== one || k < i));
  const text = words.filter((one, i) => !isSaid(one, i)).join('\n').slice(0, SHARED_TEXT_MAX);
  const files = form.getAll('files').filter((one) => one instanceof File && one.size).slice(0, SHARED_FILES_MAX);
  const cache = await caches.open(SHARED);
  await Promise.all(files.map((file, i) => cache.put(`/${i}`, new Response(file))));
  const about = files.map(({ name, type }) => ({ name, type }));
  await cache.put('/', new Response(JSON.stringify({ text, about, at: Date.now() })));
  return Response.redirect(`${BASE}?shared=1`, 303);
}

async function giveShared({ ports }) {
  const cache = await caches.open(SHARED);
  const { text, about, at } = await (await cache.match('/'))?.json() ?? { at: 0 };
  const isNew = Date.now() - at < SHARED_MS;
  const files = await Promise.all((isNew ? about : []).map(async (one, i) => (
    new File([await (await cache.match(`/${i}`)).blob()], one.name, { type: one.type }))));
  ports[0].postMessage({ text: isNew ? text : '', files });
  await caches.delete(SHARED);
}

/** What nobody took does not stay. */
async function dropOldShare() {
  if (!await caches.has(SHARED)) return;
  const { at = 0 } = await (await (await caches.open(SHARED)).match('/'))?.json() ?? {};
  if (Date.now() - at >= SHARED_MS) await caches.delete(SHARED);
}

// ---- what the server sends ----

/** The server does not answer, or not to the end: nothing is wrong with its set. */
class Unanswered extends Error {}

/** Files of the server, each whole, until nothing comes for QUIET_MS or it all takes WHOLE_MS. */
class Download {
  #stop = new AbortController();
  #quiet = 0;
  #long = setTimeout(() => this.end(), WHOLE_MS);

  /** @param {string} path @param {RequestInit} [options] @returns {Promise<Response>} what it answers, also that there is nothing */
  async load(path, options) {
    this.#heard();
    const chunks = [];
    let size = 0;
    let response;
    try {
      response = await fetch(urlOf(path), { cache: 'no-cache', signal: this.#stop.signal, ...options });
      const reader = response.body.getReader();
      for (let part = await reader.read(); !part.done && size <= FILE_SIZE_MAX; part = await reader.read()) {
        this.#heard();
        chunks.push(part.value);
        size += part.value.length;
      }
    } catch (error) {
      throw new Unanswered(path, { cause: error });
    }
    if (size > FILE_SIZE_MAX) this.end();
    if (size > FILE_SIZE_MAX) throw new Error(path);
    if (response.status >= 500) throw new Unanswered(`${path}: HTTP ${response.status}`); // a proxy whose server is away
    const headers = new Headers(response.headers);
    for (const name of ['content-encoding', 'content-length']) headers.delete(name); // the bytes are as they were before
    return new Response(new Blob(chunks), { status: response.status, headers });
  }

  /** No more of it. */
  end() {
    clearTimeout(this.#quiet);
    clearTimeout(this.#long);
    this.#stop.abort();
  }

  #heard() {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.end(), QUIET_MS);
  }
}

/** A file by itself. @param {string} path */
async function load(path) {
  const download = new Download();
  try {
    return await download.load(path);
  } finally {
    download.end();
  }
}

// ---- sets ----

/**
 * Asks what the server has now, and completes it. listed: it has answered; whole: and its set is here, the newest. Both throw when it does
 * not answer to the end, whole also when the set must be refused.
 */
function renew() {
  if (asking.length >= LISTS_MAX) return asking.at(-1);
  const number = ++asked;
  const listed = list();
  const question = { listed, whole: listed.then((set) => complete(set, number)) };
  asking.push(question);
  question.whole.catch(() => {}); // nobody may be waiting
  listed.catch(() => {}).then(() => asking.splice(asking.indexOf(question), 1));
  return question;
}

/** @returns {Promise<{version: string, files: Record<string, string>}>} files: path -> SHA-256 */
async function list() {
  const response = await load(LIST);
  if (!response.ok) throw new Unanswered(`${LIST}: HTTP ${response.status}`);
  return response.json();
}

/** One set at a time: that which the server named in answer to the latest question. */
function complete({ version, files }, number) {
  if (number < answered) return current?.whole;
  answered = number;
  if (current?.version === version) return current.whole;
  current?.files.end();
  const mine = { version, begunAt: performance.now(), files: new Download(), whole: null };
  current = mine;
  mine.whole = finish(mine, files).finally(() => {
    mine.files.end();
    if (current === mine) current = null;
  });
  return mine.whole;
}

async function finish(mine, files) {
  const { version } = mine;
  if (version === await newest()) {
    refused = '';
    return;
  }
  try {
    if (!(await listOf(version))) await fetchSet(mine, files); // else whole, and checked when it came: a page may live on it since
  } catch (error) {
    if (!(error instanceof Unanswered) && current === mine) await refuse(error.message);
    throw error;
  }
  if (current === mine) await settle(version);
}

async function fetchSet(mine, files) {
  const { version } = mine;
  if (await sha256(new TextEncoder().encode(JSON.stringify(files))) !== version) throw new Error(LIST);
  const known = await listOf(await newest());
  const all = await Promise.all(Object.entries(files).map(async ([path, hash]) => [path, await verified(mine.files, path, hash, known)]));
  try {
    const cache = await caches.open(SET + version);
    await Promise.all(all.map(([path, file]) => cache.put(path, file)));
    await cache.put(LIST, new Response(JSON.stringify({ version, files })));
  } catch (error) {
    if (current === mine) await caches.delete(SET + version); // else somebody may be at it again
    throw error;
  }
}

/** A whole set is what new pages get. */
async function settle(version) {
  refused = '';
  await write(NEWEST, version);
  await tell();
  await clean(version);
}

/** Pages hear of it once. */
async function refuse(why) {
  const isNews = why !== refused;
  refused = why;
  if (isNews) await tell();
}

/** A file that is what the list says, from the set before if it has not changed. @returns {Promise<Response>} */
async function verified(download, path, hash, known) {
  const kept = known?.files[path] === hash && await find(known.version, path);
  if (kept) return kept;
  const response = await download.load(path, { redirect: 'error' });
  if (!response.ok || await sha256(await response.clone().arrayBuffer()) !== hash) throw new Error(path);
  return response;
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

/** Something changed: pages ask what. */
async function tell() {
  const all = await self.clients.matchAll({ includeUncontrolled: true, type: 'window' });
  told = new Set(all.map(({ id }) => id));
  toldAt = performance.now();
  for (const client of all) client.postMessage('nkt-set');
}

// ---- small things ----

/** Where a path of the server is found. */
const urlOf = (path) => BASE + path.slice(1);

const find = async (version, path) => ((await caches.has(SET + version)) ? (await caches.open(SET + version)).match(path) : null);
const newest = () => read(NEWEST);
const write = async (name, value) => (await caches.open(STATE)).put(name, value instanceof Response ? value : new Response(value));
const read = async (name) => (await (await caches.open(STATE)).match(name))?.text() ?? null;
const after = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const isInTime = (promise, ms) => Promise.race([promise.then(() => true, () => false), after(ms).then(() => false)]);

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
