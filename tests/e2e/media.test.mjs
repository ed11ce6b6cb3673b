// SPDX-License-Identifier: GPL-3.0-or-later
// Audio and video play while they come: from the page's service worker, which asks the page that opened them and nobody else.
// Long: many pages.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { Tab, allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const RATE = 48_000; // samples a second of 4 bytes
const SIZE = 44 + 24_000_000; // two minutes

/** In a page: shares sound of so many bytes, as a WAV file. @param {{size: number, rate: number, type: string, name: string}} sound */
async function shareSound({ size, rate, type, name }) {
  const bytes = new Uint8Array(size);
  const head = new DataView(bytes.buffer);
  const write = (at, text) => [...text].forEach((char, i) => head.setUint8(at + i, char.charCodeAt(0)));
  write(0, 'RIFF'); head.setUint32(4, size - 8, true); write(8, 'WAVEfmt '); head.setUint32(16, 16, true); head.setUint16(20, 1, true);
  head.setUint16(22, 2, true); head.setUint32(24, rate, true); head.setUint32(28, rate * 4, true); head.setUint16(32, 4, true);
  head.setUint16(34, 16, true); write(36, 'data'); head.setUint32(40, size - 44, true);
  const samples = new Int16Array(bytes.buffer, 44);
  for (let i = 0; i < samples.length; i += 2) samples[i] = samples[i + 1] = 8000 * Math.sin(i / 40);
  await nkt.share(new Blob([bytes], { type }), { name });
}

describe('audio and video', { skip, timeout: 480_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const card = (tab, name) => tab.page.locator('.card-content').filter({ hasText: name });
  const isActive = () => navigator.serviceWorker.ready.then(({ active }) => active?.state === 'activated');
  const isServed = (tab) => tab.until(isActive, undefined, 'a worker');

  test('sound plays while it comes, and from where one seeks; on a first visit as well', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    await isServed(bob);
    await bob.run(() => {
      window.marks = [];
      const mark = ({ target }) => window.marks.push({ at: target.currentTime, loaded: nkt.contents[0].loaded });
      document.addEventListener('timeupdate', mark, true);
    });
    await ann.run(shareSound, { size: SIZE, rate: RATE, type: 'audio/wav; codecs=1', name: 'song.wav' });
    await card(bob, 'song.wav').locator('[data-act=cardPlay]').click();
    const first = await bob.until(() => window.marks.find(({ at }) => at > 0), undefined, 'it plays');
    assert.ok(first.loaded < SIZE, `plays with ${first.loaded} bytes here`);
    await bob.run(() => { document.querySelector('.card-content audio').currentTime = 115; });
    await bob.until(() => window.marks.find(({ at }) => at > 115), undefined, 'from there on');
    const { duration, src } = await bob.run(() => {
      const audio = document.querySelector('.card-content audio');
      return { duration: audio.duration, src: audio.src };
    });
    assert.equal(Math.round(duration), Math.round((SIZE - 44) / RATE / 4));
    assert.match(src, /\/media\/[0-9a-f]{32}$/);
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  /** Does an element of that page play it? @param {import('../support/tab.mjs').Tab} tab @param {string} src */
  const plays = (tab, src) => tab.run((url) => new Promise((resolve) => {
    const audio = new Audio(url);
    audio.onloadedmetadata = () => resolve(true);
    audio.onerror = () => resolve(false);
  }), src);

  test('the worker answers elements of the page that plays it, and nobody else, never with what a browser would open', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    await isServed(bob);
    const other = await (await Tab.blank(bob.page.context())).load(`${stage.app.url}/`); // under the worker from its beginning
    const answers = [];
    bob.page.on('response', (response) => { if (response.url().includes('/media/')) answers.push(response); });
    await ann.run(shareSound, { size: 300_000, rate: RATE, type: 'audio/wav', name: 'song.wav' });
    await card(bob, 'song.wav').locator('[data-act=cardPlay]').click();
    await bob.until(() => document.querySelector('.card-content audio')?.readyState > 0, undefined, 'it plays');
    const src = await bob.run(() => document.querySelector('.card-content audio').src);
    assert.equal(answers[0].status(), 206);
    const headers = answers[0].headers();
    assert.deepEqual(['content-type', 'x-content-type-options', 'content-security-policy'].map((name) => headers[name]),
      ['audio/wav', 'nosniff', "default-src 'none'; sandbox"]);
    assert.match(headers['content-range'], /^bytes 0-\d+\/300000$/);

    assert.equal(await plays(bob, src), true);
    assert.equal(await plays(bob, src.replace(/.{32}$/, 'f'.repeat(32))), false, 'a name that is none');
    assert.equal(await plays(other, src), false, 'another page, though it knows the name');
    const asked = (url) => fetch(url, { headers: { range: 'bytes=0-' } }).then(({ status }) => status); // as an element asks
    assert.equal(await bob.run(asked, src), 404, 'no element');
    assert.equal((await (await bob.page.context().newPage()).goto(src))?.status(), 404, 'no page');
    await card(bob, 'song.wav').evaluate((node) => node.closest('.message').remove());

    for (const said of ['text/html', 'image/svg+xml', 'application/pdf', 'audio/unheard-of', 'video/mp4<script>', 'Audio/']) {
      await ann.run((type) => nkt.share(new Blob(['<script>x</script>']), { name: 'page', type }).catch(() => {}), said);
    }
    await ann.run(() => nkt.share(new Blob(['<script>x</script>']), { name: 'last', type: 'AUDIO/WAV' }));
    await card(bob, 'last').locator('[data-act=cardPlay]').click(); // said to be sound, and is none
    await card(bob, 'last').filter({ hasText: 'cannot play' }).waitFor();
    await card(bob, 'last').locator('[data-act=cardSave]').waitFor();
    assert.equal(await card(bob, 'page').locator('[data-act=cardPlay]').count(), 0);
    assert.ok(await card(bob, 'page').count() >= 4);
    assert.deepEqual(await bob.run(() => window.probe.violations), []);
  });

  test('paused, it is not fetched any more; without a worker it plays when it is whole', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { before: () => { delete Navigator.prototype.serviceWorker; } });
    await ann.run(shareSound, { size: SIZE, rate: RATE, type: 'audio/wav', name: 'song.wav' });
    await card(bob, 'song.wav').locator('[data-act=cardPlay]').click();
    await card(bob, 'song.wav').locator('[data-act=cardPause]').click();
    await card(bob, 'song.wav').and(bob.page.locator('[data-state=paused]')).waitFor();
    assert.equal(await bob.page.locator('.card-content audio').count(), 0);
    await card(bob, 'song.wav').locator('[data-act=cardPlay]').click();
    await bob.until(() => document.querySelector('.card-content audio')?.readyState > 0, undefined, 'it plays', 60_000);
    assert.match(await bob.run(() => document.querySelector('.card-content audio').src), /^blob:/);
    assert.equal(await bob.run(() => nkt.contents[0].state), 'complete');
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });
});

