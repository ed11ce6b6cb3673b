// SPDX-License-Identifier: GPL-3.0-or-later
// Calls without a page: who rings, who is in the call, who joins whom. A call is a mesh, and its id is the ticket: whoever was rung knows
// it, joins everybody that he was told of, and is told of the others by those he joins. Tested in Node (tests/glue/call.test.mjs).

import { Limits, newCallId, PEOPLE_COUNT_MAX, readAnswer, readCall, RING_COUNT_MAX } from './call_rules.js';

/** How long it rings; how often that is said again, so that a ring whose caller is gone ends; after how long without it it has ended. */
export const RING_MS = 45_000;
const RING_AGAIN_MS = 4000;
const RING_SILENT_MS = 12_000;

/** Calls that one said no to, of which that is remembered: as many ring in that time, and more. */
const DECLINED_COUNT_MAX = 64;

/** What is asked is answered by pages at once, over whatever way there is. */
const ASK_MS = 10_000;

/** How often somebody is joined who does not answer: else a busy moment left a hole in the mesh. */
const JOIN_COUNT_MAX = 3;

/** Some time, or until it is given up. */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/**
 * @typedef {object} Ports what calls need of a page
 * @property {() => string} self one's own address
 * @property {(addr: string, message: object, options: {timeout: number, signal?: AbortSignal}, line: any) => Promise<any>} say to that
 *   person alone; line: the room in which that is, as ring() and take() were told; a call stays in one
 * @property {(addr: string, line: any) => boolean} isWelcome nobody that is ignored, or to whom nothing is sent
 * @property {(made: {addr: string, line: any, isPolite: boolean, say: (message: object) => Promise<any>, onChange: () => void,
 *   onDead: (why: string) => void}) => any} makePeer a CallPeer; onDead('stuck'): another connection may do
 * @property {() => {mic: boolean, camera: boolean, screen: boolean}} state of one's own
 * @property {(change: {type: string, addr?: string, why?: string}) => void} told what became of rings and people, to be said
 * @property {() => void} changed something is to be shown anew
 */
