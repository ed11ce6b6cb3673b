// SPDX-License-Identifier: GPL-3.0-or-later
import { WebrtcProvider } from 'y-webrtc';
import * as Y from 'yjs';

const doc = new Y.Doc();
const provider = new WebrtcProvider(room, doc, {
  signaling: [server], filterBcConns: false, maxConns: Infinity, peerOpts: { config: { iceServers: [] } },
});
const talk = doc.getArray('talk');
talk.observe(({ changes }, { local }) => {
  if (!local) for (const { insert = [] } of changes.delta) insert.forEach(({ text, who }) => heard(text, who));
});
window.say = (text) => talk.push([{ text, who: nick }]);
window.others = () => [...provider.room?.webrtcConns.values() ?? []].filter(({ connected }) => connected).length;
