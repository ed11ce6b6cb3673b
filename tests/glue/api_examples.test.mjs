// SPDX-License-Identifier: GPL-3.0-or-later
// What people copy runs: the examples of docstrings, and so of docs/api.md, and the recipes of docs/cookbook.md, as they stand, among real
// peers over a real relay; what they say behind `// =>` is what they give. Those of a page run in tests/e2e/examples.test.mjs.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { compile } from '../support/examples/compile.mjs';
import { readPage, readTypes } from '../support/examples/read.mjs';
import { isAsSaid, run } from '../support/examples/run.mjs';
import { Scene } from '../support/examples/scene.mjs';
import { typeErrors } from '../support/examples/types.mjs';
import { skip } from './support/wasm.mjs';

/** Whose members have one each. */
const OWNERS = ['Nkt', 'NktEventMap'];
const LINE_COUNT_MAX = 8;

/** What happens while one runs, and no program brings about. @type {Record<string, (scene: Scene) => void>} */
const BESIDE = { 'NktEventMap.nktrestarted': (scene) => scene.breakCore() };

const declared = readTypes();
const examples = declared.flatMap((one) => one.examples);
const recipes = readPage('docs/cookbook.md');

test('every member of class Nkt and every event has an example, and a short one', () => {
  const members = declared.filter(({ owner }) => OWNERS.includes(owner));
  assert.ok(members.length > 60, `${members.length} members`);
  assert.deepEqual(members.filter((one) => one.examples.length === 0).map(({ owner, name }) => `${owner}.${name}`), []);
  assert.deepEqual(examples.filter(({ code }) => code.split('\n').length > LINE_COUNT_MAX).map(({ name }) => name), []);
});

test('every recipe has code', () => {
  assert.ok(recipes.length >= 12, `${recipes.length} recipes`);
});

test('TypeScript finds nothing wrong in them', () => {
  assert.deepEqual([...typeErrors(examples, true), ...typeErrors(recipes, false)], []);
});

describe('what an example says', () => {
  const tell = async (code, names = {}) => run(compile(code), names, () => ({}), 50);

  test('is compared: values, constants, what is logged, also later, and … stands for anything', async () => {
    await tell("1 + 1; // => 2\nconst a = { b: ['x1'] }; // => { b: ['x…'] }\nconsole.log(a.b[0], seven); // => 'x1', 7", { seven: 7 });
    await tell('setTimeout(() => console.log(1)); // => 1');
    await tell('[3, 4].forEach((one) => console.log(one)); // => 4');
    await assert.rejects(tell('const f = () => {\n  console.log(1); // => 1\n};'), /line 2 gave nothing/);
    await assert.rejects(tell('for (const one of [1, 2]) console.log(one); // => 1'), /line 1 gave 2/);
  });

  test('and what it gives otherwise is told by its line', async () => {
    for (const code of ['1 + 1; // => 3', '[1]; // => [1, 2]', "'a'; // => 'b…'", '({ a: 1 }); // => { b: 1 }', 'null; // => {}']) {
      await assert.rejects(tell(`\n${code}`), /^Error: line 2 gave .*, and says /);
    }
    assert.throws(() => compile('if (true) { // => 1\n}'), /line 1: nothing on it has a value/);
    assert.ok(!isAsSaid([], {}) && isAsSaid(-1, -1) && !isAsSaid(1, '1'));
  });
});

describe('examples run', { skip, timeout: 480_000 }, () => {
  /** @type {Scene} */
  let scene;
  before(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.reset());
  after(() => scene.close());

  for (const { name, where, code, isOfPage } of examples) {
    if (isOfPage) continue;
    test(`${name} (${where})`, async () => {
      const ran = run(compile(code), { ...scene.names, ...scene.classes }, scene.load);
      BESIDE[name]?.(scene);
      await ran;
    });
  }

  for (const { name, where, code, isOfPage } of recipes) {
    if (isOfPage) continue;
    test(`${name} (${where})`, () => run(compile(code), scene.names, scene.load));
  }
});
