// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What the platform at hand offers: browser or Node. Everything that the glue uses of it comes from here, and each part can be
 * replaced in the constructor of Nkt.
 */

/**
 * @typedef {object} Platform
 * @property {{now(): number, wall(): number}} clock monotonic and Unix milliseconds
 * @property {{setTimeout(f: () => void, ms: number): any, clearTimeout(timer: any): void}} timers
 * @property {(run: () => void) => void} soon runs it in a task of its own, the next one there is: what is under way now, promises
 *   included, has come to its end
 * @property {any} crypto WebCrypto
 * @property {any} WebSocket constructor or null
 * @property {any} RTCPeerConnection constructor or null
 * @property {boolean} hasTabs whether this is a browser: what storage there is
 * @property {boolean} isWorker of a browser: there is no sessionStorage, and no tab that it lives as long as
 * @property {IDBFactory|null} indexedDB
 * @property {LockManager|null} locks
 * @property {Storage|null} session sessionStorage
 * @property {Storage|null} local localStorage
 * @property {() => void} persist asks the browser not to evict the data
 * @property {{error(...args: unknown[]): void, debug(...args: unknown[]): void}} log
 * @property {URL|string} wasm where the module is
 * @property {string|null} worker where derive_worker.js is, for a page that lets scripts in by a policy; null: beside derive.js
 * @property {string|null} contentWorker where content_worker.js is, in the same way
 * @property {boolean} privateFiles whether the browser has a private file system (OPFS)
 * @property {(EventTarget & {document: Document})|null} page the window that a peer lives and ends with; null: none, or not with it
 * @property {EventTarget|null} mirror where every event is dispatched as well
 * @property {(onLater: (settings: object) => void) => object|Promise<object>} defaults config that init() fills up with; what is known
 *   later it tells, and of that relays, trackers and iceServers are used
 */

export const isNode = typeof globalThis.process?.versions?.node === 'string';

/**
 * A module of Node, or one of ours that Node alone can use. Bundlers do not see it: there is nothing of it in a browser, and they would
 * fail at its name, or at what it imports.
 * @param {string} name @returns {Promise<any>}
 */
export const importInNode = (name) => import(/* webpackIgnore: true */ /* @vite-ignore */ name);

/** Where Vite's dev server has put what it took out of packages, unless its optimizeDeps.exclude names them. */
const VITE_DEPS = /^https?:[^?#]*\/node_modules\/(?=\.vite\/(?:[^?#]*\/)?deps[^/]*\/)/;

/**
 * A file of the package that was left where it is when this module was put elsewhere.
 * @param {string} path @returns {string|null} null: it lies beside this module, or where a bundler has put it
 */
function leftBehind(path) {
  const folder = VITE_DEPS.exec(import.meta.url)?.[0];
  return folder === undefined ? null : new URL(`nkt/${path}`, folder).href;
}

/** @returns {Platform} */
export function platformHere() {
  return {
    clock: { now: () => performance.now(), wall: () => Date.now() },
    timers: { setTimeout: (f, ms) => setTimeout(f, ms), clearTimeout: (timer) => clearTimeout(timer) },
    soon: isNode ? (run) => void globalThis.setImmediate(run) : taskQueue(),
    crypto: globalThis.crypto,
    WebSocket: globalThis.WebSocket ?? null,
    RTCPeerConnection: globalThis.RTCPeerConnection ?? null,
    hasTabs: !isNode, // the stores of newer Nodes are not a browser's
    isWorker: !isNode && globalThis.document === undefined,
    indexedDB: isNode ? null : tryGet(() => globalThis.indexedDB),
    locks: isNode ? null : tryGet(() => globalThis.navigator.locks),
    session: isNode ? null : tryGet(() => globalThis.sessionStorage),
    local: isNode ? null : tryGet(() => globalThis.localStorage),
    persist,
    log: globalThis.console,
    wasm: leftBehind('build/wasm/core.wasm')
      ?? tryGet(() => new URL('../build/wasm/core.wasm', import.meta.url)) ?? '', // written so that bundlers find it
    worker: leftBehind('glue/derive_worker.js'),
    contentWorker: leftBehind('glue/content_worker.js'),
    privateFiles: !isNode && typeof tryGet(() => globalThis.navigator.storage.getDirectory) === 'function',
    page: !isNode && globalThis.document !== undefined ? globalThis.window : null,
    mirror: null,
    defaults: () => ({}),
  };
}

/** A message to oneself: a timer would wait for 4 ms, and for a second in a hidden tab. @returns {(run: () => void) => void} */
function taskQueue() {
  const waiting = [];
  /** @type {MessagePort|null} */
  let port = null;
  return (run) => {
    if (port === null) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => waiting.shift()?.();
      port = port2;
    }
    waiting.push(run);
    port.postMessage(null);
  };
}

/** Blocked storage throws on being looked at. @template T @param {() => T} get @returns {T|null} */
function tryGet(get) {
  try {
    return get() ?? null;
  } catch {
    return null;
  }
}

/** Chromium decides by itself; Firefox would ask the person, and a tab's identity is not worth that. Never waited for. */
async function persist() {
  try {
    const { navigator } = globalThis;
    if ('userAgentData' in navigator) await navigator.storage?.persist?.();
  } catch {
    // refused: the data may be evicted then
  }
}
