// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the page stays smooth with thousands of messages, whatever somebody does: the longest task of each thing, as it lasted and by
// what it took of the processor (trace.mjs).
import { WebSocket } from 'ws';
import { Nkt } from '../../glue/nkt.js';
import { attempt, bar, progress, round, sleep } from './support.mjs';
import { traced } from './trace.mjs';

const LONG_MS = 50;
const WAIT_MS = 120_000;
const REST_MS = 700; // after each thing: what it left to be done later is its own
const ROOM_COUNT = 5000; // messages
const TALK_COUNT = 3000; // with each of two people alone
const SHORT_COUNT = 2000; // in a room that is left
const HIDDEN_COUNT = 3000; // in a room that is not shown
const LINE_LENGTH = 60_000;

/** In the page, before its scripts: all tasks of more than 50 ms. */
function watch() {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ at: startTime, ms: duration });
  }).observe({ type: 'longtask', buffered: true });
}

/** In the page: so many messages, as the API tells of them. to: to this person alone. */
async function hear([count, from, options]) {
  const { isPrivate = false, name = 'm', peer = 0 } = options;
  const authors = from ?? Object.keys(window.nkt.userList);
  const target = peer ? window.others[peer - 1] : window;
  for (let i = 0; i < count; i++) {
    const detail = `${name} ${i}: ${'word '.repeat(1 + (i % 30))}`;
    const said = {
      from: authors[i % authors.length], to: isPrivate ? window.nkt.mySwarm.address() : null, id: name + String(i).padStart(31, 'f'),
      date: Date.now(), encrypted: true,
    };
    target.dispatchEvent(Object.assign(new CustomEvent('nktencryptedmessagereceived', { detail }), said));
    if (i % 20 === 0) await new Promise((done) => { setTimeout(done); });
  }
}

/** Of each thing that is done: its longest task, and how many were too long. */
class Watch {
  #page;
  #found = {};

  constructor(page) {
    this.#page = page;
  }

  async during(name, act, restMs = REST_MS) {
    const page = this.#page;
    await page.evaluate(() => { window.longTasks.length = 0; });
    const cpu = await traced(page, name, async () => {
      await act();
      await sleep(restMs);
    });
    const tasks = (await page.evaluate(() => window.longTasks)).map(({ ms }) => ms);
    this.#found[name] = {
      long_tasks: tasks.length, longest_ms: round(Math.max(0, ...tasks)), longest_cpu_ms: bar(round(cpu), '<=', LONG_MS),
    };
    progress(`smooth: ${name}: CPU ${Math.round(cpu)} ms; ${tasks.length} long, ${tasks.map(Math.round).join(' ')}`);
  }

  get found() {
    return this.#found;
  }
}

async function person(relay, room, nick) {
  const nkt = new Nkt({ WebSocket });
  await nkt.init({ nick, room, relays: [relay], trackers: [], RTCPeerConnection: null, WebSocket, storage: 'none' });
  return nkt;
}

/** @param {any} bench @param {string} room */
async function enter(bench, room) {
  const context = await bench.browser.newContext({ viewport: { width: 1100, height: 680 } });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  await page.addInitScript(watch);
  await page.goto(`${bench.url.nkt}#room=${room}`);
  await page.locator('#nick').fill('reader');
  await page.locator('#nick').press('Enter');
  await page.locator('#line').waitFor();
  return page;
}

