// SPDX-License-Identifier: GPL-3.0-or-later
// Side by side with what people would take instead: `npm run bench:beside`. One small chat in each (beside/*.js), each with the server
// that its own documentation names, on loopback, in the same Chromium, one after the other:
//   lines       of that program
//   kilobytes   that a browser loads for it, gzipped
//   first_ms    the second of two tabs loads its page: until the first has heard a word of it
//   after_kill  of 20 messages each way said after the server was killed, how many were heard
//   away        the second tab is gone for 3 s and loaded again: of 5 messages said meanwhile, how many it hears
//   addresses   whether its server can read the network addresses of who meets
//   ten         of 90 pairs (each way) among ten tabs, how many are linked 20 s after the last was loaded
import { launch } from '../../tests/support/chromium.mjs';
import { freePort } from '../../tests/support/ports.mjs';
import { bundleOf, linesOf, servePages, SIDES } from './beside/sides.mjs';
import { machine } from './machine.mjs';
import { attempt, progress, sleep, spread, within } from './support.mjs';

const TRIES = Number(process.argv.find((one) => one.startsWith('--tries='))?.slice(8) ?? 5);
const ONLY = process.argv.find((one) => one.startsWith('--only='))?.slice(7).split(',') ?? Object.keys(SIDES);
const WAIT_MS = 20_000;
const SETTLE_MS = 1500;
const PART_MS = 60_000;

/** Runs in a page: what it heard that begins so. */
const count = (page, start) => page.evaluate((begin) => all.filter(({ text }) => text.startsWith(begin)).length, start);

class Side {
  /** @param {string} name @param {import('playwright-core').Browser} browser @param {string} pages */
  constructor(name, browser, pages) {
    Object.assign(this, { name, browser, pages });
  }

  async start() {
    const { child, server } = await SIDES[this.name].serve(await freePort());
    this.child = child;
    this.server = server;
    this.context = await this.browser.newContext();
    this.room = `beside-${this.name}-${Math.random().toString(36).slice(2)}`;
  }

  async stop() {
    await within(this.context.close(), 10_000, 'closing tabs').catch(() => {});
    this.child.kill('SIGKILL');
  }

  async open(nick) {
    const page = await this.context.newPage();
    const query = new URLSearchParams({ nick, room: this.room, server: this.server });
    await page.goto(`${this.pages}${this.name}?${query}`);
    await page.waitForFunction(() => window.say);
    return page;
  }

  /** In a tab: says something at once, and again until it is heard, as a person would. */
  greet(page, text) {
    return page.evaluate((word) => {
      const timer = setInterval(() => window.others() > 0 && window.say(word), 20);
      window.stopGreeting = () => clearInterval(timer);
    }, text);
  }

  async pair() {
    const ada = await this.open('Ada');
    await sleep(SETTLE_MS);
    const bob = await this.open('Bob');
    await this.greet(bob, 'hello');
    await ada.waitForFunction(() => all.length > 0, undefined, { timeout: WAIT_MS });
    await bob.evaluate(() => window.stopGreeting());
    const [{ at }] = await ada.evaluate(() => all);
    return { ada, bob, firstMs: at - await bob.evaluate(() => began) };
  }
}

/** Runs one part with servers and tabs of its own. @param {Side} side @param {(side: Side) => Promise<any>} part */
async function fresh(side, part) {
  await side.start();
  try {
    return await within(part(side), PART_MS, side.name);
  } finally {
    await side.stop();
  }
}

const PARTS = {
  async first_ms(side) {
    return (await side.pair()).firstMs;
  },
  async after_kill_of_40(side) {
    const { ada, bob } = await side.pair();
    side.child.kill('SIGKILL');
    await sleep(500);
    for (let i = 0; i < 20; i++) {
      await ada.evaluate((n) => window.say(`a${n}`), i).catch(() => {});
      await bob.evaluate((n) => window.say(`b${n}`), i).catch(() => {});
    }
    await sleep(5000);
    return await count(bob, 'a') + await count(ada, 'b');
  },
  async away_of_5(side) {
    const { ada, bob } = await side.pair();
    await bob.goto('about:blank');
    for (let i = 0; i < 5; i++) {
      await sleep(600);
      await ada.evaluate((n) => void window.say(`meanwhile ${n}`), i).catch(() => {});
    }
    await bob.goBack();
    await bob.waitForFunction(() => all.filter(({ text }) => text.startsWith('meanwhile')).length === 5, undefined, { timeout: WAIT_MS })
      .catch(() => {});
    return count(bob, 'meanwhile');
  },
  /** What goes over the tabs' WebSockets, as the server gets it. */
  async addresses(side) {
    let text = '';
    side.context.on('page', (page) => page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => (text += payload.toString('latin1')));
    }));
    await side.pair();
    return /candidate:\d|c=IN IP[46]/.test(text);
  },
  async ten_of_90(side) {
    const tabs = [];
    for (let i = 0; i < 10; i++) tabs.push(await side.open(`n${i}`));
    await sleep(20_000);
    const links = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.others())));
    return links.reduce((sum, one) => sum + one, 0);
  },
};

async function measure(name, browser, pages, size) {
  const side = new Side(name, browser, pages);
  const firstTimes = [];
  for (let i = 0; i < TRIES; i++) firstTimes.push(await attempt(name, () => fresh(side, PARTS.first_ms)));
  const result = { lines: linesOf(name), kilobytes: Math.round(size / 1000), first_ms: spread(firstTimes, 0) };
  for (const [key, part] of Object.entries(PARTS).filter(([, one]) => one !== PARTS.first_ms)) {
    result[key] = await attempt(`${name} ${key}`, () => fresh(side, part));
    progress(`${name}: ${key} ${result[key]}`);
  }
  return result;
}

const bundles = new Map();
for (const name of ONLY) bundles.set(name, await bundleOf(name));
const pages = await servePages(bundles);
const browser = await launch({ isWhole: true });
try {
  const result = { machine: machine() };
  for (const name of ONLY) result[name] = await measure(name, browser, pages.url, bundles.get(name).size);
  console.log(JSON.stringify(result, null, 2));
} finally {
  await browser.close();
  pages.close();
}
process.exit(0);
