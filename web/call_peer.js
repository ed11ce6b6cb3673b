// SPDX-License-Identifier: GPL-3.0-or-later
// One person of a call: an RTCPeerConnection of its own. Its descriptions travel as remote calls, so within the session of those two, which
// proves whose fingerprint of the DTLS certificate it is. Both sides of it always have one audio and one video; a camera that is switched
// on, or a screen in its place, changes the track and needs no word. What is negotiated again is the path, when it breaks.

import { keepRole } from './glue/renewal.js';
import { CANDIDATE_COUNT_MAX, CANDIDATE_SUM_MAX } from './call_rules.js';

const RESTART_MS = 2000; // until another path is looked for again, and each time twice as long: answers may take longer, and a new offer
const RESTART_MS_MAX = 8000; // makes the answer to the one before it worthless
const SILENT_MS = 1200; // without a packet of somebody who sends: ICE alone takes 3 to 6 s to see that a path is broken
const LOST_MS = 30_000; // without a path: as long as changing from Wi-Fi to a telephone's network takes, and more

/** Candidates that are found within so many ms are one message. */
const FOUND_MS = 10;

/** What media may take of the line, in bits a second: less of each the more there are. */
const VIDEO_BITS = 1_500_000;

export class CallPeer {
  #pc;
  #isPolite;
  #say;
  #onChange;
  #onDead;
  #queue = Promise.resolve(); // steps of negotiation, one after the other
  #held = []; // candidates that came before their description
  #heardCount = 0; // candidates since the last description
  #found = []; // own candidates, to be said
  #offered = ''; // what waits for an answer
  #tracks;
  #timer = null; // looks for another path
  #since = 0; // when the path was missed
  #tries = 0; // to find another one since
  #asking = 0; // offers of it that are on their way
  #senders = {};
  #packets = 0; // that came in
  #heardAt = 0; // when there were more
  #isSilent = false;
  /** What comes from there. */
  stream = new MediaStream();
  /** 'connecting', 'on', 'broken' or 'closed'. */
  state = 'connecting';

  constructor({ isPolite, say, onChange, onDead, iceServers, tracks }) {
    this.#isPolite = isPolite;
    this.#say = say;
    this.#onChange = onChange;
    this.#onDead = onDead;
    this.#tracks = tracks;
    const pc = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
    this.#pc = pc;
    pc.onicecandidate = ({ candidate }) => candidate?.candidate && this.#find(candidate.toJSON());
    pc.onconnectionstatechange = () => this.#look();
    pc.oniceconnectionstatechange = () => {
      if (pc.iceConnectionState !== 'connected') return;
      pc.oniceconnectionstatechange = null;
      if (this.state === 'connecting') this.#miss(); // DTLS has its time, too
    };
    pc.ontrack = ({ track }) => {
      this.stream.addTrack(track);
      onChange();
    };
    this.#miss();
  }

  /** Whether both sides have agreed once: what comes then is no answer to a first offer. */
  get isSettled() {
    return this.#pc.remoteDescription !== null;
  }

  /** Sends another track, or none. @param {'audio'|'video'} kind @param {MediaStreamTrack|null} track */
  setTrack(kind, track) {
    this.#tracks[kind] = track;
    this.#senders[kind]?.replaceTrack(track).catch(() => {}); // closed meanwhile
  }

  /** How many share the line. */
  async share(count) {
    const sender = this.#senders.video;
    const parameters = sender?.getParameters();
    if (!parameters?.encodings?.length) return;
    parameters.encodings[0].maxBitrate = Math.round(VIDEO_BITS / Math.max(1, count));
    await sender.setParameters(parameters).catch(() => {}); // being negotiated: the next one tells
  }

