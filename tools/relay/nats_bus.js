// SPDX-License-Identifier: GPL-3.0-or-later
// Several relays as one, over NATS: a subject for each room and each address that a relay serves, at
// most once, never back to where it came from. Without NATS every relay works on alone.
//   nkt.r.ROOM     BROADCAST and LEFT frames, unframed, to all relays with somebody in the room
//   nkt.a.ADDRESS  DIRECTED frames to all relays with somebody of that address; empty: does anybody have it?
// ROOM and ADDRESS are base64url. Whoever asks gives a reply subject: NATS itself answers there, with
// its status 503, when nobody listens.
import { withoutSecrets } from '../log.js';
import { listOf } from '../settings.js';
import { Type } from './frames.js';

/** Bytes handed to the NATS client that it has not confirmed: past it NATS is slow, and we drop. */
const UNCONFIRMED_SIZE_MAX = 8 * 1024 * 1024;
/** Bytes after which a confirmation is asked for. */
const CONFIRM_SIZE = 256 * 1024;
/** Questions under way; an older one than this many counts as answered by somebody. */
const QUESTION_COUNT_MAX = 4096;
const RECONNECT_MS = 250;
/** Between two attempts at a server that refuses us: it may be told of us, or another may come. */
const REFUSED_MS = 2_000;
const PING_INTERVAL_MS = 2_000;
const PING_MISSES_MAX = 2;
/** Whoever has an address takes what is asked for him, and says nothing: after so long without the word that nobody does, somebody did. As
 *  long as a NATS that answers nothing any more counts as one that does. */
const ANSWER_MS = PING_INTERVAL_MS * (PING_MISSES_MAX + 1);
/** The client's word for what its user may not do. */
const PERMISSIONS = 'PERMISSIONS_VIOLATION';
const MAY_NOT = 'NATS does not let this relay publish and subscribe to nkt.>, so other relays are not reached, or not all';

const keyOf = (text) => Buffer.from(text, 'latin1').toString('base64url');
const bufferOf = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * What nats.connect wants to know.
 * @param {string} urls one or more of nats://[user:password@ or token@]host:port, comma separated; tls:// too
 */
export function natsOptions(urls) {
  const all = listOf(urls).map((url) => {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    if (parsed !== null && /^(nats|tls):$/.test(parsed.protocol) && parsed.hostname !== '') return parsed;
    throw new Error(`NATS_URL=${withoutSecrets(url)} is to be nats://host:4222 or tls://host:4222`);
  });
  if (all.length === 0) throw new Error('NATS_URL names none: nats://host:4222 is wanted, or nothing at all');
  const [{ username, password, protocol }] = all;
  const isAlike = (url) => url.protocol === protocol && ['', username + password].includes(url.username + url.password);
  const other = all.find((url) => !isAlike(url));
  if (other !== undefined) { // the client has one of each for all
    throw new Error(`NATS_URL: ${other.host} is to have the user, the password and the nats:// or tls:// of the first, ${all[0].host}`);
  }
  const plain = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw new Error('NATS_URL: a % in a user or a password is to be %25');
    }
  };
  const user = plain(username);
  return {
    servers: all.map(({ host }) => host),
    ...(password ? { user, pass: plain(password) } : user ? { token: user } : {}),
    ...(protocol === 'tls:' ? { tls: {} } : {}),
    name: 'nkt relay',
    noEcho: true,
    noRandomize: false,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_MS,
    reconnectJitterTLS: RECONNECT_MS,
    waitOnFirstConnect: true,
    timeout: 2_000,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: PING_MISSES_MAX,
  };
}

