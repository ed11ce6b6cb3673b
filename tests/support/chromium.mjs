// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium for tests and benchmarks. The headless shell is the same engine, network stack, storage and WebRTC without the windows
// around them, which cost more than our page does (18 s of CPU for ten logins, against 9). What needs the whole browser asks for it;
// NKT_CHROMIUM=whole runs everything in it.
import { chromium } from 'playwright-core';

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
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--enable-crash-reporter', // without it the shell has no handler that makes an access out of the module's memory an error of WebAssembly
];

/**
 * A browser that reaches nothing outside the machine.
 * @param {{executablePath?: string, isWhole?: boolean, hosts?: string[], args?: string[]}} [options] hosts: beside this one
 */
export function launch({ isWhole = false, executablePath = isWhole ? WHOLE : CHROMIUM, hosts = [], args = [] } = {}) {
  const rules = ['MAP * ~NOTFOUND', ...['localhost', '127.0.0.1', ...hosts].map((host) => `EXCLUDE ${host}`)];
  return chromium.launch({ executablePath, args: [...ARGS, `--host-resolver-rules=${rules.join(' , ')}`, ...args], timeout: LAUNCH_MS });
}
