// SPDX-License-Identifier: GPL-3.0-or-later
// A real Prometheus that watches a relay.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDir } from '../../tools/setup/paths.mjs';
import { unpacked } from './debian.mjs';
import { startProgram } from './front.mjs';
import { freePort } from './ports.mjs';

/** Where one of its programs is, fetched if need be. @param {'prometheus' | 'promtool'} name */
function fileOf(name) {
  const installed = `/usr/bin/${name}`;
  return existsSync(installed) ? installed : unpacked(join(buildDir, 'prometheus'), `usr/bin/${name}`, ['prometheus']);
}

/** What its own checker says. @param {string[]} args @param {string} [input] @returns {{status: number | null, said: string}} */
export function promtool(args, input) {
  const { status, stdout, stderr } = spawnSync(fileOf('promtool'), args, { encoding: 'utf8', input });
  return { status, said: stdout + stderr };
}

/**
 * @param {string} target host and port of the metrics
 * @returns {Promise<{query(expression: string): Promise<any[]>, stop(): Promise<void>}>}
 */
export async function startPrometheus(target) {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-prometheus-'));
  const config = {
    global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
    scrape_configs: [{ job_name: 'nkt', static_configs: [{ targets: [target] }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const port = await freePort();
  const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`];
  const { stop } = await startProgram(fileOf('prometheus'), args, { port, folder });
  return {
    stop,
    query: async (expression) => {
      const answer = await (await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`)).json();
      if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error ?? answer.status}`);
      return answer.data.result;
    },
  };
}
