// SPDX-License-Identifier: GPL-3.0-or-later
// The page's languages: what is said in English is said in each of them, with the same parameters, and in words of its own.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, test } from 'node:test';
import vm from 'node:vm';
import { GLUE_ERRORS, NktError } from '../../glue/errors.js';
import { root } from '../../tools/setup/paths.mjs';
import { LANGUAGES, texts as english, wordsOf } from '../../web/texts.js';

/** What stands in one file after the other, of each English one: parts of the page have their own. */
const ENGLISH = [Object.keys(english)];
const WORDS = readdirSync(join(root, 'web')).filter((name) => /^words_/.test(name)).sort();
for (const file of WORDS) {
  const before = new Set(Object.keys(english));
  await import(`../../web/${file}`);
  ENGLISH.push(Object.keys(english).filter((key) => !before.has(key)));
}
const OTHERS = Object.keys(LANGUAGES).filter((name) => name !== 'en');
const web = (name) => readFileSync(join(root, 'web', name), 'utf8');

/** Of other languages alone: in English nkt's own words are shown. */
const FOREIGN = ['codes', 'reasons'];

/** Why a message is not delivered, as the core tells without a code (nkt_outbox_drop(), nkt_parcel_end()). */
const UNDELIVERED = ['CANCELLED', 'MUTED', 'NOT_FOUND', 'OUTBOX_FULL', 'STOPPED', 'TIMEOUT', 'UNKNOWN_USER'];

/** What may be as it is in English. */
const SAME = {
  de: ['defaultRoom', 'nickHint', 'title', 'settingsKinds.relays.title', 'settingsKinds.relays.hint', 'settingsKinds.trackers.hint',
    'plugins', 'pluginAbout.irc', 'help.status.0', 'help.list.0', 'help.plugins.0', 'help.load.0', 'help.unload.0', 'help.invite.0',
    'help.swarm.0', 'help.settings.0', 'help.nick.0', 'help.help.0', 'callHelp.answer.0', 'callHelp.hangup.0',
    'ircHelp.shrug.0', 'ircHelp.slap.0', 'relays', 'swarmLegendLink', 'signBy'],
  fr: ['defaultRoom', 'nickHint', 'title', 'messages', 'line', 'settingsKinds.relays.hint', 'settingsKinds.trackers.hint', 'plugins',
    'path.direct', 'pluginAbout.irc', 'help.status.0', 'help.list.0', 'help.plugins.0', 'help.swarm.0', 'help.settings.0', 'help.help.0',
    'callHelp.answer.0', 'callHelp.hangup.0', 'swarmLegendLink', 'cardPause', 'signBy'],
};

/** What stands for a parameter, by its name: several, where a number or a kind decides how it is said. */
const NUMBERS = [0, 1, 2, 7, 2500];
const NAMES = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Tony', 'Donald', 'Leslie'];
const CARDS = [0, 1, 3].map((sources) => ({
  size: 2_345_678, loaded: 1000 * sources, sources, relayed: sources === 1, rate: 400 * sources, who: NAMES.slice(0, sources),
}));
const SAMPLES = {
  n: NUMBERS, count: NUMBERS, links: NUMBERS, unread: NUMBERS,
  letters: [1500, 150_000], size: [0, 1, 999, 1500, 15_000_000], max: [1000], used: [10],
  quota: [5e8], ms: [0, 60_000, -60_000, 7_200_000, 9e10], loaded: [10, 2e6], total: [3e6],
  name: ['Ada', ''], nick: ['Ada', ''], short: ['NkT1…'], addr: ['NkT1'], address: ['NkT1'], previous: ['NkT2'], room: ['tea'],
  who: ['Ada'], me: ['Ada'], word: ['a'], by: ['b'], what: ['image/png'], where: ['init'], reason: ['why', '', 'too late'],
  path: ['/main.js'], url: ['wss://x'], text: ['hello', 'x'.repeat(99)], usage: ['/msg'], line: ['xx'], isPrivate: [true, false],
  date: [new Date(0)], urls: [['wss://x', 'wss://y']], addresses: [['NkT1', 'NkT2']],
  all: [['"Ada"', '"Ada L"']], list: [NAMES.slice(0, 1), NAMES.slice(0, 2), NAMES], own: ['more'],
  others: [[], ['Grace']], isMore: [true, false], video: [true, false], seconds: [0, 61, 3600],
  why: ['declined', 'busy', 'silent', 'deaf', 'full', 'gone', 'lost', 'NKT_E_UNREGISTERED', 'NKT_E_TIMEOUT'],
};
const OBJECTS = { // keys whose parameter is taken apart
  settingsBad: { 0: [english.settingsKinds.relays] },
  keptAbout: { 0: [{ size: 10, loaded: 5, isWhole: true, own: true }, { size: 10, loaded: 5, isWhole: false, own: false }] },
  swarmRelay: { 0: ['ok', 'down'].map((state, i) => ({ count: i + 1, state })) },
  swarmSummary: {
    0: [[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [2, 0, 0, 0, 0], [2, 1, 1, 3, 1]].map(([link, peer, flood, relay, none]) => (
      { counts: { link, peer, flood, relay, none } })),
  },
  counters: { 0: NUMBERS.map((n) => ({ sessions: n, outbox: n, dropped: n })) },
  summary: {
    0: NUMBERS.flatMap((n) => ['ok', 'wait', 'down', ''].map((state) => ({ people: n, relay: state, tracker: state, links: n }))),
  },
};

/** Every text by its path, such as help.msg.0. @returns {Map<string, any>} */
function leaves(value, path = '', found = new Map()) {
  if (typeof value !== 'object' || value instanceof RegExp) return found.set(path, value);
  for (const [name, inner] of Object.entries(value)) leaves(inner, path ? `${path}.${name}` : name, found);
  return found;
}

/** Names of a function's parameters; '' for one that is taken apart. */
function parametersOf(fn) {
  const [, list] = /^\(?((?:\{[^)]*?\}|[^)=])*)\)?\s*=>/.exec(String(fn)) ?? [];
  return list.replace(/\{[^}]*\}/g, '').split(',').map((name) => name.trim()).slice(0, fn.length);
}

