// SPDX-License-Identifier: GPL-3.0-or-later
// What every combination has to do, with a peer in Node over a real relay: start, an identity kept under a passphrase, a message each way,
// close(); and whoever starts again with that passphrase is the same, and has what was said.
import assert from 'node:assert/strict';
import { until } from '../../glue/support/until.mjs';
import { runCommand } from '../../support/cli.mjs';

/** Of a whole step, in ms: a key of a passphrase on a busy machine. */
const STEP_MS = 60_000;

/** @typedef {(step: string, ...args: any[]) => Promise<{value?: any, error?: {code?: string, message: string}}>} Call */
/**
 * @typedef {{call: Call, end: () => Promise<void>, kill?: () => Promise<void>}} Host where a peer lives; end: gone, by itself where it
 *   is a program */

/** @param {Host} host @param {string} step @param {...any} args */
async function take({ call }, step, ...args) {
  const timer = new Promise((resolve) => {
    setTimeout(() => resolve({ error: { message: `no answer within ${STEP_MS} ms` } }), STEP_MS).unref();
  });
  const { value, error } = await Promise.race([call(step, ...args), timer]);
  if (error) throw new Error(`${step}: ${error.code ?? ''} ${error.message}`);
  return value;
}

/**
 * A peer in a program.
 * @param {string[]} command @param {{cwd: string, env?: NodeJS.ProcessEnv}} options @returns {Host}
 */
export function startProgram([command, ...args], options) {
  const program = runCommand(command, args, options);
  let count = 0;
  return {
    async call(...step) {
      const number = count++;
      program.write(JSON.stringify(step));
      await Promise.race([until(() => program.lines.length > number, step[0], STEP_MS), program.ended]);
      if (program.lines.length > number) return JSON.parse(program.lines[number]);
      return { error: { message: `the program ended with ${await program.ended}: ${program.errors()}` } };
    },
    async end() {
      program.end();
      const code = await Promise.race([program.ended, new Promise((resolve) => { setTimeout(resolve, 10_000, 'still runs').unref(); })]);
      program.kill('SIGKILL');
      assert.equal(code, 0, `the program ends by itself after close(): ${program.errors()}`);
    },
    async kill() {
      program.kill('SIGKILL');
      await program.ended;
    },
  };
}

/** @param {Host} one @param {Host} other @param {string} from @param {string} to */
async function talk(one, other, from, to) {
  assert.deepEqual(await take(other, 'say', to), ['delivered']);
  assert.equal(await take(one, 'hear'), to);
  assert.deepEqual(await take(one, 'say', from), ['delivered']);
  assert.equal(await take(other, 'hear'), from);
}

/**
 * @param {object} parts
 * @param {() => Promise<Host>|Host} parts.begin a new place for a peer: the same storage each time
 * @param {() => Host} parts.node the peer in Node it talks with
 * @param {object} parts.storage with a passphrase
 * @param {object} parts.config of both
 * @param {boolean} [parts.isDirect] whether WebRTC has to connect them
 */
export async function live({ begin, node, storage, config, isDirect = false }) {
  const bob = node();
  await take(bob, 'start', { ...config, nick: 'Bob', storage: 'none' });
  const ann = await begin();
  const start = (host, more) => take(host, 'start', { ...config, nick: 'Ann', storage: { ...storage, ...more } });
  const { address, storage: state } = await start(ann, {});
  assert.equal(state, 'ok');
  await talk(ann, bob, 'hello from Ann', 'hello from Bob');
  if (isDirect) assert.equal(await take(ann, 'link'), 'direct');
  await take(ann, 'close');
  await ann.end();
  const again = await begin();
  const refused = await again.call('start', { ...config, nick: 'Ann', storage: { ...storage, passphrase: 'another one' } });
  assert.equal(refused.error?.code, 'NKT_E_PASSPHRASE', JSON.stringify(refused));
  assert.deepEqual(await start(again, {}), { address, storage: 'ok' }, 'the same one');
  assert.deepEqual(await take(again, 'history'), ['hello from Bob', 'hello from Ann']);
  await talk(again, bob, 'again', 'welcome back');
  let last = again;
  if (again.kill) {
    await again.kill();
    last = await begin();
    assert.deepEqual(await start(last, {}), { address, storage: 'ok' }, 'what a killed one had is free');
  }
  await take(last, 'close');
  await last.end();
  await take(bob, 'close');
  await bob.end();
}
