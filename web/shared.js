// SPDX-License-Identifier: GPL-3.0-or-later
// What another app shares with this one: its text is in the line, its files beside it, and nothing is sent before the person does. The
// service worker has it (sw.js); the address says that there is something.

import { addFiles } from './attach.js';
import { addToLine } from './input.js';
import { dropServers as dropFromAddress } from './login.js';

export async function takeShared() {
  dropFromAddress(['shared']); // a reload must not ask again
  const { controller } = navigator.serviceWorker;
  const { port1, port2 } = new MessageChannel();
  const given = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
  controller.postMessage('nkt-shared', [port2]);
  const { text, files } = await given;
  port1.close();
  if (text) addToLine(text);
  if (files.length) addFiles(files);
}
