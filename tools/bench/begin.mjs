// SPDX-License-Identifier: GPL-3.0-or-later
// Minutes and commands, each from an empty folder: `npm run bench:begin` (docs/compare.md).
//   user        the package installed, `nkt serve`, two tabs with a name each: until one hears the other
//   operator    the image of examples/container, with nothing in its root but Node and the package: until it answers
//   developer   nkt, trystero, PeerJS, y-webrtc: installed; how many lines their own READMEs take to a first message
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../../tests/support/chromium.mjs';
import { runProgram } from '../../tests/support/cli.mjs';
import { imageOf, runImage, whyNoImage } from '../../tests/support/image.mjs';
import { root } from '../setup/paths.mjs';
import { machine } from './machine.mjs';
import { progress } from './support.mjs';

/** What a README says to who wants to send a message and hear one: its blocks of code that begin so, in this order. */
const SIDES = {
  trystero: {
    install: ['trystero@0.25.4'],
    blocks: ["import {joinRoom} from 'trystero'\n", 'const config =', "const drink = room.makeAction('drink')"],
  },
  PeerJS: {
    install: ['peerjs@1.5.5'],
    blocks: ['// The usage -', 'const peer = new Peer("pick-an-id")', 'const conn = peer.connect(', 'peer.on("connection", (conn)'],
  },
  'y-webrtc': { install: ['y-webrtc@10.3.0', 'yjs@13.6.33'], blocks: ["import * as Y from 'yjs'\nimport { WebrtcProvider }"] },
  nkt: { install: [], readme: 'docs/package.md', blocks: ["import { Nkt } from 'nkt';\nimport { nodeConfig }"] },
};

const seconds = (from) => Number(((performance.now() - from) / 1000).toFixed(1));

/** @param {string} folder @returns {number} of all files in it */
const sizeOf = (folder) => readdirSync(folder, { recursive: true })
  .map((name) => statSync(join(folder, String(name)))).filter((one) => one.isFile()).reduce((sum, { size }) => sum + size, 0);

/** An empty folder with these in it. @param {string} work @param {string} name @param {string[]} wanted */
function install(work, name, wanted) {
  const folder = join(work, name);
  mkdirSync(folder);
  const from = performance.now();
  execFileSync('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', ...wanted], { stdio: 'pipe' });
  const modules = join(folder, 'node_modules');
  const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  return { folder, install_s: seconds(from), packages: Object.keys(lock.packages).length, mb: Number((sizeOf(modules) / 1e6).toFixed(1)) };
}

/** Lines of code: no blank ones, no comments. @param {string} text of a README @param {string[]} blocks */
function linesIn(text, blocks) {
  const all = [...text.matchAll(/^```(?:js|javascript|ts)\n([\s\S]*?)^```/gm)].map(([, code]) => code);
  return blocks.reduce((sum, start) => {
    const block = all.find((code) => code.startsWith(start));
    if (block === undefined) throw new Error(`no block of code begins with ${start}`);
    return sum + block.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;
  }, 0);
}

/** @param {string} work @param {string} file */
function developers(work, file) {
  return Object.fromEntries(Object.entries(SIDES).map(([name, { install: wanted, readme = 'README.md', blocks }]) => {
    progress(name);
    const { folder, ...figures } = install(work, name, wanted.length > 0 ? wanted : [file]);
    const module = wanted.length > 0 ? wanted[0].split('@')[0] : 'nkt';
    const text = readFileSync(join(folder, 'node_modules', module, readme), 'utf8');
    return [name, { lines: linesIn(text, blocks), ...figures }];
  }));
}

/** Two who open the page, and a word. @param {string} url */
async function words(url) {
  const browser = await launch();
  try {
    const [ada, grace] = await Promise.all(['Ada', 'Grace'].map(async (nick) => {
      const page = await (await browser.newContext()).newPage();
      await page.goto(url);
      await page.locator('#nick').fill(nick);
      await page.locator('#nick').press('Enter');
      await page.locator('#line').waitFor();
      return page;
    }));
    await ada.locator('#line').fill('hello');
    await ada.locator('#line').press('Enter');
    await grace.getByText('hello', { exact: true }).waitFor();
  } finally {
    await browser.close();
  }
}

/** @param {string} work @param {string} file */
async function user(work, file) {
  const from = performance.now();
  const { folder, install_s } = install(work, 'user', [file]);
  const served = runProgram(join(folder, 'node_modules', '.bin', 'nkt'), ['serve', '--port', '0', '--tracker-port', '0']);
  const line = await served.line((one) => one.includes('in two tabs'), 'where it is');
  const open_s = seconds(from);
  await words(/Open (\S+)/.exec(line)?.[1] ?? '');
  const result = { install_s, open_s, first_word_s: seconds(from) };
  served.kill('SIGINT');
  await served.ended;
  return result;
}

/** @param {string} work @param {string} file */
async function operator(work, file) {
  if (whyNoImage()) return { skipped: whyNoImage() };
  const from = performance.now();
  const { folder, install_s } = install(work, 'operator', [file]);
  const image = imageOf('examples/container/Dockerfile', join(folder, 'node_modules'));
  const server = runImage(image, { HOST: '127.0.0.1', PORT: '0', TRACKER_PORT: '0' });
  try {
    const { url } = await server.json(({ server: of, pid }) => of === 'relay' && pid, 'relay');
    const answers_s = seconds(from);
    await words(url);
    return { install_s, answers_s, first_word_s: seconds(from) };
  } finally {
    server.kill('SIGTERM');
    await server.ended;
    image.remove();
  }
}

const work = mkdtempSync(join(tmpdir(), 'nkt-begin-'));
try {
  const packed = join(work, 'packed');
  progress('pack');
  execFileSync(process.execPath, [join(root, 'tools', 'pack.mjs'), packed], { stdio: 'pipe' });
  const file = join(packed, readdirSync(packed)[0]);
  writeFileSync(join(work, 'package.json'), '{}'); // npm looks no further up
  progress('user');
  const first = await user(work, file);
  progress('operator');
  const running = await operator(work, file);
  console.log(JSON.stringify({ machine: machine(), user: first, operator: running, developer: developers(work, file) }, null, 1));
} finally {
  rmSync(work, { recursive: true, force: true });
}
