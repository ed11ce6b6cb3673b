// SPDX-License-Identifier: GPL-3.0-or-later
// JSON lines: what happens goes out, what is wanted comes in. docs/cli.md is the contract.
import { madeOf, readCarrier } from '../../glue/carriers.js';
import { messageOf, NktError } from '../../glue/errors.js';
import { write } from '../../glue/json.js';
import { restore } from '../../glue/reading.js';
import { Turns } from '../../glue/turns.js';
import { saveFile, shareFile } from './files.mjs';
import { cleanJson, findUser, ignoredAs } from './people.mjs';

/** The newest so many that others told of can be saved by their id; beside those that are kept. */
const CONTENT_COUNT_MAX = 1000;

/** What may be wanted, and what may stand beside it: anything else is refused. A `to` that is passed over would tell everybody. */
const COMMANDS = {
  send: ['to', 'bytes'], clear: [], ephemeral: ['to'], share: ['to', 'name', 'type'], save: ['path'], contents: [], drop: [],
  rpc: ['to', 'value', 'timeout'], safety: [], ignore: [], unignore: [], users: [], health: [],
};

/** Letters of a name that is refused. */
const NAME_SHOWN_MAX = 40;

const WHO = 'an address, a nick, or the first letters of an address';

/** What has to be text, by its key, and what of: a list of one name would pass for the name. @type {Record<string, string>} */
const TEXTS = {
  to: WHO, safety: WHO, ignore: WHO, unignore: WHO, share: 'the path of a file', path: 'a path', save: 'the id of a content',
  drop: 'the id of a content', rpc: 'the name of a function',
};

/** Where bytes may be. */
const VALUES = ['send', 'clear', 'ephemeral', 'value', 'bytes'];

/** What may take long: other lines do not wait for its answer. */
const SLOW = ['rpc', 'share', 'save'];

/** Letters of one line. */
const LINE_SIZE_MAX = 1 << 20;

const EVENTS = /** @type {const} */ ({
  nktencryptedmessagereceived: ({ from, to, room, id, date, detail, bytes }) =>
    ({ event: 'message', from, to, room, id, date, encrypted: true, value: detail, bytes: bytes ?? undefined }),
  nktclearmessagereceived: ({ from, to, room, id, date, detail }) =>
    ({ event: 'message', from, to, room, id, date, encrypted: false, value: detail }),
  nktephemeral: ({ from, to, date, detail }) => ({ event: 'ephemeral', from, to, date, value: detail }),
  nktcontent: ({ from, to, room, id, date, detail }) => ({ event: 'content', from, to, room, id, date, content: detail.toJSON() }),
  nktcontentstate: ({ detail }) => ({ event: 'contentstate', ...detail.toJSON() }),
  nktdelivery: ({ detail }) => ({ event: 'delivery', ...detail }),
  nktsession: ({ detail }) => ({ event: 'session', ...detail }),
  nktwebrtcseen: ({ detail }) => ({ event: 'link', addr: detail, up: true }),
  nktwebrtcleft: ({ detail }) => ({ event: 'link', addr: detail, up: false }),
  nktkeychanged: ({ detail }) => ({ event: 'keychanged', ...detail }),
});

export class JsonLines {
  #nkt;
  #print;
  #to;
  #sent;
  #turns = new Turns();
  /** What has no answer yet, and holds up nothing else. @type {Set<Promise<void>>} */
  #slow = new Set();
  /** By id. @type {Map<string, any>} */
  #contents = new Map();

