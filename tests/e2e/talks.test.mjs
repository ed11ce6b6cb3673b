// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations: the room and each person, marks, drafts, the keyboard; another room by a link, and what stays in which.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { look, ready } from '../support/axe.mjs';
import { Stage } from '../support/stage.mjs';
import { clean, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

describe('conversations', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** What is seen of what was said. */
  const seen = (tab) => tab.page.locator('#messages .text:visible').allTextContents();
  const sees = (tab, ...wanted) => untilTabs(async () => (await seen(tab)).join('|') === wanted.join('|'), `${tab.name} sees ${wanted}`)
    .catch(async (error) => { throw new Error(`${error.message}: ${await seen(tab)}`); });
  const mark = (tab, addr) => tab.page.locator(`#talks [data-talk="${addr}"] .mark:visible`).allTextContents();
  const marked = (tab, addr, count) => untilTabs(async () => (await mark(tab, addr)).join() === count,
    `${tab.name}: ${count || 'nothing'} of ${addr}`);

  test('what is said to one alone is beside the room, which it does not interrupt; drafts, marks, keys, answers', async () => {
    const [ann, bob, eve] = await stage.people(['Ann', 'Bob', 'Eve'], { isOneBrowser: true });
    await bob.page.bringToFront();
    await ann.type('to all');
    await ann.type('/msg Bob psst');
    await sees(ann, 'psst'); // her conversation with Bob
    await marked(bob, ann.address, '1');
    await sees(bob, 'to all');
    assert.match(await bob.page.title(), /^\(1\) /);

    await bob.page.locator('#line').fill('for all, later');
    await bob.page.keyboard.press('Alt+ArrowDown');
    await sees(bob, 'psst');
    await marked(bob, ann.address, '');
    assert.doesNotMatch(await bob.page.title(), /^\(/);
    assert.equal(await bob.page.locator('#line').inputValue(), '');
    assert.match(await bob.page.locator('#target-text').textContent(), /^Private to Ann/);
    assert.equal(await bob.page.locator('#talk-said').textContent(), 'To Ann alone');
    await bob.type('hush'); // answered where it was said
    await sees(ann, 'psst', 'hush');
    await eve.type('to all as well');
    await marked(bob, '', '1');
    await sees(bob, 'psst', 'hush');
    await bob.page.locator('#line').fill('for Ann, later');
    await bob.page.keyboard.press('Alt+Shift+ArrowUp');
    await sees(bob, 'to all', 'to all as well');
    assert.equal(await bob.page.locator('#line').inputValue(), 'for all, later');
    await ready(bob);
    await look(bob, 'conversations');
    await bob.page.reload();
    await sees(bob, 'to all', 'to all as well');
    assert.equal(await bob.page.locator('#line').inputValue(), 'for all, later');
    await bob.talk(ann.address);
    await sees(bob, 'psst', 'hush');
    assert.equal(await bob.page.locator('#line').inputValue(), 'for Ann, later');
    assert.deepEqual((await eve.messages()).map(({ value }) => value), ['to all']);
    await clean(ann, bob, eve);
  });

  test('the title has an @ until one has looked where one was named, and not longer; keys that open a choice are left to it', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    const titled = (pattern) => ann.until((wanted) => new RegExp(wanted).test(document.title), pattern, pattern);
    await ann.page.locator('#users .user-write').click();
    await bob.type('here, @Ann?');
    await titled('^\\(1@\\) ');
    await ann.run(() => {
      const choice = document.createElement('select');
      document.getElementById('app').append(choice);
      choice.focus();
    });
    await ann.page.keyboard.press('Alt+ArrowUp');
    assert.equal(await ann.page.locator('#talk-said').textContent(), 'To Bob alone');
    await ann.run(() => document.querySelector('#app > select').remove());
    await ann.talk();
    await titled('^room-');
    const room = await ann.run(() => location.hash);
    await ann.run(() => { location.hash += '-other'; });
    await ann.until(() => nkt.room.endsWith('-other'), undefined, 'another room');
    await bob.type('and here, @Ann?');
    await titled('^\\(1\\) ');
    await ann.run((hash) => { location.hash = hash; }, room);
    await sees(ann, 'here, @Ann?', 'and here, @Ann?'); // while she looks
    await titled('^room-');
    await clean(tabs);
  });

  test('strangers who each begin a conversation: the oldest of theirs go, with all that is in them; one’s own stay', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await bob.type('/msg Ann hello');
    await ann.shows('hello');
    await bob.talk();
    await bob.run(() => {
      for (let n = 0; n < 1000; n++) {
        const event = new CustomEvent('nktencryptedmessagereceived', { detail: `psst ${n}` });
        const whose = { from: `B${String(n).padStart(33, 'x')}`, to: nkt.mySwarm.address(), id: String(n).padStart(32, '0') };
        dispatchEvent(Object.assign(event, { ...whose, date: n, encrypted: true, bytes: null }));
      }
    });
    const keys = () => bob.run(() => [...document.querySelectorAll('#talks [data-talk]')].map(({ dataset }) => dataset.talk));
    await untilTabs(async () => (await keys()).length === 101, 'a hundred conversations');
    const shown = await keys();
    assert.ok(shown.includes(ann.address) && shown.includes(''));
    assert.equal(await bob.page.locator('#messages .chunk').count(), 100);
    assert.match(await bob.page.title(), /^\(99\) /);
    await bob.talk(ann.address);
    await sees(bob, 'hello');
    await clean(ann, bob);
  });

  test('what a message says beside its text counts: one who fills the memory pushes out himself', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await bob.type('hello');
    await bob.run((from) => {
      for (let n = 0; n < 300; n++) {
        const detail = { text: `small ${n}`, junk: Array.from({ length: 2000 }, () => []), more: 'x'.repeat(10_000) };
        const event = new CustomEvent('nktencryptedmessagereceived', { detail });
        dispatchEvent(Object.assign(event, { from, to: null, id: String(n).padStart(32, '0'), date: n, encrypted: true, bytes: null }));
      }
    }, ann.address);
    const all = await seen(bob);
    assert.ok(all.length > 20 && all.length < 100, `${all.length} of 301`);
    assert.deepEqual([all[0], all.at(-1)], ['hello', 'small 299']);
    await clean(ann, bob);
  });

  test('private is what the core says, not what a sender writes', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await ann.say({ text: 'to all, and says otherwise', private: true });
    await ann.say({ text: 'to one, and does not say so' }, bob.address);
    await ann.say('a plain one', bob.address);
    await sees(bob, 'to all, and says otherwise');
    await marked(bob, ann.address, '2');
    await bob.page.reload();
    await sees(bob, 'to all, and says otherwise');
    await bob.talk(ann.address);
    await sees(bob, 'to one, and does not say so', 'a plain one');
    await clean(ann, bob);
  });

  test('another room by a link has a list, a log and drafts of its own, by its secret as well; back shows the first', async () => {
    const room = stage.newRoom();
    const [ann, bob] = await stage.tabs(2, { fragment: `room=${room}` });
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await ann.session(bob.address);
    await ann.type('said in the open room');
    await sees(bob, 'said in the open room');
    await ann.page.locator('#line').fill('half a line');
    await ann.run((name) => { location.hash = `room=${name}&secret=deep`; }, room);
    await ann.until(() => !document.getElementById('invite-secret').hidden && nkt.room, undefined, 'the other room');
    await sees(ann);
    assert.equal(await ann.page.locator('#line').inputValue(), '');
    assert.equal(await ann.page.locator('#users .user').count(), 0);
    const [carl] = await stage.tabs(1, { fragment: `room=${room}&secret=deep` });
    await carl.logIn('Carl');
    await carl.session(ann.address);
    await ann.session(carl.address);
    await ann.type('said in the secret one');
    await sees(carl, 'said in the secret one');
    await sees(ann, 'said in the secret one');
    assert.equal(await ann.run(() => nkt.mySwarm.address()), ann.address);
    await ready(ann);
    await look(ann, 'another room');
    await ann.page.locator('#rooms a').click(); // the first one is remembered
    await sees(ann, 'said in the open room');
    assert.equal(await ann.page.locator('#line').inputValue(), 'half a line');
    await ann.session(bob.address);
    await bob.type('still here');
    await sees(ann, 'said in the open room', 'still here');
    assert.deepEqual((await bob.messages()).map(({ value }) => value), ['said in the open room']);

    // a room that is open is not entered twice; over a reload both are there, and where the address leads is shown
    const refused = await ann.run((name) => nkt.resume({ room: name, secret: 'deep' }).catch(({ code }) => code), room);
    assert.equal(refused, 'NKT_E_IN_USE');
    await sees(ann, 'said in the open room', 'still here');
    await ann.page.reload();
    await sees(ann, 'said in the open room', 'still here');
    await ann.until(() => nkt.rooms.length === 2, undefined, 'both rooms');
    await carl.session(ann.address);
    await clean(ann, bob, carl);
  });

  test('several rooms at once: what comes in one that is not shown is marked, heard and answered there', async () => {
    const room = stage.newRoom();
    const [ann, bob] = await stage.tabs(2, { fragment: `room=${room}` });
    const [carl] = await stage.tabs(1, { fragment: `room=${room}-garden` });
    await Promise.all([ann.logIn('Ann'), bob.logIn('Bob'), carl.logIn('Carl')]);
    await ann.session(bob.address);
    await ann.type('good morning');
    await ann.run((name) => { location.hash = `room=${name}-garden`; }, room);
    await ann.session(carl.address);
    await carl.session(ann.address);
    await carl.type('in the garden');
    await sees(ann, 'in the garden');
    const open = ann.page.locator('#rooms [data-open="true"]');
    assert.equal(await open.count(), 1);
    assert.equal(await bob.page.locator('#users .user').count(), 1); // she is still there
    await bob.type('are you there, @Ann?');
    await bob.type(`/msg ${ann.address} psst`);
    await ann.until(() => document.querySelector('#rooms .mark:not([hidden])')?.textContent === '@2', undefined, 'a mark');
    assert.match(await ann.page.title(), /^\(2\) /);
    await sees(ann, 'in the garden');
    await ready(ann);
    await look(ann, 'news in another room');
    const said = { name: `#${room} you are in it, 2 new messages, somebody names you`, exact: true }; // as a screen reader has it
    assert.equal(await ann.page.locator('#rooms').getByRole('link', said).count(), 1);
    await ann.page.setViewportSize({ width: 360, height: 640 });
    await ann.page.getByRole('button', { name: '1 People and connection 2 new messages', exact: true }).waitFor();
    await ann.page.setViewportSize({ width: 1100, height: 680 });
    await open.locator('a').click();
    await sees(ann, 'good morning', 'are you there, @Ann?');
    await marked(ann, bob.address, '1');
    assert.equal(await ann.page.locator('#messages .unseen').count(), 2); // there, and in what was said to her alone
    assert.equal(await ann.page.locator('#rooms .mark:visible').count(), 0);
    await ann.type('I am');
    await bob.talk('');
    await sees(bob, 'good morning', 'are you there, @Ann?', 'I am');
    await carl.type('and here');
    await ann.page.locator('#rooms .mark', { hasText: '1' }).waitFor();
    await ann.page.locator('#rooms').getByRole('link', { name: `#${room}-garden you are in it, 1 new message`, exact: true }).waitFor();
    await sees(carl, 'in the garden', 'and here');
    await ann.page.locator('#rooms [data-open="true"] button').click(); // leaves the garden
    await carl.until((addr) => !Object.keys(nkt.userList).includes(addr), ann.address, 'she left');
    assert.equal(await ann.page.locator('#rooms [data-open="false"]').count(), 1);
    await bob.type('still with me?');
    await sees(ann, 'good morning', 'are you there, @Ann?', 'I am', 'still with me?');
    await ann.page.locator('#leave').click();
    await bob.until((addr) => !Object.keys(nkt.userList).includes(addr), ann.address, 'she left');
    await clean(ann, bob, carl);
  });

  test('a person’s profile: who, how, when; two switches that are not the same; on a narrow screen as well', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await ann.page.bringToFront();
    await ann.page.setViewportSize({ width: 320, height: 640 });
    await ann.page.locator('#side-toggle').click();
    await ann.run((addr) => new Promise((done) => { setTimeout(done, nkt.userList[addr].lastSeen + 6000 - Date.now()); }), bob.address);
    await ann.page.locator('.user-profile').click();
    await ann.page.locator('#profile[open]').waitFor();
    const facts = () => ann.page.locator('#profile dd').allTextContents();
    assert.deepEqual((await facts()).slice(0, 4), ['now', 'direct', 'encrypted session', 'not verified yet']);
    assert.equal((await facts())[4].replaceAll(' ', ''), await bob.run((addr) => nkt.safetyNumber(addr), ann.address));
    await bob.type('here');
    await ann.until((addr) => Date.now() - nkt.userList[addr].lastSeen < 5000, bob.address, 'what he said is heard of him');
    assert.equal(await ann.page.locator('#profile-address').textContent(), bob.address);
    await ready(ann);
    await look(ann, 'a profile');
    await ann.page.locator('#profile-mute').click();
    await ann.until((addr) => nkt.userList[addr].dontSendTo && !nkt.userList[addr].ignored, bob.address, 'he is sent nothing');
    await ann.page.locator('#profile-mute').click();
    await ann.page.locator('#profile-ignore').click();
    await ann.until((addr) => nkt.userList[addr].ignored && !nkt.userList[addr].dontSendTo, bob.address, 'he is ignored');
    await ann.page.locator('#profile-ignore').click();
    await ann.page.locator('#profile-verify').click();
    await ann.page.locator('#verify-close').click();
    await ann.page.locator('.user-profile').click();
    await ann.page.locator('#profile-talk').click();
    await ann.page.locator('#target-text', { hasText: 'Private to Bob' }).waitFor();
    await clean(ann, bob);
  });

  test('who comes is no line of the talk, unless one asks for it', async () => {
    const fragment = `room=${stage.newRoom()}`;
    const [ann] = await stage.tabs(1, { fragment });
    await ann.logIn('Ann');
    const come = async (nick) => {
      const [tab] = await stage.tabs(1, { fragment });
      await tab.logIn(nick);
      await ann.page.locator('#users .user', { hasText: nick }).waitFor();
      return tab;
    };
    const notes = () => ann.page.locator('#messages .note').allTextContents();
    const bob = await come('Bob');
    await ann.session(bob.address);
    assert.deepEqual(await notes(), []);
    await ann.type('/settings');
    await ann.page.locator('#settings-presence').check();
    await ann.page.locator('#settings-save').click();
    await ann.page.locator('#settings').waitFor({ state: 'hidden' });
    await come('Cyd');
    await ann.answers('Cyd joined');
    await clean(ann, bob);
  });
});
