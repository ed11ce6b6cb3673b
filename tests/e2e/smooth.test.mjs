// SPDX-License-Identifier: GPL-3.0-or-later
// Thousands of messages, and no task that the page makes long: what is done bit by bit is counted by a clock that goes on with each look at
// it. How long tasks really are: node tools/bench/tabs.mjs smooth.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { hear } from '../support/hear.mjs';
import { Stage } from '../support/stage.mjs';
import { clean } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const COUNT = 2000; // messages
const CHUNK_COUNT = 50; // as in web/messages.js
const STEPS_MAX = 14; // in one task: a slice of 12 ms, a ms for each look at the clock

/** In the page: from now on a ms goes by with each look at the clock; what each task adds and takes out of an element is counted. */
function count([root, what]) {
  let now = performance.now();
  performance.now = () => now++;
  window.counts = [];
  const ofKind = (nodes) => [...nodes].filter((node) => node instanceof Element)
    .reduce((sum, node) => sum + Number(node.matches(what)) + node.querySelectorAll(what).length, 0);
  new MutationObserver((records) => {
    const added = records.reduce((sum, { addedNodes }) => sum + ofKind(addedNodes), 0);
    const removed = records.reduce((sum, { removedNodes }) => sum + ofKind(removedNodes), 0);
    if (added + removed) window.counts.push({ added, removed });
  }).observe(document.querySelector(root), { childList: true, subtree: true });
}

const sum = (counts, what) => counts.reduce((all, one) => all + one[what], 0);
const most = (counts, what) => Math.max(...counts.map((one) => one[what]));

describe('with thousands of messages', { skip, timeout: 240_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const alone = async () => {
    const [tab] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}` });
    await tab.logIn('Ann');
    return tab;
  };

  test('a room that is left is gone at once, and taken out of the page bit by bit', async () => {
    const ann = await alone();
    await ann.run(hear, [COUNT, 'm', false]);
    await ann.run(count, ['#messages', '.message']);
    const left = await ann.run(async (room) => {
      window.location.hash = `room=${room}`;
      while (window.nkt.room !== room) await new Promise((resume) => { setTimeout(resume); });
      return document.querySelectorAll('#messages > .chunk > .message').length;
    }, stage.newRoom());
    assert.equal(left, 0);
    await ann.until(() => document.querySelectorAll('#messages .message').length === 0, undefined, 'an empty list');
    const counts = await ann.run(() => window.counts);
    assert.equal(sum(counts, 'removed'), COUNT);
    assert.ok(most(counts, 'removed') <= STEPS_MAX * CHUNK_COUNT, JSON.stringify(counts));
    await ann.run(hear, [1, 'next', false]);
    assert.deepEqual(await ann.page.locator('#messages .text').allTextContents(), ['next 0 said']);
    await clean(ann);
  });

  test('one leaves without throwing away the boxes of all messages at once, and none is seen, focused, copied or found', async () => {
    const ann = await alone();
    await ann.run(hear, [200, 'm', false]);
    const left = await ann.run(() => {
      document.getElementById('leave').click();
      const app = document.getElementById('app');
      document.getElementById('line').focus();
      document.getSelection().selectAllChildren(document.body);
      const copied = String(document.getSelection());
      document.getSelection().removeAllRanges();
      return {
        display: getComputedStyle(app).display,
        height: app.getBoundingClientRect().height,
        isSeen: ['line', 'leave', 'scroll'].some((id) => document.getElementById(id).checkVisibility()),
        focus: document.activeElement.id,
        isCopied: copied.includes('m 199 said'),
        isFound: window.find('m 199 said', true, true, true),
      };
    });
    assert.deepEqual(left, { display: 'grid', height: 0, isSeen: false, focus: 'nick', isCopied: false, isFound: false });
    await ann.until(() => document.querySelectorAll('#messages .message').length === 0, undefined, 'an empty list');
    await clean(ann);
  });

  test('a conversation that is not shown keeps its boxes, and is neither seen, copied, found nor read aloud', async () => {
    const ann = await alone();
    await ann.run(hear, [60, 'open', false]);
    await ann.run(hear, [60, 'secret', true]);
    const look = () => ann.run(() => {
      const chunks = [...document.querySelectorAll('#messages > [hidden]')];
      document.getSelection().selectAllChildren(document.getElementById('messages'));
      const copied = String(document.getSelection());
      document.getSelection().removeAllRanges();
      return {
        display: [...new Set(chunks.map((chunk) => getComputedStyle(chunk).display))],
        height: chunks.reduce((height, chunk) => height + chunk.getBoundingClientRect().height, 0),
        isSeen: chunks.some((chunk) => chunk.firstElementChild.checkVisibility()),
        copied: ['open 1 said', 'secret 1 said'].map((text) => copied.includes(text)),
        found: ['open 1 said', 'secret 1 said'].map((text) => window.find(text, true, false, true)),
        icons: [document.querySelectorAll('#messages use').length, document.querySelectorAll('#messages svg:not(:has(path))').length],
      };
    });
    const read = async () => {
      const session = await ann.page.context().newCDPSession(ann.page);
      const { nodes } = await session.send('Accessibility.getFullAXTree');
      await session.detach();
      const names = nodes.map(({ name }) => name?.value ?? '');
      return ['open 59 said', 'secret 59 said'].map((text) => names.includes(text));
    };
    const shut = { display: ['block'], height: 0, isSeen: false, icons: [0, 0] };
    assert.deepEqual(await look(), { ...shut, copied: [true, false], found: [true, false] });
    assert.deepEqual(await read(), [true, false]);
    await ann.talk('Bada');
    assert.deepEqual(await look(), { ...shut, copied: [false, true], found: [false, true] });
    assert.deepEqual(await read(), [false, true]);
    await clean(ann);
  });

  test('a stranger who takes the place of another conversation costs no look at the core for each of them', async () => {
    const ann = await alone();
    const reads = await ann.run(async () => {
      const say = (i) => {
        const event = new CustomEvent('nktencryptedmessagereceived', { detail: `from ${i}` });
        const said = { from: `Bstranger${i}`, to: window.nkt.mySwarm.address(), id: String(i).padStart(32, '0'), date: Date.now() };
        window.dispatchEvent(Object.assign(event, said, { room: window.nkt.roomId, encrypted: true }));
      };
      for (let i = 0; i < 100; i++) say(i);
      const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(window.nkt), 'roomId');
      let count = 0;
      Object.defineProperty(window.nkt, 'roomId', { get() { count++; return get.call(this); }, configurable: true });
      say(100);
      delete window.nkt.roomId;
      return count;
    });
    assert.ok(reads < 10, `${reads} reads`);
    assert.equal(await ann.page.locator('#messages > .chunk > .message').count(), 100);
    await ann.until(() => document.title.includes('100'), undefined, 'the title counts them');
    await clean(ann);
  });

  test('what is found is listed bit by bit', async () => {
    const ann = await alone();
    await ann.run(hear, [COUNT, 'm', false]);
    await ann.page.locator('#search-open').click();
    await ann.page.locator('#search-line').waitFor();
    await ann.run(count, ['#search-found', 'li']);
    await ann.page.locator('#search-line').fill('said');
    await ann.page.locator('#search-state', { hasText: '200' }).waitFor();
    const counts = await ann.run(() => window.counts);
    assert.equal(sum(counts, 'added'), 200);
    assert.ok(most(counts, 'added') <= STEPS_MAX, JSON.stringify(counts));
    assert.equal(await ann.page.locator('#search-found .search-text').first().textContent(), `m ${COUNT - 1} said`);
    await clean(ann);
  });
});
