// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of the page for the documentation: three people in a room, real servers, real tabs.
// `node tools/screenshot.mjs [folder]` (default: build/pictures); docs/page.md and others show those kept in tools/pictures.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stage } from '../tests/support/stage.mjs';
import { allMeet } from '../tests/support/tab.mjs';

const folder = process.argv[2] ?? 'build/pictures';
const SIZES = { wide: { width: 1100, height: 680 }, phone: { width: 360, height: 700 } };

const TALK = [
  ['Ada', 'Hello! Is this thing on?'],
  ['Grace', 'Loud and clear. Which way do you come in?'],
  ['Ada', 'Straight from my tab to yours. The relay only introduced us.'],
  ['Alan', 'And nobody in between can read along?'],
  ['Grace', 'Encrypted end to end, with the Signal protocol. Pull the plug on the server if you like.'],
];

async function shoot(tab, name, { size = 'wide', scheme = 'light' } = {}) {
  await tab.page.bringToFront();
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

const stage = await Stage.open();
try {
  mkdirSync(folder, { recursive: true });
  const tabs = await stage.tabs(3);
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
  await tabs[1].type('/msg Ada Shall we tell Alan what we do on Friday?');
  await tabs[0].shows('Shall we tell Alan what we do on Friday?');
  await tabs[0].page.locator('#users .user', { hasText: 'Grace' }).locator('.user-write').click();
  await tabs[0].type('Not before Thursday.');
  await tabs[0].shows('Not before Thursday.', '[data-state=delivered]');
  await tabs[0].page.locator('#line').fill('He would only ');
  await shoot(tabs[0], 'private');
  await tabs[0].page.locator('#line').fill('');
  await tabs[0].page.locator('#target-clear').click();
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
