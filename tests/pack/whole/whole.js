// SPDX-License-Identifier: GPL-3.0-or-later
// An application that a bundler builds: what the test drives is here, as it would be in anybody's.
import { Nkt, NktError } from 'nkt';

const { wasm } = Object.fromEntries(new URLSearchParams(location.search)); // where a bundler does not find it by itself
const nkt = new Nkt(wasm ? { wasm: new URL(wasm, location.href) } : {});
const heard = [];
nkt.addEventListener('nktencryptedmessagereceived', ({ detail, from }) => heard.push({ detail, from }));
const contents = new Promise((resolve) => nkt.addEventListener('nktcontent', ({ detail }) => resolve(detail)));
nkt.register('add', ([a, b]) => a + b);

globalThis.app = { nkt, heard, contents, NktError };
