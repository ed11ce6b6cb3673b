// SPDX-License-Identifier: GPL-3.0-or-later
// What operators watch: the relay's metrics by Prometheus's own checker, the dashboard and the alerts by a Prometheus that watches a relay.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../../tools/setup/paths.mjs';
import { promtool, startPrometheus } from '../support/prometheus.mjs';
import { RelayClient } from '../support/relay_client.mjs';
import { startServer } from '../support/servers.mjs';
import { until } from './support/until.mjs';

const alertsFile = join(root, 'examples', 'alerts.yml');
const dashboard = JSON.parse(readFileSync(join(root, 'examples', 'grafana', 'relay.json'), 'utf8'));

describe('what operators watch', () => {
  let server;
  let prometheus;
  let metricsUrl;
  before(async () => {
    server = await startServer('app.js', { NKT_LIMITS: JSON.stringify({ ipSocketCountMax: 5, roomCountMax: 1 }), METRICS_PORT: '0' });
    metricsUrl = new URL(server.said.map((line) => /metrics on (\S+)$/.exec(line)?.[1]).find(Boolean));
    prometheus = await startPrometheus(`127.0.0.1:${metricsUrl.port}`);
  });
  after(async () => {
    await RelayClient.closeAll();
    await prometheus?.stop();
    await server?.stop();
  });
  const open = (who, where, options) => RelayClient.open(`${server.wsUrl}/relay`, who, where, options);

  /** @param {Record<string, string>} headers @returns {Promise<number | undefined>} the status */
  const upgraded = (headers) => new Promise((resolve, reject) => {
    const asked = request(`${server.url}/relay`, { headers: { connection: 'Upgrade', upgrade: 'websocket', ...headers } });
    asked.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject).end();
  });

  test('metrics are as Prometheus wants them', async () => {
    const { status, said } = promtool(['check', 'metrics'], await (await fetch(metricsUrl)).text());
    assert.deepEqual([status, said], [0, '']);
  });

  test('who is refused is counted by reason', async () => {
    const [ann, bob] = [await open(1, 1), await open(2, 1)];
    ann.send([2, 1, 2, 3]);
    await bob.next();
    await assert.rejects(open(3, 2), /1013/, 'one room too many');
    ann.send([99]);
    bob.send([2, ...new Uint8Array(200_000)]);
    assert.equal(await upgraded({}), 400, 'no key of a handshake');
    assert.equal(await upgraded({ origin: 'https://evil.example' }), 403);
    const counted = async () => Object.fromEntries((await prometheus.query('nkt_relay_refusals_total > 0'))
      .map(({ metric, value }) => [metric.reason, Number(value[1])]));
    await until(async () => Object.keys(await counted()).length >= 5, 'refusals in Prometheus');
    assert.deepEqual(await counted(), { handshake: 1, malformed: 1, origin: 1, rooms: 1, size: 1 });
  });

  test('every query of the dashboard is answered, and nothing in it is unknown', async () => {
    const queries = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr]));
    assert.ok(queries.length >= 25);
    await until(async () => (await prometheus.query('rate(nkt_relay_accepted_total[1m])')).length > 0, 'two looks at the relay');
    for (const [title, written] of queries) {
      const found = await prometheus.query(written.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m'));
      // without NATS nothing is counted of it
      assert.ok(found.length > 0 || /nkt_relay_bus_\w+_total/.test(written), `${title}: ${written} finds nothing`);
    }
  });

  test('alerts are rules, silent on a good day and raised on a bad one', (t) => {
    const checked = promtool(['check', 'rules', alertsFile]);
    assert.equal(checked.status, 0, checked.said);
    const folder = mkdtempSync(join(tmpdir(), 'nkt-alerts-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const series = (name, values) => ({ series: `nkt_relay_${name}`, values });
    const alerts = readFileSync(alertsFile, 'utf8');
    const summaryOf = (name) => new RegExp(`alert: ${name}\\n[^]*?summary: (.*)`).exec(alerts)?.[1];
    const quiet = (alertname, evalTime) => ({ alertname, eval_time: evalTime, exp_alerts: [] });
    const labelsIn = (name) => Object.fromEntries([...name.matchAll(/(\w+)="(\w+)"/g)].map(([, label, value]) => [label, value]));
    const raised = (alertname, evalTime, labels) => (
      { alertname, eval_time: evalTime, exp_alerts: [{ exp_labels: labels, exp_annotations: { summary: summaryOf(alertname) } }] });
    /** Each is as it should be for ten minutes, and then is not. @type {Record<string, [string, string][]>} */
    const bad = {
      NktRelayGone: [['sockets', '5x10 stale']],
      NktRelayLate: [['late_p99_seconds', '0.01x9 0.2x20']],
      NktLimitByAddress: [['refused_by_ip_total', '0+0x9 0+10x20']],
      NktForeignPages: [['refused_by_origin_total', '0+0x9 0+10x20']],
      NktFull: [['refusals_total{reason="full"}', '0+0x9 0+1x20']],
      NktFloods: [['floods_total', '0+0x9 0+2x20']],
      NktSlowReaders: [['stalled_total', '0+0x9 0+5x20']],
      NktRelayAlone: [['bus_connected', '1x9 0x20'], ['bus_published_total', '7x30']],
      NktMemory: [['resident_memory_bytes', '90e6x9 500e6x20']],
    };
    const others = { NktOneRelayGone: 'one of two', NktRelayGone: 'what one of two is no reason for' };
    const named = [...alerts.matchAll(/alert: (\w+)/g)].map(([, name]) => name);
    assert.deepEqual(named.sort(), [...new Set([...Object.keys(bad), ...Object.keys(others)])].sort(), 'all are tried');
    const cases = {
      rule_files: [alertsFile],
      evaluation_interval: '1m',
      tests: [
        ...Object.entries(bad).map(([name, all]) => ({
          interval: '1m',
          input_series: [...(name === 'NktRelayGone' ? [] : [series('sockets', '5x30')]), ...all.map((one) => series(...one))],
          alert_rule_test: [
            ...Object.keys(bad).map((other) => quiet(other, '9m')), raised(name, '29m', all.length === 1 ? labelsIn(all[0][0]) : {}),
          ],
        })),
        {
          interval: '1m', // no NATS, and one of two goes
          input_series: [
            series('sockets{instance="a"}', '5x30'), series('sockets{instance="b"}', '5x10 stale'), series('bus_connected', '0x30'),
          ],
          alert_rule_test: [
            quiet('NktOneRelayGone', '9m'), raised('NktOneRelayGone', '20m', { instance: 'b' }), quiet('NktRelayGone', '29m'),
            quiet('NktRelayAlone', '29m'),
          ],
        },
      ],
    };
    const file = join(folder, 'cases.yml');
    writeFileSync(file, JSON.stringify(cases));
    const tested = promtool(['test', 'rules', file]);
    assert.equal(tested.status, 0, tested.said);
  });
});
