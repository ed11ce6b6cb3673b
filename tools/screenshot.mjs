// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of the page for the documentation: three people in a room, real servers, real tabs.
// `node tools/screenshot.mjs [folder]` (default: build/pictures); docs/page.md and others show those kept in tools/pictures.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stage } from '../tests/support/stage.mjs';
import { allMeet } from '../tests/support/tab.mjs';

const folder = process.argv[2] ?? 'build/pictures';
const SIZES = { wide: { width: 1100, height: 680 }, tall: { width: 1100, height: 960 }, phone: { width: 360, height: 700 } };

const TALK = [
  ['Ada', 'Hello! Is this thing on?'],
  ['Grace', 'Loud and clear. Which way do you come in?'],
  ['Ada', 'Straight from my tab to yours. The relay only introduced us.'],
  ['Alan', 'And nobody in between can read along?'],
  ['Grace', 'Encrypted end to end, with the Signal protocol. Pull the plug on the server if you like.'],
];

async function shoot(tab, name, { size = 'wide', scheme = 'light' } = {}) {
  await tab.page.bringToFront();
  await tab.page.mouse.move(0, 0); // no buttons that only the mouse shows
  await tab.page.setViewportSize(SIZES[size]);
  await tab.page.emulateMedia({ colorScheme: scheme });
  await tab.page.waitForFunction(() => { // the picture of the swarm is drawn anew for another size
    const picture = document.getElementById('swarm-picture');
    return !picture.clientWidth || picture.viewBox.baseVal.width === picture.clientWidth;
  });
  await tab.page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  await tab.page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(join(folder, `${name}.png`));
  await tab.page.setViewportSize(SIZES.wide);
}

async function talk(tabs) {
  for (const [nick, text] of TALK) {
    const speaker = tabs.find((tab) => tab.name === nick);
    await speaker.page.bringToFront();
    await speaker.type(text);
    for (const tab of tabs) await tab.shows(text);
  }
}

// ---- files ----

const PAPER_SIZE = 2_340_000;
const FILM_SIZE = 60_000_000;
const SONG = { seconds: 60, rate: 8000 };

/** In a page: hills in the evening, as a JPEG. @returns {Promise<number[]>} its bytes */
async function hills() {
  const canvas = new OffscreenCanvas(1200, 700);
  const pen = canvas.getContext('2d');
  const sky = pen.createLinearGradient(0, 0, 0, 520);
  for (const [at, color] of [[0, '#27406b'], [0.55, '#d98a63'], [1, '#f6d9a0']]) sky.addColorStop(at, color);
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 1200, 700);
  pen.fillStyle = '#fff2cf';
  pen.beginPath();
  pen.arc(860, 400, 46, 0, 2 * Math.PI);
  pen.fill();
  for (const [height, wave, color] of [[400, 170, '#5d6a8c'], [470, 230, '#3b4a68'], [560, 130, '#1f2b41']]) {
    pen.fillStyle = color;
    pen.beginPath();
    pen.moveTo(0, 700);
    for (let x = 0; x <= 1200; x += 8) pen.lineTo(x, height - 60 * Math.sin(x / wave + height) - 18 * Math.sin(x / 41));
    pen.lineTo(1200, 700);
    pen.fill();
  }
  return [...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })).arrayBuffer())];
}

/** In a page: a note that fades, as a WAV file. @param {{seconds: number, rate: number}} sound */
async function shareSong({ seconds, rate }) {
  const bytes = new Uint8Array(44 + seconds * rate * 2);
  const head = new DataView(bytes.buffer);
  const write = (at, text) => [...text].forEach((char, i) => head.setUint8(at + i, char.charCodeAt(0)));
  write(0, 'RIFF'); head.setUint32(4, bytes.length - 8, true); write(8, 'WAVEfmt '); head.setUint32(16, 16, true);
  head.setUint16(20, 1, true); head.setUint16(22, 1, true); head.setUint32(24, rate, true); head.setUint32(28, rate * 2, true);
  head.setUint16(32, 2, true); head.setUint16(34, 16, true); write(36, 'data'); head.setUint32(40, bytes.length - 44, true);
  const samples = new Int16Array(bytes.buffer, 44);
  for (let i = 0; i < samples.length; i++) samples[i] = 6000 * Math.sin(i / 3) * Math.exp(-(i % rate) / rate * 4);
  await nkt.share(new Blob([bytes], { type: 'audio/wav' }), { name: 'the bell.wav' });
}

