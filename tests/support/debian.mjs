// SPDX-License-Identifier: GPL-3.0-or-later
// Programs of Debian's that are unpacked under build/ and not installed: installing them would start a server on this machine.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Fetched and unpacked if need be.
 * @param {string} folder @param {string} program its path there @param {string[]} packages @returns {string} where the program is
 */
export function unpacked(folder, program, packages) {
  const file = join(folder, program);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const run = (command, args) => spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  const download = () => run('apt-get', ['download', ...packages]);
  let got = download();
  if (got.status !== 0) { // a machine whose lists are old, or were never fetched
    run('apt-get', ['--quiet', 'update']);
    got = download();
  }
  const said = readdirSync(folder).filter((name) => name.endsWith('.deb')).map((name) => run('dpkg', ['-x', name, '.']).stderr);
  if (!existsSync(file)) throw new Error(`apt-get download ${packages.join(' ')}, dpkg -x: ${got.stderr}${said.join('')}`);
  return file;
}
