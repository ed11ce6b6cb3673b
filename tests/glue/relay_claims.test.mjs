// SPDX-License-Identifier: GPL-3.0-or-later
// Whose an address is at the relay: who proves it holds it, whoever else claims it, from wherever.
// Alone: how fast a claim is refused is measured.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { addressOf, Challenges, isProof, signedForm } from '../../tools/relay/proof.js';
import { RelayClient, room } from '../support/relay_client.mjs';
import { startServer } from '../support/servers.mjs';
import { until } from './support/until.mjs';

const SOCKETS_MAX = 3;
const PROBE_MS = 300;

let server;
before(async () => {
  server = await startServer('app.js', {
    NKT_LIMITS: JSON.stringify({ addressSocketCountMax: SOCKETS_MAX, probeTimeoutMs: PROBE_MS, helloTimeoutMs: 1500 }),
    METRICS_PORT: '0',
  });
});
after(() => server.stop());
afterEach(() => RelayClient.closeAll());

/** A person with keys. */
function person() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const signKey = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const identityKey = randomBytes(32);
  const prove = (challenge) => {
    const signature = sign(null, signedForm(challenge), privateKey);
    return { signKey, identityKey, signature, frame: Buffer.concat([Buffer.from([6]), signKey, identityKey, signature]) };
  };
  return { address: addressOf(signKey, identityKey), prove };
}

const helloOf = ({ address }, where = null) => [1, 2, ...room(where), ...address];
const directedTo = ({ address }, payload) => [3, ...address, ...payload];

/** @param {{autoPong?: boolean, where?: number | null}} [options] autoPong false: it answers no ping, as one that is dead */
async function claim(who, { autoPong = true, where = null } = {}) {
  const client = await RelayClient.connect(`${server.wsUrl}/relay`, { autoPong });
  client.send(helloOf(who, where));
  return client;
}

/** Claims and proves, and is welcome. */
async function enter(who, options) {
  const client = await claim(who, options);
  await until(() => client.challenge, 'a challenge');
  client.send(who.prove(client.challenge).frame);
  assert.deepEqual((await client.next()).slice(0, 2), [0x81, 2]);
  return client;
}

/** Claims, proves nothing, and is welcome. */
async function pretend(who, options) {
  const client = await claim(who, options);
  assert.deepEqual((await client.next()).slice(0, 2), [0x81, 2]);
  return client;
}

const isClosed = async (client, ms = 100) =>
  Promise.race([client.closed, new Promise((resolve) => setTimeout(resolve, ms, null))]);

describe('a proof', () => {
  test('is over the challenge and over both keys', () => {
    const [ann, bob] = [person(), person()];
    const challenges = new Challenges();
    const [first, second] = [challenges.of(1), challenges.of(2)];
    assert.notDeepEqual(first, second);
    assert.deepEqual(challenges.of(1), first);
    assert.notDeepEqual(new Challenges().of(1), first, 'of another relay');
    const text = (who) => who.address.latin1Slice();
    assert.ok(isProof(ann.prove(first), first, text(ann)));
    assert.ok(!isProof(ann.prove(first), second, text(ann)), 'heard on another connection');
    assert.ok(!isProof(ann.prove(first), first, text(bob)));
    assert.ok(!isProof({ ...ann.prove(first), identityKey: randomBytes(32) }, first, text(ann)));
    assert.ok(!isProof({ ...ann.prove(first), signKey: bob.prove(first).signKey }, first, text(ann)));
  });

  test('knows an address as every peer does', () => {
    const lines = readFileSync(new URL('../vectors/derivations.txt', import.meta.url), 'utf8').split('\n');
    const rows = lines.filter((line) => line.startsWith('address.derive ')).map((line) => line.split(' ').slice(1));
    assert.ok(rows.length > 0);
    for (const [signKey, identityKey, address] of rows) {
      assert.equal(addressOf(Buffer.from(signKey, 'hex'), Buffer.from(identityKey, 'hex')).toString('hex'), address);
    }
  });
});

