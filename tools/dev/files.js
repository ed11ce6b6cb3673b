// SPDX-License-Identifier: GPL-3.0-or-later
// The page while somebody develops: plugins come from disk with each request, and tabs are told what was saved.
import { createHash } from 'node:crypto';
import { readFileSync, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { transform } from 'esbuild';
import { isHostLocal } from '../relay/origin.js';
import { pageFiles } from '../relay/page.js';
import { pageSources } from '../page/sources.mjs';

const SCRIPT = '/dev.js';
const EVENTS = '/dev/events';
const PLUGIN = /^\/plugins\/([a-z0-9][a-z0-9-]*)\.js$/;
const LISTENER_COUNT_MAX = 64;
/** An editor writes a file in several steps, in ms. */
const QUIET_MS = 60;
/** A connection that says nothing is closed by some, in ms. */
const PING_MS = 20_000;

const here = (name) => readFileSync(new URL(name, import.meta.url));

export class DevFiles {
  #top;
  #options;
  /** @type {import('../relay/static.js').StaticFiles} */
  #files;
  /** Tabs that are told. @type {Set<import('node:http').ServerResponse>} */
  #tabs = new Set();
  /** What was saved and is not told yet. @type {Set<string>} */
  #saved = new Set();
  /** What each file was when it was told: saved once, some systems tell of it twice. @type {Map<string, string>} */
  #told = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {string} top where web/ and glue/ lie @param {{isPlain: boolean, say: (text: string) => void}} options of pageFiles() */
  constructor(top, options) {
    this.#top = top;
    this.#options = options;
  }

  /** @param {string} top @param {{isPlain: boolean, say: (text: string) => void}} options @returns {Promise<any>} as StaticFiles */
  static async open(top, options) {
    const files = new DevFiles(top, options);
    await files.#build();
    for (const folder of ['web', 'glue']) {
      watch(join(top, folder), { recursive: true }, (_kind, name) => name && files.#changed(join('/', folder, name)));
    }
    setInterval(() => files.#tell(': ping'), PING_MS).unref();
    return files;
  }

  async #build() {
    const folder = join(this.#top, 'build/web');
    const files = await pageFiles({ ...this.#options, folder, sources: pageSources(this.#top) });
    const index = readFileSync(join(this.#top, 'web/index.html'), 'utf8');
    const withScript = index.replace('</head>', `  <script type="module" src=".${SCRIPT}"></script>\n</head>`);
    files.addBody('/index.html', '.html', Buffer.from(withScript));
    files.alias('/', '/index.html');
    files.addBody(SCRIPT, '.js', here('page.js'));
    files.addBody('/sw.js', '.js', here('sw.js')); // none that keeps anything, and an older one goes
    this.#files = files;
  }

  /** @param {string} path such as /web/plugins/poll.js */
  #changed(path) {
    if (!/\.(m?js|html|css|json)$/.test(path)) return; // what an editor keeps beside it
    this.#saved.add(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tellSaved(), QUIET_MS);
  }

  async #tellSaved() {
    const saved = [...this.#saved].filter((path) => this.#isOther(path));
    this.#saved.clear();
    const names = saved.map((path) => PLUGIN.exec(path.replace('/web', ''))?.[1]);
    for (const name of names) {
      const fault = name && await this.#syntaxOf(`plugins/${name}.js`);
      if (fault) this.#tell(`event: fault\ndata: ${JSON.stringify(fault)}`);
      else if (name) this.#tell(`event: plugin\ndata: ${JSON.stringify(name)}`);
    }
    if (!names.includes(undefined)) return;
    try {
      await this.#build();
      this.#tell('event: page\ndata: 1');
    } catch (error) {
      this.#options.say(error.message);
      this.#tell(`event: fault\ndata: ${JSON.stringify(error.message)}`);
    }
  }

  /** Browsers do not tell scripts the line of it. @param {string} name within web/ @returns {Promise<string | null>} what is wrong */
  async #syntaxOf(name) {
    try {
      await transform(readFileSync(join(this.#top, 'web', name), 'utf8'), { logLevel: 'silent' });
      return null;
    } catch ({ message, errors: [error] = [] }) {
      return error?.location ? `${name}:${error.location.line}:${error.location.column + 1}: ${error.text}` : `${name}: ${message}`;
    }
  }

  /** @param {string} path */
  #isOther(path) {
    let hash;
    try {
      hash = createHash('sha256').update(readFileSync(join(this.#top, path))).digest('hex');
    } catch {
      return false; // gone, or renamed in this moment
    }
    const isOther = this.#told.get(path) !== hash;
    this.#told.set(path, hash);
    return isOther;
  }

  /** @param {string} lines of an event */
  #tell(lines) {
    for (const tab of this.#tabs) tab.write(`${lines}\n\n`);
  }

  // ---- as StaticFiles ----

  list() {
    return this.#files.list();
  }

  weigh() {
    return this.#files.weigh();
  }

  has(url) {
    return url === EVENTS || this.#files.has(url);
  }

  /**
   * @param {string} path @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response
   * @returns {boolean}
   */
  serve(path, request, response) {
    if (!isHostLocal(request.headers)) return false; // work that nobody has published yet
    if (path === '/set.json') return false; // no worker keeps a page that changes
    if (path === EVENTS && request.method === 'GET') return this.#listen(response);
    const name = PLUGIN.exec(path)?.[1];
    return name === undefined ? this.#files.serve(path, request, response) : this.#plugin(`${name}.js`, request, response);
  }

  /** @param {import('node:http').ServerResponse} response */
  #listen(response) {
    if (this.#tabs.size >= LISTENER_COUNT_MAX) return false;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': hello\n\n');
    this.#tabs.add(response);
    response.on('close', () => this.#tabs.delete(response));
    return true;
  }

  /** As it is on disk now; what it imports are doors to the page's own modules. */
  #plugin(name, request, response) {
    let body;
    try {
      body = readFileSync(join(this.#top, 'web/plugins', basename(name)));
    } catch {
      return false;
    }
    response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  }
}
