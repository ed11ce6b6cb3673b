// SPDX-License-Identifier: GPL-3.0-or-later
// What a browser takes: CPU time of all its processes, memory of those that run pages. Linux only.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const TICK_MS = 10; // of /proc, whatever the kernel's

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
};

const pids = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
const commandOf = (pid) => read(`/proc/${pid}/cmdline`).split('\0');
const isPage = (pid) => read(`/proc/${pid}/cmdline`).includes('--type=renderer'); // one text, as the zygote writes it
const field = (pid, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(read(`/proc/${pid}/status`))?.[1] ?? 0);

export class Processes {
  root;

  /** @param {string} mark an argument that the browser was started with, and nothing else */
  constructor(mark) {
    const root = pids().find((pid) => commandOf(pid).includes(mark));
    if (!root) throw new Error(`no process was started with ${mark}`);
    this.root = root;
  }

  /** Ends all of it at once, as when a machine loses its power. */
  kill() {
    for (const pid of this.#all()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it ended with the others
      }
    }
  }

  /** CPU time so far, in ms: of all, and of the processes that run pages. */
  get cpu() {
    const sum = { all: 0, page: 0 };
    for (const pid of this.#all()) {
      const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
      const ms = (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS; // those of threads that ended are in it
      sum.all += ms;
      if (isPage(pid)) sum.page += ms;
    }
    return sum;
  }

  /** Memory of the pages is compared with what it is now. @returns {() => number} the most that there was beyond it, in bytes */
  watchMemory() {
    const pages = this.#all().filter(isPage);
    const before = new Map();
    for (const pid of pages) {
      before.set(pid, field(pid, 'VmRSS'));
      writeFileSync(`/proc/${pid}/clear_refs`, '5'); // VmHWM begins anew
    }
    return () => pages.reduce((sum, pid) => sum + Math.max(0, field(pid, 'VmHWM') - before.get(pid)), 0) * 1024;
  }

  #all() {
    const children = new Map();
    for (const pid of pids()) {
      const parent = field(pid, 'PPid');
      children.set(parent, [...(children.get(parent) ?? []), pid]);
    }
    const all = [this.root];
    for (const pid of all) all.push(...(children.get(pid) ?? []));
    return all;
  }
}
