// SPDX-License-Identifier: GPL-3.0-or-later
// What waits in all sockets together, connections that were refused and stay, and pages of foreign origins.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { Backlog } from '../../tools/relay/backlog.js';
import { Refusals } from '../../tools/relay/refusals.js';
import { RelayClient } from '../support/relay_client.mjs';
import { startServer } from '../support/servers.mjs';
import { until } from './support/until.mjs';

const MIB = 1024 * 1024;
afterEach(() => RelayClient.closeAll());

describe('a backlog', () => {
  const outlet = (waitingSize) => ({
    waitingSize,
    isCut: false,
    cutOff() {
      this.isCut = true;
      this.waitingSize = 0;
    },
  });

  test('is cut where it is longest, and only as far as needed', () => {
    const backlog = new Backlog(100);
    const [small, large, middle] = [outlet(20), outlet(60), outlet(30)];
    for (const one of [small, large, middle]) backlog.note(one);
    assert.deepEqual([small.isCut, large.isCut, middle.isCut], [false, true, false]);
    assert.equal(backlog.size, 50);
  });

  test('looks again before it cuts: what was read meanwhile does not count', () => {
    const backlog = new Backlog(100);
    const [read, waits] = [outlet(90), outlet(5)];
    backlog.note(read);
    read.waitingSize = 0;
    backlog.note(waits);
    waits.waitingSize = 60;
    backlog.note(waits);
    assert.deepEqual([read.isCut, waits.isCut, backlog.size], [false, false, 60]);
    backlog.forget(waits);
    assert.equal(backlog.size, 0);
  });
});

describe('a relay', () => {
  let server;
  before(async () => {
    server = await startServer('app.js', {
      NKT_LIMITS: JSON.stringify({
        bufferedTotalMax: 6 * MIB, socketWorkBurst: 512 * MIB, ipWorkBurst: 512 * MIB, ipSocketCountMax: 60,
      }),
    });
  });
  after(() => server.stop());
  const open = (who, where) => RelayClient.open(`${server.wsUrl}/relay`, who, where);
  const residentSize = () => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) * 1024;

  test('holds no more than its cap for 48 readers that read nothing, and the others lose nothing', async () => {
    const ann = await open(1, 1);
    const bob = await open(2, 1);
    const stalled = [];
    for (let i = 0; i < 48; i += 1) stalled.push(await open(10 + i, 1));
    await ann.drain();
    await bob.drain();
    for (const one of stalled) one.stall();
    const before = residentSize();
    let most = 0;
    const payload = new Array(60_000).fill(7);
    // The kernel's buffers of 48 sockets take the first megabytes: on until readers are cut.
    const count = 400;
    for (let i = 0; i < count; i += 1) {
      ann.send([2, i & 0xff, ...payload]);
      assert.equal((await bob.nextSize({ besides: 0x86 })), 60_002); // LEFT: who was cut
      if (i % 10 === 0) most = Math.max(most, residentSize() - before);
    }
    assert.ok(most < 64 * MIB, `${(most / MIB).toFixed(0)} MiB more`);
    let cut = 0;
    for (const one of stalled) {
      one.resume();
      one.closed.then(() => (cut += 1));
    }
    await until(() => cut > 0, 'readers that were cut');
  });

  test('is done at once with a refused connection whose other half stays open', async () => {
    const upgrade = [
      'GET /relay HTTP/1.1', `host: localhost:${server.port}`, 'origin: https://evil.example', 'upgrade: websocket',
      'connection: upgrade', 'sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
    ];
    for (const [head, status] of [
      [`${upgrade.join('\r\n')}\r\n\r\n`, '403'],
      ['BLAH\r\n\r\n', '400'],
    ]) {
      const half = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
      let text = '';
      half.on('data', (chunk) => (text += chunk));
      const isGone = new Promise((resolve) => half.on('error', resolve).on('close', resolve));
      half.write(head);
      await until(() => text.includes(status), `status ${status}`);
      const poke = setInterval(() => half.write('x'), 20); // one that were still there would take it
      await isGone;
      clearInterval(poke);
      half.destroy();
    }
  });

  test('tells the operator of a page that it refused, once, with the cure', async () => {
    const url = `${server.wsUrl}/relay`;
    for (let i = 0; i < 3; i += 1) {
      await assert.rejects(RelayClient.connect(url, { headers: { origin: 'https://shop.example' } }), /403/);
    }
    const lines = server.said.filter((line) => line.includes('https://shop.example'));
    assert.equal(lines.length, 1);
    assert.match(lines[0], /NKT_ORIGINS/);
  });
});

test('refusals are counted and told of, and strangers cannot fill the log', () => {
  const lines = [];
  const refusals = new Refusals({ refusalLogMs: 1000, refusalCountMax: 3 }, (line) => lines.push(line));
  const note = (origin, nowMs) => refusals.note({ origin, host: 'here' }, 'Cure', nowMs);
  note('https://a.example', 0);
  note('https://a.example', 500);
  assert.equal(lines.length, 1);
  note('https://a.example', 1000);
  assert.equal(lines.length, 2);
  for (let i = 0; i < 100; i += 1) note(`https://${i}.example`, 1001);
  assert.equal(lines.length, 4);
  note('https://late.example', 3000);
  assert.equal(lines.length, 5, 'old ones make room');
  note(`\x1b[2J\n${'x'.repeat(10_000)}`, 9000);
  assert.ok(lines.at(-1).length < 400 && /^[\x20-\x7e]*$/.test(lines.at(-1)));
  assert.equal(refusals.byReason.origin, 105);
});
