// SPDX-License-Identifier: GPL-3.0-or-later
// axe-core on what is on the screen, in each look of the page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const LOOKS = [
  { size: { width: 1100, height: 680 }, scheme: 'light' },
  { size: { width: 1100, height: 680 }, scheme: 'dark' },
  { size: { width: 360, height: 640 }, scheme: 'light' },
  { size: { width: 360, height: 640 }, scheme: 'dark' },
];

/** @param {import('./tab.mjs').Tab} tab */
export const ready = (tab) => tab.page.evaluate(AXE); // not as a script of the page's: its policy takes none but its own

/** Every look of what is on the screen now. @param {import('./tab.mjs').Tab} tab @param {string} what */
export async function look(tab, what) {
  await tab.page.bringToFront();
  for (const { size, scheme } of LOOKS) {
    await tab.page.setViewportSize(size);
    await tab.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await tab.run(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))));
    const found = await tab.run(async () => {
      const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
      return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
    });
    assert.deepEqual(found, [], `${what}, ${size.width} wide, ${scheme}`);
  }
  await tab.page.setViewportSize(LOOKS[0].size);
}
