// SPDX-License-Identifier: GPL-3.0-or-later
// Style as a test: `node tools/tidy.mjs` prints what is against the rules and ends with 1. Calls within the core are looked at as
// the native build compiled them last, and who writes what by its list of commands; `npm test` does so after it has built.
import { tidyAll } from './tidy/tidy.mjs';
import { command, Failure, say } from './setup/report.mjs';

await command(async () => {
  const { fileCount, findings } = await tidyAll();
  for (const { file, line, what } of findings) console.log(`${file}:${line}: ${what}`);
  if (findings.length > 0) {
    throw new Failure(
      `tidy: ${findings.length} findings in ${fileCount} files`,
      'see above; the rules are in tools/tidy/.',
    );
  }
  say(`tidy: ${fileCount} files, nothing to say`);
});
