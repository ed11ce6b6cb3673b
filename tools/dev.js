// SPDX-License-Identifier: GPL-3.0-or-later
// app.js to develop plugins with, which `npm start -- --dev` runs in its place: a file of web/plugins that is saved is loaded anew in every
// open tab, and tabs are reloaded when something else of the page changes. For this machine alone.
//   NKT_DEV_TOP   where web/ and glue/ lie; else in this checkout
import { DevFiles } from './dev/files.js';
import { runRelay } from './relay/run.js';
import { root } from './setup/paths.mjs';

runRelay((options) => {
  if (process.env.HOST) throw new Error('--dev is for this machine alone: HOST must not be set');
  return DevFiles.open(process.env.NKT_DEV_TOP || root, options);
});
