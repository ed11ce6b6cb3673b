// SPDX-License-Identifier: GPL-3.0-or-later
// One-to-one messages in matrix-sdk-crypto-wasm (vodozemac, Rust in WebAssembly), by the only way into its sessions that it offers:
// to-device events of two machines whose keys go through a server made of two objects. Its own JSON, base64 and bookkeeping are in its
// figures, as they are for who uses it. Usage: node crypto_vodozemac.mjs; JSON on stdout.
import { performance } from 'node:perf_hooks';
import * as sdk from '@matrix-org/matrix-sdk-crypto-wasm';

const TEXT = 'x'.repeat(256);
const rate = (n, from) => Math.round(n / ((performance.now() - from) / 1e3));

await sdk.initAsync();
const settings = new sdk.DecryptionSettings(sdk.TrustRequirement.Untrusted);

async function open(name) {
  const user = `@${name}:bench`;
  const machine = await sdk.OlmMachine.initialize(new sdk.UserId(user), new sdk.DeviceId(name.toUpperCase()));
  const end = { user, device: name.toUpperCase(), machine, keys: null, oneTime: [] };
  for (const request of await machine.outgoingRequests()) {
    if (request.type !== sdk.RequestType.KeysUpload) continue;
    const body = JSON.parse(request.body);
    end.keys = body.device_keys;
    end.oneTime = Object.entries(body.one_time_keys);
    const answer = { one_time_key_counts: { signed_curve25519: end.oneTime.length } };
    await machine.markRequestAsSent(request.id, request.type, JSON.stringify(answer));
  }
  return end;
}

/** Each has heard of the other's device. */
async function meet(a, b) {
  await a.machine.updateTrackedUsers([new sdk.UserId(b.user)]);
  for (const request of await a.machine.outgoingRequests()) {
    if (request.type !== sdk.RequestType.KeysQuery) continue;
    const users = { [a.user]: { [a.device]: a.keys }, [b.user]: { [b.device]: b.keys } };
    await a.machine.markRequestAsSent(request.id, request.type, JSON.stringify({ device_keys: users, failures: {} }));
  }
}

async function begin(a, b) {
  const request = await a.machine.getMissingSessions([new sdk.UserId(b.user)]);
  const [id, key] = b.oneTime.pop();
  const answer = { one_time_keys: { [b.user]: { [b.device]: { [id]: key } } }, failures: {} };
  await a.machine.markRequestAsSent(request.id, request.type, JSON.stringify(answer));
  return a.machine.getDevice(new sdk.UserId(b.user), new sdk.DeviceId(b.device));
}

async function send(a, device, b) {
  const content = JSON.parse(await device.encryptToDeviceEvent('bench.text', { text: TEXT }));
  const event = JSON.stringify([{ type: 'm.room.encrypted', sender: a.user, content }]);
  const heard = await b.machine.receiveSyncChanges(event, new sdk.DeviceLists(), new Map(), new Set(), settings);
  if (!(heard[0] instanceof sdk.DecryptedToDeviceEvent)) throw new Error(`not decrypted: ${heard[0]?.constructor?.name}`);
}

async function establish() {
  const [a, b] = [await open('ann'), await open('bob')];
  await meet(a, b);
  await meet(b, a);
  const toB = await begin(a, b);
  await send(a, toB, b);
  const toA = await b.machine.getDevice(new sdk.UserId(a.user), new sdk.DeviceId(a.device));
  return { a, b, toA, toB };
}

let pair = await establish();
let from = performance.now();
for (let i = 0; i < 20; i++) pair = await establish();
const result = { 'session/s': rate(20, from) };
const { a, b, toA, toB } = pair;
await send(b, toA, a);
for (let i = 0; i < 200; i++) await send(a, toB, b);
from = performance.now();
for (let i = 0; i < 1000; i++) await send(a, toB, b);
result['oneway/s'] = rate(1000, from);
from = performance.now();
for (let i = 0; i < 300; i++) {
  await send(a, toB, b);
  await send(b, toA, a);
}
result['pingpong/s'] = rate(600, from);
console.log(JSON.stringify({ 'matrix-sdk-crypto-wasm (vodozemac, Rust, wasm)': result }));
