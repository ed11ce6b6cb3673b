// SPDX-License-Identifier: GPL-3.0-or-later
// From a cold page load (empty cache) to the first message shown, logging in through the real page.
import { attempt, bar, progress, sleep, spread, within } from './support.mjs';

const WAIT_MS = 15_000;

async function login(tab, nick) {
  const field = tab.locator('#nick');
  await field.fill(nick);
  await field.press('Enter');
}

/** In the page, before its own scripts: notes when `text` shows up. */
function watch(text) {
  window.shown = new Promise((done) => {
    const look = () => {
      if (!document.body?.textContent.includes(text)) return;
      observer.disconnect();
      requestAnimationFrame(() => done(performance.now()));
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true, characterData: true });
  });
}

async function once(bench, text, room) {
  const url = `${bench.url.nkt}#room=${room}`;
  const contexts = [await bench.browser.newContext(), await bench.browser.newContext()];
  try {
    for (const context of contexts) context.setDefaultTimeout(WAIT_MS);
    const [first, second] = await Promise.all(contexts.map((context) => context.newPage()));
    await first.goto(url);
    await login(first, 'first');
    await first.evaluate((value) => {
      window.addEventListener('nktnewpeer', (event) => {
        window.nkt.sendEncryptedMessage(value, event.detail.data.addr);
      }, { once: true });
    }, text);
    await sleep(1_000);
    await second.addInitScript(watch, text);
    await second.goto(url, { waitUntil: 'commit' });
    await login(second, 'second');
    return await within(second.evaluate(() => window.shown), WAIT_MS, 'first message shown');
  } finally {
    await Promise.all(contexts.map((context) => within(context.close(), 10_000, 'closing').catch(() => {})));
  }
}

export async function measureLoad(bench, tries) {
  if (!bench.has.has('nkt')) return 'skipped';
  const times = [];
  for (let i = 0; i < tries; i++) {
    times.push(await attempt('load', () => once(bench, `hello number ${i}`, `load-${i}-${Date.now()}`)));
    progress(`load ${i + 1}/${tries}: ${Math.round(times.at(-1))} ms`);
  }
  const result = spread(times, 0);
  return { first_message_shown_ms: result, within_1500_ms: bar(result.median ?? NaN, '<=', 1500) };
}
