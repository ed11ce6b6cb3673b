// SPDX-License-Identifier: GPL-3.0-or-later
// The session layer alone in WebAssembly: build/wasm/bench.wasm (glue/wasm/bench.c). One call does n of a thing.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import { ROOT, round } from './support.mjs';

const WASM = `${ROOT}build/wasm/bench.wasm`;
const STEP_MS = 60;

/** Imports of the core (host.entropy) and stubs for whatever else the linker left. */
function importsOf(module, memory) {
  const imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind === 'function') (imports[from] ??= {})[name] = () => 0;
  }
  imports.host ??= {};
  imports.host.entropy = (at, size) => {
    const view = new Uint8Array(memory().buffer, at, size);
    for (let i = 0; i < size; i += 65536) globalThis.crypto.getRandomValues(view.subarray(i, i + 65536));
    return 0;
  };
  return imports;
}

function text(memory, at) {
  const bytes = new Uint8Array(memory.buffer, at);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

/** How many per second: calls `once(n)` until `ms` passed. */
function rate(once, n, ms) {
  const from = performance.now();
  let done = 0;
  let took;
  do {
    const code = once(n);
    if (code !== 0) throw new Error(`the benchmark module failed with ${code}`);
    done += n;
    took = performance.now() - from;
  } while (took < ms);
  return done / (took / 1000);
}

/** {round(ms), steps()}, or null when bench.wasm is not built. */
export async function openSession() {
  if (!existsSync(WASM)) return null;
  const module = await WebAssembly.compile(await readFile(WASM));
  let memory;
  const { exports } = await WebAssembly.instantiate(module, importsOf(module, () => memory));
  memory = exports.memory;
  exports._initialize?.();
  const handle = exports.nkt_bench_new();
  if (handle <= 0) throw new Error(`nkt_bench_new: ${handle}`);
  const kinds = [
    ['session/s', exports.nkt_bench_sessions, 10],
    ['session with one-time prekey/s', exports.nkt_bench_sessions_prekey, 10],
    ['oneway/s', exports.nkt_bench_oneway, 200],
    ['pingpong/s', exports.nkt_bench_pingpong, 100], // n messages, in alternating directions
  ];
  return {
    /** One round: the same keys as signal_peers.mjs. */
    round(ms) {
      const result = {};
      for (const [key, call, n] of kinds) result[key] = Math.round(rate((count) => call(handle, count), n, ms));
      return result;
    },
    /** Microseconds of each step by name. */
    steps() {
      const result = {};
      for (let op = 0; ; op++) {
        const name = exports.nkt_bench_op_name(op);
        if (name === 0) return result;
        const once = (n) => exports.nkt_bench_op(handle, op, n);
        result[text(memory, name)] = round(1e6 / rate(once, 10, STEP_MS), 2);
      }
    },
  };
}
