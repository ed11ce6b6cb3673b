// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * WebRTC: one peer connection per link, with a data channel for messages and one for contents, which take turns: so much of a content may
 * wait to be sent as keeps the line full, and a message waits for one part of it. Gathers its candidates before it shows a description,
 * so that one text each way is all the signalling there is.
 */
import { Pressure } from './pressure.js';
import { LossyChannel } from './rtc_lossy.js';
import { SEND_TEXT } from './constants.js';
import { findsNewPath, isOfFirefox, keepRole } from './renewal.js';
import { checkIceServers } from './ice.js';
import { isNode } from './platform.js';

/** Live and pending peer connections together. The core keeps to it by itself; this guards the browser's own limit. */
export const PEER_COUNT_MAX = 24 + 8;

/** How long what was sent last may take to leave before the connection is torn down, in ms. */
const LINGER_MS = 100;

/** If the core names no time for gathering, in ms. */
const GATHER_MS = 2000;

/** While a person carries the answer back, the answering side tries the candidates of the offer again so often, in ms: they are
 *  given up after 15 s, and the ways through its router close. */
const KNOCK_MS = 10_000;

/** Agreed on by both sides instead of announced: one round trip less. */
const CHANNEL = Object.freeze({ negotiated: true, id: 0, ordered: true });
const BULK_CHANNEL = Object.freeze({ negotiated: true, id: 1, ordered: true });

/**
 * @typedef {{link: number, pc: RTCPeerConnection, channel: RTCDataChannel, bulk: RTCDataChannel, lossy: LossyChannel,
 *   pressure: Pressure, bulkPressure: Pressure, isOpen: boolean, isSuspect: boolean, isRestarting: boolean, isPatient: boolean,
 *   isToFirefox: boolean, gatherTimer: any, knockTimer: any, reason: string}} Peer
 */

export class Peers {
  /** Data channels copy what they are given. */
  copies = true;

  #RTCPeerConnection;
  #timers;
  #report;
  /** @type {import('./ice.js').IceServer[]} */
  #servers;
  /** @type {import('./ice.js').IceError[]} */
  #errors;
  /** @type {Map<number, Peer>} */
  #peers = new Map();
  /** Closed for the core, about to be torn down. @type {Map<RTCPeerConnection, any>} */
  #lingering = new Map();
  /** Waits until there is none. */
  #onEnded = () => {};

  /**
   * @param {object} parts
   * @param {any} parts.RTCPeerConnection constructor; null where there is none: every link fails with a reason
   * @param {unknown[]} parts.iceServers as a person gave them
   * @param {{setTimeout(f: () => void, ms: number): any, clearTimeout(timer: any): void}} parts.timers
   * @param {(kind: string, fields: object) => void} parts.report facts for the core
   */
  constructor({ RTCPeerConnection, iceServers, timers, report }) {
    this.#RTCPeerConnection = RTCPeerConnection;
    this.#timers = timers;
    this.#report = report;
    const { servers, errors } = checkIceServers(iceServers);
    this.#servers = servers;
    this.#errors = errors;
  }

  /** Others from now on, also where a link that is there looks for a new path. @param {unknown[]} iceServers as a person gave them */
  setIceServers(iceServers) {
    const { servers, errors } = checkIceServers(iceServers);
    this.#servers = servers;
    this.#errors = errors;
    for (const { pc } of this.#peers.values()) {
      try {
        pc.setConfiguration?.({ iceServers: servers });
      } catch {
        // it goes on with those that it has
      }
    }
  }

  /** The entries in force. */
  get iceServers() {
    return this.#servers;
  }

  /** The entries that were refused, with the reason. */
  get iceErrors() {
    return this.#errors;
  }

