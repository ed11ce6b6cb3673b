// SPDX-License-Identifier: GPL-3.0-or-later
// The sessions with one other peer (docs/protocol.md, section 8): the Double Ratchet and the KEM ratchet, together or not at all.
import { demand, equal } from './bytes.mjs';
import { contentAd, contentKeyOf } from './derive.mjs';
import * as kem from './kem_ratchet.mjs';
import { pad, unpad } from './pad.mjs';
import { openOnce, sealOnce } from './primitives.mjs';
import * as ratchet from './ratchet.mjs';
import { demandPrekey } from './record.mjs';
import { decode, encode } from './schema.mjs';
import { agreeAsInitiator, agreeAsResponder } from './x3dh.mjs';

const TYPE = { SIGNAL: 2, PREKEY: 3 };
const KEPT_MAX = 3; // sessions with one peer: what is on its way under an older one is read still
const HALF_SIZE = 32;

/**
 * The private halves of prekeys that were given to a peer.
 * @typedef {{prekey(id: number): Uint8Array | undefined, kem(id: number): Uint8Array | undefined}} Given
 */

export class Session {
  #me;
  #them;
  #entropy;
  /** @type {{ratchet: any, kem: any, pending: any}[]} the one to speak in first: that in which something decrypted last */
  #states = [];

  /**
   * @param {import('./record.mjs').Identity} me @param {import('./record.mjs').Known} them
   * @param {import('./entropy.mjs').Entropy} entropy
   */
  constructor(me, them, entropy) {
    this.#me = me;
    this.#them = { ...them, identityKey: them.identity_key };
    this.#entropy = entropy;
  }

  get isBegun() {
    return this.#states.length > 0;
  }

  /** The epoch of the KEM half, for whoever looks on. */
  get epoch() {
    return this.#states[0]?.kem.epoch;
  }

  get count() {
    return this.#states.length;
  }

  /**
   * As initiator.
   * @param {{id: number, key: Uint8Array} | undefined} prekey one-time, if there is one
   * @param {{id: number, key: Uint8Array}} kemKey id 0: the lasting one
   */
  begin(prekey, kemKey) {
    demandPrekey(this.#them);
    const { identityKey, signed_prekey: signedPrekey, signed_prekey_id: signedPreKeyId } = this.#them;
    const secret = agreeAsInitiator(this.#me, { identityKey, prekey: signedPrekey, oneTime: prekey?.key }, this.#entropy.bytes(32));
    this.#prefer({
      ratchet: ratchet.beginAsInitiator(secret, signedPrekey, this.#entropy.bytes(32)),
      kem: kem.beginAsInitiator(this.#me, this.#them, kemKey, this.#entropy.bytes(32)),
      pending: { preKeyId: prekey?.id, signedPreKeyId, baseKey: ratchet.keyBytes(secret.baseKey) },
    });
  }

  #prefer(state, instead = state) {
    this.#states = [state, ...this.#states.filter((other) => other !== instead)].slice(0, KEPT_MAX);
  }

  /** @param {any} inner an Inner, with `ends` @returns {any} a Ciphertext */
  encrypt(inner) {
    const [state] = this.#states;
    const half = this.#entropy.bytes(HALF_SIZE);
    const signal = ratchet.encrypt(state.ratchet, { from: this.#me.identityKey, to: this.#them.identityKey }, half);
    const { kem: header, key } = kem.say(state.kem, this.#entropy);
    const message = state.pending ? this.#asPrekey(state.pending, signal) : signal;
    const content = sealOnce(contentKeyOf(key, half), pad(encode('Inner', inner)), contentAd(header, message));
    return { type: state.pending ? TYPE.PREKEY : TYPE.SIGNAL, message, content, kem: header };
  }

  #asPrekey(pending, message) {
    const { registrationId, identityKey } = this.#me;
    return ratchet.versioned('PreKeyWhisperMessage', { ...pending, registrationId, identityKey: ratchet.keyBytes(identityKey), message });
  }

  /**
   * Nothing is changed unless all of it opens.
   * @param {any} ciphertext a Ciphertext @param {Given} given
   * @returns {{inner: any, used?: {prekey?: number, kem: number}}} used: by a first message
   */
  decrypt({ type, message, content, kem: bytes }, given) {
    demand(type === TYPE.SIGNAL || type === TYPE.PREKEY, 'ciphertext', `type ${type}`);
    demand(content && bytes, 'ciphertext', 'half of it');
    const header = kem.readHeader(bytes);
    const prekey = type === TYPE.PREKEY ? this.#readPrekey(message) : undefined;
    const known = this.#states.find((state) => equal(state.kem.tag, header.tag));
    const begun = known ? undefined : this.#respond(header, prekey, given);
    const state = known ?? begun.state;

    const ends = { from: this.#them.identityKey, to: this.#me.identityKey };
    const signal = ratchet.decrypt(state.ratchet, ends, prekey ? prekey.message : message, () => this.#entropy.bytes(32));
    const half = kem.hear(state.kem, header);
    demand(signal.plaintext.length === HALF_SIZE, 'half');
    const padded = openOnce(contentKeyOf(half.key, signal.plaintext), content, contentAd(bytes, message));
    const inner = decode('Inner', unpad(padded));
    this.#prefer({ ratchet: signal.state, kem: half.state, pending: null }, state);
    return { inner, used: begun?.used };
  }

  #readPrekey(bytes) {
    const message = ratchet.readVersioned('PreKeyWhisperMessage', bytes);
    demand(message.message && message.identityKey && message.baseKey, 'syntax');
    demand(equal(ratchet.readKey(message.identityKey), this.#them.identityKey), 'identity');
    return { ...message, baseKey: ratchet.readKey(message.baseKey) };
  }

  /** A session that the other side began. @param {kem.Header} header @param {any} prekey @param {Given} given */
  #respond(header, prekey, given) {
    demand(prekey && header.answer?.isFirst, 'session', 'none of that name');
    const { signedPreKeyId, preKeyId, baseKey } = prekey;
    demand(signedPreKeyId === this.#me.prekeyId, 'prekey', 'signed');
    const oneTimePrivate = preKeyId === undefined ? undefined : given.prekey(preKeyId);
    demand(preKeyId === undefined || oneTimePrivate, 'prekey', 'one-time');
    const kemSecret = header.answer.id === 0 ? this.#me.kem.secretKey : given.kem(header.answer.id);
    demand(kemSecret, 'prekey', 'kem');
    const { identityPrivate, prekeyPrivate } = this.#me;
    const secret = agreeAsResponder({ identityPrivate, prekeyPrivate, oneTimePrivate }, { identityKey: this.#them.identityKey, baseKey });
    const state = {
      ratchet: ratchet.beginAsResponder(secret, prekeyPrivate),
      kem: kem.beginAsResponder(this.#me, this.#them, header, kemSecret),
      pending: null,
    };
    return { state, used: { prekey: preKeyId, kem: header.answer.id } };
  }
}
