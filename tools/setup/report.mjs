// SPDX-License-Identifier: GPL-3.0-or-later
// Progress lines, and failures that say what to do.
import { spawn, spawnSync } from 'node:child_process';
import { formatOf, makeLog, say as write } from '../log.js';

/** A failure whose message is meant for the person at the terminal: no stack trace is shown. */
export class Failure extends Error {
  /**
   * @param {string} what what went wrong
   * @param {string} [cure] what to do about it
   */
  constructor(what, cure) {
    super(cure ? `${what}\n  What to do: ${cure.replaceAll('\n', '\n  ')}` : what);
  }
}

/** @param {string} line */
export function say(line) {
  const format = formatOf(process.env);
  if (format === 'plain') write(`nkt: ${line}`);
  else makeLog('tools', format).info(line); // who reads the servers' lines reads these among them
}

/**
 * Runs a command and shows what it prints; throws a Failure when it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: Record<string, string | undefined>, quiet?: boolean, cure?: string}} [options]
 *   quiet: what it prints is shown only when it fails
 */
export function run(command, args, { cwd, env, quiet = false, cure } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: env ? { ...process.env, ...env } : process.env,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['inherit', 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (result.error) throw new Failure(`${command} does not start: ${result.error.message}`, cure);
  if (result.status !== 0) {
    if (quiet) process.stderr.write(`${result.stdout}${result.stderr}`);
    const how = result.signal ? `was ended by ${result.signal}` : `ended with ${result.status}`;
    throw new Failure(`${command} ${args.slice(0, 4).join(' ')} ... ${how}`, cure);
  }
  return result.stdout ?? '';
}

/**
 * Runs a command beside others, and shows what it prints; rejects with a Failure when it fails.
 * @param {string} command @param {string[]} args @param {{cwd?: string, cure?: string}} [options] @returns {Promise<void>}
 */
export function runBeside(command, args, { cwd, cure } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', (error) => reject(new Failure(`${command} does not start: ${error.message}`, cure)));
    child.once('exit', (status, signal) => {
      const how = signal ? `was ended by ${signal}` : `ended with ${status}`;
      if (status === 0) resolve();
      else reject(new Failure(`${command} ${args.slice(0, 4).join(' ')} ... ${how}`, cure));
    });
  });
}

/**
 * The frame of every command here: a Failure is printed plainly, anything else with its stack.
 * @param {() => unknown} main
 */
export async function command(main) {
  try {
    await main();
  } catch (error) {
    const format = formatOf(process.env);
    const text = `FAILED: ${error instanceof Failure ? error.message : error.stack}`;
    if (format === 'plain') console.error(`nkt: ${text}`);
    else makeLog('tools', format).error(text);
    process.exitCode = 1;
  }
}