  /** Whether there is WebRTC at all. */
  get isPossible() {
    return Boolean(this.#RTCPeerConnection);
  }

  get count() {
    return this.#peers.size + this.#lingering.size;
  }

  /**
   * @param {number} link @param {number} gatherMs
   * @param {boolean} [isPatient] the other side may come minutes later: only the core decides that it failed
   */
  offer(link, gatherMs, isPatient = false) {
    this.#negotiate(link, gatherMs, isPatient, ({ pc }) => pc.createOffer());
  }

  /**
   * On a link that is open: the other side restarts ICE.
   * @param {number} link @param {string} sdp the other side's offer @param {number} gatherMs @param {boolean} [isPatient]
   */
  answer(link, sdp, gatherMs, isPatient = false) {
    this.#negotiate(link, gatherMs, isPatient, async (peer) => {
      await peer.pc.setRemoteDescription({ type: 'offer', sdp: keepRole(peer.pc, sdp) });
      if (isPatient) this.#knock(peer, [...sdp.matchAll(/^a=(candidate:.*?)\r?$/gm)].map(([, candidate]) => candidate));
      return peer.pc.createAnswer();
    });
  }

  /** New candidates for a link whose path broke, unless they may lead nowhere. @param {number} link @param {number} gatherMs */
  restart(link, gatherMs) {
    const peer = this.#peers.get(link);
    if (peer && !findsNewPath(peer.pc, peer.isToFirefox)) this.#down(peer, 'the path broke, and another one needs a new connection');
    else if (peer) this.#negotiate(link, gatherMs, false, ({ pc }) => pc.createOffer({ iceRestart: true }));
  }

  /** @param {number} link @param {string} sdp the other side's answer */
  accept(link, sdp) {
    const peer = this.#peers.get(link);
    if (!peer) return;
    peer.isToFirefox = isOfFirefox(sdp);
    peer.pc.setRemoteDescription({ type: 'answer', sdp }).catch((error) => this.#down(peer, error.message));
  }

  /** @param {number} link @param {Uint8Array} bytes @param {boolean} [_isText] @param {boolean} [isBulk] see Pressure */
  send(link, bytes, _isText, isBulk) {
    const peer = this.#peers.get(link);
    const channel = isBulk ? peer?.bulk : peer?.channel;
    if (!peer || channel?.readyState !== 'open') return;
    try {
      channel.send(/** @type {any} */ (bytes));
    } catch (error) {
      this.#down(peer, `cannot send: ${/** @type {Error} */ (error).message}`); // a reliable channel must not lose one
      return;
    }
    if (isBulk) peer.bulkPressure.sent(true);
    else peer.pressure.sent();
  }

  /** What may be lost: by the channel for that, if both have one. @param {number} link @param {Uint8Array} bytes */
  sendLossy(link, bytes) {
    const peer = this.#peers.get(link);
    if (peer && !peer.lossy.send(bytes) && !peer.lossy.isLate(peer.channel)) this.send(link, bytes);
  }

  /** Closes and forgets; reports nothing. @param {number} link @param {boolean} [immediate] */
  close(link, immediate = false) {
    const peer = this.#peers.get(link);
    if (!peer) return;
    this.#forget(peer);
    const { pc, channel, bulk, isOpen } = peer;
    try {
      channel.close(); // after what is queued
      bulk.close();
    } catch {
      // closed already
    }
    if (immediate || !isOpen) {
      pc.close();
      return;
    }
    this.#lingering.set(pc, this.#timers.setTimeout(() => {
      this.#lingering.delete(pc);
      pc.close();
      if (this.#lingering.size === 0) this.#onEnded();
    }, LINGER_MS));
  }

  /**
   * @param {boolean} [immediate] the page is going away: nothing lingers
   * @returns {Promise<void>} when what was said last has left and nothing is open any more
   */
  closeAll(immediate = false) {
    for (const link of [...this.#peers.keys()]) this.close(link, immediate);
    if (immediate) {
      for (const [pc, timer] of this.#lingering) {
        this.#timers.clearTimeout(timer);
        pc.close();
      }
      this.#lingering.clear();
    }
    this.#onEnded();
    return new Promise((resolve) => {
      this.#onEnded = resolve;
      if (this.#lingering.size === 0) resolve();
    });
  }

  /**
   * Creates the connection (or takes the one that is to be restarted), makes the local description and shows it when it
   * has its candidates.
   * @param {number} link @param {number} gatherMs @param {boolean} isPatient
   * @param {(peer: Peer) => Promise<RTCSessionDescriptionInit>} describe
   */
  async #negotiate(link, gatherMs, isPatient, describe) {
    let peer = this.#peers.get(link);
    try {
      if (peer) peer.isRestarting = true;
      else peer = this.#create(link, isPatient);
      const description = await describe(peer);
      const gathered = this.#gathered(peer, gatherMs > 0 ? gatherMs : GATHER_MS);
      await peer.pc.setLocalDescription(description);
      await gathered;
      const sdp = peer.pc.localDescription?.sdp;
      if (this.#peers.get(link) !== peer) return; // closed meanwhile
      if (!sdp) throw new Error('no local description');
      this.#report('RTC_LOCAL', { link, text: sdp });
    } catch (error) {
      const reason = /** @type {Error} */ (error).message;
      if (peer) this.#down(peer, reason);
      else this.#report('LINK_DOWN', { link, text: reason });
    }
  }

  /** Candidates that are given again are tried again. @param {Peer} peer @param {string[]} candidates */
  #knock(peer, candidates) {
    peer.knockTimer = this.#timers.setTimeout(() => {
      if (peer.isOpen) return;
      for (const candidate of candidates) peer.pc.addIceCandidate({ candidate, sdpMLineIndex: 0 }).catch(() => {});
      this.#knock(peer, candidates);
    }, KNOCK_MS);
  }

  /** @param {number} link @param {boolean} isPatient @returns {Peer} */
  #create(link, isPatient) {
    if (!this.#RTCPeerConnection) throw new Error('no WebRTC here');
    if (this.count >= PEER_COUNT_MAX) throw new Error('too many peer connections');
    const pc = this.#construct();
    let channel;
    let bulk;
    try {
      channel = pc.createDataChannel('nkt', CHANNEL);
      bulk = pc.createDataChannel('nkt contents', BULK_CHANNEL);
    } catch (error) {
      pc.close();
      throw error;
    }
    const pressure = this.#pressureOf(channel, { report: (value) => this.#report('LINK_PRESSURE', { link, value }) });
    const bulkPressure = this.#pressureOf(bulk, {
      report: () => {}, reportQueued: (value) => this.#report('LINK_QUEUED', { link, value }),
    });
    const lossy = new LossyChannel(pc, (bytes) => {
      if (peer.isOpen) this.#report('LINK_DATA', { link, bytes, flags: 0 });
    });
    const peer = {
      link, pc, channel, bulk, lossy, pressure, bulkPressure, isOpen: false, isSuspect: false, isRestarting: false, isPatient,
      isToFirefox: false, gatherTimer: null, knockTimer: null, reason: '',
    };
    this.#peers.set(link, peer);
    this.#listen(peer);
    return peer;
  }

  /** @param {RTCDataChannel} channel @param {{report: (value: 0|1) => void, reportQueued?: (size: number) => void}} reports */
  #pressureOf(channel, reports) {
    channel.binaryType = 'arraybuffer';
    return new Pressure({
      queued: () => channel.bufferedAmount, timers: this.#timers, ...reports,
      ...(!isNode && { aim: (size) => { channel.bufferedAmountLowThreshold = size; } }),
    });
  }

  /** If the platform refuses the list, finds the entry that it refuses. @returns {RTCPeerConnection} */
  #construct() {
    try {
      return new this.#RTCPeerConnection({ iceServers: this.#servers });
    } catch (error) {
      const accepted = this.#servers.filter((server, index) => this.#isAccepted(server, index));
      if (accepted.length === this.#servers.length) throw error;
      this.#servers = accepted;
      return new this.#RTCPeerConnection({ iceServers: accepted });
    }
  }

  /** @param {import('./ice.js').IceServer} server @param {number} index @returns {boolean} */
  #isAccepted(server, index) {
    try {
      new this.#RTCPeerConnection({ iceServers: [server] }).close();
      return true;
    } catch (error) {
      this.#errors.push({ index, entry: server.urls.join(', '), error: /** @type {Error} */ (error).message });
      return false;
    }
  }

  /** @param {Peer} peer */
  #listen(peer) {
    const { link, pc, channel, bulk, pressure, bulkPressure } = peer;
    for (const one of [channel, bulk]) {
      one.onopen = () => {
        if (peer.isOpen || channel.readyState !== 'open' || bulk.readyState !== 'open') return;
        peer.isOpen = true;
        this.#report('LINK_UP', { link });
      };
      one.onmessage = ({ data }) => {
        const bytes = typeof data === 'string' ? data : new Uint8Array(data);
        this.#report('LINK_DATA', { link, bytes, flags: typeof data === 'string' ? SEND_TEXT : 0 });
      };
      one.onerror = (event) => {
        peer.reason = /** @type {any} */ (event).error?.message ?? '';
      };
      one.onclose = () => this.#down(peer, peer.reason || 'the data channel was closed');
    }
    channel.onbufferedamountlow = () => pressure.look();
    bulk.onbufferedamountlow = () => bulkPressure.look();
    pc.onconnectionstatechange = () => this.#connectionChanged(peer);
  }

  /** @param {Peer} peer */
  #connectionChanged(peer) {
    const state = peer.pc.connectionState;
    if (state === 'connected') peer.isRestarting = false;
    // the core gives these up when their time is over: one goes on when the other side comes
    if (state === 'failed' && (peer.isRestarting || (peer.isPatient && !peer.isOpen))) return;
    if (state === 'failed') this.#down(peer, 'no path between the two was found, or it broke');
    else if (state === 'closed') this.#down(peer, 'the peer connection was closed');
    else if (state === 'disconnected' && !peer.isSuspect) this.#suspect(peer, true);
    else if (state === 'connected' && peer.isSuspect) this.#suspect(peer, false);
  }

  /** @param {Peer} peer @param {boolean} isSuspect */
  #suspect(peer, isSuspect) {
    peer.isSuspect = isSuspect;
    this.#report('LINK_SUSPECT', { link: peer.link, value: isSuspect ? 1 : 0 });
  }

  /**
   * To be called before the local description is set: after it a restart may still look complete from the first time.
   * @param {Peer} peer @param {number} ms @returns {Promise<void>} when all candidates are there, or the time is up
   */
  #gathered(peer, ms) {
    const { pc } = peer;
    return new Promise((resolve) => {
      const finish = () => {
        this.#timers.clearTimeout(peer.gatherTimer);
        pc.onicegatheringstatechange = null;
        resolve();
      };
      peer.gatherTimer = this.#timers.setTimeout(finish, ms);
      pc.onicegatheringstatechange = () => {
        if (pc.iceGatheringState === 'complete') finish();
      };
      if (pc.signalingState === 'closed') finish();
    });
  }

  /** It failed: tears it down and says so, once. @param {Peer} peer @param {string} reason */
  #down(peer, reason) {
    if (this.#peers.get(peer.link) !== peer) return;
    this.#forget(peer);
    peer.pc.close();
    this.#report('LINK_DOWN', { link: peer.link, text: reason });
  }

  /** @param {Peer} peer */
  #forget(peer) {
    const { pc, channel, bulk, lossy } = peer;
    lossy.forget();
    this.#peers.delete(peer.link);
    this.#timers.clearTimeout(peer.gatherTimer);
    this.#timers.clearTimeout(peer.knockTimer);
    peer.pressure.close();
    peer.bulkPressure.close();
    pc.onconnectionstatechange = pc.onicegatheringstatechange = null;
    for (const one of [channel, bulk]) one.onopen = one.onmessage = one.onclose = one.onbufferedamountlow = one.onerror = null;
  }
}
