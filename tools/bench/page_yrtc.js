// SPDX-License-Identifier: GPL-3.0-or-later
// Runs in a tab, bundled: a document that y-webrtc shares. The same members as tests/support/yjs_page.js.
import * as Y from 'yjs';
import { WebrtcProvider } from 'y-webrtc';
import { reaches } from '../../tests/support/yjs_reaches.js';

const clock = () => performance.timeOrigin + performance.now();

globalThis.shared = {
  clock,
  doc: null,
  open() {
    this.doc = new Y.Doc();
  },
  async join({ room, ...options }) {
    const from = clock();
    this.provider = new WebrtcProvider(room, this.doc, options);
    return from;
  },
  peers() {
    return [...(this.provider.room?.webrtcConns.values() ?? [])].filter(({ connected }) => connected).length;
  },
  direct() {
    return this.peers();
  },
  text() {
    return this.doc.getText('t');
  },
  reaches(length) {
    return reaches(this.text(), length);
  },
};
