// SPDX-License-Identifier: GPL-3.0-or-later
// Behind a real nginx and a real Caddy as examples/ has them: at the root and under a path, over TLS on a port of its own, with HTTP/2
// in front, whatever the proxy makes of Host, with HOST and without.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { networkInterfaces } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { until } from '../glue/support/until.mjs';
import { skip } from '../glue/support/wasm.mjs';
import { startCaddy } from '../support/caddy.mjs';
import { launch } from '../support/chromium.mjs';
import { startNginx } from '../support/nginx.mjs';
import { freePort } from '../support/ports.mjs';
import { startServer } from '../support/servers.mjs';
import { Tab } from '../support/tab.mjs';

const NAME = 'nkt.localhost';
const example = (name) => readFileSync(fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)), 'utf8');

/** A container may have none. */
const hasIPv6 = Object.values(networkInterfaces()).flat().some((one) => one?.address === '::1');

/** The example with the ports of this test. */
function siteOf(name, { folder, port, app, tracker }) {
  return example(`nginx/${name}`)
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace(/listen \[::\]:443 (ssl http2;)/, hasIPv6 ? `listen [::1]:${port} $1` : '')
    .replace(/server_name \S+;/, `server_name ${NAME};`)
    .replace(/(ssl_certificate) \s*\S+;/, `$1 ${folder}/cert.pem;`)
    .replace(/(ssl_certificate_key) \S+;/, `$1 ${folder}/key.pem;`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${app.port}`)
    .replaceAll('127.0.0.1:8000', `127.0.0.1:${tracker.port}`);
}

describe('behind a proxy', { skip, timeout: 360_000 }, () => {
  const ends = [];
  let tracker;
  let app;
  let browser;
  before(async () => {
    tracker = await startServer('tracker.js', { NKT_PROXY: '1' });
    app = await startServer('app.js', { NKT_PROXY: '1', NKT_TRACKERS: 'tracker' });
    browser = await launch({ hosts: [NAME], args: ['--ignore-certificate-errors'] });
    ends.push(() => tracker.stop(), () => app.stop(), () => browser.close());
  });
  after(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /** @param {(site: string) => string} [change] */
  async function nginx(name, server = app, change = (site) => site) {
    const port = await freePort();
    const { stop } = await startNginx((folder) => change(siteOf(name, { folder, port, app: server, tracker })), port);
    ends.push(stop);
    return port;
  }

  async function caddy(name) {
    const port = await freePort();
    const site = example(`caddy/${name}`).replace(/^[a-z.]+\.example\.org \{/m, `${NAME} {`)
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${app.port}`).replaceAll('127.0.0.1:8000', `127.0.0.1:${tracker.port}`);
    const { stop } = await startCaddy(site, port);
    ends.push(stop);
    return port;
  }

  for (const [name, path, start] of [
    ['site.conf', '/', nginx], ['path.conf', '/nkt/', nginx], ['site.Caddyfile', '/', caddy], ['path.Caddyfile', '/nkt/', caddy],
  ]) {
    test(`two tabs talk under ${path} (${name}): page, relay, tracker, service worker, a kept page without its server`, async () => {
      const port = await start(name);
      const url = `https://${NAME}:${port}${path}`;
      const contexts = [await browser.newContext(), await browser.newContext()];
      const [ann, bob] = await Promise.all(contexts.map(async (context, i) => {
        const tab = await Tab.blank(context);
        await tab.load(`${url}#room=behind-${name}`);
        await tab.logIn(['Ann', 'Bob'][i]);
        return tab;
      }));
      await ann.until(() => Object.values(nkt.userList).some(({ session }) => session === 'established'), undefined, 'a session');
      const protocol = await ann.run(() => performance.getEntriesByType('navigation')[0].nextHopProtocol);
      assert.equal(protocol, 'h2', 'the proxy speaks HTTP/2, whatever is behind it');
      await ann.type('hello from behind');
      await bob.shows('hello from behind');
      const health = await ann.run(() => {
        const { relays, trackers } = nkt.health();
        return [...relays, ...trackers].map(({ url, state }) => [url, state]);
      });
      await ann.until(() => nkt.health().trackers[0]?.state === 'open', undefined, 'the tracker');
      const ws = url.replace('https:', 'wss:');
      assert.deepEqual(health.map(([one]) => one), [`${ws}relay`, `${ws}tracker`]);
      await ann.until(async () => (await navigator.serviceWorker.ready).active?.state === 'activated', undefined, 'a service worker');
      const isKept = async () => (await Promise.all((await caches.keys()).filter((key) => key.startsWith('nkt-set-'))
        .map(async (key) => (await caches.open(key)).match('/set.json')))).some(Boolean);
      await ann.until(isKept, undefined, 'a whole set');
      for (const name of ['settings', 'swarm', 'verify']) { // each with a script and a style of its own
        await ann.type(name === 'verify' ? '/verify Bob' : `/${name}`);
        await ann.page.locator(`#${name}[open]`).waitFor();
        await ann.page.keyboard.press('Escape');
      }
      assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
      const devtools = await contexts[0].newCDPSession(ann.page);
      const { manifest, errors } = /** @type {any} */ (await devtools.send('Page.getAppManifest'));
      assert.deepEqual([errors, manifest.startUrl, manifest.scope], [[], url, url], 'as an app it is under that path, too');
      if (path === '/nkt/') { // the page comes without its server
        await ends.pop()();
        await ann.page.reload();
        await ann.until(() => Boolean(window.nkt?.mySwarm.address()), undefined, 'the kept page');
      }
      await Promise.all(contexts.map((context) => context.close()));
    });
  }

  test('a path without its slash leads there by the port that was asked for; who opens the tracker reads what it is', async () => {
    const port = await nginx('path.conf');
    const session = connect(`https://${hasIPv6 ? '[::1]' : '127.0.0.1'}:${port}`, { rejectUnauthorized: false }); // by IPv6 as well
    ends.push(() => session.destroy());
    const get = (path) => new Promise((resolve, reject) => {
      const stream = session.request({ ':path': path, ':authority': 'www.example.org:8443' });
      let text = '';
      let head = {};
      stream.on('response', (headers) => (head = headers)).on('data', (chunk) => (text += chunk)).on('error', reject);
      stream.on('end', () => resolve({ status: head[':status'], location: head.location, text, upgrade: head.upgrade }));
    });
    assert.deepEqual(await get('/nkt?x=1'), { ...(await get('/nkt')), location: '/nkt/?x=1' });
    assert.deepEqual([(await get('/nkt')).status, (await get('/nkt')).location], [301, '/nkt/']);
    const { status, text, upgrade } = await get('/nkt/tracker');
    assert.deepEqual([status, text, upgrade], [426, 'A tracker for WebSockets only.\n', undefined]);
  });

  /** What becomes of a WebSocket of a page of that origin. */
  const connects = (url, origin) => new Promise((resolve) => {
    const lookup = (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);
    const ws = new WebSocket(url, { origin, rejectUnauthorized: false, servername: NAME, lookup });
    ws.on('open', () => resolve('open') || ws.terminate());
    ws.on('error', (error) => resolve(/\b(\d{3})\b/.exec(error.message)?.[1] ?? error.message));
  });

  const HOSTS = {
    'Host with its port': (site) => site,
    'Host without its port': (site) => site.replaceAll('Host $http_host', 'Host $host'),
    'Host left as nginx makes it, X-Forwarded-Host beside it': (site) => site.replaceAll('Host $http_host', 'X-Forwarded-Host $http_host'),
  };
  for (const env of [{}, { HOST: '127.0.0.1' }, { NKT_PROXY: '1' }, { HOST: '127.0.0.1', NKT_PROXY: '1' }]) {
    test(`its own page may connect, others may not: ${JSON.stringify(env)}`, async () => {
      const server = await startServer('app.js', env);
      ends.push(() => server.stop());
      for (const [what, change] of Object.entries(HOSTS)) {
        const port = await nginx('path.conf', server, change);
        const url = `wss://${NAME}:${port}/nkt`;
        assert.equal(await connects(`${url}/relay`, `https://${NAME}:${port}`), 'open', what);
        assert.equal(await connects(`${url}/`, `https://${NAME}:${port}`), 'open', `${what}, the server's URL alone`);
        assert.equal(await connects(`${url}/relay`, 'https://evil.example'), '403', what);
        assert.equal(await connects(`${url}/relay`, `https://evil.${NAME}:${port}`), '403', what);
      }
      await until(() => server.said.some((line) => line.includes('https://evil.example')), 'a word to the operator');
    });
  }

  test('without a proxy a name that only points here is not its own', async () => {
    const server = await startServer('app.js');
    ends.push(() => server.stop());
    for (const [host, origin, status] of [
      ['rebound.example', 'http://rebound.example', '403'],
      [`rebound.example:${server.port}`, `http://rebound.example:${server.port}`, '403'],
      [`localhost:${server.port}`, `http://localhost:${server.port}`, 'open'],
      [`localhost:${server.port}`, 'http://localhost:1', '403'],
    ]) {
      const found = await new Promise((resolve) => {
        const ws = new WebSocket(`${server.wsUrl}/relay`, { origin, headers: { host } });
        ws.on('open', () => resolve('open') || ws.terminate());
        ws.on('error', (error) => resolve(/\b(\d{3})\b/.exec(error.message)?.[1] ?? error.message));
      });
      assert.equal(found, status, `${host} ${origin}`);
    }
  });
});
