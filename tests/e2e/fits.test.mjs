// SPDX-License-Identifier: GPL-3.0-or-later
// What can be measured of how the page looks: nothing stands out of where it is or is too small for a thumb, words that matter are whole,
// and what colours say is said in forced colours as well. The rest is looked at: docs/page.md.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { misfits } from '../support/looks.mjs';
import { Stage } from '../support/stage.mjs';
import { clean } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const WINDOWS = [['/search river', '#search-found button'], ['/settings', '#settings-save'], ['/verify Bob', '#verify-number li'],
  ['/swarm', '#swarm-list li']];
const WORDS = [['bad', 'Not connected'], ['bad', 'Nicht verbunden'], ['warn', 'Schwarm geteilt'], ['warn', 'Pas de serveur']];
const WIDTHS = [1100, 740, 360, 320]; // px, as docs/page.md shows them

describe('what fits', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const setWidth = (tab, width) => tab.page.setViewportSize({ width, height: 640 });

  async function fits(tab, what) {
    for (const width of WIDTHS) {
      await setWidth(tab, width);
      assert.deepEqual(await misfits(tab), [], `${what}, ${width} px wide`);
    }
    await setWidth(tab, WIDTHS[0]);
  }

  test('nothing stands out of where it is, nothing is too small for a thumb', async () => {
    const [fresh] = await stage.tabs(1);
    for (const id of ['login-room', 'login-keep']) await fresh.page.locator(`#${id} summary`).click();
    await fits(fresh, 'the login');
    const tabs = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    const [ann, bob] = tabs;
    await bob.type('Where shall we meet, and when?');
    await ann.shows('Where shall we meet, and when?');
    await ann.act('Where shall we meet, and when?', '[data-action=reply]');
    await ann.type('by the river');
    await ann.shows('by the river');
    await ann.page.locator('#attach-file').setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(3000) });
    await ann.page.locator('#attached li').waitFor();
    await fits(ann, 'an answer, and a file beside the line');
    await ann.act('by the river', '.acts-signs > :last-child');
    await ann.page.locator('.emoji-found button').nth(20).waitFor();
    await fits(ann, 'choosing an emoji');
    await ann.page.keyboard.press('Escape');
    await ann.page.locator('#identity summary').click();
    for (const width of WIDTHS.slice(1)) {
      await setWidth(ann, width);
      if (!await ann.page.locator('#side').isVisible()) await ann.page.locator('#side-toggle').click();
      assert.deepEqual(await misfits(ann), [], `the panel, ${width} px wide`);
    }
    const isBelow = () => ['export-passphrase', 'export-again'].every((id) => {
      const [words, field] = [`[for=${id}]`, `#${id}`].map((what) => document.querySelector(what).getBoundingClientRect());
      return words.left === field.left && words.bottom <= field.top;
    });
    assert.ok(await ann.run(isBelow), 'each field below its words');
    await ann.page.keyboard.press('Escape');
    await setWidth(ann, WIDTHS[0]);
    for (const [line, ready] of WINDOWS) {
      await ann.type(line);
      await ann.page.locator(ready).first().waitFor({ state: 'attached' });
      await fits(ann, line);
      await ann.run(() => document.querySelector('dialog[open]').close());
    }
    await ann.page.locator('#hand-open').click();
    await ann.page.locator('#hand-qr path[d]').waitFor({ state: 'attached' });
    await fits(ann, 'by hand');
    await clean(tabs);
  });

  test('the bar ends where the page does; what is wrong is read whole on the smallest telephone', async () => {
    const [ann] = await stage.tabs(1);
    await ann.logIn('Ann');
    await setWidth(ann, 740);
    assert.ok(await ann.run(() => innerWidth - document.getElementById('side-toggle').getBoundingClientRect().right) < 20);
    for (const width of [360, 320]) {
      await setWidth(ann, width);
      for (const [state, words] of WORDS) {
        const [cut, right] = await ann.run(([level, text]) => { // at once: it is written anew now and then
          document.getElementById('status').dataset.state = level;
          const node = document.getElementById('status-text');
          node.textContent = text;
          return [node.scrollWidth - node.clientWidth, innerWidth - document.getElementById('side-toggle').getBoundingClientRect().right];
        }, [state, words]);
        assert.equal(cut, 0, `${words}, ${width} px wide`);
        assert.ok(right >= 0 && right < 20, `the bar ends ${right} px before the page, ${width} px wide`);
      }
    }
    await clean(ann);
  });

  test('in forced colours: which room is open, where the focus is, what Tab takes', async () => {
    const [ann] = await stage.tabs(1, { fragment: 'room=one' });
    await ann.logIn('Ann');
    await ann.run(() => { location.hash = 'room=two'; });
    await ann.page.locator('#rooms [data-open=true]').waitFor();
    await ann.page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
    const style = (...asked) => ann.run(([what, which, of = null]) => getComputedStyle(document.querySelector(what), of)[which], asked);
    assert.equal(await style('#rooms .room-name-in', 'forcedColorAdjust', '::before'), 'none');
    await ann.page.locator('#line').focus();
    assert.equal(await style('.composer', 'outlineStyle'), 'solid');
    await ann.page.locator('#line').pressSequentially('/');
    await ann.page.locator('#hint button').nth(1).waitFor();
    assert.equal(await style('#hint button', 'outlineStyle'), 'solid');
    assert.equal(await style('#hint button:nth-child(2)', 'outlineStyle'), 'none');
    await clean(ann);
  });

  test('the word beside the relay is over nobody, wherever people are', async () => {
    const [ann] = await stage.tabs(1);
    await ann.logIn('Ann');
    await ann.type('/swarm');
    await ann.page.locator('#swarm[open]').waitFor();
    await ann.page.locator('#swarm-close').click();
    await ann.page.emulateMedia({ reducedMotion: 'reduce' }); // they are where they are at once
    const covered = await ann.run(async () => {
      const { clearPicture, draw } = await import('/picture.js');
      const root = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      clearPicture(root);
      Object.assign(root.style, { position: 'fixed', width: '320px', height: '240px' });
      document.body.append(root);
      const found = [];
      for (let i = 0; i < 200; i++) {
        const people = [`B${i}a`, `B${i}b`].map((address) => ({ address, by: 'link', via: '', forwards: 0, tree: '', isWaiting: false }));
        draw(root, { self: 'Bself', relay: { count: 1, up: 1, state: 'ok' }, people }, { width: 320, height: 240 }, () => '');
        const words = root.querySelector('[data-kind=relay] .label').getBoundingClientRect();
        const isOver = [...root.querySelectorAll('.node[data-address] .shape')].some((node) => {
          const { left, right, top, bottom } = node.getBoundingClientRect();
          return left < words.right && words.left < right && top < words.bottom && words.top < bottom;
        });
        if (isOver) found.push(i);
      }
      return found;
    });
    assert.deepEqual(covered, []);
    await clean(ann);
  });
});
