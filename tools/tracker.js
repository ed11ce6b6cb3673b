// SPDX-License-Identifier: GPL-3.0-or-later
// A WebTorrent tracker, WebSocket only, over bittorrent-tracker: `node tools/tracker.js`.
//   TRACKER_PORT   8000; 0 takes a free one
//   HOST           none: loopback only, for pages on loopback. 0.0.0.0 or :: opens it
//   NKT_ORIGINS    further origins whose pages may use it, comma separated, or *
import { createServer } from 'node:http';
import { listen, portOf } from './listen.js';
import { isOriginLocal, readAllowedOrigins } from './relay/origin.js';
import { Tracker } from './tracker/tracker.js';

async function main() {
  const isOpen = Boolean(process.env.HOST);
  const allowed = readAllowedOrigins(process.env.NKT_ORIGINS);
  const tracker = new Tracker();

  const makeServer = () => {
    const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (_request, response) => {
      response.writeHead(426, { upgrade: 'websocket' }).end('A tracker for WebSockets only.\n');
    });
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      const { origin } = request.headers;
      if (isOpen || isOriginLocal(origin) || allowed.includes('*') || allowed.includes(origin)) {
        tracker.accept(request, socket, head);
      } else {
        socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      }
    });
    return server;
  };

  const { port, servers } = await listen(makeServer, {
    port: portOf('TRACKER_PORT', 8000),
    host: process.env.HOST || undefined,
    variable: 'TRACKER_PORT',
  });
  console.log(`nkt tracker: ws://localhost:${port} pid ${process.pid}`);

  const stop = () => {
    for (const server of servers) server.close();
    tracker.stop();
    setTimeout(() => process.exit(0), 100);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error) => {
  console.error(`nkt tracker: FAILED: ${error.message}`);
  process.exitCode = 1;
});
