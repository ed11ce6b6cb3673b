// SPDX-License-Identifier: GPL-3.0-or-later
// The page and the relay, in one light process: `node tools/app.js`.
//   PORT             3000; 0 takes a free one
//   HOST             none: loopback only. 0.0.0.0 or :: opens it to other machines
//   NKT_ORIGINS      further origins whose pages may use the relay, comma separated, or *
//   NKT_TRACKERS     trackers the page is told of; else ours on TRACKER_PORT (8000)
//   NKT_ICE_SERVERS  STUN and TURN servers the page is told of, as JSON; else none
import { join } from 'node:path';
import { listen, portOf } from './listen.js';
import { readPageConfig } from './relay/config.js';
import { createPageServer } from './relay/http.js';
import { limits } from './relay/limits.js';
import { Relay } from './relay/relay.js';
import { addPageSet } from './relay/set.js';
import { StaticFiles } from './relay/static.js';
import { root, wasmFile } from './setup/paths.mjs';

function loadFiles() {
  const files = new StaticFiles();
  files.addFolder('/', join(root, 'web'));
  files.alias('/', '/index.html');
  files.add('/lib/qr.mjs', join(root, 'node_modules/lean-qr/nano.mjs'));
  files.addFolder('/glue/', join(root, 'glue'), (name) => /\.(js|d\.ts)$/.test(name));
  try {
    files.add('/core.wasm', wasmFile);
  } catch {
    console.error('nkt relay: no build/wasm/core.wasm yet, the page will not run: node tools/build.mjs wasm');
  }
  addPageSet(files);
  return files;
}

async function main() {
  const host = process.env.HOST || undefined;
  const files = loadFiles();
  const relay = new Relay();
  const parts = {
    files,
    relay,
    page: readPageConfig(process.env),
    headTimeoutMs: limits.headTimeoutMs,
    policy: {
      allowed: (process.env.NKT_ORIGINS ?? '')
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
      isOpen: host !== undefined,
    },
  };
  const { port, servers } = await listen(() => createPageServer(parts), {
    port: portOf('PORT', 3000),
    host,
    variable: 'PORT',
  });
  console.log(`nkt relay: http://localhost:${port} pid ${process.pid}`);

  const stop = async () => {
    for (const server of servers) server.close();
    await relay.stop();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error) => {
  console.error(`nkt relay: FAILED: ${error.message}`);
  process.exitCode = 1;
});
