// SPDX-License-Identifier: GPL-3.0-or-later
// What the types say of errors: compiled by types.test.mjs, never run.
import { NktError } from '../../../glue/types.js';
import type { NktErrorCode, NktErrors } from '../../../glue/types.js';

/** Whoever tells people what to do names codes that there are, and a letter too many is found. */
export function advice(error: unknown): string {
  if (!(error instanceof NktError)) return '';
  if (error.code === 'NKT_E_SIZE' || error.code === 'NKT_E_QUOTA') return 'smaller';
  // @ts-expect-error no such code
  return error.code === 'NKT_E_SIZES' ? 'never' : error.message;
}

export const core: NktErrors['NKT_E_SIGNATURE'] = 'peer';
export const glue: NktErrors['NKT_E_STORAGE'] = 'glue';
// @ts-expect-error of the caller, not of a peer
export const other: NktErrors['NKT_E_SIZE'] = 'peer';
export const all: Partial<Record<NktErrorCode, string>> = { NKT_E_IN_USE: 'close the other tab' };
