// SPDX-License-Identifier: GPL-3.0-or-later
// nkt/yjs in Chromium. With NKT_YJS_TABS=20 as many tabs; npm run bench:yjs measures those.
import { describe, test } from 'node:test';
import { print } from '../support/figures.mjs';
import { editTogether } from '../support/yjs_crowd.mjs';
import { skip } from '../glue/support/wasm.mjs';

const COUNT = Number(process.env.NKT_YJS_TABS ?? 6);

describe('a document that many edit', { skip, timeout: 480_000 }, () => {
  test(`${COUNT} tabs, while relay and tracker die and come back: all have all of it`, async () => {
    const { meet_ms: meetMs, converged_ms: converged } = await editTogether({ count: COUNT });
    print(`${COUNT} tabs met after ${meetMs} ms; the same ${converged.join(', ')} ms after the last edit`);
  });
});
