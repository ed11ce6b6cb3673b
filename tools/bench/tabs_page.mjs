// SPDX-License-Identifier: GPL-3.0-or-later
// How the page feels in a room of 200 people, each of whom wrote to one alone as well, after 5,000 messages; and after 10,000 long ones.
import { readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { WebSocket } from 'ws';
import { Nkt } from '../../glue/nkt.js';
import { attempt, bar, progress, round, sleep } from './support.mjs';
import { traced } from './trace.mjs';

const LONG_MS = 50;
const USER_COUNT = 200;
const PRIVATE_COUNT = 1000;
const MESSAGE_COUNT = 5000;
const MESSAGES_AT_ONCE = 20;
const JOIN_AT_ONCE = 10;
const WAIT_MS = 120_000;
const LONG_COUNT = 10_000; // messages of ...
const LONG_SIZE = 59_000; // ... so many letters
const LONG_MB_MAX = 300;

/** In the page, before its own scripts: every task of more than 50 ms, and what was heard. */
function watch() {
  window.longTasks = [];
  window.heardCount = 0;
  window.addEventListener('nktencryptedmessagereceived', () => { window.heardCount++; });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ at: startTime, ms: duration });
  }).observe({ type: 'longtask', buffered: true });
}

/** People who have the relay alone: cores in this process. */
async function gather(relay, room) {
  const people = [];
  for (let i = 0; i < USER_COUNT; i += JOIN_AT_ONCE) {
    people.push(...await Promise.all(Array.from({ length: JOIN_AT_ONCE }, async (_, k) => {
      const nkt = new Nkt({ WebSocket });
      await nkt.init({ nick: `user ${i + k}`, room, relays: [relay], trackers: [], RTCPeerConnection: null, WebSocket, storage: 'none' });
      return nkt;
    })));
    progress(`page: ${people.length} people`);
  }
  return people;
}

/** Everybody writes to one alone: as many conversations as there are people. */
async function writePrivately(page, people, address) {
  let said = 0;
  while (said < PRIVATE_COUNT) {
    const speakers = people.slice(0, Math.min(people.length, PRIVATE_COUNT - said));
    await Promise.all(speakers.map((nkt, i) => nkt.sendEncryptedMessage(`message ${said + i}`, address)));
    said += speakers.length;
    await page.waitForFunction((count) => window.heardCount >= count, said);
    progress(`page: ${said} private messages`);
  }
}

/** Those who are there talk to everybody: by the events of the API, or 200 cores in one process would decrypt a million messages. */
async function talk(page) {
  await page.evaluate(async ([count, atOnce]) => {
    const people = Object.keys(window.nkt.userList);
    for (let i = 0; i < count; i++) {
      const detail = `message ${i}: ${'word '.repeat(1 + (i % 30))}`;
      const said = { from: people[i % people.length], to: null, id: String(i).padStart(32, 'f'), date: Date.now(), encrypted: true };
      window.dispatchEvent(Object.assign(new CustomEvent('nktencryptedmessagereceived', { detail }), said));
      if (i % atOnce === 0) await new Promise((done) => { setTimeout(done); });
    }
  }, [MESSAGE_COUNT, MESSAGES_AT_ONCE]);
  progress(`page: ${MESSAGE_COUNT} messages`);
}

/** Tasks over 50 ms while somebody does something, and what the longest of all took of the processor. */
async function during(page, what, act) {
  await page.evaluate(() => { window.longTasks.length = 0; });
  const cpu = await traced(page, what, async () => {
    await act();
    await sleep(500);
  });
  const tasks = (await page.evaluate(() => window.longTasks)).map(({ ms }) => ms);
  return { long_tasks: tasks.length, longest_ms: bar(round(Math.max(0, ...tasks)), '<=', LONG_MS), longest_cpu_ms: round(cpu) };
}

/** Calls act while this process, all of whose people would be on other machines, leaves the processors to the browser. */
async function behind(act) {
  const before = getPriority();
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  try {
    return await act();
  } finally {
    try {
      setPriority(before);
    } catch {
      progress('page: what is measured next runs at a low priority, too'); // whoever is not root cannot take it back
    }
  }
}

