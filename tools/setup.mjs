// SPDX-License-Identifier: GPL-3.0-or-later
// Puts everything in place that the build, the page and the tests need. Idempotent, and quick when
// nothing is left to do.
import { pathToFileURL } from 'node:url';
import { installModules } from './setup/modules.mjs';
import { installPackages } from './setup/packages.mjs';
import { installSources } from './setup/sources.mjs';
import { command, Failure, say } from './setup/report.mjs';

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    throw new Failure(`Node ${process.versions.node} is too old`, 'install Node 20 or newer.');
  }
}

/**
 * npm waits for its mirror, and so does apt: one beside the other. When it returns the native build can begin.
 * @returns {{rest: Promise<void>}} all that others need
 */
export function beginSetup() {
  const start = performance.now();
  checkNode();
  const parts = [installModules()];
  parts[0].catch(() => {}); // told with the rest, unless something fails before
  parts.push(installPackages());
  const rest = Promise.all(parts).then(() => say(`set up (${((performance.now() - start) / 1000).toFixed(1)} s)`));
  rest.catch(() => {});
  installSources();
  return { rest };
}

export const setup = async () => beginSetup().rest;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await command(setup);
