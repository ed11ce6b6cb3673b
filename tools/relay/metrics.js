// SPDX-License-Identifier: GPL-3.0-or-later
// What the operator sees, on a port of its own: /healthz, and /metrics in the text format of Prometheus.
import { createServer } from 'node:http';
import { answerAll, endWithBody, headTimes, isReading, limitStalls, pathOf, refuseBusy, refuseMethod } from './http.js';
import { reasons } from './refusals.js';
import { ipOf, visitorOf, Visitors } from './visitors.js';

/** What is a level, not a sum. */
const gauges = {
  sockets: 'open sockets',
  rooms: 'rooms that somebody here is in',
  addresses: 'addresses that somebody here has',
  ips: 'IP addresses that are remembered',
  waiting_bytes: 'bytes that wait for readers, as last looked',
  partial_bytes: 'bytes of messages that have begun to come',
};
const sums = {
  accepted: 'sockets accepted',
  received: 'frames that came in',
  received_bytes: 'bytes of frames that came in',
  sent: 'frames queued for a socket',
  sent_bytes: 'bytes of frames queued for a socket',
  malformed: 'frames or messages that are none',
  foreign: 'sockets of another version of the protocol, refused',
  nobody: 'directed frames that nobody took',
  paused: 'times a socket was not read for a while, as it was over its budget or its IP address was',
  floods: 'sockets closed as they were far over their budget',
  stalled: 'readers cut off as too much waited for them',
  refused: 'sockets closed for what they did',
  refused_by_ip: 'connections refused as their IP address had too many',
  refused_by_origin: 'pages refused as their origin is not allowed',
  silent: 'sockets that answered no ping',
  proven: 'sockets that proved their address',
  displaced: 'sockets closed as others have more right to their address',
};

/** @param {import('./relay.js').Relay} relay @param {import('./lag.js').Lateness} lag @returns {string} */
export function renderMetrics(relay, lag) {
  const stats = relay.stats();
  const lines = [];
  const put = (name, type, help, value) =>
    lines.push(`# HELP nkt_relay_${name} ${help}`, `# TYPE nkt_relay_${name} ${type}`, `nkt_relay_${name} ${value}`);
  for (const [name, help] of Object.entries(gauges)) put(name, 'gauge', help, stats[name]);
  for (const [name, help] of Object.entries(sums)) put(`${name}_total`, 'counter', help, stats[name]);
  const refusals = 'nkt_relay_refusals_total';
  lines.push(`# HELP ${refusals} connections, requests and sockets refused, by reason`, `# TYPE ${refusals} counter`);
  for (const reason of Object.keys(reasons)) lines.push(`${refusals}{reason="${reason}"} ${stats.refusals[reason]}`);
  const { state } = relay.bus;
  put('bus_connected', 'gauge', 'whether other relays can be reached (NATS)', state === 'connected' ? 1 : 0);
  for (const [name, value] of Object.entries(relay.bus.stats())) {
    put(`bus_${name}_total`, 'counter', `NATS: ${name}`, value);
  }
  const { rss, heapUsed } = process.memoryUsage();
  put('resident_memory_bytes', 'gauge', 'memory of the process', rss);
  put('heap_used_bytes', 'gauge', 'memory of JavaScript objects', heapUsed);
  const { user, system } = process.cpuUsage();
  put('cpu_seconds_total', 'counter', 'CPU the process used', (user + system) / 1e6);
  for (const [of, value] of Object.entries(lag)) {
    put(`late_${of}_seconds`, 'gauge', `how late this process does what is due (${of} of the last one to two minutes)`, value);
  }
  return `${lines.join('\n')}\n`;
}

/** Whoever asks at once; strangers may, where METRICS_HOST lets them. They are to take no file that a socket wants. */
const CONNECTION_COUNT_MAX = 16;

/**
 * Of one IP address: a fourth of the connections, and 20 requests a second after the first 100, where Prometheus asks once in some
 * seconds: an answer of /metrics takes a third of a millisecond. In thousandths of a request; more addresses than there are connections
 * are remembered for as long as they owe something.
 */
const REQUEST_WORK = 1000;
const STRANGER = {
  ipCountMax: 1000, ipSocketCountMax: CONNECTION_COUNT_MAX / 4, ipWorkRate: 20 * REQUEST_WORK, ipWorkBurst: 100 * REQUEST_WORK,
};

/**
 * A server that is not listening yet.
 * @param {import('./relay.js').Relay} relay @param {import('./lag.js').Lag} lag @param {typeof import('./limits.js').limits} limits
 */
export function createMetricsServer(relay, lag, limits) {
  const visitors = new Visitors({ ...limits, ...STRANGER });
  const server = createServer(headTimes(limits));
  answerAll(server, (request, response) => {
    const visitor = visitorOf(request.socket);
    if (visitor === undefined || !visitors.take(visitor, REQUEST_WORK)) {
      refuseBusy(request, response, 1);
      return;
    }
    endWithBody(request, response);
    const path = pathOf(request); // who asks may be told to add a query
    if (!isReading(request)) {
      refuseMethod(response);
    } else if (path === '/healthz') {
      // Without NATS a relay works on: that is worth a word, not a restart.
      const isUp = !relay.isStopping;
      response.writeHead(isUp ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: isUp ? 'ok' : 'stopping', nats: relay.bus.state }));
    } else if (path === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(renderMetrics(relay, lag.look()));
    } else {
      response.writeHead(404).end();
    }
  });
  server.on('connection', (socket) => {
    if (!visitors.admit(socket, ipOf(socket.remoteAddress))) socket.resetAndDestroy();
  });
  limitStalls(server, limits);
  server.maxConnections = CONNECTION_COUNT_MAX;
  return server;
}
