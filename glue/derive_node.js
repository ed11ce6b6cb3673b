// SPDX-License-Identifier: GPL-3.0-or-later
/** The worker of derive.js in Node; apart, so that no bundler sees it. */
import { Worker } from 'node:worker_threads';

/** @returns {import('./derive.js').Port} */
export function makeNodeWorker() {
  const worker = new Worker(new URL('./derive_worker.js', import.meta.url));
  return {
    listen: (f) => void worker.on('message', f).on('error', ({ message }) => f({ message })),
    post: (what) => worker.postMessage(what),
    end: () => void worker.terminate(),
  };
}
