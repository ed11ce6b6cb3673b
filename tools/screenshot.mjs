// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of the page for the documentation, of real tabs with real servers: single ones, and a sheet of each state at every width, in
// every look.
//   node tools/screenshot.mjs [--whole] [FOLDER] [ACT ...]
// FOLDER: build/pictures; docs/page.md and others show those kept in tools/pictures. ACT: one of those below, all of them unless named.
// --whole: beside each sheet its pictures as large as they are, to be looked at.
import { Stage } from '../tests/support/stage.mjs';
import { login } from './screenshot/login.mjs';
import { people } from './screenshot/people.mjs';
import { Pictures } from './screenshot/sheet.mjs';
import { trouble } from './screenshot/trouble.mjs';

const ACTS = { login, people, trouble };

const words = process.argv.slice(2);
const [folder = 'build/pictures', ...named] = words.filter((word) => word !== '--whole');
const pictures = new Pictures(folder, { isWhole: words.includes('--whole') });
for (const name of named.length > 0 ? named : Object.keys(ACTS)) {
  const stage = await Stage.open({ hasWorker: false });
  try {
    await ACTS[name](stage, pictures);
  } finally {
    await stage.close();
  }
}
