// SPDX-License-Identifier: GPL-3.0-or-later
// The programs that are compared, each with the server that its own documentation names, and what a browser loads of it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { freePort } from '../../../tests/support/ports.mjs';
import { HERE, ROOT, startServer } from '../support.mjs';

const NODE_MODULES = `${HERE}node_modules/`;

/** kill(): the server, as a crash does. `server`: what the page is told of it. */
export const SIDES = {
  nkt: {
    async serve(port) {
      const child = await startServer(`${ROOT}tools/app.js`, { PORT: String(port), NKT_ORIGINS: '*' }, port);
      return { child, server: `'ws://localhost:${port}/relay'` };
    },
  },
  trystero: {
    async serve(port) {
      const child = await startServer(`${ROOT}tools/tracker.js`, { TRACKER_PORT: String(port), NKT_ORIGINS: '*' }, port);
      return { child, server: `'ws://localhost:${port}'` };
    },
  },
  peerjs: {
    async serve(port) {
      const args = ['--port', String(port), '--host', '127.0.0.1'];
      const child = await startServer(`${NODE_MODULES}peer/dist/bin/peerjs.js`, {}, port, { host: '127.0.0.1', args });
      return { child, server: `new URL('http://127.0.0.1:${port}/')` };
    },
  },
  'y-webrtc': {
    async serve(port) {
      const child = await startServer(`${NODE_MODULES}y-webrtc/bin/server.js`, { PORT: String(port) }, port);
      return { child, server: `'ws://localhost:${port}'` };
    },
  },
};

/** Lines of a program, without the licence's and empty ones. @param {string} name */
export const linesOf = (name) => readFileSync(`${HERE}beside/${name}.js`, 'utf8').split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('//')).length;

/** @param {string} name @returns {Promise<{script: string, wasm: Buffer | null, size: number}>} size: as sent, gzipped */
export async function bundleOf(name) {
  const { outputFiles: [file] } = await build({
    entryPoints: [`${HERE}beside/${name}.js`], bundle: true, write: false, format: 'esm', target: 'es2022', minify: true, logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' }, external: ['node:*'],
  });
  const wasm = name === 'nkt' ? readFileSync(`${ROOT}build/wasm/core.wasm`) : null;
  return { script: file.text, wasm, size: gzipSync(file.contents).length + (wasm ? gzipSync(wasm).length : 0) };
}

/** A page of each, from one server. @param {Map<string, Awaited<ReturnType<typeof bundleOf>>>} bundles */
export async function servePages(bundles) {
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const name = url.pathname.slice(1).replace(/\.js$/, '');
    const send = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
    if (url.pathname === '/core.wasm') send('application/wasm', bundles.get('nkt')?.wasm);
    else if (!bundles.has(name)) response.writeHead(404).end();
    else if (url.pathname.endsWith('.js')) send('text/javascript', bundles.get(name)?.script);
    else send('text/html', pageOf(name));
  });
  const port = await freePort();
  await new Promise((done) => http.listen(port, 'localhost', () => done(undefined)));
  http.unref();
  return { url: `http://localhost:${port}/`, close: () => http.closeAllConnections() };
}

/** What the programs find there: who one is, where to meet, what is done with what one hears. @param {string} name */
function pageOf(name) {
  return `<!doctype html><meta charset="utf-8"><title>${name}</title><script>
    const given = new URLSearchParams(location.search);
    const nick = given.get('nick');
    const room = given.get('room');
    const server = eval(given.get('server'));
    const clock = () => performance.timeOrigin + performance.now();
    const began = clock();
    const all = [];
    const heard = (text, who) => all.push({ text, who, at: clock() });
  </script><script type="module" src="/${name}.js"></script>`;
}
