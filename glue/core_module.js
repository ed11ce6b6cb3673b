// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The WebAssembly module: found, compiled once per URL, refused when it asks for more than entropy, and made an instance of.
 */
import { NktError } from './errors.js';
import { INTERFACE } from './interface.js';
import { importInNode, isNode } from './platform.js';

/** Everything the module may ask of its host: the proof that the core does no I/O. */
export const IMPORTS_ALLOWED = Object.freeze([
  'host.entropy',
  'env.emscripten_notify_memory_growth',
]);

/** Compiled modules (promises) by URL: a second init() finds the first one's. @type {Map<string, Promise<WebAssembly.Module>>} */
const compiled = new Map();

/**
 * Compiles the module; once per URL.
 * @param {URL|string|ArrayBuffer|ArrayBufferView|WebAssembly.Module} source
 * @returns {Promise<WebAssembly.Module>} rejects with NKT_E_WASM
 */
export function loadModule(source) {
  if (source instanceof WebAssembly.Module) return Promise.resolve(source);
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return WebAssembly.compile(/** @type {BufferSource} */ (source)).catch((error) => {
      throw new NktError('NKT_E_WASM', `not a WebAssembly module: ${error.message}`, { cause: error });
    });
  }
  const href = String(source);
  let promise = compiled.get(href);
  if (!promise) {
    promise = fetchModule(href).catch((error) => {
      compiled.delete(href); // the next try may succeed
      throw new NktError('NKT_E_WASM', `cannot load ${href}: ${error.message}`, { cause: error });
    });
    compiled.set(href, promise);
  }
  return promise;
}

/** @param {string} href @returns {Promise<WebAssembly.Module>} */
async function fetchModule(href) {
  if (isNode && href.startsWith('file:')) {
    const { readFile } = await importInNode('node:fs/promises');
    return WebAssembly.compile(await readFile(new URL(href)));
  }
  const response = await fetch(href);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  // Streaming needs the right type; a server that does not know .wasm costs only the streaming.
  const type = response.headers.get('content-type') ?? '';
  if (WebAssembly.compileStreaming && type.startsWith('application/wasm')) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Refuses a module that asks for more than IMPORTS_ALLOWED. @param {WebAssembly.Module} module */
export function assertImports(module) {
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (!IMPORTS_ALLOWED.includes(`${from}.${name}`)) {
      throw new NktError('NKT_E_WASM', `the module asks for ${from}.${name}, which the core must not need`);
    }
  }
}

/** Refuses a module of another version, whose calls and records are others. @param {any} exports */
export function assertInterface({ nkt_wasm_interface: number }) {
  if (typeof number === 'function' && number() >>> 0 === INTERFACE) return;
  throw new NktError('NKT_E_WASM', 'core.wasm is of another version than the JavaScript that loads it. In a checkout: node tools/build.mjs '
    + 'wasm. With the package: serve the core.wasm of the version that is installed (nkt/core.wasm), and let no cache keep an older one');
}

/**
 * Fills a view with unpredictable bytes, in the pieces of 64 KiB that WebCrypto gives.
 * @param {{getRandomValues(view: Uint8Array): unknown}} crypto
 * @returns {(view: Uint8Array) => void}
 */
export function entropyOf(crypto) {
  return (view) => {
    for (let at = 0; at < view.length; at += 65536) crypto.getRandomValues(view.subarray(at, at + 65536));
  };
}

/**
 * An instance, with a memory of its own.
 * @param {WebAssembly.Module} module
 * @param {(view: Uint8Array) => void} entropy fills the view; when it throws the core is told that there is none
 * @returns {Promise<any>} what it exports; rejects with NktError
 */
export async function instantiate(module, entropy) {
  assertImports(module);
  /** @type {WebAssembly.Memory|null} */
  let memory = null;
  const instance = await WebAssembly.instantiate(module, {
    host: {
      entropy(at, size) {
        try {
          entropy(new Uint8Array(/** @type {WebAssembly.Memory} */ (memory).buffer, at, size));
          return 0;
        } catch {
          return -1;
        }
      },
    },
    env: { emscripten_notify_memory_growth() {} }, // Memory.refresh() sees it by itself
  });
  const exports = /** @type {any} */ (instance.exports);
  assertInterface(exports);
  memory = exports.memory;
  exports._initialize?.();
  return exports;
}
