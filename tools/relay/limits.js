// SPDX-License-Identifier: GPL-3.0-or-later
// Every number of the relay, with its unit and its reason.

export const limits = Object.freeze({
  /** Bytes of payload of one frame: the envelope's own limit (frames <= 64 KiB everywhere). */
  payloadSizeMax: 64 * 1024,
  /** Bytes of one WebSocket message: a payload and the longest header, with some air. */
  messageSizeMax: 65_600,
  /** Pieces one message may come in: a browser sends one; thousands of tiny ones cost CPU. */
  fragmentCountMax: 16,
  /** Sockets in all: 10,000 clients and some air; each costs about 2.5 KB. */
  socketCountMax: 12_000,
  /** Connections of one IP address (of one /64 in IPv6): a school behind one NAT. */
  ipSocketCountMax: 512,
  /** How many times what one IP address may (connections, work) all of one /48 in IPv6 may together: a /48 or /56 is given to anybody who
   *  asks, has 65,536 or 256 of /64, and would have every place. 2,048 are a sixth of all. */
  widerShare: 4,
  /** IP addresses remembered after their last socket is gone, until their budget is whole again. */
  ipCountMax: 20_000,
  /** Sockets of one address from one IP address. A client that flaps leaves dead ones behind until
   *  their ping is missed, so those that do not answer give way to a newcomer; one that lives never does. */
  addressSocketCountMax: 8,
  /** Milliseconds in which a socket that holds a contested address has to answer a ping: some round trips
   *  of a bad network. */
  probeTimeoutMs: 3_000,
  /** Rooms in all: as many as sockets could open. A socket is in one room, or in none. */
  roomCountMax: 12_000,
  /** Work of one socket, in bytes a second and bytes at once: see workOf() in client.js. 2 MiB/s are
   *  3,000 messages of 300 bytes a second into a room of ten. A socket that is over is not read for
   *  a while; one that takes on more than the burst in debt is closed. */
  socketWorkRate: 2 * 1024 * 1024,
  socketWorkBurst: 4 * 1024 * 1024,
  /** The same for all sockets of one IP address together. */
  ipWorkRate: 16 * 1024 * 1024,
  ipWorkBurst: 32 * 1024 * 1024,
  /** What accepting a socket counts as: 2,000 at once from one address, then 1,000 a second. */
  upgradeWork: 16 * 1024,
  /** What one frame counts as besides its bytes, be it a ping, a pong or a piece of a message: 2 us, and a byte 10 ns. And a
   *  HELLO: parsing, and what a move sets off; and a PROOF: a hash and a signature to verify, 0.15 ms. */
  frameWork: 192,
  helloWork: 4 * 1024,
  proofWork: 16 * 1024,
  /** One byte read counts as much as this many written: many leave in one system call. */
  writeDiscount: 16,
  /** Bytes waiting for one reader. Past it the reader is cut off: it is stalled, and would cost memory
   *  without end. 16 of the largest frames, or some thousand small ones. */
  bufferedSizeMax: 1024 * 1024,
  /** The same for all readers together: when more waits, those with the most are cut off until it is less. Whoever has many
   *  sockets that read nothing must not have their number times a megabyte of us. */
  bufferedTotalMax: 48 * 1024 * 1024,
  /** Bytes of messages that have begun to come and are not whole, of all senders together: when it is more, those with the most are
   *  cut off. 700 of the largest; 12,000 sockets could hold 780 MB. */
  partialTotalMax: 48 * 1024 * 1024,
  /** Bytes of one turn of the event loop that are written before its end. */
  turnSizeMax: 256 * 1024,
  /** Milliseconds that a busy room waits for more to write at once, and from how many sockets on: for
   *  few it saves little. At 600 messages a second to 100 it halves the work. */
  gatherMs: 3,
  gatherMemberCountMin: 16,
  /** Frames from which on the next waits end with as many: fewer cost little to wait for. And after so
   *  many waits one goes on to its end, to see whether there is more by now: 5 % of the time. */
  gatherGoalMin: 16,
  gatherGoalUses: 64,
  /** Milliseconds between pings: less than the 30 to 60 s after which middle boxes forget a
   *  connection. */
  pingIntervalMs: 20_000,
  /** Pings in a row without any sign of life before a socket counts as dead. */
  pingMissesMax: 2,
  /** Milliseconds in which a socket has to say HELLO: two trips, of 6 s each where a line is slow. */
  helloTimeoutMs: 20_000,
  /** Milliseconds between two lines about the same reason for refusing, and how many reasons are remembered. */
  refusalLogMs: 60_000,
  refusalCountMax: 64,
  /** Milliseconds for the head of an HTTP request, as above: slow ones hold a socket. */
  headTimeoutMs: 20_000,
  /** Milliseconds in which something of an answer has to be taken: who asks for a file and reads nothing holds a place. */
  stallTimeoutMs: 60_000,
  /** Milliseconds in which one that was told to close has to: who was refused must not hold a place. */
  closeTimeoutMs: 5_000,
  /** Milliseconds that sockets get to close after SIGTERM. */
  stopTimeoutMs: 1_000,
});

