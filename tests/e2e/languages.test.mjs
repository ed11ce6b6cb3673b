// SPDX-License-Identifier: GPL-3.0-or-later
// The page in the language of its browser, or the one that was chosen: all of it, at once, and without its server.
// Long: a file that never comes is waited for.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { look, ready } from '../support/axe.mjs';
import { startServer } from '../support/servers.mjs';
import { Stage } from '../support/stage.mjs';
import { Tab, allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const NARROW = { width: 320, height: 640 };

/** In the page, before its scripts: every word that the button of the login ever shows. */
function noteWords() {
  window.seen = new Set();
  const note = () => {
    const text = document.querySelector('#login button[type=submit]')?.textContent;
    if (text && !document.getElementById('welcome').hidden) window.seen.add(text);
  };
  new MutationObserver(note).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
}

describe('languages', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** A tab of a browser that is in a language. */
  async function open(locale, { prepare, url = stage.app.url, room = stage.newRoom() } = {}) {
    const tab = await Tab.blank(await stage.newContext('chromium', { locale }), { before: noteWords });
    await prepare?.(tab.page);
    await tab.page.goto(`${url}/#room=${room}`);
    await tab.page.locator('#login button[type=submit]', { hasText: /./ }).waitFor();
    return tab;
  }

  const languageOf = (tab) => tab.run(() => document.documentElement.lang);
  const closed = (tab) => tab.page.locator('#settings:not([open])').waitFor({ state: 'attached' });
  const says = (tab, selector, text) => tab.page.locator(selector).getByText(text).first().waitFor();

  /** Nothing wider than the window, in it and in what scrolls by itself. */
  async function fits(tab, what) {
    const wide = await tab.run(() => [document.scrollingElement, ...document.querySelectorAll('#side, #scroll, dialog[open], .swarm-words')]
      .filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1).map((node) => node.id || node.tagName));
    assert.deepEqual(wide, [], what);
  }

  test('German and French: the login at once in the language, two talk, people, settings, commands, errors; no fault', async () => {
    const room = stage.newRoom();
    const [anna, luc] = [await open('de-DE', { room }), await open('fr-CA', { room })];
    assert.deepEqual(await Promise.all([anna, luc].map(languageOf)), ['de', 'fr']);
    assert.deepEqual(await Promise.all([anna, luc].map((tab) => tab.run(() => [...window.seen]))), [['Beitreten'], ['Entrer']]);
    await says(anna, '#login', 'von Ende zu Ende verschlüsselt');
    await anna.page.locator('#nick').press('Enter');
    await says(anna, '#login-error', 'Bitte gib einen Nick ein.');
    await anna.logIn('Anna');
    await luc.logIn('Luc');
    await allMeet([anna, luc]);
    await anna.type('Hallo, Luc');
    await luc.shows('Hallo, Luc');
    await luc.type('Bonjour, Anna');
    await anna.shows('Bonjour, Anna');
    await anna.page.locator('#users .user', { hasText: 'direkt' }).waitFor();
    assert.equal(await anna.page.locator('#status-text').textContent(), 'Verbunden');
    assert.match(await anna.page.locator('#connection-text').textContent() ?? '', /^Mit 1 Person verbunden: Relay da/);
    assert.match(await luc.page.locator('#connection-text').textContent() ?? '', /^Connecté à 1 personne\u00a0: relais ok/);
    await anna.type('/help');
    await anna.answers('/msg NICK oder ADRESSE TEXT');
    await luc.type('/list');
    await luc.answers('1 personne\u00a0:');
    await anna.type('/connect nirgends');
    await anna.answers('Keine Verbindung zu nirgends: Das ist keine gültige Adresse');
    await anna.type(`/nick ${'x'.repeat(65)}`);
    await anna.answers('Dieser Nick ist zu lang.');
    await anna.type('/mute Luc');
    await anna.answers('Luc (');
    await anna.type('/msg Luc nur für dich');
    await says(anna, '#say-error', /^Nicht gesendet: .*mit \/mute, nimmst du das zurück$/);
    await anna.type('/mute Luc');
    await anna.type('/settings');
    await says(anna, '#settings', 'Mir Nachrichten melden, während ich woanders hinsehe');
    assert.deepEqual(await anna.page.locator('#settings-quota option').allTextContents(), ['100 MB', '500 MB', '2,0 GB', '10 GB']);
    for (const tab of [anna, luc]) assert.deepEqual(await tab.faults(), []);
    const loaded = await anna.run(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname));
    const words = loaded.filter((path) => /_(de|fr)\./.test(path)).sort();
    assert.deepEqual(words, ['/check_de.json', '/texts_de.js'], 'its own alone, and once');
    await anna.page.locator('#settings-close').click();
    await anna.type('/load gibtsnicht');
    await anna.answers('Das Plugin gibtsnicht lässt sich nicht laden: Eine Datei davon hat der Server nicht');
  });

  test('German, 320 px wide: nothing is cut off or to be scrolled sideways; axe finds nothing', async () => {
    const room = stage.newRoom();
    const [anna, bert] = [await open('de-DE', { room }), await open('de-AT', { room })];
    await ready(anna);
    await anna.page.setViewportSize(NARROW);
    for (const id of ['login-room', 'login-keep']) await anna.page.locator(`#${id} summary`).click();
    await fits(anna, 'the login');
    await look(anna, 'the login in German');
    await anna.logIn('Anna');
    await bert.logIn('Bert');
    await allMeet([anna, bert]);
    await bert.type('Donaudampfschifffahrtsgesellschaftskapitän');
    await anna.shows('Donaudampfschifffahrtsgesellschaftskapitän');
    await look(anna, 'the room in German');
    await anna.page.setViewportSize(NARROW);
    await fits(anna, 'the room');
    for (const [command, id, close] of [['/settings', 'settings', 'Escape'], ['/swarm', 'swarm', 'Escape'], ['/invite', 'hand', 'Escape'],
      ['/verify Bert', 'verify', 'Escape']]) {
      await anna.type(command);
      await anna.page.locator(`#${id}[open]`).waitFor();
      await fits(anna, command);
      if (id === 'settings') await look(anna, 'the settings in German');
      await anna.page.setViewportSize(NARROW);
      await anna.page.keyboard.press(close);
    }
    await anna.page.locator('#side-toggle').click();
    await anna.page.locator('#users .user').waitFor();
    await fits(anna, 'the panel');
    assert.deepEqual(await anna.faults(), []);
  });

  test('chosen in the settings: in force at once on the login, else with the next load, and kept; the browser\'s again', async () => {
    const tab = await open('en-US');
    assert.equal(await languageOf(tab), 'en');
    const choose = async (language) => {
      await tab.page.locator('#settings-language').selectOption(language);
      await tab.page.locator('#settings-save').click();
    };
    await tab.page.locator('#login-settings').click();
    await choose('fr');
    await says(tab, '#login', 'Votre pseudo');
    await tab.page.reload();
    await says(tab, '#login', 'Votre pseudo');
    assert.equal(await languageOf(tab), 'fr');
    await tab.logIn('Ann');
    await tab.type('/settings');
    await choose('');
    await closed(tab);
    assert.equal(await tab.page.locator('#leave').textContent(), 'Quitter', 'as it began');
    await tab.page.reload();
    await says(tab, '#side', 'Leave');
  });

  test('other languages are English, and one that comes first wins', async () => {
    const lists = { en: ['tlh', 'en-GB', 'de'], de: ['tlh', 'de-CH', 'en'], fr: ['FR'] };
    for (const [expected, languages] of Object.entries(lists)) {
      const tab = await Tab.blank(await stage.newContext());
      await tab.page.addInitScript((all) => Object.defineProperty(Navigator.prototype, 'languages', { get: () => all }), languages);
      await tab.load(stage.app.url);
      assert.equal(await languageOf(tab), expected);
    }
  });

  test('a language that does not come, or never ends, is English, and nothing is said of it', async () => {
    for (const act of [(route) => route.abort(), (route) => route.fulfill({ status: 404, body: 'Not here.' }), () => {}]) {
      const tab = await open('de-DE', { prepare: (page) => page.route(/_de\.js(on)?$/, act) });
      await says(tab, '#login', 'Your nick');
      assert.equal(await languageOf(tab), 'en');
      await tab.logIn('Ann');
      await tab.type('/help');
      await tab.answers('/msg NICK or ADDRESS TEXT');
      assert.equal(await tab.page.locator('#trouble').isVisible(), false);
      await tab.page.context().close();
    }
  });

  test('a page that cannot run says so in its language', async () => {
    const tab = await Tab.blank(await stage.newContext('chromium', { locale: 'de-DE' }));
    await tab.page.route(/\/main\.js$/, (route) => route.abort());
    await tab.page.goto(stage.app.url);
    await says(tab, '#login-error', 'Ein Teil dieser Seite wurde nicht geladen.');
    await says(tab, '#trouble', 'Ein Teil dieser Seite wurde nicht geladen (/main.js');
    const old = await Tab.blank(await stage.newContext('chromium', { locale: 'fr-FR' }));
    await old.page.addInitScript(() => { delete URL.canParse; });
    await old.page.goto(stage.app.url);
    await says(old, '#trouble', 'des parties de JavaScript');
  });

  test('module by module (NKT_PLAIN), too', async () => {
    const app = await startServer('app.js', { NKT_PLAIN: '1', NKT_TRACKERS: '' });
    try {
      const tab = await open('de-DE', { url: app.url });
      await tab.logIn('Anna');
      await says(tab, '#side', 'Verlassen');
      assert.deepEqual(await tab.faults(), []);
    } finally {
      await app.stop();
    }
  });

  test('without its server: as it was, and in another language that is chosen then', async () => {
    const tab = await open('de-DE');
    await tab.logIn('Anna');
    await tab.until(async () => (await navigator.serviceWorker.getRegistration())?.active
      && (await caches.keys()).some((name) => name.startsWith('nkt-set-')), undefined, 'a whole set');
    process.kill(stage.app.pid, 'SIGKILL');
    await tab.page.reload();
    await says(tab, '#side', 'Verlassen');
    await tab.type('/settings');
    await tab.page.locator('#settings-language').selectOption('fr');
    await tab.page.locator('#settings-save').click();
    await closed(tab);
    await tab.page.reload();
    await says(tab, '#side', 'Quitter');
    await stage.startServers();
  });
});
