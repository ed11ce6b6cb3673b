// SPDX-License-Identifier: GPL-3.0-or-later
// One WebRTC link (docs/protocol.md, section 11): a data channel, and the proof that it ends at that address.
import { EventEmitter } from 'node:events';
import wrtc from '@roamhq/wrtc';
import { concat, demand, equal, isZero, Reader, Refused, u8, zeros } from './bytes.mjs';
import * as derive from './derive.mjs';
import { FRAME } from './envelope.mjs';
import { fingerprintOf } from './fingerprint.mjs';
import { sign, verifies } from './primitives.mjs';

const OFFERER = 1;
const ANSWERER = 2;

/**
 * What both sign: of the whole link, for the one in that role.
 * @param {{offerer: Uint8Array, answerer: Uint8Array, fingerprints: Uint8Array[], nonces: Uint8Array[]}} link offerer's first
 */
function signed({ offerer, answerer, fingerprints, nonces }, role, hasRoom, roomKey) {
  return derive.linkDigest([offerer, answerer, ...fingerprints, ...nonces], role, hasRoom, roomKey);
}

/**
 * @param {any} link @param {number} role of who signs @param {Uint8Array | null} roomKey told where the room has no secret
 * @param {Uint8Array} signSeed
 */
export function makeProof(link, role, roomKey, signSeed) {
  const hasRoom = roomKey ? 1 : 0;
  const key = roomKey ?? zeros(32);
  return concat(u8(FRAME.PROOF), u8(hasRoom), key, sign(signSeed, signed(link, role, hasRoom, key)));
}

/** @param {any} link @param {number} role of who signed @param {Uint8Array} frame @param {Uint8Array} signKey */
export function readProof(link, role, frame, signKey) {
  const reader = new Reader(frame);
  demand(reader.number() === FRAME.PROOF && frame.length === 98, 'proof');
  const hasRoom = reader.number();
  const roomKey = reader.take(32);
  demand(hasRoom === 1 || (hasRoom === 0 && isZero(roomKey)), 'proof');
  demand(verifies(reader.rest(), signed(link, role, hasRoom, roomKey), signKey), 'proof', 'signature');
  return hasRoom ? roomKey : null;
}

/** Events: proven, frame (bytes), refused (error), closed. */
export class Link extends EventEmitter {
  #pc;
  #channel;
  #peer;
  isProven = false;
  isClosed = false;

  /**
   * @param {import('./peer.mjs').Peer} peer @param {import('./people.mjs').Person} person at the other end
   * @param {{isOfferer: boolean, attempt: Uint8Array}} how
   */
  constructor(peer, person, { isOfferer, attempt }) {
    super();
    this.#peer = peer;
    this.person = person;
    this.isOfferer = isOfferer;
    this.attempt = attempt;
    this.nonce = peer.entropy.bytes(32);
    this.sinceMs = peer.time.wallMs;
    this.#pc = new wrtc.RTCPeerConnection({ iceServers: [] });
    this.#channel = this.#pc.createDataChannel('nkt', { negotiated: true, id: 0, ordered: true });
    this.#channel.binaryType = 'arraybuffer';
    this.#channel.onopen = () => this.#prove();
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#channel.onclose = () => this.close();
    this.#pc.onconnectionstatechange = () => {
      if (['failed', 'closed'].includes(this.#pc.connectionState)) this.close();
    };
  }

  /** @param {Uint8Array} attempt */
  isNamed(attempt) {
    return equal(attempt, this.attempt);
  }

  /** Ours, with all its candidates. @returns {Promise<string>} */
  async #described(description) {
    await this.#pc.setLocalDescription(description);
    if (this.#pc.iceGatheringState !== 'complete') {
      await new Promise((resolve) => {
        this.#pc.onicegatheringstatechange = () => this.#pc.iceGatheringState === 'complete' && resolve(undefined);
      });
    }
    return this.#pc.localDescription.sdp;
  }

  /**
   * What was under way when it was closed comes to nothing.
   * @template T @param {() => Promise<T>} step @returns {Promise<T | undefined>}
   */
  async #whileOpen(step) {
    try {
      return await step();
    } catch (error) {
      if (!this.isClosed) throw error;
      return undefined;
    }
  }

  offer() {
    return this.#whileOpen(async () => this.#described(await this.#pc.createOffer()));
  }

  /** @param {string} sdp @param {Uint8Array} nonce theirs */
  async answer(sdp, nonce) {
    await this.accept('offer', sdp, nonce);
    return this.#whileOpen(async () => this.#described(await this.#pc.createAnswer()));
  }

  /** @param {'offer' | 'answer'} type @param {string} sdp @param {Uint8Array} nonce theirs */
  async accept(type, sdp, nonce) {
    fingerprintOf(sdp);
    this.theirNonce = nonce;
    await this.#whileOpen(() => this.#pc.setRemoteDescription({ type, sdp }));
  }

  get #facts() {
    const own = { address: this.#peer.address, print: fingerprintOf(this.#pc.localDescription.sdp), nonce: this.nonce };
    const their = { address: this.person.address, print: fingerprintOf(this.#pc.remoteDescription.sdp), nonce: this.theirNonce };
    const [offerer, answerer] = this.isOfferer ? [own, their] : [their, own];
    const ends = { offerer: offerer.address, answerer: answerer.address };
    return { ...ends, fingerprints: [offerer.print, answerer.print], nonces: [offerer.nonce, answerer.nonce] };
  }

  #prove() {
    if (this.isClosed) return;
    const { room, identity } = this.#peer;
    const proof = makeProof(this.#facts, this.isOfferer ? OFFERER : ANSWERER, room.isOpen ? room.key : null, identity.signSeed);
    this.#channel.send(this.#peer.forge.proof?.(proof) ?? proof);
  }

  /** @param {Uint8Array} frame */
  send(frame) {
    if (this.#channel.readyState === 'open') this.#channel.send(frame);
  }

  close() {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#pc.close();
    this.emit('closed');
  }

  #hear(data) {
    if (this.isClosed) return;
    const frame = new Uint8Array(data).slice();
    try {
      this.#heed(frame);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.emit('refused', error, frame);
      if (!this.isProven) this.close();
    }
  }

  #heed(frame) {
    demand(frame.length > 0 && frame[0] >> 4 === FRAME.PROOF >> 4, 'version', 'of a frame');
    if (!this.isProven) {
      const roomKey = readProof(this.#facts, this.isOfferer ? ANSWERER : OFFERER, frame, this.person.record.sign_key);
      demand(!roomKey || equal(roomKey, this.#peer.room.key), 'proof', 'another room');
      this.isProven = true;
      this.emit('proven');
    } else if (frame[0] === FRAME.PING) {
      this.send(concat(u8(FRAME.PONG), frame.slice(1, 5)));
    } else {
      this.emit('frame', frame);
    }
  }
}
