// SPDX-License-Identifier: GPL-3.0-or-later
// What is said while somebody types, as a terminal shows it: neither takes anything of the other, in however many rows.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { openLines } from '../../tools/cli/lines.mjs';

const COLUMNS = 20;

/** As much of a terminal as readline and ours make use of. */
class Screen {
  /** @type {string[][]} */
  #rows = [[]];
  #row = 0;
  #column = 0;

  /** @param {string} text */
  write(text) {
    // eslint-disable-next-line no-control-regex
    for (const [sign, count, command] of text.matchAll(/\x1b\[(\d*)([A-Z])|[^]/g)) this.#take(sign, Number(count || 1), command);
  }

  #take(sign, count, command) {
    if (command === 'A') this.#row = Math.max(0, this.#row - count);
    else if (command === 'B') this.#row += count;
    else if (command === 'C') this.#column += count;
    else if (command === 'D') this.#column = Math.max(0, this.#column - count);
    else if (command === 'G') this.#column = count - 1;
    else if (command === 'J' || command === 'K') {
      this.#rows[this.#row].length = Math.min(this.#rows[this.#row].length, this.#column);
      if (command === 'J') this.#rows.length = this.#row + 1;
    } else if (command !== undefined) throw new Error(`the screen does not know ${JSON.stringify(sign)}`);
    else if (sign === '\r') this.#column = 0;
    else if (sign === '\n') this.#down();
    else this.#put(sign);
    while (this.#rows.length <= this.#row) this.#rows.push([]);
  }

  #down() {
    this.#row += 1;
    this.#column = 0;
  }

  #put(sign) {
    if (this.#column === COLUMNS) this.#down();
    while (this.#rows.length <= this.#row) this.#rows.push([]);
    this.#rows[this.#row][this.#column] = sign;
    this.#column += 1;
  }

  /** @returns {string[]} rows, without the blank ones at the end */
  get rows() {
    const rows = this.#rows.map((row) => Array.from(row, (sign) => sign ?? ' ').join('').trimEnd());
    while (rows.at(-1) === '') rows.pop();
    return rows;
  }
}

function openTerminal() {
  const screen = new Screen();
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode() {} });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: COLUMNS, rows: 24 });
  stdout.on('data', (bytes) => screen.write(String(bytes)));
  const { input, print } = openLines(() => {}, (line) => [[], line], { stdin, stdout });
  const turn = () => new Promise((resolve) => { setImmediate(resolve); });
  return {
    screen, input, stdin,
    type: async (/** @type {string} */ text) => {
      stdin.write(text);
      await turn();
      await turn();
    },
    say: async (/** @type {string} */ line) => {
      print(line);
      await turn();
    },
  };
}

describe('what is said while somebody types', () => {
  const SAID = ['You are Ada', 'Bob: one', 'Bob: two', 'Bob: three'];
  const ROWS = {
    'nothing': '', 'one row': 'hello', 'two rows': 'a line of more than twenty', 'four': 'b'.repeat(70), 'all of a row': 'c'.repeat(18),
  };

  for (const [name, typed] of Object.entries(ROWS)) {
    test(`${name}: all of both is there, once`, async () => {
      const { screen, type, say } = openTerminal();
      await say(SAID[0]);
      await type(typed);
      for (const line of SAID.slice(1)) await say(line);
      const shown = screen.rows.filter((row) => row !== '').join('').trimEnd();
      assert.equal(shown, `${SAID.join('')}> ${typed}`.trimEnd());
    });
  }

  test('the cursor in the middle of three rows: what is typed goes on there', async () => {
    const { screen, input, type, say } = openTerminal();
    await say(SAID[0]);
    for (const sign of `${'d'.repeat(25)}${'e'.repeat(25)}`) await type(sign); // of what comes at once readline counts no rows
    await type('\x1b[D'.repeat(25)); // left
    for (const line of SAID.slice(1)) await say(line);
    await type('|');
    const typed = `${'d'.repeat(25)}|${'e'.repeat(25)}`;
    assert.equal(screen.rows.filter((row) => row !== '').join(''), `${SAID.join('')}> ${typed}`);
    await type('\r');
    assert.deepEqual(await input.next(), { value: typed, done: false });
  });

  test('what is said brings the next prompt, with an answer or without', async () => {
    const { screen, type } = openTerminal();
    await type('hello\r');
    assert.deepEqual(screen.rows, ['hello', '>']);
    await type('again\r');
    assert.deepEqual(screen.rows, ['hello', '> again', '>']);
  });

  test('after the end of the input what is said is still shown, without a prompt', async () => {
    const { screen, stdin, type, say } = openTerminal();
    await say(SAID[0]);
    await type('\x04');
    if (!stdin.readableEnded && !stdin.isPaused()) await once(stdin, 'pause');
    await say(SAID[1]);
    assert.deepEqual(screen.rows, SAID.slice(0, 2));
  });
});
