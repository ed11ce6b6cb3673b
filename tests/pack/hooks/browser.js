// SPDX-License-Identifier: GPL-3.0-or-later
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';

globalThis.peers = new Set(); // all that were ever rendered with
const config = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const all = { wasm: new URL('core.wasm', location.href), ...config };
createRoot(document.getElementById('root')).render(createElement(App, { config: all }));
