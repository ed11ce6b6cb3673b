// SPDX-License-Identifier: GPL-3.0-or-later
// A page that shares Yjs documents by nkt/yjs: bundled as an application would, with the module beside it.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { serveFolder } from '../../tools/docs/serve.mjs';
import { root } from '../../tools/setup/paths.mjs';

const HTML = '<!doctype html><meta charset="utf-8"><title>yjs</title><script type="module" src="yjs_page.js"></script>';

/** Says that two documents are one: their texts, and all that was ever inserted and deleted. */
export const isSame = (states) => states.every(({ text, snapshot }) => text === states[0].text && snapshot === states[0].snapshot);

/** @returns {Promise<{url: string, stop: () => Promise<void>}>} */
export async function serveYjsPage() {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-yjs-'));
  await build({
    entryPoints: [fileURLToPath(new URL('yjs_page.js', import.meta.url))],
    bundle: true, format: 'esm', splitting: true, minify: true, outdir: folder, logLevel: 'error',
  });
  copyFileSync(join(root, 'build', 'wasm', 'core.wasm'), join(folder, 'core.wasm'));
  writeFileSync(join(folder, 'index.html'), HTML);
  const site = await serveFolder(folder);
  return {
    url: `${site.url}/`,
    async stop() {
      await site.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
