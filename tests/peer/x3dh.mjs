// SPDX-License-Identifier: GPL-3.0-or-later
// X3DH as in message version 3 of the Signal protocol (docs/protocol.md, section 8.1): the first secret of a session.
import { concat, zeros } from './bytes.mjs';
import { agree, curvePublic, hkdfSha256 } from './primitives.mjs';

const mix = (...secrets) => {
  const keys = hkdfSha256(zeros(32), concat(zeros(32).fill(0xff), ...secrets), 'WhisperText', 64);
  return { root: keys.slice(0, 32), chain: keys.slice(32) };
};

/**
 * @param {{identityPrivate: Uint8Array}} me
 * @param {{identityKey: Uint8Array, prekey: Uint8Array, oneTime?: Uint8Array}} them
 * @param {Uint8Array} basePrivate fresh
 */
export function agreeAsInitiator(me, { identityKey, prekey, oneTime }, basePrivate) {
  const secrets = [agree(me.identityPrivate, prekey), agree(basePrivate, identityKey), agree(basePrivate, prekey)];
  if (oneTime) secrets.push(agree(basePrivate, oneTime));
  return { ...mix(...secrets), baseKey: curvePublic(basePrivate) };
}

/**
 * @param {{identityPrivate: Uint8Array, prekeyPrivate: Uint8Array, oneTimePrivate?: Uint8Array}} me
 * @param {{identityKey: Uint8Array, baseKey: Uint8Array}} them
 */
export function agreeAsResponder({ identityPrivate, prekeyPrivate, oneTimePrivate }, { identityKey, baseKey }) {
  const secrets = [agree(prekeyPrivate, identityKey), agree(identityPrivate, baseKey), agree(prekeyPrivate, baseKey)];
  if (oneTimePrivate) secrets.push(agree(oneTimePrivate, baseKey));
  return mix(...secrets);
}