/** What is attached, what was sent, what is on its way: a song, a film, a picture, a paper. */
async function files([ada, grace, alan]) {
  const card = (name) => grace.page.locator('.card-content').filter({ hasText: name });
  const is = (state) => grace.page.locator(`[data-state="${state}"]`);
  const press = (name, act) => card(name).locator(`[data-act=${act}]`).click();
  await alan.run(shareSong, SONG);
  await alan.run((size) => nkt.share(new Uint8Array(size), { name: 'harbour in the rain.webm', type: 'video/webm' }), FILM_SIZE);
  await press('the bell', 'cardPlay');
  await press('harbour', 'cardFetch');
  await grace.until((least) => nkt.contents.some(({ size, loaded }) => size > 1e7 && loaded > least), FILM_SIZE / 3, 'a third of the film');
  await press('harbour', 'cardPause');
  await card('harbour').and(is('paused')).waitFor();
  await ada.page.bringToFront();
  await ada.page.locator('#attach-file').setInputFiles([
    { name: 'from the ridge.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await ada.run(hills)) },
    { name: 'minutes.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(PAPER_SIZE, 7) },
  ]);
  await ada.page.locator('#attached li').nth(1).waitFor();
  await ada.page.locator('#line').fill('What you missed this morning');
  await shoot(ada, 'attached');
  await ada.page.locator('#line').press('Enter');
  await grace.shows('What you missed this morning');
  await card('minutes').waitFor();
  await press('from the ridge', 'cardFetch');
  await card('from the ridge').and(is('complete')).waitFor();
  await shoot(grace, 'files', { size: 'tall' });
  await shoot(grace, 'files-dark', { size: 'tall', scheme: 'dark' });
  await shoot(grace, 'files-phone', { size: 'phone' });
}

/** Before a page's scripts: its camera sees the evening come, its microphone a tone. */
function lendCamera() {
  navigator.mediaDevices.getUserMedia = async ({ video }) => {
    if (!video) return new AudioContext().createMediaStreamDestination().stream;
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 640, height: 480 });
    const pen = canvas.getContext('2d');
    let at = 0;
    setInterval(() => {
      const sky = pen.createLinearGradient(0, 0, 0, 400);
      for (const [place, color] of [[0, '#27406b'], [0.6, '#d98a63'], [1, '#f6d9a0']]) sky.addColorStop(place, color);
      pen.fillStyle = sky;
      pen.fillRect(0, 0, 640, 480);
      for (const [height, wave, color] of [[260, 90, '#5d6a8c'], [320, 130, '#3b4a68'], [390, 70, '#1f2b41']]) {
        pen.fillStyle = color;
        pen.beginPath();
        pen.moveTo(0, 480);
        for (let x = 0; x <= 640; x += 8) pen.lineTo(x, height - 40 * Math.sin((x + at) / wave + height));
        pen.lineTo(640, 480);
        pen.fill();
      }
      at++;
    }, 100);
    return canvas.captureStream(10);
  };
}

/** Ada calls Grace, and Alan without a camera. */
async function calls([ada, grace, alan]) {
  const isIn = (tab, count) => tab.page.locator('.call-tile[data-phase="on"]').nth(count).waitFor();
  await ada.page.bringToFront();
  await ada.type('/video Grace');
  await grace.page.locator('.ring').waitFor();
  await shoot(grace, 'ring');
  await grace.page.locator('.ring-seen').click();
  await isIn(ada, 1);
  await ada.type('/call Alan');
  await alan.page.locator('.ring-answer').click();
  await isIn(ada, 2);
  await isIn(alan, 2);
  await ada.page.bringToFront();
  const isSeen = () => [...document.querySelectorAll('.call-tile[data-video=true] video')].every(({ videoWidth }) => videoWidth > 2);
  await ada.until(isSeen, undefined, 'pictures');
  await ada.page.locator('#call', { hasText: 'In a call with' }).waitFor();
  await shoot(ada, 'call', { size: 'tall' });
  await shoot(ada, 'call-phone', { size: 'phone' });
  for (const { page } of [grace, alan]) await page.locator('[data-act=hangup]').click();
  await ada.page.locator('#call').waitFor({ state: 'detached' });
}

// ---- messages, people, plugins ----

