// SPDX-License-Identifier: GPL-3.0-or-later
// Where the time of `npm test` goes: when each part began and ended, what CPU time it took, and how much of the processors was idle.
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

const COSTLIEST = 10;
const SLICE_S = 30; // of the row that says when processors were idle
const LOOK_MS = 1000;
const TICKS_PER_S = 100; // of Linux, on every machine of ours

/**
 * CPU time of children that have ended and were waited for, with theirs, in s; NaN where that is not told. A process that was left behind
 * by its parent (a browser that was killed) is in no account.
 * @param {string} [stat] of proc(5)
 */
export function childSeconds(stat = readStat()) {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // its name may have blanks
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_S;
}

/** @param {number | 'self'} [pid] @returns {string} */
export function readStat(pid = 'self') {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}

/** Counts what has been added since it was asked last. */
class Meter {
  #last = 0;

  /** @param {number} value @returns {number} */
  added(value) {
    const more = value - this.#last;
    this.#last = value;
    return Math.max(more, 0) || 0;
  }
}

const children = new Meter();

/** CPU time of the children that ended since this was asked last, 0 where it is not told: to be asked whenever one has ended. */
export const endedSeconds = () => children.added(childSeconds());

/** @typedef {{name: string, from: number, to: number, cpu: number, isInner: boolean}} Part in s since the start; isInner: of another */

export class Timeline {
  /** @type {Part[]} */
  parts = [];
  #clock;
  #read;
  #start;
  /** @type {{at: number, idle: number, all: number}[]} what the processors had done, in ms */
  #looks = [];
  #timer;

  /** @param {() => number} [clock] in ms @param {() => {times: Record<string, number>}[]} [read] */
  constructor(clock = () => performance.now(), read = cpus) {
    this.#clock = clock;
    this.#read = read;
    this.#start = clock();
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** In s since the start. */
  now() {
    return (this.#clock() - this.#start) / 1000;
  }

  look() {
    const times = this.#read().map((one) => one.times);
    const all = times.reduce((sum, one) => sum + Object.values(one).reduce((a, b) => a + b, 0), 0);
    this.#looks.push({ at: this.now(), idle: times.reduce((sum, { idle }) => sum + idle, 0), all });
  }

  /**
   * @param {string} name @param {number} from in s @param {number} cpu in s
   * @param {{isInner?: boolean}} [options] isInner: what it took is in another part, too
   */
  add(name, from, cpu, { isInner = false } = {}) {
    this.parts.push({ name, from, to: this.now(), cpu, isInner });
  }

  /** Something that ends before anything else can. @template T @param {string} name @param {() => T} run @returns {T} */
  measure(name, run) {
    const from = this.now();
    endedSeconds();
    try {
      return run();
    } finally {
      this.add(name, from, endedSeconds());
      this.look();
    }
  }

  /** The idle share from one look to another. @param {number} a @param {number} b */
  #idle(a, b) {
    const [first, last] = [this.#looks[a], this.#looks[b]];
    return last.all > first.all ? (last.idle - first.idle) / (last.all - first.all) : 0;
  }

  /** A file's figure lacks what its browsers' tabs took: they are children of a process that waits for none. */
  #busy() {
    const [first, last] = [this.#looks[0], this.#looks[this.#looks.length - 1]];
    const busy = (last.all - first.all - (last.idle - first.idle)) / 1000;
    const told = this.parts.reduce((sum, { cpu, isInner }) => sum + (isInner ? 0 : cpu), 0);
    return `CPU time: ${busy.toFixed(0)} s, ${told.toFixed(0)} of them in parts; the rest took what nobody waits for (tabs of Chromium),`
      + ' this program, and others on the machine';
  }

  /**
   * @param {boolean} isWhole all parts, in the order in which they began; else the costliest
   * @returns {string[]} lines
   */
  lines(isWhole) {
    clearInterval(this.#timer);
    this.look();
    const percent = (share) => `${Math.round(share * 100)} %`;
    const slices = [];
    for (let a = 0; a < this.#looks.length - 1;) {
      const until = this.#looks[a].at + SLICE_S;
      const found = this.#looks.findIndex(({ at }) => at >= until);
      const b = found < 0 ? this.#looks.length - 1 : found;
      slices.push(percent(this.#idle(a, b)));
      a = b;
    }
    const inOrder = () => this.parts.toSorted((a, b) => a.from - b.from);
    const parts = isWhole ? inOrder() : this.parts.toSorted((a, b) => b.cpu - a.cpu).slice(0, COSTLIEST);
    const column = (number, width) => number.toFixed(1).padStart(width);
    return [
      `${availableParallelism()} processors, ${this.now().toFixed(0)} s, idle ${percent(this.#idle(0, this.#looks.length - 1))};`
        + ` of each ${SLICE_S} s: ${slices.join(', ')}`,
      this.#busy(),
      `${isWhole ? 'All parts' : 'What took most CPU time'} (CPU in s, from, to; npm test -- --timeline tells all):`,
      ...parts.map(({ name, from, to, cpu }) => `${column(cpu, 7)} ${column(from, 7)} ${column(to, 7)}  ${name}`),
    ];
  }
}

const SPLIT = /^ *(?:Start +\d+: (\S+)\n|\d+\/\d+ Test +#\d+: (\S+) )/gm;
const CLOCK_S = 0.3; // of ticks, and of what is told later than it was

/**
 * CPU time of single C tests, by what ctest says: it tells of each that has ended as soon as it has waited for it, and its own account
 * grows by what that one took. A line comes in any number of pieces. Of tests that ended so close together that nobody can say which took
 * what there is one part, with all their names: a test has one thread, and takes no more CPU time than time.
 */
export class CtestParts {
  #timeline;
  #said = '';
  /** @type {Map<string, number>} when it began, by name */
  #begun = new Map();
  /** @type {string[]} that have ended, and are in no part yet */
  #ended = [];
  #from = Infinity;
  #wall = 0; // what they took, in s, added up
  #cpu = 0; // of those that are in a part
  #last = 0; // of all

  /** @param {Timeline} timeline */
  constructor(timeline) {
    this.#timeline = timeline;
  }

  /** @param {string} text a piece of what ctest prints @param {number} cpu of its tests that have ended, in s; NaN: not known */
  hear(text, cpu) {
    const now = this.#timeline.now();
    this.#said += text;
    let end = this.#said.lastIndexOf('\n') + 1;
    for (const { index, 0: all, 1: begun, 2: ended } of this.#said.matchAll(SPLIT)) {
      if (begun) this.#begun.set(begun, now);
      else {
        const from = this.#begun.get(ended) ?? now;
        this.#ended.push(ended);
        this.#from = Math.min(this.#from, from);
        this.#wall += now - from;
      }
      end = Math.max(end, index + all.length);
    }
    this.#said = this.#said.slice(end);
    if (cpu > this.#last) this.#last = cpu;
    if (this.#last - this.#cpu <= this.#wall + CLOCK_S) this.end();
  }

  /** What has ended is a part. */
  end() {
    if (this.#ended.length === 0) return;
    const [first, ...others] = this.#ended;
    const more = others.length > 3 ? `, ${others[0]} and ${others.length - 1} others` : others.map((name) => `, ${name}`).join('');
    this.#timeline.add(`ctest ${first}${more}`, this.#from, this.#last - this.#cpu, { isInner: true });
    this.#cpu = this.#last;
    this.#ended = [];
    this.#from = Infinity;
    this.#wall = 0;
  }
}
