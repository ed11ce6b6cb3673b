// SPDX-License-Identifier: GPL-3.0-or-later
// What is seen of the page at widths between a telephone's and a desk's, and where little fits.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { clean, untilTabs } from '../support/tab.mjs';

/** @type {Stage} */
let stage;
/** @type {import('../support/tab.mjs').Tab} */
let ada;
/** @type {import('../support/tab.mjs').Tab} */
let bob;

before(async () => {
  stage = await Stage.open({ hasWorker: false });
  [ada, bob] = await stage.people(['Ada', 'Bob']);
});
after(() => stage?.close());

const sized = (width, height = 800) => ada.page.setViewportSize({ width, height });

/** Of what a selector finds. @param {string} selector */
const box = (selector) => ada.run((wanted) => document.querySelector(wanted).getBoundingClientRect().toJSON(), selector);

test('the header ends where the page does, at each width', async () => {
  for (const width of [320, 360, 480, 560, 640, 740, 831, 832, 860, 1100]) {
    await sized(width);
    const { right, wide } = await ada.run(() => ({
      right: innerWidth - Math.max(...[...document.querySelectorAll('.bar > *')].map((one) => one.getBoundingClientRect().right)),
      wide: document.documentElement.scrollWidth - innerWidth,
    }));
    assert.ok(right >= 0 && right <= 16, `at ${width} px ${right} px are left beside it`);
    assert.equal(wide, 0, `${width}`);
  }
});

test('a long name of a room takes what place there is, and no other', async () => {
  const before = await ada.run(() => document.getElementById('room-name').textContent);
  for (const width of [320, 480, 740, 1100]) {
    await sized(width);
    const { name, status } = await ada.run(() => {
      document.getElementById('room-name').textContent = 'a name by somebody who had much to say about what is talked about in this room';
      const [title, state] = ['room-name', 'status'].map((id) => document.getElementById(id).getBoundingClientRect());
      return { name: title.right, status: state.left };
    });
    assert.ok(status - name <= 16 && status >= name, `at ${width} px the name ends at ${name}, what is behind it begins at ${status}`);
  }
  await ada.run((name) => { document.getElementById('room-name').textContent = name; }, before);
});

test('ticks take no row: one\'s own messages are as high as those of others', async () => {
  for (const width of [1100, 320]) {
    await sized(width);
    for (const text of [`one ${width}`, `two ${width}`]) {
      await ada.type(text);
      await bob.shows(text);
    }
    await ada.until(() => document.querySelectorAll('.own:not([data-state="delivered"])').length === 0, undefined, 'delivered');
    for (const text of [`hm ${width}`, `hm hm ${width}`]) {
      await bob.type(text);
      await ada.shows(text);
    }
    const seen = await ada.run(() => ['.message.joins.own', '.message.joins:not(.own)'].map((one) => {
      const node = [...document.querySelectorAll(one)].at(-1);
      const [tick, text] = ['.tick', '.text'].map((name) => node.querySelector(name)?.getBoundingClientRect());
      return { height: node.getBoundingClientRect().height, gap: tick && text.left - tick.right, below: tick && tick.bottom - text.bottom };
    }));
    assert.equal(seen[0].height, seen[1].height, `${width}`);
    assert.ok(seen[0].gap >= 0 && seen[0].gap <= 8 && Math.abs(seen[0].below) < 1, JSON.stringify(seen[0]));
  }
});

test('what is done with one\'s own message stands beside it, on its row', async () => {
  for (const width of [1100, 740, 320]) {
    await sized(width);
    await ada.type(`beside ${width}`);
    await bob.shows(`beside ${width}`);
    const seen = await ada.run(() => {
      const node = [...document.querySelectorAll('.message.own')].at(-1);
      const [more, tick, text] = ['.more', '.tick', '.text'].map((name) => node.querySelector(name).getBoundingClientRect());
      return { gap: tick.left - more.right, below: Math.abs(more.bottom - text.bottom) };
    });
    assert.ok(seen.gap >= 0 && seen.gap <= 8 && seen.below < 1, `${width}: ${JSON.stringify(seen)}`);
  }
});

