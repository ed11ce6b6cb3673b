// SPDX-License-Identifier: GPL-3.0-or-later
// Two relays and a real nats-server: one relay for their clients, and two when NATS is dead.
import assert from 'node:assert/strict';
import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startProgram, stopAll } from '../../tools/children.mjs';
import { address, directed, RelayClient } from '../support/relay_client.mjs';
import { freePort } from '../support/ports.mjs';
import { startServer } from '../support/servers.mjs';
import { until } from './support/until.mjs';

/** Longer than a question may wait for the word that nobody has an address (relay/nats_bus.js). */
const ANSWER_MS = 6500;

let natsPort;
let nats;
let a;
let b;

/** @param {string[]} args */
function startNats(...args) {
  nats = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(natsPort), ...args], { stdio: 'ignore' });
}

function killNats() {
  const ended = new Promise((resolve) => nats.once('exit', resolve));
  nats.kill('SIGKILL');
  return ended;
}

/** Both have said it so many times. */
const bothSaid = (text, count = 1) =>
  until(
    () => [a, b].every(({ said }) => said.filter((line) => line.includes(text)).length >= count),
    `both relays: ${text}`,
    20_000,
  );

before(async () => {
  natsPort = await freePort();
  startNats();
  const env = { NATS_URL: `nats://127.0.0.1:${natsPort}`, METRICS_PORT: '0' };
  [a, b] = await Promise.all([startServer('app.js', env), startServer('app.js', env)]);
  await bothSaid('NATS is there');
});
after(async () => {
  await Promise.all([a.stop(), b.stop()]);
  await killNats();
});
afterEach(() => RelayClient.closeAll());

const open = (relay, who, where) => RelayClient.open(`${relay.wsUrl}/relay`, who, where);

/** Subjects are known at NATS a moment after WELCOME: says it until it arrives. */
async function hears(listener, say, expected) {
  let got;
  const heard = listener.next().then((frame) => (got = frame));
  await until(() => (got ? true : void say()), 'to be heard at the other relay');
  await heard;
  assert.deepEqual(got, expected);
  await listener.drain();
}

test('a broadcast reaches the room at both, once each, and no other room', async () => {
  const ann = await open(a, 1, 1);
  const bob = await open(a, 2, 1);
  const cat = await open(b, 3, 1);
  const eve = await open(b, 4, 2);
  assert.ok(cat.others >= 1, 'somebody may be elsewhere: it is to tell of itself');
  await hears(cat, () => ann.send([2, 0]), [2, 0]);
  await bob.drain();
  for (let i = 0; i < 100; i += 1) ann.send([2, 1, i]);
  for (let i = 0; i < 100; i += 1) {
    assert.deepEqual(await bob.next(), [2, 1, i]);
    assert.deepEqual(await cat.next(), [2, 1, i]);
  }
  await Promise.all([ann, bob, cat, eve].map((one) => one.quiet()));
});

test('a directed frame finds its address at the other; NOBODY comes when neither has it', async () => {
  const ann = await open(a, 1, 3);
  const cat = await open(b, 3, 3);
  await hears(cat, () => ann.send(directed(3, [7])), directed(3, [7]));
  await ann.drain();
  ann.send(directed(9, [1]));
  assert.deepEqual(await ann.next(), [0x84, ...address(9)]);
  ann.send(directed(3, [8]));
  assert.deepEqual(await cat.next(), directed(3, [8]));
  await ann.quiet();
});

test('LEFT passes on when an address is gone everywhere, not before', async () => {
  const ann = await open(a, 1, 4);
  const catHere = await open(a, 3, 4);
  const catThere = await open(b, 3, 4);
  const dan = await open(b, 4, 4);
  await hears(dan, () => ann.send([2, 0]), [2, 0]);
  await Promise.all([catHere.drain(), catThere.drain()]);
  await hears(catThere, () => ann.send(directed(3, [1])), directed(3, [1]));
  await catHere.close();
  await Promise.all([ann.quiet(), dan.quiet()]);
  await catThere.close();
  assert.deepEqual(await dan.next(), [0x86, ...address(3)]);
  assert.deepEqual(await ann.next(), [0x86, ...address(3)]);
});