describe('audio and video in Firefox', { skip, timeout: 360_000 }, () => {
  test('sound plays while it comes, and from where one seeks', async (t) => {
    const stage = await Stage.open({ browsers: ['firefox'] });
    t.after(() => stage.close());
    const [ann, bob] = await stage.tabs(2, { fragment: `room=${stage.newRoom()}` });
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await allMeet([ann, bob]);
    await bob.until(() => navigator.serviceWorker.ready.then(({ active }) => active?.state === 'activated'), undefined, 'a worker');
    await ann.run(shareSound, { size: SIZE, rate: RATE, type: 'audio/wav', name: 'song.wav' });
    await bob.page.bringToFront();
    await bob.until(() => Boolean(document.querySelector('[data-act=cardPlay]')), undefined, 'a card');
    await bob.run(() => { // where there is no sound card Firefox gives up what is not muted, after a second
      const { play } = HTMLMediaElement.prototype;
      HTMLMediaElement.prototype.play = function muted() {
        this.muted = true;
        return play.call(this);
      };
    });
    await bob.run(() => document.querySelector('[data-act=cardPlay]').click());
    const audio = (condition, what) => bob.until(condition, undefined, what);
    await audio(() => document.querySelector('.card-content audio')?.readyState >= 2, 'something to play');
    const { src, loaded } = await bob.run(() => ({ src: document.querySelector('audio').src, loaded: nkt.contents[0].loaded }));
    assert.match(src, /\/media\/[0-9a-f]{32}$/);
    assert.ok(loaded < SIZE, `${loaded} of ${SIZE}`);
    await bob.run(() => { document.querySelector('audio').currentTime = 115; });
    await audio(() => !document.querySelector('audio').seeking && document.querySelector('audio').currentTime >= 115, 'from there on');
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });
});
