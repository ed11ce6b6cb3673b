// SPDX-License-Identifier: GPL-3.0-or-later
// The examples that people read: of docstrings of the types, and of pages of Markdown.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../../tools/setup/paths.mjs';

/**
 * @typedef {object} Example
 * @property {string} name what it is an example of: 'Nkt.send', or the heading that it stands under
 * @property {string} where file and line
 * @property {string} code
 * @property {'js' | 'ts'} language
 * @property {boolean} isOfPage it wants what a browser alone has
 */

/** What stands behind `@example` when it can run in a page alone. */
const IN_PAGE = '<caption>In a page</caption>';

/** @param {ts.Node} node @returns {string} the name of what it declares; '': none */
const nameOf = (node) => (ts.isConstructorDeclaration(node) ? 'constructor' : /** @type {any} */ (node).name?.text ?? '');

/** @param {string} doc a docstring as it stands @returns {Array<{code: string, isOfPage: boolean}>} */
function examplesOf(doc) {
  const text = doc.replace(/^\/\*\*|\*\/$/g, '').replace(/^ *\* ?/gm, '');
  return text.split(/^@/m).slice(1).filter((tag) => tag.startsWith('example')).map((tag) => {
    const [caption, ...lines] = tag.slice('example'.length).split('\n');
    if (!['', IN_PAGE].includes(caption.trim())) throw new Error(`@example ${caption}: no such mark`);
    return { code: lines.join('\n').trimEnd(), isOfPage: caption.trim() === IN_PAGE };
  });
}

/** @param {ts.SourceFile} file @returns {Array<{owner: string, name: string, examples: Example[]}>} all that is declared in it */
function declaredIn(file) {
  const found = [];
  const look = (node, owner) => {
    const name = nameOf(node);
    if (name !== '') {
      const docs = /** @type {any} */ (node).jsDoc ?? [];
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      const whole = [owner, name].filter(Boolean).join('.');
      const examples = docs.flatMap((doc) => examplesOf(doc.getText(file)))
        .map((example) => ({ name: whole, where: `${file.fileName}:${line + 1}`, language: 'ts', ...example }));
      found.push({ owner, name, examples });
    }
    for (const member of /** @type {any} */ (node).members ?? []) look(member, name);
  };
  ts.forEachChild(file, (node) => look(node, ''));
  return found;
}

/**
 * Whatever the API's types declare, with its examples; overloads are one.
 * @returns {Array<{owner: string, name: string, examples: Example[]}>}
 */
export function readTypes() {
  const files = readdirSync(join(root, 'glue')).filter((name) => /^types.*\.d\.ts$/.test(name)).sort();
  const all = files.flatMap((name) => {
    const text = readFileSync(join(root, 'glue', name), 'utf8');
    return declaredIn(ts.createSourceFile(`glue/${name}`, text, ts.ScriptTarget.Latest, true));
  });
  const byName = new Map();
  for (const one of all) {
    const whole = `${one.owner}.${one.name}`;
    if (byName.has(whole)) byName.get(whole).examples.push(...one.examples);
    else byName.set(whole, one);
  }
  return [...byName.values()];
}

/** A block of code of Markdown: its language, what stands behind it, its lines. */
const BLOCK = /^```(js|ts)\b *(.*)\n([\s\S]*?)^```$/gm;

/**
 * Every block of JavaScript or TypeScript of a page; those under one heading are one program. `js page` in place of `js`: of a browser.
 * @param {string} path within the repository @returns {Example[]}
 */
export function readPage(path) {
  const text = readFileSync(join(root, path), 'utf8');
  const starts = [...text.matchAll(/^## (.*)$/gm)];
  return starts.flatMap((start, i) => {
    const part = text.slice(start.index, starts[i + 1]?.index);
    const blocks = [...part.matchAll(BLOCK)];
    if (blocks.length === 0) return [];
    for (const [, , mark] of blocks) if (!['', 'page'].includes(mark)) throw new Error(`${path}: ${start[1]}: no such mark: ${mark}`);
    const line = text.slice(0, start.index + blocks[0].index).split('\n').length;
    return [{
      name: start[1], where: `${path}:${line}`, code: blocks.map(([, , , code]) => code).join('\n'),
      language: blocks.some(([, language]) => language === 'ts') ? 'ts' : 'js', isOfPage: blocks.some(([, , mark]) => mark === 'page'),
    }];
  });
}
