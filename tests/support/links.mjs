// SPDX-License-Identifier: GPL-3.0-or-later
// Links in pages of Markdown that lead nowhere.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anchorsOf, fileOf, linksOf } from '../../tools/pack/links.mjs';

/**
 * @param {string} folder nothing outside of it is there @param {string[]} pages their paths in it
 * @returns {string[]} a line each; links to other servers are not followed
 */
export function deadLinks(folder, pages) {
  const texts = new Map();
  const textOf = (path) => {
    if (!texts.has(path)) texts.set(path, readFileSync(join(folder, path), 'utf8'));
    return texts.get(path);
  };
  const isDead = (page, target) => {
    const path = fileOf(page, target);
    if (path === null) return false;
    if (path.startsWith('..') || !existsSync(join(folder, path))) return true;
    const name = target.split('#')[1];
    return name !== undefined && path.endsWith('.md') && !anchorsOf(textOf(path)).has(name);
  };
  return pages.flatMap((page) => linksOf(textOf(page)).map(({ target }) => target)
    .filter((target) => isDead(page, target)).map((target) => `${page}: ${target}`));
}
