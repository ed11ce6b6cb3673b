// SPDX-License-Identifier: GPL-3.0-or-later
// Links in pages of Markdown that lead nowhere, references in HTML, and imports.
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
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

/**
 * @param {string} folder @param {string[]} pages of HTML, their paths in it
 * @returns {string[]} a line each: what they name beside them that is not there
 */
export function deadReferences(folder, pages) {
  return pages.flatMap((page) => {
    const text = readFileSync(join(folder, page), 'utf8');
    const targets = [...text.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, target]) => target);
    const isDead = (target) => (target.startsWith('#') ? !text.includes(`id="${target.slice(1)}"`)
      : !existsSync(join(folder, fileOf(page, target.replace(/\?.*/, '')) ?? page)));
    return targets.filter(isDead).map((target) => `${page}: ${target}`);
  });
}

/** Imports and exports of others, types in comments, files beside: import.meta.url. */
const IMPORT = /(?:\bfrom|\bimport|\bimportInNode\(|\bimport\()\s*\(?'(\.[^']*)'|new URL\('(\.[^']*)', import\.meta\.url\)/g;

/**
 * @param {string} folder @param {string[]} scripts their paths in it
 * @returns {string[]} a line each: what they import beside them that is not there; of types, x.js is x.d.ts as well
 */
export function deadImports(folder, scripts) {
  const isThere = (path) => existsSync(join(folder, path)) || existsSync(join(folder, path.replace(/\.js$/, '.d.ts')));
  return scripts.flatMap((script) => {
    const targets = [...readFileSync(join(folder, script), 'utf8').matchAll(IMPORT)].map(([, imported, beside]) => imported ?? beside);
    return targets.filter((target) => !isThere(posix.join(posix.dirname(script), target))).map((target) => `${script}: ${target}`);
  });
}