/** All that a function says to its samples. @param {string} path @param {(...args: any[]) => string} fn */
function answers(path, fn, names) {
  const known = (name, i) => (path.startsWith('card.') ? CARDS : OBJECTS[path]?.[i]) ?? SAMPLES[name];
  const of = (name, i) => known(name, i) ?? assert.fail(`${path}: SAMPLES lacks ${name}`);
  const all = names.map(of).reduce((lists, values) => lists.flatMap((list) => values.map((value) => [...list, value])), [[]]);
  return all.map((args) => fn(...args));
}

const isWords = (text) => typeof text === 'string' && !/undefined|NaN|\[object|=>/.test(text);

/** What check.js says itself. */
function wordsOfCheck() {
  const empty = () => undefined;
  const document = { documentElement: {}, createElement: () => ({}), getElementById: () => null, addEventListener: empty };
  const context = { window: { addEventListener: empty }, document, navigator: { languages: ['xx', 'en'] }, setTimeout: empty };
  vm.runInNewContext(web('check.js').replace('var said;', 'window.words = words; var said;'), context);
  return { .../** @type {any} */ (context.window).words };
}

/** Errors that people meet, and what of their words is for programmers. */
const technical = () => [
  [new NktError('NKT_E_MUTED', 'nothing is sent to that user: dontSendTo is set'), /\/mute/],
  ['nothing is sent to that user: dontSendTo is set', /\/mute/],
  [new TypeError('Failed to fetch dynamically imported module: http://x/plugins/x.js'), /server|Server|serveur/], // Chromium
  [new TypeError('error loading dynamically imported module: http://x/plugins/x.js'), /server|Server|serveur/], // Firefox
  [new TypeError('Importing a module script failed.'), /server|Server|serveur/], // WebKit
  [new DOMException('A requested file or directory could not be found', 'NotFoundError'), /again|noch einmal|à nouveau/],
  [new NktError('NKT_E_STATE', 'call init() first'), /moment|jetzt/],
  [new DOMException('The requested file could not be read', 'NotReadableError'), /again|noch einmal|à nouveau/],
  [new NktError('NKT_E_VALUE', 'the requested file', { cause: new DOMException('', 'NotFoundError') }), /again|noch einmal|à nouveau/],
].map(([error, next]) => {
  const said = wordsOf(error);
  return [/dontSendTo|modul|requested|init\(/i.test(said) && said, !next.test(said) && said].filter(Boolean);
});

const scripts = () => [...readdirSync(join(root, 'web')), ...readdirSync(join(root, 'web/plugins')).map((name) => `plugins/${name}`)]
  .filter((name) => name.endsWith('.js'));

describe('the page in English', () => {
  test('every function says something to each of its samples', () => {
    for (const [path, text] of leaves(english)) {
      if (typeof text !== 'function') continue;
      for (const said of answers(path, text, parametersOf(text))) assert.ok(isWords(said), `${path}: ${said}`);
    }
  });

  test('what the page asks for is there', () => {
    const named = scripts().filter((name) => !/^texts_/.test(name)).flatMap((name) => (
      [...web(name).matchAll(/\btexts\.([a-zA-Z]\w*)/g)].map(([, key]) => key)));
    const inPage = [...web('index.html').matchAll(/data-(?:text|label|hint)="(\w+)"/g)].map(([, key]) => key);
    assert.ok(named.length > 200 && inPage.length > 60);
    const lacking = [...new Set([...named, ...inPage])].filter((key) => !Object.hasOwn(english, key) && key !== 'js');
    assert.deepEqual(lacking, []);
  });

  test('what is fetched with a part of the page is asked for by that part alone', () => {
    const importsOf = (name) => [...web(name).matchAll(/^(?:import|export|} from)\b[^'(]*'(\.[^']+)'|^} from '(\.[^']+)'/gm)]
      .map(([, one, other]) => posix.normalize(posix.join(posix.dirname(name), one ?? other)))
      .filter((one) => !/^(\.\.|glue|lib)\//.test(one));
    const reach = (names) => {
      const found = new Set(names);
      for (const name of found) for (const next of importsOf(name)) found.add(next); // grows meanwhile
      return found;
    };
    const atOnce = reach(['first.js', 'main.js']);
    assert.ok(atOnce.has('texts.js') && atOnce.has('plugins/display.js') && !atOnce.has('settings.js'));
    const [, ...later] = ENGLISH;
    const asked = (name) => [...web(name).matchAll(/\btexts\.([a-zA-Z]\w*)|data-(?:text|label|hint)="(\w+)"/g)]
      .map(([, one, other]) => one ?? other);
    for (const [i, file] of WORDS.entries()) {
      const name = file.replace('words_', '');
      const part = reach([scripts().includes(name) ? name : `plugins/${name}`]);
      const others = [...scripts(), 'index.html'].filter((name) => !/^(texts|words)_/.test(name) && (!part.has(name) || atOnce.has(name)));
      for (const name of others) {
        assert.deepEqual(asked(name).filter((key) => later[i].includes(key)), [], `${name} asks for what ${file} has`);
      }
    }
  });

  test('index.html itself has no words but for pages without scripts', () => {
    const body = web('index.html').replace(/<!--.*?-->|<head>.*?<\/head>|<noscript>.*?<\/noscript>|<p id="trouble".*?<\/p>/gs, '');
    const words = body.replace(/<[^>]*>/g, ' ').match(/\p{L}+/gu);
    assert.deepEqual([...new Set(words)], ['nkt']);
    assert.doesNotMatch(body, /\s(title|placeholder|aria-label|alt)=/);
  });

  test('an error is told in its own words', () => {
    assert.equal(wordsOf(new NktError('NKT_E_SIZE', 'too large')), 'too large');
    for (const name of ['constructor', 'toString']) assert.equal(wordsOf(Object.assign(new Error('why'), { name })), 'why');
    for (const odd of ['constructor', 'toString']) assert.equal(wordsOf(new NktError(odd, odd)), odd);
    assert.equal(wordsOf('why'), 'why');
    assert.equal(wordsOf(undefined), 'undefined');
  });

  test('what only a programmer understands of it is said in other words: what happened, and what to do next', () => {
    assert.deepEqual(technical(), new Array(technical().length).fill([]));
  });
});

test('check.js, texts.js and the files know the same languages', () => {
  const [, listed] = /LANGUAGES = (\[.*?\]);/.exec(web('check.js')) ?? [];
  assert.deepEqual(JSON.parse(listed.replaceAll("'", '"')), OTHERS);
  const files = readdirSync(join(root, 'web')).filter((name) => /^(texts|check)_/.test(name)).sort();
  assert.deepEqual(files, [...OTHERS.map((name) => `check_${name}.json`), ...OTHERS.map((name) => `texts_${name}.js`)]);
});

for (const name of OTHERS) {
  describe(`the page in ${LANGUAGES[name]}`, async () => {
    const { texts } = await import(`../../web/texts_${name}.js`);
    const own = leaves(texts);
    const theirs = leaves(english);
    const isShared = (path) => !FOREIGN.includes(path.split('.')[0]);
    const shared = [...theirs].filter(([path]) => isShared(path));

    test('has what English has, no more and no less, of the same kind and with the same parameters', () => {
      const isOf = (keys) => (path) => isShared(path) && keys.includes(path.split('.')[0]);
      for (const keys of ENGLISH) {
        assert.deepEqual([...own.keys()].filter(isOf(keys)), [...theirs.keys()].filter(isOf(keys)), 'and in the same order');
      }
      assert.deepEqual([...own.keys()].filter(isShared).sort(), shared.map(([path]) => path).sort());
      for (const [path, text] of shared) {
        assert.equal(typeof own.get(path), typeof text, path);
        if (typeof text === 'function') assert.equal(own.get(path).length, text.length, `${path}: parameters`);
        if (text instanceof RegExp) assert.equal(String(own.get(path)), String(text), path);
      }
    });

    test('nothing is left in English, but for what is the same in both', () => {
      const same = shared.filter(([path, text]) => {
        if (text instanceof RegExp || path === 'locale') return false;
        const other = own.get(path);
        if (typeof text !== 'function') return other === text;
        const names = parametersOf(text);
        const [mine, its] = [answers(path, other, names), answers(path, text, names)];
        const bare = (said) => said.replace(/Ada|NkT\d|hello|tea|why|init|image\/png|wss:|x+/g, '');
        return its.some((said, i) => said === mine[i] && /\p{L}{3}/u.test(bare(said)));
      }).map(([path]) => path);
      assert.deepEqual(same.sort(), SAME[name].sort(), 'translate what is more, or add it to SAME; take out of it what is not the same');
    });

    test('every function says something to each of its samples', () => {
      for (const [path, text] of own) {
        if (typeof text !== 'function') continue;
        const said = answers(path, text, parametersOf(theirs.get(path) ?? text));
        for (const one of said) assert.ok(isWords(one), `${path}: ${one}`);
      }
    });

    test('every error that a person may meet has words, and every reason is one of the core', () => {
      const list = readFileSync(join(root, 'core/include/nkt_err.def'), 'utf8');
      const all = [...list.matchAll(/^X\((NKT_E_\w+), -(\d)\d\d, "(.*)"\)$/gm)];
      assert.ok(all.length > 60);
      const met = all.filter(([, code, kind]) => kind !== '2' || ['NKT_E_RATE', 'NKT_E_VERSION'].includes(code)).map(([, code]) => code);
      assert.deepEqual([...met, ...Object.keys(GLUE_ERRORS)].filter((code) => !Object.hasOwn(texts.codes, code)), []);
      const codeOf = Object.fromEntries(all.map(([, code, , words]) => [words, code]));
      for (const [words, code] of Object.entries(texts.reasons)) assert.equal(code, codeOf[words], words);
      assert.deepEqual(Object.values(texts.reasons).sort(), UNDELIVERED.map((one) => `NKT_E_${one}`));
    });

    test('what only a programmer understands of an error is said in other words', () => {
      const before = { ...english };
      Object.assign(english, texts); // as the page does
      try {
        assert.deepEqual(technical(), new Array(technical().length).fill([]));
        for (const words of Object.keys(texts.reasons)) assert.notEqual(wordsOf(words), words);
      } finally {
        Object.assign(english, before);
      }
    });

    test('check.js has its words', () => {
      const before = wordsOfCheck();
      const words = JSON.parse(web(`check_${name}.json`));
      assert.deepEqual(Object.keys(words), Object.keys(before));
      for (const [key, text] of Object.entries(before)) {
        assert.equal(words[key].split('%').length, text.split('%').length, `${key}: what is meant is put in where % is`);
      }
      for (const key of ['lack', 'start', 'part', 'look', 'slow']) assert.notEqual(words[key], before[key]);
    });

    test('quotes and spaces are those of the language', () => {
      const said = [...own].flatMap(([path, text]) => {
        if (typeof text === 'function') return answers(path, text, parametersOf(theirs.get(path) ?? text));
        return typeof text === 'string' ? [text] : [];
      });
      const signs = { de: /[“”«»](?=\p{L})/u, fr: / [:;!?»]|« |[^\s\u00a0/][;!?»]|\p{L}:(?=\s|$)|“|”/u };
      for (const text of [...said, ...Object.values(JSON.parse(web(`check_${name}.json`)))]) {
        if (!/nkt\.plugin|https?:|wss?:/.test(text)) assert.doesNotMatch(text, signs[name]);
      }
    });
  });
}
