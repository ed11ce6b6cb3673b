// SPDX-License-Identifier: GPL-3.0-or-later
// The write path: one ordered queue for all that a socket is to get. What is sent to many is framed
// once; what one turn of the event loop brings to a room is joined once and leaves in one write per
// socket. Nothing else of the relay writes to a socket that was upgraded.

const BINARY_FINAL = 0x82;
const CLOSE_FINAL = 0x88;
const PING_FINAL = 0x89;
const PONG_FINAL = 0x8a;

/** An empty ping. */
export const pingFrame = Buffer.from([PING_FINAL, 0]);

/** @param {Buffer} payload at most 125 bytes */
export const framePong = (payload) => Buffer.concat([Buffer.from([PONG_FINAL, payload.length]), payload]);

/** @param {number} code 0: none @param {Buffer} reason at most 123 bytes; none without a code */
export function frameClose(code, reason) {
  if (code === 0) return Buffer.from([CLOSE_FINAL, 0]);
  return Buffer.concat([Buffer.from([CLOSE_FINAL, 2 + reason.length, code >> 8, code & 0xff]), reason]);
}

/**
 * A binary WebSocket message as the server puts it on the wire: unmasked, in one piece.
 * @param {Buffer} payload copied
 * @returns {Buffer}
 */
export function frameMessage(payload) {
  const size = payload.length;
  const headSize = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(headSize + size);
  bytes[0] = BINARY_FINAL;
  if (headSize === 2) {
    bytes[1] = size;
  } else if (headSize === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(size, 2);
  } else {
    bytes[1] = 127;
    bytes.writeUInt32BE(0, 2);
    bytes.writeUInt32BE(size, 6);
  }
  payload.copy(bytes, headSize);
  return bytes;
}

/** What is to be written at the end of this turn of the event loop. */
export class Turn {
  /** @type {Set<{endTurn(): void}>} */
  #due = new Set();
  #end = () => this.end();

