// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What goes wrong, by name. Codes starting with NKT_E_ come from the core (core/include/nkt_err.def, read from the
 * module at load); the ones below exist only in the glue.
 */

/** Codes that the core does not know. */
export const GLUE_ERRORS = Object.freeze({
  NKT_E_WASM: 'the WebAssembly module cannot be loaded or is not the one this glue is for',
  NKT_E_TRAP: 'the core stopped by a fault of its own; it starts again by itself where there is storage, or by init()',
  NKT_E_STORAGE: 'storage is not available here, or what is stored cannot be read',
  NKT_E_IN_USE: 'this identity is in use by another tab or process',
  NKT_E_FILE: 'not the file of an identity, or a damaged one',
  NKT_E_PLUGIN: 'the plugin could not be started',
  NKT_E_UNREGISTERED: 'nothing is registered there by that name',
  NKT_E_REMOTE: 'the function called threw an error',
  NKT_E_BUSY: 'too many calls are at work',
  NKT_E_UNDELIVERED: 'the call could not be delivered',
  NKT_E_QUOTA: 'there is no room for that content',
  NKT_E_NO_WEBRTC: 'no WebRTC here, or it is switched off: nobody can be linked with directly',
  NKT_E_IGNORED: 'that user is ignored: no answer of it would be heard',
});

/** An error with a code: one of nkt_err.def or of GLUE_ERRORS. */
export class NktError extends Error {
  /** Of NKT_E_VALUE: where in the value that is which cannot be sent, such as 'value.items[3].when'. @type {string|undefined} */
  path;

  /**
   * @param {string} code such as 'NKT_E_SIZE'
   * @param {string} message for people
   * @param {{cause?: unknown}} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }

  get name() {
    return 'NktError';
  }
}

/** What was begun came to nothing: it was closed, or went away with its page. */
export const closedMeanwhile = () => new NktError('NKT_E_STATE', 'closed meanwhile');

/** What the core calls so: what was under way when it was closed. */
export const stopped = () => new NktError('NKT_E_STOPPED', 'the peer was stopped');

/** Letters of what somebody else's code threw. */
const MESSAGE_SIZE_MAX = 200;

/** Of what somebody else's code threw, which may be anything. @param {any} error @param {number} [sizeMax] @returns {string} */
export function messageOf(error, sizeMax = MESSAGE_SIZE_MAX) {
  try {
    return String(error?.message ?? error).slice(0, sizeMax);
  } catch {
    return 'it threw something that is no error';
  }
}