  /** How loud it is there and here, of 1. Whoever should be heard (isSending) and is not has no path any more, whatever ICE says yet. */
  async sound(isSending) {
    let packets = 0;
    const levels = { heard: 0, own: 0 };
    for (const one of (await this.#pc.getStats()).values()) {
      if (one.type === 'inbound-rtp') packets += one.packetsReceived ?? 0;
      if (one.kind !== 'audio') continue;
      if (one.type === 'inbound-rtp') levels.heard = one.audioLevel ?? 0;
      else if (one.type === 'media-source') levels.own = one.audioLevel ?? 0;
    }
    this.#hear(packets, isSending);
    return levels;
  }

  /** A description to be answered: offer() and answered() around whatever takes it there. */
  offer(options) {
    return this.#inTurn(async () => {
      if (!this.#pc.getTransceivers().length) for (const kind of ['audio', 'video']) this.#take(this.#pc.addTransceiver(kind));
      await this.#pc.setLocalDescription(await this.#pc.createOffer(options));
      this.#offered = this.#pc.localDescription.sdp;
      return this.#offered;
    });
  }

  answered(offer, sdp) {
    return this.#inTurn(async () => {
      if (this.#pc.signalingState !== 'have-local-offer' || this.#offered !== offer) return; // overtaken by another
      await this.#describe({ type: 'answer', sdp });
    });
  }

  /** Their offer. @returns {Promise<{sdp: string}|{no: string}>} */
  take(sdp) {
    if (this.#isFirst) return { no: 'glare' };
    return this.#inTurn(async () => {
      if (this.#pc.signalingState === 'closed') return { no: 'gone' };
      if (this.#isFirst) return { no: 'glare' };
      try {
        await this.#describe({ type: 'offer', sdp: keepRole(this.#pc, sdp) });
        for (const transceiver of this.#pc.getTransceivers()) this.#take(transceiver);
        await this.#pc.setLocalDescription(await this.#pc.createAnswer());
        this.#listen();
      } catch {
        return { no: 'what' };
      }
      if (this.#timer !== null && this.#tries > 0) this.#wait(); // this one may do
      return { sdp: this.#pc.localDescription.sdp };
    });
  }

  /** Where they can be reached. */
  add(candidates) {
    const isFull = this.#heardCount + candidates.length > CANDIDATE_SUM_MAX;
    this.#heardCount += candidates.length;
    if (isFull) return;
    this.#held.push(...candidates);
    this.#inTurn(() => this.#addHeld());
  }

  /** Says nothing any more, not even good-bye, as close() does: another connection is to take its place. */
  retire() {
    clearTimeout(this.#timer);
    this.state = 'closed';
    Object.assign(this.#pc, { onicecandidate: null, onconnectionstatechange: null, oniceconnectionstatechange: null, ontrack: null });
  }

  close() {
    this.retire();
    this.#pc.close();
    for (const track of this.stream.getTracks()) track.stop();
  }

  /** The network is another one: does not wait until that is noticed. */
  restart() {
    if (this.isSettled && this.state !== 'closed') this.#miss(0);
  }

  /** My offer is on its way, and goes before theirs; one that nobody answered does not. The very first does. */
  get #isFirst() {
    return this.#pc.signalingState === 'have-local-offer' && (!this.isSettled || (!this.#isPolite && this.#asking > 0));
  }

  /** Each step waits for those before it; what one throws is its caller's. */
  #inTurn(step) {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #describe(description) {
    await this.#pc.setRemoteDescription(description);
    this.#listen();
    this.#heardCount = this.#held.length;
    await this.#addHeld();
  }

  /** Those of a description that is not there yet wait for it. */
  async #addHeld() {
    if (!this.#pc.remoteDescription) return;
    for (const candidate of this.#held.splice(0)) {
      await this.#pc.addIceCandidate(candidate).catch(() => this.#held.push(candidate));
    }
    this.#held.splice(0, this.#held.length - CANDIDATE_COUNT_MAX);
  }

  /** One audio and one video; what else a description asks for gets nothing. */
  #take(transceiver) {
    const { kind } = transceiver.receiver.track;
    if (this.#senders[kind] && this.#senders[kind] !== transceiver.sender) return;
    this.#senders[kind] = transceiver.sender;
    if (transceiver.direction !== 'sendrecv') transceiver.direction = 'sendrecv';
    transceiver.sender.replaceTrack(this.#tracks[kind]).catch(() => {});
  }

  /** Whoever closes says so in DTLS, also while a page is going: no word of nkt gets out then. */
  #listen() {
    const { transport } = this.#senders.audio ?? {};
    if (!transport || transport.onstatechange) return;
    transport.onstatechange = () => {
      if (transport.state === 'closed') this.#die('left');
      else if (transport.state === 'failed') this.#die('stuck');
    };
  }

  #die(why) {
    if (this.state !== 'closed') this.#onDead(why);
  }

  /** Candidates that are found together are said together. */
  #find(candidate) {
    this.#found.push(candidate);
    if (this.#found.length === 1) setTimeout(() => this.#sayFound(), FOUND_MS);
  }

  #sayFound() {
    while (this.#found.length && this.state !== 'closed') {
      this.#say({ op: 'ice', candidates: this.#found.splice(0, CANDIDATE_COUNT_MAX) }).catch(() => {}); // the next path has others
    }
  }

  /** Through which something can come: ICE may have found one while the other side has not begun with DTLS. */
  get #hasPath() {
    return this.#pc.connectionState === 'connected';
  }

  #hear(packets, isSending) {
    const now = performance.now();
    if (packets !== this.#packets || !isSending || this.state === 'connecting') {
      this.#packets = packets;
      this.#heardAt = now;
      this.#isSilent = false;
      if (this.state === 'broken') this.#look();
    } else if (this.state === 'on' && now - this.#heardAt > SILENT_MS) {
      this.#isSilent = true;
      this.#set('broken');
      this.#miss(0);
    }
  }

  /** Whether there is a path; looks for none then. */
  #look() {
    const state = this.#pc.connectionState;
    const isOn = this.#hasPath && !this.#isSilent;
    if (isOn) {
      clearTimeout(this.#timer);
      this.#timer = null;
      this.#set('on');
    } else if (state === 'disconnected' || state === 'failed') {
      this.#set('broken');
      if (this.#timer === null) this.#miss(0);
    }
    return isOn;
  }

  #set(state) {
    if (this.state === state) return;
    this.state = state;
    this.#onChange();
  }

  /** There is no path: after a while another one is looked for, then again, and at last it is given up. */
  #miss(waitMs = LOST_MS / 2) {
    clearTimeout(this.#timer);
    this.#since = performance.now();
    this.#tries = 0;
    this.#timer = setTimeout(() => this.#tryAgain({ isFirst: true }), waitMs);
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tryAgain(), Math.min(RESTART_MS * 2 ** this.#tries, RESTART_MS_MAX));
  }

  async #tryAgain({ isFirst = false } = {}) {
    if (this.state === 'closed' || (!isFirst && this.#look())) return undefined; // found without a word
    if (performance.now() - this.#since > LOST_MS) {
      if (!this.#hasPath) return this.#die('lost');
      this.#isSilent = false; // there is a path, and nothing comes: no other one helps
      this.#heardAt = performance.now();
      return this.#look();
    }
    this.#wait();
    this.#tries++;
    if (!this.isSettled) return undefined; // whoever joins sees to the first offer
    this.#asking++;
    try {
      const sdp = await this.offer({ iceRestart: true });
      const answer = await this.#say({ op: 'offer', sdp }).catch(({ code }) => ({ no: code === 'NKT_E_UNREGISTERED' ? 'gone' : '' }));
      if (answer.no === 'gone') return this.#die('gone');
      if (answer.no === 'what') return this.#die('stuck');
      if (answer.sdp) await this.answered(sdp, answer.sdp);
    } catch {
      return this.#die('stuck'); // the browser negotiates nothing on this connection any more
    } finally {
      this.#asking--;
    }
    return undefined;
  }
}
