// SPDX-License-Identifier: GPL-3.0-or-later
// The HTTP side: the page's files, its configuration, and the upgrade to the relay.
import { createServer, ServerResponse } from 'node:http';
import { pageConfig } from './config.js';
import { answerTo, faultOf } from './handshake.js';
import { isOriginAllowed } from './origin.js';
import { limitPlaces } from './places.js';
import { securityHeaders } from './static.js';
import { downgradeFault, ipOf, ipOfRequest, isDowngraded, proxyFault, release, visitorOf } from './visitors.js';

/** A URL of the server alone does as well. */
const RELAY_PATHS = ['/relay', '/'];

// One function for all sockets; `this` is the socket.
function destroy() {
  this.destroy();
}

function reset() {
  this.resetAndDestroy(); // what it did not read is kept for nobody
}

/**
 * Ends connections on which nothing moves; what becomes a WebSocket takes that away again.
 * @param {import('node:http').Server} server @param {{stallTimeoutMs: number}} limits
 */
export function limitStalls(server, { stallTimeoutMs }) {
  server.setTimeout(stallTimeoutMs, (socket) => socket.resetAndDestroy());
}

/** What createServer() wants to know, of requests that do not come. @param {{headTimeoutMs: number}} limits */
export const headTimes = ({ headTimeoutMs: headersTimeout }) => ({
  headersTimeout, requestTimeout: headersTimeout, connectionsCheckingInterval: Math.ceil(headersTimeout / 2),
});

/** Also what expects something: else node refuses that itself, at no cost. @param {import('node:http').Server} server */
export const answerAll = (server, onRequest) => server.on('request', onRequest).on('checkExpectation', onRequest);

/**
 * A server that is not listening yet.
 * @param {{files: import('./static.js').StaticFiles, relay: import('./relay.js').Relay,
 *   page: ReturnType<import('./config.js').readPageConfig>, limits: typeof import('./limits.js').limits,
 *   places: import('./places.js').Places,
 *   policy: {allowed: string[], frames: string[], isOpen: boolean, isBehindProxy: boolean}}} parts
 */
export function createPageServer({ files, relay, page, limits, places, policy }) {
  const { visitors } = relay;
  const headers = securityHeaders(policy.frames);
  const server = createServer(headTimes(limits));
  limitStalls(server, limits);
  limitPlaces(server, places, () => {
    relay.refusals.count('full');
    relay.refusals.hint(`connections are refused, as there are ${places.most} (${places.cure})`);
  });

  const isAdmitted = (socket, ip) => {
    const isIn = visitors.admit(socket, ip);
    if (!isIn) relay.refusals.hint(TOO_MANY);
    return isIn;
  };
  server.on('connection', (socket) => {
    if (!policy.isBehindProxy && !isAdmitted(socket, ipOf(socket.remoteAddress))) socket.resetAndDestroy();
  });
  const onRequest = (request, response) => {
    const visitor = visitorOf(request.socket);
    if (visitor !== undefined && !relay.mayOpen(visitor)) {
      relay.refusals.count('busy');
      refuseBusy(request, response, 2);
      return;
    }
    if (isDowngraded(request)) relay.refusals.count('handshake');
    relay.refusals.hint(downgradeFault(request));
    answer(request, response, { files, page, headers });
  };
  answerAll(server, onRequest);
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', destroy);
    if (isOfAnother(request)) {
      answerAsAsked(server, request, socket);
      return;
    }
    let status = upgradeStatus(request, relay, policy);
    if (status === null && policy.isBehindProxy && !isAdmitted(socket, ipOfRequest(request, true))) status = BUSY;
    if (status === null && !relay.mayOpen(visitorOf(socket))) {
      relay.refusals.count('busy');
      status = BUSY;
    }
    if (status === FORBIDDEN) relay.refusals.note(request.headers, ORIGIN_CURE);
    if (status === FULL) {
      relay.refusals.count('full');
      const isFull = `newcomers are refused, as there are ${limits.socketCountMax} (socketCountMax in NKT_LIMITS)`;
      relay.refusals.hint(relay.isStopping ? null : isFull);
    }
    const fault = status === null ? faultOf(request) : null;
    if (fault !== null) relay.refusals.count('handshake');
    if (status !== null || fault !== null) {
      refuse(socket, status ?? fault.status, fault ?? undefined);
      return;
    }
    if (!socket.readable || !socket.writable) {
      socket.destroy(); // it has gone meanwhile
      return;
    }
    relay.refusals.hint(proxyFault(request, policy.isBehindProxy));
    if (head.length > 0) socket.unshift(head);
    relay.accept(socket, answerTo(request), visitorOf(socket));
    socket.off('error', destroy);
    release(socket);
  });
  server.on('clientError', ({ code }, socket) => {
    if (socket.writable) refuse(socket, CLIENT_ERRORS[code] ?? '400 Bad Request');
    else socket.destroy();
  });
  return server;
}

