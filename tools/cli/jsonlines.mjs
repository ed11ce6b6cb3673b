// SPDX-License-Identifier: GPL-3.0-or-later
// JSON lines: what happens goes out, what is wanted comes in. docs/cli.md is the contract.
import { cleanJson, findUser, ignoredAs } from './people.mjs';

/** Letters of one line. */
const LINE_SIZE_MAX = 1 << 20;

const EVENTS = /** @type {const} */ ({
  nktencryptedmessagereceived: ({ from, id, date, detail }) => ({ event: 'message', from, id, date, encrypted: true, value: detail }),
  nktclearmessagereceived: ({ from, id, date, detail }) => ({ event: 'message', from, id, date, encrypted: false, value: detail }),
  nktcontent: ({ from, id, date, detail }) => ({ event: 'content', from, id, date, content: detail.toJSON() }),
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
  /** Calls that have no answer yet: they hold up nothing else. @type {Set<Promise<void>>} */
  #calls = new Set();

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
    nkt.addEventListener('nktnewpeer', ({ detail: { data: { addr } } }) => this.out({ event: 'user', ...nkt.userList[addr]?.toJSON() }));
  }

  /** @param {object} line */
  out(line) {
    this.#print(cleanJson(line));
  }

  ready() {
    const nkt = this.#nkt;
    this.out({ event: 'ready', address: nkt.mySwarm.address(), nick: nkt.nick, room: nkt.room, version: nkt.version });
  }

  /** One line that came in. Its answer carries its `ref`, and says what became of it. @param {string} line @returns {Promise<true>} */
  async take(line) {
    let wanted;
    try {
      if (line.length > LINE_SIZE_MAX) throw new Error('the line is too long');
      wanted = JSON.parse(line.trim()); // of a byte order mark as well
      if (wanted === null || typeof wanted !== 'object' || Array.isArray(wanted)) throw new Error('an object is wanted');
    } catch (error) {
      this.out({ event: 'error', code: 'NKT_E_LINE', message: /** @type {Error} */ (error).message });
      return true;
    }
    const answering = this.#answer(wanted);
    if (!Object.hasOwn(wanted, 'rpc')) {
      await answering;
      return true;
    }
    this.#calls.add(answering);
    answering.finally(() => this.#calls.delete(answering));
    return true;
  }

  /** Resolves when every line has its answer. */
  async idle() {
    await Promise.all(this.#calls);
  }

  /** @param {Record<string, any>} wanted */
  async #answer(wanted) {
    const { ref } = wanted;
    try {
      this.out({ event: 'answer', ref, ...(await this.#run(wanted)) });
    } catch (error) {
      const { code = 'NKT_E_ARGUMENT', message, path } = /** @type {any} */ (error);
      this.out({ event: 'error', ref, code, message, path });
    }
  }

  /** @param {Record<string, any>} wanted */
  async #run(wanted) {
    const nkt = this.#nkt;
    const who = () => findUser(nkt, String(wanted.to ?? this.#to));
    if (Object.hasOwn(wanted, 'send')) {
      const isToAll = wanted.to === undefined && this.#to === '';
      const delivery = await nkt.sendEncryptedMessage(wanted.send, isToAll ? undefined : who());
      this.#sent(delivery);
      return { id: delivery.id, recipients: Object.fromEntries(delivery.recipients) };
    }
    if (Object.hasOwn(wanted, 'clear')) return { id: (await nkt.sendClearMessage(wanted.clear)).id };
    if (Object.hasOwn(wanted, 'rpc')) return { value: await nkt.rpc(who(), wanted.rpc, wanted.value, { timeout: wanted.timeout }) };
    if (Object.hasOwn(wanted, 'safety')) return { number: nkt.safetyNumber(findUser(nkt, String(wanted.safety))) };
    if (Object.hasOwn(wanted, 'ignore')) {
      nkt.ignore(findUser(nkt, String(wanted.ignore)));
      return { ignored: nkt.ignored };
    }
    if (Object.hasOwn(wanted, 'unignore')) {
      const who = String(wanted.unignore);
      nkt.unignore(ignoredAs(nkt, who) ?? findUser(nkt, who));
      return { ignored: nkt.ignored };
    }
    if (Object.hasOwn(wanted, 'users')) return { users: Object.values(nkt.userList).map((user) => user.toJSON()) };
    if (Object.hasOwn(wanted, 'health')) return { health: nkt.health() };
    throw new Error('send, clear, rpc, safety, ignore, unignore, users or health is wanted');
  }
}