/** Ada's last message is edited, Grace and Alan react to it: what is known of it; a search; who Grace is. */
async function looking([ada, grace, alan]) {
  const act = async (tab, text, selector) => {
    const message = tab.page.locator('#messages .message[data-id]').filter({ has: tab.page.locator('.text', { hasText: text }) }).last();
    await tab.page.bringToFront();
    await message.hover();
    await message.locator('.more').click();
    await message.locator(`.acts ${selector}`).click();
  };
  await ada.page.bringToFront();
  await ada.type('Ferry at eight on Friday?');
  for (const tab of [grace, alan]) {
    await tab.talk();
    await act(tab, 'Ferry at eight', '[data-sign="❤"]');
  }
  await act(ada, 'Ferry at eight', '[data-action=edit]');
  await ada.type('Ferry at half past eight on Friday?');
  await alan.shows('Ferry at half past eight on Friday?');
  await ada.page.locator('.tail .sign', { hasText: '2' }).waitFor();
  await act(ada, 'Ferry at half', '[data-action=details]');
  await ada.page.locator('#details[open]').waitFor();
  await shoot(ada, 'details', { size: 'tall' });
  await ada.page.keyboard.press('Escape');
  await ada.type('/search Friday');
  await ada.page.locator('#search-found button').first().waitFor();
  await shoot(ada, 'search');
  await ada.page.locator('#search-close').click();
  await ada.page.locator('#users .user', { hasText: 'Grace' }).locator('.user-profile').click();
  await ada.page.locator('#profile[open]').waitFor();
  await shoot(ada, 'profile');
  await ada.page.keyboard.press('Escape');
}

const PLUGINS = ['poll', 'coin', 'typing', 'whiteboard'];

/** A poll, a coin, somebody who types, a board on which two have drawn. */
async function plugins(tabs) {
  const [ada, grace, alan] = tabs;
  for (const tab of tabs) {
    await tab.run(async (names) => { // nothing is said of it in the talk
      for (const name of names) nkt.plugin((await import(`/plugins/${name}.js`)).default);
    }, PLUGINS);
  }
  await ada.page.bringToFront();
  await ada.type('/poll "Where to on Friday?" "the harbour" "the hills"');
  for (const [tab, answer] of [[grace, 'the hills'], [alan, 'the harbour'], [ada, 'the hills']]) {
    await tab.page.locator('#messages .poll button', { hasText: answer }).click();
  }
  await ada.page.locator('#messages .poll button', { hasText: 'the hills · 2' }).waitFor();
  await grace.type('/coin');
  await draw(grace, [[40, 220], [110, 120], [170, 200], [240, 90], [330, 220]]);
  await draw(alan, [[290, 60], [310, 45], [330, 60], [310, 75], [290, 60]]);
  await ada.page.locator('.whiteboard[data-strokes="2"]').waitFor();
  await ada.page.bringToFront();
  await ada.page.locator('.whiteboard').evaluate((board) => board.closest('section').scrollIntoView({ block: 'end' }));
  await alan.page.locator('#line').pressSequentially('the hills are');
  await ada.page.locator('.plugin-row', { hasText: 'Alan' }).waitFor();
  await shoot(ada, 'plugins', { size: 'tall' });
  await alan.page.locator('#line').fill('');
  for (const tab of tabs) await tab.run((names) => { for (const name of names) nkt.unplug(name); }, PLUGINS);
}

/** With a pen whose button is down, through points of the board. */
async function draw(tab, points) {
  await tab.page.bringToFront();
  const board = tab.page.locator('.whiteboard');
  await board.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await board.boundingBox();
  for (const [i, [left, top]] of points.entries()) {
    await tab.page.mouse.move(x + left * width / 400, y + top * height / 300, { steps: 6 });
    if (i === 0) await tab.page.mouse.down();
  }
  await tab.page.mouse.up();
}

/** Two rooms beside the first, of which one is shown; what came in the others. */
async function rooms([ada, grace, alan]) {
  const first = new URL(ada.page.url()).hash || '#room=nkt';
  const go = async (tab, hash) => {
    await tab.page.bringToFront();
    await tab.run((to) => { location.hash = to; }, hash);
    await tab.page.locator('#room-name', { hasText: new URLSearchParams(hash.slice(1)).get('room') }).waitFor();
  };
  await go(ada, '#room=books&secret=between+covers');
  await go(ada, '#room=garden');
  await go(grace, '#room=garden');
  await ada.session(grace.address);
  await grace.type('The tomatoes are in. Who waters them on Friday?');
  await ada.shows('The tomatoes are in. Who waters them on Friday?');
  await ada.type('I do. The key is under the second pot.');
  await alan.type('@Ada, did you bring the projector?');
  await ada.page.locator('#rooms .mark', { hasText: '@1' }).waitFor();
  await ada.page.locator('#rooms').scrollIntoViewIfNeeded();
  await shoot(ada, 'rooms');
  for (const tab of [ada, grace]) {
    await go(tab, first);
    while (await tab.page.locator('#rooms button').count()) await tab.page.locator('#rooms button').first().click();
  }
}