const ENDING = Symbol('ending');
const BUSY = '429 Too Many Requests';
const FORBIDDEN = '403 Forbidden';
const FULL = '503 Service Unavailable';
const TOO_MANY = 'an address, or a network, is refused more connections than it may have (ipSocketCountMax in NKT_LIMITS); '
  + 'behind a proxy all are one address without NKT_PROXY=1';
const ORIGIN_CURE =
  'If it is one of yours, let the proxy pass Host on (docs/operators.md), or name that origin in NKT_ORIGINS';
const CLIENT_ERRORS = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};
/** Answers and is done with it: one that never closes its own side must not hold a place. */
export function refuse(socket, status, { text = '', lines = [] } = {}) {
  const head = [`HTTP/1.1 ${status}`, 'connection: close', `content-length: ${text.length}`, ...lines];
  socket.write(`${head.join('\r\n')}\r\n\r\n${text}`);
  socket.destroySoon();
}
/** What a proxy may ask for by its whole URL (RFC 9112, 3.2.2) is the same. */
const targetOf = ({ url }) => url.replace(/^https?:\/\/[^/?#]*\/?/i, '/');
export const pathOf = (request) => targetOf(request).split('?', 1)[0];

/** @param {import('node:http').IncomingMessage} request */
export const isReading = ({ method }) => method === 'GET' || method === 'HEAD';
/** @param {import('node:http').ServerResponse} response */
export const refuseMethod = (response) => response.writeHead(405, { allow: 'GET, HEAD' }).end();

/** The last answer of this connection: what is asked behind it is not even looked at. @param {number} seconds to wait */
export function refuseBusy({ socket }, response, seconds) {
  if (socket[ENDING]) return;
  socket[ENDING] = true;
  response.writeHead(429, { 'retry-after': seconds, connection: 'close' }).end();
}

/** A body is wanted nowhere; node would read it, however long, at no cost for who sends it. */
export function endWithBody({ headers }, response) {
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0) response.setHeader('connection', 'close');
}

/** Wants a file, and by the way another protocol, as curl --http2 and Java's client do. */
const isOfAnother = (request) => request.headers.upgrade?.toLowerCase() !== 'websocket' && pathOf(request) !== RELAY_PATHS[0];

/** As if the other protocol had not been asked for, which is what RFC 9110 (7.8) wants. What else comes is lost: it may be of either. */
function answerAsAsked(server, request, socket) {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  try {
    response.assignSocket(socket);
  } catch {
    socket.destroy(); // an answer to what was asked before is on its way: nobody asks so who means it
    return;
  }
  response.on('finish', () => socket.destroySoon());
  socket.on('timeout', reset); // the server's own was taken away with the upgrade
  server.emit('request', request, response);
}

function answer(request, response, { files, page, headers }) {
  for (const [name, value] of headers) response.setHeader(name, value);
  endWithBody(request, response);
  if (request.method === 'POST' && pathOf(request) === '/share') { // of another app, where no service worker takes it: the page alone
    response.writeHead(303, { location: './', connection: 'close' }).end();
    return;
  }
  if (!isReading(request)) {
    refuseMethod(response);
    return;
  }
  const path = pathOf(request);
  if (path === '/config.json') {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : pageConfig(request, page));
    return;
  }
  const meant = linkMeant(targetOf(request));
  if (meant !== null) {
    response.writeHead(302, { location: meant, 'cache-control': 'no-store' }).end();
    return;
  }
  if (files.serve(path, request, response)) return;
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end('Not here.\n');
}

/**
 * A link whose # was encoded on its way (/%23room=tea) leads here as a path. Relative, since a proxy may have put the page into a folder.
 * @param {string} url of the request @returns {string | null} where it was to lead
 */
function linkMeant(url) {
  const fragment = /^\/%23(.*)$/i.exec(url)?.[1];
  if (fragment === undefined) return null;
  const depth = fragment.split('?', 1)[0].split('/').length - 1;
  return `${'../'.repeat(depth) || './'}#${fragment.replace(/[^\x21-\x7e]/g, encodeURIComponent)}`;
}

/** @returns {string | null} what an upgrade is refused with, or null */
function upgradeStatus(request, relay, policy) {
  if (!RELAY_PATHS.includes(pathOf(request))) return '404 Not Found';
  if (!isOriginAllowed(request.headers, policy, request.socket.localPort)) return FORBIDDEN;
  if (!relay.hasPlace()) return FULL;
  return null;
}
