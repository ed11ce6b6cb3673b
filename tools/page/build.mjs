// SPDX-License-Identifier: GPL-3.0-or-later
// Bundles the page into build/web, if its sources have changed: `node tools/page/build.mjs`; `node tools/build.mjs web` does so.
import { gzipSync } from 'node:zlib';
import { command, Failure, say } from '../setup/report.mjs';
import { openPage } from './page.mjs';

await command(async () => {
  const { parts, isNew } = await openPage().catch((error) => {
    throw new Failure(`the page is not bundled: ${error.message}`);
  });
  if (!isNew) return;
  const kb = (address) => `${address.slice(1)} ${(gzipSync(parts.get(address)?.body ?? '').length / 1000).toFixed(0)} KB`;
  say(`page: ${['/first.js', '/main.js'].map(kb).join(', ')} gzipped`);
});
