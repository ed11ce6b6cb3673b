// SPDX-License-Identifier: GPL-3.0-or-later
// The first program of docs/package.md, peer(), and what says why nobody is reached.
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Nkt } from '../../glue/nkt.js';
import { runProgram } from '../support/cli.mjs';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { skip, wasmUrl } from './support/wasm.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const refused = (code, words) => (error) => error.code === code && (words === undefined || words.test(error.message));

describe('meeting somebody', { skip, timeout: 360_000 }, () => {
  let server;
  before(async () => {
    server = await startServer('app.js');
  });
  after(() => server.stop());
  afterEach(closePeers);
  const peer = (nick, room, more = {}) => startPeer(nick, { relays: [`${server.wsUrl}/relay`], room, RTCPeerConnection: null, ...more });

  test('the first program of docs/package.md, run twice as it stands, is heard both ways', async () => {
    const text = readFileSync(join(root, 'docs', 'package.md'), 'utf8');
    const program = /```js\n([\s\S]*?)```/.exec(text)[1].replace('localhost:3000', `localhost:${server.port}`);
    assert.ok(program.includes(`:${server.port}/relay`));
    const folder = mkdtempSync(join(tmpdir(), 'nkt-first-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'nkt'));
    writeFileSync(join(folder, 'first.mjs'), program);
    const both = [1, 2].map(() => runProgram(join(folder, 'first.mjs'), [], { cwd: folder }));
    try {
      for (const one of both) await one.line((line) => line === 'Ada hello, Ada', 'greeting');
    } finally {
      for (const one of both) one.kill('SIGKILL');
      await Promise.all(both.map((one) => one.ended));
      rmSync(folder, { recursive: true });
    }
  });

  test('peer(): who comes, who is there, whom a function chooses, by address', async () => {
    const room = newRoom();
    const ann = await peer('ann', room);
    const first = ann.nkt.peer();
    const cyd = ann.nkt.peer(({ nick }) => nick === 'cyd', { timeout: 60_000 });
    const bob = await peer('bob', room);
    assert.equal((await first).addr, bob.address);
    const delivery = await ann.nkt.sendEncryptedMessage('now it reaches somebody');
    assert.deepEqual([...(await delivery.settled).values()], ['delivered']);
    assert.equal((await ann.nkt.peer(bob.address)).nick, 'bob', 'at once');
    const third = await peer('cyd', room);
    assert.equal((await cyd).addr, third.address);
  });

  test('peer(): the time is over, given up, closed, no address, no function, a function that throws', async () => {
    const ann = await peer('ann', newRoom());
    const { nkt } = ann;
    await assert.rejects(nkt.peer(undefined, { timeout: 20 }), refused('NKT_E_TIMEOUT', /20 ms/));
    const controller = new AbortController();
    const given = nkt.peer(undefined, { signal: controller.signal });
    controller.abort('enough');
    await assert.rejects(given, (error) => error.code === 'NKT_E_CANCELLED' && error.cause === 'enough');
    await assert.rejects(nkt.peer(undefined, { signal: AbortSignal.abort() }), refused('NKT_E_CANCELLED'));
    await assert.rejects(nkt.peer('bob'), refused('NKT_E_ADDRESS'));
    await assert.rejects(nkt.peer(7), refused('NKT_E_ARGUMENT'));
    await assert.rejects(nkt.peer(undefined, { timeout: -1 }), refused('NKT_E_ARGUMENT'));
    const asynchronous = nkt.peer(async ({ nick }) => nick === 'nobody');
    const promised = assert.rejects(asynchronous, refused('NKT_E_ARGUMENT', /promise/));
    const cyd = await peer('cyd', nkt.room);
    await promised;
    await cyd.nkt.close();
    const waiting = nkt.peer();
    await nkt.close();
    await assert.rejects(waiting, refused('NKT_E_STOPPED'));
    await assert.rejects(nkt.peer(), refused('NKT_E_STATE', /init/));
    const bad = await peer('bad', newRoom());
    const chosen = bad.nkt.peer(() => { throw new RangeError('mine'); });
    await peer('bob', bad.nkt.room);
    await assert.rejects(chosen, RangeError);
  });

  test('peer(): a function that closes, or starts anew, is called between steps', async () => {
    const room = newRoom();
    const ann = await peer('ann', room);
    const closing = ann.nkt.peer(() => { ann.nkt.close(); return false; });
    const closed = assert.rejects(closing, refused('NKT_E_STOPPED'));
    const bob = await peer('bob', room);
    await closed;
    assert.deepEqual([ann.nkt.health().running, ann.nkt.health().traps], [false, []]);
    await ann.nkt.resume();
    let renamed;
    await ann.nkt.peer(() => { renamed ??= ann.nkt.resume({ nick: 'again' }); return true; }).catch(refused('NKT_E_STOPPED'));
    await renamed;
    assert.equal((await ann.nkt.peer(bob.address)).nick, 'bob');
    assert.deepEqual([ann.nkt.nick, ann.nkt.health().traps], ['again', []]);
  });

  test('ready before init() waits for it, and says why that failed', async () => {
    const nkt = new Nkt({ wasm: wasmUrl });
    let is = 'waiting';
    nkt.ready.then(() => { is = 'ready'; });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(is, 'waiting');
    await nkt.init({ storage: 'none' });
    await nkt.ready;
    assert.equal(is, 'ready');
    await nkt.close();
    const other = new Nkt({ wasm: wasmUrl, defaults: () => { throw new Error('no defaults'); } });
    const failed = assert.rejects(other.ready, /no defaults/);
    await assert.rejects(other.init({ storage: 'none' }), /no defaults/);
    await failed;
  });

  test('init() in Node without a WebSocket says what to do; null goes without', async () => {
    const nkt = new Nkt({ wasm: wasmUrl, WebSocket: null });
    const relays = ['ws://127.0.0.1:9/relay'];
    await assert.rejects(nkt.init({ relays, storage: 'none' }), refused('NKT_E_OPTIONS', /nodeConfig.*nkt\/node/));
    await assert.rejects(nkt.init({ trackers: ['ws://127.0.0.1:9'], storage: 'none' }), refused('NKT_E_OPTIONS', /nodeConfig/));
    await nkt.init({ relays, storage: 'none', WebSocket: null });
    await nkt.close();
    await nkt.init({ storage: 'none' });
    await nkt.close();
  });

  test('a pipe into an empty room, or to one who is not there, exits 1 and says so; heard, it exits 0', async () => {
    const NKT = join(root, 'tools', 'cli', 'nkt.mjs');
    const pipe = async (args, line) => {
      const one = runProgram(NKT, ['--server', server.url, '--no-webrtc', ...args]);
      one.write(line);
      one.end();
      return { status: await one.ended, errors: one.errors() };
    };
    const room = newRoom();
    const alone = await pipe([room, '--wait', '1'], 'hi');
    assert.deepEqual([alone.status, /1 message was heard by nobody/.test(alone.errors)], [1, true], alone.errors);
    const missing = await pipe([room, '--wait', '1', '--to', 'bob'], 'hi');
    assert.equal(missing.status, 1, missing.errors);
    assert.equal((await pipe([room, '--wait', '1'], '/help')).status, 0, 'a command is not said to anybody');
    const bob = await peer('bob', room);
    const heard = await pipe([room, '--wait', '20'], 'hi');
    assert.equal(heard.status, 0, heard.errors);
    assert.deepEqual(bob.values(), ['hi']);
  });
});
