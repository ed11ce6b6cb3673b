// SPDX-License-Identifier: GPL-3.0-or-later
// A WebTorrent tracker, WebSocket only, over bittorrent-tracker: `node tools/tracker.js`.
//   TRACKER_PORT   8000; 0 takes a free one
//   HOST           none: loopback only, for pages on loopback. 0.0.0.0 or :: opens it
//   NKT_ORIGINS    further origins whose pages may use it, comma separated, or *
//   NKT_PROXY      1: behind a reverse proxy of ours, whose X-Forwarded-For says who connects
//   NKT_LOG        plain, time or json (log.js)
import { createServer } from 'node:http';
import { listen, portOf, readHost, stopWhenTold } from './listen.js';
import { answerAll, headTimes, limitStalls, refuse } from './relay/http.js';
import { limits } from './relay/limits.js';
import { failed, makeLog, readFormat, sayStarted } from './log.js';
import { readFlag, readSettings, sayMisspelt } from './settings.js';
import { isOriginAllowed, isOriginLocal, readAllowedOrigins } from './relay/origin.js';
import { limitPlaces, placesFor, sayFew } from './relay/places.js';
import { Refusals } from './relay/refusals.js';
import { downgradeFault, ipOf, ipOfRequest, proxyFault } from './relay/visitors.js';
import { Tracker, trackerLimits } from './tracker/tracker.js';

async function main() {
  const env = readSettings(process.env);
  const log = makeLog('tracker', readFormat(env.NKT_LOG));
  const host = readHost('HOST', env);
  const isOpen = host !== undefined;
  const allowed = readAllowedOrigins(env.NKT_ORIGINS);
  const isBehindProxy = readFlag(env, 'NKT_PROXY', 'behind a reverse proxy of ours');
  sayMisspelt(env, log.warn);
  const tracker = new Tracker();
  const refusals = new Refusals(limits, log.warn);

  const places = placesFor(trackerLimits.socketCountMax + trackerLimits.ipSocketCountMax); // those that ask for anything else besides
  sayFew(places, log.warn);
  const makeServer = () => {
    const server = createServer(headTimes(limits));
    answerAll(server, (request, response) => {
      const { headers } = request;
      refusals.hint(downgradeFault(request));
      const isDirect = headers['x-forwarded-for'] === undefined; // HTTP/2 in front of a proxy breaks off where it sees an Upgrade
      const how = { connection: 'close', ...(isDirect && { upgrade: 'websocket' }) }; // or a connection would carry requests without end
      response.writeHead(426, how).end('A tracker for WebSockets only.\n');
    });
    limitStalls(server, limits);
    limitPlaces(server, places, () => refusals.hint(`connections are refused, as there are ${places.most} (${places.cure})`));
    server.on('connection', (socket) => {
      if (isBehindProxy || tracker.admit(socket, ipOf(socket.remoteAddress))) return;
      refusals.hint(`an address, or a network, is refused more connections than it may have (${trackerLimits.ipSocketCountMax}); `
        + 'behind a proxy all are one address without NKT_PROXY=1');
      socket.resetAndDestroy();
    });
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      const { origin } = request.headers;
      if (isOpen || isOriginLocal(origin) || isOriginAllowed(request.headers, { allowed, isOpen }, socket.localPort)) {
        refusals.hint(proxyFault(request, isBehindProxy));
        tracker.accept(request, socket, head, ipOfRequest(request, isBehindProxy));
      } else {
        refusals.note(request.headers, 'If it is one of yours, name it in NKT_ORIGINS');
        refuse(socket, '403 Forbidden');
      }
    });
    return server;
  };

  const { name, servers } = await listen(makeServer, {
    port: portOf('TRACKER_PORT', 8000, env),
    host,
    variable: 'TRACKER_PORT',
  });
  const stop = () => {
    for (const server of servers) server.close();
    tracker.stop();
    setTimeout(() => process.exit(0), 100);
  };
  stopWhenTold(stop);
  sayStarted(log, `ws://${name}`); // who reads it may tell us to end
}

main().catch((error) => {
  failed('tracker', error);
  process.exitCode = 1;
});
