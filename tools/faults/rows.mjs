// SPDX-License-Identifier: GPL-3.0-or-later
// What must hold when things fail: one entry a row, with its bar and what shows it. To add a row, add an entry.
//   sim   scenarios of the simulator: {scenario, seeds, most: {figure: bar}}; they fail by themselves for all that is not safe.
//         With --seeds, or a scenario of its own length, seeds are the number of runs.
//   test  tests in real browsers or in Node: {file, name}; name is a part of the test's own. What they print by fault()
//         (tests/support/figures.mjs) stands in the table.
//         env is for the bar's own size, where the test alone is quicker.
// A row fails when what it names is not there.

/**
 * @typedef {{scenario: string, seeds?: number, most?: Record<string, number>}} SimProof
 * @typedef {{file: string, name: string, env?: Record<string, string>}} TestProof
 * @typedef {{row: string, bar: string, sim?: SimProof[], test?: TestProof[]}} Row
 */

const e2e = (name) => `tests/e2e/${name}.test.mjs`;
const glue = (name) => `tests/glue/${name}.test.mjs`;

/** @type {Row[]} */
export const rows = [
  {
    row: 'relay killed while 1,000 messages are said between 4 tabs',
    bar: '0 lost, 0 twice, p99 <= 2 s',
    sim: [{ scenario: 'relay_dies', most: { hear_p99_ms: 2000 } }],
    test: [{ file: e2e('flaps'), name: 'the relay is killed in the middle' }],
  },
  {
    row: 'tracker killed',
    bar: 'no effect on peers; a new tab joins by the relay in <= 10 s',
    sim: [{ scenario: 'tracker_dies', most: { join_ms: 10_000 } }],
    test: [{ file: e2e('flaps'), name: 'the tracker is killed' }],
  },
  {
    row: 'both killed for 10 minutes',
    bar: '0 lost; rejoin <= 15 s p95 after their return',
    sim: [{ scenario: 'all_die', most: { relay_ms: 15_000 } }],
    test: [{ file: e2e('flaps'), name: 'relay and tracker are killed, and come back' }],
  },
  {
    row: 'both killed: joining by invite',
    bar: 'works',
    sim: [{ scenario: 'invite' }, { scenario: 'invite_secret' }],
    test: [{ file: e2e('invite'), name: '' }],
  },
  {
    row: "the page's server killed",
    bar: 'a reload and a new tab work, from files whose hashes are right',
    test: [{ file: e2e('offline'), name: 'app.js is killed' }],
  },
  {
    row: 'tab killed or reloaded',
    bar: 'same address; what was queued arrives <= 10 s after its return; outbox >= 1,000 messages or 5 MiB a peer',
    sim: [
      { scenario: 'restart' },
      { scenario: 'outbox', most: { arrived_ms: 10_000 } },
      { scenario: 'outbox_full', most: { arrived_ms: 10_000 } },
      { scenario: 'history' },
    ],
    test: [
      { file: e2e('reload'), name: 'three times: each message once' },
      { file: e2e('reload'), name: 'away for a while' },
      { file: e2e('reload'), name: 'the sender is reloaded' },
      { file: e2e('kept'), name: 'a reload shows what was said and heard' },
      { file: glue('store'), name: 'a duplicated tab gets a slot of its own' },
      { file: glue('store_files'), name: 'what was queued for one who is away goes out in the next life' },
    ],
  },
  {
    row: '200 kills in mid-send',
    bar: 'no ratchet key and counter twice on the wire; nothing twice, nothing lost that was stored',
    sim: [{ scenario: 'crashes', seeds: 4 }],
    test: [
      { file: e2e('kept'), name: 'times while it talks', env: { NKT_KILLS: '200' } },
      { file: glue('store_files'), name: 'times while it talks', env: { NKT_CRASHES: '50' } },
    ],
  },
  {
    row: '30 minutes of sleep',
    bar: 'works <= 5 s after waking; <= 10 attempts in the first 10 s; no storm',
    sim: [{ scenario: 'sleep', most: { talk_ms: 5000, attempts_10s: 10 } }],
  },
  {
    row: 'sleep of 3 hours, 30 hours, 3 weeks',
    bar: 'talks <= 5 s after waking',
    sim: [{ scenario: 'sleep_long', seeds: 1, most: { talk_ms: 5000, talk_after_weeks_ms: 5000, attempts_10s: 10 } }],
  },
  {
    row: 'clock off by minutes to days, or set right in mid-life',
    bar: 'talks, is told; met <= 10 s after it was set right; never a lost identity; nothing old is heard',
    sim: [
      { scenario: 'clocks', seeds: 2, most: { met_by_relay_ms: 5000, delivered_ms: 3000 } },
      { scenario: 'clocks_many', seeds: 3 },
      { scenario: 'clocks_crowd', seeds: 2 },
      { scenario: 'clock_fast', most: { stored_met_ms: 5000, running_met_ms: 5000 } },
      { scenario: 'clock_set', most: { met_before_ms: 5000, set_right_ms: 10_000 } },
      { scenario: 'said_again', seeds: 2 },
    ],
    test: [{ file: glue('clock'), name: 'by 2 hours' }, { file: glue('clock'), name: 'by 25 hours' }],
  },
  {
    row: '10 network flaps (2 s off, 3 s on)',
    bar: '0 lost; peer connections <= peers + 2',
    sim: [{ scenario: 'flap', most: { rtc_count_max: 5 } }],
    test: [{ file: e2e('network'), name: '2 s off and 3 s on' }],
  },
  {
    row: 'network gone, or another address, in mid-conversation',
    bar: '0 lost, 0 twice; ICE restarted or the link replaced',
    sim: [{ scenario: 'path_breaks' }],
    test: [
      { file: e2e('network'), name: 'the network is gone' },
      { file: e2e('network'), name: 'the address changes' },
    ],
  },
  {
    row: 'a relay, and nothing else, that loses a fifth of the frames, doubles a fifth and is late with a tenth',
    bar: 'all meet, 0 lost, 0 twice',
    sim: [{ scenario: 'evil_relay' }],
  },
  {
    row: '30 % loss, 500 ms RTT, 25 % out of order, 5 % twice',
    bar: '1,000 messages once; p50 <= 3 s, p99 <= 30 s; session <= 20 s p95',
    sim: [{ scenario: 'harsh', most: { hear_p50_ms: 3000, hear_p99_ms: 30_000, session_ms: 20_000 } }],
  },
  {
    row: 'partition 5 + 5 for 5 minutes, then healed',
    bar: 'every pair talks in <= 10 s, gossip equal in <= 15 s, once',
    sim: [{ scenario: 'partition', most: { delivered_ms: 10_000, gossip_ms: 15_000 } }],
  },
  {
    row: 'said to one who is away by one who leaves',
    bar: 'heard on return, once; bounded in bytes, count and time',
    sim: [
      { scenario: 'mail' },
      { scenario: 'mail_again' },
      { scenario: 'mail_late' },
      { scenario: 'mail_apart' },
      { scenario: 'mail_overlay' },
      { scenario: 'mail_expires', seeds: 2 },
      { scenario: 'mail_flood', seeds: 2 },
      { scenario: 'mail_large', seeds: 2 },
    ],
  },
  {
    row: 'storage full or blocked',
    bar: 'goes on in memory; one event; never a silent new identity',
    test: [
      { file: glue('store'), name: 'storage blocked' },
      { file: glue('store'), name: 'storage full' },
      { file: e2e('storage'), name: 'full: goes on in memory' },
      { file: e2e('storage'), name: 'blocked: says that' },
      { file: glue('store'), name: 'a slot whose key does not open' },
      { file: glue('store_files'), name: 'a folder that goes away' },
      { file: glue('restart'), name: 'without storage nobody comes back as somebody else' },
    ],
  },
  {
    row: 'one byte flipped in a stored record',
    bar: 'detected, others untouched, that peer re-keyed in <= 5 s',
    sim: [{ scenario: 'corrupt', most: { healed_ms: 5000 } }],
    test: [
      { file: glue('store_files'), name: 'one byte flipped in any record' },
      { file: e2e('storage'), name: 'one byte flipped in each' },
    ],
  },
  {
    row: 'more than 2,000 lost messages on a session',
    bar: 're-keys by itself, next message <= 5 s',
    sim: [{ scenario: 'gap', most: { healed_ms: 5000 } }],
  },
  {
    row: 'the WebAssembly module traps',
    bar: 'restarts from storage in <= 2 s, one event, nothing acknowledged is lost',
    test: [{ file: glue('restart'), name: '' }],
  },
  {
    row: '24 h of virtual time',
    bar: 'memory slope <= 1 MB/h after warm-up',
    sim: [{ scenario: 'soak', seeds: 2, most: { memory_slope_per_h: 1_048_576 } }, { scenario: 'idle', seeds: 2 }],
  },
  {
    row: 'idle traffic',
    bar: '<= 1 frame per neighbour per 15 s',
    sim: [{ scenario: 'idle', seeds: 2, most: { frames_per_neighbour_15s: 1 } }],
  },
];
