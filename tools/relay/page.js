// SPDX-License-Identifier: GPL-3.0-or-later
// What the page consists of: its scripts bundled and its styles made smaller (tools/page), or as they are; the rest of web/, and core.wasm.
import { extname } from 'node:path';
import { pageNotice } from '../notice.mjs';
import { openPage } from '../page/page.mjs';
import { isMade, pageSources } from '../page/sources.mjs';
import { wasmFile } from '../setup/paths.mjs';
import { addPageSet } from './set.js';
import { StaticFiles } from './static.js';

const CURE = '\n  What to do: npm run setup && npm run build; or NKT_PLAIN=1, which serves the modules as they are';

const withoutMap = (body) => Buffer.from(body.toString().replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, '\n'));

/**
 * @param {{isPlain: boolean, say: (text: string) => void, hasMaps?: boolean, folder?: string, sources?: Map<string, string>}} options
 *   isPlain: modules as they are, a request for each; hasMaps: and what tells a debugger where its parts come from; folder: of the bundle;
 *   sources: by address
 * @returns {Promise<StaticFiles>}
 */
export async function pageFiles({ isPlain, say, hasMaps = true, folder, sources = pageSources() }) {
  const files = new StaticFiles();
  const outside = new Set(['/NOTICE.txt']); // of the set: what no page loads by itself
  for (const [url, file] of sources) if (isPlain || !isMade(url)) files.add(url, file);
  if (!isPlain) {
    const { parts, faults, isNew } = await openPage({ sources, folder }).catch((error) => {
      throw new Error(`the page is not bundled: ${error.message}${CURE}`);
    });
    if (isNew) say('the page was bundled anew: its sources are others than those of build/web');
    for (const [url, fault] of [...faults].sort()) say(`${url} is served as it is, and will hardly load: ${fault}`);
    for (const [url, { body, isAside }] of parts) {
      if (!hasMaps && extname(url) === '.map') continue;
      files.addBody(url, extname(url), hasMaps ? body : withoutMap(body));
      if (isAside) outside.add(url);
    }
  }
  for (const url of sources.keys()) if (url.startsWith('/icons/')) outside.add(url); // of the app: the system asks for them once
  files.addBody('/NOTICE.txt', '.txt', Buffer.from(pageNotice()));
  try {
    files.add('/core.wasm', wasmFile);
  } catch {
    say('no build/wasm/core.wasm yet, the page will not run: node tools/build.mjs wasm');
  }
  files.alias('/', '/index.html');
  addPageSet(files, outside);
  return files;
}