export class NatsBus {
  state = 'alone';
  #nats;
  #options;
  #log;
  /** @type {import('./relay.js').Relay} */
  #relay;
  /** @type {import('nats').NatsConnection | null} */
  #connection = null;
  #isStopped = false;
  /** By room and by address, there before and after the connection is. @type {Map<string, object | null>[]} */
  #rooms = new Map();
  #addresses = new Map();
  /** @type {({onNobody: () => void, askedMs: number} | null)[]} */
  #questions = new Array(QUESTION_COUNT_MAX).fill(null);
  #questionCount = 0;
  #inbox = '';
  /** Why it refuses us, as was told last. */
  #told = '';
  /** @type {Set<string>} */
  #hints = new Set();
  #unconfirmedSize = 0;
  #isConfirming = false;
  #counters = { published: 0, received: 0, dropped: 0, malformed: 0, reconnects: 0 };

  /**
   * @param {typeof import('nats')} nats the client library, loaded by who needs it
   * @param {string} urls
   * @param {import('../log.js').Log} log for the operator
   */
  constructor(nats, urls, log) {
    this.#nats = nats;
    this.#options = natsOptions(urls);
    this.#log = log;
  }

  /** @param {import('./relay.js').Relay} relay */
  start(relay) {
    this.#relay = relay;
    this.#log.info(`looking for NATS at ${this.#options.servers.join(', ')}; alone until it is there`);
    this.#goOnLooking();
  }

  /** Whatever it says, who runs it may set it right: nobody has to start this relay again for that. */
  async #goOnLooking() {
    while (!this.#isStopped) {
      const fault = await this.#connect().catch((error) => error);
      this.#connection = null;
      this.#went();
      if (this.#isStopped) return;
      this.#refused(fault?.message ?? 'it closed the connection');
      await new Promise((resolve) => setTimeout(resolve, REFUSED_MS).unref());
    }
  }

  /** Told once until it lets us in. @param {string} fault */
  #refused(fault) {
    if (fault === this.#told) return;
    this.#told = fault;
    this.#log.warn(`NATS refuses this relay, which works on alone and goes on asking: ${fault}`);
  }

  async #connect() {
    const connection = await this.#nats.connect(this.#options);
    if (this.#isStopped) {
      await connection.close();
      return;
    }
    this.#connection = connection;
    this.#inbox = this.#nats.createInbox('nkt.q');
    connection.subscribe(`${this.#inbox}.*`, { callback: (error, message) => error === null && this.#answered(message) });
    for (const room of this.#rooms.keys()) this.#listenRoom(room);
    for (const address of this.#addresses.keys()) this.#listenAddress(address);
    await connection.flush();
    this.#came('NATS is there: one relay with the others');
    this.#follow(connection.status());
    const fault = await connection.closed(); // the client gives up when it is refused twice
    if (fault) throw fault;
  }

  /** @param {AsyncIterable<import('nats').Status>} status never ends, not even with the connection */
  async #follow(status) {
    for await (const { type, data } of status) {
      if (type === 'disconnect') this.#went();
      if (type === 'reconnect') {
        this.#counters.reconnects += 1;
        this.#came('NATS is back: one relay with the others again');
      }
      if (type === 'error' && data === PERMISSIONS) this.#hint(MAY_NOT);
    }
  }

  /** What is wrong with how NATS is run, said once. @param {string} text */
  #hint(text) {
    if (!this.#hints.has(text)) this.#log.warn(text);
    this.#hints.add(text);
  }

  #came(text) {
    this.state = 'connected';
    this.#told = '';
    this.#unconfirmedSize = 0;
    this.#log.info(text);
    this.#relay.rejoin();
  }

  #went() {
    if (this.state === 'alone') return;
    this.state = 'alone';
    if (!this.#isStopped) this.#log.warn('NATS is gone: this relay works on alone, and goes on looking');
    // Nobody will answer any more.
    const sinceMs = performance.now() - ANSWER_MS;
    const open = this.#questions.filter((question) => question !== null && question.askedMs > sinceMs);
    this.#questions.fill(null);
    for (const { onNobody } of open) onNobody();
  }

  roomOpened(room) {
    this.#rooms.set(room, null);
    this.#listenRoom(room);
  }

  roomClosed(room) {
    this.#rooms.get(room)?.unsubscribe();
    this.#rooms.delete(room);
  }

  addressTaken(address) {
    this.#addresses.set(address, null);
    this.#listenAddress(address);
  }

  addressFreed(address) {
    this.#addresses.get(address)?.unsubscribe();
    this.#addresses.delete(address);
  }

  #listenRoom(room) {
    const callback = (error, { data }) => {
      if (error !== null) return; // its user may not hear this: status() tells
      if (this.#isSound(data, data[0] === Type.LEFT || data[0] === Type.BROADCAST)) {
        this.#relay.hearFromRoom(room, bufferOf(data));
      }
    };
    this.#rooms.set(room, this.#connection?.subscribe(`nkt.r.${keyOf(room)}`, { callback }) ?? null);
  }

