// SPDX-License-Identifier: GPL-3.0-or-later
// What a test leaves in a page to see what happens there. Runs in the page before its own scripts, as window.probe.

/** Sent to the page as text: it uses nothing from outside. */
export function installProbe() {
  const clock = () => performance.timeOrigin + performance.now(); // comparable between the tabs of one machine
  const probe = {
    clock,
    /** Everything received: {value, json, from, id, date, encrypted, at}. @type {any[]} */
    messages: [],
    /** Every other event of the API, frames only counted: [type, detail]. */
    events: [],
    frames: { relay: 0, webrtc: 0 },
    violations: [],
    errors: [],
    /** Deliveries of talk(). @type {any[]} */
    deliveries: [],
    talk,
    undelivered,
    waitFor,
  };

  for (const type of ['nktencryptedmessagereceived', 'nktclearmessagereceived']) {
    window.addEventListener(type, ({ detail, from, id, date, encrypted }) => {
      probe.messages.push({ value: detail, json: JSON.stringify(detail), from, id, date, encrypted, at: clock() });
    });
  }
  for (const type of ['nktnewpeer', 'nktsession', 'nktwebrtcseen', 'nktwebrtcleft', 'nktdelivery', 'nktkeychanged']) {
    window.addEventListener(type, ({ detail }) => probe.events.push([type, detail]));
  }
  window.addEventListener('nktincomingdata', ({ detail }) => probe.frames[detail.data.fromChannel]++);
  window.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
    probe.violations.push(`${violatedDirective} ${blockedURI} ${sample}`);
  });
  window.addEventListener('error', ({ message }) => probe.errors.push(String(message)));
  window.addEventListener('unhandledrejection', ({ reason }) => probe.errors.push(String(reason)));

  /**
   * Talks at an even pace: {tag, i, me, sent} for each message.
   * @param {{count: number, everyMs: number, tag: string, to?: string, pad?: number}} what
   */
  async function talk({ count, everyMs, tag, to, pad = 0 }) {
    const me = nkt.mySwarm.address();
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      const early = start + i * everyMs - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      const value = { tag, i, me, sent: clock(), ...(pad > 0 && { pad: 'x'.repeat(pad) }) };
      probe.deliveries.push(await nkt.sendEncryptedMessage(value, to));
    }
  }

  /** Recipients of what talk() said that have not acknowledged it. */
  function undelivered() {
    return probe.deliveries.flatMap(({ recipients }) => [...recipients.values()]).filter((state) => state !== 'delivered').length;
  }

  /** Resolves with the time at which a condition became true; looks after every event of the API. */
  function waitFor(condition) {
    return new Promise((resolve) => {
      const types = ['nktsession', 'nktnewpeer', 'nktwebrtcseen', 'nktwebrtcleft', 'nktstatus'];
      const look = () => {
        if (!condition()) return;
        for (const type of types) window.removeEventListener(type, look);
        resolve(clock());
      };
      for (const type of types) window.addEventListener(type, look);
      look();
    });
  }

  Object.defineProperty(window, 'probe', { value: probe });
}
