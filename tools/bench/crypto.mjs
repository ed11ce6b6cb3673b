// SPDX-License-Identifier: GPL-3.0-or-later
// The session layer and the whole path in WebAssembly, beside the Signal libraries a web developer would pick instead.
// Rounds of ours and theirs take turns. Usage: node crypto.mjs [--rounds=3]; JSON on stdout, progress on stderr.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

import { openPath } from './crypto_path.mjs';
import { openSession } from './crypto_session.mjs';
import { machine } from './machine.mjs';
import { HERE, ROOT, attempt, bar, median, progress, ratio, round } from './support.mjs';

const ROUND_MS = 1_000;
const PATH_MESSAGES = 4_000;
const PEERS_MS = 120_000;
const PEERS_SCRIPT = `${ROOT}../shared/bench/signal_peers.mjs`;
const JS_PEER = 'libsignal-protocol-typescript';
const KINDS = ['session/s', 'oneway/s', 'pingpong/s'];

/** One round of the rivals: {name: {kind: rate}}; those that are not installed are left out. */
async function peersRound() {
  const options = { env: { ...process.env, NKT_PEERS: HERE }, timeout: PEERS_MS, killSignal: 'SIGKILL' };
  const run = async (...script) => JSON.parse((await promisify(execFile)(process.execPath, script, options)).stdout);
  const more = hasVodozemac ? await attempt('vodozemac', () => run(`${HERE}crypto_vodozemac.mjs`)) : {};
  const all = { ...(await run(PEERS_SCRIPT, '1')), ...more };
  return Object.fromEntries(Object.entries(all).filter(([, rates]) => typeof rates === 'object'));
}

/** Median of each number over rounds that are {key: number}. */
function medians(rounds) {
  const keys = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(keys.map((key) => [key, round(median(rounds.map((r) => r[key])), 1)]));
}

function ratios(ours, theirs) {
  return Object.fromEntries(KINDS.map((kind) => [kind, round(ratio(ours?.[kind], theirs?.[kind]), 2)]));
}

const count = Number(process.argv.find((arg) => arg.startsWith('--rounds='))?.slice(9)) || 3;
const session = await openSession();
const path = await openPath();
const hasPeers = existsSync(PEERS_SCRIPT) && existsSync(`${HERE}node_modules/@signalapp`);
const hasVodozemac = existsSync(`${HERE}node_modules/@matrix-org/matrix-sdk-crypto-wasm`);
const rounds = { session: [], path: [], peers: [] };

for (let i = 0; i < count; i++) {
  progress(`round ${i + 1}/${count}`);
  const parts = [
    ['session', session && (() => session.round(ROUND_MS))],
    ['path', path && (() => path(PATH_MESSAGES))],
    ['peers', hasPeers && peersRound],
  ];
  if (i % 2) parts.reverse();
  for (const [name, measure] of parts) {
    if (!measure) {
      if (i === 0) progress(`  ${name}: skipped`);
      continue;
    }
    const result = await attempt(name, measure);
    if (result) rounds[name].push(result);
  }
}

const ours = rounds.session.length ? medians(rounds.session) : null;
const whole = rounds.path.length ? medians(rounds.path) : null;
const names = Object.keys(rounds.peers[0] ?? {});
const peers = Object.fromEntries(names.map((name) => [name, medians(rounds.peers.map((r) => r[name] ?? {}))]));
const find = (part) => peers[names.find((name) => name.startsWith(part))];
const js = find(JS_PEER);
const rust = find('libsignal-client');
const toJs = ratios(ours, js);
const toRust = ratios(ours, rust);
const wasmOneway = Math.max(...names.filter((name) => name.includes('wasm')).map((name) => peers[name]['oneway/s']));

console.log(
  JSON.stringify(
    {
      machine: machine(),
      rounds: count,
      session_layer: ours ?? 'skipped',
      whole_path: whole ?? 'skipped',
      peers: names.length ? peers : 'skipped',
      ratio_to_libsignal_protocol_typescript: ours && js ? toJs : 'skipped',
      ratio_to_libsignal_client: ours && rust ? toRust : 'skipped',
      bars: {
        ...Object.fromEntries(KINDS.map((kind) => [`${kind} to ${JS_PEER}`, bar(toJs[kind], '>=', 20)])),
        'oneway/s to libsignal-client': bar(toRust['oneway/s'], '>=', 4),
        'oneway/s to the fastest in wasm': bar(round(ratio(ours?.['oneway/s'], wasmOneway), 2), '>=', 1.2),
        'session/s to libsignal-client': bar(toRust['session/s'], '>=', 1),
        'pingpong/s to libsignal-client': bar(toRust['pingpong/s'], '>=', 1.3),
        'whole path to libsignal-client oneway/s': bar(ratio(whole?.to_one_per_s, rust?.['oneway/s']), '>=', 1),
      },
      step_us: session ? session.steps() : 'skipped',
    },
    null,
    1,
  ),
);
