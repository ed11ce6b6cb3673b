// SPDX-License-Identifier: GPL-3.0-or-later
// Peers that share Yjs documents over a real relay.
import * as Y from 'yjs';
import { NktProvider } from '../../../glue/yjs/provider.js';
import { startServer } from '../../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './peers.mjs';
import { until } from './until.mjs';

/** By which peers call each other for documents. */
export const CALL = 'nkt.yjs';

export const same = (...all) => {
  const [first, ...others] = all.map(({ doc }) => Buffer.from(Y.encodeSnapshot(Y.snapshot(doc))).toString('hex'));
  return others.every((other) => other === first);
};

export const textOf = ({ doc }) => doc.getText('t').toString();

export const allSame = (all, text) => until(() => same(...all) && textOf(all[0]) === text, `the same: ${text.slice(0, 40)}`);

export const linked = async (one, other) => {
  await until(() => one.nkt.userList[other.address].links > 0 && other.nkt.userList[one.address].links > 0, 'a link');
};

export class Sharers {
  #providers = [];

  static async open() {
    const sharers = new Sharers();
    sharers.server = await startServer('app.js');
    return sharers;
  }

  share(peer, options) {
    const provider = new NktProvider(peer.nkt, new Y.Doc(), options);
    this.#providers.push(provider);
    return provider;
  }

  /** Peers of a room of their own, each with a session with each. @param {string[]} nicks @param {object} [more] */
  async meet(nicks, more) {
    const config = { relays: [`${this.server.wsUrl}/relay`], room: newRoom(), history: true, ...more };
    const peers = [];
    for (const nick of nicks) peers.push(await startPeer(nick, config));
    for (const one of peers) for (const other of peers) if (other !== one) await one.session(other.address);
    return { peers, config };
  }

  async clear() {
    for (const provider of this.#providers.splice(0)) provider.doc.destroy();
    await closePeers();
  }

  stop() {
    return this.server.stop();
  }
}
