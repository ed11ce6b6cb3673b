// SPDX-License-Identifier: GPL-3.0-or-later
// The page with trystero in it: its own ES modules, unbundled. Run by itself where a network namespace has to be entered for it:
// HOST=10.77.0.1 PORT=3001 node rival_page.mjs
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('node_modules/@trystero-p2p/', import.meta.url));
const MODULES = ['core', 'torrent'];
const IMPORT_MAP = {
  imports: Object.fromEntries(MODULES.map((m) => [`@trystero-p2p/${m}`, `/${m}/index.mjs`])),
};
/** For a bare data channel. */
const BLANK = '<!doctype html><meta charset="utf-8"><title>bare</title>';
const PAGE = `<!doctype html><meta charset="utf-8"><title>trystero</title>
<script type="importmap">${JSON.stringify(IMPORT_MAP)}</script>
<script type="module">import * as trystero from '@trystero-p2p/torrent'; window.trystero = trystero;</script>`;

/** Is it installed? */
export const rivalIsThere = () => MODULES.every((m) => existsSync(`${FOLDER}${m}/dist/index.mjs`));

/** @returns {Promise<number>} its port */
export async function serveRival(port = 0, host = '127.0.0.1') {
  const server = createServer(async (request, response) => {
    const [, name, file] = /^\/(core|torrent)\/([a-z-]+\.mjs)$/.exec(request.url) ?? [];
    try {
      const body = name ? await readFile(`${FOLDER}${name}/dist/${file}`) : request.url === '/blank' ? BLANK : PAGE;
      response.setHeader('content-type', name ? 'text/javascript' : 'text/html');
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(port, host, done));
  if (process.argv[1] !== fileURLToPath(import.meta.url)) server.unref();
  return server.address().port;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serveRival(Number(process.env.PORT), process.env.HOST);
