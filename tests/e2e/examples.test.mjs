// SPDX-License-Identifier: GPL-3.0-or-later
// Examples that want what a browser alone has, as they stand, in one page of Chromium: `nkt` is its peer, which has not started.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openBrowser } from '../glue/support/browser.mjs';
import { skip } from '../glue/support/wasm.mjs';
import { compile } from '../support/examples/compile.mjs';
import { readPage, readTypes } from '../support/examples/read.mjs';

const examples = [...readTypes().flatMap((one) => one.examples), ...readPage('docs/cookbook.md')].filter(({ isOfPage }) => isOfPage);

/** In the page. */
async function runHere(program) {
  const { Nkt, NktError } = await import(/** @type {any} */ ('/glue/nkt.js'));
  const { run } = await import(/** @type {any} */ ('/tests/support/examples/run.mjs'));
  const made = [];
  class Traced extends Nkt {
    constructor(platform) {
      super(platform);
      made.push(this);
    }
  }
  const nkt = new Traced();
  try {
    await run(program, { nkt }, () => ({ Nkt: Traced, NktError }));
  } finally {
    await Promise.all(made.map((peer) => peer.close()));
    for (const name of await nkt.kept()) await nkt.forgetKept(name);
  }
}

describe('examples in a page', { skip, timeout: 360_000 }, () => {
  /** @type {Awaited<ReturnType<typeof openBrowser>>} */
  let chromium;
  /** @type {import('playwright-core').Page} */
  let page;
  before(async () => {
    chromium = await openBrowser();
    page = await chromium.browser.newPage();
    await page.goto(chromium.url);
  });
  after(() => chromium.close());

  test('there are some', () => assert.ok(examples.length >= 3));

  for (const { name, where, code } of examples) {
    test(`${name} (${where})`, async () => { await page.evaluate(runHere, compile(code)); });
  }
});