  #listenAddress(address) {
    const callback = (error, { data }) => {
      if (error !== null || data.length === 0) return; // it was only asked whether somebody has it
      if (this.#isSound(data, data[0] === Type.DIRECTED)) this.#relay.hearForAddress(address, bufferOf(data));
    };
    this.#addresses.set(address, this.#connection?.subscribe(`nkt.a.${keyOf(address)}`, { callback }) ?? null);
  }

  /** Whoever may publish at NATS is trusted to be a relay; one of another version is not taken at its word. */
  #isSound(data, isType) {
    this.#counters.received += 1;
    if (isType && data.length > 1 && data.length <= this.#relay.limits.messageSizeMax) return true;
    this.#counters.malformed += 1;
    return false;
  }

  publishToRoom(room, message) {
    this.#publish(`nkt.r.${keyOf(room)}`, message);
  }

  publishToAddress(address, message) {
    this.#publish(`nkt.a.${keyOf(address)}`, message);
  }

  /** @returns {boolean} false: it goes nowhere */
  #publish(subject, message, options = undefined) {
    if (!this.#mayPublish(message.length)) return false;
    try {
      this.#connection.publish(subject, message, options);
      return true;
    } catch (error) {
      this.#counters.dropped += 1;
      this.#hint(`NATS does not take what this relay passes on: ${error.message} (max_payload is to be 128 KB at least)`);
      return false;
    }
  }

  seek(address, message, onNobody) {
    const number = this.#questionCount++ % QUESTION_COUNT_MAX;
    this.#questions[number] = { onNobody, askedMs: performance.now() };
    const isAsked = this.#publish(`nkt.a.${keyOf(address)}`, message, { reply: `${this.#inbox}.${number}` });
    if (!isAsked) this.#questions[number] = null;
    return isAsked;
  }

  #answered(message) {
    const number = Number(message.subject.slice(this.#inbox.length + 1));
    const question = this.#questions[number];
    this.#questions[number] = null;
    if (question && message.headers?.code === 503) question.onNobody();
  }

  /** While NATS is away or too slow nothing is kept for it: what comes late is of no use. */
  #mayPublish(size) {
    if (this.state !== 'connected') return false;
    if (this.#unconfirmedSize + size > UNCONFIRMED_SIZE_MAX) {
      this.#counters.dropped += 1;
      return false;
    }
    this.#counters.published += 1;
    this.#unconfirmedSize += size;
    if (this.#unconfirmedSize >= CONFIRM_SIZE && !this.#isConfirming) this.#confirm();
    return true;
  }

  async #confirm() {
    const size = this.#unconfirmedSize;
    this.#isConfirming = true;
    try {
      await this.#connection.flush();
      this.#unconfirmedSize = Math.max(0, this.#unconfirmedSize - size);
    } catch {
      // disconnected: #came() begins anew
    }
    this.#isConfirming = false;
  }

  stats() {
    return { ...this.#counters };
  }

  async stop() {
    this.#isStopped = true;
    await this.#connection?.close();
  }
}
