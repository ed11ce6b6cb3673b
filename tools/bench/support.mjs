// SPDX-License-Identifier: GPL-3.0-or-later
// Statistics, bounded waits and child processes for the benchmarks.
import { spawn, spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The repository, with a trailing slash. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** This folder, with a trailing slash. */
export const HERE = fileURLToPath(new URL('./', import.meta.url));

export const progress = (text) => void process.stderr.write(`${text}\n`);
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const round = (x, digits = 1) => Math.round(x * 10 ** digits) / 10 ** digits;

/** The value below which a share `at` (0 to 1) of the values lies. */
export function quantile(values, at) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))];
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Median and spread of the tries that gave a number; `failed` counts the others. */
export function spread(tries, digits = 1) {
  const values = tries.filter(Number.isFinite);
  const failed = tries.length - values.length;
  if (values.length === 0) return { median: null, failed };
  const at = (x) => round(x, digits);
  return {
    median: at(median(values)),
    min: at(Math.min(...values)),
    quarter: at(quantile(values, 0.25)),
    max: at(Math.max(...values)),
    tries: values.map(at),
    failed,
  };
}

/** A bar of the issue: {value, bar, met}; met is null where a side was not measured. */
export function bar(value, op, limit) {
  const known = Number.isFinite(value);
  const holds = { '<=': value <= limit, '>=': value >= limit, '>': value > limit };
  return { value: known ? round(value, 2) : null, bar: `${op} ${limit}`, met: known ? holds[op] : null };
}

export const ratio = (a, b) => (Number.isFinite(a) && b > 0 ? a / b : NaN);

/** Rejects when the promise takes longer than `ms`. */
export function within(promise, ms, what) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what}: nothing after ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Runs `once()` and turns a failure into a line on stderr and NaN. */
export async function attempt(what, once) {
  try {
    return await once();
  } catch (error) {
    progress(`  ${what}: ${String(error?.message ?? error).split('\n')[0]}`);
    return NaN;
  }
}

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/**
 * Starts a Node script that listens on `port` and waits until it does. Killed with this process.
 * prefix: a command that runs it, such as one that enters a network namespace; then it is there that it is looked for, at `host`.
 */
export async function startServer(script, env, port, { host = 'localhost', prefix = [], args: own = [] } = {}) {
  const [command, ...args] = [...prefix, process.execPath, script, ...own];
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.add(child);
  let errors = '';
  child.stderr.on('data', (data) => (errors = (errors + data).slice(-2000)));
  for (let i = 0; i < 100 && child.exitCode === null; i++) {
    if (await listens(host, port, prefix)) return child;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error(`${script} does not listen on ${port}: ${errors}`);
}

function listens(host, port, prefix) {
  if (prefix.length) { // out of reach from here
    const look = `require('net').connect(${port},'${host}').on('connect',()=>process.exit(0)).on('error',()=>process.exit(1))`;
    const [command, ...args] = [...prefix, process.execPath, '-e', look];
    return spawnSync(command, args).status === 0;
  }
  return new Promise((done) => {
    const socket = connect(port, host);
    socket.on('connect', () => (socket.destroy(), done(true)));
    socket.on('error', () => done(false));
  });
}
