// SPDX-License-Identifier: GPL-3.0-or-later
// Invites and their answers as text (docs/protocol.md, sections 14.1 and 14.2).
import { concat, demand, equal, Reader, u16, u8 } from './bytes.mjs';
import { inviteSumOf } from './derive.mjs';
import { decode, encode } from './schema.mjs';
import { openSealed, sealTo } from './seal.mjs';

const VERSION = 2;
const SUM_SIZE = 4;
const PREFIX = { invite: 'nkt-invite-', answer: 'nkt-answer-' };

function write(prefix, body) {
  const head = concat(u8(VERSION), u16(body.length), body);
  return prefix + Buffer.from(concat(head, inviteSumOf(head))).toString('base64url');
}

/** Of text that was copied whole. */
function read(prefix, written) {
  demand(written.toLowerCase().startsWith(prefix), 'invite', 'none');
  const bytes = Uint8Array.from(Buffer.from(written.slice(prefix.length), 'base64url'));
  const reader = new Reader(bytes);
  demand(reader.number() === VERSION, 'version', 'of an invite');
  const body = reader.take(reader.number(2));
  demand(reader.left >= SUM_SIZE, 'invite', 'cut');
  demand(equal(reader.take(SUM_SIZE), inviteSumOf(bytes.subarray(0, 3 + body.length))), 'invite', 'sum');
  return body;
}

/** @param {any} invite an Invite */
export const inviteText = (invite) => write(PREFIX.invite, encode('Invite', invite));
/** @param {string} written */
export const readInvite = (written) => decode('Invite', read(PREFIX.invite, written));

/** @param {any} answer an Invite @param {{identityKey: Uint8Array, address: Uint8Array}} inviter @param {Uint8Array} ephemeral private */
export function answerText(answer, { identityKey, address }, ephemeral) {
  return write(PREFIX.answer, sealTo(identityKey, address, encode('Invite', answer), ephemeral));
}
/** @param {string} written @param {{identityPrivate: Uint8Array, identityKey: Uint8Array, address: Uint8Array}} inviter */
export const readAnswer = (written, inviter) => decode('Invite', openSealed(inviter, inviter.address, read(PREFIX.answer, written)));
