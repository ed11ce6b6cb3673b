// SPDX-License-Identifier: GPL-3.0-or-later
// Peers in several threads of one process: native WebRTC is of the main one, and the process goes on when the others end.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { useRelay } from './support/relay.mjs';

const glue = (name) => JSON.stringify(new URL(`../../glue/${name}`, import.meta.url).href);

/** Two in one thread, who say something to each other. */
const peers = (relay, room) => `
  const { Nkt } = await import(${glue('nkt.js')});
  const { nodeConfig } = await import(${glue('node.js')});
  const both = [new Nkt(), new Nkt()];
  for (const nkt of both) await nkt.init({ room: ${JSON.stringify(room)}, relays: [${JSON.stringify(relay)}], ...(await nodeConfig()) });
  await Promise.all(both.map((nkt) => nkt.peer()));
  await (await both[0].send('hello')).settled;
  const { webrtc } = both[0].health();
  if (webrtc) await both[0].startWebRTCClient(both[1].mySwarm.address());
  await Promise.all(both.map((nkt) => nkt.close()));`;

const program = (relay) => `
  import { Worker } from 'node:worker_threads';
  const thread = (room) => new Promise((resolve, reject) => {
    const code = \`import('node:worker_threads').then(async ({ parentPort }) => { ${peers(relay, 'ROOM').replaceAll('`', '\\`')}
      parentPort.postMessage(webrtc); })\`;
    const worker = new Worker(code.replace('ROOM', room), { eval: true });
    worker.on('message', (webrtc) => worker.on('exit', () => resolve(webrtc))).on('error', reject);
  });
  const main = async () => { ${peers(relay, 'main')}; return webrtc; };
  const first = await thread('first');
  console.log(JSON.stringify([first, ...await Promise.all([main(), thread('second'), thread('third')])]));`;

describe('threads', () => {
  const relays = useRelay();

  test('one after the other and at one time', { timeout: 60_000 }, async () => {
    const args = ['--input-type=module', '-e', program(relays[0])];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: new URL('../..', import.meta.url), timeout: 50_000 });
    assert.deepEqual(JSON.parse(stdout), [false, true, false, false]);
  });
});
