// SPDX-License-Identifier: GPL-3.0-or-later
// What people write, as a tree: marks, quotes, lists, code, links; no letter is lost, and nothing a stranger writes is more than
// linear work.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from '../../web/markup.js';

const LENGTH = 60_000; // letters, about what fits into a message

/** As text: what is hidden in ‹›, elements as <kind ...>. */
const show = (node) => {
  if (typeof node === 'string') return node;
  const inner = node.children.map(show).join('');
  if (node.kind === 'mark') return `‹${inner}›`;
  const more = node.kind === 'link' ? ` ${node.href}${node.leads && ` leads to ${node.leads}`}` : node.number >= 0 ? ` ${node.number}` : '';
  return `<${node.kind}${more}>${inner}</>`;
};
const shown = (text) => parse(text).map(show).join('');
const written = (node) => (typeof node === 'string' ? node : node.children.map(written).join(''));
const depth = (node) => (typeof node === 'string' ? 0 : 1 + Math.max(0, ...node.children.map(depth)));
const count = (node) => (typeof node === 'string' ? 0 : 1 + node.children.reduce((sum, child) => sum + count(child), 0));

function tableTest(name, rows) {
  test(name, () => {
    for (const [text, wanted] of rows) assert.equal(shown(text), wanted, JSON.stringify(text));
  });
}

describe('marks in a line', () => {
  tableTest('bold, italics, both, strike, code', [
    ['*a* _b_ **c** ***d*** ~~e~~', '<em>‹*›a‹*›</> <em>‹_›b‹_›</> <strong>‹**›c‹**›</> <both>‹***›d‹***›</> <del>‹~~›e‹~~›</>'],
    ['**a *b* c**!', '<strong>‹**›a <em>‹*›b‹*›</> c‹**›</>!'],
    ['`*a*` ``b`c`` `d', '<code>‹`›*a*‹`›</> <code>‹``›b`c‹``›</> `d'],
    ['*a **b* c**', '<em>‹*›a **b‹*›</> c**'],
    ['这是*重点*内容', '这是<em>‹*›重点‹*›</>内容'],
    ['*🙂*', '<em>‹*›🙂‹*›</>'],
  ]);

  tableTest('what is none', [
    '', '2*3*4', '2 * 3 * 4', 'some_long_name', '¯\\_(ツ)_/¯', '__init__', '\\*a*', '\\`a`', '~a~', '****', '* Ann waves', '*',
    'a\n\nb\n', '[a](b)', '*a\nb*', '# a', '<b>a</b>', '&amp;',
  ].map((text) => [text, text]));
});

describe('lines', () => {
  tableTest('quotes', [
    ['> a\nb', '<quote>‹> ›a‹\n›</>b'],
    ['> a\n> > b\n> c', '<quote>‹> ›a‹\n›<quote>‹> > ›b‹\n›</>‹> ›c</>'],
    ['> *a\n> b*', '<quote>‹> ›*a\n‹> ›b*</>'],
    ['>:(', '>:('], ['a > b', 'a > b'],
  ]);

  tableTest('lists', [
    ['a\n- b\n- c\n\nd', 'a‹\n›<list><item>‹- ›b‹\n›</><item>‹- ›c‹\n›</></>‹\n›d'],
    ['- a\n  - *b*\n- c', '<list><item>‹- ›a‹\n›<list><item>‹  - ›<em>‹*›b‹*›</>‹\n›</></></><item>‹- ›c</></>'],
    ['3. a\n7. b', '<list><item 3>‹3. ›a‹\n›</><item 7>‹7. ›b</></>'],
    ['- a\n1. b', '<list><item>‹- ›a‹\n›</></><list><item 1>‹1. ›b</></>'],
    ['* a\n* b', '<list><item>‹* ›a‹\n›</><item>‹* ›b</></>'],
    ['-a', '-a'], ['- ', '- '], ['+ 1', '+ 1'], ['007. a', '007. a'],
  ]);

  tableTest('blocks of code', [
    ['```js\n*a*\n\n```\nb', '<pre>‹```js\n›*a*\n‹\n›‹```\n›</>b'],
    ['a\n```\n> b', 'a‹\n›<pre>‹```\n›> b</>'],
    ['````\n```\n````', '<pre>‹````\n›```‹\n›‹````›</>'],
    ['> ```\n> a\nb', '<quote><pre>‹> ```\n›‹> ›a</>‹\n›</>b'],
    ['```rm -rf ~ #\na\n```', '<pre>‹```›rm -rf ~ #\na‹\n›‹```›</>'], // what is not seen is copied by nobody
    ['> ```a b', '<quote><pre>‹> ```›a b</></>'],
    ['```a```', '<code>‹```›a‹```›</>'],
  ]);
});

