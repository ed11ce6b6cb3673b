// SPDX-License-Identifier: GPL-3.0-or-later
// nkt.health() as the page needs it: {relays, trackers: [{url, state, error}], links: [{addr, state}], sessions (with those who are here),
// outbox, dropped, isGone, warning, clockOff (ms, 0: right)}, state being ok, wait or down. Empty before the start.

const STATES = { open: 'ok', waiting: 'down', suspect: 'down' }; // any other is on its way up

/** Copies of one frame come by several ways: that is no fault. */
const HARMLESS = new Set(['NKT_E_DUPLICATE', 'NKT_E_REPLAY']);

export function readHealth() {
  const health = window.nkt.health();
  return {
    relays: list(health.relays),
    trackers: list(health.trackers),
    links: list(health.links),
    sessions: Object.values(window.nkt.userList).filter((user) => user.session === 'established' && !user.isUnreachable).length,
    isGone: !health.running, // its core trapped once too often
    warning: readWarning(health.overlay, health.users),
    clockOff: health.clock?.off ? health.clock.offsetMs : 0,
    outbox: health.outbox?.count ?? 0,
    dropped: Object.entries(health.dropped ?? {}).reduce((sum, [name, count]) => sum + (HARMLESS.has(name) ? 0 : count), 0),
  };
}

const list = (ways = []) => ways.map(({ url, address, state, lastError = '', code = '' }) => (
  { url, addr: address, state: STATES[state] ?? 'wait', error: lastError, code }));

/** 'isolated', 'partitioned' or ''. Who is alone in a room is not cut off from anybody. */
export function readWarning(overlay, peopleCount) {
  if (!overlay || !peopleCount) return '';
  return overlay.isolated ? 'isolated' : overlay.partitioned ? 'partitioned' : '';
}
