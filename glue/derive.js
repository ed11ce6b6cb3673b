// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Keys from a passphrase, beside the main thread: a worker with an instance of the same module, which takes its 64 MiB
 * along when it goes. Where there are no workers, here.
 */
import { derivePassphraseKey } from './core.js';
import { NktError } from './errors.js';
import { isNode } from './platform.js';

/** @typedef {import('./seal_key.js').DeriveParams} DeriveParams */

/** @param {WebAssembly.Module} module @param {DeriveParams} params @returns {Promise<Uint8Array>} 32 bytes */
export async function deriveKey(module, params) {
  const worker = await makeWorker();
  if (worker === null) return derivePassphraseKey(module, params);
  try {
    return await new Promise((resolve, reject) => {
      worker.listen((answer) => {
        if (answer?.key instanceof Uint8Array) resolve(answer.key);
        else reject(new NktError(answer?.code ?? 'NKT_E_WASM', answer?.message ?? 'the worker failed'));
      });
      worker.post({ module, params });
    });
  } finally {
    worker.end();
  }
}

/** @returns {Promise<{listen(f: (answer: any) => void): void, post(what: any): void, end(): void}|null>} */
async function makeWorker() {
  try {
    if (isNode) {
      const { Worker } = await import('node:worker_threads');
      const worker = new Worker(WORKER_URL);
      return {
        listen: (f) => void worker.on('message', f).on('error', ({ message }) => f({ message })),
        post: (what) => worker.postMessage(what),
        end: () => void worker.terminate(),
      };
    }
    const worker = new Worker(trustedUrl(), { type: 'module' });
    return {
      listen: (f) => {
        worker.onmessage = ({ data }) => f(data);
        worker.onerror = ({ message }) => f({ message });
      },
      post: (what) => worker.postMessage(what),
      end: () => worker.terminate(),
    };
  } catch {
    return null; // no workers here
  }
}

const WORKER_URL = new URL('./derive_worker.js', import.meta.url);

/** @type {{createScriptURL(href: string): any}|null|undefined} undefined: not asked for yet */
let policy;

/** A page under Trusted Types allows this one script by this policy. @returns {any} */
function trustedUrl() {
  policy ??= globalThis.trustedTypes?.createPolicy('nkt-derive', {
    createScriptURL(href) {
      if (href !== WORKER_URL.href) throw new TypeError('not a script of ours');
      return href;
    },
  }) ?? null;
  return policy === null ? WORKER_URL : policy.createScriptURL(WORKER_URL.href);
}
