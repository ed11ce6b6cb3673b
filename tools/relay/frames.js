// SPDX-License-Identifier: GPL-3.0-or-later
// The relay's wire format. Every frame is one binary WebSocket message; its first byte is its type.
//
//   to the relay     0x01 HELLO      version u8 = 2, room 20 bytes (zeros: in no room), address 20 bytes
//                    0x02 BROADCAST  payload: to everybody else in the room
//                    0x03 DIRECTED   address 20 bytes, payload: to every socket of that address
//                    0x05 PING       4 bytes of the client's choice
//                    0x06 PROOF      Ed25519 key 32 bytes, identity key 32 bytes, signature 64 bytes: that the address,
//                                    which is a hash of both keys, is its own (proof.js)
//   from the relay   0x81 WELCOME    version u8 = 2, u32 big-endian: the others in the room; one more than
//                                    are known of when there may be more at other relays. May come again
//                    0x02, 0x03      passed on as they came, byte for byte
//                    0x84 NOBODY     address 20 bytes: of a DIRECTED frame that nobody took
//                    0x85 PONG       the same 4 bytes
//                    0x86 LEFT       address 20 bytes: its last socket in the room is gone
//                    0x87 CHALLENGE  32 bytes, the first frame of every connection: what PROOF signs

/** Of the protocol between peers too: who speaks another could talk to nobody here. */
export const VERSION = 2;
export const ADDRESS_SIZE = 20;
export const ROOM_SIZE = 20;

export const Type = Object.freeze({
  HELLO: 0x01,
  BROADCAST: 0x02,
  DIRECTED: 0x03,
  PING: 0x05,
  PROOF: 0x06,
  WELCOME: 0x81,
  NOBODY: 0x84,
  PONG: 0x85,
  LEFT: 0x86,
  CHALLENGE: 0x87,
});

const HELLO_SIZE = 2 + ROOM_SIZE + ADDRESS_SIZE;
const PING_SIZE = 5;
const KEY_SIZE = 32;
const PROOF_SIZE = 1 + 2 * KEY_SIZE + 64;
const NO_ROOM = '\0'.repeat(ROOM_SIZE);

/** Rooms and addresses are keys of maps as strings of one character per byte. */
const keyOf = (bytes) => bytes.latin1Slice(0, bytes.length);

/**
 * @typedef {{type: 0x01, version: number, room: string | null, address: string}
 *   | {type: 0x02}
 *   | {type: 0x03, address: string}
 *   | {type: 0x05, token: Buffer}
 *   | {type: 0x06, signKey: Buffer, identityKey: Buffer, signature: Buffer}} Frame
 */

/**
 * Reads a frame from a client.
 * @param {Buffer} bytes
 * @param {number} payloadSizeMax
 * @returns {Frame | null} null when it is malformed
 */
export function decode(bytes, payloadSizeMax) {
  switch (bytes[0]) {
    case Type.HELLO:
      return decodeHello(bytes);
    case Type.BROADCAST: {
      const size = bytes.length - 1;
      return size >= 1 && size <= payloadSizeMax ? { type: Type.BROADCAST } : null;
    }
    case Type.DIRECTED: {
      const size = bytes.length - 1 - ADDRESS_SIZE;
      if (size < 1 || size > payloadSizeMax) return null;
      return { type: Type.DIRECTED, address: addressIn(bytes) };
    }
    case Type.PING:
      return bytes.length === PING_SIZE ? { type: Type.PING, token: bytes.subarray(1) } : null;
    case Type.PROOF:
      return bytes.length === PROOF_SIZE ? decodeProof(bytes) : null;
    default:
      return null;
  }
}

/** @param {Buffer} bytes */
function decodeHello(bytes) {
  if (bytes.length > 1 && bytes[1] !== VERSION) return { type: Type.HELLO, version: bytes[1], room: null, address: '' };
  if (bytes.length !== HELLO_SIZE) return null;
  const room = keyOf(bytes.subarray(2, 2 + ROOM_SIZE));
  const address = keyOf(bytes.subarray(2 + ROOM_SIZE));
  return { type: Type.HELLO, version: VERSION, room: room === NO_ROOM ? null : room, address };
}

/** @param {Buffer} bytes */
function decodeProof(bytes) {
  return {
    type: Type.PROOF,
    signKey: bytes.subarray(1, 1 + KEY_SIZE),
    identityKey: bytes.subarray(1 + KEY_SIZE, 1 + 2 * KEY_SIZE),
    signature: bytes.subarray(1 + 2 * KEY_SIZE),
  };
}

/** @param {Buffer} challenge 32 bytes */
export const encodeChallenge = (challenge) => Buffer.concat([Buffer.from([Type.CHALLENGE]), challenge]);

/** @param {number} otherCount */
export function encodeWelcome(otherCount) {
  const bytes = Buffer.from([Type.WELCOME, VERSION, 0, 0, 0, 0]);
  bytes.writeUInt32BE(otherCount, 2);
  return bytes;
}

/** The address in a DIRECTED, NOBODY or LEFT frame. @param {Buffer} bytes */
export const addressIn = (bytes) => keyOf(bytes.subarray(1, 1 + ADDRESS_SIZE));

/** @param {string} address */
export const encodeNobody = (address) => withAddress(Type.NOBODY, address);

/** @param {string} address */
export const encodeLeft = (address) => withAddress(Type.LEFT, address);

/** @param {Buffer} token */
export const encodePong = (token) => Buffer.concat([Buffer.from([Type.PONG]), token]);

function withAddress(type, address) {
  const bytes = Buffer.allocUnsafe(1 + ADDRESS_SIZE);
  bytes[0] = type;
  bytes.latin1Write(address, 1);
  return bytes;
}
