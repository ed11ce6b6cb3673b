// SPDX-License-Identifier: GPL-3.0-or-later
// How `npm test` shares the processors among test files: who runs alone, who beside whom, and when one more is begun.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runFiles, runProgram, testFiles } from '../../tools/test/files.mjs';
import { Spare } from '../../tools/test/spare.mjs';
import { childSeconds, CtestParts, Timeline } from '../../tools/test/timeline.mjs';
import { until } from './support/until.mjs';

const fine = { passed: 2, failed: 0, names: [] };

/** Files that end when they are told to, on a machine with so many processors free. */
class Run {
  free = 0;
  /** @type {string[]} names of those that were begun */
  begun = [];
  /** @type {Map<string, () => void>} those that run */
  running = new Map();
  /** @type {Record<string, any>} */
  counts = {};
  said = '';
  most = 0;
  /** What those come to that do not just pass, run by run. @type {Map<string, any[]>} */
  fails = new Map();

  /** @param {Record<string, any>} widths @param {Record<string, string[]>} files 'a!' runs alone, 'a*' is long */
  constructor(widths, files) {
    const file = (stage) => (text) => ({ path: text.replace(/\W/, ''), stage, isAlone: text.endsWith('!'), isLong: text.endsWith('*') });
    const write = (stage, text) => { this.said += `${stage} ${text};`; };
    this.ended = runFiles(widths, write, (stage, count) => { this.counts[stage] = count; }, {
      spare: /** @type {any} */ ({ look: () => this.free, forget: () => {} }),
      files: (stage) => files[stage].map(file(stage)),
      run: ({ path }, write) => new Promise((resolve) => {
        this.begun.push(path);
        this.running.set(path, () => {
          this.running.delete(path);
          write(path);
          resolve(this.fails.get(path)?.shift() ?? fine);
        });
        this.most = Math.max(this.most, this.running.size);
      }),
    });
  }

  /** @param {string} names letters */
  async end(...names) {
    for (const name of names) this.running.get(name)?.();
    await new Promise((resolve) => { setImmediate(resolve); });
  }

  names() {
    return [...this.running.keys()].sort().join('');
  }
}

