// SPDX-License-Identifier: GPL-3.0-or-later
// What tests came to: how many passed and failed, and which failed.

/**
 * @typedef {{passed: number, failed: number, names: string[], again?: string[]}} Count
 *   names: of those that failed, with their file; again: of those that passed only when their file was run once more
 */

/** @param {Count[]} counts @returns {Count} */
export function sum(counts) {
  return counts.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    names: [...a.names, ...b.names],
    again: [...a.again ?? [], ...b.again ?? []],
  }), { passed: 0, failed: 0, names: [], again: [] });
}

/** One that failed as a whole. @param {string} name @returns {Count} */
export const failure = (name) => ({ passed: 0, failed: 1, names: [name] });

/**
 * Of a report of Node's test runner in TAP. A suite fails with its tests, and is not counted.
 * @param {string} tap @param {string} file @param {number | string | null} status of the runner
 * @returns {Count}
 */
export function readTap(tap, file, status) {
  const numberOf = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0);
  if (!/^# pass \d+$/m.test(tap)) return { passed: 0, failed: 1, names: [`${file}: ended with ${status}, before its tests`] };
  const failed = numberOf('fail') + numberOf('cancelled');
  const names = [];
  const lines = tap.split('\n');
  for (const [i, line] of lines.entries()) {
    const found = /^ *not ok \d+ - (.*)$/.exec(line);
    if (!found || / # (TODO|SKIP)\b/.test(line)) continue;
    const end = lines.findIndex((other, k) => k > i && /^ *\.\.\.$/.test(other));
    const isOfTests = lines.slice(i, end < 0 ? undefined : end).some((other) => other.includes("failureType: 'subtestsFailed'"));
    if (!isOfTests) names.push(`${file}: ${found[1]}`);
  }
  if (failed === 0 && status !== 0) return { passed: numberOf('pass'), failed: 1, names: [`${file}: ended with ${status}`] };
  return { passed: numberOf('pass'), failed, names: failed > 0 && names.length === 0 ? [`${file}: ${failed} tests`] : names };
}

/**
 * Of what ctest printed.
 * @param {string} text @param {number | null} status
 * @returns {Count}
 */
export function readCtest(text, status) {
  if (/No tests were found/.test(text)) return failure('ctest: no tests were found');
  const found = /(\d+) tests? failed out of (\d+)/.exec(text);
  if (!found) return status === 0 ? sum([]) : failure(`ctest: ended with ${status}`);
  const failed = Number(found[1]);
  const list = /The following tests FAILED:\n((?:\s+\d+ - .*\n?)*)/.exec(text)?.[1] ?? '';
  const names = [...list.matchAll(/^\s+\d+ - (\S+) \((.*)\)/gm)].map(([, name, how]) => `ctest: ${name} (${how})`);
  return { passed: Number(found[2]) - failed, failed, names };
}
