// SPDX-License-Identifier: GPL-3.0-or-later
// Three people in a room: they talk, call, send files, compare numbers, and lose their servers.
import { allMeet } from '../../tests/support/tab.mjs';
import { draw, hills, lendCamera, shareSong } from './things.mjs';

/** @type {import('./sheet.mjs').Pictures} */
let pictures;

const TALK = [
  ['Ada', 'Hello! Is this thing on?'],
  ['Grace', 'Loud and clear. Which way do you come in?'],
  ['Ada', 'Straight from my tab to yours. The relay only introduced us.'],
  ['Alan', 'And nobody in between can read along?'],
  ['Grace', 'Encrypted end to end, with the Signal protocol. Pull the plug on the server if you like.'],
];

/** The panel is there at any width, scrolled to something. */
const openPanel = (tab, selector) => async () => {
  if (!await tab.page.locator('#side').isVisible()) await tab.page.locator('#side-toggle').click();
  await tab.run((what) => document.querySelector(what).scrollIntoView({ block: 'end' }), selector);
};

async function shutPanel(tab) {
  await tab.page.keyboard.press('Escape');
  await tab.page.locator('#line').focus();
  await tab.run(() => {
    document.getElementById('side').scrollTo(0, 0);
  });
}

async function talk(tabs) {
  for (const [nick, text] of TALK) {
    const speaker = tabs.find((tab) => tab.name === nick);
    await speaker.page.bringToFront();
    await speaker.type(text);
    for (const tab of tabs) await tab.shows(text);
  }
}

/** As the service worker tells of it, which these pages do without. */
async function newer(tab) {
  const show = (isNewer) => tab.run(async (is) => {
    const { texts } = await import('/texts.js');
    document.getElementById('newer').hidden = !is;
    document.getElementById('newer-text').textContent = is ? texts.newer : '';
  }, isNewer);
  await show(true);
  await pictures.sheet(tab, 'newer');
  await show(false);
}

// ---- files ----

const PAPER_SIZE = 2_340_000;
const FILM_SIZE = 60_000_000;
const SONG = { seconds: 60, rate: 8000 };

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
  await pictures.shoot(ada, 'attached');
  await pictures.sheet(ada, 'attached');
  await ada.page.locator('#line').press('Enter');
  await grace.shows('What you missed this morning');
  await card('minutes').waitFor();
  await press('from the ridge', 'cardFetch');
  await card('from the ridge').and(is('complete')).waitFor();
  await pictures.shoot(grace, 'files', { size: 'tall' });
  await pictures.sheet(grace, 'files');
  await pictures.shoot(grace, 'files-dark', { size: 'tall', scheme: 'dark' });
  await pictures.shoot(grace, 'files-phone', { size: 'phone' });
}

/** Ada calls Grace, and Alan without a camera. */
async function calls([ada, grace, alan]) {
  const isIn = (tab, count) => tab.page.locator('.call-tile[data-phase="on"]').nth(count).waitFor();
  await ada.page.bringToFront();
  await ada.type('/video Grace');
  await grace.page.locator('.ring').waitFor();
  await pictures.shoot(grace, 'ring');
  await pictures.sheet(grace, 'ring');
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
  await pictures.shoot(ada, 'call', { size: 'tall' });
  await pictures.sheet(ada, 'call');
  await pictures.shoot(ada, 'call-phone', { size: 'phone' });
  await ada.page.locator('#call [data-act=devices]').click();
  await ada.page.locator('#call [data-act=mic]').click();
  await pictures.sheet(ada, 'call-devices');
  await ada.page.locator('#call [data-act=devices]').click();
  await ada.page.locator('#call [data-act=large]').click();
  await pictures.sheet(ada, 'call-large');
  await ada.page.locator('#call [data-act=large]').click();
  for (const { page } of [grace, alan]) await page.locator('[data-act=hangup]').click();
  await ada.page.locator('#call').waitFor({ state: 'detached' });
}

// ---- messages, people, plugins ----

