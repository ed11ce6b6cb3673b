// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of a series, and how they are printed.

/** The value that a share (0 to 1) of the others does not exceed. @param {number[]} values @param {number} share */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))];
}

/** @param {number[]} values */
export const median = (values) => quantile(values, 0.5);

/** @param {number[]} values in ms */
export function spread(values) {
  const at = (share) => quantile(values, share).toFixed(1);
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)} ms`;
}

/** Figures stand in the output of a test run, indented. @param {string} text */
export const print = (text) => console.log(`  ${text}`);

/** For the table of `npm run faults`. @param {string} row @param {Record<string, number>} figures */
export const fault = (row, figures) => print(`@fault ${JSON.stringify({ row, ...figures })}`);
