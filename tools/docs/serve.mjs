// SPDX-License-Identifier: GPL-3.0-or-later
// A folder on loopback, to look at before it is put somewhere: any server of files does the same.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8', '.json': 'application/json', '.webmanifest': 'application/manifest+json', '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.txt': 'text/plain; charset=utf-8', '.ts': 'text/plain; charset=utf-8',
};

/** @param {string} folder @param {string} path of a request @returns {string | null} a file of that folder */
function fileFor(folder, path) {
  try {
    const name = normalize(decodeURIComponent(path));
    const file = join(folder, name.endsWith('/') ? `${name}index.html` : name);
    return file.startsWith(folder) && !file.includes('\0') && statSync(file).isFile() ? file : null;
  } catch {
    return null; // no such file, or no path
  }
}

/** @param {string} folder @param {number} port 0: a free one @returns {Promise<{url: string, stop(): Promise<void>}>} */
export async function serveFolder(folder, port) {
  const server = createServer((request, response) => {
    const file = request.method === 'GET' || request.method === 'HEAD' ? fileFor(folder, request.url.split('?')[0]) : null;
    if (file === null) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not here.\n');
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'cache-control': 'no-cache' });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).on('error', () => response.destroy()).pipe(response);
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, 'localhost', () => resolve(undefined)));
  const url = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  return {
    url,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
