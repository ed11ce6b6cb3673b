// SPDX-License-Identifier: GPL-3.0-or-later
// docs/api.md from glue/types.d.ts: `node tools/apidoc.mjs` writes it, a test checks that it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup/paths.mjs';

const HEAD = `<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Made from glue/types.d.ts by tools/apidoc.mjs: change that file, not this one. -->

# The API

\`import { Nkt } from 'nkt'\`, or \`window.nkt\` on the page. How plugins use it: [plugins.md](plugins.md); in Node: [cli.md](cli.md).
Codes of \`NktError\` and what they mean: [core/include/nkt_err.def](../core/include/nkt_err.def) and [glue/errors.js](../glue/errors.js).
`;

/** In which order; what is not named comes after, as it is in the file. */
const FIRST = [
  'Nkt', 'Config', 'User', 'Delivery', 'NktEventMap', 'NktMessageEvent', 'NktSendingEvent', 'Plugin', 'LoadedPlugin', 'Health',
];

/** @typedef {{name: string, head: string, about: string, members: Array<{code: string, about: string}>}} Declaration */

/** The words of a comment. @param {string} comment */
function wordsOf(comment) {
  const lines = comment.replace(/^\/\*\*|\*\/$/g, '').split('\n');
  return lines.map((line) => line.replace(/^\s*\*? ?/, '').trim()).join(' ').trim();
}

/** Parts that end with `;`, `{ ... }` of depth 0, each with the comment before it. @param {string} text */
function* parts(text) {
  let comment = '';
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const found = /^\s+|^\/\*\*[\s\S]*?\*\/|^\/\/[^\n]*|^\/\*[\s\S]*?\*\//.exec(rest);
    if (found) {
      if (found[0].startsWith('/**')) comment = found[0];
      at += found[0].length;
      continue;
    }
    let depth = 0;
    let end = 0;
    for (; end < rest.length; end++) {
      if ('{([<'.includes(rest[end])) depth++;
      else if ('})]'.includes(rest[end]) || (rest[end] === '>' && rest[end - 1] !== '=')) depth--;
      if (depth === 0 && (rest[end] === ';' || (rest[end] === '}' && /^(export |declare )/.test(rest)))) break;
    }
    yield { code: rest.slice(0, end + 1), about: wordsOf(comment) };
    comment = '';
    at += end + 1;
  }
}

/** @param {string} text of types.d.ts @returns {Declaration[]} */
function declarations(text) {
  const all = [];
  for (const { code, about } of parts(text)) {
    const found = /^export (interface|class|type) (\w+)/.exec(code);
    if (!found) continue;
    const open = found[1] === 'type' ? -1 : code.indexOf('{');
    const head = open < 0 ? code : code.slice(0, open).trim();
    const members = open < 0 ? [] : [...parts(code.slice(open + 1, -1))];
    all.push({ name: found[2], head: head.replace(/^export /, ''), about, members });
  }
  const rank = ({ name }) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return all.sort((a, b) => rank(a) - rank(b));
}

/** Without the indentation it has in the file. @param {string} code */
const dedent = (code) => code.replace(/\n {2}/g, '\n');

/** @param {Declaration} one */
function section({ name, head, about, members }) {
  const lines = [`## ${name}`, ''];
  if (about !== '') lines.push(about, '');
  if (members.length === 0) return [...lines, '```ts', head, '```', ''].join('\n');
  if (head !== `interface ${name}` && head !== `class ${name}`) lines.push(`\`${head}\``, '');
  for (const member of members) lines.push('```ts', dedent(member.code), '```', '', ...(member.about === '' ? [] : [member.about, '']));
  return lines.join('\n');
}

/** @param {string} types */
export function apiDoc(types) {
  return `${HEAD}\n${declarations(types).map(section).join('\n')}`.trimEnd() + '\n';
}

export const apiDocFile = join(root, 'docs', 'api.md');
export const readTypes = () => readFileSync(join(root, 'glue', 'types.d.ts'), 'utf8');

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(apiDocFile, apiDoc(readTypes()));
