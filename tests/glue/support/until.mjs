// SPDX-License-Identifier: GPL-3.0-or-later
import { patiently } from '../../support/slow.mjs';

const GAP_MS = 5;
const WAIT_MS = 20_000;

/**
 * Waits for a condition; fails by name after a while.
 * @param {() => any} condition @param {string} what @param {number} [ms]
 * @param {number} [gapMaxMs] between two looks: a tenth of the time that has passed, if that is more than a moment and not more than this.
 *   For what is dear to ask: a question to a tab is 2 ms of CPU, and several tabs that are waited for would take a processor.
 */
export async function until(condition, what, ms = patiently(WAIT_MS), gapMaxMs = GAP_MS) {
  const start = performance.now();
  for (;;) {
    const value = await condition();
    if (value) return value;
    const waited = performance.now() - start;
    if (waited > ms) throw new Error(`waited ${ms} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(waited / 10, GAP_MS), gapMaxMs)));
  }
}

export const timers = { setTimeout: (f, ms) => setTimeout(f, ms), clearTimeout: (timer) => clearTimeout(timer) };
