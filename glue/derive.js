// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Keys from a passphrase, beside the main thread: a worker with an instance of the same module, which takes its 64 MiB
 * along when it goes. Where no worker comes up (a policy forbids it, a bundler left its file out, it does not answer), here.
 */
import { derivePassphraseKey } from './core_key.js';
import { NktError } from './errors.js';
import { LateError, Patience } from './patience.js';
import { importInNode, isNode } from './platform.js';
import { trustedUrl } from './trusted.js';
import { Turns } from './turns.js';

/** @typedef {import('./seal_key.js').DeriveParams} DeriveParams */
/** @typedef {{listen(f: (answer: any) => void): void, post(what: any): void, end(): void}} Port */

/** A worker says that it is there; one that has not by then, in ms, is done without. */
const READY_MS = 3000;

/** The longest that a worker computes, in ms: a thousand times as long as it takes. Then it is as dead. */
const COMPUTE_MS = 120_000;

const patience = new Patience({ setTimeout: (f, ms) => setTimeout(f, ms), clearTimeout: (timer) => clearTimeout(timer) });

/** One at a time: each takes 64 MiB and a processor, and where many begin at once none says in time that it is there. */
const turns = new Turns();

/**
 * @param {WebAssembly.Module} module @param {DeriveParams} params
 * @param {{url?: string|null, make?: (url: string|null) => Promise<Port|null>, readyMs?: number}} [options]
 *   url: of the worker, for a page that lets scripts in by a policy; null: beside this file
 * @returns {Promise<Uint8Array>} 32 bytes
 */
export function deriveKey(module, params, { url = null, make = makeWorker, readyMs = READY_MS } = {}) {
  return turns.take(() => derive(module, params, { url, make, readyMs }));
}

/**
 * @param {WebAssembly.Module} module @param {DeriveParams} params
 * @param {{url: string|null, make: (url: string|null) => Promise<Port|null>, readyMs: number}} options
 */
async function derive(module, params, { url, make, readyMs }) {
  const worker = await make(url);
  if (worker !== null) {
    try {
      return await ask(worker, { module, params }, readyMs);
    } catch (error) {
      if (error instanceof NktError) throw error; // it worked, and this is what came of it
    } finally {
      worker.end();
    }
  }
  return derivePassphraseKey(module, params);
}

/** @param {Port} worker @param {{module: WebAssembly.Module, params: DeriveParams}} question @param {number} readyMs */
async function ask(worker, question, readyMs) {
  /** @type {() => void} */
  let beReady = () => {};
  const ready = new Promise((resolve) => { beReady = () => resolve(undefined); });
  const answer = new Promise((resolve, reject) => {
    worker.listen((said) => {
      if (said?.isReady) beReady();
      else if (said?.key instanceof Uint8Array) resolve(said.key);
      else if (said?.code) reject(new NktError(said.code, said.message));
      else reject(new Error(said?.message ?? 'the worker failed'));
    });
  });
  await patience.wait(Promise.race([ready, answer]), readyMs);
  worker.post(question);
  return patience.wait(answer, COMPUTE_MS).catch((error) => {
    throw error instanceof LateError ? new NktError('NKT_E_WASM', 'the key is not made: the worker does not answer') : error;
  });
}

/** @param {string|null} url @returns {Promise<Port|null>} */
async function makeWorker(url) {
  try {
    if (isNode) return (await importInNode('./derive_node.js')).makeNodeWorker();
    // The second one is written so that bundlers make a worker of it.
    const worker = url !== null ? new Worker(trustedUrl(url), { type: 'module' })
      : new Worker(new URL('./derive_worker.js', import.meta.url), { type: 'module' });
    return {
      listen: (f) => {
        worker.onmessage = ({ data }) => f(data);
        worker.onerror = (event) => {
          event.preventDefault(); // it is done without, which is nobody's concern
          f({ message: event.message });
        };
      },
      post: (what) => worker.postMessage(what),
      end: () => worker.terminate(),
    };
  } catch {
    return null; // no workers here
  }
}