const stage = await Stage.open();
try {
  mkdirSync(folder, { recursive: true });
  const tabs = await stage.tabs(3, { before: lendCamera });
  await shoot(tabs[0], 'login');
  for (const [i, nick] of ['Ada', 'Grace', 'Alan'].entries()) {
    await tabs[i].page.bringToFront();
    await tabs[i].logIn(nick);
  }
  await allMeet(tabs);
  await talk(tabs);
  await shoot(tabs[0], 'room');
  await shoot(tabs[0], 'room-dark', { scheme: 'dark' });
  await shoot(tabs[0], 'room-phone', { size: 'phone' });
  await calls(tabs);
  await files(tabs);
  await tabs[1].type('/msg Ada Shall we tell Alan what we do on Friday?');
  await tabs[0].shows('Shall we tell Alan what we do on Friday?');
  await tabs[0].page.locator('#users .user', { hasText: 'Grace' }).locator('.user-write').click();
  await tabs[0].type('Not before Thursday.');
  await tabs[0].shows('Not before Thursday.', '[data-state=delivered]');
  await tabs[0].page.locator('#line').fill('He would only ');
  await shoot(tabs[0], 'private');
  await tabs[0].page.locator('#line').fill('');
  await tabs[0].page.locator('#target-clear').click();
  await looking(tabs);
  await plugins(tabs);
  await tabs[0].type('/settings');
  await tabs[0].page.locator('#settings-iceServers-served').uncheck();
  await shoot(tabs[0], 'settings');
  await shoot(tabs[0], 'settings-phone', { size: 'phone' });
  await tabs[0].page.keyboard.press('Escape');
  await tabs[0].page.locator('#hand-open').click();
  await tabs[0].page.locator('#hand-qr path[d]').waitFor({ state: 'attached' });
  await shoot(tabs[0], 'by-hand');
  await tabs[0].page.keyboard.press('Escape');
  await tabs[0].type('/swarm');
  await tabs[0].page.locator('#swarm-list li').nth(1).waitFor();
  await shoot(tabs[0], 'swarm');
  await shoot(tabs[0], 'swarm-dark', { scheme: 'dark' });
  await shoot(tabs[0], 'swarm-phone', { size: 'phone' });
  await tabs[0].page.keyboard.press('Escape');
  await tabs[0].type('/verify Grace');
  await tabs[0].page.locator('#verify-number li').nth(11).waitFor();
  await shoot(tabs[0], 'verify');
  await shoot(tabs[0], 'verify-phone', { size: 'phone' });
  await tabs[0].page.locator('#verify-same').click();
  const [eve] = await stage.tabs(1);
  await eve.logIn('Grace');
  await tabs[0].page.locator('#warnings .warning').waitFor();
  await shoot(tabs[0], 'warning');
  await shoot(tabs[0], 'warning-dark', { scheme: 'dark' });
  await tabs[0].page.locator('#warnings .warning button').nth(1).click();
  await eve.page.close();
  await rooms(tabs);
  stage.app.kill();
  await tabs[0].until(() => nkt.health().relays[0].state !== 'open', undefined, 'the relay gone');
  await tabs[0].type('/status');
  await tabs[1].page.bringToFront();
  await tabs[1].type('The relay is gone. Did you notice?');
  await tabs[0].shows('The relay is gone. Did you notice?');
  await shoot(tabs[0], 'relay-gone');
  await stage.tracker.kill();
  for (const tab of tabs.slice(1)) await tab.page.close();
  await tabs[0].page.locator('#status[data-state=bad]').waitFor({ timeout: 60_000 });
  await tabs[0].type('Does anybody hear me?');
  await shoot(tabs[0], 'cut-off');
  await shoot(tabs[0], 'cut-off-phone', { size: 'phone' });
} finally {
  await stage.close();
}
