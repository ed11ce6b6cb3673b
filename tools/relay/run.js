// SPDX-License-Identifier: GPL-3.0-or-later
// Page and relay as a process; its settings are told in tools/app.js.
import { settle } from './heap.js';
import { listen, portOf, readHost, stopWhenTold } from '../listen.js';
import { LocalBus } from './bus.js';
import { readPageConfig } from './config.js';
import { createPageServer } from './http.js';
import { Lag } from './lag.js';
import { readLimits } from './limits.js';
import { failed, makeLog, readFormat, sayStarted } from '../log.js';
import { readFlag, readSettings, sayMisspelt } from '../settings.js';
import { createMetricsServer } from './metrics.js';
import { readAllowedOrigins, readFrames } from './origin.js';
import { placesFor, sayFew } from './places.js';
import { Relay } from './relay.js';

/** @typedef {import('../log.js').Log} Log */
/** @typedef {import('./static.js').StaticFiles} StaticFiles */

/** The client library costs 10 MB: only who needs it loads it. @param {string | undefined} urls @param {Log} log */
async function openBus(urls, log) {
  if (!urls) return new LocalBus();
  const { NatsBus } = await import('./nats_bus.js');
  const client = await import('nats').catch((error) => {
    throw new Error(`NATS_URL needs its client, which is not here: npm install nats (${error.message})`);
  });
  return new NatsBus(client, urls, log);
}

/** @param {import('../settings.js').Env} env @param {Relay} relay @param {Log} log @returns {Promise<import('node:net').Server[]>} */
async function openMetrics(env, relay, log) {
  if (!env.METRICS_PORT) {
    if (env.METRICS_HOST) log.warn('METRICS_HOST does nothing without METRICS_PORT');
    return [];
  }
  const lag = new Lag();
  const { name, servers } = await listen(() => createMetricsServer(relay, lag, relay.limits), {
    port: portOf('METRICS_PORT', 0, env),
    host: readHost('METRICS_HOST', env),
    variable: 'METRICS_PORT',
    hostVariable: 'METRICS_HOST',
  });
  log.info(`metrics on http://${name}/metrics`);
  return servers;
}

/** @param {(options: {isPlain: boolean, say: (text: string) => void}) => StaticFiles | Promise<StaticFiles>} openPage */
async function main(openPage) {
  const env = readSettings(process.env);
  const log = makeLog('relay', readFormat(env.NKT_LOG));
  const host = readHost('HOST', env);
  const port = portOf('PORT', 3000, env);
  if (env.METRICS_PORT && port !== 0 && portOf('METRICS_PORT', 0, env) === port && readHost('METRICS_HOST', env) === host) {
    throw new Error(`METRICS_PORT and PORT are both ${port}: each wants one of its own`);
  }
  const limits = readLimits(env.NKT_LIMITS);
  sayMisspelt(env, log.warn);
  const page = readPageConfig(env);
  if (page.turn === null && env.NKT_TURN_SECONDS) log.warn('NKT_TURN_SECONDS does nothing without NKT_TURN_URLS and NKT_TURN_SECRET');
  const relay = new Relay({ limits, bus: await openBus(env.NATS_URL, log), log: log.warn });
  const policy = {
    allowed: readAllowedOrigins(env.NKT_ORIGINS),
    frames: readFrames(env.NKT_FRAMES),
    isOpen: host !== undefined,
    isBehindProxy: readFlag(env, 'NKT_PROXY', 'behind a reverse proxy of ours'),
  };
  const files = await openPage({ isPlain: readFlag(env, 'NKT_PLAIN', "for the page's modules one by one"), say: log.warn });
  const places = placesFor(limits.socketCountMax + limits.ipSocketCountMax); // pages besides sockets
  sayFew(places, log.warn);
  const parts = { files, relay, page, limits, places, policy };
  const metrics = await openMetrics(env, relay, log); // first, so that nobody comes to a relay that does not stay
  const { name, servers } = await listen(() => createPageServer(parts), {
    port,
    host,
    variable: 'PORT',
  });
  settle();
  const stop = async () => {
    for (const server of servers) server.close();
    await relay.stop();
    for (const server of metrics) server.close();
    process.exit(0);
  };
  stopWhenTold(stop);
  sayStarted(log, `http://${name}`); // who reads it may tell us to end
}

/**
 * The process: it runs until it is told to end, or says why it does not start.
 * @param {(options: {isPlain: boolean, say: (text: string) => void}) => StaticFiles | Promise<StaticFiles>} openPage
 *   what the page consists of; isPlain: its modules as they are, where they are
 */
export function runRelay(openPage) {
  main(openPage).catch((error) => {
    failed('relay', error);
    process.exit(1);
  });
}
