// SPDX-License-Identifier: GPL-3.0-or-later
// A description as an invite carries it (docs/protocol.md, section 14.3): packed, and built anew.
import { concat, demand, Reader, Refused, text, u16, u8, utf8 } from './bytes.mjs';
import { fingerprintOf } from './fingerprint.mjs';

const SETUPS = ['actpass', 'active', 'passive'];
const TYPES = [{ name: 'host', preference: 126 }, { name: 'srflx', preference: 100 }, { name: 'relay', preference: 0 }];
const FAMILY = { IPV4: 0x10, IPV6: 0x20, MDNS: 0x30 };
const COUNT_MAX = 8;
const FAR_MAX = 4;

const line = (sdp, name) => new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(sdp)?.[1];
const sized = (part) => concat(u8(part.length), utf8(part));

/** @param {string} sdp */
export function packSdp(sdp) {
  const setup = SETUPS.indexOf(line(sdp, 'setup'));
  demand(setup >= 0, 'description');
  const parts = ['ice-ufrag', 'ice-pwd', 'mid'].map((name) => sized(line(sdp, name)));
  const candidates = chosen(sdp);
  return concat(u8(setup), ...parts, fingerprintOf(sdp), u8(candidates.length), ...candidates.map(packCandidate));
}

/** Those that reach further first, then hosts; loopback only if there are no others. */
function chosen(sdp) {
  const all = [...sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ (\S+)/gmi)]
    .map(([, address, port, name]) => ({ address, port: Number(port), type: TYPES.findIndex((type) => type.name === name) }))
    .filter(({ type }) => type >= 0);
  const isLoopback = ({ address }) => address.startsWith('127.') || address === '::1';
  const others = all.filter((one) => !isLoopback(one));
  const usable = others.length > 0 ? others : all;
  return [...usable.filter(({ type }) => type > 0).slice(0, FAR_MAX), ...usable.filter(({ type }) => type === 0)].slice(0, COUNT_MAX);
}

function packCandidate({ address, port, type }) {
  if (address.endsWith('.local')) {
    const uuid = Buffer.from(address.slice(0, -'.local'.length).replaceAll('-', ''), 'hex');
    return concat(u8(FAMILY.MDNS | type), uuid, u16(port));
  }
  if (!address.includes(':')) return concat(u8(FAMILY.IPV4 | type), Uint8Array.from(address.split('.').map(Number)), u16(port));
  const [front, back] = address.split('::').map((part) => (part ? part.split(':') : []));
  const groups = back ? [...front, ...Array(8 - front.length - back.length).fill('0'), ...back] : front;
  return concat(u8(FAMILY.IPV6 | type), ...groups.map((group) => u16(parseInt(group, 16))), u16(port));
}

/** @param {Uint8Array} packed */
export function unpackSdp(packed) {
  try {
    return unpack(new Reader(packed));
  } catch (error) {
    throw error instanceof Refused ? error : new Refused('description', error.message);
  }
}

function unpack(reader) {
  const setup = SETUPS[reader.number()];
  const part = (min, max) => {
    const value = text(reader.take(reader.number()));
    demand(value.length >= min && value.length <= max && /^[A-Za-z0-9+/]*$/.test(value), 'description');
    return value;
  };
  const [ufrag, pwd, mid] = [part(4, 64), part(22, 64), part(1, 16)];
  const print = [...reader.take(32)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
  const count = reader.number();
  demand(setup && count <= COUNT_MAX, 'description');
  const candidates = Array.from({ length: count }, (_, index) => unpackCandidate(reader, index));
  demand(reader.left === 0, 'description', 'does not close');
  return [
    'v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', `a=group:BUNDLE ${mid}`, 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0', ...candidates, `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${pwd}`, `a=fingerprint:sha-256 ${print}`, `a=setup:${setup}`,
    `a=mid:${mid}`, 'a=sctp-port:5000', 'a=max-message-size:262144', '',
  ].join('\r\n');
}

function unpackCandidate(reader, index) {
  const head = reader.number();
  const type = TYPES[head & 0x0f];
  const family = head & 0xf0;
  demand(type && Object.values(FAMILY).includes(family), 'description');
  const bytes = reader.take(family === FAMILY.IPV4 ? 4 : 16);
  const port = reader.number(2);
  const priority = ((BigInt(type.preference) << 24n) | (BigInt(65_535 - index) << 8n) | 255n).toString();
  const related = type === TYPES[0] ? '' : ` raddr ${family === FAMILY.IPV6 ? '::' : '0.0.0.0'} rport 0`;
  return `a=candidate:${index + 1} 1 udp ${priority} ${addressText(family, bytes)} ${port} typ ${type.name}${related}`;
}

function addressText(family, bytes) {
  if (family === FAMILY.IPV4) return bytes.join('.');
  const digits = Buffer.from(bytes).toString('hex');
  if (family === FAMILY.IPV6) return digits.match(/.{4}/g).map((group) => parseInt(group, 16).toString(16)).join(':');
  return `${[digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-')}.local`;
}
