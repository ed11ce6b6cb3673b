// SPDX-License-Identifier: GPL-3.0-or-later
// Bundles the page with esbuild: what is loaded with it in two files, first.js with the login and main.js with the rest, and one for
// each window, plugin and part that is loaded when it is wanted. Every module keeps its address: where another file holds it, there is a
// door to it, so that a plugin or a console which imports /messages.js has the page's own.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { homesOf } from './homes.mjs';
import { isMade, pageSources } from './sources.mjs';

/** Scripts of the page in the order of index.html. */
const LOADED = ['/first.js', '/main.js'];

/** What runs in a place of its own has all that it needs in one file. */
const ALONE = ['/glue/derive_worker.js', '/glue/content_worker.js', '/sw.js'];

/** Must run in browsers that know no modules, to say so. */
const OLD = '/check.js';

/** What docs/users.md promises. */
const TARGET = ['chrome120', 'firefox115', 'safari17'];

/** All doors in one file, for the service worker. */
const DOORS = '/doors.json';

/** Imported by a name that a person typed. */
const isPlugin = (address) => /^\/plugins\/[^/]+\.js$/.test(address);

const BANNER = '// SPDX-License-Identifier: GPL-3.0-or-later. Made of the sources that its map shows. Parts of others: NOTICE.txt';

const STYLE_BANNER = '/* SPDX-License-Identifier: GPL-3.0-or-later */\n';

/** What imports a file and all that lives in it; no source. */
const ENTRY = 'entry.js';

const COMMON = {
  bundle: true, write: false, format: 'esm', target: TARGET, minify: true, charset: 'utf8', legalComments: 'none',
  logLevel: 'silent', outdir: '/', absWorkingDir: '/',
  define: { 'globalThis.process': 'undefined', 'globalThis.Buffer': 'undefined' }, // what is for Node alone stays out
  ignoreAnnotations: true, // package.json tells applications which files of glue/ do something by themselves; of the page all do
};

const AGAIN = {
  format: 'esm', target: TARGET, minify: true, charset: 'utf8', legalComments: 'none', logLevel: 'silent', ignoreAnnotations: true,
};

/**
 * @typedef {{body: Buffer, isAside: boolean}} Part isAside: asked for by none but consoles, debuggers and plugins of others
 * @typedef {{parts: Map<string, Part>, faults: Map<string, string>}} Bundle parts: by address; faults: what is wrong with plugins, which
 *   are then passed on as they are: one of them must not take the page away
 * @typedef {import('esbuild')} Esbuild
 */

class Bundler {
  #esbuild;
  #sources;
  /** @type {Map<string, string>} */
  #addresses;
  /** @type {import('./homes.mjs').Graph} */
  #graph = new Map();
  /** What each module exports. @type {Map<string, string[]>} */
  #names = new Map();
  /** @type {Map<string, string>} */
  #homes = new Map();
  /** An export of a module that lives elsewhere -> how that file calls it. @type {Map<string, string>} */
  #numbers = new Map();

  /** @param {Esbuild} esbuild @param {Map<string, string>} sources */
  constructor(esbuild, sources) {
    this.#esbuild = esbuild;
    this.#sources = sources;
    this.#addresses = new Map([...sources].map(([address, file]) => [file, address]));
  }