describe('links', () => {
  const one = (raw, href = raw, leads = '') => `<link ${href}${leads && ` leads to ${leads}`}>${raw}</>`;
  tableTest('where one ends', [
    ['see https://a.b/c?d=e&f#g.', `see ${one('https://a.b/c?d=e&f#g')}.`],
    ['(https://a.b/c_(d)), ok', `(${one('https://a.b/c_(d)')}), ok`],
    ['[x](https://a.b/)', `[x](${one('https://a.b/')})`],
    ['**https://a.b/**', `<strong>‹**›${one('https://a.b/')}‹**›</>`],
    ['"http://a.b/"!', `"${one('http://a.b/')}"!`],
    ['«http://a.b/»。', `«${one('http://a.b/')}»。`],
    ['http://a.b/, http://c.d/', `${one('http://a.b/')}, ${one('http://c.d/')}`],
    ['mailto:a@b.c.', `${one('mailto:a@b.c')}.`],
    ['`https://a.b/`', '<code>‹`›https://a.b/‹`›</>'],
  ]);

  tableTest('what is none', [
    'a.b', 'www.a.b', 'xhttp://a.b', 'javascript:alert(1)', 'data:text/html,a', 'file:///etc', 'ftp://a.b', 'vbscript:a', 'blob:http',
    'http://', 'https:///a.b', 'http:a.b', 'https://good.com@evil.com/', 'https://good.com:x@evil.com', 'https://[',
    'http://a.b:99999/', 'mailto:', 'mailto:a', `https://a.b/${'c'.repeat(2048)}`].map((text) => [text, text]));

  tableTest('the text says where it leads, or the host beside it does', [
    ['HTTPS://A.b/C', one('HTTPS://A.b/C', 'https://a.b/C')],
    ['http://a.b:80/', one('http://a.b:80/', 'http://a.b/')],
    ['https://аррӏе.com/', one('https://аррӏе.com/', 'https://xn--80ak6aa92e.com/', 'xn--80ak6aa92e.com')],
    ['https://bücher.de/', one('https://bücher.de/', 'https://xn--bcher-kva.de/', 'xn--bcher-kva.de')],
    ['https://xn--bcher-kva.de/', one('https://xn--bcher-kva.de/')],
    ['http://2130706433/', one('http://2130706433/', 'http://127.0.0.1/', '127.0.0.1')],
    ['https://g%6fod.com/', one('https://g%6fod.com/', 'https://good.com/', 'good.com')],
    ['https://ｇood.com/', one('https://ｇood.com/', 'https://good.com/', 'good.com')],
    ['https://good.com\\@evil.com', `${one('https://good.com', 'https://good.com/')}\\@evil.com`],
    // what cannot be seen, or turns the direction, ends it
    ['https://good.com/\u202emoc.live', `${one('https://good.com/')}\u202emoc.live`],
    ['https://good.com\u200b.evil.com', `${one('https://good.com', 'https://good.com/')}\u200b.evil.com`],
    ['https://good.com\u3164.evil.com', `${one('https://good.com', 'https://good.com/')}\u3164.evil.com`],
    ['https://good.com\u00ad.evil.com', `${one('https://good.com', 'https://good.com/')}\u00ad.evil.com`],
    // a sign that only looks like a slash is of the host
    ['https://good.com\u2215evil.com', `${one('https://good.com', 'https://good.com/')}\u2215evil.com`],
  ]);
});

describe('whatever a stranger writes', () => {
  const fill = (what) => what.repeat(Math.ceil(LENGTH / what.length)).slice(0, LENGTH);
  const HOSTILE = [
    '*', '[', '`', '>', '> ', '~', '_', '*a ', '**a ', '`a', '*_~~**', 'http://', 'http://a.b ', 'http://a(', 'h', '> > > > > x\n', '- a\n',
    '\n', '```\n', '``` `\n', '*a* ', '* *', '1. ', '* a\n', '  - a\n', 'a*', '\\`', '\ud83d', '>`*a\n', '```', '(',
    'mailto:a', '- *a*\n> ',
  ].map(fill);
  HOSTILE.push(Array.from({ length: 340 }, (_, i) => `${'`'.repeat(i + 1)}a`).join(''),
    `http://a.b/${'('.repeat(LENGTH)}`, `http://a.b/${'*'.repeat(LENGTH)}`,
    Array.from({ length: 4000 }, (_, i) => `${' '.repeat(i % 17)}- a`).join('\n'), `- ${' '.repeat(LENGTH)}`,
    `\`\`\`${'\n``'.repeat(LENGTH / 3)}`);

  test('work is linear, depth and number of elements are bounded, no letter is lost', () => {
    for (const text of HOSTILE) {
      const name = JSON.stringify(text.slice(0, 20));
      const tally = { steps: 0 };
      const tree = { kind: '', children: parse(text, tally) };
      assert.ok(tally.steps > 0 && tally.steps <= 24 * text.length, `${name}: ${tally.steps} steps for ${text.length} letters`);
      const half = { steps: 0 };
      parse(text.slice(0, text.length / 2), half);
      assert.ok(tally.steps <= 2.5 * half.steps + LENGTH, `${name}: ${tally.steps} steps, ${half.steps} for half of it`);
      assert.equal(written(tree), text, name);
      assert.ok(depth(tree) <= 16, `${name}: ${depth(tree)} deep`);
      assert.ok(count(tree) <= 500 * 6 + text.split('\n').length, `${name}: ${count(tree)} elements`);
    }
  });

  test('any mixture of marks is the same text again, and so is its beginning', () => {
    let seed = 1;
    const next = (below) => { // repeats
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const PARTS = [
      '*', '**', '***', '_', '~~', '`', '``', '```', '```\n', '\n', '\n\n', '> ', '>', '- ', '  - ', '1. ', '* ', ' ', 'a', 'é', '🙂', '\\',
      'http://a.b/', 'https://ä.b', '(', ')', '.', '\u202e', '\r', '\ud800',
    ];
    for (let round = 0; round < 3000; round++) {
      const text = Array.from({ length: 1 + next(40) }, () => PARTS[next(PARTS.length)]).join('');
      assert.equal(parse(text).map(written).join(''), text, JSON.stringify(text));
    }
  });
});
