// SPDX-License-Identifier: GPL-3.0-or-later
/** The worker of derive.js: one key, then it is ended. */
import { derivePassphraseKey } from './core.js';
import { isNode } from './platform.js';

const port = isNode ? (await import('node:worker_threads')).parentPort : null;
const answer = (/** @type {any} */ what) => (port === null ? globalThis.postMessage(what) : port.postMessage(what));

async function run({ module, params }) {
  try {
    answer({ key: await derivePassphraseKey(module, params) });
  } catch (error) {
    answer({ code: /** @type {any} */ (error).code, message: /** @type {Error} */ (error).message });
  }
}

if (port === null) globalThis.onmessage = ({ data }) => run(data);
else port.on('message', run);
