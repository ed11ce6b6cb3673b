// SPDX-License-Identifier: GPL-3.0-or-later
import { Nkt } from '../../../glue/nkt.js';

const nkt = new Nkt({ wasm: '/core.wasm' });
nkt.addEventListener('nktencryptedmessagereceived', ({ detail, from }) => heard(detail, nkt.userList[from].nick));
await nkt.init({ nick, room, relays: [server], trackers: [], iceServers: [] });
window.say = (text) => nkt.sendEncryptedMessage(text);
window.others = () => Object.values(nkt.userList).filter(({ links }) => links > 0).length;