/** Bytes before the payload of a frame, at most: its type and an address. */
const HEADER_SIZE_MAX = 64;
/** In which somebody else has to answer or say something, in milliseconds: less was meant as seconds, perhaps, and who is far cannot. */
const WAIT_MIN_MS = 100;
const WAITS = /** @type {const} */ ([
  'pingIntervalMs', 'probeTimeoutMs', 'helloTimeoutMs', 'headTimeoutMs', 'stallTimeoutMs', 'closeTimeoutMs',
]);
/** What a timer takes, in milliseconds: past it Node waits for one. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * The limits, some of them changed: NKT_LIMITS='{"ipSocketCountMax":64}'.
 * @param {string | undefined} text JSON
 * @returns {typeof limits}
 */
export function readLimits(text) {
  if (!text) return limits;
  const changes = parse(text);
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(limits, name)) {
      throw new Error(`NKT_LIMITS knows no ${name}; it knows ${Object.keys(limits).join(', ')}`);
    }
    const most = name.endsWith('Ms') ? TIMER_MAX_MS : Number.MAX_SAFE_INTEGER;
    if (!Number.isSafeInteger(value) || value < 1 || value > most) {
      throw new Error(`NKT_LIMITS: ${name} is to be a whole number above 0${most === TIMER_MAX_MS ? ` and up to ${most}` : ''}`);
    }
  }
  const all = Object.freeze({ ...limits, ...changes });
  checkTogether(all);
  return all;
}

/** What each may be, and together lets nobody in. @param {typeof limits} all */
function checkTogether(all) {
  const atLeast = (/** @type {keyof typeof limits} */ name, /** @type {number} */ least, /** @type {string} */ what) => {
    if (all[name] < least) throw new Error(`NKT_LIMITS: ${name} is to be at least ${least}, ${what}`);
  };
  atLeast('messageSizeMax', all.payloadSizeMax + HEADER_SIZE_MAX, `payloadSizeMax and the head of a frame (${HEADER_SIZE_MAX})`);
  for (const name of WAITS) atLeast(name, WAIT_MIN_MS, 'in milliseconds: nobody answers sooner');
  atLeast('bufferedSizeMax', all.turnSizeMax + all.messageSizeMax, 'what is written to one reader at once: turnSizeMax, messageSizeMax');
  atLeast('bufferedTotalMax', all.bufferedSizeMax, 'bufferedSizeMax, what may wait for one');
  atLeast('partialTotalMax', all.messageSizeMax, 'messageSizeMax');
  const { upgradeWork, helloWork, proofWork, frameWork } = all;
  atLeast('socketWorkBurst', helloWork + proofWork + frameWork, 'what coming in costs: helloWork, proofWork, frameWork');
  atLeast('ipWorkBurst', upgradeWork + helloWork + proofWork, 'what coming in costs: upgradeWork, helloWork, proofWork');
}

/** @param {string} text @returns {object} */
function parse(text) {
  let changes = null;
  try {
    changes = JSON.parse(text);
  } catch {
    // said below
  }
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes)) {
    throw new Error('NKT_LIMITS is to be a JSON object, such as {"ipSocketCountMax":64}');
  }
  return changes;
}
