// SPDX-License-Identifier: GPL-3.0-or-later
// The documentation as a static site, in build/docs:
//   npm run docs                                        the site; its live page knows no server
//   npm run docs -- --relay wss://nkt.example.org/relay   the live page's relay, whose NKT_ORIGINS names the site; also --tracker
//   npm run docs -- --serve [PORT]                      and shows it on this machine (4000), with a relay for the live page
//   npm run docs -- --to FOLDER                         somewhere else
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { apiDoc, apiDocFile } from './apidoc.mjs';
import { build } from './build.mjs';
import { startServer, stopOnSignals } from './children.mjs';
import { buildDocs } from './docs/build.mjs';
import { serveFolder } from './docs/serve.mjs';
import { setup } from './setup.mjs';
import { buildDir } from './setup/paths.mjs';
import { command, Failure, say } from './setup/report.mjs';

const PORT = 4000;

/** @param {string[]} args */
function readOptions(args) {
  const options = /** @type {const} */ ({
    relay: { type: 'string', multiple: true },
    tracker: { type: 'string', multiple: true },
    to: { type: 'string' },
    serve: { type: 'boolean' },
  });
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const port = Number(positionals[0] ?? PORT);
    if (positionals.length > (values.serve ? 1 : 0) || !Number.isInteger(port) || port < 0 || port > 65535) {
      throw new Error(`${positionals.join(' ')} is not understood`);
    }
    for (const url of [...values.relay ?? [], ...values.tracker ?? []]) {
      if (!/^wss?:\/\/./.test(url)) throw new Error(`${url} is to be a ws:// or wss:// URL`);
    }
    return { ...values, to: values.to === undefined ? join(buildDir, 'docs') : resolve(values.to), port };
  } catch (error) {
    throw new Failure(error.message, 'node tools/docs.mjs [--relay URL]... [--tracker URL]... [--to FOLDER] [--serve [PORT]]');
  }
}

await command(async () => {
  const { relay: relays = [], tracker: trackers = [], to, serve, port } = readOptions(process.argv.slice(2));
  await setup();
  build('wasm');
  const { text } = await apiDoc();
  if (readFileSync(apiDocFile, 'utf8') !== text) throw new Failure('docs/api.md is not current', 'node tools/apidoc.mjs');
  const site = serve ? await serveFolder(to, { port }) : null;
  if (site !== null) {
    stopOnSignals();
    const relay = await startServer('relay', fileURLToPath(new URL('app.js', import.meta.url)), { PORT: '0', NKT_ORIGINS: site.url });
    relays.push(`${relay.url.replace(/^http/, 'ws')}/relay`);
    relay.ended.then(() => site.stop());
  }
  const { pageCount, sectionCount } = await buildDocs(to, { relays, trackers });
  say(`the documentation: ${pageCount} pages, ${sectionCount} sections that can be searched, in ${to}`);
  if (site !== null) console.log(`\n  Open ${site.url}/index.html. Ctrl-C ends it.\n`);
});
