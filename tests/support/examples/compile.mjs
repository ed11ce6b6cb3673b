// SPDX-License-Identifier: GPL-3.0-or-later
// An example as a program that says what it gave where the example says `// => ...`.
import ts from 'typescript';

/**
 * @typedef {object} Mark what an example says that it gives
 * @property {number} line from 1
 * @property {string} says what stands behind the arrow
 * @property {boolean} isInside a function: it may be reached more than once, and later
 */

/** @typedef {{js: string, marks: Mark[]}} Program its last line is reached when all of it ran; `$is` is told what was given */

const MARK = /\/\/ => (.+)$/;
const OPTIONS = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.CommonJS };
/** Makes a module of it, so that it may await. */
const TAIL = '\nexport {};\n';

/** @param {ts.SourceFile} file @param {(node: ts.Node) => boolean} isIt @returns {ts.Node[]} */
function nodesOf(file, isIt) {
  const found = [];
  const look = (node) => {
    if (isIt(node)) found.push(node);
    ts.forEachChild(node, look);
  };
  look(file);
  return found;
}

/** @param {ts.Node} node */
function isInFunction(node) {
  for (let at = node.parent; at !== undefined; at = at.parent) if (ts.isFunctionLike(at)) return true;
  return false;
}

/** @param {ts.Node} node */
const isLog = (node) => ts.isCallExpression(node) && node.expression.getText() === 'console.log';

/**
 * What a line tells of: what it logs, or else the value of the expression, or the constant, that ends on it.
 * @param {ts.SourceFile} file @param {number} line from 0
 */
function toldBy(file, line) {
  const endsHere = (node) => file.getLineAndCharacterOfPosition(node.getEnd()).line === line;
  const kinds = [isLog, (node) => ts.isExpressionStatement(node) || ts.isVariableStatement(node)];
  for (const isIt of kinds) {
    const found = nodesOf(file, (node) => isIt(node) && endsHere(node)).sort((a, b) => a.getWidth() - b.getWidth());
    if (found.length > 0) return found[0];
  }
  throw new Error(`line ${line + 1}: nothing on it has a value`);
}

/** @param {any} node @param {string} call of $is, with VALUES in it @returns {{from: number, to: number, text: string}} */
function edit(node, call) {
  const put = (values) => call.replace('VALUES', () => values);
  if (isLog(node)) return { from: node.getStart(), to: node.getEnd(), text: put(node.arguments.map((one) => one.getText()).join(', ')) };
  if (ts.isExpressionStatement(node)) {
    const { expression } = node;
    return { from: expression.getStart(), to: expression.getEnd(), text: put(expression.getText()) };
  }
  const { name } = node.declarationList.declarations[0];
  if (!ts.isIdentifier(name)) throw new Error(`${node.getText()}: it has more than one value`);
  return { from: node.getEnd(), to: node.getEnd(), text: ` ${put(name.text)};` };
}

/** @param {string} code @returns {Program} */
export function compile(code) {
  const file = ts.createSourceFile('example.ts', code + TAIL, ts.ScriptTarget.Latest, true);
  const marks = [];
  const edits = [];
  code.split('\n').forEach((text, line) => {
    const says = MARK.exec(text)?.[1];
    if (says === undefined) return;
    const node = toldBy(file, line);
    edits.push(edit(node, `$is(${marks.length}, [VALUES], () => [${says}])`));
    marks.push({ line: line + 1, says, isInside: isInFunction(node) });
  });
  const told = edits.sort((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: put }) => text.slice(0, from) + put + text.slice(to), code);
  return { js: ts.transpileModule(told + TAIL, { compilerOptions: OPTIONS }).outputText, marks };
}
