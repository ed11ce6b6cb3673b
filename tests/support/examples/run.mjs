// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a compiled example, in Node or in a page, and compares what it gives with what it says. Imports nothing: pages load it as it is.

const WAIT_MS = 20_000;

/** @param {string} text @param {string} pattern in which … stands for anything */
function isLike(text, pattern) {
  const parts = pattern.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`).test(text);
}

/** @param {any} value @param {any} said @returns {boolean} … in a string that was said stands for anything */
export function isAsSaid(value, said) {
  if (typeof said === 'string' && typeof value === 'string') return isLike(value, said);
  if (typeof said !== 'object' || said === null || typeof value !== 'object' || value === null) return Object.is(value, said);
  const keys = Object.keys(said);
  return Array.isArray(value) === Array.isArray(said) && Object.keys(value).length === keys.length
    && keys.every((key) => Object.hasOwn(value, key) && isAsSaid(value[key], said[key]));
}

/** @param {any[]} values */
const show = (values) => values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))).join(', ');

/** @template T @param {Promise<T>} promise @param {() => string} what @param {number} ms @returns {Promise<T>} */
async function inTime(promise, what, ms) {
  /** @type {any} */
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what()} within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Rejects when it throws, or does not give what it says. What is told in a function may be told more than once: one of them has to be it.
 * @param {import('./compile.mjs').Program} program @param {Record<string, unknown>} names given to it
 * @param {(name: string) => unknown} load answers its imports @param {number} [ms] its time
 */
export async function run({ js, marks }, names, load, ms = WAIT_MS) {
  const given = marks.map(() => /** @type {string[]} */ ([]));
  const open = new Set(marks.keys());
  /** @type {(value?: unknown) => void} */
  let allMet;
  const met = new Promise((resolve) => (allMet = resolve));
  const is = (n, values, said) => {
    given[n].push(show(values));
    if (isAsSaid(values, said())) open.delete(n);
    else if (!marks[n].isInside) throw new Error(told(n, show(values)));
    if (open.size === 0) allMet();
  };
  const told = (n, gave) => `line ${marks[n].line} gave ${gave}, and says ${marks[n].says}`;
  const missing = () => [...open].map((n) => told(n, given[n].join(' and ') || 'nothing'));
  const AsyncFunction = /** @type {any} */ (async () => {}).constructor;
  const all = { ...names, $is: is, require: load, exports: {} };
  await inTime(new AsyncFunction(...Object.keys(all), js)(...Object.values(all)), () => `not at its end (${missing()})`, ms);
  if (open.size > 0) await inTime(met, () => String(missing()), ms);
}