test('a long nick is read whole in the list of people, on one line, under no button', async () => {
  for (const [width, called] of [[1100, 'Robert who is called Bob'], [320, 'Robert who is Bob']]) {
    await sized(width);
    if (width === 320) await ada.page.locator('#side-toggle').click();
    const before = await box('#users .user');
    await bob.run((name) => { nkt.nick = name; }, called);
    await ada.page.locator('#users .user-nick', { hasText: called }).waitFor();
    const [nick, row] = await Promise.all(['#users .user-nick', '#users .user'].map(box));
    assert.equal(row.height, before.height);
    assert.ok(await ada.run(() => {
      const one = document.querySelector('#users .user-nick');
      return one.scrollWidth <= one.clientWidth;
    }), `${width}: ${nick.width} px`);
    const under = await ada.run(({ y, height, ...at }) => {
      return document.elementFromPoint(at.right - 2, y + height / 2).closest('button').className;
    }, nick);
    assert.equal(under, 'user-write', `${width}`);
    const [state, call] = await Promise.all(['#users .user-state .path', '#users .user-call'].map(box));
    assert.ok(state.right <= call.left, `${width}: the way ends at ${state.right}, buttons begin at ${call.left}`);
    await bob.run(() => { nkt.nick = 'Bob'; });
    await ada.page.locator('#users .user-nick', { hasText: /^Bob$/ }).waitFor();
  }
  await ada.page.keyboard.press('Escape');
});

test('people stay where they are when the way to somebody takes a second line', async () => {
  for (const width of [1100, 320]) {
    await sized(width);
    if (width === 320) await ada.page.locator('#side-toggle').click();
    const heights = await ada.run(() => {
      const way = document.querySelector('#users .path');
      const text = way.textContent;
      return ['', 'via others', text].map((one) => {
        way.textContent = one;
        return way.closest('.user').getBoundingClientRect().height;
      });
    });
    assert.deepEqual(heights, heights.map(() => heights[0]), `${width}`);
  }
  await ada.page.keyboard.press('Escape');
});

test('in forced colours, where each button has an edge, none touches another', async () => {
  await sized(1100);
  await ada.page.emulateMedia({ forcedColors: 'active' });
  const touching = await ada.run(() => ['#users .icon-button', '.message .icon-button'].flatMap((which) => {
    const all = [...document.querySelectorAll(which)].filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect());
    return all.slice(1).filter((one, i) => one.top === all[i].top && one.left - all[i].right < 1).map((one) => [which, one.left]);
  }));
  await ada.page.emulateMedia({ forcedColors: 'none' });
  assert.deepEqual(touching, []);
});

test('the whiteboard is as dark as the page, and drawn anew when that changes', async () => {
  await ada.type('/load whiteboard');
  const board = ada.page.locator('canvas.whiteboard');
  await board.focus();
  for (const key of [' ', 'ArrowRight', 'ArrowRight', 'ArrowDown', ' ']) await board.press(key);
  await ada.page.locator('canvas.whiteboard[data-strokes="1"]').waitFor();
  const look = () => ada.run(() => {
    const canvas = document.querySelector('canvas.whiteboard');
    const points = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const drawn = points.findIndex((value, i) => i % 4 === 3 && value === 255); // what is not drawn on lets the page through
    return { ground: points[3], ink: [...points.slice(drawn - 3, drawn)], paper: getComputedStyle(canvas).backgroundColor };
  });
  const light = await look();
  await ada.page.emulateMedia({ colorScheme: 'dark' });
  await untilTabs(async () => String((await look()).ink) !== String(light.ink), 'another ink');
  const dark = await look();
  assert.deepEqual([light.ground, dark.ground], [0, 0]);
  const sum = (ink) => ink.reduce((a, b) => a + b);
  assert.ok(light.paper !== dark.paper && sum(dark.ink) > sum(light.ink), JSON.stringify({ light, dark }));
  await ada.page.emulateMedia({ colorScheme: null });
  await ada.type('/unload whiteboard');
  await board.waitFor({ state: 'detached' });
});

