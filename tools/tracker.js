// SPDX-License-Identifier: GPL-3.0-or-later
// A WebTorrent tracker, WebSocket only, over bittorrent-tracker: `node tools/tracker.js`.
//   TRACKER_PORT   8000; 0 takes a free one
//   HOST           none: loopback only, for pages on loopback. 0.0.0.0 or :: opens it
//   NKT_ORIGINS    further origins whose pages may use it, comma separated, or *
//   NKT_PROXY      1: behind a reverse proxy of ours, whose X-Forwarded-For says who connects
//   NKT_LOG        plain, time or json (log.js)
import { createServer } from 'node:http';
import { listen, portOf } from './listen.js';
import { readProxy } from './relay/config.js';
import { refuse } from './relay/http.js';
import { limits } from './relay/limits.js';
import { failed, makeLog, readFormat, sayStarted } from './log.js';
import { isOriginAllowed, isOriginLocal, readAllowedOrigins } from './relay/origin.js';
import { Refusals } from './relay/refusals.js';
import { ipOfRequest } from './relay/visitors.js';
import { Tracker } from './tracker/tracker.js';

async function main() {
  const log = makeLog('tracker', readFormat(process.env.NKT_LOG));
  const isOpen = Boolean(process.env.HOST);
  const allowed = readAllowedOrigins(process.env.NKT_ORIGINS);
  const isBehindProxy = readProxy(process.env.NKT_PROXY);
  const tracker = new Tracker();
  const refusals = new Refusals(limits, log.warn);

  const makeServer = () => {
    const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (_request, response) => {
      response.writeHead(426, { upgrade: 'websocket' }).end('A tracker for WebSockets only.\n');
    });
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      const { origin } = request.headers;
      if (isOpen || isOriginLocal(origin) || isOriginAllowed(request.headers, { allowed, isOpen }, socket.localPort)) {
        tracker.accept(request, socket, head, ipOfRequest(request, isBehindProxy));
      } else {
        refusals.note(request.headers, 'If it is one of yours, name it in NKT_ORIGINS');
        refuse(socket, '403 Forbidden');
      }
    });
    return server;
  };

  const { port, servers } = await listen(makeServer, {
    port: portOf('TRACKER_PORT', 8000),
    host: process.env.HOST || undefined,
    variable: 'TRACKER_PORT',
  });
  sayStarted(log, `ws://localhost:${port}`);

  const stop = () => {
    for (const server of servers) server.close();
    tracker.stop();
    setTimeout(() => process.exit(0), 100);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error) => {
  failed('tracker', error);
  process.exitCode = 1;
});