  /**
   * @param {any} nkt @param {(line: string) => void} print
   * @param {{to: string, sent: (delivery: any) => void}} parts to: whom lines without `to` are for
   */
  constructor(nkt, print, { to, sent }) {
    this.#nkt = nkt;
    this.#print = print;
    this.#to = to;
    this.#sent = sent;
    for (const [type, line] of Object.entries(EVENTS)) nkt.addEventListener(type, (event) => this.out(line(event)));
    nkt.addEventListener('nktcontent', ({ detail }) => {
      this.#contents.delete(detail.id);
      this.#contents.set(detail.id, detail);
      if (this.#contents.size > CONTENT_COUNT_MAX) this.#contents.delete(this.#contents.keys().next().value ?? '');
    });
    nkt.addEventListener('nktnewpeer', ({ detail: { data: { addr } } }) => this.out({ event: 'user', ...nkt.userList[addr]?.toJSON() }));
    nkt.addEventListener('nktpeerleft', ({ detail: { data: { addr } } }) => this.out({ event: 'left', addr }));
  }

  /**
   * Lines keep their order: one with a Blob in it holds up those behind.
   * @param {Record<string, any>} line value, bytes: as they were said
   */
  out({ value, bytes, ...line }) {
    const said = Object.entries({ value, bytes }).filter(([, it]) => it !== undefined)
      .map(([key, it]) => ({ key, text: textOf(it) }));
    const print = (/** @type {string[]} */ texts) => {
      const rest = said.map(({ key }, i) => `,"${key}":${texts[i]}`).join('');
      this.#print(cleanJson(`${JSON.stringify(line).slice(0, -1)}${rest}}`));
    };
    const texts = said.map(({ text }) => text);
    if (this.#turns.isFree && texts.every((text) => typeof text === 'string')) print(texts);
    else this.#turns.take(async () => print(await Promise.all(texts)));
  }

  ready() {
    const nkt = this.#nkt;
    this.out({ event: 'ready', address: nkt.mySwarm.address(), nick: nkt.nick, room: nkt.room, roomId: nkt.roomId, version: nkt.version });
  }

  /** One line that came in. Its answer carries its `ref`, and says what became of it. @param {string} line @returns {Promise<true>} */
  async take(line) {
    let wanted;
    try {
      if (line.length > LINE_SIZE_MAX) throw new Error(`the line has ${line.length} letters: ${LINE_SIZE_MAX} are the most`);
      wanted = JSON.parse(line.trim()); // of a byte order mark as well
      if (wanted === null || typeof wanted !== 'object' || Array.isArray(wanted)) throw new Error('an object is wanted');
    } catch (error) {
      this.out({ event: 'error', code: 'NKT_E_LINE', message: /** @type {Error} */ (error).message });
      return true;
    }
    const answering = this.#answer(wanted);
    if (!SLOW.some((name) => Object.hasOwn(wanted, name))) {
      await answering;
      return true;
    }
    this.#slow.add(answering);
    answering.finally(() => this.#slow.delete(answering));
    return true;
  }

  /** Resolves when every line has its answer. */
  async idle() {
    await Promise.all(this.#slow);
    await this.#turns.take(async () => {});
  }

  /** @param {Record<string, any>} wanted */
  async #answer(wanted) {
    const { ref } = wanted;
    try {
      this.out({ event: 'answer', ref, ...(await this.#run(wanted)) });
    } catch (error) {
      const { message, path, code } = error instanceof NktError ? error : new NktError('NKT_E_ARGUMENT', messageOf(error));
      this.out({ event: 'error', ref, code, message, path });
    }
  }

  /** @param {Record<string, any>} wanted */
  async #run(wanted) {
    const nkt = this.#nkt;
    checkKeys(wanted);
    for (const key of VALUES) restore(wanted, key, carried);
    const toWhom = () => (wanted.to === undefined && this.#to === '' ? undefined : findUser(nkt, wanted.to ?? this.#to));
    const said = (/** @type {any} */ delivery) => {
      this.#sent(delivery);
      return { id: delivery.id, recipients: Object.fromEntries(delivery.recipients) };
    };
    if (Object.hasOwn(wanted, 'send')) return said(await nkt.send(wanted.send, { to: toWhom(), bytes: wanted.bytes }));
    if (Object.hasOwn(wanted, 'ephemeral')) return { count: await nkt.sendEphemeral(wanted.ephemeral, toWhom()) };
    if (Object.hasOwn(wanted, 'share')) {
      const { content, delivery } = await shareFile(nkt, wanted.share, { to: toWhom(), name: wanted.name, type: wanted.type });
      return { content: content.toJSON(), ...said(delivery) };
    }
    if (Object.hasOwn(wanted, 'save')) return { path: await this.#save(wanted.save, wanted.path) };
    if (Object.hasOwn(wanted, 'contents')) return { contents: nkt.contents.map((content) => content.toJSON()) };
    if (Object.hasOwn(wanted, 'drop')) {
      if (await nkt.drop(wanted.drop)) return { dropped: wanted.drop };
      throw new Error(`no content with the id ${wanted.drop} is kept here`);
    }
    if (Object.hasOwn(wanted, 'clear')) return { id: (await nkt.sendClearMessage(wanted.clear)).id };
    if (Object.hasOwn(wanted, 'rpc')) {
      const to = toWhom();
      if (to === undefined) throw new Error(`rpc: to is ${WHO}`);
      return { value: await nkt.rpc(to, wanted.rpc, wanted.value, { timeout: wanted.timeout }) };
    }
    if (Object.hasOwn(wanted, 'safety')) return { number: nkt.safetyNumber(findUser(nkt, wanted.safety)) };
    if (Object.hasOwn(wanted, 'ignore')) {
      nkt.ignore(findUser(nkt, wanted.ignore));
      return { ignored: nkt.ignored };
    }
    if (Object.hasOwn(wanted, 'unignore')) {
      const who = wanted.unignore;
      nkt.unignore(ignoredAs(nkt, who) ?? findUser(nkt, who));
      return { ignored: nkt.ignored };
    }
    if (Object.hasOwn(wanted, 'users')) return { users: Object.values(nkt.userList).map((user) => user.toJSON()) };
    return { health: nkt.health() };
  }

  /** @param {string} id @param {string} [path] @returns {Promise<string|null>} */
  async #save(id, path) {
    const content = this.#nkt.contents.find((one) => one.id === id) ?? this.#contents.get(id);
    if (!content) throw new Error(`no content with the id ${id} was told of here`);
    return saveFile(this.#nkt, content, path);
  }
}

/** @param {Record<string, any>} wanted */
function checkKeys(wanted) {
  const found = Object.entries(COMMANDS).find(([name]) => Object.hasOwn(wanted, name));
  if (found === undefined) throw new Error(`one of these is wanted: ${Object.keys(COMMANDS).join(', ')}`);
  const [command, beside] = found;
  const other = Object.keys(wanted).find((key) => ![command, 'ref', ...beside].includes(key));
  if (other !== undefined) {
    throw new Error(`${command}: unknown key ${other.slice(0, NAME_SHOWN_MAX)} (known: ${[...beside, 'ref'].join(', ')})`);
  }
  const wrong = [command, ...beside].find((key) => Object.hasOwn(TEXTS, key) && Object.hasOwn(wanted, key) && !isText(wanted[key]));
  if (wrong !== undefined) throw new Error(`${wrong === command ? '' : `${command}: `}${wrong} is ${TEXTS[wrong]}`);
}

/** A peer may say what is no carrier; here it is a mistake, and would go out without its bytes. @param {any} object with the key "$" */
function carried(object) {
  const part = readCarrier(object);
  if (part?.bytes) return madeOf(part, part.bytes);
  throw new NktError('NKT_E_VALUE', `${JSON.stringify(object).slice(0, NAME_SHOWN_MAX)} carries no bytes: {"$":"Uint8Array","b":"AQI"}, in `
    + 'Base64url without padding, would; a key of dollar signs alone has one more');
}

/** @param {unknown} value */
const isText = (value) => typeof value === 'string' && value.trim() !== '';

/** As it travels, bytes as carriers. @param {unknown} value @returns {any} JSON, or a promise of it, which never rejects */
function textOf(value) {
  const bare = () => JSON.stringify(value); // Contents in place of bytes may be more than a message may hold
  try {
    const written = write(value);
    return written.isRead ? written.json() : written.read({ setTimeout, clearTimeout }).then(() => written.json()).catch(bare);
  } catch {
    return bare();
  }
}