test('NATS dies: each works on alone and says so; NATS is back: who came meanwhile is made known', async () => {
  const ann = await open(a, 1, 5);
  const bob = await open(a, 2, 5);
  const cat = await open(b, 3, 5);
  await hears(cat, () => ann.send([2, 0]), [2, 0]);
  await bob.drain();
  await killNats();
  await bothSaid('NATS is gone');
  const metricsUrl = a.said.map((line) => /metrics on (\S+)$/.exec(line)?.[1]).find(Boolean);
  assert.equal((await (await fetch(new URL('/healthz', metricsUrl))).json()).nats, 'alone');
  const figures = await (await fetch(String(metricsUrl))).text();
  const watched = [/^nkt_relay_bus_connected 0$/m, /^nkt_relay_bus_published_total \d+$/m]; // examples/alerts.yml
  for (const figure of watched) assert.match(figures, figure);
  ann.send([2, 5]);
  assert.deepEqual(await bob.next(), [2, 5], 'local delivery goes on');
  ann.send(directed(3, [1]));
  assert.deepEqual(await ann.next(), [0x84, ...address(3)], 'the other relay cannot be asked');
  const dan = await open(b, 4, 5);
  await cat.quiet();
  startNats();
  await bothSaid('NATS is back');
  const again = await dan.next(); // dan is to greet once more, now that all may hear it
  assert.equal(again[0], 0x81);
  assert.ok(Buffer.from(again).readUInt32BE(2) >= 2);
  await hears(cat, () => ann.send([2, 6]), [2, 6]);
  await hears(ann, () => dan.send([2, 7]), [2, 7]);
});

test('NATS dies: nobody is told of what was taken long ago, nor that somebody left who is there again', async () => {
  const ann = await open(a, 1, 7);
  const cat = await open(b, 3, 7);
  await hears(cat, () => ann.send([2, 0]), [2, 0]);
  await hears(cat, () => ann.send(directed(3, [1])), directed(3, [1]));
  await ann.drain();
  await new Promise((resolve) => { setTimeout(resolve, ANSWER_MS); });
  const danThere = await open(b, 4, 7);
  await hears(danThere, () => ann.send([2, 1]), [2, 1]);
  const danHere = await open(a, 4, 7);
  await danHere.close(); // is he at another? He is
  await ann.quiet();
  await open(a, 4, 7);
  await killNats();
  await until(() => [a, b].every(({ said }) => said.at(-1)?.includes('NATS is gone')), 'that it is gone');
  await ann.quiet();
  startNats();
  await until(() => [a, b].every(({ said }) => said.at(-1)?.includes('NATS is back')), 'NATS');
});

test('NATS refuses: each works on alone, however often rooms come and go, and joins when it is let in', async () => {
  const ann = await open(a, 1, 6);
  const cat = await open(b, 3, 6);
  await hears(cat, () => ann.send([2, 0]), [2, 0]);
  await killNats();
  startNats('--user', 'somebody', '--pass', 'else');
  const late = await startServer('app.js', { NATS_URL: `nats://127.0.0.1:${natsPort}` });
  const words = /NATS refuses this relay, which works on alone and goes on asking: .*AUTHORIZATION/i;
  const isRefused = ({ said }) => said.some((line) => words.test(line));
  await until(() => [a, b, late].every(isRefused), 'a word of it', 20_000);
  for (const relay of [a, b, late]) {
    for (let i = 0; i < 3; i += 1) {
      const eve = await open(relay, 20 + i, 20 + i);
      const dan = await open(relay, 30 + i, 20 + i);
      eve.send([2, i]);
      assert.deepEqual(await dan.next(), [2, i], 'local delivery goes on');
      await Promise.all([eve.close(), dan.close()]);
    }
  }
  const gus = await open(late, 5, 6);
  await killNats();
  startNats();
  const isIn = ({ said }) => /NATS is (there|back)/.test(said.findLast((line) => line.includes('NATS')) ?? '');
  await until(() => [a, b, late].every(isIn), 'NATS', 20_000);
  await hears(cat, () => ann.send([2, 6]), [2, 6]);
  await hears(ann, () => gus.send([2, 7]), [2, 7]);
  await late.stop();
});

