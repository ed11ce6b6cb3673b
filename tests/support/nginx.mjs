// SPDX-License-Identifier: GPL-3.0-or-later
// A real nginx in front of the servers.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { buildDir } from '../../tools/setup/paths.mjs';
import { unpacked } from './debian.mjs';
import { startProgram } from './front.mjs';

/** Where nginx is, fetched if need be. */
function nginxFile() {
  const installed = '/usr/sbin/nginx';
  return existsSync(installed) ? installed : unpacked(join(buildDir, 'nginx'), 'usr/sbin/nginx', ['nginx']);
}

/**
 * @param {(folder: string) => string} makeSite what stands inside http {}; folder: where key.pem and cert.pem lie
 * @param {number} port one that it listens on
 */
export async function startNginx(makeSite, port) {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-nginx-'));
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const key = ['req', '-x509', ...curve, '-nodes', '-days', '2', '-subj', '/CN=nkt.localhost'];
  const made = spawnSync('openssl', [...key, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  writeFileSync(join(folder, 'nginx.conf'), [
    'daemon off;', 'worker_processes 1;', `pid ${folder}/pid;`, 'error_log stderr warn;', process.getuid?.() === 0 ? 'user root;' : '',
    'events { worker_connections 256; }', 'http {', 'access_log off;', ...temporary, makeSite(folder), '}',
  ].join('\n'));
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
  return startProgram(nginxFile(), args, { port, folder, signal: 'SIGQUIT' });
}