/** What a menu of a message offers, and an answer; what is offered while one types. */
async function writing([ada, grace]) {
  const { page } = ada;
  const menu = async (text) => {
    const message = page.locator('#messages .message[data-id]').filter({ has: page.locator('.text', { hasText: text }) }).last();
    await message.hover();
    await message.locator('.more').click();
    await message.locator('.acts button').first().waitFor();
    return message;
  };
  await page.bringToFront();
  const message = await menu('Encrypted end to end');
  await pictures.sheet(ada, 'menu');
  await message.locator('.acts-signs .sign').last().click();
  await message.locator('.emoji-found button').nth(5).waitFor();
  await pictures.sheet(ada, 'emoji');
  await page.keyboard.press('Escape');
  await (await menu('Encrypted end to end')).locator('.acts [data-action=reply]').click();
  await page.locator('#line').fill('Done, and nothing happened. ');
  await pictures.sheet(ada, 'answer');
  await ada.type('Done, and nothing happened. Have a look at `docs/users.md`, or at https://example.org/a-long-address/of-a-page');
  await grace.page.locator('#messages .text', { hasText: 'nothing happened' }).waitFor();
  for (const [name, text] of [['commands', '/'], ['emoji-typed', 'Well :hea'], ['mention', 'And you, @']]) {
    await page.locator('#line').fill('');
    await page.locator('#line').pressSequentially(text);
    await page.locator('#hint button').first().waitFor();
    await pictures.sheet(ada, name);
  }
  await page.locator('#line').fill('');
}

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
  await pictures.shoot(ada, 'details', { size: 'tall' });
  await pictures.sheet(ada, 'details');
  await ada.page.keyboard.press('Escape');
  await ada.type('/search Friday');
  await ada.page.locator('#search-found button').first().waitFor();
  await pictures.shoot(ada, 'search');
  await pictures.sheet(ada, 'search');
  await ada.page.locator('#search-close').click();
  await ada.page.locator('#users .user', { hasText: 'Grace' }).locator('.user-profile').click();
  await ada.page.locator('#profile[open]').waitFor();
  await pictures.shoot(ada, 'profile');
  await pictures.sheet(ada, 'profile');
  await ada.page.locator('#profile [aria-pressed]').first().click();
  await pictures.sheet(ada, 'profile-muted');
  await ada.page.locator('#profile [aria-pressed]').first().click();
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
  await pictures.shoot(ada, 'plugins', { size: 'tall' });
  await pictures.sheet(ada, 'plugins');
  await alan.page.locator('#line').fill('');
  for (const tab of tabs) await tab.run((names) => { for (const name of names) nkt.unplug(name); }, PLUGINS);
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
  await pictures.shoot(ada, 'rooms');
  await pictures.sheet(ada, 'rooms', { each: openPanel(ada, '#rooms') });
  await shutPanel(ada);
  for (const tab of [ada, grace]) {
    await go(tab, first);
    while (await tab.page.locator('#rooms button').count()) await tab.page.locator('#rooms button').first().click();
  }
}