describe('files side by side', () => {
  const widths = { glue: { least: 1, most: 2, seconds: 1 }, e2e: { least: 2, most: 3, seconds: 10 } };

  test('those that measure run first and alone; then as many as on any machine, the long ones first', async () => {
    const run = new Run(widths, { glue: ['a', 'b!', 'c*'], e2e: ['d', 'e', 'f!', 'g*'] });
    assert.equal(run.names(), 'b');
    await run.end('b');
    assert.equal(run.names(), 'f');
    await run.end('f');
    assert.deepEqual([run.names(), run.begun.slice(2)], ['cdg', ['c', 'g', 'd']]);
    await run.end('c', 'g');
    assert.equal(run.names(), 'ade');
    await run.end('a');
    assert.deepEqual(run.counts, { glue: { passed: 6, failed: 0, names: [], again: [] } });
    await run.end('d', 'e');
    await run.ended;
    assert.deepEqual(run.counts.e2e, { passed: 8, failed: 0, names: [], again: [] });
    assert.match(run.said, /^glue b;e2e f;/);
  });

  test('where processors are idle one more is begun, of the stage that is furthest from its end, and no more than it may', async () => {
    const run = new Run(widths, { glue: ['a', 'b', 'c'], e2e: ['d', 'e', 'f', 'g'] });
    assert.equal(run.names(), 'ade');
    await new Promise((resolve) => { setTimeout(resolve, 1200); });
    assert.equal(run.names(), 'ade', 'nothing is idle');
    run.free = 0.6;
    await until(() => run.running.size === 4, 'one more', 2000);
    assert.equal(run.names(), 'adef', '10 s a file are left in e2e, 2 in glue');
    await until(() => run.running.size === 5, 'another', 2000);
    await new Promise((resolve) => { setTimeout(resolve, 1200); });
    assert.equal(run.names(), 'abdef', 'each stage at its most');
    while (run.running.size > 0) await run.end(...run.running.keys());
    await run.ended;
    assert.deepEqual([run.most, run.begun.length], [5, 7]);
  });

  test('a stage without a place of its own begins when there is room, or nothing else runs', async () => {
    const run = new Run({ e2e: widths.e2e, pack: { least: 0, most: 1, seconds: 1 } }, { e2e: ['a', 'b'], pack: ['c'] });
    await new Promise((resolve) => { setTimeout(resolve, 1200); });
    assert.equal(run.names(), 'ab');
    await run.end('a', 'b');
    await until(() => run.names() === 'c', 'the last', 2000);
    await run.end('c');
    await run.ended;
  });

  const failure = (name) => ({ passed: 1, failed: 1, names: [name] });

  test('who failed is run once more, alone, at the end: what passes then is named, what fails again has failed', async () => {
    const run = new Run(widths, { glue: ['a!'], e2e: ['d', 'e', 'f'] });
    for (const name of ['a', 'd']) run.fails.set(name, [failure(`${name} 1`)]);
    run.fails.set('e', [failure('e 1'), failure('e 2')]);
    await run.end('a');
    assert.equal(run.names(), 'de');
    await run.end('d', 'e');
    assert.equal(run.names(), 'f');
    await run.end('f');
    for (const name of ['a', 'd', 'e']) {
      assert.equal(run.names(), name);
      await run.end(name);
    }
    await run.ended;
    assert.deepEqual(run.counts, {
      glue: { passed: 2, failed: 0, names: [], again: ['a 1'] },
      e2e: { passed: 5, failed: 1, names: ['e 2'], again: ['d 1'] },
    });
  });

  test('where many fail none is run once more', async () => {
    const run = new Run({ e2e: { least: 9, most: 9, seconds: 1 } }, { e2e: [...'abcdefghi'] });
    for (const name of 'abcdefghi') run.fails.set(name, [failure(name)]);
    await run.end(...'abcdefghi');
    await run.ended;
    assert.deepEqual([run.begun.length, run.counts.e2e.failed, run.counts.e2e.again], [9, 9, []]);
  });

  test('a stage without files has ended, and one that cannot be run ends all', { timeout: 5000 }, async () => {
    const run = new Run(widths, { glue: [], e2e: [] });
    await run.ended;
    assert.deepEqual(Object.keys(run.counts), ['glue', 'e2e']);
    const file = { path: 'x', stage: 'glue', isAlone: false, isLong: false };
    await assert.rejects(runFiles({ glue: widths.glue }, () => {}, () => {}, {
      files: () => [file],
      run: () => Promise.reject(new Error('no process')),
    }), /no process/);
  });

  test('what a file says of itself is read from its head', () => {
    const files = testFiles('glue');
    const find = (name) => files.find(({ path }) => path.endsWith(`/${name}.test.mjs`));
    assert.deepEqual([find('window')?.isAlone, find('window')?.isLong], [true, false]);
    assert.deepEqual([find('absent')?.isAlone, find('absent')?.isLong], [false, true]);
    assert.deepEqual([find('files')?.isAlone, find('files')?.isLong], [false, false]);
  });
});

describe('spare processors', () => {
  test('idle ones count, and those at work that gives way; what was before a start does not', () => {
    let now = 0;
    const times = [{ idle: 5000, nice: 0 }, { idle: 9000, nice: 100 }];
    const spare = new Spare(() => times.map((one) => ({ times: one })), () => now, true);
    const pass = (ms, idle, nice) => {
      now += ms;
      times[0].idle += idle;
      times[1].nice += nice;
      return Number(spare.look().toFixed(2));
    };
    assert.equal(pass(0, 0, 0), 0);
    assert.equal(pass(1000, 1000, 1000), 0, 'not known yet');
    assert.equal(pass(1000, 1000, 0), 1.5, '3 s of 2');
    assert.equal(pass(1000, 0, 0), 0.5, 'the last 2 s alone');
    spare.forget();
    assert.equal(pass(500, 500, 500), 0);
    assert.equal(pass(1000, 0, 0), 0);
    assert.equal(pass(1000, 0, 200), 0.1);
    const others = new Spare(() => [{ times: { idle: (now += 5000), nice: 0 } }], () => now, false);
    assert.deepEqual([others.look(), others.look()], [0, 0], 'processors of somebody else');
  });
});

test('a program that ends by a signal says by which', async () => {
  const text = 'process.kill(process.pid, "SIGSEGV")';
  assert.equal(await runProgram(process.execPath, ['-e', text], () => {}), 'SIGSEGV');
  assert.equal(await runProgram(process.execPath, ['-e', 'process.exit(3)'], () => {}), 3);
});

