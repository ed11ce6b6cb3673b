// SPDX-License-Identifier: GPL-3.0-or-later
// The simulator, optimised: `npm run sim -- --scenario calm --peers 1000 --degree 16 --seeds 1..10 --json`.
// Builds what is stale; what that prints goes to stderr, so that stdout has the figures alone.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildDir, root } from './setup/paths.mjs';
import { command, Failure } from './setup/report.mjs';

const binary = join(buildDir, 'release', 'tests', 'sim', 'sim');

await command(() => {
  const made = spawnSync(process.execPath, [join(root, 'tools', 'build.mjs'), 'release'], { stdio: ['inherit', 2, 2] });
  if (made.status !== 0) throw new Failure('The simulator could not be built', 'read the first error above');
  const { status, signal, error } = spawnSync(binary, process.argv.slice(2), { stdio: 'inherit' });
  if (error) throw new Failure(`${binary} does not start: ${error.message}`);
  if (signal) throw new Failure(`the simulator was ended by ${signal}`, 'less memory: fewer peers');
  process.exitCode = status ?? 1;
});
