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

/** npm waits for its mirror, and so does apt: one beside the other. */
export async function setup() {
  const start = performance.now();
  checkNode();
  installPackages();
  const modules = installModules();
  modules.catch(() => {}); // told below, unless the sources fail before
  installSources();
  await modules;
  say(`set up (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await command(setup);
