// SPDX-License-Identifier: GPL-3.0-or-later
import { demand, unhex } from './bytes.mjs';

/** The DTLS fingerprint of a description: one, SHA-256 (docs/protocol.md, section 11.1). @param {string} sdp */
export function fingerprintOf(sdp) {
  const found = [...sdp.matchAll(/^a=fingerprint:(\S+) (\S+)\r?$/gm)];
  const lines = new Set(found.map(([, hash, value]) => `${hash.toLowerCase()} ${value.toUpperCase()}`));
  demand(lines.size === 1, 'fingerprint', `${lines.size} of them`);
  const [hash, value] = [...lines][0].split(' ');
  const bytes = unhex(value.replaceAll(':', ''));
  demand(hash === 'sha-256' && bytes.length === 32, 'fingerprint', hash);
  return bytes;
}
