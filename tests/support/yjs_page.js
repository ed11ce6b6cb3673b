// SPDX-License-Identifier: GPL-3.0-or-later
// Runs in a tab, bundled: a peer, and documents that it shares. The same members as tools/bench/page_yrtc.js.
import { Nkt } from '../../glue/nkt.js';
import { NktProvider } from '../../glue/yjs/provider.js';
import * as Y from 'yjs';
import { reaches } from './yjs_reaches.js';

const nkt = new Nkt({ wasm: '/core.wasm' });
const clock = () => performance.timeOrigin + performance.now();

Object.assign(globalThis, {
  nkt,
  shared: {
    clock,
    Y,
    /** @type {Y.Doc|null} */
    doc: null,
    /** @type {any} */
    provider: null,
    open() {
      this.doc = new Y.Doc();
    },
    /** @param {object} config @returns {Promise<number>} when it began */
    async join(config) {
      const from = clock();
      this.provider = new NktProvider(nkt, /** @type {Y.Doc} */ (this.doc), { name: 'doc' });
      await nkt.init(config);
      return from;
    },
    peers() {
      return this.provider.peers.length;
    },
    direct() {
      return this.provider.peers.filter((addr) => nkt.userList[addr].links > 0).length;
    },
    text() {
      return /** @type {Y.Doc} */ (this.doc).getText('t');
    },
    /** Resolves with the time when the text is so long. @param {number} length @returns {Promise<number>} */
    reaches(length) {
      return reaches(this.text(), length);
    },
    /** Types a character each so many ms, somewhere, with a tag of its own, and takes some away. */
    async type({ tag, count, everyMs }) {
      const text = this.text();
      for (let i = 0; i < count; i++) {
        text.insert(Math.floor(Math.random() * (text.length + 1)), tag);
        if (i % 10 === 9) text.insert(0, '-'), text.delete(0, 1);
        await new Promise((done) => setTimeout(done, everyMs));
      }
    },
    state() {
      const bytes = Y.encodeSnapshot(Y.snapshot(/** @type {Y.Doc} */ (this.doc)));
      return { text: this.text().toString(), snapshot: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
    },
  },
});
