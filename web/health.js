// SPDX-License-Identifier: GPL-3.0-or-later
// nkt.health() as the page needs it: {relays, trackers: [{url, state, error}], links: [{addr, state, error}],
// sessions, outbox, dropped}, state being ok, wait or down. A field that is missing is empty.

const UP = /^(open|up|ok|connected|established)$/i;
const WAITING = /^(connecting|opening|pending|new|checking)/i;

export function readHealth() {
  let health = {};
  try {
    health = window.nkt.health() ?? health;
  } catch { /* not started yet */ }
  return {
    relays: list(health.relays),
    trackers: list(health.trackers),
    links: list(health.links).filter(({ kind }) => !kind || /rtc/i.test(kind)),
    sessions: count(health.sessions),
    outbox: count(health.outbox),
    dropped: count(health.dropped),
  };
}

const list = (ways) => (Array.isArray(ways) ? ways : []).map((way) => ({
  url: way.url,
  addr: way.address,
  kind: way.kind,
  state: UP.test(way.state ?? 'up') ? 'ok' : WAITING.test(way.state) ? 'wait' : 'down',
  error: way.lastError ?? '',
}));

/** A number, {count}, or a table of numbers. */
function count(value) {
  return Number(value?.count ?? (Object(value) === value ? Object.values(value).reduce((a, b) => a + b, 0) : value ?? 0));
}
