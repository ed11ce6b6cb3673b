// SPDX-License-Identifier: GPL-3.0-or-later
// Contents between real tabs, nkt beside trystero's binary action and a bare data channel in one run.
// Usage: node content.mjs [--items 1,2,3,4] [--size 100] [--tries 3] [--only nkt,bare]
// size: megabytes of item 1; the others have 20. JSON on stdout, progress on stderr.
import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureHard } from './content_hard.mjs';
import { measureKilled, measureMany } from './content_many.mjs';
import { measurePair, sha256 } from './content_pair.mjs';
import { sides } from './content_people.mjs';
import { machine } from './machine.mjs';
import { progress } from './support.mjs';

const ITEMS = {
  1: ['pair', measurePair, 3], 2: ['many', measureMany, 3], 3: ['author_killed', measureKilled, 3], 4: ['hard', measureHard, 3],
};

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: Object.keys(ITEMS).join(',') }, size: { type: 'string', default: '100' },
    tries: { type: 'string' }, only: { type: 'string' },
  },
});
const wanted = values.items.split(',');
const unknown = wanted.filter((item) => !(item in ITEMS));
const size = Number(values.size) * 1e6;
if (unknown.length || !(size > 0)) {
  console.error(`bench:content: --items ${Object.keys(ITEMS).join(',')}, --size in megabytes`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'nkt-bench-content-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** A file of random bytes. */
function fileOf(bytes) {
  const path = join(folder, `${bytes}.bin`);
  const content = randomFillSync(Buffer.alloc(bytes));
  writeFileSync(path, content);
  return { path, size: bytes, hash: sha256(content) };
}

const result = { machine: machine() };
for (const side of ['nkt', 'trystero']) {
  if (sides().includes(side)) continue;
  progress(`${side}: skipped (${side === 'nkt' ? 'not built' : 'npm --prefix tools/bench ci'})`);
  result[side] = 'skipped';
}
for (const item of wanted) {
  const [name, measure, tries] = ITEMS[item];
  const file = fileOf(item === '1' ? size : 20e6);
  result[name] = await measure({ file, tries: Number(values.tries) || tries, only: values.only?.split(',') });
}
console.log(JSON.stringify(result, null, 1));
process.exit(0);
