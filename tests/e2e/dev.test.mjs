// SPDX-License-Identifier: GPL-3.0-or-later
// Developing plugins (`npm start -- --dev`): what is saved is taken up by open tabs; nothing of it is there without --dev.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../../tools/setup/paths.mjs';
import { startServer } from '../support/servers.mjs';
import { Stage } from '../support/stage.mjs';
import { skip } from '../glue/support/wasm.mjs';

const plugin = (word) => `import { texts } from '../texts.js';
export default { name: 'fresh', commands: { fresh: { run: () => '${word} ' + texts.plugins } } };\n`;

describe('npm start -- --dev', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  let top = '';
  before(async () => {
    top = mkdtempSync(join(tmpdir(), 'nkt-dev-test-'));
    for (const folder of ['web', 'glue']) cpSync(join(root, folder), join(top, folder), { recursive: true });
    mkdirSync(join(top, 'node_modules/lean-qr'), { recursive: true });
    cpSync(join(root, 'node_modules/lean-qr/nano.mjs'), join(top, 'node_modules/lean-qr/nano.mjs'));
    stage = await Stage.open();
  });
  after(async () => {
    await stage.close();
    rmSync(top, { recursive: true, force: true });
  });

  const save = (name, text) => writeFileSync(join(top, 'web', name), text);

  let isDev = false;
  async function develop() {
    if (isDev) return;
    await stage.app.stop();
    stage.app = await startServer('dev.js', { NKT_DEV_TOP: top, TRACKER_PORT: String(stage.tracker.port) });
    isDev = true;
  }

  test('a plugin that is saved is loaded anew in the tab; another file reloads it; a fault is said and changes nothing', async () => {
    const path = `${stage.app.url}/dev.js`;
    assert.equal((await fetch(path)).status, 404, 'not of app.js');
    assert.doesNotMatch(await (await fetch(stage.app.url)).text(), /dev\.js/);
    await develop();
    const [ann] = await stage.people(['Ann']);
    await ann.run(() => { window.isSame = true; });
    save('plugins/fresh.js', plugin('first'));
    await ann.type('/load fresh');
    await ann.answers('Plugin fresh is loaded.');
    await ann.type('/fresh');
    await ann.answers('first Plugins'); // the page's own module
    const takenUp = (word) => ann.until((one) => String(nkt.plugins.fresh?.commands.fresh.run).includes(one), word, word);
    save('plugins/fresh.js', plugin('second'));
    await takenUp('second');
    await ann.answers('plugin fresh is loaded anew');
    await ann.type('/fresh');
    await ann.answers('second Plugins');
    save('plugins/fresh.js', 'export default {');
    await ann.answers('dev: plugins/fresh.js:1:');
    await ann.type('/fresh');
    await ann.page.locator('#messages .note').filter({ hasText: 'second Plugins' }).nth(1).waitFor();
    assert.equal(await ann.run(() => window.isSame), true);
    assert.deepEqual(await ann.faults(), []);

    const failing = plugin('third').replace("name: 'fresh',", "name: 'fresh', init() { throw new Error('not yet'); },");
    save('plugins/fresh.js', failing);
    await ann.answers('dev: plugins/fresh.js:2: ');
    await ann.answers('init failed: not yet');
    save('plugins/fresh.js', plugin('third'));
    await takenUp('third'); // though none was loaded any more
    await ann.type('/unload fresh');
    await ann.answers('Plugin fresh is unloaded.');
    save('plugins/fresh.js', plugin('fourth'));
    await ann.until(() => !window.isSame && window.nkt?.mySwarm?.address(), undefined, 'the page anew: else it had the first one for good');
    await ann.run(() => { window.isSame = true; });
    await ann.type('/load fresh');
    await takenUp('fourth');
    save('plugins/fresh.js', plugin('third'));
    await takenUp('third');
    save('texts.js', readFileSync(join(top, 'web/texts.js'), 'utf8').replace("plugins: 'Plugins',", "plugins: 'Extras',"));
    await ann.until(() => !window.isSame && 'fresh' in (window.nkt?.plugins ?? {}), undefined, 'a page that is another');
    await ann.type('/fresh');
    await ann.answers('third Extras');
    assert.equal(await ann.run(() => nkt.mySwarm.address()), ann.address);
  });

  test('a fault is said again of one that was saved again; after a reload plugins are in the order in which they were loaded', async () => {
    await develop();
    const named = (name) => `export default { name: '${name}', commands: { both: { run: () => '${name} it is' } } };`;
    save('plugins/late.js', `await new Promise((resolve) => setTimeout(resolve, 500)); ${named('late')}`);
    save('plugins/early.js', named('early'));
    const [ann] = await stage.people(['Ann']); // who is told of neither
    const faulty = (word) => `export default { name: 'faulty', listeners: { go() { throw new Error('it fails'); } },
      commands: { faulty: { usage: '${word}', run() { dispatchEvent(new Event('go')); } } } };`;
    save('plugins/faulty.js', faulty('first'));
    await ann.type('/load faulty');
    await ann.answers('Plugin faulty is loaded.');
    await ann.type('/faulty');
    await ann.answers('The plugin faulty failed at go: it fails');
    save('plugins/faulty.js', faulty('second'));
    await ann.until(() => nkt.plugins.faulty?.commands.faulty.usage === 'second');
    await ann.type('/faulty');
    await ann.answers('dev: plugin faulty, go: it fails');
    for (const name of ['late', 'early']) {
      await ann.type(`/load ${name}`);
      await ann.until((one) => one in nkt.plugins, name);
    }
    await ann.page.reload();
    await ann.until(() => window.nkt?.plugins && 'late' in nkt.plugins && 'early' in nkt.plugins);
    assert.deepEqual((await ann.run(() => Object.keys(nkt.plugins))).slice(-2), ['late', 'early']);
    save('plugins/late.js', `await new Promise(() => {}); ${named('late')}`); // it never comes: those behind it do not wait for ever
    await ann.page.reload();
    await ann.until(() => window.nkt?.plugins && 'early' in nkt.plugins);
  });

  test('for this machine alone', async () => {
    await assert.rejects(startServer('dev.js', { HOST: '0.0.0.0' }), /this machine alone/);
  });
});
