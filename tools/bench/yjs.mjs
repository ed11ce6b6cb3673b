// SPDX-License-Identifier: GPL-3.0-or-later
// Shared documents, nkt/yjs beside y-webrtc in one run: real tabs, each in a browser context of its own, so that nothing goes past WebRTC.
// Usage: node yjs.mjs [sync] [edit] [tabs] [--tries=10] [--count=20]. JSON on stdout, progress on stderr.
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { serveFolder } from '../docs/serve.mjs';
import { launch } from '../../tests/support/chromium.mjs';
import { freePort } from '../../tests/support/ports.mjs';
import { editTogether } from '../../tests/support/yjs_crowd.mjs';
import { machine } from './machine.mjs';
import { attempt, bar, HERE, median, progress, quantile, ratio, ROOT, round, spread, startServer, within } from './support.mjs';

const SIDES = ['nkt', 'yrtc'];
const LARGE = 1_000_000; // letters, a byte each
const SMALL = 200_000; // what y-webrtc can send: a message of its is the whole document, and Chromium sends 256 KiB at most
const WAIT_MS = 15_000;
const WARM_UP = 20;
const EDITS = 200;
const EVERY_MS = 25;
const SIGNALLING = `${HERE}node_modules/y-webrtc/bin/server.js`;

/** Both pages, as an application would bundle them. */
async function pages() {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-bench-yjs-'));
  const sources = { nkt: `${ROOT}tests/support/yjs_page.js`, yrtc: `${HERE}page_yrtc.js` };
  await build({ entryPoints: sources, bundle: true, format: 'esm', splitting: true, minify: true, outdir: folder, logLevel: 'error' });
  copyFileSync(`${ROOT}build/wasm/core.wasm`, join(folder, 'core.wasm'));
  for (const side of SIDES) {
    const html = `<!doctype html><meta charset="utf-8"><title>${side}</title><script type="module" src="${side}.js"></script>`;
    writeFileSync(join(folder, `${side}.html`), html);
  }
  const site = await serveFolder(folder);
  return { url: site.url, stop: () => site.stop().then(() => rmSync(folder, { recursive: true })) };
}

async function openBench() {
  const [port, trackerPort, signalling] = [await freePort(), await freePort(), await freePort()];
  const ports = { PORT: String(port), TRACKER_PORT: String(trackerPort) };
  const servers = [
    await startServer(`${ROOT}tools/tracker.js`, ports, trackerPort), await startServer(`${ROOT}tools/app.js`, ports, port),
    await startServer(SIGNALLING, { PORT: String(signalling) }, signalling),
  ];
  const site = await pages();
  const browser = await launch({ isWhole: true }); // as people have it
  const configs = {
    nkt: { relays: [`ws://localhost:${port}/relay`], trackers: [`ws://localhost:${trackerPort}`], iceServers: [] },
    yrtc: { signaling: [`ws://localhost:${signalling}`], peerOpts: { config: { iceServers: [] } } },
  };
  return {
    /** Two loaded tabs with a document each, which nobody shares yet. @param {string} side */
    async pair(side) {
      const contexts = await Promise.all([0, 1].map(() => browser.newContext()));
      const tabs = await Promise.all(contexts.map(async (context) => {
        const tab = await context.newPage();
        await tab.goto(`${site.url}/${side}.html`);
        await tab.waitForFunction(() => globalThis.shared);
        await tab.evaluate(() => globalThis.shared.open());
        return tab;
      }));
      return { tabs, close: () => within(Promise.all(contexts.map((context) => context.close())), 10_000, 'closing tabs') };
    },
    config: (side, room, nick) => ({ ...configs[side], room, ...(side === 'nkt' && { nick }) }),
    async close() {
      await within(browser.close(), 10_000, 'closing Chromium').catch(() => {});
      await site.stop();
      servers.forEach((server) => server.kill('SIGKILL'));
    },
  };
}

const joined = (tab, config) => tab.evaluate((given) => globalThis.shared.join(given), config);
const linked = (tab) => tab.waitForFunction(() => globalThis.shared.direct() === 1, undefined, { timeout: WAIT_MS });

/** From the call that joins, in a loaded tab, until all that the other one wrote before is here. @returns {Promise<number>} ms */
async function syncOnce(bench, side, size) {
  const room = `sync-${side}-${Math.random()}`;
  const { tabs: [a, b], close } = await bench.pair(side);
  try {
    await a.evaluate((count) => globalThis.shared.text().insert(0, 'words and words and '.repeat(count)), size / 20);
    await joined(a, bench.config(side, room, 'a'));
    await a.waitForTimeout(1000); // it waits in the room
    const reached = b.evaluate((length) => globalThis.shared.reaches(length), size);
    reached.catch(() => {});
    const from = await joined(b, bench.config(side, room, 'b'));
    return await within(reached, WAIT_MS, `${side}: ${size} bytes`) - from;
  } finally {
    await close();
  }
}

