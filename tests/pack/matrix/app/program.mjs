// SPDX-License-Identifier: GPL-3.0-or-later
// A program whose peer lives in it or in a worker of it: `program.mjs main`, `webrtc` (the same, with @roamhq/wrtc), `thread` (of
// node:worker_threads) or `worker` (as in browsers).
// It is told steps line by line, [name, ...arguments], and answers each with a line. It has to end by itself once its input has.
import { createInterface } from 'node:readline';
import { makeSteps } from './steps.js';

const places = {
  main: () => ({ call: makeSteps({ webrtc: false }), end() {} }),
  webrtc: () => ({ call: makeSteps(), end() {} }),
  async thread() {
    const { Worker } = await import('node:worker_threads');
    const worker = new Worker(new URL('./thread.mjs', import.meta.url));
    const asked = [];
    worker.on('message', ([number, result]) => asked[number](result));
    worker.on('error', (error) => { throw error; });
    return {
      call: (step, ...args) => new Promise((resolve) => worker.postMessage([asked.push(resolve) - 1, step, ...args])),
      end: () => void worker.postMessage('end'), // and is gone by itself
    };
  },
  async worker() {
    const { ask } = await import('./port.js');
    const worker = new Worker(new URL('./web_worker.mjs', import.meta.url), { type: 'module' });
    worker.onerror = (event) => { throw new Error(event.message); };
    return { call: ask(worker), end: () => worker.terminate() };
  },
};

const { call, end } = await places[process.argv[2]]();
for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await call(...JSON.parse(line))));
end();
