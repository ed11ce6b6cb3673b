// SPDX-License-Identifier: GPL-3.0-or-later
// What tests of calls share: microphones and cameras that browsers make up, and what came of them at the other end.
import { untilTabs } from './tab.mjs';

export const MEDIA_MS = 60_000; // on a busy machine

/** Five pictures a second: nobody looks at them. */
export const FAKE_DEVICES = ['--use-fake-device-for-media-stream=fps=5', '--use-fake-ui-for-media-stream'];

/** Runs in a page before its scripts: keeps its connections, of which nkt's own have no tracks, and what records. */
export function keepConnections() {
  window.connections = [];
  window.tracks = [];
  for (const name of ['getUserMedia', 'getDisplayMedia']) {
    const get = navigator.mediaDevices[name];
    navigator.mediaDevices[name] = async (wanted) => {
      const stream = await get.call(navigator.mediaDevices, wanted);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
  }
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      window.connections.push(this);
    }
  };
}

/** Runs in a page: what came in over calls that are open: how many people, and of frames and sound what least came from one. */
export async function heard() {
  const calls = window.connections.filter((one) => one.connectionState !== 'closed' && one.getTransceivers().length);
  const each = await Promise.all(calls.map(async (one) => {
    const found = { frames: 0, energy: 0 };
    for (const stats of (await one.getStats()).values()) {
      if (stats.type !== 'inbound-rtp') continue;
      if (stats.kind === 'video') found.frames = stats.framesDecoded ?? 0;
      else found.energy = stats.totalAudioEnergy ?? 0;
    }
    return found;
  }));
  const least = (name) => Math.min(...each.map((one) => one[name]));
  return { people: each.length, frames: least('frames'), energy: least('energy') };
}

/** More frames and more sound than `from` came from each. @param {import('./tab.mjs').Tab} tab @param {number} count of people */
export async function isHearing(tab, count, what, from = { frames: 0, energy: 0 }) {
  let now;
  await untilTabs(async () => {
    now = await tab.run(heard);
    return now.people === count && now.frames > from.frames + 3 && now.energy > from.energy;
  }, `${tab.name} hears and sees ${what}`, MEDIA_MS).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify(now)}`, { cause: error });
  });
}

/** Connected with so many. */
export const isIn = (tab, count) => tab.until((wanted) => {
  return document.querySelectorAll('.call-tile[data-phase="on"]:not([data-own="true"])').length === wanted;
}, count, `a call with ${count}`, MEDIA_MS);

export const isOver = (tab) => tab.until(() => !document.querySelector('#call, .ring'), undefined, 'no call any more', MEDIA_MS);

/** One calls the other, both with a camera; {rangMs, answeredMs}: until it rings, and from then until both are connected. */
export async function callEachOther(from, to) {
  const began = performance.now();
  await from.type(`/video ${to.name}`);
  await to.page.locator('.ring').waitFor();
  const rang = performance.now();
  await to.page.locator('.ring .ring-seen').click();
  await Promise.all([from, to].map((tab) => isIn(tab, 1)));
  return { rangMs: Math.round(rang - began), answeredMs: Math.round(performance.now() - rang) };
}
