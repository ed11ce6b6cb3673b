// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium for tests and benchmarks. The headless shell is the same engine, network stack, storage and WebRTC without the windows
// around them, which cost more than our page does (18 s of CPU for ten logins, against 9). What needs the whole browser asks for it;
// NKT_CHROMIUM=whole runs everything in it.
import { createRequire } from 'node:module';
import { patiently } from './slow.mjs';

// not imported: Node would read its 7 MB once more for the names that it exports, which is half of what loading it costs
const { chromium } = /** @type {typeof import('playwright-core')} */ (createRequire(import.meta.url)('playwright-core'));

const WHOLE = '/usr/bin/chromium';
const SHELL = '/usr/bin/chromium-headless-shell';
export const CHROMIUM = process.env.NKT_CHROMIUM === 'whole' ? WHOLE : SHELL;

const LAUNCH_MS = 30_000;
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Omnibox: pages of the whole browser's address bar, two for each window, with a process each: a quarter of what a login costs there
  '--disable-features=WebRtcHideLocalIpsWithMdns,WebUIOmniboxPopup,WebUIOmniboxAimPopup',
  '--enable-crash-reporter', // without it the shell has no handler that makes an access out of the module's memory an error of WebAssembly
];

/**
 * @typedef {{executablePath?: string, isWhole?: boolean, hosts?: string[], names?: Record<string, string>, args?: string[],
 *   hasPageCache?: boolean}} Options
 *   hosts: beside this machine; names: addresses of names; hasPageCache: pages that one leaves are kept as they are, for who goes back, as
 *   people's browsers do (the shell keeps none with WebRTC). Pages of something.localhost may do whatever https may.
 */

/** @param {Options} options */
function settings({ isWhole = false, executablePath = isWhole ? WHOLE : CHROMIUM, hosts = [], names = {}, args = [], hasPageCache }) {
  const named = Object.entries(names).map(([name, address]) => `MAP ${name} ${address}`);
  const rules = [...named, 'MAP * ~NOTFOUND', ...['localhost', '127.0.0.1', ...hosts].map((host) => `EXCLUDE ${host}`)];
  const ignoreDefaultArgs = hasPageCache ? ['--disable-back-forward-cache'] : [];
  const given = [...ARGS, `--host-resolver-rules=${rules.join(' , ')}`, ...args];
  return { executablePath, ignoreDefaultArgs, args: given, timeout: patiently(LAUNCH_MS) };
}

/** A browser that reaches nothing outside the machine. @param {Options} [options] */
export function launch(options = {}) {
  return chromium.launch(settings(options));
}

/**
 * The same with a profile on the disk, as people have it, and one context: in other contexts Chromium keeps files in memory, each access
 * a question to another process.
 * @param {string} folder of the profile @param {Options} [options]
 */
export function launchProfile(folder, options = {}) {
  return chromium.launchPersistentContext(folder, settings(options));
}
