// SPDX-License-Identifier: GPL-3.0-or-later
// A real Caddy in front of the servers.
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDir } from '../../tools/setup/paths.mjs';
import { unpacked } from './debian.mjs';
import { startProgram } from './front.mjs';

/** Where Caddy is, fetched if need be. */
function caddyFile() {
  const installed = '/usr/bin/caddy';
  return existsSync(installed) ? installed : unpacked(join(buildDir, 'caddy'), 'usr/bin/caddy', ['caddy']);
}

/**
 * On loopback, with a certificate of its own making (names under .localhost), that nobody is asked to trust.
 * @param {string} site a Caddyfile without global options @param {number} port
 */
export async function startCaddy(site, port) {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-caddy-'));
  const global = ['admin off', `https_port ${port}`, 'auto_https disable_redirects', 'skip_install_trust', 'default_bind 127.0.0.1',
    'servers {', 'protocols h1 h2', '}']; // no port of UDP
  writeFileSync(join(folder, 'Caddyfile'), `{\n${global.join('\n')}\n}\n${site}`);
  const env = { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder };
  return startProgram(caddyFile(), ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'], { port, folder, env });
}
