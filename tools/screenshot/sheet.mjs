// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of one state of the page: one as it is, and a sheet of it at every width and in every look, drawn by the browser itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { misfits } from '../../tests/support/looks.mjs';

export const SIZES = { wide: { width: 1100, height: 680 }, tall: { width: 1100, height: 960 }, phone: { width: 360, height: 700 } };

/** Columns of a sheet: a laptop, a narrow window, a telephone, the smallest telephone. */
const WIDTHS = [{ width: 1100, height: 680 }, { width: 740, height: 680 }, { width: 360, height: 680 }, { width: 320, height: 568 }];
/** Rows of a sheet. */
const LOOKS = [
  { name: 'light', colorScheme: 'light', forcedColors: 'none' },
  { name: 'dark', colorScheme: 'dark', forcedColors: 'none' },
  { name: 'forced colours', colorScheme: 'dark', forcedColors: 'active' },
];
const PHONE_MAX = 400; // px: as wide, it has no mouse
const SCALE = 0.6; // of a sheet: the smallest letters can still be read
const QUALITIES = [0.5, 0.35, 0.2]; // of its WebP, the next one where it is larger than SIZE_MAX: QR codes, photographs
const SIZE_MAX = 150_000; // bytes

/**
 * In an empty page: all pictures of a state on one sheet.
 * @param {{rows: Array<{name: string, pictures: string[]}>, heads: string[], scale: number, qualities: number[], most: number}} sheet
 *   pictures: PNG, base64; most: bytes
 * @returns {Promise<string>} WebP, base64
 */
async function draw({ rows, heads, scale, qualities, most }) {
  const GAP = 14;
  const HEAD = 26;
  const bitmaps = await Promise.all(rows.map(({ pictures }) => Promise.all(pictures.map(async (picture) => {
    const bytes = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0));
    const whole = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    return createImageBitmap(whole, { resizeWidth: Math.round(whole.width * scale), resizeQuality: 'high' });
  }))));
  const heights = bitmaps.map((row) => Math.max(...row.map(({ height }) => height)) + HEAD);
  const width = bitmaps[0].reduce((sum, bitmap) => sum + bitmap.width + GAP, GAP);
  const canvas = new OffscreenCanvas(width, heights.reduce((sum, height) => sum + height, GAP));
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#c9ccca';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = '#111';
  pen.font = '600 13px system-ui, sans-serif';
  let top = 0;
  bitmaps.forEach((row, i) => {
    let left = GAP;
    row.forEach((bitmap, j) => {
      pen.fillText(`${heads[j]}, ${rows[i].name}`, left, top + HEAD - 8);
      pen.drawImage(bitmap, left, top + HEAD);
      left += bitmap.width + GAP;
    });
    top += heights[i];
  });
  let blob;
  for (const quality of qualities) {
    blob = await canvas.convertToBlob({ type: 'image/webp', quality });
    if (blob.size <= most) break;
  }
  const url = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(blob);
  });
  return url.slice(url.indexOf(',') + 1);
}

/** Nothing moves any more, nothing is drawn for another size. @param {import('../../tests/support/tab.mjs').Tab} tab */
async function settle(tab) {
  await tab.page.waitForFunction(() => { // the picture of the swarm is drawn anew for another size
    const picture = document.getElementById('swarm-picture');
    return !picture?.clientWidth || picture.viewBox.baseVal.width === picture.clientWidth;
  });
  await tab.run(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  await tab.run(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
}

export class Pictures {
  /** @param {string} folder @param {{isWhole: boolean}} options isWhole: each picture of a sheet is kept as well, as large as it is */
  constructor(folder, { isWhole }) {
    this.folder = folder;
    this.isWhole = isWhole;
    mkdirSync(join(folder, 'sheets'), { recursive: true });
    if (isWhole) mkdirSync(join(folder, 'whole'), { recursive: true });
  }

  #write(name, bytes) {
    const file = join(this.folder, name);
    writeFileSync(file, bytes);
    console.log(`${file} ${Math.round(bytes.length / 1000)} KB`);
  }

  /** One picture. @param {import('../../tests/support/tab.mjs').Tab} tab @param {string} name */
  async shoot(tab, name, { size = 'wide', scheme = 'light' } = {}) {
    await tab.page.bringToFront();
    await tab.page.mouse.move(0, 0); // no buttons that only the mouse shows
    await tab.page.setViewportSize(SIZES[size]);
    await tab.page.emulateMedia({ colorScheme: scheme });
    await settle(tab);
    this.#write(`${name}.png`, await tab.page.screenshot());
    await tab.page.setViewportSize(SIZES.wide);
  }

  /**
   * A sheet of what is on the screen.
   * @param {import('../../tests/support/tab.mjs').Tab} tab @param {string} name
   * @param {{each?: (width: number) => Promise<unknown>}} [options] each: before the pictures of a width, when the page has it
   */
  async sheet(tab, name, { each } = {}) {
    await tab.page.bringToFront();
    await tab.page.mouse.move(0, 0);
    const rows = LOOKS.map((look) => ({ name: look.name, pictures: [] }));
    const devtools = await tab.page.context().newCDPSession(tab.page);
    for (const size of WIDTHS) {
      await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: size.width < PHONE_MAX });
      await tab.page.setViewportSize(size);
      await each?.(size.width);
      for (const [i, { colorScheme, forcedColors }] of LOOKS.entries()) {
        await tab.page.emulateMedia({ colorScheme, forcedColors, reducedMotion: 'reduce' });
        await settle(tab);
        const png = await tab.page.screenshot();
        if (this.isWhole) writeFileSync(join(this.folder, 'whole', `${name}-${size.width}-${LOOKS[i].name.split(' ')[0]}.png`), png);
        rows[i].pictures.push(png.toString('base64'));
      }
      for (const what of await misfits(tab)) console.log(`  ${name} at ${size.width} px: ${what}`);
    }
    await tab.page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', reducedMotion: 'no-preference' });
    await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: false });
    await devtools.detach();
    await tab.page.setViewportSize(SIZES.wide);
    const page = await (await tab.page.context().browser().newContext()).newPage();
    const heads = WIDTHS.map(({ width }) => `${width} px`);
    const drawn = await page.evaluate(draw, { rows, heads, scale: SCALE, qualities: QUALITIES, most: SIZE_MAX });
    await page.context().close();
    this.#write(join('sheets', `${name}.webp`), Buffer.from(drawn, 'base64'));
  }
}
