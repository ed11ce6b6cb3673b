// SPDX-License-Identifier: GPL-3.0-or-later
// What operators copy: units of systemd by its own judgement, and what stands in several places alike.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { SETTINGS } from '../../tools/settings.js';
import { root } from '../../tools/setup/paths.mjs';

const ANALYZE = '/usr/bin/systemd-analyze';
/** Tenths: 13 are for a service that opens sockets and compiles; 20 are what systemd itself calls fine. */
const EXPOSURE_MAX = '20';
const text = (...path) => readFileSync(join(root, ...path), 'utf8');

describe('what operators copy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-units-'));
  after(() => rmSync(folder, { recursive: true }));

  for (const name of ['relay', 'tracker']) {
    const skip = !existsSync(ANALYZE) && `no ${ANALYZE}`;
    test(`nkt-${name}.service: systemd finds no fault, and little that it could touch`, { skip }, () => {
      const unit = text('examples', 'systemd', `nkt-${name}.service`);
      assert.match(unit, /^Restart=always\nRestartSec=2\n/m);
      assert.match(unit, /^StartLimitIntervalSec=0$/m, 'or five starts that fail end it for good');
      assert.ok(unit.includes(`ExecStart=/usr/bin/node /opt/nkt/node_modules/nkt/build/serve/${name}.js\n`), 'where the package has it');
      const file = join(folder, `nkt-${name}.service`);
      const here = unit.replace('/usr/bin/node', process.execPath);
      writeFileSync(file, here.replace(/^Documentation=file:.*$/m, `Documentation=file:${join(root, 'docs', 'operators.md')}`));
      const judge = (...args) => spawnSync(ANALYZE, [...args, file], { encoding: 'utf8', env: { ...process.env, SYSTEMD_PAGER: 'cat' } });
      const verified = judge('verify', '--man=no');
      assert.deepEqual([verified.status, verified.stderr], [0, '']);
      const exposed = judge('security', '--offline=true', `--threshold=${EXPOSURE_MAX}`);
      assert.equal(exposed.status, 0, exposed.stdout + exposed.stderr);
      const open = judge('security', '--offline=true', '--threshold=1');
      assert.notEqual(open.status, 0, 'it does judge');
    });
  }

  test('the container takes every setting, and one that is not set stays so', () => {
    const compose = text('examples', 'container', 'compose.yaml');
    const given = [...compose.matchAll(/^ {6}([A-Z_]+): *(?:#.*)?$/gm)].map(([, name]) => name);
    const own = SETTINGS.filter((name) => name !== 'NKT_PLAIN'); // of checkouts
    assert.match(compose, /^ {6}NKT_LOG: "\$\{NKT_LOG:-json\}"/m, 'as the image has it');
    assert.deepEqual([...given, 'NKT_LOG'].sort(), [...own, 'METRICS_HOST', 'METRICS_PORT', 'NATS_URL'].sort());
    for (const name of own) assert.ok(text('docs', 'operators.md').includes(`\`${name}\``), `${name} is in the docs`);
    assert.match(text('examples', 'container', 'Dockerfile'), /HEALTHCHECK .*process\.env\.PORT/, 'it is asked where it listens');
  });

  test('who may not be reached through TURN is the same list wherever it stands', () => {
    const listed = (page) => [...page.matchAll(/denied-peer-ip=(\S+)/g)].map(([, range]) => range);
    const [docs, container] = [text('docs', 'operators.md'), text('examples', 'container', 'turn.yaml')].map(listed);
    assert.ok(docs.length >= 12);
    assert.deepEqual(container, docs);
  });

  test('the container has the client of NATS that is tested', () => {
    const { devDependencies } = JSON.parse(text('package.json'));
    assert.ok(text('examples', 'container', 'Dockerfile').includes(` nats@${devDependencies.nats}\n`));
  });
});