test('what NATS lets this relay not say or hear costs that, and is told once', async () => {
  await killNats();
  const folder = mkdtempSync(join(tmpdir(), 'nkt-nats-'));
  const file = join(folder, 'nats.conf');
  const not = '{ deny: "nkt.a.>" }';
  const user = `{ user: u, password: p, permissions: { publish: ${not}, subscribe: ${not} } }`;
  writeFileSync(file, `max_payload: 2048\nauthorization { users: [${user}] }\n`);
  startNats('-c', file);
  const env = { NATS_URL: `nats://u:p@127.0.0.1:${natsPort}` };
  const some = await Promise.all([startServer('app.js', env), startServer('app.js', env)]);
  try {
    await until(() => some.every(({ said }) => said.some((line) => line.includes('NATS is there'))), 'NATS');
    const [ann, bob] = [await open(some[0], 1, 7), await open(some[0], 2, 7)];
    const cat = await open(some[1], 3, 7);
    await hears(cat, () => ann.send([2, 0]), [2, 0]);
    await bob.drain();
    const large = [2, ...new Array(4000).fill(1)];
    ann.send(large);
    assert.deepEqual(await bob.next(), large, 'it is delivered here');
    ann.send(directed(2, [1]));
    assert.deepEqual(await bob.next(), directed(2, [1]));
    ann.send(directed(3, [1]));
    for (const words of ['NATS does not take what this relay passes on', 'NATS does not let this relay publish and subscribe to nkt.>']) {
      await until(() => some[0].said.filter((line) => line.includes(words)).length === 1, words);
    }
    await hears(cat, () => ann.send([2, 9]), [2, 9]);
  } finally {
    await Promise.all(some.map((one) => one.stop()));
    await killNats();
    startNats();
    rmSync(folder, { recursive: true });
  }
});

test('what did not start is not signalled: its number is none, or 0, which is our own process group', async (t) => {
  const kill = t.mock.method(ChildProcess.prototype, 'kill', () => true);
  const ghost = startProgram('ghost', '/nowhere/ghost', []);
  stopAll();
  await once(ghost, 'error');
  assert.equal(kill.mock.callCount(), 0);
});

test('the example on one machine: what is wrong is named before anything is said to be there', () => {
  const program = fileURLToPath(new URL('../../tools/two_relays.mjs', import.meta.url));
  for (const [env, words] of /** @type {[Record<string, string>, RegExp][]} */ ([
    [{ NATS_PORT: 'x' }, /FAILED: NATS_PORT=x is not a port/], [{ NATS_PORT: '0' }, /FAILED: NATS_PORT=0: .* name one/],
    [{ PORT: '70000' }, /FAILED: PORT=70000 is not a port/], [{ PATH: '/nowhere' }, /FAILED: nats-server is not here\n.*apt-get install/],
  ])) {
    const options = /** @type {const} */ ({ env: { PORT: '0', ...env }, encoding: 'utf8', timeout: 20_000 });
    const { status, stdout, stderr } = spawnSync('/usr/bin/setsid', ['-w', process.execPath, program], options); // a group of its own
    assert.equal(status, 1, stderr);
    assert.match(stderr, words);
    assert.doesNotMatch(stdout + stderr, /Open |undefined|\n {4}at /);
  }
});

test('the example for who reads lines: all of them are as NKT_LOG says, those of NATS and of its own failing as well', async () => {
  const program = fileURLToPath(new URL('../../tools/two_relays.mjs', import.meta.url));
  const lines = async (env, isThere) => {
    const example = spawn(process.execPath, [program], { env: { ...process.env, PORT: '0', NKT_LOG: 'json', ...env } });
    let text = '';
    for (const stream of [example.stdout, example.stderr]) stream.on('data', (some) => { text += some; });
    const ended = once(example, 'close');
    try {
      if (isThere) await until(() => text.split('"pid"').length > 2, 'both relays');
    } finally {
      if (isThere) example.kill('SIGTERM');
      await ended;
    }
    return text.trim().split('\n').map((line) => JSON.parse(line));
  };
  const said = await lines({ NATS_PORT: String(await freePort()) }, true);
  assert.deepEqual([...new Set(said.map(({ server }) => server))].sort(), ['NATS', 'relay']);
  const [failed] = await lines({ NATS_PORT: 'x' }, false);
  assert.deepEqual([failed.level, failed.server, /^FAILED: NATS_PORT=x/.test(failed.text)], ['error', 'tools', true]);
});
