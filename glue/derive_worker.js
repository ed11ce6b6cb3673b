// SPDX-License-Identifier: GPL-3.0-or-later
/** The worker of derive.js: says that it is there, makes one key, then it is ended. */
import { derivePassphraseKey } from './core_key.js';
import { importInNode, isNode } from './platform.js';

/** @param {(what: any) => void} answer @returns {(question: any) => Promise<void>} */
function start(answer) {
  answer({ isReady: true });
  return async ({ module, params }) => {
    try {
      answer({ key: await derivePassphraseKey(module, params) });
    } catch (error) {
      answer({ code: /** @type {any} */ (error).code, message: /** @type {Error} */ (error).message });
    }
  };
}

if (isNode) {
  importInNode('node:worker_threads').then(({ parentPort }) => {
    parentPort.on('message', start((what) => parentPort.postMessage(what)));
  });
} else {
  const run = start((what) => globalThis.postMessage(what));
  globalThis.onmessage = ({ data }) => run(data);
}
