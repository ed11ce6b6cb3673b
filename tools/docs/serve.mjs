// SPDX-License-Identifier: GPL-3.0-or-later
// A folder on loopback, to look at before it is put somewhere: any server of files does the same.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { types } from '../relay/static.js';

/** @param {string} folder @param {string} path of a request @returns {string | null} a file of that folder */
function fileFor(folder, path) {
  try {
    const name = normalize(decodeURIComponent(path));
    const file = join(folder, name.endsWith('/') ? `${name}index.html` : name);
    return file.startsWith(join(folder, '/')) && !file.includes('\0') && statSync(file).isFile() ? file : null;
  } catch {
    return null; // no such file, or no path
  }
}

/**
 * @param {string} folder
 * @param {{port?: number, headers?: Record<string, string>}} [options] port: 0 is a free one; headers: with each file
 * @returns {Promise<{url: string, stop(): Promise<void>}>}
 */
export async function serveFolder(folder, { port = 0, headers = {} } = {}) {
  const server = createServer((request, response) => {
    const file = request.method === 'GET' || request.method === 'HEAD' ? fileFor(folder, request.url.split('?')[0]) : null;
    if (file === null) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not here.\n');
      return;
    }
    const type = types[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { ...headers, 'content-type': type, 'cache-control': 'no-cache' });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).on('error', () => response.destroy()).pipe(response);
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve(undefined)));
  // not localhost, for which a browser asks ::1 first, where the same port may be somebody else's
  const url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  return {
    url,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
