// SPDX-License-Identifier: GPL-3.0-or-later
// Lines out and in. In a terminal what comes in does not tear apart what is being typed, however many rows that has.
import { createInterface } from 'node:readline';

/**
 * @param {() => void} quit @param {(line: string) => [string[], string]} completer
 * @param {{stdin?: any, stdout?: any}} [streams]
 */
export function openLines(quit, completer, { stdin = process.stdin, stdout = process.stdout } = {}) {
  const isTerminal = Boolean(stdin.isTTY && stdout.isTTY);
  const output = isTerminal ? stdout : undefined;
  const lines = createInterface({ input: stdin, output, terminal: isTerminal, prompt: '> ', completer });
  const input = lines[Symbol.asyncIterator](); // from now on: what comes before it is asked for would be lost
  let isOpen = true;
  lines.on('close', () => {
    isOpen = false;
    if (isTerminal) stdout.write(lines.line === '' ? '\r\x1b[J' : '\n'); // whose turn it is now begins at the left
  });
  lines.on('SIGINT', () => { // a terminal in raw mode sends no signal
    quit();
    lines.close();
  });
  if (isTerminal) lines.on('line', () => lines.prompt()); // what is said may have no answer that would bring it

  const print = (/** @type {string} */ line) => {
    if (!isTerminal || !isOpen) {
      stdout.write(`${line}\n`);
      return;
    }
    const { rows } = lines.getCursorPos(); // of what is typed, above the cursor
    const up = rows > 0 ? `\x1b[${rows}A` : '';
    // prompt() goes up as many rows as it has in mind (or was told of), and would take what was just said
    const again = /** @type {any} */ (lines).prevRows ?? rows;
    stdout.write(`${up}\r\x1b[J${line}\n${'\n'.repeat(again)}`);
    lines.prompt(true);
  };
  return { input, print, isTerminal, close: () => lines.close() };
}
