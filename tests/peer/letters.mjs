// SPDX-License-Identifier: GPL-3.0-or-later
// Letters, as their recipient reads them (docs/protocol.md, section 17).
import { demand, hex, zeros } from './bytes.mjs';
import { letterAd, letterKeyOf, letterNextOf } from './derive.mjs';
import { KIND, readEnvelope } from './envelope.mjs';
import { unpad } from './pad.mjs';
import { openOnce } from './primitives.mjs';
import { decode, encode } from './schema.mjs';

const NUMBER_MAX = 16_384n;
const KEYS_MAX = 16; // of one author

/** @typedef {import('./people.mjs').Person} Person */

export class Letters {
  #peer;
  /** By author and epoch. @type {Map<string, Map<bigint, {number: bigint, chain: Uint8Array}>>} */
  #keys = new Map();

  /** @param {import('./peer.mjs').Peer} peer */
  constructor(peer) {
    this.#peer = peer;
  }

  /** What was given in the session: a place in a chain, from which the later ones follow. @param {Person} person @param {any[]} given */
  hearKeys(person, given) {
    for (const { epoch, number, chain } of given.slice(0, KEYS_MAX)) {
      demand(chain.length === 32, 'payload', 'letter key');
      const keys = this.#keys.get(person.name) ?? new Map();
      const before = keys.get(epoch);
      if (!before || number < before.number) keys.set(epoch, { number, chain });
      this.#keys.set(person.name, new Map([...keys].slice(-KEYS_MAX)));
    }
  }

  /** @param {Person} author @param {any} body */
  hear(author, body) {
    const { epoch, number, sealed } = decode('Letter', body.payload);
    const key = this.#keys.get(author.name)?.get(epoch);
    demand(key && number >= key.number && number <= NUMBER_MAX, 'no letter key');
    let { chain } = key;
    for (let at = key.number; at < number; at++) chain = letterNextOf(chain);
    const ad = letterAd(body.network, body.from, body.to ?? zeros(20), epoch, number);
    const { say, ...rest } = decode('Inner', unpad(openOnce(letterKeyOf(chain), sealed, ad)));
    demand(say.every(({ call }) => !call) && !rest.ends, 'payload', 'letter');
    for (const one of say) this.#peer.attempt(() => this.#peer.outbox.hear(author, one));
  }

  /** Tells a keeper what need not be kept any more. @param {Person} keeper @param {Uint8Array[]} frames */
  receipt(keeper, frames) {
    const id = frames.map(readEnvelope).filter(({ body }) => body.keep_s !== undefined).map((envelope) => envelope.id);
    if (id.length === 0) return;
    this.#peer.post({ kind: KIND.RECEIPT, to: keeper.address, payload: encode('Receipt', { id }) });
    this.#peer.emit('receipt', keeper, id.map(hex));
  }
}