describe('an owner', () => {
  test('ends what only claims its address, and is alone from then on', async () => {
    const ann = person();
    const pretenders = [await pretend(ann), await pretend(ann, { where: 1 })];
    const owner = await enter(ann);
    for (const pretender of pretenders) assert.equal(await pretender.closed, 1013);
    const late = await claim(ann);
    await late.quiet(); // neither welcome nor refused yet: it may be the owner's next socket
    const bob = await pretend(person());
    bob.send(directedTo(ann, [1, 2]));
    assert.deepEqual(await owner.next(), directedTo(ann, [1, 2]));
    await late.quiet();
    assert.equal(await late.closed, 1013, 'it did not prove it in time');
  });

  test('is not worn out: 60 claims a second from its own IP address, and it misses nothing', async () => {
    const ann = person();
    const owner = await enter(ann, { where: 1 });
    const bob = await pretend(person(), { where: 1 });
    let isOver = false;
    let claims = 0;
    const attack = (async () => {
      while (!isOver) {
        claim(ann, { where: 1 }).catch(() => {});
        claims += 1;
        await new Promise((resolve) => setTimeout(resolve, 16));
      }
    })();
    for (let i = 0; i < 100; i += 1) {
      bob.send(directedTo(ann, [i]));
      assert.deepEqual(await owner.next(), directedTo(ann, [i]));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(await isClosed(owner), null);
    // It comes back in the middle of it: the old socket is still there, then it is not.
    const again = await enter(ann, { where: 1 });
    await owner.close();
    bob.send(directedTo(ann, [101]));
    assert.deepEqual(await again.next(), directedTo(ann, [101]));
    isOver = true;
    await attack;
    assert.ok(claims > 50, `${claims} claims`);
    await bob.quiet(); // nobody was told that it left
  });

  test('comes in although others hold all places of its IP address', async () => {
    const ann = person();
    for (let i = 0; i < SOCKETS_MAX; i += 1) await pretend(ann);
    const startMs = performance.now();
    await enter(ann);
    assert.ok(performance.now() - startMs < 5 * PROBE_MS);
  });

  test('that proves what is not its own is refused', async () => {
    const client = await claim(person());
    await until(() => client.challenge, 'a challenge');
    client.send(person().prove(client.challenge).frame);
    assert.deepEqual((await client.next()).slice(0, 2), [0x81, 2]);
    assert.equal(await client.closed, 1002);
  });

  test('may prove it again, and what it says while it waits is dropped', async () => {
    const ann = person();
    await enter(ann, { where: 1 });
    const bob = await pretend(person(), { where: 1 });
    const second = await claim(ann, { where: 1 });
    second.send([2, 9]);
    second.send(directedTo(ann, [9]));
    await bob.quiet();
    second.send(ann.prove(second.challenge).frame);
    second.send(ann.prove(second.challenge).frame);
    assert.deepEqual((await second.next()).slice(0, 2), [0x81, 2]);
    second.send([2, 10]);
    assert.deepEqual(await bob.next(), [2, 10]);
  });
});

describe('past the sockets that one IP address may have for one address', () => {
  for (const [what, open] of [['proven', enter], ['claimed', pretend]]) {
    test(`those that do not answer give way (${what})`, async () => {
      const ann = person();
      const living = await open(ann);
      const dead = [];
      for (let i = 1; i < SOCKETS_MAX; i += 1) dead.push(await open(ann, { autoPong: false }));
      const newcomer = await open(ann); // waits for the end of the probe
      for (const one of dead) assert.notEqual(await one.closed, null);
      assert.equal(await isClosed(living), null);
      const bob = await pretend(person());
      bob.send(directedTo(ann, [7]));
      assert.deepEqual(await living.next(), directedTo(ann, [7]));
      assert.deepEqual(await newcomer.next(), directedTo(ann, [7]));
    });

    test(`where all answer the newcomer does (${what})`, async () => {
      const ann = person();
      const living = [];
      for (let i = 0; i < SOCKETS_MAX; i += 1) living.push(await open(ann));
      const newcomer = await claim(ann);
      await until(() => newcomer.challenge, 'a challenge');
      if (what === 'proven') newcomer.send(ann.prove(newcomer.challenge).frame);
      assert.equal(await newcomer.closed, 1013);
      for (const one of living) assert.equal(await isClosed(one, 10), null);
    });
  }
});
