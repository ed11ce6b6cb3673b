// SPDX-License-Identifier: GPL-3.0-or-later
// A page whose peer lives in it, in a worker of it, or in one that it shares with others: ?in=page, worker, shared.
import { ask } from './port.js';
import { makeSteps } from './steps.js';

const { in: where, wasm } = Object.fromEntries(new URLSearchParams(location.search));
const given = wasm ? { wasm: new URL(wasm, location.href).href } : {}; // where a bundler does not find it by itself

const places = {
  page: () => makeSteps({ platform: given }),
  worker() {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    worker.onerror = (event) => reportError(new Error(`the worker: ${event.message}`));
    worker.postMessage(given);
    return ask(worker);
  },
  shared() {
    const worker = new SharedWorker(new URL('./shared.js', import.meta.url), { type: 'module' });
    worker.onerror = (event) => reportError(new Error(`the worker: ${event.message}`));
    worker.port.postMessage(given);
    return ask(worker.port);
  },
};
globalThis.app = places[where]();
