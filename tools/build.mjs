// SPDX-License-Identifier: GPL-3.0-or-later
// Builds: `node tools/build.mjs [native] [wasm] [web] [fuzz] [release] [cost]`; native, wasm and web without arguments.
// --no-setup: what these need is there, whatever else is on its way.
// Ninja does what is stale and nothing else, and so does the bundler of the page.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setup } from './setup.mjs';
import { buildDir, root } from './setup/paths.mjs';
import { command, Failure, run, say } from './setup/report.mjs';
import { checkModule } from './wasm/check.mjs';
import { writeInterface } from './wasm/interface.mjs';

const emscripten = '/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake';
const compiler = `-DCMAKE_C_COMPILER=${process.env.CC || 'clang'}`;

/** What each build of the core is made with; its folder is build/NAME. */
const kinds = {
  native: [compiler, '-DCMAKE_BUILD_TYPE=Debug', '-DNKT_SANITIZE=ON', `-DNKT_VARIABLES=${process.env.NKT_VARIABLES ? 'ON' : 'OFF'}`],
  release: [compiler, '-DCMAKE_BUILD_TYPE=Release'],
  fuzz: ['-DCMAKE_C_COMPILER=clang', '-DCMAKE_BUILD_TYPE=Release', '-DNKT_FUZZ=ON'],
  wasm: [`-DCMAKE_TOOLCHAIN_FILE=${emscripten}`, '-DCMAKE_BUILD_TYPE=Release', '-DNKT_WASM=ON'],
};

/** The page; its folder is build/web. */
const WEB = 'web';

/** A part of a build of the core, by the names of its targets. */
const parts = {
  cost: { kind: 'release', targets: ['cost'] }, // what tools/bench/cost_native.mjs counts
};

/** @typedef {keyof typeof kinds | keyof typeof parts | typeof WEB} Kind */

/** Runs CMake for a new folder, or when what it is called with has changed. */
function configure(kind, folder, env, cure) {
  const args = ['-G', 'Ninja', '-S', root, '-B', folder, ...kinds[kind]];
  const stampFile = join(folder, 'configured-with');
  const stamp = args.join('\n');
  const isSame = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
  if (isSame && existsSync(join(folder, 'build.ninja'))) return;
  say(`configuring ${kind}`);
  rmSync(join(folder, 'CMakeCache.txt'), { force: true });
  run('cmake', args, { env, cure, quiet: true });
  writeFileSync(stampFile, stamp);
}

/** @param {Kind} kind */
export function build(kind) {
  const start = performance.now();
  const part = parts[kind];
  if (kind === WEB) run(process.execPath, [join(root, 'tools/page/build.mjs')]);
  else if (part) compile(part.kind, part.targets);
  else compile(kind, []);
  say(`built ${kind} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}

/** @param {keyof typeof kinds} kind @param {string[]} targets */
function compile(kind, targets) {
  const folder = join(buildDir, kind);
  const env = { NODE_PATH: '/usr/share/nodejs' };
  const cure = `read the first error above. To begin afresh: rm -rf ${folder}`;
  if (kind === 'wasm' && writeInterface()) say('glue/interface.js is another: the core offers something else now');
  configure(kind, folder, env, cure);
  const jobs = process.env.NKT_JOBS || availableParallelism();
  const quiet = process.stdout.isTTY ? [] : ['--quiet']; // on a terminal: one line that counts
  run('ninja', ['-C', folder, `-j${jobs}`, ...quiet, ...targets], { env, cure });
  if (kind === 'wasm') {
    const { imports, bytes, gzipBytes } = checkModule(join(folder, 'core.wasm'));
    const size = `${(bytes / 1000).toFixed(0)} KB, ${(gzipBytes / 1000).toFixed(0)} KB gzipped`;
    say(`core.wasm: ${size}, imports ${imports.length} host functions`);
  }
}

const NO_SETUP = '--no-setup';

async function main() {
  const args = process.argv.slice(2);
  const wanted = args.filter((arg) => arg !== NO_SETUP);
  const all = [...Object.keys(kinds), ...Object.keys(parts), WEB];
  for (const kind of wanted) {
    if (!all.includes(kind)) {
      throw new Failure(`No such build: ${kind}`, `one of ${all.join(', ')}`);
    }
  }
  if (!args.includes(NO_SETUP)) await setup();
  for (const kind of wanted.length > 0 ? wanted : ['native', 'wasm', WEB]) build(/** @type {Kind} */ (kind));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await command(main);