  /** @returns {Promise<Bundle>} */
  async build() {
    await this.#read(LOADED);
    const plugins = [...this.#sources.keys()].filter((address) => isPlugin(address) && !this.#graph.has(address));
    const faults = new Map();
    await Promise.all(plugins.map((address) => this.#read([address]).catch(({ message }) => faults.set(address, message))));
    this.#graph = new Map([...this.#graph].sort(([a], [b]) => (a < b ? -1 : 1))); // the same bytes, whoever was read first
    await this.#readNames();
    this.#homes = homesOf(this.#graph, LOADED, plugins.filter((address) => !faults.has(address)));
    this.#number();
    const homes = [...new Set(this.#homes.values())];
    const built = await Promise.all([
      ...homes.map((home) => this.#bundle(home, { stdin: this.#entryOf(home), plugins: [this.#linked(home)] })),
      ...ALONE.map((address) => this.#bundle(address, { entryPoints: [this.#fileOf(address)], plugins: [this.#plain()] })),
      this.#bundle(OLD, { entryPoints: [this.#fileOf(OLD)], target: 'es5', format: 'iife' }),
    ]);
    const styles = [...this.#sources.keys()].filter((address) => address.endsWith('.css'));
    const guests = [...this.#homes.keys()].filter((address) => !homes.includes(address)).sort();
    const doors = guests.map((address) => [address, this.#door(address)]);
    const all = [
      ...built.flat(), ...await Promise.all(styles.map((address) => this.#style(address))),
      ...doors.map(([address, text]) => [address, { body: Buffer.from(text), isAside: true }]),
      ...[...faults.keys()].map((address) => [address, { body: readFileSync(this.#fileOf(address)), isAside: false }]),
      [DOORS, { body: Buffer.from(JSON.stringify(Object.fromEntries(doors))), isAside: false }],
    ];
    return { parts: new Map(all.sort(([a], [b]) => (a < b ? -1 : 1))), faults };
  }

  /** Without what is there for readers: half a KiB of a first visit. @param {string} address @returns {Promise<[string, Part]>} */
  async #style(address) {
    const { code } = await this.#esbuild.transform(readFileSync(this.#fileOf(address), 'utf8'), {
      loader: 'css', minify: true, target: TARGET, charset: 'utf8', legalComments: 'none', logLevel: 'silent',
    });
    return [address, { body: Buffer.from(STYLE_BANNER + code), isAside: false }];
  }

  #fileOf(address) {
    return this.#sources.get(address) ?? fail(`the page has no ${address}`);
  }

  /** Where an import leads. */
  #meant({ path, importer }) {
    const from = this.#addresses.get(importer);
    if (from === undefined || !/^(\.\.?)?\//.test(path)) fail(`${importer} imports ${path}, which is not of the page`);
    const address = posix.resolve(posix.dirname(from), path);
    return this.#sources.has(address) ? address : fail(`${from} imports ${path}: there is no ${address}`);
  }

  /** Who imports what; nothing is noted when something in it is wrong. @param {string[]} roots */
  async #read(roots) {
    const { metafile } = await this.#esbuild.build({
      ...COMMON, minify: false, metafile: true, plugins: [this.#plain()], entryPoints: roots.map((one) => this.#fileOf(one)),
    });
    for (const [path, { imports }] of Object.entries(metafile.inputs)) {
      const of = (kind) => imports.filter((one) => one.kind === kind && !one.external).map((one) => this.#addressOf(one.path));
      this.#graph.set(this.#addressOf(path), { imports: of('import-statement'), later: of('dynamic-import') });
    }
  }

  /** @param {string} path as esbuild names it, from the root of the file system */
  #addressOf(path) {
    return this.#addresses.get(posix.resolve('/', path)) ?? fail(`${path} is not of the page`);
  }

  /** What each module exports. */
  async #readNames() {
    const files = [...this.#graph.keys()].map((address) => this.#fileOf(address));
    const { metafile: each } = await this.#esbuild.build({
      ...COMMON, bundle: false, metafile: true, outbase: '/', entryPoints: files,
    });
    for (const { entryPoint, exports } of Object.values(each.outputs)) this.#names.set(this.#addressOf(entryPoint), exports);
    for (const [i, address] of [...this.#graph.keys()].entries()) {
      if (/^export \*/m.test(readFileSync(files[i], 'utf8'))) fail(`${address}: export * does not say what it exports`);
    }
  }

  /** A home and all that live in it, with what they export. @returns {import('esbuild').StdinOptions} */
  #entryOf(home) {
    const lines = [`import ${JSON.stringify(this.#fileOf(home))};`];
    for (const [address, where] of this.#homes) {
      const names = this.#names.get(address) ?? [];
      if (where !== home || names.length === 0) continue;
      const list = names.map((name) => `${name} as ${this.#outside(address, name)}`).join(', ');
      lines.push(`export { ${list} } from ${JSON.stringify(this.#fileOf(address))};`);
    }
    return { contents: lines.join('\n'), resolveDir: posix.dirname(this.#fileOf(home)), sourcefile: ENTRY };
  }

  /** How a module's export is called outside of its file: as it is if the file is its own, else by a number, which its door knows. */
  #outside(address, name) {
    return this.#homes.get(address) === address ? name : this.#numbers.get(`${address} ${name}`);
  }

  /** What each home exports for others is numbered: the names that nobody reads were 3 KiB of a first visit. */
  #number() {
    const counts = new Map();
    for (const [address, home] of this.#homes) {
      for (const name of this.#names.get(address) ?? []) {
        const count = counts.get(home) ?? 0;
        this.#numbers.set(`${address} ${name}`, `$${count.toString(36)}`);
        counts.set(home, count + 1);
      }
    }
  }

  /** What stands at the address of a module that lives elsewhere. */
  #door(address, home = relativeTo(address, this.#homes.get(address))) {
    const names = this.#names.get(address) ?? [];
    const list = names.map((name) => `${this.#outside(address, name)} as ${name}`).join(', ');
    return `export { ${list} } from ${JSON.stringify(home)};\n`;
  }

  /** Leads each import to its source. */
  #plain() {
    return {
      name: 'page',
      setup: (build) => {
        build.onResolve({ filter: /./, namespace: 'file' }, (one) => {
          return this.#addresses.has(one.path) ? undefined : { path: this.#fileOf(this.#meant(one)) }; // a file: of an entry
        });
      },
    };
  }

  /** Leads imports to sources that live in this file, and to the other files for the rest. @param {string} home */
  #linked(home) {
    return {
      name: 'page',
      setup: (build) => {
        build.onResolve({ filter: /./, namespace: 'file' }, (one) => {
          if (this.#addresses.has(one.path)) return undefined; // of the entry
          const address = this.#meant(one);
          const where = this.#homes.get(address);
          if (one.kind === 'dynamic-import') return { path: relativeTo(home, address), external: true };
          if (where === home) return { path: this.#fileOf(address) };
          return { path: address, namespace: 'door' };
        });
        build.onResolve({ filter: /./, namespace: 'door' }, ({ path }) => ({ path, external: true }));
        build.onLoad({ filter: /./, namespace: 'door' }, ({ path }) => {
          return { contents: this.#door(path, relativeTo(home, this.#homes.get(path))) };
        });
      },
    };
  }

  /** One file of the page and its map. @returns {Promise<Array<[string, Part]>>} */
  async #bundle(address, options) {
    const { outputFiles } = await this.#esbuild.build({ ...COMMON, sourcemap: 'external', ...options });
    const [made, whole] = outputFiles.sort(({ path }) => (path.endsWith('.map') ? -1 : 1)).map(({ text }) => text);
    // once more: constants of other modules come too late to leave out what they make unreachable, half a KiB of a first visit
    const { code: script, map } = await this.#esbuild.transform(
      `${whole}//# sourceMappingURL=data:application/json;base64,${Buffer.from(this.#named(made)).toString('base64')}`,
      { ...AGAIN, sourcemap: 'external', banner: BANNER },
    );
    const named = `${script}//# sourceMappingURL=${posix.basename(address)}.map\n`;
    return [
      [address, { body: Buffer.from(named), isAside: false }],
      [`${address}.map`, { body: Buffer.from(map), isAside: true }],
    ];
  }

  /** A map with sources by their addresses, instead of where they lie on this machine. */
  #named(text) {
    const map = JSON.parse(text);
    return JSON.stringify({ ...map, sources: map.sources.map((one) => this.#addresses.get(posix.resolve('/', one)) ?? one) });
  }
}

/** @param {string} from a file @param {string} to another @returns {string} as the one names the other */
function relativeTo(from, to) {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}

/** @returns {never} */
function fail(what) {
  throw new Error(what);
}

/** How many bundles are being made. */
let running = 0;

/**
 * @param {Map<string, string>} [sources]
 * @returns {Promise<Bundle>} Throws what esbuild found wrong with the page itself
 */
export async function bundlePage(sources = pageSources()) {
  const esbuild = await import('esbuild');
  const made = new Map([...sources].filter(([address]) => isMade(address)));
  running++;
  try {
    return await new Bundler(esbuild, made).build();
  } finally {
    if (--running === 0) await esbuild.stop(); // its process, which all of one process share
  }
}
