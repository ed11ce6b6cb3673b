// SPDX-License-Identifier: GPL-3.0-or-later
// Made from core/include/nkt_err.def and glue/errors.js by tools/apidoc.mjs: change those, not this.
/** The JavaScript API of nkt: errors. */

/**
 * Codes of errors, and whose fault each tells of. 'caller': nothing changed, call again corrected. 'peer': what somebody sent was dropped
 * and counted (health().dropped). 'fatal': the core cannot go on. 'circumstances': why what was accepted did not succeed. 'glue': of what
 * is around the core.
 */
export interface NktErrors {
  /** An argument is missing, malformed or out of range. */
  NKT_E_ARGUMENT: 'caller';
  /** Not possible in this state: start first, or it was stopped already. */
  NKT_E_STATE: 'caller';
  /** Not a valid address (34 characters, Base58Check). */
  NKT_E_ADDRESS: 'caller';
  /** No user with that address is known. */
  NKT_E_UNKNOWN_USER: 'caller';
  /** Not a JSON value of at most 32 levels and 4096 items. */
  NKT_E_VALUE: 'caller';
  /** Larger than the size limit. */
  NKT_E_SIZE: 'caller';
  /** Too many messages wait to be delivered; wait for earlier ones to settle. */
  NKT_E_OUTBOX_FULL: 'caller';
  /** The options are malformed. */
  NKT_E_OPTIONS: 'caller';
  /** No such link. */
  NKT_E_LINK: 'caller';
  /** Nothing is sent to that user: dontSendTo is set. */
  NKT_E_MUTED: 'caller';
  /** That is the own address. */
  NKT_E_SELF: 'caller';
  /** A stored record is damaged or from another identity; it was put aside. */
  NKT_E_RECORD: 'caller';
  /** Too many users are verified; take the mark from others first. */
  NKT_E_PINS_FULL: 'caller';
  /** Wrong passphrase, or the file is damaged. */
  NKT_E_PASSPHRASE: 'caller';
  /** Stored by a newer version of nkt, and left as it is. */
  NKT_E_NEWER: 'caller';
  /** Too many users are ignored; take it from others first. */
  NKT_E_IGNORED_FULL: 'caller';
  /** No invite or answer is in that text, or not the whole of it: copy all of it. */
  NKT_E_INVITE_TEXT: 'caller';
  /** Made by another version of nkt; both need the same. */
  NKT_E_INVITE_VERSION: 'caller';
  /** The other of the two: an invite is to be accepted, an answer goes back to whoever invited. */
  NKT_E_INVITE_KIND: 'caller';
  /** The invite has expired; ask for a new one. */
  NKT_E_INVITE_EXPIRED: 'caller';
  /** No answer to an invite of this tab; it may have expired, or the tab was reloaded since. */
  NKT_E_INVITE_FOREIGN: 'caller';
  /** This text was used here before. */
  NKT_E_INVITE_USED: 'caller';
  /** An invite to another room; leave this one first. */
  NKT_E_INVITE_ROOM: 'caller';
  /** Too many invites wait already; cancel one, or let it expire. */
  NKT_E_INVITE_FULL: 'caller';
  /** You are linked with whoever made this invite. */
  NKT_E_INVITE_LINKED: 'caller';
  /** That describes no content, or one that is too large. */
  NKT_E_MANIFEST: 'caller';
  /** Too many contents are open, or too large ones; close others first. */
  NKT_E_CONTENTS_FULL: 'caller';
  /** No content with that ticket is open, or it has no such piece. */
  NKT_E_CONTENT_UNKNOWN: 'caller';
  /** The bytes are not those that were shared, or are damaged. */
  NKT_E_CONTENT_CHANGED: 'caller';
  /** Frame too short or too long. */
  NKT_E_FRAME_LENGTH: 'peer';
  /** Unknown frame type. */
  NKT_E_FRAME_TYPE: 'peer';
  /** Frame does not parse. */
  NKT_E_FRAME_SYNTAX: 'peer';
  /** Frame of another network. */
  NKT_E_NETWORK: 'peer';
  /** Frame expired, from the future or older than the replay window. */
  NKT_E_EXPIRED: 'peer';
  /** Frame seen before. */
  NKT_E_DUPLICATE: 'peer';
  /** Sender unknown. */
  NKT_E_SENDER: 'peer';
  /** Signature does not verify. */
  NKT_E_SIGNATURE: 'peer';
  /** Hop limit reached. */
  NKT_E_HOPS: 'peer';
  /** Not for this peer and not to be forwarded. */
  NKT_E_RECIPIENT: 'peer';
  /** User record malformed, expired, older than the known one or not of that address. */
  NKT_E_USER_RECORD: 'peer';
  /** A key is of low order, not canonical or zero. */
  NKT_E_KEY: 'peer';
  /** Message does not decrypt in the session with its sender. */
  NKT_E_DECRYPT: 'peer';
  /** No session with the sender. */
  NKT_E_NO_SESSION: 'peer';
  /** Payload malformed. */
  NKT_E_PAYLOAD: 'peer';
  /** Message delivered before. */
  NKT_E_REPLAY: 'peer';
  /** Link refused: its two ends did not prove their addresses. */
  NKT_E_LINK_AUTH: 'peer';
  /** Tracker message malformed or not asked for. */
  NKT_E_TRACKER: 'peer';
  /** Relay message malformed. */
  NKT_E_RELAY: 'peer';
  /** More than the rate limit allows. */
  NKT_E_RATE: 'peer';
  /** Table full. */
  NKT_E_TABLE_FULL: 'peer';
  /** Said by or to somebody else than its envelope names. */
  NKT_E_ENDS: 'peer';
  /** Of another version of the protocol; both ends need the same. */
  NKT_E_VERSION: 'peer';
  /** About a content that is not known here, or by one who did not show that he knows it. */
  NKT_E_CONTENT_TAG: 'peer';
  /** A piece that is not the one under its content's root: its sender is not asked again. */
  NKT_E_PIECE_BAD: 'peer';
  /** A piece, or a part of one, that nobody asked for. */
  NKT_E_PIECE_UNASKED: 'peer';
  /** A piece was asked for that is not here, or that there is none of. */
  NKT_E_PIECE_MISSING: 'peer';
  /** A piece did not come in time. */
  NKT_E_PIECE_LATE: 'peer';
  /** Out of memory. */
  NKT_E_MEMORY: 'fatal';
  /** The entropy source failed. */
  NKT_E_ENTROPY: 'fatal';
  /** The cryptographic library failed to start. */
  NKT_E_CRYPTO: 'fatal';
  /** Nobody with that address answered in time; is the page with that address open, and do both know a common relay or tracker?. */
  NKT_E_NOT_FOUND: 'circumstances';
  /** No relay, tracker or peer is reachable; check the relays and trackers in the settings. */
  NKT_E_NO_WAY: 'circumstances';
  /** Cancelled. */
  NKT_E_CANCELLED: 'circumstances';
  /** No acknowledgement in time. */
  NKT_E_TIMEOUT: 'circumstances';
  /** The peer was stopped. */
  NKT_E_STOPPED: 'circumstances';
  /** The other side refused the link. */
  NKT_E_REFUSED: 'circumstances';
  /** The two sides found no way to each other; try once more with a new invite. */
  NKT_E_INVITE_LOST: 'circumstances';
  /** The WebAssembly module cannot be loaded or is not the one this glue is for. */
  NKT_E_WASM: 'glue';
  /** The core stopped by a fault of its own; it starts again by itself where there is storage, or by init(). */
  NKT_E_TRAP: 'glue';
  /** Storage is not available here, or what is stored cannot be read. */
  NKT_E_STORAGE: 'glue';
  /** This identity is in use by another tab or process. */
  NKT_E_IN_USE: 'glue';
  /** Not the file of an identity, or a damaged one. */
  NKT_E_FILE: 'glue';
  /** The plugin could not be started. */
  NKT_E_PLUGIN: 'glue';
  /** Nothing is registered there by that name. */
  NKT_E_UNREGISTERED: 'glue';
  /** The function called threw an error. */
  NKT_E_REMOTE: 'glue';
  /** Too many calls are at work. */
  NKT_E_BUSY: 'glue';
  /** The call could not be delivered. */
  NKT_E_UNDELIVERED: 'glue';
  /** There is no room for that content. */
  NKT_E_QUOTA: 'glue';
  /** No WebRTC here, or it is switched off: nobody can be linked with directly. */
  NKT_E_NO_WEBRTC: 'glue';
  /** That user is ignored: no answer of it would be heard. */
  NKT_E_IGNORED: 'glue';
}

/** A code that an error can have. */
export type NktErrorCode = keyof NktErrors;
