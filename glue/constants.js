// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Flags and states of core/include/nkt.h. Kinds of facts, effects and errors are not here: core.js reads their names from
 * the module. tests/glue/contract.test.mjs compares this file with the header.
 */

export const USER_MUTED = 1;
export const USER_UNREACHABLE = 2;
export const USER_NEW = 4;
export const USER_GONE = 8;
export const USER_ON_RELAY = 16;
export const USER_LINKED = 32;
export const USER_IGNORED = 64;
export const USER_KEEPER = 256;
export const USER_LEFT = 1024;
export const USER_LOST = 2048;

export const SAY_CLEAR = 1;
export const SAY_CALL = 2;
export const SAY_CONTENT = 4;
export const SAY_UNTOLD = 8;

export const EPHEMERAL_RAW = 1;
export const EPHEMERAL_OF_ROOM = 2;

export const SEND_TEXT = 1;
export const SEND_BULK = 2;
export const SEND_LOSSY = 4;

export const HOLDER_SIZE = 24;
export const CONTENT_AGAIN = 1;
export const CONTENT_LAST = 2;
export const CONTENT_CLEAR = 4;
export const CONTENT_FAILED = 8;
export const CONTENT_ENOUGH = 16;
export const CONTENT_RELAYED = 128;

/** Index: nkt_content_state. */
/** @type {readonly import('./types.d.ts').ContentState[]} */
export const CONTENT_STATES = Object.freeze(['waiting', 'fetching', 'complete', 'paused', 'full']);

export const RTC_PATIENT = 1;

export const PAST_SAID = 1;
export const PAST_CONTENT = 2;
export const PAST_FAILED_SHIFT = 8;

export const FRAME_OUT = 1;
export const FRAME_WEBRTC = 2;

/** Index: nkt_session_state. */
export const SESSION_STATES = Object.freeze(['none', 'pending', 'established', 'rekeyed']);

/** Index: nkt_delivery_state. */
/** @type {readonly import('./types.d.ts').DeliveryState[]} */
export const DELIVERY_STATES = Object.freeze(['queued', 'sent', 'delivered', 'failed']);

/** Of the package, and NKT_VERSION. */
export const VERSION = '0.1.0';

/** A message that arrives larger than this, in bytes, is not even shown to the core; frames are at most 64 KiB. */
export const DATA_SIZE_MAX = 128 << 10;

/** As core/src/wire/limits.h; told here to answer with words that name the key. */
export const PIECE_SIZE = 65536;
export const PIECE_PLAIN_SIZE = 65520;
export const PIECE_NODE_SIZE = 32;
export const PIECE_COUNT_MAX = 262144;
export const PIECE_PATH_COUNT_MAX = 18;
export const BLOB_COUNT_MAX = 256;
export const BLOB_GET_COUNT_MAX = 32;
export const BULK_LOW_SIZE = 132400;
export const VALUE_SIZE_MAX = 60000;
export const EPHEMERAL_SIZE_MAX = 1000;
export const SISTER_COUNT_MAX = 64;
export const JSON_DEPTH_MAX = 32;
export const JSON_ITEM_MAX = 4096;
export const NICK_SIZE_MAX = 64;
export const ROOM_SIZE_MAX = 256;
export const URL_SIZE_MAX = 256;
export const URL_COUNT_MAX = 8;
export const RTC_LIVE_COUNT_MAX = 16;
export const PASSPHRASE_SIZE_MAX = 1024;
export const KDF_PASS_COUNT = 3;
export const KDF_PASS_COUNT_MAX = 16;
export const KDF_MEMORY_KIB = 65536;
export const KDF_MEMORY_KIB_MIN = 8;
export const KDF_MEMORY_KIB_MAX = 131072;