async function measureSync(bench, tries, size) {
  const times = Object.fromEntries(SIDES.map((side) => [side, []]));
  for (let i = 0; i < tries; i++) {
    for (const side of i % 2 ? SIDES : [...SIDES].reverse()) {
      times[side].push(await attempt(side, () => syncOnce(bench, side, size)));
    }
    progress(`sync ${size} ${i + 1}/${tries}: ${SIDES.map((side) => `${side} ${round(times[side].at(-1))} ms`).join('; ')}`);
  }
  const of = Object.fromEntries(SIDES.map((side) => [side, spread(times[side])]));
  return { bytes: size, ...of, to_yrtc: bar(ratio(of.nkt.median ?? NaN, of.yrtc.median), '<=', 1) };
}

/** One edit after the other, timed from the edit to the observer in the other tab. @returns {Promise<{p50: number, p95: number}>} ms */
async function editOnce(bench, side) {
  const room = `edit-${side}-${Math.random()}`;
  const { tabs: [a, b], close } = await bench.pair(side);
  try {
    for (const [tab, nick] of [[a, 'a'], [b, 'b']]) await joined(tab, bench.config(side, room, nick));
    await Promise.all([a, b].map(linked));
    await a.waitForTimeout(500);
    await b.evaluate(() => {
      const map = globalThis.shared.doc.getMap('m');
      globalThis.times = [];
      map.observe(() => globalThis.times.push(globalThis.shared.clock() - map.get('at')));
    });
    await a.evaluate(async ({ count, everyMs }) => {
      const map = globalThis.shared.doc.getMap('m');
      for (let i = 0; i < count; i++) {
        map.set('at', globalThis.shared.clock());
        await new Promise((done) => setTimeout(done, everyMs));
      }
    }, { count: WARM_UP + EDITS, everyMs: EVERY_MS });
    await a.waitForTimeout(500);
    const times = (await b.evaluate(() => globalThis.times)).slice(WARM_UP);
    return { p50: median(times), p95: quantile(times, 0.95), count: times.length };
  } finally {
    await close();
  }
}

async function measureEdit(bench, tries) {
  const runs = Object.fromEntries(SIDES.map((side) => [side, []]));
  for (let i = 0; i < tries; i++) {
    for (const side of i % 2 ? SIDES : [...SIDES].reverse()) runs[side].push(await attempt(side, () => editOnce(bench, side)));
    progress(`edit ${i + 1}/${tries}: ${SIDES.map((side) => `${side} ${round(runs[side].at(-1).p50, 2)} ms`).join('; ')}`);
  }
  const of = Object.fromEntries(SIDES.map((side) => [side, {
    p50_ms: spread(runs[side].map(({ p50 }) => p50), 2), p95_ms: spread(runs[side].map(({ p95 }) => p95), 2),
    observed: spread(runs[side].map(({ count }) => count), 0),
  }]));
  return { edits: EDITS, ...of, to_yrtc: bar(ratio(of.nkt.p50_ms.median ?? NaN, of.yrtc.p50_ms.median), '<=', 1) };
}

const args = process.argv.slice(2);
const option = (name, other) => Number(args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1]) || other;
const isWanted = (name) => args.every((arg) => arg.startsWith('--')) || args.includes(name);
const tries = option('tries', 10);
const result = { machine: machine() };
if (!existsSync(SIGNALLING) || !existsSync(`${ROOT}build/wasm/core.wasm`)) {
  progress('skipped: node tools/build.mjs wasm; npm --prefix tools/bench ci');
  console.log(JSON.stringify({ ...result, yjs: 'skipped' }));
  process.exit(0);
}
const bench = await openBench();
try {
  if (isWanted('sync')) {
    result.sync = await measureSync(bench, tries, LARGE);
    result.sync_small = await measureSync(bench, tries, SMALL);
  }
  if (isWanted('edit')) result.edit = await measureEdit(bench, tries);
} finally {
  await bench.close();
}
if (isWanted('tabs')) {
  result.tabs = await attempt('tabs', () => editTogether({ count: option('count', 20) }));
  progress(`tabs: ${JSON.stringify(result.tabs)}`);
}
console.log(JSON.stringify(result, null, 1));
process.exit(0);
