// SPDX-License-Identifier: GPL-3.0-or-later
// `npm start`, as in a terminal: says where to go, either server can be killed by its pid, Ctrl-C ends all.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, afterEach, describe, test } from 'node:test';
import { root } from '../../tools/setup/paths.mjs';
import { until } from '../glue/support/until.mjs';
import { print } from '../support/figures.mjs';

const UP_MS = 120_000; // builds if something changed
const END_MS = 10_000;

/** Started here, ended or not. @type {Set<import('node:child_process').ChildProcess>} */
const started = new Set();
const endAll = () => started.forEach((child) => group(child, 'SIGKILL'));
process.on('exit', endAll);

/** A signal to everything that a terminal would send it to. */
function group(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // gone already
  }
}

/** Runs a command in a process group of its own, as a shell does, and waits until it says where to go. */
async function start(command, ...args) {
  const env = { ...process.env, PORT: '0', TRACKER_PORT: '0' };
  for (const name of Object.keys(env)) if (/^npm_/i.test(name)) delete env[name];
  const child = spawn(command, args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child);
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const said = (pattern, ms = END_MS) => until(() => pattern.exec(output), `${pattern} in:\n${output}`, ms);
  const [, url] = await said(/Open (http:\/\/localhost:\d+) in two tabs/, UP_MS);
  const pidOf = async (name) => Number((await said(new RegExp(`^nkt ${name}: \\S+ pid (\\d+)$`, 'm')))[1]);
  const [, trackerPort] = await said(/^nkt tracker: ws:\/\/localhost:(\d+) pid/m);
  return {
    child,
    ended,
    said,
    /** Of each start of it, in their order. @param {string} name */
    pids: (name) => [...output.matchAll(new RegExp(`^nkt ${name}: \\S+ pid (\\d+)$`, 'gm'))].map(([, pid]) => Number(pid)),
    url,
    port: Number(new URL(url).port),
    trackerPort: Number(trackerPort),
    relay: await pidOf('relay'),
    tracker: await pidOf('tracker'),
  };
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

const lives = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('npm start', { timeout: 360_000 }, () => {
  afterEach(endAll);
  after(() => process.off('exit', endAll));

  test('says where to go and how to kill; the tracker outlives the relay; Ctrl-C ends all', async () => {
    const began = Date.now();
    const servers = await start('npm', 'start');
    print(`npm start: ready after ${Date.now() - began} ms`);
    await servers.said(new RegExp(`kill -9 ${servers.relay}`));
    await servers.said(new RegExp(`kill -9 ${servers.tracker}`));
    assert.notEqual(servers.relay, servers.tracker);
    assert.match(await (await fetch(servers.url)).text(), /<title>nkt<\/title>/);
    const config = await (await fetch(`${servers.url}/config.json`)).json();
    assert.deepEqual(config.trackers, [`ws://localhost:${servers.trackerPort}`]);

    process.kill(servers.relay, 'SIGKILL');
    const [, again] = await servers.said(/the relay was killed \(SIGKILL\).* Again: (.*node tools\/app\.js)\n/);
    assert.equal(await listens(servers.port), false);
    assert.equal(await listens(servers.trackerPort), true);

    const { PORT, TRACKER_PORT, HOST, ...shell } = process.env; // another one, which knows nothing of what this one was told
    const relay = spawn('/bin/sh', ['-c', `exec env ${again}`], { cwd: root, env: shell, stdio: 'ignore', detached: true });
    started.add(relay);
    await until(() => listens(servers.port), `the port of the relay that was started by ${again}`, END_MS);
    assert.deepEqual((await (await fetch(`${servers.url}/config.json`)).json()).trackers, config.trackers);
    group(relay, 'SIGKILL');

    group(servers.child, 'SIGINT');
    await servers.ended;
    await until(async () => !lives(servers.tracker) && !(await listens(servers.trackerPort)), 'the tracker to end', END_MS);
  });

  test('the relay outlives the tracker; a plain kill of start.mjs ends all', async () => {
    const servers = await start(process.execPath, 'tools/start.mjs');
    process.kill(servers.tracker, 'SIGKILL');
    await servers.said(/the tracker was killed \(SIGKILL\)/);
    assert.equal(await listens(servers.trackerPort), false);
    assert.equal((await fetch(servers.url)).status, 200);

    servers.child.kill('SIGTERM');
    assert.equal(await servers.ended, 0);
    await until(async () => !lives(servers.relay) && !(await listens(servers.port)), 'the relay to end', END_MS);
  });

  test('nkt serve --restart: either is there again, where it was, as often as it ends; told to end it ends', async () => {
    const servers = await start(process.execPath, 'tools/cli/nkt.mjs', 'serve', '--restart');
    for (let i = 0; i < 2; i += 1) {
      for (const [name, port] of [['relay', servers.port], ['tracker', servers.trackerPort]]) {
        process.kill(Number(servers.pids(name).at(-1)), 'SIGKILL');
        await servers.said(new RegExp(`the ${name} was killed \\(SIGKILL\\); what is left goes on without it. Again: by itself, in 2 s`));
        await until(async () => servers.pids(name).length === i + 2 && (await listens(port)), `${name} again`, 2 * END_MS);
      }
    }
    process.kill(Number(servers.pids('relay').at(-1)), 'SIGKILL');
    await until(async () => !(await listens(servers.port)), 'its end', END_MS);
    servers.child.kill('SIGTERM'); // while it waits
    assert.equal(await servers.ended, 0);
    for (const port of [servers.port, servers.trackerPort]) await until(async () => !(await listens(port)), 'its end', END_MS);
  });

  for (const more of [[], ['--restart']]) {
    test(`nkt serve${more.map((one) => ` ${one}`)} whose port is taken: the port is named, and nothing is said to go on`, async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = /** @type {import('node:net').AddressInfo} */ (taken.address());
      const args = ['tools/cli/nkt.mjs', 'serve', '--port', String(port), '--tracker-port', '0', ...more];
      const child = spawn(process.execPath, args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      started.add(child);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
      assert.deepEqual(await once(child, 'close'), [1, null]);
      taken.close();
      assert.match(output, new RegExp(`Port ${port} is in use[^]*The relay did not start`));
      assert.doesNotMatch(output, /goes on|Again/);
    });
  }

  test('nkt serve with NKT_LOG=json: every line is JSON, also that of an end and of a next start', async () => {
    const env = { ...process.env, NKT_LOG: 'json' };
    const args = ['tools/cli/nkt.mjs', 'serve', '--restart', '--port', '0', '--tracker-port', '0'];
    const child = spawn(process.execPath, args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    started.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const starts = () => [...output.matchAll(/"server":"relay".*"pid":(\d+)/g)];
    await until(() => starts().length === 1, 'the relay', UP_MS);
    process.kill(Number(starts()[0][1]), 'SIGKILL');
    await until(() => starts().length === 2, 'the next relay', 2 * END_MS);
    child.kill('SIGTERM');
    await once(child, 'close');
    const lines = output.trim().split('\n').map((line) => JSON.parse(line));
    assert.ok(lines.some(({ server, level, text }) => server === 'serve' && level === 'warn' && /the relay was killed/.test(text)));
  });

  test('nkt serve that is killed by force leaves nothing behind: its ports are free again', async () => {
    const servers = await start(process.execPath, 'tools/cli/nkt.mjs', 'serve');
    servers.child.kill('SIGKILL');
    assert.equal(await servers.ended, 'SIGKILL');
    for (const [pid, port] of [[servers.relay, servers.port], [servers.tracker, servers.trackerPort]]) {
      await until(async () => !lives(pid) && !(await listens(port)), `${pid} to end`, END_MS);
    }
  });
});
