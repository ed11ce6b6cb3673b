// SPDX-License-Identifier: GPL-3.0-or-later
// The page's files, from memory: read and compressed once at the start, found by exact look-up, so no
// path can lead anywhere else.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { constants, gzipSync } from 'node:zlib';

/** By extension. */
export const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.ts': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json',
};
const compressed = new Set(['.html', '.js', '.mjs', '.css', '.json', '.webmanifest', '.wasm', '.svg', '.ts', '.txt']);

/** No inline script or style, nothing from elsewhere, no HTML from strings. @param {string[]} frames origins that may frame the page */
const contentSecurityPolicy = (frames) => [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:", // blob: pictures that were shared, made here of bytes that begin as one
  "media-src 'self' blob:", // contents that are played: from the service worker as they come (web/media.js), or whole
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  `frame-ancestors ${frames.join(' ') || "'none'"}`,
  "require-trusted-types-for 'script'",
  'trusted-types nkt-worker nkt-derive', // the addresses of web/offline.js's service worker and of glue's worker, and nothing else
].join('; ');

/** With every answer. @param {string[]} frames @returns {Array<[string, string]>} */
export const securityHeaders = (frames) => Object.entries({
  'content-security-policy': contentSecurityPolicy(frames),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': [
    'camera=(self)', 'microphone=(self)', 'display-capture=(self)', // calls
    'geolocation=()', 'payment=()', 'usb=()', 'serial=()', 'hid=()', 'midi=()',
  ].join(', '),
});

/** @typedef {{body: Buffer, gzip: Buffer | null, type: string, etag: string}} Entry */

export class StaticFiles {
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  /**
   * @param {string} url
   * @param {string} file
   */
  add(url, file) {
    const extension = extname(file);
    if (types[extension] === undefined) return;
    this.addBody(url, extension, readFileSync(file));
  }

  /**
   * @param {string} url
   * @param {string} extension that tells its type
   * @param {Buffer} body
   */
  addBody(url, extension, body) {
    const gzip = compressed.has(extension) ? gzipSync(body, { level: constants.Z_BEST_COMPRESSION }) : null;
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 27);
    const isSmaller = gzip !== null && gzip.length < body.length;
    this.#entries.set(url, { body, gzip: isSmaller ? gzip : null, type: types[extension], etag: `"${hash}"` });
  }

  /** @returns {Array<[string, Buffer]>} URL and body of each, sorted by URL */
  list() {
    const all = [...this.#entries].map(([url, { body }]) => [url, body]);
    return all.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** @param {string} url @param {string} of serves `of` under another name as well */
  alias(url, of) {
    const entry = this.#entries.get(of);
    if (entry) this.#entries.set(url, entry);
  }

  has(url) {
    return this.#entries.has(url);
  }

  /** Bytes of everything, uncompressed and as sent to a browser. */
  weigh() {
    const all = [...new Set(this.#entries.values())];
    return {
      count: all.length,
      size: all.reduce((sum, { body }) => sum + body.length, 0),
      sentSize: all.reduce((sum, { body, gzip }) => sum + (gzip ?? body).length, 0),
    };
  }

  /**
   * Answers a GET or HEAD request for one of the files.
   * @param {string} path without the query
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @returns {boolean} false when there is no such file, and nothing was answered
   */
  serve(path, request, response) {
    const entry = this.#entries.get(path);
    if (entry === undefined) return false;
    const accepts = acceptsGzip(request.headers['accept-encoding']);
    const isGzip = entry.gzip !== null && accepts;
    // of its own: a cache that is told 304 would give what is compressed to who cannot read it (RFC 9110, 8.8.3.3)
    const etag = isGzip ? entry.etag.replace(/"$/, '-gzip"') : entry.etag;
    const headers = { etag, 'cache-control': 'no-cache', vary: 'accept-encoding' };
    if (isKnown(request.headers['if-none-match'], etag)) {
      response.writeHead(304, headers).end();
      return true;
    }
    const body = isGzip ? entry.gzip : entry.body;
    headers['content-type'] = entry.type;
    headers['content-length'] = body.length;
    if (isGzip) headers['content-encoding'] = 'gzip';
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : body);
    return true;
  }
}

/** A proxy that compresses makes a weak one of ours (W/"..."): the same file. @param {string | undefined} header @param {string} etag */
const isKnown = (header = '', etag) => header.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^W\//, '')));

/** RFC 9110, 12.5.3: what is named counts more than what stands for all. @param {string} [header] */
function acceptsGzip(header = '') {
  const all = header.toLowerCase().split(',').map((one) => /^\s*([^\s;]+)\s*(?:;\s*q\s*=\s*(0(?:\.\d*)?|1(?:\.0*)?)\s*)?$/.exec(one));
  const found = all.find((one) => /^(x-)?gzip$/.test(one?.[1] ?? '')) ?? all.find((one) => one?.[1] === '*');
  return found != null && Number(found[2] ?? 1) > 0;
}
