// SPDX-License-Identifier: GPL-3.0-or-later
// Who one is, and what was said, over reloads, closed tabs, killed tabs and other browsers.
// Long: tabs are killed and opened again.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { until } from '../glue/support/until.mjs';
import { skip } from '../glue/support/wasm.mjs';
import { fault, print } from '../support/figures.mjs';
import { Stage } from '../support/stage.mjs';
import { Tab, allMeet, untilTabs } from '../support/tab.mjs';
import { watchWire } from '../support/wire.mjs';

const KILL_COUNT = Number(process.env.NKT_KILLS ?? 5);
const PASSPHRASE = 'correct horse battery';

/** In the page, before its scripts: what asks for window.stored(n) is told when all that was to be written by then is in the database. */
function watchWrites() {
  const GATHER_MS = 60; // the core gathers pages for 25 ms; timers that are due together run in their order
  let waiting = [];
  window.whenStored = (n) => setTimeout(() => waiting.push(n), GATHER_MS);
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function watched(names, mode, ...rest) {
    const made = transaction.call(this, names, mode, ...rest);
    if (mode === 'readwrite') {
      const held = waiting.splice(0);
      made.addEventListener('complete', () => held.forEach((n) => window.stored(n)));
    }
    return made;
  };
}

describe('identity and history', { skip, timeout: 360_000 + KILL_COUNT * 10_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const texts = (tab) => tab.page.locator('#messages .message .text').allTextContents();

  /** As somebody new, who is kept. @param {Tab} tab @param {string} nick @param {string} passphrase @param {string} [again] */
  async function logInNew(tab, nick, passphrase, again = passphrase) {
    if (await tab.page.locator('#login-keep').getAttribute('open') === null) await tab.page.locator('#login-keep summary').click();
    await tab.page.locator('#passphrase').fill(passphrase);
    await tab.page.locator('#passphrase-again').fill(again);
    await tab.page.locator('#nick').fill(nick);
    await tab.page.locator('#nick').press('Enter');
  }

  /**
   * As one of those kept.
   * @param {Tab} tab @param {string} address @param {string} passphrase @param {string} [nick] another one than before
   */
  async function logInKept(tab, address, passphrase, nick = '') {
    await tab.page.locator(`.who[data-address="${address}"] input`).check();
    if (nick) await tab.page.locator('#nick').fill(nick);
    await tab.page.locator('#passphrase').fill(passphrase);
    await tab.page.locator('#passphrase').press('Enter');
  }

  /** The list to choose from: nick and address, the chosen one marked. @param {Tab} tab */
  const listed = (tab) => tab.run(() => [...document.querySelectorAll('.who')].map((who) => [
    who.querySelector('b').textContent, who.dataset.address ?? '', who.querySelector('input').checked]));

  /** Where an error is told, and of which field. @param {Tab} tab @param {RegExp} text @param {string} id */
  async function refuses(tab, text, id) {
    await tab.page.locator('#login-error', { hasText: text }).waitFor();
    assert.deepEqual(await tab.run(() => [...document.querySelectorAll('#login [aria-invalid=true]')].map((field) => [
      field.id, field.getAttribute('aria-describedby'), document.activeElement === field])), [[id, 'login-error', true]]);
    const gap = await tab.run((field) => document.getElementById('login-error').getBoundingClientRect().top
      - document.getElementById(field).getBoundingClientRect().bottom, id);
    assert.ok(gap >= 0 && gap < 40, `${gap} px below ${id}`);
  }

  async function inRoom(tab, nick) {
    tab.name = nick;
    await tab.page.locator('#line').waitFor();
    tab.address = await tab.until(() => nkt.mySwarm.address(), undefined, 'an address');
    return tab;
  }

  test('a reload shows what was said and heard, in order, once, with its state; it can be forgotten', async () => {
    const fragment = `room=${stage.newRoom()}`;
    const [[ann], [bob]] = await Promise.all([1, 1].map((n) => stage.tabs(n, { fragment })));
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await allMeet([ann, bob]);
    await ann.type('one');
    await bob.shows('one');
    await bob.type('two');
    await ann.shows('two');
    await ann.shows('one', '.own[data-state=delivered]');
    const start = Date.now();
    await ann.page.reload();
    await inRoom(ann, 'Ann');
    await ann.shows('two');
    print(`a reload shows the room with its history after ${Date.now() - start} ms`);
    await ann.shows('one', '.own[data-state=delivered]');
    await bob.type('three');
    await ann.shows('three');
    assert.deepEqual(await texts(ann), ['one', 'two', 'three']);
    await ann.page.locator('#identity summary').click();
    await ann.page.locator('#clear-history').press('Enter');
    await ann.page.locator('#clear-history').press('Enter');
    await untilTabs(async () => (await texts(ann)).length === 0, 'an empty list');
    await ann.page.reload();
    await inRoom(ann, 'Ann');
    await ann.session(bob.address);
    assert.deepEqual(await texts(ann), []);
  });

  test('a long history is shown bit by bit, above what is said meanwhile, and no more of it once one has left the room', async () => {
    /** Runs in a page before its scripts: what is put off to the next turn waits, as on a slow machine, when a test says so. */
    const before = () => {
      const setTimeout = window.setTimeout.bind(window);
      const held = [];
      const isHolding = () => sessionStorage.getItem('hold') === '1';
      window.setTimeout = (act, ms, ...args) => (ms === undefined && isHolding() ? held.push(act) : setTimeout(act, ms, ...args));
      window.release = () => {
        sessionStorage.removeItem('hold');
        for (const act of held.splice(0)) act();
      };
    };
    const fragment = `room=${stage.newRoom()}`;
    const [[ann], [bob]] = await Promise.all([stage.tabs(1, { fragment, before }), stage.tabs(1, { fragment })]);
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await allMeet([ann, bob]);
    const count = 400;
    const past = Array.from({ length: count }, (_, i) => `${i}`);
    await bob.run(async (all) => { for (const text of all) await nkt.sendEncryptedMessage(text); }, past);
    await ann.shows(past.at(-1));
    const reloadHeld = async () => {
      await ann.run(() => sessionStorage.setItem('hold', '1'));
      await ann.page.reload();
      await inRoom(ann, 'Ann');
      await ann.until(() => document.querySelectorAll('.message').length, undefined, 'some of it');
      assert.ok((await texts(ann)).length < count, 'not all of it at once');
    };

    await reloadHeld();
    await allMeet([ann, bob]);
    await bob.type('meanwhile');
    await ann.shows('meanwhile');
    await ann.type('I see');
    await ann.shows('I see', '.own');
    await ann.run(() => window.release());
    await ann.shows(past.at(-1));
    assert.deepEqual(await texts(ann), [...past, 'meanwhile', 'I see']);
    await bob.type('and so on');
    await ann.shows('and so on');
    assert.equal((await texts(ann)).at(-1), 'and so on');

    await reloadHeld();
    const other = stage.newRoom();
    await ann.run((name) => { location.hash = `room=${name}`; }, other);
    await ann.until((name) => document.getElementById('room-name').textContent === name, other, 'the other room');
    await ann.run(() => window.release());
    await ann.type('in the other room');
    await ann.shows('in the other room', '.own');
    assert.deepEqual(await texts(ann), ['in the other room']);
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  test('with a passphrase: the same one after the tab was closed; wrong ones and a second tab are told', async () => {
    const context = await stage.newContext();
    const url = `${stage.app.url}/#room=${stage.newRoom()}`;
    const open = async () => (await Tab.blank(context)).load(url);
    const first = await open();
    const states = [];
    await first.page.exposeFunction('derives', (state) => states.push(state));
    await first.run(() => window.addEventListener('nktderiving', ({ detail }) => window.derives(detail.state)));
    await logInNew(first, 'Ann', PASSPHRASE);
    await inRoom(first, 'Ann');
    await first.until(() => nkt.health().storage.state === 'ok', undefined, 'storage');
    assert.deepEqual(states, ['started', 'ended']);
    await first.type('a note');
    await first.shows('a note');

    const second = await open();
    await logInKept(second, first.address, PASSPHRASE);
    await refuses(second, /open in another tab/, 'passphrase');
    await first.until(() => nkt.health().outbox.count === 0, undefined, 'nothing waiting');
    await first.page.close();

    await logInKept(second, first.address, 'a wrong one');
    await refuses(second, /wrong passphrase/, 'passphrase');
    assert.equal(await second.run(() => nkt.mySwarm.address()), '');
    await logInKept(second, first.address, PASSPHRASE);
    await inRoom(second, 'Ann');
    assert.equal(second.address, first.address);
    await second.shows('a note', '.own');
    const all = await second.run(() => nkt.keptIdentities());
    assert.deepEqual(all.map(({ nick, address }) => [nick, address]), [['Ann', first.address]]);
    assert.ok(Math.abs(all[0].usedAt - Date.now()) < 60_000);

    await second.page.reload(); // only the person knows the passphrase
    await second.page.locator('#passphrase:focus').waitFor();
    await second.page.locator('#passphrase').fill(PASSPHRASE);
    await second.page.locator('#passphrase').press('Enter');
    await inRoom(second, 'Ann');
    assert.equal(second.address, first.address);
    await second.run(() => nkt.close());
    await second.run((name) => nkt.forgetKept(name), all[0].name);
    assert.deepEqual(await second.run(() => nkt.kept()), []);
    assert.deepEqual(await second.run(() => Object.keys(localStorage).filter((item) => item.includes('kept'))), []);
  });

  test('who is kept is chosen by address: no spelling, rename, reload or link makes one somebody else', async () => {
    const context = await stage.newContext();
    const url = `${stage.app.url}/#room=${stage.newRoom()}`;
    const tab = await (await Tab.blank(context)).load(url);
    await logInNew(tab, 'Ann', 'short77');
    await refuses(tab, /at least 8 characters/, 'passphrase');
    await logInNew(tab, 'Ann', PASSPHRASE, '');
    await refuses(tab, /as well/, 'passphrase-again');
    await logInNew(tab, 'Ann', PASSPHRASE, `${PASSPHRASE}.`);
    await refuses(tab, /not the same/, 'passphrase-again');
    await tab.page.locator('#passphrase-show').check();
    const types = () => tab.run(() => ['passphrase', 'passphrase-again'].map((id) => document.getElementById(id).type));
    assert.deepEqual(await types(), ['text', 'text']);
    const fields = () => tab.run(() => ['nick', 'passphrase'].map((id) => document.getElementById(id).autocomplete));
    assert.deepEqual(await fields(), ['username', 'new-password']);
    await logInNew(tab, 'Ann', PASSPHRASE.normalize('NFD'));
    await inRoom(tab, 'Ann');
    const ann = tab.address;
    await tab.until(() => nkt.health().storage.state === 'ok', undefined, 'storage');

    await tab.page.reload();
    await tab.page.locator('#passphrase:focus').waitFor();
    assert.deepEqual(await listed(tab), [['Ann', ann, true], ['Somebody new', '', false]]);
    assert.deepEqual(await types(), ['password', 'password']);
    assert.deepEqual(await fields(), ['username', 'current-password']);
    await tab.page.locator('#nick').fill('ann '); // another spelling chooses nobody else
    await tab.page.locator('#nick').press('Enter');
    await refuses(tab, /passphrase of Ann, or choose/, 'passphrase');
    await logInKept(tab, ann, PASSPHRASE, 'ann L');
    await inRoom(tab, 'ann L');
    assert.equal(tab.address, ann);
    await tab.type('/nick Anna');
    await tab.answers('You are Anna now.');
    await tab.page.locator('#leave').click();
    await tab.page.locator(`.who[data-address="${ann}"]`, { hasText: 'Anna' }).waitFor();

    await tab.page.locator('.who', { hasText: 'Somebody new' }).click();
    await logInNew(tab, 'Anna', PASSPHRASE); // the same nick, the same passphrase: another one all the same
    await inRoom(tab, 'Anna');
    const other = tab.address;
    assert.notEqual(other, ann);
    await tab.page.locator('#leave').click();
    await tab.page.locator(`.who[data-address="${other}"]`).waitFor();
    assert.deepEqual(await listed(tab), [['Anna', other, true], ['Anna', ann, false], ['Somebody new', '', false]]);

    const linked = await Tab.blank(context); // a link does not decide who one is
    await linked.page.goto(`${stage.app.url}/?nick=Anna&auto=1#room=x`);
    await linked.page.locator('#login-error', { hasText: 'Choose who you are' }).waitFor();
    assert.equal(await linked.run(() => nkt.mySwarm.address()), '');
    await logInKept(linked, ann, PASSPHRASE);
    await inRoom(linked, 'Anna');
    assert.equal(linked.address, ann);
    assert.deepEqual(await linked.faults(), []);
  });

  test('what an older version kept by nick is in the list, and stays who it was', async () => {
    const [tab] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}` });
    const address = await tab.run(async (passphrase) => {
      await nkt.init({ nick: 'Ann', room: null, storage: { passphrase, name: 'Ann' } });
      const mine = nkt.mySwarm.address();
      await nkt.close();
      for (const item of Object.keys(localStorage)) localStorage.removeItem(item); // as it was before there were lists
      return mine;
    }, 'old');
    await tab.page.reload();
    await tab.page.locator('#passphrase:focus').waitFor();
    assert.deepEqual(await listed(tab), [['Ann', '', true], ['Somebody new', '', false]]);
    await tab.page.locator('#nick').fill('Ännchen');
    await tab.page.locator('#passphrase').fill('old'); // chosen when there was no least length
    await tab.page.locator('#passphrase').press('Enter');
    await inRoom(tab, 'Ännchen');
    assert.equal(tab.address, address);
    assert.deepEqual((await tab.run(() => nkt.keptIdentities())).map(({ name, nick, address: addr }) => [name, nick, addr]),
      [['Ann', 'Ännchen', address]]);
  });

  test('of those kept nobody is made where one was looked for; a program may ask for that as well', async () => {
    const [tab] = await stage.tabs(1, { fragment: 'room=x' });
    const looked = await tab.run(async () => {
      const storage = { passphrase: 'correct horse', name: 'nobody', existing: true };
      const code = await nkt.init({ nick: 'Ann', room: null, storage }).then(() => '', (error) => error.code);
      return { code, kept: await nkt.kept(), running: nkt.health().running };
    });
    assert.deepEqual(looked, { code: 'NKT_E_STORAGE', kept: [], running: false });
  });

  test('a tab whose identity another tab has says that one is somebody else now', async () => {
    const [[ann], [twin]] = await Promise.all([1, 1].map(() => stage.tabs(1, { fragment: `room=${stage.newRoom()}` })));
    await ann.logIn('Ann');
    await twin.logIn('Ann');
    await twin.page.reload();
    await inRoom(twin, 'Ann');
    assert.equal(await twin.page.locator('#messages .note[data-kind=error]').count(), 0, 'the same one: nothing to say');
    await twin.run(() => sessionStorage.removeItem('nkt-slot')); // as when its place was swept, or another tab holds it
    await twin.page.reload();
    await inRoom(twin, 'Ann');
    await twin.answers('You are somebody else than before');
  });

  test('saved as a file on the page, one is the same in another browser', async () => {
    const fragment = `room=${stage.newRoom()}`;
    const [[ann], [elsewhere]] = await Promise.all([1, 1].map((n) => stage.tabs(n, { fragment })));
    await ann.logIn('Ann');
    await ann.page.locator('#identity summary').click();
    await ann.page.locator('#export-passphrase').fill('short77');
    await ann.page.locator('#export button').click();
    await ann.page.locator('#export-status', { hasText: 'at least 8' }).waitFor();
    await ann.page.locator('#export-passphrase').fill(PASSPHRASE);
    await ann.page.locator('#export-again').fill(`${PASSPHRASE} `);
    await ann.page.locator('#export button').click();
    await ann.page.locator('#export-status', { hasText: 'not the same' }).waitFor();
    await ann.page.locator('#export-again').fill(PASSPHRASE);
    const [download] = await Promise.all([ann.page.waitForEvent('download'), ann.page.locator('#export button').click()]);
    assert.match(download.suggestedFilename(), /^nkt-Ann-.*\.json$/);
    const file = { name: 'me.json', mimeType: 'application/json', buffer: await readFile(await download.path()) };
    await ann.page.close();
    await elsewhere.page.locator('#login-keep summary').click();
    await elsewhere.page.locator('#identity-file').setInputFiles(file);
    await elsewhere.page.locator('#file-passphrase').fill('not this');
    await elsewhere.page.locator('#nick').fill('Ann');
    await elsewhere.page.locator('#nick').press('Enter');
    await elsewhere.page.locator('#login-error').getByText('wrong passphrase').waitFor();
    await elsewhere.page.locator('#file-passphrase').fill(PASSPHRASE);
    await elsewhere.page.locator('#nick').press('Enter');
    await inRoom(elsewhere, 'Ann');
    assert.equal(elsewhere.address, ann.address);
  });

  test(`a tab killed ${KILL_COUNT} times while it talks: nothing twice, nothing lost that was stored`, async () => {
    const fragment = `room=${stage.newRoom()}`;
    const [[ann], [bob]] = await Promise.all([watchWrites, watchWire].map((before) => stage.tabs(1, { fragment, before })));
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await allMeet([ann, bob]);
    const url = ann.page.url();
    const slot = await ann.run(() => nkt.health().storage.slot);
    let said = 0;
    const stored = [];
    const context = ann.page.context();
    await context.exposeFunction('took', () => { said += 1; });
    await context.exposeFunction('stored', (n) => { stored.push(n); });
    let next = 0;
    let tab = ann;
    for (let i = 0; i < KILL_COUNT; i++) {
      await tab.until((addr) => Boolean(nkt.userList[addr]), bob.address, 'that Bob is known');
      await tab.run(async ({ to, first }) => {
        const one = async (n) => {
          await nkt.sendEncryptedMessage(`#${n}`, to);
          window.took(n);
          window.whenStored(n);
          setTimeout(one, n % 15, n + 1);
        };
        one(first);
      }, { to: bob.address, first: next });
      const count = said + 10 + Math.floor(Math.random() * 60);
      const before = stored.length;
      await until(() => said >= count && stored.length > before, 'that it talks, and stores', 15_000);
      const session = await context.newCDPSession(tab.page);
      session.send('Page.crash').catch(() => {});
      await tab.page.waitForEvent('crash', { timeout: 90_000 }); // the browser's own affair, which takes long on a busy machine
      next += 1_000_000; // more than it says before it is dead, on any machine: no number is said by two lives
      await tab.page.close();
      tab = await Tab.blank(context, { before: watchWrites }); // a crashed page cannot be reloaded from here: the next takes up its slot
      await tab.page.addInitScript((name) => sessionStorage.setItem('nkt-slot', name), slot);
      await tab.load(url);
      await tab.logIn('Ann');
      assert.equal(tab.address, ann.address);
    }
    const heard = async () => (await bob.messages()).map(({ value }) => value);
    const missing = async () => {
      const all = new Set(await heard());
      return stored.filter((n) => !all.has(`#${n}`));
    };
    const start = Date.now();
    await untilTabs(async () => (await missing()).length === 0, 'all that was stored', 20_000);
    print(`${KILL_COUNT} kills, ${stored.length} messages stored before them: all there ${Date.now() - start} ms after the last return`);
    const all = await heard();
    assert.equal(new Set(all).size, all.length, 'nothing twice');
    const { uses, twice, told } = await bob.run(() => {
      const { wire } = window;
      const before = wire.twice.length;
      wire.last[wire.lastAt] ^= 1; // other words under the same key: would it be told?
      wire.see(wire.last);
      return { uses: wire.uses.size, twice: wire.twice.slice(0, before), told: wire.twice.length - before };
    });
    assert.equal(told, 1, 'the witness sees it');
    assert.ok(uses > KILL_COUNT * 10, `${uses} message keys seen`);
    assert.deepEqual(twice, [], 'ratchet keys and counters used twice');
    print(`${uses} message keys on the wire, none twice`);
    fault('kills', { kills: KILL_COUNT, messageKeys: uses, keysTwice: twice.length, lost: 0, twice: 0 });
  });
});
