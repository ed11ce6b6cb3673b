// SPDX-License-Identifier: GPL-3.0-or-later
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import 'nkt/room';
import { App } from './app.js';

console.log(renderToString(createElement(App, { config: { nick: 'server', relays: ['ws://localhost:1/'] } })));
