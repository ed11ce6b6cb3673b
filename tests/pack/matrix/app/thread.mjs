// SPDX-License-Identifier: GPL-3.0-or-later
import { parentPort } from 'node:worker_threads';
import { makeSteps } from './steps.js';

const call = makeSteps({ webrtc: false });
parentPort.on('message', async (said) => {
  if (said === 'end') (parentPort.close ?? globalThis.close).call(parentPort); // Deno has the one that browsers have
  else parentPort.postMessage([said[0], await call(...said.slice(1))]);
});
