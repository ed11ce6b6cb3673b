// SPDX-License-Identifier: GPL-3.0-or-later
// The page's side of its service worker (sw.js): registers it once somebody is in the room, and says when a newer version of
// the page is there, or one that was refused.

import { $, setText } from './dom.js';
import { note } from './messages.js';
import { texts } from './texts.js';

const CHECK_MS = 600_000; // a page that is looked at again asks at most so often

let worker = null; // ServiceWorkerRegistration
let own; // the version this page lives on, once known
let saidRefused = '';
let checkedAt = -Infinity;
let relayWasUp = false;

/** Once; where there are no service workers the page does without. */
export async function setUpOffline() {
  const { serviceWorker } = navigator;
  if (!serviceWorker || worker) return;
  $('newer-reload').addEventListener('click', () => location.reload());
  serviceWorker.addEventListener('message', ({ data }) => { if (data === 'nkt-set') check(); });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && performance.now() - checkedAt >= CHECK_MS) check();
  });
  window.addEventListener('nktstatus', ({ detail }) => lookAtRelay(detail));
  try {
    worker = await serviceWorker.register(address(), { updateViaCache: 'none' });
    await serviceWorker.ready;
    if (!serviceWorker.controller) worker.active.postMessage('nkt-claim'); // what this page has not fetched yet is to outlive its server
    await check();
  } catch {
    // private windows, old browsers, a server that is gone already
  }
}

/** The one address that the page's only Trusted Types policy lets through. */
function address() {
  const worker = new URL('./sw.js', import.meta.url).href;
  const createScriptURL = (url) => {
    if (url !== worker) throw new TypeError(url);
    return url;
  };
  return window.trustedTypes?.createPolicy('nkt-worker', { createScriptURL }).createScriptURL(worker) ?? worker;
}

/** A server that is back may be another version. */
function lookAtRelay({ relays }) {
  const isUp = (relays ?? []).some(({ state }) => state === 'open');
  if (isUp && !relayWasUp && own) check();
  relayWasUp = isUp;
}

async function check() {
  checkedAt = performance.now();
  if (!worker?.active) return;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {
    port1.close();
    tell(data);
  };
  worker.active.postMessage('nkt-check', [port2]);
}

/** A page that came from the network itself lives on what the worker found first. */
function tell({ own: living, newest, refused }) {
  own ??= living ?? newest;
  $('newer').hidden = newest === own;
  setText($('newer-text'), newest === own ? '' : texts.newer);
  if (refused && refused !== saidRefused) note(texts.newerRefused(refused), 'error');
  saidRefused = refused;
}
