// SPDX-License-Identifier: GPL-3.0-or-later
// Contents from tab to tab: files, pictures, drag and drop; over a reload midway.
// Long: many pages.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { slowly } from '../support/slow.mjs';
import { Stage } from '../support/stage.mjs';
import { untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

describe('contents', { skip, timeout: slowly(180_000) }, () => {
  /** @type {Stage} */
  let stage;
  const folder = mkdtempSync(join(tmpdir(), 'nkt-content-e2e-'));
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
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

  test('a name of which nothing can be seen, or that hides its end, is shown as something, wherever it stands', async () => {
    const [ann, bob] = await pair();
    const names = ['   ', '\u200b\u2060', '\u200ba\u200f  .pdf'];
    await ann.run((all) => Promise.all(all.map((name) => nkt.share(new File(['x'], name)))), names);
    await untilTabs(async () => await bob.page.locator('.card-content [data-act]').count() === names.length, 'the cards');
    const texts = (selector) => bob.page.locator(selector).allTextContents();
    assert.deepEqual((await texts('.card-name')).sort(), ['A file', 'A file', 'a .pdf']);
    assert.equal(await bob.page.getByRole('button', { name: 'Fetch: A file', exact: true }).count(), 2);
    await bob.run(() => { for (const button of document.querySelectorAll('[data-act="cardFetch"]')) button.click(); });
    await untilTabs(async () => await bob.page.locator('.card-content[data-state="complete"]').count() === names.length, 'all of them');
    const downloading = bob.page.waitForEvent('download');
    await bob.page.getByRole('button', { name: 'Save: A file', exact: true }).first().click();
    assert.equal((await downloading).suggestedFilename(), 'nkt');
    await bob.type('/settings');
    await bob.page.locator('#settings-kept li').nth(2).waitFor();
    assert.deepEqual((await texts('#settings-kept b')).sort(), ['A file', 'A file', 'a .pdf']);
    await ann.page.locator('#attach-file').setInputFiles({ name: ' \u2060', mimeType: '', buffer: Buffer.from('x') });
    await ann.page.locator('#attached li', { hasText: 'A file · 1 byte' }).waitFor();
    await ann.page.getByRole('button', { name: 'Do not send A file', exact: true }).click();
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  test('several files are heard of in the order in which they were chosen, whatever each takes', async () => {
    const [ann, bob] = await pair();
    const sizes = { 'first, large.bin': 8_000_000, 'second.bin': 10, 'third, larger.bin': 4_000_000, 'fourth.bin': 1 };
    await bob.run(() => {
      window.names = [];
      nkt.addEventListener('nktcontent', ({ detail }) => { window.names.push(detail.name); });
    });
    const files = Object.entries(sizes).map(([name, size]) => file(name, randomBytes(size)));
    await ann.page.locator('#attach-file').setInputFiles(files);
    await ann.page.locator('#attached li').nth(3).waitFor();
    await ann.page.locator('#line').press('Enter');
    await bob.until((count) => window.names.length === count, files.length, 'all of them');
    assert.deepEqual(await bob.run(() => window.names), Object.keys(sizes));
  });

  /** A JPEG with words beside the picture, as a telephone writes where it was taken. */
  async function photo(tab) {
    const plain = Buffer.from(await tab.run(async () => {
      const canvas = new OffscreenCanvas(800, 600);
      const pen = canvas.getContext('2d');
      for (let i = 0; i < 400; i++) {
        pen.fillStyle = `hsl(${i * 7} 80% 50%)`;
        pen.fillRect((i * 37) % 800, (i * 91) % 600, 60, 40);
      }
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
      return [...new Uint8Array(await blob.arrayBuffer())];
    }));
    const words = Buffer.from('Exif\0\0taken at 48.2082 N 16.3738 E');
    const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, words.length + 2]), words]);
    return Buffer.concat([plain.subarray(0, 2), segment, plain.subarray(2)]);
  }

  const drop = (tab, name, type, bytes) => tab.run(({ name, type, list }) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(list)], name, { type }));
    const target = document.getElementById('messages');
    for (const kind of ['dragover', 'drop']) target.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  }, { name, type, list: [...bytes] });

  test('the page does not go unasked with files that nobody has heard of: such as wait, and such as are being sent', async () => {
    const [ann, bob] = await pair();
    let asked = 0;
    ann.page.on('dialog', (dialog) => {
      asked++;
      assert.equal(dialog.type(), 'beforeunload');
      dialog.dismiss();
    });
    const count = 5;
    await ann.page.locator('#attach-file').setInputFiles(Array.from({ length: count }, (_, i) => file(`${i}.bin`, randomBytes(300_000))));
    await ann.page.locator('#attached li').nth(count - 1).waitFor();
    await ann.page.locator('#line').press('a'); // a browser asks whoever did something on the page
    await ann.run(() => location.reload());
    await ann.until(() => document.querySelectorAll('#attached li').length, undefined, 'still there');
    assert.equal(asked, 1, 'while they wait');
    await ann.run(() => {
      document.getElementById('send').click();
      location.reload();
    });
    for (let i = 0; i < count; i++) await card(bob, `${i}.bin`).waitFor();
    assert.equal(asked, 2, 'while they are being sent');
    await ann.page.locator('.message.own[data-state=delivered]').nth(count).waitFor();
    await ann.page.reload();
    await ann.until((all) => document.querySelectorAll('.card-content').length === all, count, 'what was sent is kept');
    assert.equal(asked, 2, 'then it may go');
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  test('a card that hears of every piece is painted now and then, and at once when it is complete', async () => {
    const [ann, bob] = await pair();
    const offered = bob.run(() => new Promise((resolve) => {
      nkt.addEventListener('nktcontent', ({ detail }) => { window.offered = detail; resolve(); }, { once: true });
    }));
    await ann.run(() => nkt.share(new Uint8Array(3_000_000), { name: 'large.bin' }));
    await offered;
    await card(bob, 'large.bin').waitFor();
    const paints = await bob.run(async () => {
      const tell = () => window.dispatchEvent(new CustomEvent('nktcontentstate', { detail: window.offered }));
      let count = 0;
      const seen = new MutationObserver((changes) => { count += changes.length; });
      seen.observe(document.querySelector('.card-content'), { attributeFilter: ['data-state'] }); // set by each, changed or not
      for (let i = 0; i < 50; i++) tell();
      await Promise.resolve();
      seen.disconnect();
      await (await nkt.fetch(window.offered)).complete;
      return count;
    });
    assert.ok(paints <= 1, `${paints} times`);
    await card(bob, 'large.bin').and(bob.page.locator('[data-state="complete"]')).waitFor();
  });

  test('what shows and fetches contents comes with the first of them', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { before: () => { window.requestIdleCallback = () => 0; } }); // nothing ahead
    const wanted = ['/files.js', '/files.css', '/glue/content_parts.js'];
    const loaded = () => bob.run((all) => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)
      .filter((path) => all.includes(path)), wanted);
    assert.deepEqual(await loaded(), []);
    await ann.run(() => nkt.share(new Uint8Array(10), { name: 'ten.bin' }));
    await card(bob, 'ten.bin').locator('[data-act="cardFetch"]').waitFor();
    assert.deepEqual((await loaded()).sort(), ['/files.css', '/files.js']);
    await card(bob, 'ten.bin').locator('[data-act="cardFetch"]').click();
    await card(bob, 'ten.bin').and(bob.page.locator('[data-state="complete"]')).waitFor();
    assert.deepEqual((await loaded()).sort(), wanted.toSorted());
  });

  test('a picture: dropped, shown small before it is fetched, then in its place; where it was taken stays at home', async () => {
    const [ann, bob] = await pair();
    const bytes = await photo(ann);
    await drop(ann, 'beach.jpg', 'image/jpeg', bytes);
    await ann.page.locator('#attached input[type="checkbox"]').waitFor();
    await ann.page.locator('#send').click();
    const img = card(bob, 'beach.jpg').locator('img');
    await img.waitFor();
    const width = () => img.evaluate((node) => node.decode().then(() => node.naturalWidth));
    assert.equal(await width(), 320, 'the small one');
    assert.deepEqual(await bob.run(() => nkt.contents.length), 0, 'nothing is fetched unasked');
    await card(bob, 'beach.jpg').locator('[data-act="cardFetch"]').click();
    await bob.until(() => document.querySelector('.card-content img')?.naturalWidth === 800, undefined, 'the whole picture');
    const { bytes: got } = await saved(bob, 'beach.jpg');
    assert.ok(bytes.includes('48.2082'));
    assert.ok(!got.includes('48.2082') && !got.includes('Exif'), 'drawn anew');

    await drop(ann, 'as it is.jpg', 'image/jpeg', bytes);
    await ann.page.locator('#attached input[type="checkbox"]').check();
    await ann.page.locator('#send').click();
    await card(bob, 'as it is.jpg').locator('[data-act="cardFetch"]').click();
    assert.equal(hash((await saved(bob, 'as it is.jpg')).bytes), hash(bytes), 'if that is wanted');
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  test('a picture is pasted; where it is one of a text, as spreadsheets give, the text is', async () => {
    const [ann] = await pair();
    const paste = (name, text) => ann.run(([file, words]) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(['x'], file, { type: 'image/png' }));
      if (words) clipboardData.setData('text/plain', words);
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      return !document.getElementById('line').dispatchEvent(event);
    }, [name, text]);
    const isTaken = [['image.png', ''], ['image.png', 'image.png'], ['image.png', 'A1\tB1'], ['photo.png', '/home/ann/photo.png']];
    assert.deepEqual(await Promise.all(isTaken.map(([name, text]) => paste(name, text))), [true, true, false, true]);
    await ann.page.locator('#attached li').nth(2).waitFor();
    assert.equal(await ann.page.locator('#attached li').count(), 3);
  });

  test('a picture goes without where it was taken also where a browser draws no large ones, or not at all', async () => {
    const [ann, bob] = await pair();
    const bytes = await photo(ann);
    await ann.run(() => { // as some do from 16 million pixels on
      const { convertToBlob } = OffscreenCanvas.prototype;
      OffscreenCanvas.prototype.convertToBlob = function drawn(options) {
        return this.width > 500 ? Promise.reject(new DOMException('too large', 'EncodingError')) : convertToBlob.call(this, options);
      };
    });
    await drop(ann, 'beach.jpg', 'image/jpeg', bytes);
    await ann.page.locator('#attached li').waitFor();
    await ann.page.locator('#send').click();
    await card(bob, 'beach.jpg').locator('[data-act="cardFetch"]').click();
    await bob.until(() => document.querySelector('.card-content img')?.naturalWidth === 400, undefined, 'a smaller one');
    assert.ok(!(await saved(bob, 'beach.jpg')).bytes.includes('48.2082'));

    await drop(ann, 'torn.jpg', 'image/jpeg', bytes.subarray(0, 60));
    await ann.page.locator('#attached input[type=checkbox]').waitFor();
    await ann.page.locator('#send').click();
    await ann.page.locator('#say-error', { hasText: 'cannot be drawn anew' }).waitFor();
    assert.equal(await card(ann, 'torn.jpg').count(), 0);
    await ann.page.locator('#attached input[type=checkbox]').check();
    await ann.page.locator('#send').click();
    await card(bob, 'torn.jpg').waitFor();
    assert.equal(await bob.page.locator('.card-content').count(), 2);
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  test('a picture of few bytes and very many pixels takes no memory: neither small, nor fetched', async () => {
    const [ann, bob] = await pair();
    const sizes = await ann.run(async () => {
      const side = 16_384; // as many as WebP can say; each pixel is told by no bit at all
      let bits = '';
      const put = (value, count) => { for (let i = 0; i < count; i++) bits += (value >> i) & 1; };
      for (const [value, count] of [[0x2f, 8], [side - 1, 14], [side - 1, 14], [0, 4], [0, 3]]) put(value, count);
      for (let code = 0; code < 5; code++) put(1, 4); // one symbol of one bit, which is 0
      const byteAt = (i) => Number.parseInt([...bits.slice(8 * i, 8 * i + 8).padEnd(8, '0')].reverse().join(''), 2);
      const data = Uint8Array.from({ length: 12 }, (_, i) => byteAt(i));
      const word = (text) => [...text].map((sign) => sign.charCodeAt(0));
      const bomb = new Uint8Array([...word('RIFF'), 12 + data.length, 0, 0, 0, ...word('WEBPVP8L'), data.length, 0, 0, 0, ...data]);
      const canvas = new OffscreenCanvas(640, 480);
      canvas.getContext('2d').fillRect(0, 0, 9, 9);
      const plain = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
      const probe = new Image();
      probe.src = URL.createObjectURL(new Blob([bomb], { type: 'image/webp' }));
      await new Promise((resolve) => { probe.onload = probe.onerror = resolve; });
      await nkt.share(bomb, { name: 'bomb.webp', thumbnail: bomb });
      await nkt.share(plain, { name: 'plain.png', thumbnail: plain });
      return [bomb.length, probe.naturalWidth];
    });
    assert.deepEqual(sizes, [32, 16_384], 'browsers take it');
    await card(bob, 'plain.png').locator('img').waitFor();
    const count = () => card(bob, 'bomb.webp').locator('img').count();
    assert.equal(await count(), 0);
    for (const name of ['bomb.webp', 'plain.png']) {
      await bob.run(() => { window.src = document.querySelector('.card-content img').src; });
      await card(bob, name).locator('[data-act="cardFetch"]').click();
      await card(bob, name).and(bob.page.locator('[data-state="complete"]')).waitFor();
    }
    await bob.until(() => document.querySelector('.card-content img').src !== window.src, undefined, 'the whole one');
    assert.equal(await count(), 0);
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  test('what a peer says of a content is text: no page, no script, whatever it is called', async () => {
    const [ann, bob] = await pair();
    const page = '<svg xmlns="http://www.w3.org/2000/svg" onload="window.isTaken=1"><script>window.isTaken=1</script></svg>';
    await ann.run(({ page }) => nkt.share(new Blob([page], { type: 'text/html' }), {
      name: '<img src=x onerror="window.isTaken=1">', thumbnail: new TextEncoder().encode(page),
    }), { page });
    await card(bob, '<img src=x').locator('[data-act="cardFetch"]').click();
    await card(bob, '<img src=x').and(bob.page.locator('[data-state="complete"]')).waitFor();
    assert.equal(await card(bob, '<img src=x').locator('img').count(), 0);
    assert.equal((await saved(bob, '<img src=x')).bytes.toString(), page);
    assert.equal(bob.page.context().pages().length, 1, 'saved, not opened');
    assert.equal(await bob.run(() => window.isTaken), undefined);
    const turned = 'report\u202efdp.exe'; // reads reportexe.pdf
    assert.equal(await ann.run((name) => nkt.share(new Uint8Array(3), { name }).catch((error) => error.code), turned), 'NKT_E_MANIFEST');
    await ann.page.locator('#attach-file').setInputFiles({ name: turned, mimeType: 'application/pdf', buffer: Buffer.from('MZ') });
    await ann.page.locator('#attached li').waitFor();
    await ann.type('see');
    await card(bob, 'report_fdp.exe').waitFor();
    assert.deepEqual(await bob.faults(), []);
  });

  test('who pauses one that plays while it comes pauses it, whichever of its cards he pressed', async () => {
    const [ann, bob] = await pair();
    await ann.run(async () => {
      const { content } = await nkt.share(new Uint8Array(300_000), { name: 'song.wav', type: 'audio/wav' });
      await nkt.share(content);
    });
    const cards = [0, 1].map((i) => card(bob, 'song.wav').nth(i));
    await cards[1].waitFor();
    await ann.run(() => nkt.close());
    for (const pressed of cards) {
      await cards[0].locator('[data-act="cardFetch"], [data-act="cardOn"]').click();
      await cards[0].locator('[data-act="cardPlay"]').click();
      await cards[0].locator('[data-act="cardPlay"]').waitFor({ state: 'detached' });
      await pressed.locator('[data-act="cardPause"]').click();
      for (const one of cards) await one.and(bob.page.locator('[data-state="paused"]')).waitFor();
    }
    assert.deepEqual(await bob.faults(), []);
  });

  test('a button that stays is the same one: it may be pressed while the card changes', async () => {
    const [ann, bob] = await pair();
    await ann.run(() => nkt.share(new Uint8Array(300_000), { name: 'song.wav', type: 'audio/wav' }));
    const song = card(bob, 'song.wav');
    await song.locator('[data-act="cardFetch"]').focus();
    await ann.run(() => nkt.close());
    await song.locator('[data-act="cardPlay"]').hover();
    await bob.page.mouse.down();
    await song.locator('[data-act="cardFetch"]').press('Enter');
    await song.locator('[data-act="cardPause"]').waitFor();
    await bob.page.mouse.up();
    await song.locator('[data-act="cardPlay"]').waitFor({ state: 'detached' });
    assert.deepEqual(await bob.faults(), []);
  });

  test('a reload midway: it goes on by itself, and what is shown comes back', async () => {
    const [ann, bob] = await pair();
    const bytes = randomBytes(12_000_000);
    await ann.page.locator('#attach-file').setInputFiles(file('large.bin', bytes));
    await ann.page.locator('#attached li').waitFor();
    await ann.page.locator('#send').click();
    await card(bob, 'large.bin').locator('[data-act="cardFetch"]').click();
    await bob.until(() => nkt.contents[0]?.loaded > 1e6, undefined, 'some of it');
    await bob.page.reload();
    await bob.until(() => nkt.contents[0]?.loaded > 5e5, undefined, 'what was there is there');
    await card(bob, 'large.bin').and(bob.page.locator('[data-state="complete"]')).waitFor({ timeout: 30_000 });
    assert.equal(hash((await saved(bob, 'large.bin')).bytes), hash(bytes));
    await ann.page.reload(); // who shared it has it as well
    await ann.until(() => nkt.contents[0]?.own && nkt.contents[0].state === 'complete', undefined, 'kept');
    assert.equal(hash((await saved(ann, 'large.bin')).bytes), hash(bytes));
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  test('a reload while the bytes of a value come: it is heard once, as it was', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { before: () => {
      window.addEventListener('nktencryptedmessagereceived', async ({ detail }) => {
        if (!detail.large) return;
        const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', detail.large));
        const heard = JSON.parse(sessionStorage.getItem('heard') ?? '[]');
        sessionStorage.setItem('heard', JSON.stringify([...heard, [detail.large.constructor.name, bytes.toHex?.() ?? [...bytes].join()]]));
      });
    } });
    const heard = () => bob.run(() => JSON.parse(sessionStorage.getItem('heard') ?? '[]'));
    const wanted = await ann.run(async () => {
      const large = new Uint16Array(6_000_000);
      for (let i = 0; i < large.length; i += 1000) large[i] = i / 1000;
      await nkt.sendEncryptedMessage({ large });
      const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', large));
      return bytes.toHex?.() ?? [...bytes].join();
    });
    await bob.until(() => nkt.contents[0]?.loaded > 1e6, undefined, 'some of it');
    assert.deepEqual(await heard(), [], 'not told yet');
    await bob.page.reload();
    await bob.until(() => sessionStorage.getItem('heard'), undefined, 'told');
    assert.deepEqual(await heard(), [['Uint16Array', wanted]]);
    await bob.page.reload();
    await bob.until(() => nkt.contents[0]?.state === 'complete', undefined, 'what is kept is open again');
    await ann.run(() => nkt.sendEncryptedMessage({ large: new Uint8Array(1) }));
    await bob.until(() => JSON.parse(sessionStorage.getItem('heard')).length > 1, undefined, 'the next');
    assert.deepEqual((await heard()).map(([kind]) => kind), ['Uint16Array', 'Uint8Array'], 'once');
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  test('without a private file system: in IndexedDB, over a reload as well', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { before: () => { delete StorageManager.prototype.getDirectory; } });
    await ann.run(() => nkt.share(new Uint8Array(300_000).fill(7), { name: 'seven' }));
    await card(bob, 'seven').locator('[data-act="cardFetch"]').click();
    await card(bob, 'seven').and(bob.page.locator('[data-state="complete"]')).waitFor();
    await bob.page.reload();
    const { bytes } = await saved(bob, 'seven');
    assert.equal(hash(bytes), hash(new Uint8Array(300_000).fill(7)));
    assert.equal(await bob.run(() => nkt.health().contents.kind), 'indexeddb');
  });

  /** Opens the settings by their command, does something there, saves. */
  async function set(tab, act) {
    await tab.type('/settings');
    await tab.page.locator('#settings[open]').waitFor();
    await act(tab.page);
    await tab.page.locator('#settings-save').click();
    await tab.page.locator('#settings:not([open])').waitFor({ state: 'attached' });
  }

  test('pictures up to a size that one sets come unasked, nothing else does; in a later visit they show whole', async () => {
    const [ann, bob] = await pair();
    await set(bob, (page) => page.locator('#settings-unasked').selectOption('1000000'));
    const bytes = await photo(ann);
    await ann.run(() => nkt.share(new Uint8Array(100_000), { name: 'no picture.bin', type: 'image/png' }));
    await card(bob, 'no picture.bin').locator('[data-act=cardFetch]').waitFor();
    const small = await ann.run(async () => { // a picture in the message, and too much behind it
      const canvas = new OffscreenCanvas(32, 32);
      canvas.getContext('2d').fillRect(0, 0, 9, 9);
      const thumbnail = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
      await nkt.share(new Uint8Array(1_000_001), { name: 'too large.png', thumbnail });
      return thumbnail.length;
    });
    assert.ok(small > 0);
    await card(bob, 'too large.png').locator('img').waitFor();
    await drop(ann, 'beach.jpg', 'image/jpeg', bytes);
    await ann.page.locator('#attached li').waitFor();
    await ann.page.locator('#send').click();
    const beach = card(bob, 'beach.jpg');
    await beach.and(bob.page.locator('[data-state=complete]')).waitFor();
    assert.deepEqual(await bob.run(() => nkt.contents.map(({ name }) => name)), ['beach.jpg'], 'and nothing else');
    await bob.page.reload();
    await beach.locator('[data-act=cardSave]').waitFor();
    const isWhole = () => [...document.querySelectorAll('.card-content img')].some(({ naturalWidth }) => naturalWidth === 800);
    await bob.until(isWhole, undefined, 'whole again, by itself');
    await bob.run((addr) => { nkt.userList[addr].dontSendTo = true; }, ann.address);
    await drop(ann, 'other.jpg', 'image/jpeg', bytes);
    await ann.page.locator('#attached li').waitFor();
    await ann.page.locator('#send').click();
    await card(bob, 'other.jpg').locator('[data-act=cardFetch]').waitFor();
    assert.deepEqual(await bob.run(() => nkt.contents.length), 1, 'nothing of whom one sends nothing');
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  test('what is kept is listed in the settings, and deleted there; less room, and what was used longest ago goes', async () => {
    const [ann, bob] = await pair();
    for (const [name, size] of [['first.bin', 60e6], ['second.bin', 50e6], ['third.bin', 1e6]]) {
      await ann.run(([called, count]) => nkt.share(new Uint8Array(count), { name: called }), [name, size]);
      await card(bob, name).locator('[data-act=cardFetch]').waitFor();
    }
    await card(bob, 'third.bin').locator('[data-act=cardFetch]').click();
    await card(bob, 'third.bin').and(bob.page.locator('[data-state=complete]')).waitFor();
    await bob.type('/settings');
    const row = bob.page.locator('#settings-kept li');
    await row.filter({ hasText: 'third.bin' }).waitFor();
    assert.match(await bob.page.locator('#settings-kept-use').textContent(), /^1\.0 MB of 500 MB/);
    const pressed = await row.getByRole('button', { name: 'third.bin' }).elementHandle();
    await pressed.focus();
    await bob.run(() => nkt.share(new Uint8Array(1000), { name: 'another' }));
    await row.filter({ hasText: 'another' }).waitFor();
    assert.ok(await pressed.evaluate((button) => document.activeElement === button), 'what is pressed stays, whatever comes meanwhile');
    await row.getByRole('button', { name: 'another' }).click();
    await row.filter({ hasText: 'another' }).waitFor({ state: 'detached' });
    await row.getByRole('button', { name: 'third.bin' }).click();
    await row.waitFor({ state: 'detached' });
    assert.deepEqual(await bob.run(() => [nkt.contents.length, document.activeElement?.id]), [0, 'settings-close']);
    await bob.page.locator('#settings-close').click();
    await card(bob, 'third.bin').locator('[data-act=cardFetch]').waitFor(); // and may be fetched again

    await set(ann, (page) => page.locator('#settings-quota').selectOption('100000000'));
    await ann.until(() => nkt.contents.length === 2, undefined, 'one went');
    assert.deepEqual(await ann.run(() => nkt.contents.map(({ name }) => name)), ['second.bin', 'third.bin']);
    assert.equal(await ann.run(() => nkt.health().contents.quota), 100e6);
    await ann.page.reload();
    await ann.until(() => nkt.health().contents.quota === 100e6, undefined, 'kept');
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });
});
