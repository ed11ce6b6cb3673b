// SPDX-License-Identifier: GPL-3.0-or-later
// For people: lines of text, and a few commands.
import { bytesIn } from '../../glue/bytes_in.js';
import { readName, splitNamed, writeName } from '../../glue/named.js';
import { Files, sizeText } from './files.mjs';
import { clean, clockWords, findUser, ignoredAs, isNamed, nameOf, Once, plain } from './people.mjs';

const COMMANDS = /** @type {const} */ ({
  '/msg WHO TEXT': 'write to one alone; a name with spaces may be in quotes',
  '/send FILE': 'share a file, with all or with whom --to names',
  '/files': 'what was shared here',
  '/save N [PATH]': 'fetch the file with that number, into PATH or under its own name; what is there is never written over',
  '/users': 'who is here',
  '/safety WHO': 'the number to compare with them',
  '/verify WHO NUMBER': 'mark them as verified',
  '/ignore WHO': 'hear nothing of them any more, for good; without WHO: whom you ignore',
  '/unignore WHO': 'hear them again',
  '/status': 'how you are connected',
  '/quit': 'leave',
  '//TEXT': 'say what begins with /',
});

/**
 * What of a value, and the bytes beside it, is for people.
 * @param {any} value @param {any} bytes @returns {string|null} null: it is something among programs
 */
function textOf(value, bytes) {
  const said = ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : value?.text;
  const words = bytesIn(value, bytes).map(({ size, what }) => `[${sizeText(size)} of ${what}]`);
  if (typeof said === 'string') words.unshift(said);
  return words.length > 0 ? words.join(' ') : null;
}

/**
 * As the core proves it; only of a version that does not tell it counts what its sender says.
 * @param {{to?: string|null, room?: string|null, detail: any}} event @param {string|null} roomId where we are
 */
function howSaid({ to, room, detail }, roomId) {
  if (to === undefined ? detail?.private === true : to !== null) return ', privately';
  return room === undefined || room === roomId ? '' : ', in another room';
}

export class Terminal {
  #nkt;
  #print;
  #to;
  #sent;
  #quit;
  #isClockTold = false;
  #files;
  /** Once a day each: who comes and goes all the time is no news. */
  #known = new Once(86_400_000);
  #warned = new Once(3_600_000);