export class Calls {
  #ports;
  #limits = new Limits();
  #declined = new Map(); // id of a call -> when one said no: what is on its way then does not ring
  /** Being in a call, or ringing somebody: {id, line, members: address -> member, invited: address -> ringing}. */
  current = null;
  /** Who rings here: id -> {id, line, from, members, video}. */
  rings = new Map();

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
  }

  /** Rings somebody: in a new call, or into the one that is. Why not, or ''. */
  ring(addr, { video = false, line = undefined } = {}) {
    const { current } = this;
    if (current && current.line !== line) return 'busy';
    if (current?.members.has(addr) || current?.invited.has(addr)) return 'there';
    if (current && current.members.size + current.invited.size + 1 >= PEOPLE_COUNT_MAX) return 'full';
    const theirs = [...this.rings.values()].find((ring) => ring.from === addr && ring.line === line);
    if (theirs && !current) return this.accept(theirs.id);
    this.current ??= { id: newCallId(), line, since: 0, members: new Map(), invited: new Map() };
    this.#invite(this.current, addr, video);
    this.#ports.changed();
    return '';
  }

  /** Why not, or ''. */
  accept(id) {
    const ring = this.rings.get(id);
    if (!ring) return 'gone';
    if (this.current) return 'busy';
    this.#endRing(ring);
    const call = { id, line: ring.line, since: 0, members: new Map(), invited: new Map() };
    this.current = call;
    this.#joinAll(call, [ring.from, ...ring.members]);
    this.#settle(call);
    return '';
  }

  decline(id) {
    const ring = this.rings.get(id);
    if (!ring) return;
    this.#declined.delete(id);
    this.#declined.set(id, performance.now());
    if (this.#declined.size > DECLINED_COUNT_MAX) this.#declined.delete(this.#declined.keys().next().value);
    this.#endRing(ring);
    this.#tell(ring, ring.from, { op: 'leave', call: id, isDeclined: true });
    this.#ports.changed();
  }

  /** Leaves the call, and takes back what rings. */
  hangUp() {
    const { current } = this;
    if (!current) return;
    this.current = null;
    for (const addr of [...current.members.keys(), ...current.invited.keys()]) this.#tell(current, addr, { op: 'leave', call: current.id });
    this.#endCall(current);
    this.#ports.changed();
  }

  /** That room is left: what rings there, or is talked there, has ended. */
  leave(line) {
    for (const ring of [...this.rings.values()]) if (ring.line === line) this.#endRing(ring);
    if (this.current?.line === line) this.hangUp();
    this.#ports.changed();
  }

  /** Whoever is rung is not any more. */
  takeBack(addr) {
    const { current } = this;
    if (!this.#uninvite(addr)) return;
    this.#tell(current, addr, { op: 'leave', call: current.id });
    this.#settle(current);
  }

  /** One's own microphone, camera or screen changed. */
  tellState() {
    const { current } = this;
    const message = { op: 'state', call: current?.id, state: this.#ports.state() };
    for (const addr of current?.members.keys() ?? []) this.#tell(current, addr, message);
  }

  /** Whoever is not welcome any more is let go. */
  weed() {
    for (const ring of [...this.rings.values()]) {
      if (this.#ports.isWelcome(ring.from, ring.line)) continue;
      this.#endRing(ring);
      this.#ports.changed();
    }
    for (const addr of [...this.current?.members.keys() ?? [], ...this.current?.invited.keys() ?? []]) {
      if (!this.#ports.isWelcome(addr, this.current.line)) this.#drop(this.current, addr);
    }
  }

  /** What somebody says; from is proven. @returns {Promise<object>|object} the answer */
  take(from, value, now = performance.now(), line = undefined) {
    const message = readCall(value);
    if (!message || !this.#ports.isWelcome(from, line)) return { no: 'what' };
    if (message.op === 'ring') return this.#rung(from, message, now, line);
    if (message.op === 'leave') return this.#left(from, message);
    const { current } = this;
    if (current?.id !== message.call || current.line !== line) return { no: 'gone' };
    if (message.op === 'join') return this.#joined(current, from, message, now);
    const member = current.members.get(from);
    if (!member) return { no: 'gone' };
    if (message.op === 'offer') return this.#limits.mayOffer(from, now) ? member.peer.take(message.sdp) : { no: 'often' };
    if (message.op === 'ice') member.peer.add(message.candidates);
    else member.state = message.state;
    this.#ports.changed();
    return {};
  }

  // ---- rings ----

  #rung(from, { call, members, video }, now, line) {
    const before = this.rings.get(call);
    if (before) {
      if (before.from === from) this.#keepRinging(before);
      return {};
    }
    if (now - this.#declined.get(call) < RING_SILENT_MS) return { no: 'declined' };
    const { current } = this;
    if (current?.id === call) return {}; // on its way there
    const isAlone = current?.members.size === 0 && current.invited.size === 1;
    if (isAlone && current.invited.has(from) && current.line === line) return this.#crossed(from, { call, members });
    const isOne = ![...this.rings.values()].some((ring) => ring.from === from);
    if (!isOne || this.rings.size >= RING_COUNT_MAX || !this.#limits.mayRing(from, now)) return { no: 'busy' };
    if (current) {
      this.#ports.told({ type: 'missed', addr: from });
      return { no: 'busy' };
    }
    const ring = { id: call, line, from, members, video, timer: null, until: setTimeout(() => this.#missed(ring), RING_MS) };
    this.rings.set(call, ring);
    this.#keepRinging(ring);
    this.#ports.told({ type: 'ring', addr: from, line });
    this.#ports.changed();
    return {};
  }

  /** Two who ring each other mean the same: the call of the lower address is the one. */
  #crossed(from, { call, members }) {
    if (this.#ports.self() < from) return {}; // mine is on its way, and is answered there
    const { current } = this;
    this.#uninvite(from);
    current.id = call;
    this.#joinAll(current, [from, ...members]);
    this.#ports.changed();
    return {};
  }

  #keepRinging(ring) {
    clearTimeout(ring.timer);
    ring.timer = setTimeout(() => this.#missed(ring), RING_SILENT_MS);
  }

  #missed(ring) {
    this.#endRing(ring);
    this.#ports.told({ type: 'missed', addr: ring.from });
    this.#ports.changed();
  }

  #endRing(ring) {
    clearTimeout(ring.timer);
    clearTimeout(ring.until);
    this.rings.delete(ring.id);
  }

  /** Says it again and again, so that a ring ends by itself when its caller is gone. */
  async #invite(call, addr, video) {
    const controller = new AbortController();
    const { signal } = controller;
    call.invited.set(addr, controller);
    const timer = setTimeout(() => this.#unanswered(call, addr, 'silent'), RING_MS);
    signal.addEventListener('abort', () => clearTimeout(timer));
    while (!signal.aborted) {
      const message = { op: 'ring', call: call.id, members: [...call.members.keys()], video };
      const no = await this.#ask(call, addr, message, signal).then((answer) => answer.no, ({ code = 'failed' }) => code);
      if (signal.aborted) return;
      if (no && no !== 'NKT_E_TIMEOUT') return this.#unanswered(call, addr, no);
      await pause(RING_AGAIN_MS, signal);
    }
    return undefined;
  }

  #uninvite(addr) {
    const controller = this.current?.invited.get(addr);
    this.current?.invited.delete(addr);
    controller?.abort();
    return Boolean(controller);
  }

  #unanswered(call, addr, why) {
    if (this.current !== call || !this.#uninvite(addr)) return;
    if (why === 'silent') this.#tell(call, addr, { op: 'leave', call: call.id });
    this.#ports.told({ type: 'unanswered', addr, why });
    this.#settle(call);
  }

  // ---- people ----

  #joinAll(call, addresses) {
    for (const addr of new Set(addresses)) this.#join(call, addr);
  }

  /** Goes to somebody who is in the call. */
  async #join(call, addr) {
    if (this.current !== call || addr === this.#ports.self() || call.members.has(addr) || !this.#ports.isWelcome(addr, call.line)) return;
    if (call.members.size + 1 >= PEOPLE_COUNT_MAX) return;
    if (!this.#limits.mayOffer(addr, performance.now())) return; // two who name each other and leave in turn are joined without end
    const member = this.#add(call, addr);
    if (member) await this.#meet(call, member);
  }

  async #meet(call, member) {
    const { addr } = member;
    const isThere = () => call.members.get(addr) === member;
    for (let tries = 1; isThere() && !member.peer.isSettled; tries++) {
      try {
        await this.#offerTo(call, member, isThere);
        break;
      } catch (error) {
        if (isThere() && (error?.code !== 'NKT_E_TIMEOUT' || tries === JOIN_COUNT_MAX)) this.#drop(call, addr, error?.code ?? 'failed');
      }
    }
    this.#ports.changed();
  }

  /** Joins him anew, by another connection; closing the one before says good-bye in DTLS, so it stays until that is agreed on. */
  async #rejoin(call, { addr, state, peer, stuckCount }) {
    const count = peer.state === 'connecting' ? stuckCount + 1 : 1; // in a row that never came about
    if (count > JOIN_COUNT_MAX || !this.#limits.mayOffer(addr, performance.now())) return this.#drop(call, addr, 'lost');
    peer.retire();
    call.members.delete(addr);
    const member = this.#add(call, addr);
    if (member) {
      Object.assign(member, { state, stuckCount: count });
      this.#ports.changed();
      await this.#meet(call, member);
    }
    peer.close();
    return undefined;
  }

  /** What he answers is taken, unless he joins me at this moment: then he is waited for. */
  async #offerTo(call, { addr, peer }, isThere) {
    const sdp = await peer.offer();
    if (!isThere()) return; // hung up meanwhile, and said so
    const answer = await this.#ask(call, addr, { op: 'join', call: call.id, sdp, state: this.#ports.state() });
    if (!isThere() || answer.no === 'glare') return;
    if (!answer.sdp) throw Object.assign(new Error(answer.no), { code: answer.no || 'failed' });
    await peer.answered(sdp, answer.sdp);
    call.members.get(addr).state = answer.state;
    this.#joinAll(call, answer.members);
  }

  /** Somebody with the ticket comes. */
  async #joined(call, from, { sdp, state }, now) {
    if (!this.#limits.mayOffer(from, now)) return { no: 'often' };
    this.#uninvite(from);
    const before = call.members.get(from);
    if (before && !before.peer.isSettled && from < this.#ports.self()) return { no: 'glare' }; // both join: mine is the one
    before?.peer.close(); // or he went without a word, and is back
    call.members.delete(from);
    if (call.members.size + 1 >= PEOPLE_COUNT_MAX) return { no: 'full' };
    const member = this.#add(call, from);
    if (!member) return { no: 'failed' };
    member.state = state;
    this.#ports.changed();
    const answer = await member.peer.take(sdp);
    return { ...answer, state: this.#ports.state(), members: [...call.members.keys()].filter((addr) => addr !== from) };
  }

  /** Null where the browser makes no more connections: nobody is a member without one. */
  #add(call, addr) {
    const member = { addr, state: { mic: false, camera: false, screen: false }, peer: null, stuckCount: 0 };
    try {
      member.peer = this.#ports.makePeer({
        addr,
        line: call.line,
        isPolite: this.#ports.self() < addr,
        say: (message) => this.#ask(call, addr, { ...message, call: call.id }),
        onChange: () => this.#ports.changed(),
        onDead: (why) => {
          if (call.members.get(addr) !== member) return;
          if (why === 'stuck') this.#rejoin(call, member);
          else this.#drop(call, addr, why);
        },
      });
    } catch {
      this.#ports.told({ type: 'left', addr, why: 'failed' });
      this.#settle(call);
      return null;
    }
    call.members.set(addr, member);
    call.since ||= Date.now();
    return member;
  }

  #left(from, { call, isDeclined }) {
    const ring = this.rings.get(call);
    if (ring?.from === from) this.#missed(ring);
    const { current } = this;
    if (current?.id !== call) return {};
    if (current.invited.has(from)) this.#unanswered(current, from, isDeclined ? 'declined' : 'gone');
    else if (current.members.has(from)) this.#drop(current, from, 'left');
    return {};
  }

  #drop(call, addr, why = '') {
    const member = call.members.get(addr);
    this.#uninvite(addr);
    call.members.delete(addr);
    if (member) {
      member.peer.close();
      if (why !== 'left') this.#tell(call, addr, { op: 'leave', call: call.id });
      this.#ports.told({ type: 'left', addr, why });
    }
    this.#settle(call);
  }

  /** Where nobody is left there is no call. */
  #settle(call) {
    if (this.current === call && !call.members.size && !call.invited.size) {
      this.current = null;
      this.#ports.told({ type: 'over' });
    }
    this.#ports.changed();
  }

  #endCall(call) {
    for (const controller of call.invited.values()) controller.abort();
    for (const { peer } of call.members.values()) peer.close();
    call.invited.clear();
    call.members.clear();
  }

  // ---- words ----

  async #ask({ line }, addr, message, signal) {
    return readAnswer(await this.#ports.say(addr, message, { timeout: ASK_MS, signal }, line));
  }

  /** Whoever does not hear it notices by himself. */
  #tell(call, addr, message) {
    this.#ask(call, addr, message).catch(() => {});
  }
}
