// SPDX-License-Identifier: GPL-3.0-or-later
// Relays and the load generator, each on a core of its own, and what /proc says of them.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { HERE, median, quantile, ROOT, round, within } from './support.mjs';

export const options = Object.fromEntries(
  process.argv
    .slice(2)
    .filter((one) => one.startsWith('--'))
    .map((one) => one.slice(2).split('=')),
);
const RELAY_CORE = 0;
const LOAD_CORE = availableParallelism() > 1 ? 1 : 0;
const START_MS = 30_000;

/** All clients come from one machine here, and are to be as fast as they can. */
const OPEN_LIMITS = JSON.stringify({
  ipSocketCountMax: 20_000,
  ipWorkRate: 1e12,
  ipWorkBurst: 1e9,
  socketWorkRate: 1e12,
  socketWorkBurst: 1e9,
});

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** The same for everybody: a core, and with --nice=-10 a word with the scheduler (as root). */
const pinned = (core) => [
  'taskset', '-c', String(core), ...(options.nice ? ['nice', '-n', options.nice] : []),
];

function start([command, ...args], { env = {}, stdin = 'ignore' } = {}) {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: [stdin, 'pipe', 'inherit'],
  });
  children.add(child);
  const ended = new Promise((done) => child.once('exit', done));
  ended.then(() => children.delete(child));
  return { child, ended, lines: createInterface({ input: child.stdout }) };
}

/**
 * Starts a server that prints `URL pid PID`.
 * @returns {Promise<{port: number, pid: number, said: string[], stop(signal?: string): Promise<any>}>}
 */
async function startRelay(command, env, core) {
  const { child, ended, lines } = start([...pinned(core), ...command], { env });
  const said = [];
  const found = new Promise((done, fail) => {
    lines.on('line', (line) => {
      said.push(line);
      const match = /: http:\/\/localhost:(\d+) pid (\d+)$/.exec(line);
      if (match) done({ port: Number(match[1]), pid: Number(match[2]) });
    });
    ended.then(() => fail(new Error(`${command.join(' ')} ended`)));
  });
  const { port, pid } = await within(found, START_MS, command.join(' '));
  return {
    port,
    pid,
    said,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

export const startNkt = (env = {}, core = RELAY_CORE) =>
  startRelay([process.execPath, `${ROOT}tools/app.js`], { PORT: '0', NKT_LIMITS: OPEN_LIMITS, ...env }, core);
export const startRival = () => startRelay([process.execPath, `${HERE}relay_rival.mjs`], { PORT: '0' }, RELAY_CORE);
/** What a relay costs at least (limit/relay.c). @param {string} path @param {number} gathered frames that it waits for */
export const startLimit = (path, gathered) => startRelay([path, '--gather', String(gathered)], {}, RELAY_CORE);

/** Debian's nats-server on loopback; the port is ours to choose so that it can come back on it. */
export async function startNats(port) {
  const where = ['-a', '127.0.0.1', '-p', String(port), '-l', '/dev/null'];
  const { child, ended } = start([...pinned(LOAD_CORE), 'nats-server', ...where]);
  return {
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** A second, not worth a rule. @returns {string} the program's path */
function compile(name, sources) {
  const out = `${ROOT}build/bench`;
  mkdirSync(out, { recursive: true });
  const flags = ['-O2', '-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror'];
  const files = sources.map((source) => `${HERE}${source}`);
  const { status } = spawnSync(process.env.CC || 'cc', [...flags, '-o', `${out}/${name}`, ...files], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${name} does not compile`);
  return `${out}/${name}`;
}

/** @returns {string} the generator's path */
export const buildLoad = () => compile('load', ['load.c', 'conn.c', 'dialect.c', 'figures.c'].map((name) => `load/${name}`));
/** @returns {string} the path of the least that a relay can be */
export const buildLimit = () => compile('limit', ['limit/relay.c']);

/** Runs the generator to its end. @returns {Promise<any>} what it printed */
export async function load(path, args, limitMs = 60_000) {
  const run = holdLoad(path, args);
  try {
    return await within(run.first, limitMs, `load ${Object.values(args).join(' ')}`);
  } finally {
    run.end();
  }
}

/** Starts the generator; `first` is its line, `end()` lets it go. */
export function holdLoad(path, args) {
  const list = Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { child, ended, lines } = start([...pinned(LOAD_CORE), path, ...list], { stdin: 'pipe' });
  const first = new Promise((done, fail) => {
    lines.once('line', (line) => done(JSON.parse(line)));
    ended.then((code) => fail(new Error(`the load generator ended with ${code}`)));
  });
  first.catch(() => {});
  return {
    first,
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}

/** MB of a process: resident, and what of it is its own (not mapped from files). */
export function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name) => round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]) / 1024, 1);
  return { resident_mb: of('VmRSS'), peak_mb: of('VmHWM'), own_mb: of('RssAnon') };
}

export const machineLoad = () => round(loadavg()[0], 1);

const cpuOf = (run) => (run.relay_cpu_seconds / Math.max(1, run.received)) * 1e6;

/**
 * The median of ratios of pairs, each taken one right after the other, turn about; and after each pair the limit, where there is one.
 * @param {(which: 'rival' | 'nkt' | 'limit') => Promise<any>} once
 * @param {(nkt: any, rival: any) => number} ratioOf
 */
export async function pairs(once, ratioOf, { rounds = 5, noisyFrom = 0.35, hasLimit = false } = {}) {
  const taken = [];
  const ratios = () => taken.map(({ nkt, rival }) => ratioOf(nkt, rival));
  const spreadOf = (values) => (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);
  const take = async () => {
    const isTurned = taken.length % 2 === 1;
    const first = await once(isTurned ? 'nkt' : 'rival');
    const second = await once(isTurned ? 'rival' : 'nkt');
    const limit = hasLimit ? await once('limit') : null;
    taken.push(isTurned ? { nkt: first, rival: second, limit } : { nkt: second, rival: first, limit });
  };
  while (taken.length < rounds) await take();
  while (spreadOf(ratios()) > noisyFrom && taken.length < rounds * 2) await take(); // noisy: look again
  const sides = { nkt: 'nkt', socket_io: 'rival', ...(hasLimit ? { limit: 'limit' } : {}) };
  const each = (figure) => Object.fromEntries(Object.entries(sides).map(([name, side]) => [name, figure(side)]));
  const middle = (name) => each((side) => round(median(taken.map((one) => one[side][name])), 2));
  return {
    ratio: median(ratios()),
    ratios: ratios().map((value) => round(value, 2)),
    noisy: spreadOf(ratios()) > noisyFrom,
    /** The rival's CPU time by ours, for the same: what counts where others have the core too. */
    cpu_ratio: median(taken.map(({ nkt, rival }) => cpuOf(rival) / cpuOf(nkt))),
    /** The limit's CPU time by ours: 1 would be a relay that does nothing but its system calls. */
    ...(hasLimit ? { share_of_limit: round(median(taken.map(({ nkt, limit }) => cpuOf(limit) / cpuOf(nkt))), 2) } : {}),
    per_second: middle('per_second'),
    p50_us: middle('p50_us'),
    cpu_us_per_delivery: each((side) => round(median(taken.map((one) => cpuOf(one[side]))), 3)),
    /** Below 1: others had the core. */
    core_share: round(median(taken.map(({ nkt }) => nkt.relay_cpu_seconds / nkt.seconds)), 2),
    machine_load: machineLoad(),
    taken,
  };
}
