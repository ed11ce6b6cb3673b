// SPDX-License-Identifier: GPL-3.0-or-later
// One peer's life in steps, the same wherever it runs: in a page, in a worker, in Node, Deno and Bun. What goes in and comes out can be
// sent to another thread.
import { Nkt } from 'nkt';
import { nodeConfig } from 'nkt/node';

/** @param {{platform?: object, webrtc?: boolean}} [here] platform: what is not found by itself */
export function makeSteps({ platform = {}, webrtc = true } = {}) {
  let nkt;
  let heard = [];
  let waiting = () => {};
  const steps = {
    async start(given) {
      nkt = new Nkt(platform);
      heard = [];
      nkt.addEventListener('nktencryptedmessagereceived', ({ detail }) => {
        heard.push(detail);
        waiting();
      });
      await nkt.init({ ...(await nodeConfig({ webrtc })), ...given });
      return { address: nkt.mySwarm.address(), storage: nkt.health().storage.state };
    },
    async say(text) {
      const { addr } = await nkt.peer(() => true, { timeout: 15_000 });
      return [...(await (await nkt.sendEncryptedMessage(text, addr)).settled).values()];
    },
    /** When there is one. */
    async hear() {
      if (heard.length === 0) await new Promise((resolve) => { waiting = resolve; });
      return heard.shift();
    },
    /** Somebody whom WebRTC reaches. */
    link: async () => (await nkt.peer(({ path }) => path === 'direct', { timeout: 15_000 })).path,
    history: async () => (await nkt.history()).map(({ value }) => value),
    close: () => nkt.close(),
  };
  /** @param {string} step @param {unknown[]} args @returns {Promise<{value?: any, error?: {code?: string, message: string}}>} */
  return async function call(step, ...args) {
    try {
      return { value: await steps[step](...args) };
    } catch (error) {
      return { error: { code: error.code, message: `${error.message}` } };
    }
  };
}
