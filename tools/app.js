// SPDX-License-Identifier: GPL-3.0-or-later
// The page and the relay, in one light process: `node tools/app.js`.
//   PORT             3000; 0 takes a free one
//   HOST             none: loopback only. 0.0.0.0 or :: opens it to other machines
//   NKT_ORIGINS      further origins whose pages may use the relay, comma separated, or *
//   NKT_PROXY        1: behind a reverse proxy of ours, whose X-Forwarded-For says who connects
//   NKT_TRACKERS     trackers the page is told of; else ours on TRACKER_PORT (8000)
//   NKT_ICE_SERVERS  STUN and TURN servers the page is told of, as JSON; else none
//   NKT_LIMITS       limits that are to differ (relay/limits.js), as JSON
//   NKT_PLAIN        1: the page's modules as they are, to develop with, instead of its bundle
//   NATS_URL         nats://host:4222, or several: all relays with the same are one
//   METRICS_PORT     /healthz and /metrics; none without it. METRICS_HOST: loopback
import { settle } from './relay/heap.js';
import { listen, portOf } from './listen.js';
import { LocalBus } from './relay/bus.js';
import { readPageConfig } from './relay/config.js';
import { createPageServer } from './relay/http.js';
import { readLimits } from './relay/limits.js';
import { createMetricsServer } from './relay/metrics.js';
import { readAllowedOrigins } from './relay/origin.js';
import { Relay } from './relay/relay.js';
import { pageFiles } from './relay/page.js';

const say = (text) => console.log(`nkt relay: ${text}`);

/** The client library costs 10 MB: only who needs it loads it. @param {string | undefined} urls */
async function openBus(urls) {
  if (!urls) return new LocalBus();
  const { NatsBus } = await import('./relay/nats_bus.js');
  return new NatsBus(await import('nats'), urls, say);
}

/** @param {Relay} relay @returns {Promise<import('node:net').Server[]>} */
async function openMetrics(relay) {
  if (!process.env.METRICS_PORT) return [];
  const { port, servers } = await listen(() => createMetricsServer(relay), {
    port: portOf('METRICS_PORT', 0),
    host: process.env.METRICS_HOST || undefined,
    variable: 'METRICS_PORT',
  });
  say(`metrics on http://localhost:${port}/metrics`);
  return servers;
}

async function main() {
  const { env } = process;
  const host = env.HOST || undefined;
  const limits = readLimits(env.NKT_LIMITS);
  const page = readPageConfig(env);
  const relay = new Relay({ limits, bus: await openBus(env.NATS_URL), log: say });
  const policy = {
    allowed: readAllowedOrigins(env.NKT_ORIGINS),
    isOpen: host !== undefined,
    isBehindProxy: env.NKT_PROXY === '1',
  };
  const files = await pageFiles({ isPlain: env.NKT_PLAIN === '1', say });
  const parts = { files, relay, page, limits, policy };
  const { port, servers } = await listen(() => createPageServer(parts), {
    port: portOf('PORT', 3000),
    host,
    variable: 'PORT',
  });
  const metrics = await openMetrics(relay);
  settle();
  say(`http://localhost:${port} pid ${process.pid}`);

  const stop = async () => {
    for (const server of servers) server.close();
    await relay.stop();
    for (const server of metrics) server.close();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error) => {
  console.error(`nkt relay: FAILED: ${error.message}`);
  process.exit(1);
});
