// SPDX-License-Identifier: GPL-3.0-or-later
// glue/types_error.d.ts: every code that an NktError can have, from the two lists of them. tools/apidoc.mjs writes it; a test checks that
// it is current.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GLUE_ERRORS } from '../glue/errors.js';
import { root } from './setup/paths.mjs';

export const errorTypesFile = join(root, 'glue', 'types_error.d.ts');

/** By the hundreds digit of the core's codes (core/include/nkt_err.def). */
const KINDS = { 1: 'caller', 2: 'peer', 3: 'fatal', 4: 'circumstances' };

/** @returns {{name: string, kind: string, text: string}[]} */
function listErrors() {
  const source = readFileSync(join(root, 'core', 'include', 'nkt_err.def'), 'utf8');
  const listed = [...source.matchAll(/^X\((NKT_E_\w+), -(\d)\d\d, "(.*)"\)$/gm)];
  const core = listed.map(([, name, digit, text]) => ({ name, kind: KINDS[digit], text }));
  return [...core, ...Object.entries(GLUE_ERRORS).map(([name, text]) => ({ name, kind: 'glue', text }))];
}

/** @returns {string} the file */
export function errorTypes() {
  const members = listErrors().map(({ name, kind, text }) => `  /** ${text[0].toUpperCase()}${text.slice(1)}. */\n  ${name}: '${kind}';`);
  return `// SPDX-License-Identifier: GPL-3.0-or-later
// Made from core/include/nkt_err.def and glue/errors.js by tools/apidoc.mjs: change those, not this.
/** The JavaScript API of nkt: errors. */

/**
 * Codes of errors, and whose fault each tells of. 'caller': nothing changed, call again corrected. 'peer': what somebody sent was dropped
 * and counted (health().dropped). 'fatal': the core cannot go on. 'circumstances': why what was accepted did not succeed. 'glue': of what
 * is around the core.
 */
export interface NktErrors {
${members.join('\n')}
}

/** A code that an error can have. */
export type NktErrorCode = keyof NktErrors;
`;
}
