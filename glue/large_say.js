// SPDX-License-Identifier: GPL-3.0-or-later
/** Says a value that is above the limit of a message: its largest bytes are shared first, as contents that the message names. */
import { lengthOf } from './base64url.js';
import { inOrder, PARTS_COUNT_MAX, shared } from './carriers.js';
import { VALUE_SIZE_MAX } from './constants.js';
import { Content } from './content.js';
import { fitType, NAME_SIZE_MAX, shortName, TYPE_SIZE_MAX } from './content_source.js';
import { NktError } from './errors.js';
import { checkSize } from './json.js';
import { sizeOf } from './written.js';

/** What a manifest may take, in letters: type, name, and the rest. */
const MANIFEST_LENGTH_MAX = lengthOf(TYPE_SIZE_MAX + NAME_SIZE_MAX + 80);

/**
 * @param {import('./contents.js').Workers} workers @param {import('./run.js').Run} run
 * @param {import('./written.js').Written} written that is read
 * @param {import('./sending.js').Options} options
 * @param {(text: string) => Promise<import('./delivery.js').Delivery>} say
 */
export async function sayLarge({ shelf, sharing }, run, written, { signal, onProgress }, say) {
  const chosen = choose(written);
  const total = chosen.reduce((sum, i) => sum + written.parts[i].size, 0);
  /** @type {Content[]} */
  const made = [];
  try {
    let before = 0;
    for (const i of chosen) {
      const part = written.parts[i];
      const already = before;
      const content = await sharing.make(run, inOrder(part.kind, part.source), {
        type: fitType(part.type), name: shortName(part.name), // the carrier has both in any case
        signal, unsaid: true,
        onProgress: onProgress && (({ loaded, ...more }) => onProgress({ ...more, loaded: already + loaded, total })),
      });
      made.push(content);
      written.put(i, shared(part, Content.known(content).manifest));
      before += part.size;
    }
    await sharing.keepMade(made);
    return await say(written.json());
  } catch (error) {
    for (const content of made) await shelf.drop(content).catch(() => {}); // nobody knows of it
    throw error;
  }
}

/** The largest, until the rest fits. @param {import('./written.js').Written} written @returns {number[]} @throws {NktError} NKT_E_SIZE */
function choose(written) {
  const { parts } = written;
  const order = parts.map((_, i) => i).sort((a, b) => parts[b].size - parts[a].size);
  const chosen = [];
  let { size } = written;
  for (const i of order) {
    const gain = written.sizeOf(i) - sizeOf(shared(parts[i], '')) - MANIFEST_LENGTH_MAX;
    if (size <= VALUE_SIZE_MAX || gain <= 0) break;
    size -= gain;
    chosen.push(i);
  }
  checkSize(size, chosen.length === 0 ? 'the message' : 'the message without its bytes');
  if (chosen.length <= PARTS_COUNT_MAX) return chosen;
  throw new NktError('NKT_E_SIZE', `the message: ${chosen.length} of at most ${PARTS_COUNT_MAX} parts in one value: share() is for more`);
}
