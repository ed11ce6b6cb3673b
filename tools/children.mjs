// SPDX-License-Identifier: GPL-3.0-or-later
// Servers as processes of their own, that can be killed one by one and end with this one.
import { spawn } from 'node:child_process';
import { relative } from 'node:path';
import { createInterface } from 'node:readline';
import { formatOf, makeLog, readStarted, TIED } from './log.js';
import { Failure } from './setup/report.mjs';

/** Whether lines are for people; or as the servers' are, for who reads those: theirs pass through here. */
export const isForPeople = () => [undefined, '', 'plain'].includes(process.env.NKT_LOG?.trim());

/** What nobody takes is counted for all that passes through here. */
const log = makeLog('serve', formatOf(process.env));

/** No reader of it may keep this process from ending the others. @param {string} text */
export function say(text) {
  if (isForPeople()) log.passOn(`nkt: ${text}`);
  else log.warn(text);
}

/** What to do next. @param {string} text */
export function guide(text) {
  if (isForPeople()) log.passOn(text);
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
let isStopping = false;

/** Whether somebody asked for the end. */
export const isEnding = () => isStopping;

/**
 * Starts a program that goes on until it is stopped.
 * @param {string} name for people
 * @param {string} program
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @param {() => string | null} [again] how it is started again; null: it was not there yet, and somebody else says so
 * @param {'ipc'[]} [tie] a channel by which it knows when this process is gone
 * @returns {import('node:child_process').ChildProcess}
 */
export function startProgram(name, program, args, env = {}, again = () => `${program} ${args.join(' ')}`, tie = []) {
  const isStranger = tie.length === 0 && !isForPeople(); // what it prints is not as NKT_LOG says
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', isStranger ? 'pipe' : 'inherit', ...tie],
  });
  if (isStranger) {
    const own = makeLog(/** @type {any} */ (name), formatOf(process.env), { out: log.passOn });
    createInterface({ input: /** @type {any} */ (child.stderr) }).on('line', (line) => own.info(line));
  }
  if (child.pid !== undefined) children.add(child); // else to signal it, in this turn, is to signal our own process group (pid 0)
  child.on('error', (error) => say(`the ${name} does not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    children.delete(child);
    const cure = again();
    if (isStopping || cure === null) return;
    const how = signal ? `was killed (${signal})` : `ended with ${code}`;
    say(`the ${name} ${how}; what is left goes on without it. Again: ${cure}`);
    if (children.size === 0) say('nothing is left running here.');
  });
  return child;
}

/** Where each listens, and where the other is. */
const PLACES = { relay: ['HOST', 'PORT', 'TRACKER_PORT'], tracker: ['HOST', 'TRACKER_PORT'] };

/**
 * To be typed into another shell, which knows nothing of our options and variables.
 * @param {string} script @param {Record<string, string>} env told to it alone @param {string} url where it was
 */
function byHand(script, env, url) {
  const of = url.startsWith('ws') ? 'tracker' : 'relay';
  const places = PLACES[of].map((name) => [name, (env[name] ?? process.env[name] ?? '').trim()]);
  const set = new Map([...Object.entries(env), ...places.filter(([, value]) => value !== '')]);
  const port = PLACES[of][1];
  if (set.get(port) === '0') set.set(port, portIn(url));
  return [...[...set].map(([name, value]) => `${name}=${value}`), 'node', relative('', script)].join(' ');
}

/** A port that was free is to be the same again. @param {string} url */
export const portIn = (url) => new URL(url.replace(/^ws/, 'http')).port || '80';

/**
 * Starts one of our servers and waits for the line that says where it is.
 * @param {string} name
 * @param {string} script its file
 * @param {Record<string, string>} [env]
 * @param {string} [again] how it comes back, if not by hand
 * @returns {Promise<{url: string, pid: number, ended: Promise<unknown>}>}
 */
export function startServer(name, script, env = {}, again = undefined) {
  /** @type {string | null} */
  let url = null;
  const cure = () => (url === null ? null : again ?? byHand(script, env, url));
  const child = startProgram(name, process.execPath, [script], { ...env, [TIED]: '1' }, cure, ['ipc']); // killed by force, too
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.passOn(line);
      const started = readStarted(line);
      url ??= started?.url ?? null;
      if (started) resolve({ ...started, ended });
    });
    child.on('exit', () => reject(new Failure(`The ${name} did not start`, 'see its message above.')));
  });
}

/** Ends all of them. */
export function stopAll() {
  isStopping = true;
  for (const child of children) child.kill('SIGTERM');
}

/** Ends all of them with this process. */
export function stopOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stopAll);
}
