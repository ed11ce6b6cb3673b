// SPDX-License-Identifier: GPL-3.0-or-later
// The HTTP side: the page's files, its configuration, and the upgrade to the relay.
import { createServer } from 'node:http';
import { pageConfig } from './config.js';
import { isOriginAllowed } from './origin.js';
import { securityHeaders } from './static.js';

export const RELAY_PATH = '/relay';

/**
 * A server that is not listening yet.
 * @param {{files: import('./static.js').StaticFiles, relay: import('./relay.js').Relay,
 *   page: ReturnType<import('./config.js').readPageConfig>, headTimeoutMs: number,
 *   policy: {allowed: string[], isOpen: boolean}}} parts
 */
export function createPageServer({ files, relay, page, headTimeoutMs, policy }) {
  const server = createServer({
    headersTimeout: headTimeoutMs,
    requestTimeout: headTimeoutMs,
    connectionsCheckingInterval: headTimeoutMs / 2,
  });
  server.on('request', (request, response) => answer(request, response, files, page));
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const status = upgradeStatus(request, relay, policy);
    if (status === null) relay.accept(request, socket, head);
    else socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });
  return server;
}

const pathOf = (request) => request.url.split('?', 1)[0];

function answer(request, response, files, page) {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const path = pathOf(request);
  if (path === '/config.json') {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : pageConfig(request, page));
    return;
  }
  if (files.serve(path, request, response)) return;
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end('Not here.\n');
}

/** @returns {string | null} what an upgrade is refused with, or null */
function upgradeStatus(request, relay, policy) {
  if (pathOf(request) !== RELAY_PATH) return '404 Not Found';
  if (!isOriginAllowed(request.headers, policy)) return '403 Forbidden';
  if (!relay.hasPlace()) return '503 Service Unavailable';
  return null;
}
