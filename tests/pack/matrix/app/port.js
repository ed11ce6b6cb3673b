// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of a peer in another thread.

/** @param {{postMessage(said: any): void, onmessage: any}} port @param {(step: string, ...args: any[]) => Promise<any>} call */
export function answer(port, call) {
  port.onmessage = async ({ data: [number, step, ...args] }) => port.postMessage([number, await call(step, ...args)]);
}

/** @param {{postMessage(said: any): void, onmessage: any}} port @returns {(step: string, ...args: any[]) => Promise<any>} */
export function ask(port) {
  const asked = [];
  port.onmessage = ({ data: [number, result] }) => asked[number](result);
  return (step, ...args) => new Promise((resolve) => port.postMessage([asked.push(resolve) - 1, step, ...args]));
}
