// SPDX-License-Identifier: GPL-3.0-or-later
// What servers tell their operator, in each format, and that whoever starts them understands it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { makeLog, readFormat, readStarted } from '../../tools/log.js';
import { root } from '../../tools/setup/paths.mjs';
import { freePort } from '../support/ports.mjs';
import { startServer } from '../support/servers.mjs';
import { until } from './support/until.mjs';

const STARTED = { url: 'http://localhost:3000', pid: 17 };

describe('logs', () => {
  const said = (format, level, text, more) => {
    const lines = [];
    const write = (line) => lines.push(line);
    makeLog('relay', format, { out: write, error: write, now: () => new Date(0) })[level](text, more);
    return lines[0];
  };

  test('plain, with time and level, as JSON; a line each', () => {
    assert.equal(said('plain', 'warn', 'two\nlines'), 'nkt relay: two lines');
    assert.equal(said('time', 'warn', 'two\nlines'), '1970-01-01T00:00:00.000Z warn nkt relay: two lines');
    assert.deepEqual(JSON.parse(said('json', 'error', 'two\nlines', { x: 1 })), {
      time: '1970-01-01T00:00:00.000Z', level: 'error', server: 'relay', text: 'two\nlines', x: 1,
    });
    assert.ok(!said('json', 'error', 'two\nlines').includes('\n'));
    assert.throws(() => readFormat('xml'), /NKT_LOG: xml is to be one of plain, time, json/);
  });

  test('where one is can be read from each, and from nothing that a stranger wrote', () => {
    for (const format of ['plain', 'time', 'json']) {
      assert.deepEqual(readStarted(said(format, 'info', 'http://localhost:3000 pid 17', STARTED)), STARTED, format);
      assert.equal(readStarted(said(format, 'warn', 'refused a page of nkt relay: http://evil.example pid 1')), null, format);
      assert.equal(readStarted(said(format, 'warn', '{"url":"http://evil.example","pid":1}')), null, format);
    }
  });

  const refused = /^\d{4}-\d\d-\d\dT[\d:.]+Z warn nkt \w+: refused a page of https:\/\/evil\.example /;
  for (const [format, line] of [['time', refused], ['json', null]]) {
    for (const script of /** @type {const} */ (['app.js', 'tracker.js'])) {
      test(`${script} in ${format}: where it is, and whom it refused`, async () => {
        const server = await startServer(script, { NKT_LOG: format, HOST: script === 'tracker.js' ? '' : '127.0.0.1' });
        try {
          const ws = new WebSocket(`${server.wsUrl}/relay`, { origin: 'https://evil.example' });
          ws.on('error', () => {});
          const isIt = (text) => (line ? line.test(text) : JSON.parse(text).level === 'warn' && text.includes('https://evil.example'));
          await until(() => server.said.some(isIt), `a word of it in: ${server.said.join('\n')}`);
          if (!line) for (const text of server.said) assert.ok(JSON.parse(text).time, text);
        } finally {
          await server.stop();
        }
      });
    }
  }

  for (const script of /** @type {const} */ (['app.js', 'tracker.js'])) {
    for (const [what, stdout] of /** @type {const} */ ([['a full disk', openSync('/dev/full', 'w')], ['a reader that is gone', 'pipe']])) {
      test(`${script} goes on with ${what} for its log, whatever there is to say`, async () => {
        const port = await freePort();
        const server = spawn(process.execPath, [join(root, 'tools', script)], {
          env: { ...process.env, PORT: String(port), TRACKER_PORT: String(port) }, stdio: ['ignore', stdout, 'ignore'],
        });
        server.stdout?.once('data', () => server.stdout?.destroy());
        try {
          const refusal = (n) => new Promise((resolve) => {
            const ws = new WebSocket(`ws://127.0.0.1:${port}/relay`, { origin: `https://evil${n}.example` });
            ws.on('error', (error) => resolve(error.message));
          });
          await until(async () => /403/.test(await refusal(0)), 'a refusal');
          for (let i = 1; i < 5; i += 1) assert.match(await refusal(i), /403/);
          assert.equal(server.exitCode, null);
        } finally {
          server.kill('SIGKILL');
        }
      });
    }
  }

  test('nkt serve: what nobody took of what its servers say is counted in what is taken', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nkt-log-'));
    spawnSync('mkfifo', [join(folder, 'log')]);
    const pipe = openSync(join(folder, 'log'), constants.O_RDWR | constants.O_NONBLOCK);
    writeSync(pipe, Buffer.alloc(65_536)); // a pipe takes no more
    const port = await freePort();
    const serve = spawn(process.execPath, [join(root, 'tools', 'cli', 'nkt.mjs'), 'serve'], {
      env: { ...process.env, PORT: String(port), TRACKER_PORT: '0' }, stdio: ['ignore', pipe, 'ignore'],
    });
    const refusal = (n) => new Promise((resolve) => {
      const ws = new WebSocket(`ws://127.0.0.1:${port}/relay`, { origin: `https://evil${n}.example` });
      ws.on('error', (error) => resolve(/403/.test(error.message)));
    });
    let count = 0;
    try {
      await until(() => refusal(++count), 'a refusal that nobody reads of');
      readSync(pipe, Buffer.alloc(65_536));
      let text = '';
      await until(async () => {
        await refusal(++count);
        const some = Buffer.alloc(65_536);
        try {
          text += some.toString('utf8', 0, readSync(pipe, some));
        } catch {
          // nothing yet
        }
        return /evil/.test(text);
      }, 'a line that is taken');
      assert.match(text, /nkt serve: [1-9]\d* lines before this one are lost/);
    } finally {
      serve.kill('SIGTERM');
      await once(serve, 'close');
      closeSync(pipe);
      rmSync(folder, { recursive: true });
    }
  });

  for (const script of /** @type {const} */ (['app.js', 'tracker.js'])) {
    test(`${script} waits for no reader of its log that stalls`, async () => {
      const port = await freePort();
      const full = '{ head -c 65536 /dev/zero; exec "$0" "$1"; } | sleep 600'; // a pipe takes no more
      const shell = spawn('/bin/sh', ['-c', full, process.execPath, join(root, 'tools', script)], {
        env: { ...process.env, PORT: String(port), TRACKER_PORT: String(port) }, stdio: 'ignore', detached: true,
      });
      try {
        await until(() => fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1000) }).catch(() => false), 'an answer');
      } finally {
        process.kill(-Number(shell.pid), 'SIGKILL');
      }
    });
  }

  test('what was lost is told of, in its place', () => {
    const written = [];
    let isFull = false;
    const out = (line) => {
      if (!isFull) written.push(line);
      return !isFull;
    };
    const log = makeLog('relay', 'plain', { out, error: out });
    log.info('one');
    isFull = true;
    log.info('two');
    log.warn('three');
    isFull = false;
    log.error('four');
    log.info('five');
    const lost = 'nkt relay: 2 lines before this one are lost: nobody took them';
    assert.deepEqual(written, ['nkt relay: one', lost, 'nkt relay: four', 'nkt relay: five']);
  });

  test('who does not start says why in the format that was asked for, and of one that there is not as it would without', async () => {
    const start = (env) => spawnSync(process.execPath, [join(root, 'tools', 'tracker.js')], {
      encoding: 'utf8', env: { ...process.env, TRACKER_PORT: '0', ...env },
    });
    const wrong = start({ NKT_LOG: 'json', NKT_PROXY: 'perhaps' });
    assert.equal(wrong.status, 1);
    assert.deepEqual([JSON.parse(wrong.stderr).level, /FAILED: NKT_PROXY/.test(JSON.parse(wrong.stderr).text)], ['error', true]);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const PORT = String(/** @type {import('node:net').AddressInfo} */ (taken.address()).port);
    const serve = spawn(process.execPath, [join(root, 'tools', 'cli', 'nkt.mjs'), 'serve'], {
      env: { ...process.env, PORT, TRACKER_PORT: '0', NKT_LOG: 'json' },
    });
    let text = '';
    for (const stream of [serve.stdout, serve.stderr]) stream.on('data', (some) => { text += some; });
    assert.deepEqual(await once(serve, 'close'), [1, null]);
    taken.close();
    assert.match(text.trim().split('\n').map((line) => JSON.parse(line)).at(-1).text, /FAILED: The relay did not start/);
    const unknown = start({ NKT_LOG: 'xml' });
    assert.deepEqual([unknown.status, unknown.stderr], [1, 'nkt tracker: FAILED: NKT_LOG: xml is to be one of plain, time, json\n']);
    const whole = start({ NKT_ORIGINS: 'x'.repeat(100_000) });
    assert.ok(whole.stderr.startsWith('nkt tracker: FAILED: NKT_ORIGINS: xxx') && whole.stderr.length < 1100, `${whole.stderr.length}`);
  });
});
