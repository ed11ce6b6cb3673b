// SPDX-License-Identifier: GPL-3.0-or-later
// Audio and video that play while they come: the service worker (sw.js) asks this page for the parts that an element wants, by a name that
// only this page knows. Without a worker they play when they are whole.

const TYPE = /^(audio|video)\/[a-z0-9][a-z0-9.+-]{0,63}$/;
const PART_SIZE_MAX = 512 << 10; // of an answer, in bytes
const PART_MS = 300; // nor is more waited for, once there is something
const ASKED_COUNT_MAX = 8; // parts of one content at a time: an element asks for two or three
const CLAIM_MS = 2000;

/** What is played: name -> {fetched, type, asked: ports that wait}. */
const playing = new Map();
let isHeard = false;

/** As what something is played here, of what its sender says it is; '': not at all. */
export function playableType(said) {
  const type = said.toLowerCase().split(';')[0].trim();
  const [, kind] = TYPE.exec(type) ?? [];
  return kind && document.createElement(kind).canPlayType(type) ? type : '';
}

/** The worker answers for this page. One that came from the server itself, as on a first visit, is taken under it (offline.js). */
async function isServed() {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return false;
  if (!serviceWorker.controller) {
    if (!(await serviceWorker.getRegistration().catch(() => null))?.active) return false;
    await new Promise((resolve) => {
      serviceWorker.addEventListener('controllerchange', resolve, { once: true });
      setTimeout(resolve, CLAIM_MS);
    });
  }
  if (!isHeard) serviceWorker.addEventListener('message', onMessage);
  isHeard = true;
  return serviceWorker.controller !== null;
}

/** Where an element plays it from, and how that ends: {url, close()}. Waits for all of it where no worker is. */
export async function sourceOf(fetched, type) {
  if (!await isServed()) {
    await fetched.complete;
    const blob = await fetched.blob();
    const url = URL.createObjectURL(blob.slice(0, blob.size, type));
    return { url, close: () => URL.revokeObjectURL(url) };
  }
  const name = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  playing.set(name, { fetched, type, asked: new Set() });
  return { url: new URL(`./media/${name}`, import.meta.url).href, close: () => close(name) };
}

function close(name) {
  for (const stop of playing.get(name)?.asked ?? []) stop();
  playing.delete(name);
}

async function onMessage({ data, ports: [port] }) {
  if (data?.kind !== 'nkt-media' || !port) return;
  const one = playing.get(data.name);
  if (one) port.postMessage('heard');
  const answer = one ? await partOf(one, data, port).catch(() => null) : null;
  port.postMessage(answer, answer?.bytes ? [answer.bytes.buffer] : []);
}

/** What is there of a part, at least a byte of it: the element asks on behind it. */
async function partOf({ fetched, type, asked }, { start, end }, port) {
  const { size } = fetched;
  if (start >= size || end <= start) return { type, size, start, bytes: null };
  const stopAt = Math.min(size, end, start + PART_SIZE_MAX);
  const reader = fetched.stream({ start, end: stopAt }).getReader();
  const stop = () => reader.cancel().catch(() => {});
  if (asked.size >= ASKED_COUNT_MAX) asked.values().next().value();
  asked.add(stop);
  port.onmessage = stop; // the element does not want it any more
  const bytes = new Uint8Array(stopAt - start);
  let length = 0;
  let late = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      bytes.set(next.value, length);
      length += next.value.length;
      late ||= setTimeout(stop, PART_MS);
    }
  } finally {
    clearTimeout(late);
    asked.delete(stop);
  }
  return length ? { type, size, start, bytes: bytes.slice(0, length) } : null;
}