  /**
   * @param {any} nkt @param {(line: string) => void} print
   * @param {{to: string, sent: (delivery: any) => void, quit: () => void}} parts
   */
  constructor(nkt, print, { to, sent, quit }) {
    this.#nkt = nkt;
    this.#print = (line) => print(clean(line)); // whatever is in it, a peer's words or a server's
    this.#to = to;
    this.#sent = sent;
    this.#quit = quit;
    nkt.addEventListener('nktencryptedmessagereceived', (event) => this.#show(event, howSaid(event, nkt.roomId)));
    this.#files = new Files(nkt, this.#print);
    nkt.addEventListener('nktcontent', (event) => {
      const { from, detail } = event;
      this.#print(`${nameOf(nkt, from)} shared ${this.#files.add(detail)}${howSaid(event, nkt.roomId)}`);
    });
    nkt.addEventListener('nktclearmessagereceived', (event) => this.#show(event, ', not encrypted'));
    nkt.addEventListener('nktsession', ({ detail: { addr, state } }) => {
      if (state !== 'established' || nkt.userList[addr]?.ignored || !this.#known.mayTell(addr)) return;
      this.#print(`+ ${nameOf(nkt, addr)} is here`);
    });
    nkt.addEventListener('nktkeychanged', ({ detail: { addr, previous, verified } }) => {
      if (!this.#warned.mayTell(`${addr} ${verified}`)) return;
      this.#print(`! ${nameOf(nkt, addr)} has other keys than ${verified ? 'the one you verified' : nameOf(nkt, previous)}`);
    });
    const told = new Set();
    let isChangeTold = false;
    nkt.addEventListener('nktstatus', ({ detail: { clock, relays = [], addressChanged = false } }) => {
      if (addressChanged && !isChangeTold) {
        this.#print(`! The protocol has a new version: your address is ${nkt.mySwarm.address()} now; who came by an invite needs another`);
      }
      isChangeTold ||= addressChanged;
      for (const { url, code, lastError } of relays) {
        if (code !== 'NKT_E_VERSION' || told.has(url)) continue;
        told.add(url); // once: it is tried again now and then
        this.#print(`! ${url}: ${lastError}. Update this program, or the relay`);
      }
      const words = clockWords(clock);
      if (words !== '' && !this.#isClockTold) print(`! ${words}`);
      this.#isClockTold = words !== '';
    });
  }

  ready() {
    const { address } = this.#nkt.mySwarm;
    this.#print(`You are ${plain(this.#nkt.nick)}, ${address()}, in the room ${plain(this.#nkt.room)}. /help lists the commands, `
      + 'Ctrl-D leaves.');
  }

  /** @param {string} line @returns {Promise<boolean>} false: what it says has gone to nobody, or was refused */
  async take(line) {
    const text = line.trim();
    if (text === '') return true;
    try {
      if (/^\/(?!\/)/.test(text)) return (await this.#command(text)) !== false;
      return await this.#say(text.replace(/^\/\//, '/'), this.#to === '' ? undefined : findUser(this.#nkt, this.#to));
    } catch (error) {
      this.#print(`! ${/** @type {Error} */ (error).message}`);
      return false;
    }
  }

  /** What a line may go on with, for readline. @param {string} line @returns {[string[], string]} */
  complete(line) {
    const [, name, typed] = /^\/(\S+)\s+(.*)$/.exec(line) ?? [];
    const usages = Object.keys(COMMANDS);
    if (name === undefined) return [usages.map((usage) => `${usage.split(' ')[0]} `).filter((one) => one.startsWith(line)), line];
    if (!usages.some((usage) => usage.startsWith(`/${name} WHO`))) return [[], line];
    const users = Object.values(this.#nkt.userList);
    const count = (/** @type {string} */ nick) => users.filter((user) => user.nick.toLowerCase() === nick.toLowerCase()).length;
    const all = users.map(({ nick, addr }) => writeName(plain(nick) === nick && count(nick) === 1 ? nick : '', addr));
    const wanted = typed.toLowerCase();
    const isWanted = (/** @type {string} */ who) => [who, who.replace(/^"/, '')].some((one) => one.toLowerCase().startsWith(wanted));
    return [all.filter(isWanted).map((who) => `/${name} ${who} `), line];
  }

  async idle() {} // each line was done when the next was read

  #show({ from, detail, bytes }, how) {
    const text = textOf(detail, bytes);
    if (text !== null) this.#print(`${nameOf(this.#nkt, from)}${how}: ${plain(text)}`);
  }

  /** @param {string} text @param {string} [to] @returns {Promise<boolean>} whether there was anybody */
  async #say(text, to) {
    const delivery = await this.#nkt.sendEncryptedMessage(to === undefined ? text : { text, private: true }, to);
    this.#sent(delivery);
    if (delivery.recipients.size > 0) return true;
    this.#print('! nobody is here to read it');
    return false;
  }

  /** @param {string} addr '' for a list */
  #ignore(addr) {
    if (addr === '') {
      const lines = this.#nkt.ignored.map((one) => `  ${nameOf(this.#nkt, one.addr, one.nick)}  ${one.addr}`);
      this.#print(lines.length > 0 ? lines.join('\n') : '  nobody');
      return;
    }
    this.#nkt.ignore(addr);
    this.#print(`  ${nameOf(this.#nkt, addr)} is ignored: nothing of them is shown; /unignore undoes it`);
  }

  /** @param {string} text @returns {Promise<boolean|void>} of what is said: as #say() */
  async #command(text) {
    const nkt = this.#nkt;
    const [, name, rest] = /** @type {RegExpExecArray} */ (/^\/(\S*)\s*([\s\S]*)$/.exec(text));
    const needs = Object.keys(COMMANDS).find((usage) => usage.startsWith(`/${name} WHO`));
    if (needs && name !== 'ignore' && rest === '') throw new Error(`${needs}: whom do you mean? /users lists them`);
    const isKnown = (/** @type {string} */ who) => isNamed(nkt, who);
    switch (name) {
      case 'msg': {
        const [who, text] = splitNamed(rest, isKnown);
        const to = findUser(nkt, who);
        if (text === '') throw new Error('/msg WHO TEXT: there is no text');
        return this.#say(text, to);
      }
      case 'send': {
        const delivery = await this.#files.send(rest, this.#to === '' ? undefined : findUser(nkt, this.#to));
        this.#sent(delivery);
        return delivery.recipients.size > 0;
      }
      case 'files':
        this.#print(this.#files.list());
        return;
      case 'save':
        await this.#files.save(rest);
        return;
      case 'users':
        for (const user of Object.values(nkt.userList)) {
          const marks = [user.isUnreachable ? 'unreachable' : user.path, user.verified ? 'verified' : '', user.ignored ? 'ignored' : '']
            .filter(Boolean);
          this.#print(`  ${nameOf(nkt, user.addr)}  ${user.addr}  ${marks.join(', ')}`);
        }
        return;
      case 'safety':
        this.#print(`  ${nkt.safetyNumber(findUser(nkt, readName(rest, isKnown))).replace(/.{5}/g, '$& ')}`);
        return;
      case 'verify': {
        const [who, number] = splitNamed(rest, isKnown);
        const to = findUser(nkt, who);
        const [{ length }, wanted] = [number.replace(/\D/g, ''), nkt.safetyNumber(to).length];
        if (length !== wanted) throw new Error(`/verify WHO NUMBER: a number of ${wanted} digits is wanted, this one has ${length}`);
        this.#print(nkt.verify(to, number) ? '  verified' : '! that is another number: they may not be who you think');
        return;
      }
      case 'ignore':
        this.#ignore(rest && findUser(nkt, readName(rest, isKnown)));
        return;
      case 'unignore': {
        const who = readName(rest, (one) => isKnown(one) || ignoredAs(nkt, one) !== null);
        nkt.unignore(ignoredAs(nkt, who) ?? findUser(nkt, who));
        this.#print('  heard again');
        return;
      }
      case 'status': {
        const { relays = [], trackers = [], sessions, degree, outbox, clock } = nkt.health();
        for (const { url, state, lastError } of [...relays, ...trackers]) this.#print(`  ${url}  ${state}  ${lastError ?? ''}`);
        this.#print(`  ${sessions} sessions, ${degree} direct links, ${outbox?.count ?? 0} messages waiting`);
        if (clockWords(clock) !== '') this.#print(`  ${clockWords(clock)}`);
        return;
      }
      case 'quit':
        this.#quit();
        return;
      case 'help':
        for (const [usage, help] of Object.entries(COMMANDS)) this.#print(`  ${usage.padEnd(20)} ${help}`);
        return;
      default:
        throw new Error(`there is no command /${name}: /help lists them`);
    }
  }
}
