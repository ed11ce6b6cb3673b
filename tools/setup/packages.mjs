// SPDX-License-Identifier: GPL-3.0-or-later
// The Debian packages that the build and the tests need. A package counts as there when the thing it
// is needed for is there, so a tool that came another way is good enough.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { Failure, run, runBeside, say } from './report.mjs';

/** Of the sources and the native build. Package -> a command looked for in the PATH, or an absolute path. */
const first = {
  'ca-certificates': '/etc/ssl/certs/ca-certificates.crt',
  clang: 'clang',
  'libclang-rt-14-dev': '/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.asan-x86_64.a',
  'llvm-14': '/usr/lib/llvm-14/bin/llvm-symbolizer',
  'libc6-dev': '/usr/include/stdlib.h',
  cmake: 'cmake',
  'ninja-build': 'ninja',
  'protobuf-c-compiler': 'protoc-c',
  'dpkg-dev': 'dpkg-source',
  'xz-utils': 'xz',
  valgrind: '/usr/include/valgrind/callgrind.h',
};

/** Of all else: most of what there is to install. */
const others = {
  git: 'git',
  emscripten: 'emcc',
  'node-acorn': '/usr/share/nodejs/acorn',
  binaryen: 'wasm-opt',
  wabt: 'wasm-objdump',
  'clang-tidy': 'clang-tidy',
  spin: 'spin',
  chromium: 'chromium',
  'chromium-headless-shell': 'chromium-headless-shell',
  'firefox-esr': 'firefox-esr',
  'webkit2gtk-driver': 'WebKitWebDriver',
  'libwebkit2gtk-4.1-0': `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/webkit2gtk-4.1/MiniBrowser`,
  xvfb: 'Xvfb',
  iproute2: 'ip',
  nftables: 'nft',
  'nats-server': 'nats-server',
};

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** @param {string} probe */
function isThere(probe) {
  if (probe.startsWith('/')) return existsSync(probe);
  return folders.some((folder) => {
    try {
      accessSync(join(folder, probe), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The packages of which nothing is there. The sanitizer runtime is asked for on x86-64 only. @param {Record<string, string>} [needed] */
export function missingPackages(needed = { ...first, ...others }) {
  return Object.entries(needed)
    .filter(([name]) => name !== 'libclang-rt-14-dev' || process.arch === 'x64')
    .filter(([, probe]) => !isThere(probe))
    .map(([name]) => name);
}

/** How to become root: [] when we are, ['sudo', ...] when that works, null when neither. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!isThere('sudo')) return null;
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo', '-n'];
  return process.stdin.isTTY ? ['sudo'] : null;
}

/** How apt-get is called here; a Failure says what to do by hand. @param {string[]} missing */
function aptGet(missing) {
  const line = `apt-get update && apt-get install --yes --no-install-recommends ${missing.join(' ')}`;
  const cure = `as root run\n  ${line}\nand then start again (written for Debian 12).`;
  if (!isThere('apt-get')) throw new Failure(`Missing: ${missing.join(' ')}`, cure);
  const prefix = rootPrefix();
  if (prefix === null) {
    throw new Failure(`Missing: ${missing.join(' ')}; neither root nor sudo to install them`, cure);
  }
  const [program, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--quiet'];
  return { program, args, cure };
}

/**
 * Installs what is missing. What the sources and the native build need is there when it returns.
 * @returns {Promise<void>} all else, while others go on: browsers take half a minute, most of it on one processor
 */
export function installPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return Promise.resolve();
  const { program, args, cure } = aptGet(missing);
  say(`installing Debian packages: ${missing.join(' ')}`);
  const install = (names) => [...args, 'install', '--yes', '--no-install-recommends', ...names];
  const check = (needed) => {
    const still = missingPackages(needed);
    if (still.length > 0) throw new Failure(`Installed, but not found: ${still.join(' ')}`, cure);
  };
  run(program, [...args, 'update'], { cure });
  const early = missingPackages(first);
  if (early.length > 0) run(program, install(early), { cure });
  check(first);
  const late = missingPackages(others);
  if (late.length === 0) return Promise.resolve();
  return runBeside(program, install(late), { cure }).then(() => check(others));
}
