// SPDX-License-Identifier: GPL-3.0-or-later
// What is sealed to an identity key (docs/protocol.md, section 2.4): a fresh key agrees with it, and the context says for what.
import { concat, demand } from './bytes.mjs';
import { sealKeyOf } from './derive.mjs';
import { pad, unpad } from './pad.mjs';
import { agree, curvePublic, openOnce, sealOnce } from './primitives.mjs';

/**
 * @param {Uint8Array} identityKey of the recipient @param {Uint8Array} context @param {Uint8Array} bytes
 * @param {Uint8Array} ephemeral private, fresh
 */
export function sealTo(identityKey, context, bytes, ephemeral) {
  const key = curvePublic(ephemeral);
  return concat(key, sealOnce(sealKeyOf(agree(ephemeral, identityKey), key, identityKey, context), pad(bytes)));
}

/** @param {{identityPrivate: Uint8Array, identityKey: Uint8Array}} me @param {Uint8Array} context @param {Uint8Array} sealed */
export function openSealed({ identityPrivate, identityKey }, context, sealed) {
  demand(sealed.length > 48, 'seal');
  const key = sealed.slice(0, 32);
  return unpad(openOnce(sealKeyOf(agree(identityPrivate, key), key, identityKey, context), sealed.slice(32)));
}
