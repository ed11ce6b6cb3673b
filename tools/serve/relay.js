// SPDX-License-Identifier: GPL-3.0-or-later
// tools/app.js as it is in the npm package: the page was made when it was packed (build.mjs).
import { runRelay } from '../relay/run.js';
import { readPage } from './page.js';

runRelay(({ isPlain, say }) => {
  if (isPlain) say('NKT_PLAIN=1 needs a checkout: here is the bundle alone');
  return readPage(new URL('page/', import.meta.url));
});
