// SPDX-License-Identifier: GPL-3.0-or-later

/** Waits for a condition; fails by name after a while. @param {() => any} condition @param {string} what @param {number} [ms] */
export async function until(condition, what, ms = 10_000) {
  const end = performance.now() + ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`waited ${ms} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const timers = { setTimeout: (f, ms) => setTimeout(f, ms), clearTimeout: (timer) => clearTimeout(timer) };