  /** @param {{endTurn(): void}} one */
  add(one) {
    if (this.#due.size === 0) setImmediate(this.#end);
    this.#due.add(one);
  }

  end() {
    const due = [...this.#due];
    this.#due.clear();
    for (const one of due) one.endTurn();
  }
}

/** What one turn brought to a room: framed messages, joined when somebody needs them joined. */
class Batch {
  /** @type {Buffer[]} */
  #frames = [];
  /** @type {Buffer | null} */
  #joined = null;
  size = 0;

  get count() {
    return this.#frames.length;
  }

  /** @param {Buffer} framed */
  add(framed) {
    this.#frames.push(framed);
    this.#joined = null;
    this.size += framed.length;
  }

  /** @param {number} start @param {number} end both between frames */
  slice(start, end) {
    this.#joined ??= this.#frames.length === 1 ? this.#frames[0] : Buffer.concat(this.#frames, this.size);
    return end - start === this.size ? this.#joined : this.#joined.subarray(start, end);
  }
}

/**
 * The sockets of a room and what is under way to them. A broadcast costs the same whatever their number; writing
 * it to each is what costs. So a large room looks once more while every turn brings something, and a busy one
 * waits a moment for more, as long as that at least doubles what one write carries. Where it does not (the others
 * wait for an answer) it is tried less and less often. Senders who wait for what they said to come around bring as
 * much each time: a wait ends as soon as that is there, and only now and then is it seen whether there would be more.
 */
export class Room {
  /** @type {Set<Outlet>} */
  members = new Set();
  batch = new Batch();
  #turn;
  #limits;
  #flushedMs = -Infinity;
  /** Batches until waiting is tried again, and how many it was the last time. */
  #hurries = 0;
  #hurriesLast = 0;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;
  /** Frames that were there when the last turn ended. */
  #countBefore = 0;
  #startedMs = 0;
  /** Frames that a wait ends with: as many as the last one brought that went on to its end. */
  #goal = Infinity;
  #goalsReached = 0;

  /** @param {string} key @param {Turn} turn @param {typeof import('./limits.js').limits} limits */
  constructor(key, turn, limits) {
    this.key = key;
    this.#turn = turn;
    this.#limits = limits;
  }

  /** @param {Outlet} outlet */
  add(outlet) {
    this.members.add(outlet);
    outlet.follow(this);
  }

  /** @param {Outlet} outlet */
  remove(outlet) {
    this.members.delete(outlet);
    outlet.follow(null);
  }

  /** @param {Buffer} framed must not change any more @param {Outlet | null} [except] a member */
  broadcast(framed, except = null) {
    except?.skip(framed.length);
    this.batch.add(framed);
    if (this.batch.size >= this.#limits.turnSizeMax) this.flush();
    else if (this.batch.count === 1 || this.#isGoalReached()) this.#turn.add(this);
  }

  #isGoalReached() {
    return this.#timer !== null && this.batch.count >= this.#goal;
  }

  /** The turn has ended. */
  endTurn() {
    if (this.batch.size === 0) return;
    if (this.#timer !== null) {
      if (this.#isGoalReached()) this.flush();
      return;
    }
    if (this.members.size < this.#limits.gatherMemberCountMin) {
      this.flush();
      return;
    }
    const nowMs = performance.now();
    if (this.#countBefore === 0) this.#startedMs = nowMs;
    if (this.batch.count > this.#countBefore && nowMs - this.#startedMs < this.#limits.gatherMs) {
      this.#countBefore = this.batch.count;
      this.#turn.add(this); // looks once more
    } else if (this.#isWorthWaiting()) {
      this.#timer = setTimeout(() => this.flush(), this.#limits.gatherMs);
    } else {
      this.flush();
    }
  }

  #isWorthWaiting() {
    if (this.#startedMs - this.#flushedMs > this.#limits.gatherMs) return false;
    if (this.#hurries === 0) return true;
    this.#hurries -= 1;
    return false;
  }

  /** After a wait. */
  #learn() {
    const isReached = this.batch.count >= this.#goal;
    this.#goalsReached = isReached ? this.#goalsReached + 1 : 0;
    if (!isReached) this.#goal = this.batch.count >= this.#limits.gatherGoalMin ? this.batch.count : Infinity;
    if (this.#goalsReached < this.#limits.gatherGoalUses) return;
    this.#goal = Infinity;
    this.#goalsReached = 0;
  }

  /** Writes to all what they have not got. */
  flush() {
    if (this.batch.size === 0) return;
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
      this.#learn();
      const isWorth = this.batch.count >= 2 * this.#countBefore;
      this.#hurriesLast = isWorth ? 0 : Math.min(Math.max(8, this.#hurriesLast * 2), 512);
      this.#hurries = this.#hurriesLast;
    }
    for (const member of this.members) member.flush();
    this.batch = new Batch();
    for (const member of this.members) member.rewind();
    this.#countBefore = 0;
    this.#flushedMs = performance.now();
  }
}

export class Outlet {
  /** @type {import('./relay.js').Relay} its turn and limits */
  relay;
  /** @type {import('node:net').Socket} */
  socket;
  /** It may be written to. */
  isOpen = true;
  /** @type {Room | null} whose broadcasts it gets */
  room = null;
  /** How far into the room's batch this one has been served, or is not to be. */
  #position = 0;
  /** Before what the batch still has for it. @type {(Buffer | {batch: Batch, start: number, end: number})[] | null} */
  #queue = null;
  #queuedSize = 0;
  /** Something waited for it when it was last looked. */
  #isNoted = false;

  /**
   * @param {import('./relay.js').Relay} relay
   * @param {import('node:net').Socket} socket
   */
  constructor(relay, socket) {
    this.relay = relay;
    this.socket = socket;
  }

  /** Gets what is said in a room from now on. @param {Room | null} room */
  follow(room) {
    this.#catchUp();
    this.room = room;
    this.#position = room === null ? 0 : room.batch.size;
  }

  /** Does not get the next bytes of its room: it said them. @param {number} size */
  skip(size) {
    this.#catchUp();
    this.#position += size;
  }

  /** The room begins a new batch. */
  rewind() {
    this.#position = 0;
  }

  /** @param {Buffer} framed from frameMessage; must not change any more */
  send(framed) {
    if (!this.isOpen) return;
    this.#catchUp();
    this.#put(framed, framed.length);
    if (this.#queuedSize >= this.relay.limits.turnSizeMax) this.flush();
  }

  /** The turn has ended. */
  endTurn() {
    this.flush();
  }

  /** Writes what is queued, in one system call where the socket takes it. */
  flush() {
    const bytes = this.#queue === null ? this.#takeRest() : this.#takeQueue();
    if (bytes === null || !this.isOpen) return;
    if (bytes.length + this.socket.writableLength > this.relay.limits.bufferedSizeMax) {
      this.cutOff();
      return;
    }
    this.socket.write(bytes);
    if (this.#isNoted || this.socket.writableLength > 0) this.#note();
  }

  /** Bytes that its reader has not taken yet. */
  get waitingSize() {
    return this.socket.destroyed ? 0 : this.socket.writableLength;
  }

  #note() {
    this.#isNoted = this.waitingSize > 0;
    this.relay.backlog.note(this);
  }

  /** Ends a connection whose reader is stalled: with a reset, or it would go on seeing an open one. */
  cutOff() {
    this.isOpen = false;
    this.socket.resetAndDestroy();
  }

  /** Queues what its room said meanwhile, so that the order stays. */
  #catchUp() {
    const room = this.room;
    if (room === null || this.#position >= room.batch.size) return;
    const { batch } = room;
    this.#put({ batch, start: this.#position, end: batch.size }, batch.size - this.#position);
    this.#position = batch.size;
  }

  /** What the room said and nothing else: the same bytes for nearly everybody. */
  #takeRest() {
    const batch = this.room?.batch;
    if (batch === undefined || this.#position >= batch.size) return null;
    const start = this.#position;
    this.#position = batch.size;
    return batch.slice(start, batch.size);
  }

  #takeQueue() {
    this.#catchUp();
    const pieces = this.#queue.map((one) =>
      one instanceof Buffer ? one : one.batch.slice(one.start, one.end),
    );
    const size = this.#queuedSize;
    this.#queue = null;
    this.#queuedSize = 0;
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, size);
  }

  #put(piece, size) {
    if (this.#queue === null) {
      this.#queue = [piece];
      this.relay.turn.add(this);
    } else {
      this.#queue.push(piece);
    }
    this.#queuedSize += size;
  }
}