test('a newer version on the smallest telephone: its button is one word on one line; what has the focus is not printed so', async () => {
  await sized(320);
  await ada.run(async () => {
    const { texts } = await import('/texts.js');
    document.getElementById('newer').hidden = false;
    document.getElementById('newer-text').textContent = texts.newer;
  });
  const { height } = await box('#newer-reload');
  await ada.run(() => { document.getElementById('newer').hidden = true; });
  assert.ok(height > 20 && height < 40, `${height} px`);
  await ada.page.locator('#scroll').focus();
  await ada.page.keyboard.press('Shift');
  const ring = () => ada.run(() => getComputedStyle(document.getElementById('scroll')).outlineStyle);
  assert.equal(await ring(), 'solid');
  await ada.page.emulateMedia({ media: 'print' });
  assert.equal(await ring(), 'none');
  await ada.page.emulateMedia({ media: null });
});

test('what is beside the line is in its middle', async () => {
  await sized(1100);
  const [clip, send] = await Promise.all(['#attach', '#send'].map(box));
  assert.equal(clip.y + clip.height / 2, send.y + send.height / 2);
});

test('a button whose words say what a press does says no state beside them, which would be the reverse', async () => {
  for (const name of ['.user-mute', '.user-ignore']) {
    const spoken = () => ada.run((which) => {
      const button = document.querySelector(`#users ${which}`);
      return [button.getAttribute('aria-label'), button.getAttribute('aria-pressed')];
    }, name);
    const [before] = await spoken();
    await ada.page.locator(`#users ${name}`).click();
    await untilTabs(async () => (await spoken())[0] !== before, `${before}, and back`);
    assert.equal((await spoken())[1], null);
    await ada.page.locator(`#users ${name}`).click();
    await untilTabs(async () => (await spoken())[0] === before, before);
  }
});

test('a new passphrase: how hard it is to guess is said while it is typed, and nothing once it is gone', async () => {
  const [tab] = await stage.tabs(1);
  await tab.page.locator('#login-keep summary').click();
  const said = (text) => tab.page.locator('#passphrase-strength', { hasText: text }).waitFor();
  for (const [typed, text] of [['password', 'Easy to guess.'], ['correct horse battery staple', 'Hard to guess.']]) {
    await tab.page.locator('#passphrase').fill(typed);
    await said(text);
  }
  await tab.page.locator('#passphrase').fill('');
  assert.equal(await tab.page.locator('#passphrase-strength').textContent(), '');
  await tab.page.close();
});

test('at twice and four times the size all of the window of the swarm can be reached', async () => {
  await sized(1100);
  await ada.run(() => document.getElementById('swarm-open').click());
  await ada.page.locator('#swarm-list button').first().waitFor();
  for (const [width, height] of [[550, 400], [320, 256]]) {
    await sized(width, height);
    await ada.page.locator('#swarm-list button').last().scrollIntoViewIfNeeded();
    const { top, bottom } = await box('#swarm-list li:last-child button');
    assert.ok(top >= 0 && bottom <= height + 1, `${top} to ${bottom} of ${height} px`);
    const end = await ada.run(() => { // by the wheel, as people do
      const swarm = document.getElementById('swarm');
      return getComputedStyle(swarm).overflowY !== 'hidden' || swarm.scrollHeight <= swarm.clientHeight;
    });
    assert.ok(end, 'what does not fit is cut off');
  }
  await ada.page.keyboard.press('Escape');
  await sized(1100);
});

test('that a message waits is said while it does, and no longer', async () => {
  const [cy, dan] = await stage.people(['Cy', 'Dan'], {
    before: () => { // without what looks again, every five seconds or for another reason
      const every = window.setInterval;
      const stop = (event) => window.isQuiet && event.stopImmediatePropagation();
      Object.assign(window, { setInterval: (fn, ms, ...rest) => (ms === 5000 ? 0 : every(fn, ms, ...rest)) });
      for (const name of ['nktstatus', 'nktwebrtcseen', 'nktwebrtcleft', 'nktsession']) window.addEventListener(name, stop);
    },
  });
  await cy.run(() => { window.isQuiet = true; });
  const busy = dan.run(() => { for (const end = performance.now() + 4000; performance.now() < end;); });
  await cy.type('answered late');
  const waiting = cy.page.locator('#counters', { hasText: 'waiting' });
  await waiting.waitFor();
  await busy;
  await waiting.waitFor({ state: 'detached' });
});

test('nothing was thrown, nor refused', () => clean(ada, bob));
