// SPDX-License-Identifier: GPL-3.0-or-later
// The login: as it is at first, open, with errors, with those who are kept, with servers of others; a page that cannot start.
import { startServer } from '../../tests/support/servers.mjs';
import { Tab } from '../../tests/support/tab.mjs';

const PASSPHRASE = 'correct horse battery';

/** @param {import('../../tests/support/stage.mjs').Stage} stage @param {import('./sheet.mjs').Pictures} pictures */
export async function login(stage, pictures) {
  const context = await stage.newContext();
  const open = async (more = '#room=tea') => (await Tab.blank(context)).load(`${stage.app.url}/${more}`);
  const see = (tab, id) => ({ each: () => tab.run((of) => document.getElementById(of).scrollIntoView({ block: 'center' }), id) });
  const say = (tab, id, text) => tab.page.locator(`#${id}`).fill(text);

  const first = await open();
  await pictures.sheet(first, 'login');
  for (const id of ['login-room', 'login-keep']) await first.page.locator(`#${id} summary`).click();
  await say(first, 'nick', 'Ada');
  await say(first, 'passphrase', 'short');
  await first.page.locator('#nick').press('Enter');
  await first.page.locator('#passphrase[aria-invalid=true]').waitFor();
  await pictures.sheet(first, 'login-error', see(first, 'passphrase'));
  await say(first, 'passphrase', PASSPHRASE);
  await say(first, 'passphrase-again', PASSPHRASE);
  await first.logIn('Ada');
  await first.until(() => nkt.health().storage.state === 'ok', undefined, 'storage');

  const second = await open();
  await second.page.locator('.who[data-address] input').first().waitFor();
  await second.page.locator('.who input').last().check(); // somebody new
  await say(second, 'nick', 'Ada at work');
  await say(second, 'passphrase', PASSPHRASE);
  await say(second, 'passphrase-again', PASSPHRASE);
  await second.logIn('Ada at work');
  await second.until(() => nkt.health().storage.state === 'ok', undefined, 'storage');
  await second.page.close();
  await first.page.close();

  const third = await open();
  await third.page.locator('.who[data-address] input').first().waitFor();
  await third.page.locator('.who[data-address] input').first().check();
  await pictures.sheet(third, 'login-kept');
  await say(third, 'passphrase', 'a wrong one here');
  await third.page.locator('#passphrase').press('Enter');
  await third.page.locator('#login-error', { hasText: 'wrong passphrase' }).waitFor();
  await pictures.sheet(third, 'login-passphrase', see(third, 'passphrase'));
  await third.page.close();

  const other = await startServer('app.js', { NKT_ORIGINS: stage.app.url });
  const fourth = await (await Tab.blank(await stage.newContext())).load(
    `${stage.app.url}/#room=tea&relays=${encodeURIComponent(`${other.wsUrl}/relay`)}`);
  await fourth.page.locator('#login-servers', { hasText: 'servers of others' }).waitFor();
  await say(fourth, 'nick', 'Ada');
  await pictures.sheet(fourth, 'login-servers');
  await other.stop();

  const page = await (await stage.newContext()).newPage(); // the module comes after a while
  let go;
  const held = new Promise((resolve) => { go = resolve; });
  await page.route('**/core.wasm', async (route) => { await held; await route.continue().catch(() => {}); });
  const fifth = await new Tab(page).load(`${stage.app.url}/#room=tea`);
  await say(fifth, 'nick', 'Ada');
  await page.locator('#nick').press('Enter');
  await page.locator('#login-progress', { hasText: 'is not there yet' }).waitFor();
  await pictures.sheet(fifth, 'login-joining', see(fifth, 'login-progress'));
  await page.close();
  go();
}
