// SPDX-License-Identifier: GPL-3.0-or-later
// The npm packages of package-lock.json. Installed again only when the lock changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { runBeside, say } from './report.mjs';

/** @param {string} [folder] of another package-lock.json */
export async function installModules(folder = root) {
  const stampFile = join(folder, 'node_modules', '.nkt-lock');
  const hash = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return;
  say('installing npm packages (npm ci)');
  await runBeside('npm', ['ci', '--include=dev', '--no-progress', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: folder,
    cure:
      'read the message above. No network: try again with one. ' +
      'A package differs from its pinned hash: do not go on, tell the project.',
  });
  writeFileSync(stampFile, hash);
}