async function smooth(bench) {
  const room = `smooth-${Date.now()}`;
  const page = await enter(bench, room);
  const [relay] = bench.config('relay', room).relays;
  const people = await Promise.all(['Ada', 'Bob', 'Cleo'].map((nick) => person(relay, room, nick)));
  const watched = new Watch(page);
  const go = async (name) => {
    await page.evaluate((hash) => { window.location.hash = `room=${hash}`; }, name);
    await page.waitForFunction((wanted) => window.nkt.room === wanted && window.nkt.roomId, name);
  };
  try {
    await page.waitForFunction(() => Object.keys(window.nkt.userList).length === 3);
    const [ada, bob, cleo] = people.map((nkt) => nkt.mySwarm.address());
    // in the page: Playwright looks through all of it for what is to be pressed
    const press = (selector) => page.evaluate((which) => { [...document.querySelectorAll(which)].at(-1).click(); }, selector);
    const focus = (id) => page.evaluate((which) => document.getElementById(which).focus(), id);
    const write = (id, text) => page.evaluate(([which, value]) => {
      const field = document.getElementById(which);
      field.focus();
      field.value = value;
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }, [id, text]);
    const row = (addr, what) => press(`#users [data-address="${addr}"] ${what}`);
    const talk = (addr) => press(`#talks [data-talk="${addr}"] button`);
    await sleep(6000); // windows are fetched ahead
    const type = (text) => page.keyboard.type(text, { delay: 10 });

    await watched.during('hear', () => page.evaluate(hear, [ROOM_COUNT, null, {}]));
    await watched.during('scroll', async () => {
      await page.mouse.move(400, 300);
      for (let i = 0; i < 60; i++) await page.mouse.wheel(0, i < 40 ? -4000 : 6000);
    });
    await watched.during('type', async () => {
      await focus('line');
      await type('The quick brown fox jumps. '.repeat(3));
    });
    await watched.during('say', () => page.keyboard.press('Enter'));
    await watched.during('paste 60,000 letters', () => page.evaluate((size) => {
      document.getElementById('line').focus();
      document.execCommand('insertText', false, 'word and another '.repeat(size / 17));
    }, LINE_LENGTH - 3000));
    await watched.during('type behind them', () => type('and more'));
    await watched.during('say them', () => page.keyboard.press('Enter'));
    await watched.during('search', async () => {
      await press('#search-open');
      await page.waitForFunction(() => document.activeElement?.id === 'search-line');
      await type('word 4711 zzz');
    });
    await watched.during('search for what is everywhere', () => write('search-line', 'word'), 1500);
    await watched.during('go to what was found', () => press('#search-found button'));
    await watched.during('back down', () => press('#jump'));
    const oldest = await page.evaluate((addr) => document.querySelector(`.message[data-from="${addr}"]`).dataset.id, ada);
    await watched.during('reaction to an old one', () => page.evaluate(([id, from]) => {
      window.dispatchEvent(Object.assign(new CustomEvent('nktencryptedmessagereceived', { detail: { react: { id, n: 1, signs: ['👍'] } } }),
        { from, to: null, id: 'reaction', date: Date.now(), encrypted: true }));
    }, [oldest, bob]));
    await watched.during('menu of a message', () => press('#messages .chunk:last-child .message:last-child .more'));
    await watched.during('close it', () => page.keyboard.press('Escape'));
    await watched.during('resize', async () => {
      for (const width of [700, 500, 1100]) {
        await page.setViewportSize({ width, height: 680 });
        await sleep(200);
      }
    });
    await watched.during('dark', () => page.emulateMedia({ colorScheme: 'dark' }));
    await watched.during('light', () => page.emulateMedia({ colorScheme: 'light' }));
    await watched.during('ignore', () => row(ada, '.user-ignore'));
    await watched.during('unignore', () => row(ada, '.user-ignore'));
    await watched.during('somebody else has the nick', () => page.evaluate((addr) => {
      window.nkt.userList[addr].nick = 'Bob';
      window.dispatchEvent(new CustomEvent('nktstatus', { detail: {} }));
    }, ada));
    await watched.during('settings', () => press('#settings-open'));
    await watched.during('close settings', () => page.keyboard.press('Escape'));

    await watched.during('hear privately', () => page.evaluate(hear, [TALK_COUNT, [bob], { isPrivate: true, name: 'p' }]));
    await watched.during('a conversation', () => talk(bob));
    await watched.during('hear in it', () => page.evaluate(hear, [TALK_COUNT, [bob], { isPrivate: true, name: 'q' }]));
    await watched.during('say in it', async () => {
      await write('line', 'hello');
      await page.keyboard.press('Enter');
    });
    await watched.during('back in the room', () => talk(''));
    await watched.during('an empty conversation', () => row(cleo, '.user-write'));
    await watched.during('back again', () => talk(''));
    await watched.during('clear', async () => {
      await write('line', '/clear');
      await page.keyboard.press('Enter');
    });

    await page.evaluate(hear, [SHORT_COUNT, null, { name: 'r' }]);
    await sleep(REST_MS);
    await watched.during('another room', () => go(`${room}-2`), 1500);
    await watched.during('back in the first', () => go(room), 1500);
    await page.evaluate(hear, [SHORT_COUNT, null, { name: 's' }]);
    await watched.during('an open room', () => go(`${room}-2`), 1500);
    await page.evaluate(() => { window.others = window.nkt.rooms.filter((one) => one !== window.nkt); });
    await watched.during('hear in a hidden room', () => page.evaluate(hear, [HIDDEN_COUNT, [ada, bob, cleo], { name: 't', peer: 1 }]));
    await watched.during('back where 500 are new', () => go(room), 3000);
    await page.evaluate(hear, [SHORT_COUNT, null, { name: 'u' }]);
    await watched.during('leave', () => press('#leave'), 1500);
    return watched.found;
  } finally {
    await Promise.all(people.map((nkt) => nkt.close()));
    await page.context().close();
  }
}

export async function measureSmooth(bench, tries) {
  if (!bench.has.has('nkt')) return 'skipped';
  const runs = [];
  for (let i = 0; i < tries; i++) runs.push(await attempt('smooth', () => smooth(bench)));
  return runs.length === 1 ? runs[0] : runs;
}
