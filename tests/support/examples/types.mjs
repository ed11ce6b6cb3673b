// SPDX-License-Identifier: GPL-3.0-or-later
// What TypeScript, at its strictest, says of examples: they are what people paste into programs of theirs.
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../../tools/setup/paths.mjs';

/** What docstrings count on without a word; pages of Markdown import the classes. */
const NAMES = `
import type { Address, Nkt as Peer } from 'nkt';
declare global {
  const nkt: Peer;
  const other: Peer;
  const bob: Address;
  const file: File;
}
`;
const CLASSES = "import { Nkt, NktError } from 'nkt';";

const OPTIONS = {
  target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  strict: true, allowJs: true, checkJs: true, skipLibCheck: true, noEmit: true,
  types: ['node'], typeRoots: [join(root, 'node_modules', '@types')],
  paths: { nkt: [join(root, 'glue', 'types.d.ts')], 'nkt/node': [join(root, 'glue', 'node.d.ts')] },
};

/** What is no example, read once for all programs. @type {Map<string, ts.SourceFile | undefined>} */
const others = new Map();

/**
 * @param {import('./read.mjs').Example[]} examples @param {boolean} areOfTypes they stand in docstrings: have the classes without importing
 *   them, and every parameter has a type
 * @returns {string[]} a line each
 */
export function typeErrors(examples, areOfTypes) {
  const head = areOfTypes ? CLASSES : '';
  const options = { ...OPTIONS, noImplicitAny: areOfTypes };
  const folder = join(root, 'tests', 'support', 'examples'); // nothing is written there
  const texts = new Map(examples.map(({ code, language }, i) => [join(folder, `example${i}.${language}`), `${head}${code}\nexport {};\n`]));
  texts.set(join(folder, 'names.ts'), NAMES);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, how, ...rest) => {
    const text = texts.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, how);
    if (!others.has(path)) others.set(path, getSourceFile(path, how, ...rest));
    return others.get(path);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const example = examples[Number(/example(\d+)\.[jt]s$/.exec(file?.fileName ?? '')?.[1])];
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    const where = example ? `${example.name} (${example.where}), line ${line}` : file?.fileName;
    return `${where}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