async function crowd(bench) {
  const room = `page-${Date.now()}`;
  const [relay] = bench.config('relay', room).relays;
  const context = await bench.browser.newContext({ viewport: { width: 1100, height: 680 } });
  context.setDefaultTimeout(WAIT_MS);
  let people = [];
  try {
    const page = await context.newPage();
    await page.addInitScript(watch);
    await page.goto(`${bench.url.nkt}#room=${room}`);
    await page.locator('#nick').fill('reader');
    await page.locator('#nick').press('Enter');
    await page.locator('#line').waitFor();
    const address = await page.evaluate(() => window.nkt.mySwarm.address());
    people = await gather(relay, room);
    await page.waitForFunction((count) => Object.keys(window.nkt.userList).length >= count, USER_COUNT);
    const begunMs = Date.now();
    while (!people.every((nkt) => nkt.userList[address]) && Date.now() - begunMs < WAIT_MS) await sleep(200);
    const met = people.filter((nkt) => nkt.userList[address]); // all of them, unless the machine is very busy
    const privately = await during(page, 'writePrivately', () => writePrivately(page, met, address));
    await sleep(3000); // acknowledgements, ticks
    const heard = await during(page, 'talk', () => talk(page));
    const scroll = await during(page, 'scroll', async () => {
      await page.mouse.move(400, 300);
      for (let i = 0; i < 60; i++) await page.mouse.wheel(0, i < 40 ? -4000 : 6000);
    });
    const type = await during(page, 'type', async () => {
      await page.evaluate(() => document.getElementById('line').focus()); // Playwright looks through all of the page
      await page.keyboard.type('The quick brown fox jumps over the lazy dog. '.repeat(4), { delay: 10 });
    });
    const say = await during(page, 'say', () => page.keyboard.press('Enter'));
    const shown = await page.evaluate(() => document.querySelectorAll('#messages .message').length);
    return {
      people: USER_COUNT, conversations: met.length, messages: shown,
      private_messages: privately, hearing: heard, scrolling: scroll, typing: type, saying: say,
    };
  } finally {
    await Promise.all(people.map((nkt) => nkt.close()));
    await context.close();
  }
}

/** Resident memory of the largest renderer, in MB. */
async function rendererMb(bench) {
  const session = await bench.browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const sizes = processInfo.filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1024);
  await session.detach();
  return Math.max(...sizes);
}

/** What the page needs when five people send long messages without end. They come in by the events of the API. */
async function flood(bench) {
  const context = await bench.browser.newContext({ viewport: { width: 1100, height: 680 } });
  context.setDefaultTimeout(WAIT_MS);
  try {
    const page = await context.newPage();
    await page.addInitScript(watch);
    await page.goto(`${bench.url.nkt}#room=flood-${Date.now()}`);
    await page.locator('#nick').fill('reader');
    await page.locator('#nick').press('Enter');
    await page.locator('#line').waitFor();
    const heard = await during(page, 'flood', () => page.evaluate(async ([count, size]) => {
      const bytes = new TextEncoder().encode(JSON.stringify('word and another '.repeat(size / 17)));
      for (let i = 0; i < count; i++) {
        bytes.set(new TextEncoder().encode(String(i).padStart(8, '0')), 1);
        const detail = JSON.parse(new TextDecoder().decode(bytes)); // no more waste than nkt.js makes of what comes from the core
        const event = new CustomEvent('nktencryptedmessagereceived', { detail });
        Object.assign(event, { from: `B${'x'.repeat(32)}${i % 5}`, id: String(i).padStart(32, '0'), date: Date.now(), encrypted: true });
        window.dispatchEvent(event);
        if (i % 3 === 0) await new Promise((done) => { setTimeout(done); });
      }
    }, [LONG_COUNT, LONG_SIZE]));
    const scroll = await during(page, 'scroll', async () => {
      await page.mouse.move(400, 300);
      for (let i = 0; i < 40; i++) await page.mouse.wheel(0, -3000);
    });
    return {
      messages: LONG_COUNT, kb_each: LONG_SIZE / 1000, shown: await page.locator('#messages .message').count(),
      renderer_mb: bar(round(await rendererMb(bench)), '<=', LONG_MB_MAX),
      hearing: heard, scrolling: scroll,
    };
  } finally {
    await context.close();
  }
}

export async function measurePage(bench) {
  if (!bench.has.has('nkt')) return 'skipped';
  return {
    crowd: await attempt('crowd', () => behind(() => crowd(bench))),
    long_messages: await attempt('long messages', () => flood(bench)),
  };
}
