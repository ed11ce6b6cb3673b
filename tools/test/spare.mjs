// SPDX-License-Identifier: GPL-3.0-or-later
// How much of the machine is to be had: processors that are idle, or at work that gives way to any other (nice).
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

const WINDOW_MS = 2000; // a browser's start, which takes all there is, is over by then

/** Whether a quota of CPU time is set for us, in which case idle processors tell nothing. */
function hasQuota() {
  const read = (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  return /^\d/.test(read('/sys/fs/cgroup/cpu.max')) || Number(read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us')) > 0;
}

export class Spare {
  #read;
  #clock;
  #isKnown;
  /** @type {{at: number, free: number}[]} at and free in ms, free of all processors since they run */
  #looks = [];

  /**
   * @param {() => {times: {idle: number, nice: number}}[]} [read]
   * @param {() => number} [clock] in ms
   * @param {boolean} [isKnown] what is idle is ours to take
   */
  constructor(read = cpus, clock = () => performance.now(), isKnown = cpus().length === availableParallelism() && !hasQuota()) {
    this.#read = read;
    this.#clock = clock;
    this.#isKnown = isKnown;
  }

  /** Something was begun: what was seen before counts no more. */
  forget() {
    this.#looks = [];
  }

  /** Processors that were free of late, on average; 0 while that is not known. To be called now and then. @returns {number} */
  look() {
    if (!this.#isKnown) return 0;
    const now = { at: this.#clock(), free: this.#read().reduce((sum, { times }) => sum + times.idle + times.nice, 0) };
    this.#looks.push(now);
    while (this.#looks.length > 1 && this.#looks[1].at <= now.at - WINDOW_MS) this.#looks.shift();
    const [first] = this.#looks;
    return now.at - first.at < WINDOW_MS ? 0 : (now.free - first.free) / (now.at - first.at);
  }
}
