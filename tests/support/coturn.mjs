// SPDX-License-Identifier: GPL-3.0-or-later
// A real coturn, by the configuration that docs/operators.md gives.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDir, root } from '../../tools/setup/paths.mjs';
import { until } from '../glue/support/until.mjs';
import { unpacked } from './debian.mjs';

const folder = join(buildDir, 'coturn');
const PACKAGES = [
  'coturn', 'libevent-core-2.1-7', 'libevent-extra-2.1-7', 'libevent-openssl-2.1-7', 'libevent-pthreads-2.1-7', 'libhiredis0.14',
  'libmariadb3', 'libpq5', 'libsqlite3-0', 'libldap-2.5-0', 'libsasl2-2',
];
const PORT = 3478;

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** Where Debian puts libraries, in our folder. */
function libraries() {
  const parts = ['usr/lib', 'lib'].map((path) => join(folder, path)).filter(existsSync);
  return parts.flatMap((path) => readdirSync(path).filter((name) => name.endsWith('-linux-gnu')).map((name) => join(path, name))).join(':');
}

/** What the document says, for another secret. @param {string} secret */
function configuration(secret) {
  const page = readFileSync(join(root, 'docs', 'operators.md'), 'utf8');
  const found = /```ini\n# \/etc\/turnserver\.conf\n([\s\S]*?)```/.exec(page)?.[1];
  if (!found?.includes('static-auth-secret=A-LONG-SECRET')) throw new Error('docs/operators.md has no /etc/turnserver.conf any more');
  return found.replace('A-LONG-SECRET', secret);
}

/**
 * @param {string} address where it listens, and through which it relays
 * @param {string} secret
 * @param {string[]} prefix of its command, such as one that enters a namespace
 * @returns {Promise<{url: string, said: () => string, stop: () => Promise<void>}>}
 */
export async function startCoturn(address, secret, prefix) {
  const program = unpacked(folder, 'usr/bin/turnserver', PACKAGES);
  const own = mkdtempSync(join(tmpdir(), 'nkt-coturn-'));
  const here = [`listening-ip=${address}`, `relay-ip=${address}`, `listening-port=${PORT}`, 'log-file=stdout', `userdb=${own}/db`,
    `pidfile=${own}/pid`, 'no-tls', 'no-dtls', 'verbose'];
  writeFileSync(join(own, 'conf'), `${configuration(secret)}\n${here.join('\n')}\n`);
  const [command, ...args] = [...prefix, program, '-c', join(own, 'conf')];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LD_LIBRARY_PATH: libraries() } });
  children.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  ended.then(() => children.delete(child));
  const isUp = () => {
    if (child.exitCode !== null) throw new Error(`coturn ended: ${said}`);
    return said.includes(`UDP listener opened on: ${address}:${PORT}`);
  };
  await until(isUp, 'coturn to listen');
  return {
    url: `turn:${address}:${PORT}`,
    said: () => said,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(own, { recursive: true, force: true });
    },
  };
}
