// SPDX-License-Identifier: GPL-3.0-or-later
// Contents from tab to tab: files, pictures, drag and drop; over a reload midway.
// Long: many pages.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { skip } from '../glue/support/wasm.mjs';

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

describe('contents', { skip, timeout: 120_000 }, () => {
  /** @type {Stage} */
  let stage;
  const folder = mkdtempSync(join(tmpdir(), 'nkt-content-e2e-'));
  before(async () => {
    stage = await Stage.open();
  });
  after(async () => {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => stage.clear());

  /** @param {string} name @param {Uint8Array} bytes @returns {string} its path */
  function file(name, bytes) {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  }

  const pair = () => stage.people(['Ann', 'Bob']);

  const card = (tab, name) => tab.page.locator('.card-content').filter({ hasText: name });

  /** Presses Save, and takes what the browser saves. @returns {Promise<{name: string, bytes: Buffer}>} */
  async function saved(tab, name) {
    const downloading = tab.page.waitForEvent('download');
    await card(tab, name).locator('[data-act="cardSave"]').click();
    const download = await downloading;
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  }

  test('a file from tab to tab: chosen, sent with a line, fetched when it is asked for, saved byte for byte', async () => {
    const [ann, bob] = await pair();
    const bytes = randomBytes(3_000_000);
    await ann.page.locator('#attach-file').setInputFiles(file('a <b>& "file".html', bytes));
    await ann.page.locator('#attached li').waitFor();
    await ann.type('here it is');
    await bob.shows('here it is');
    await card(bob, 'a <b>& "file".html').locator('[data-act="cardFetch"]').click();
    await card(bob, 'a <b>& "file".html').and(bob.page.locator('[data-state="complete"]')).waitFor();
    const { name, bytes: got } = await saved(bob, 'a <b>& "file".html');
    assert.equal(hash(got), hash(bytes));
    assert.match(name, /html$/);
    assert.deepEqual(await bob.run(() => nkt.health().contents.kind), 'opfs');
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });
});
