// SPDX-License-Identifier: GPL-3.0-or-later
// The Debian packages that the build and the tests need. A package counts as there when the thing it
// is needed for is there, so a tool that came another way is good enough.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { Failure, run, say } from './report.mjs';

/** Package -> a command looked for in the PATH, or an absolute path. */
const needed = {
  'ca-certificates': '/etc/ssl/certs/ca-certificates.crt',
  git: 'git',
  emscripten: 'emcc',
  'node-acorn': '/usr/share/nodejs/acorn',
  binaryen: 'wasm-opt',
  wabt: 'wasm-objdump',
  clang: 'clang',
  'clang-tidy': 'clang-tidy',
  'libclang-rt-14-dev': '/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.asan-x86_64.a',
  'llvm-14': '/usr/lib/llvm-14/bin/llvm-symbolizer',
  'libc6-dev': '/usr/include/stdlib.h',
  cmake: 'cmake',
  'ninja-build': 'ninja',
  'protobuf-c-compiler': 'protoc-c',
  'dpkg-dev': 'dpkg-source',
  'xz-utils': 'xz',
  spin: 'spin',
  valgrind: '/usr/include/valgrind/callgrind.h',
  chromium: 'chromium',
  'chromium-headless-shell': 'chromium-headless-shell',
  'firefox-esr': 'firefox-esr',
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

/** The packages of which nothing is there. The sanitizer runtime is asked for on x86-64 only. */
export function missingPackages() {
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

/** Installs what is missing. */
export function installPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const line = `apt-get update && apt-get install --yes --no-install-recommends ${missing.join(' ')}`;
  const cure = `as root run\n  ${line}\nand then start again (written for Debian 12).`;
  if (!isThere('apt-get')) throw new Failure(`Missing: ${missing.join(' ')}`, cure);
  const prefix = rootPrefix();
  if (prefix === null) {
    throw new Failure(`Missing: ${missing.join(' ')}; neither root nor sudo to install them`, cure);
  }
  say(`installing Debian packages: ${missing.join(' ')}`);
  const apt = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--quiet'];
  run(apt[0], [...apt.slice(1), 'update'], { cure });
  run(apt[0], [...apt.slice(1), 'install', '--yes', '--no-install-recommends', ...missing], { cure });
  const still = missingPackages();
  if (still.length > 0) throw new Failure(`Installed, but not found: ${still.join(' ')}`, cure);
}