describe('where the time went', () => {
  test('a program is charged with what it took and what its children took, and one that waits with nothing', async () => {
    const cost = async (text) => {
      let spent = -1;
      await runProgram(process.execPath, ['-e', text], () => {}, { spent: (seconds) => { spent = seconds; } });
      return spent;
    };
    const work = 'for (const end = process.cpuUsage().user + 3e5; process.cpuUsage().user < end;);';
    const idle = await cost('setTimeout(() => {}, 900)');
    const own = await cost(work);
    const others = await cost(`require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(work)}])`);
    assert.ok(own >= 0.28 && others >= 0.28, `${own} and ${others} s of 0.3`);
    assert.ok(idle < own - 0.15, `${idle} s for nothing, ${own} for something: each began once`);
  });

  test('what proc says is read', () => {
    const fields = ['S', ...Array.from({ length: 12 }, () => '9'), '150', '25', '20'];
    assert.equal(childSeconds(`7 (a) b (c) ${fields.join(' ')}`), 1.75);
    assert.ok(Number.isNaN(childSeconds('')));
  });

  /** What ctest prints, at what time, and what its tests have taken by then: a line may be cut. @param {[number, number, string][]} said */
  function partsOf(said) {
    let now = 0;
    const timeline = new Timeline(() => now, () => [{ times: { user: now, idle: 0 } }]);
    const parts = new CtestParts(timeline);
    for (const [at, cpu, text] of said) {
      now = at * 1000;
      parts.hear(text, cpu);
    }
    parts.end();
    timeline.lines(true);
    return timeline.parts.map(({ name, from, to, cpu }) => [name, from, to, Number(cpu.toFixed(2))]);
  }

  test('each C test has the CPU time that it took, wherever the lines of ctest are cut', () => {
    const begin = [0, 0, '    Start 1: sim_long\n      Start 2: hostile_link\n'];
    const first = '  1/3 Test #1: sim_long .........   Passed   60.00 sec\n';
    const second = '      Start 3: base.x\n 2/3 Test #2: hostile_link ...***Failed  61.00 sec\n';
    const expected = [['ctest sim_long', 0, 60, 50], ['ctest hostile_link', 0, 61, 0.2], ['ctest base.x', 61, 61.1, 0.1]];
    for (let cut = 0; cut <= first.length; cut++) {
      assert.deepEqual(partsOf([
        /** @type {[number, number, string]} */ (begin),
        [60, 50, first.slice(0, cut)],
        [60, 50, first.slice(cut)],
        [61, 50.2, second],
        [61.1, 50.3, ' 3/3 Test   #3: base.x ...   Passed    0.10 sec\n'],
      ]), expected, `cut after ${first.slice(0, cut)}`);
    }
  });

  test('of C tests that ended at once nobody says which took what; none takes more CPU time than time', () => {
    const start = (name) => `    Start 1: ${name}\n`;
    const end = (name) => ` 1/9 Test #1: ${name} ...   Passed\n`;
    // in one piece
    assert.deepEqual(partsOf([[0, 0, start('a') + start('b')], [5, 7, end('a') + end('b')]]), [['ctest a, b', 0, 5, 7]]);
    // in two, but both were in the account when the first was told of
    assert.deepEqual(partsOf([[0, 0, start('a') + start('b')], [5, 7, end('a')], [5, 7, end('b')]]), [['ctest a, b', 0, 5, 7]]);
    const many = ['a', 'b', 'c', 'd', 'e', 'f'];
    assert.deepEqual(partsOf([[0, 0, many.map(start).join('')], [1, 1, many.map(end).join('')]]), [['ctest a, b and 4 others', 0, 1, 1]]);
    // where no account is kept
    assert.deepEqual(partsOf([[0, NaN, start('a')], [5, NaN, end('a')]]), [['ctest a', 0, 5, 0]]);
  });

  test('the costliest parts and the idle share are told, and all in their order where it is asked for', () => {
    let now = 0;
    let idle = 0;
    const timeline = new Timeline(() => now, () => [{ times: { user: now - idle, idle } }]);
    const pass = (seconds, share) => {
      now += seconds * 1000;
      idle += seconds * 1000 * share;
      timeline.look();
    };
    pass(40, 0.5);
    timeline.add('first', 0, 3);
    pass(20, 0);
    timeline.add('second', 40, 20);
    for (let i = 0; i < 9; i++) timeline.add(`small ${i}`, 60, 5);
    timeline.add('small of second', 60, 5, { isInner: true });
    const [head, busy, , ...parts] = timeline.lines(false);
    assert.match(head, /, 60 s, idle 33 %; of each 30 s: 50 %, 0 %$/);
    assert.match(busy, /^CPU time: 40 s, 68 of them in parts;/);
    assert.deepEqual([parts.length, parts[0]], [10, '   20.0    40.0    60.0  second']);
    assert.ok(!parts.some((line) => line.endsWith('first')));
    const whole = timeline.lines(true).slice(3);
    assert.deepEqual([whole.length, whole[0]], [12, '    3.0     0.0    40.0  first']);
  });
});