/** @param {import('../../tests/support/stage.mjs').Stage} stage @param {import('./sheet.mjs').Pictures} given */
export async function people(stage, given) {
  pictures = given;
  const tabs = await stage.tabs(3, { before: lendCamera });
  await pictures.shoot(tabs[0], 'login');
  for (const [i, nick] of ['Ada', 'Grace', 'Alan'].entries()) {
    await tabs[i].page.bringToFront();
    await tabs[i].logIn(nick);
  }
  await allMeet(tabs);
  await talk(tabs);
  await pictures.shoot(tabs[0], 'room');
  await pictures.sheet(tabs[0], 'room');
  await pictures.shoot(tabs[0], 'room-dark', { scheme: 'dark' });
  await pictures.shoot(tabs[0], 'room-phone', { size: 'phone' });
  await pictures.sheet(tabs[0], 'panel', { each: openPanel(tabs[0], '#users') });
  await tabs[0].page.locator('#identity summary').click();
  await pictures.sheet(tabs[0], 'panel-identity', { each: openPanel(tabs[0], '#identity') });
  await tabs[0].page.locator('#identity summary').click();
  await pictures.sheet(tabs[0], 'panel-end', { each: openPanel(tabs[0], '#settings-open') });
  await tabs[0].page.locator('.plugins summary').click();
  await pictures.sheet(tabs[0], 'panel-plugins', { each: openPanel(tabs[0], '.plugins') });
  await tabs[0].page.locator('.plugins summary').click();
  await shutPanel(tabs[0]);
  await tabs[0].page.emulateMedia({ media: 'print' });
  await pictures.sheet(tabs[0], 'print');
  await tabs[0].page.emulateMedia({ media: null });
  await newer(tabs[0]);
  await writing(tabs);
  await calls(tabs);
  await files(tabs);
  await tabs[1].type('/msg Ada Shall we tell Alan what we do on Friday?');
  await tabs[0].shows('Shall we tell Alan what we do on Friday?');
  await tabs[0].page.locator('#users .user', { hasText: 'Grace' }).locator('.user-write').click();
  await tabs[0].type('Not before Thursday.');
  await tabs[0].shows('Not before Thursday.', '[data-state=delivered]');
  await tabs[0].page.locator('#line').fill('He would only ');
  await pictures.shoot(tabs[0], 'private');
  await pictures.sheet(tabs[0], 'private');
  await tabs[0].page.locator('#line').fill('');
  await tabs[0].page.locator('#target-clear').click();
  await looking(tabs);
  await plugins(tabs);
  await tabs[0].type('/settings');
  await tabs[0].page.locator('#settings-iceServers-served').uncheck();
  await pictures.shoot(tabs[0], 'settings');
  await pictures.sheet(tabs[0], 'settings');
  await pictures.shoot(tabs[0], 'settings-phone', { size: 'phone' });
  for (const [name, where] of [['settings-servers', '#settings-iceServers'], ['settings-end', '#settings-kept']]) {
    const each = () => tabs[0].run((of) => document.querySelector(of).scrollIntoView({ block: 'center' }), where);
    await pictures.sheet(tabs[0], name, { each });
  }
  await tabs[0].page.keyboard.press('Escape');
  await tabs[0].page.locator('#hand-open').click();
  await tabs[0].page.locator('#hand-qr path[d]').waitFor({ state: 'attached' });
  await pictures.shoot(tabs[0], 'by-hand');
  await pictures.sheet(tabs[0], 'by-hand');
  await pictures.sheet(tabs[0], 'by-hand-end', { each: () => tabs[0].run(() => document.getElementById('hand').scrollTo(0, 1e4)) });
  await tabs[0].page.locator('#hand-guest').click();
  await tabs[0].page.locator('#hand-invite-in').fill('This is no invite.');
  await tabs[0].page.locator('#hand-accept').click();
  await tabs[0].page.locator('#hand-error', { hasText: /./ }).waitFor();
  await pictures.sheet(tabs[0], 'by-hand-error');
  await tabs[0].page.keyboard.press('Escape');
  await tabs[0].type('/swarm');
  await tabs[0].page.locator('#swarm-list li').nth(1).waitFor();
  await pictures.shoot(tabs[0], 'swarm');
  await pictures.sheet(tabs[0], 'swarm');
  await pictures.shoot(tabs[0], 'swarm-dark', { scheme: 'dark' });
  await pictures.shoot(tabs[0], 'swarm-phone', { size: 'phone' });
  await tabs[0].page.keyboard.press('Escape');
  await tabs[0].type('/verify Grace');
  await tabs[0].page.locator('#verify-number li').nth(11).waitFor();
  await pictures.shoot(tabs[0], 'verify');
  await pictures.sheet(tabs[0], 'verify');
  await pictures.shoot(tabs[0], 'verify-phone', { size: 'phone' });
  await tabs[0].page.locator('#verify-same').click();
  const [eve] = await stage.tabs(1);
  await eve.logIn('Grace');
  await tabs[0].page.locator('#warnings .warning').waitFor();
  await pictures.shoot(tabs[0], 'warning');
  await pictures.sheet(tabs[0], 'warning');
  await pictures.shoot(tabs[0], 'warning-dark', { scheme: 'dark' });
  await tabs[0].page.locator('#warnings .warning button').nth(1).click();
  await eve.page.close();
  await rooms(tabs);
  stage.app.kill();
  await tabs[0].until(() => nkt.health().relays[0].state !== 'open', undefined, 'the relay gone');
  await tabs[0].type('/status');
  await tabs[1].page.bringToFront();
  await tabs[1].type('The relay is gone. Did you notice?');
  await tabs[0].shows('The relay is gone. Did you notice?');
  await pictures.shoot(tabs[0], 'relay-gone');
  await pictures.sheet(tabs[0], 'relay-gone');
  await stage.tracker.kill();
  for (const tab of tabs.slice(1)) await tab.page.close();
  await tabs[0].page.locator('#status[data-state=bad]').waitFor({ timeout: 60_000 });
  await tabs[0].type('Does anybody hear me?');
  await pictures.shoot(tabs[0], 'cut-off');
  await pictures.sheet(tabs[0], 'cut-off');
  await pictures.shoot(tabs[0], 'cut-off-phone', { size: 'phone' });
}
