// SPDX-License-Identifier: GPL-3.0-or-later
// What a Dockerfile of ours describes, without Docker: its files where nothing else is, its command, its user, its variables. Of Docker
// there is neither the image that it stands on, of which Node and its libraries are put there, nor a network of its own.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../../tools/setup/paths.mjs';
import { runCommand } from './cli.mjs';

const TOOLS = ['/usr/sbin/chroot', '/usr/bin/unshare'];
const NOBODY = 65534;
const NODE = '/usr/local/bin/node'; // where the image has it

/** Why no such thing can be made here, or false. */
export function whyNoImage() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root of a Linux can';
  return TOOLS.every((tool) => existsSync(tool)) ? false : `needs ${TOOLS.join(' and ')}`;
}

/** @param {string} text @param {string} word an instruction, the last of which counts */
const lastOf = (text, word) => [...text.matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].at(-1)?.[1] ?? '';

/**
 * @param {string} dockerfile its path in the repository
 * @param {string} modules what its npm install gives: a node_modules with our package
 * @returns {{folder: string, command: string[], env: Record<string, string>, remove: () => void}}
 */
export function imageOf(dockerfile, modules) {
  const text = readFileSync(join(root, dockerfile), 'utf8');
  const [from, to] = lastOf(text, 'COPY --from=build').split(' ');
  if (from !== to || !to.endsWith('/node_modules')) throw new Error(`${dockerfile} copies ${from} to ${to}`);
  const folder = mkdtempSync(join(tmpdir(), 'nkt-image-'));
  chmodSync(folder, 0o755);
  const put = (file, as = file) => {
    mkdirSync(join(folder, dirname(as)), { recursive: true });
    copyFileSync(file, join(folder, as));
  };
  put(process.execPath, NODE);
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
  for (const [, file] of libraries) put(file);
  for (const name of ['proc', 'dev', 'tmp']) mkdirSync(join(folder, name));
  cpSync(modules, join(folder, to), { recursive: true });
  return {
    folder,
    command: JSON.parse(lastOf(text, 'CMD')),
    env: Object.fromEntries(lastOf(text, 'ENV').split(' ').map((one) => one.split('='))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Runs it: as nobody, since the image's `node` has no name here.
 * @param {ReturnType<typeof imageOf>} image @param {Record<string, string>} env as with docker run --env
 */
export function runImage({ folder, command, env: own }, env) {
  const [program, ...args] = command;
  if (program !== 'node') throw new Error(`the image's command is ${program}`);
  // in namespaces of its own, so that /proc and /dev are gone with it
  const enter = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot --userspec="$NOBODY:$NOBODY" "$0" "$@"';
  const running = runCommand('/usr/bin/unshare', ['--mount', 'sh', '-c', enter, folder, NODE, ...args], {
    env: { ...own, ...env, NOBODY: String(NOBODY), PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  /** @param {number[]} pids as they are seen outside, where no namespace of processes is */
  const owners = (pids) => pids.map((pid) => statSync(`/proc/${pid}`).uid);
  return { ...running, owners };
}
