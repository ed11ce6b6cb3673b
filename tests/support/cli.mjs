// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a program of this project as a process of its own: what it prints, line by line, and how it ends.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { until } from '../glue/support/until.mjs';

/** Those that run; they end with this process. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/**
 * A script by Node.
 * @param {string} file @param {string[]} args @param {{cwd?: string, env?: Record<string, string>}} [options] env: beside our own
 */
export function runProgram(file, args, { cwd, env } = {}) {
  return runCommand(process.execPath, [file, ...args], { cwd, env: { ...process.env, ...env } });
}

/**
 * @param {string} command @param {string[]} args @param {{cwd?: string, env?: NodeJS.ProcessEnv}} [options] env: all of it
 */
export function runCommand(command, args, { cwd, env } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: 'pipe' });
  children.add(child);
  /** @type {string[]} */
  const lines = [];
  let errors = '';
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  child.stderr.on('data', (chunk) => (errors += chunk));
  child.stdin.on('error', () => {}); // it may have ended
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
  ended.then(() => children.delete(child));
  const name = `${command.split('/').pop()} ${args.join(' ')}`;
  return {
    lines,
    errors: () => errors,
    /** Resolves to the exit code. */
    ended,
    write: (/** @type {string} */ line) => child.stdin.write(`${line}\n`),
    end: () => child.stdin.end(),
    kill: (/** @type {NodeJS.Signals} */ signal) => child.kill(signal),
    /** @param {(line: string) => boolean} matches @param {string} what */
    async line(matches, what) {
      try {
        return await until(() => lines.find(matches), what);
      } catch (error) {
        throw new Error(`${name}: no ${what} in\n${lines.join('\n')}\n${errors}`, { cause: error });
      }
    },
    /** @param {(value: any) => boolean} matches @param {string} what */
    async json(matches, what) {
      return JSON.parse(await this.line((line) => matches(JSON.parse(line)), what));
    },
  };
}
