// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The public API: one peer. Turns calls into facts and effects into events; types.d.ts is its precise form.
 */
import { checkConfig, checkPlace, roomOf } from './config.js';
import { Connects } from './connects.js';
import { DELIVERY_STATES, EPHEMERAL_RAW, SAY_CALL, SAY_CLEAR, SAY_CONTENT, VERSION } from './constants.js';
import { Contents } from './contents.js';
import { loadModule } from './core_module.js';
import { Current } from './current.js';
import { Deliveries } from './deliveries.js';
import { NktError } from './errors.js';
import { Dispatcher, whereOf } from './events.js';
import { Family } from './family.js';
import { checkFunction } from './given.js';
import { Histories } from './history.js';
import { Ignored } from './ignored.js';
import { Invites } from './invites.js';
import { Keeping } from './keeping.js';
import { forgetKept, keptIdentities, keptNames } from './kept.js';
import { Large } from './large.js';
import { Life } from './life.js';
import { Meetings } from './meetings.js';
import { memberOf } from './member.js';
import { optionsOf, platformWith } from './options.js';
import { PageLife } from './page_life.js';
import { People } from './people.js';
import { PluginMeans } from './plugin_means.js';
import { Plugins } from './plugins.js';
import { RAW, Raw } from './raw.js';
import { fromJson, readMessage } from './reading.js';
import { Calls } from './rpc.js';
import { keepSecret } from './secrets.js';
import { Seldom } from './seldom.js';
import { Sending } from './sending.js';
import { Trust } from './trust.js';

export { NktError };

/** @typedef {import('./delivery.js').Delivery} Delivery */

/** At most four nktstatus events a second, in ms between two. */
const STATUS_MS = 250;

/** @typedef {import('./types.d.ts').Nkt} Declared */
/** @implements {Declared} */
export class Nkt extends EventTarget {
  #platform;
  #dispatcher;
  #plugins;
  #means;

  #current = new Current();
  #life;
  #pageLife;

  /** How others of the family see this one. */
  #self;

  #address = '';
  #nick = '';
  #verbose = false;
  #mySwarm;

  #people;
  #meetings;
  #trust;
  #ignored;

  #sending;
  #raw;
  #deliveries;
  #histories;
  #calls;
  #contents;
  #large;

  #invites = new Invites(this.#current);
  #connects = new Connects(this.#current);
  #keeping;

  /** Tells nktstatus; the last change is never left out. */
  #status;

  /**
   * @param {Partial<import('./platform.js').Platform>} [platform] replaces parts of what is found here
   * @param {Family} [family] whose rooms they are; enter() gives it
   */
  constructor(platform = {}, family = new Family()) {
    super();
    const here = platformWith(platform);
    const { mirror, log, clock, timers, crypto, wasm, worker } = here;
    loadModule(wasm).catch(() => {}); // begins now, so that init() finds it done, and tells of failure
    this.#platform = here;
    const current = this.#current;
    const dispatcher = new Dispatcher(this, mirror);
    this.#dispatcher = dispatcher;
    this.#means = new PluginMeans({
      nkt: this, platform: here, current,
      place: () => /** @type {any} */ (this.#life.config),
      family: () => this.#life.family,
      soon: () => this.#life.soon(),
      dropped: () => this.#dropped(),
      announce: (offer) => dispatcher.dispatch('nktplugin', () => new CustomEvent('nktplugin', { detail: offer })),
    });
    this.#plugins = new Plugins(this, mirror ?? this, log, (detail) => dispatcher.tell('nktpluginerror', detail), this.#means);

    this.#people = new People({
      dispatcher,
      wall: () => clock.wall(),
      setFlags: (address, value) => current.request('SET_FLAGS', { address, value }),
      isInRoom: (address) => current.run?.core.isOfRoom(address) ?? false,
      changed: (address) => {
        if (this.#meetings.isAwaited) dispatcher.queueCall(() => this.#meetings.look(address)); // it calls code of the application
      },
    });
    this.#meetings = new Meetings({
      users: this.#people.users, timers, wall: () => clock.wall(),
      talk: (address, isWanted) => current.run?.driver.step('TALK', { address, value: Number(isWanted) }),
    });
    this.#trust = new Trust(this.#marking());
    this.#ignored = new Ignored(this.#marking());

    this.#deliveries = new Deliveries(dispatcher);
    this.#sending = new Sending({
      current, dispatcher, deliveries: this.#deliveries, timers,
      large: (...said) => this.#large.say(...said),
    });
    this.#raw = new Raw(current, dispatcher, log);
    this.#contents = new Contents({
      platform: here, current, dispatcher,
      soon: () => this.#life.soon(),
      quota: () => this.#life.config.contentQuota,
      say: (run, text, to) => this.#sending.content(run, text, to),
      waited: (said) => this.#large.restored(said, readMessage(said.text)),
    });
    this.#large = new Large({
      timers, clock,
      contents: this.#contents,
      isIgnored: (addr) => this.#ignored.has(addr),
      tell: ({ from, id, date, to, room }, read) => {
        if (this.#ignored.has(from)) return; // since he said it
        dispatcher.queueMessage({ from, id, date, to, room, encrypted: true }, read);
        dispatcher.flush();
      },
      dropped: () => this.#dropped(),
    });
    this.#histories = new Histories({
      current,
      soon: here.soon,
      look: (value, whose) => this.#contents.look(value, whose),
      self: () => this.#address,
      delivery: (id) => this.#deliveries.get(id),
      isIgnored: (addr) => this.#ignored.has(addr),
    });
    this.#calls = new Calls({ wire: this.#wire(), clock, timers, crypto });

    this.#keeping = new Keeping({ current, crypto, worker, tell: (type, detail) => dispatcher.tell(type, detail) });
    this.#self = memberOf({ nkt: this, life: () => this.#life, current, keeping: this.#keeping });
    this.#life = new Life({
      platform: here, current, keeping: this.#keeping, ears: this.#ears(), family, member: this.#self,
    });
    keepSecret(this, () => this.#life.config.secret);
    this.#pageLife = new PageLife({
      page: here.page,
      now: () => clock.now(),
      isRunning: () => current.run !== null || this.#life.isRestarting || this.#life.isBegun,
      leave: () => this.#life.leave(),
      comeBack: () => this.#life.resume(),
      wake: () => this.wake(),
      failed: (error) => log.error('nkt:', error),
    });
    this.#status = new Seldom({ timers, clock, waitMs: STATUS_MS, run: () => dispatcher.tell('nktstatus', this.health()) });
    this.#mySwarm = Object.freeze({ address: () => this.#address, peers: this.#people.peers });
  }

  // ---- starting and stopping ----

  /** Resolves when the core runs and the identity is there; before init() it waits for that call. */
  get ready() {
    return this.#life.ready;
  }

  /** @param {object} [config] see types.d.ts @returns {Promise<void>} */
  init(config) {
    this.#pageLife.follow();
    return this.#pageLife.through(() => this.#life.init(config));
  }

  /**
   * init() with what it was called with when it succeeded last; a page that comes back does so.
   * @param {object} [changes] keys that are other now; undefined: as if they had not been given @returns {Promise<void>}
   */
  resume(changes) {
    this.#pageLife.follow();
    return this.#pageLife.through(() => this.#life.resume(changes));
  }

  /** Leaves the swarm. @param {{immediate?: boolean}} [options] immediate: the page is going away @returns {Promise<void>} */
  close(options) {
    this.#pageLife.release();
    return this.#life.close(options);
  }

  /**
   * Another room beside this one, as the same person: another peer, with events, users and a history of its own.
   * @param {object} place as init() takes it: the room (none: this one) and its secret, and what is to be other than here: undefined, too
   * @param {(nkt: Nkt) => void} [prepare] before it starts: who listens from then on misses nothing @returns {Promise<Nkt>}
   */
  async enter(place, prepare = () => {}) {
    const { asked, checked } = checkPlace(place, prepare);
    await this.#life.through();
    const { family, given, config } = this.#life;
    const address = this.#address;
    const where = roomOf(checked, config);
    return family.soleOf(where, async () => {
      const nkt = new Nkt({ ...this.#platform, mirror: null }, family);
      prepare(nkt);
      try {
        await nkt.init({ ...given, storage: config.storage, identity: undefined, ...asked, nick: checked.nick ?? this.#nick, ...where });
        if (nkt.#address !== address) throw new NktError('NKT_E_STATE', 'enter: closed meanwhile, and who it was is gone with it');
        return nkt;
      } catch (error) {
        await nkt.close();
        throw error;
      }
    });
  }

  /**
   * For a page that shows one room at a time: on the mirror of another peer (window) this one's events are dispatched from now on, and
   * plugins are unloaded there and loaded here.
   * @param {Nkt} other @param {() => void} [between] when they are unloaded there, before the first is loaded here
   */
  takePlaceOf(other, between = () => {}) {
    if (other === this) return;
    if (!(#plugins in Object(other))) throw new NktError('NKT_E_ARGUMENT', 'takePlaceOf: another Nkt is wanted');
    checkFunction('takePlaceOf: between', between);
    this.#plugins.takeOver(other.#plugins, () => { // whoever gives plugins a place on the page hears of them there
      this.#dispatcher.mirror = other.#dispatcher.mirror;
      other.#dispatcher.mirror = null;
      between();
    });
  }

  /** Those of this identity that are in a room, or on their way into it, in the order in which they came. */
  get rooms() {
    return Object.freeze(this.#life.family.nkts);
  }

  /** The platform was frozen or offline and is back; a page does so by itself. */
  wake() {
    this.#current.run?.driver.wake();
  }

  // ---- what is known ----

  get mySwarm() {
    return this.#mySwarm;
  }

  get userList() {
    return this.#people.users;
  }

  get nick() {
    return this.#nick;
  }

  set nick(nick) {
    const { nick: checked } = checkConfig({ nick: nick ?? null }, 'nkt');
    this.#current.request('SET_NICK', { text: checked });
    this.#life.remember({ nick: checked });
  }

  /** The room in force, null for none. */
  get room() {
    return this.#life.config.room;
  }

  /** What names the room that one is in, others for each name and secret; null: none, or not running. @returns {string|null} */
  get roomId() {
    return this.#address === '' ? null : this.#current.run?.core.roomId() ?? null;
  }

  get relays() {
    return Object.freeze([...this.#life.config.relays]);
  }

  get trackers() {
    return Object.freeze([...this.#life.config.trackers]);
  }

  /** The entries in force; those that were refused are in health().iceServers. */
  get iceServers() {
    return Object.freeze([...(this.#current.run?.rtc.iceServers ?? [])]);
  }

  get verbose() {
    return this.#verbose;
  }

  set verbose(isOn) {
    this.#verbose = Boolean(isOn);
    const { run } = this.#current;
    if (run) run.driver.trace = this.#verbose ? this.#trace : null;
  }

  get version() {
    return VERSION;
  }

  /** A snapshot of everything that helps to see why something does not work. */
  health() {
    const { run } = this.#current;
    return {
      version: VERSION,
      running: run !== null,
      ...(run?.core.health() ?? {}),
      iceServers: { count: run?.rtc.iceServers.length ?? 0, errors: [...(run?.rtc.iceErrors ?? [])] },
      webrtc: run?.rtc.isPossible ?? false,
      peerConnections: run?.rtc.count ?? 0,
      storage: run?.store.health ?? { kind: 'none', state: 'off' },
      contents: this.#contents.health,
      traps: this.#life.traps,
    };
  }

  // ---- messages ----

  /** @param {unknown} value @param {string} [to] @returns {Promise<Delivery>} */
  async sendEncryptedMessage(value, to) {
    return this.send(value, { to });
  }

  /** @param {unknown} value @param {{to?: string} & import('./sending.js').Options} [given] @returns {Promise<Delivery>} */
  async send(value, given) {
    const { to, ...options } = optionsOf('send', given);
    const run = this.#life.isRestarting ? await this.#life.soon() : this.#current.running();
    return this.#sending.encrypted(run, value, to, options);
  }

  /** @param {unknown} value @returns {Promise<Delivery>} */
  async sendClearMessage(value) {
    return this.#sending.clear(value);
  }

  /** @param {unknown} value @param {string} [to] none: everybody @returns {Promise<number>} to how many it left */
  async sendEphemeral(value, to) {
    return this.#sending.ephemeral(value, to);
  }

  /** For what is a part of the package. */
  get [RAW]() {
    return this.#raw;
  }

  /** @param {string} addr @param {{signal?: AbortSignal, timeout?: number}} [options] @returns {Promise<void>} */
  async startWebRTCClient(addr, options) {
    return this.#connects.make(this.#current.running(), addr, optionsOf('startWebRTCClient', options));
  }

  /** @param {string|((user: import('./user.js').User) => boolean)} [filter] @param {{timeout?: number, signal?: AbortSignal}} [options] */
  async peer(filter, options) {
    const checked = optionsOf('peer', options);
    return this.#meetings.wait((await this.#life.soon()).core, filter, checked, this.#address);
  }

  // ---- contents ----

  /** @param {any} what bytes, a Blob or File, a stream, or a Content @param {object} [options] see types.d.ts */
  async share(what, options) {
    const checked = optionsOf('share', options);
    return (await this.#contentWorkers()).sharing.share(what, checked);
  }

  /** @param {unknown} content @param {{signal?: AbortSignal, onProgress?: (progress: any) => void}} [options] */
  async fetch(content, options) {
    const checked = optionsOf('fetch', options);
    return (await this.#contentWorkers()).fetching.fetch(content, checked);
  }

  /** What is kept here, the one used longest ago first. */
  get contents() {
    return Object.freeze(this.#contents.list);
  }

  /** @param {unknown} content @returns {Promise<boolean>} when nothing of it is here any more; false: nothing was */
  async drop(content) {
    return (await this.#contentWorkers()).shelf.drop(content);
  }

  async #contentWorkers() {
    await this.#life.soon();
    return this.#contents.workers();
  }

  // ---- who is who ----

  /** @param {string} addr @returns {string} 60 digits, the same at the other side */
  safetyNumber(addr) {
    return this.#current.running().core.safetyNumber(addr);
  }

  /** @param {string} addr @param {string|null} number null takes the mark back @returns {boolean} false: it is another number */
  verify(addr, number) {
    this.#current.running().core.checkAddress(addr);
    return this.#trust.verify(addr, number);
  }

  /** @param {string} addr nothing that this user says is shown, stored or acknowledged from now on */
  ignore(addr) {
    this.#ignored.set(addr, true);
  }

  /** @param {string} addr */
  unignore(addr) {
    this.#ignored.set(addr, false);
  }

  /** Those who are ignored, also when they are not here. */
  get ignored() {
    return this.#ignored.list;
  }

  // ---- remote calls ----

  /** @param {string} name @param {(value: any, context: {from: string, name: string}) => any} fn @returns {() => boolean} takes it back */
  register(name, fn) {
    return this.#calls.register(name, fn);
  }

  /** @param {string} addr @param {string} name @param {unknown} [value] @param {{timeout?: number, signal?: AbortSignal}} [options] */
  async rpc(addr, name, value, options) {
    return this.#calls.call(addr, name, value, optionsOf('rpc', options));
  }

  // ---- joining by hand ----

  /** @param {{signal?: AbortSignal}} [options] signal: gives it up @returns {Promise<import('./types.d.ts').Invite>} */
  async invite(options) {
    const { signal } = optionsOf('invite', options);
    return this.#invites.make(this.#current.linking().driver, 'INVITE', undefined, signal);
  }

  /**
   * @param {string} text with an invite in it @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<import('./types.d.ts').Invite>}
   */
  async acceptInvite(text, options) {
    const { signal } = optionsOf('acceptInvite', options);
    return this.#invites.make(this.#current.linking().driver, 'ACCEPT', text, signal);
  }

  /** @param {string} text with the answer in it @returns {Promise<string>} the address of the other side, once linked */
  async completeInvite(text) {
    return this.#invites.complete(this.#current.running().driver, text);
  }

  // ---- what was said ----

  /** What was said and heard, here and in earlier lives; the oldest first. @param {{count?: number}} [options] the newest so many */
  async history(options) {
    const { count = 0 } = optionsOf('history', options);
    return this.#histories.ask(await this.#life.soon(), count);
  }

  /** Forgets what was said and heard; what is not delivered yet still will be. @returns {Promise<void>} when it is gone from storage */
  async clearHistory() {
    const { store } = await this.#life.soon();
    this.#current.request('FORGET', {});
    await store.flush();
  }

  /** Messages that are not settled, those of earlier lives as well. */
  get outbox() {
    return Object.freeze(this.#deliveries.list());
  }

  // ---- the identity ----

  /** The own keys as the text of a file, under a passphrase of its own. @param {string} passphrase @returns {Promise<string>} */
  async exportIdentity(passphrase) {
    const { driver } = await this.#life.soon();
    return this.#keeping.export(driver, passphrase, this.#life.config.wasm);
  }

  /** Names of the identities kept in this browser. @returns {Promise<string[]>} */
  async kept() {
    return keptNames(this.#platform);
  }

  /** Who they are. @returns {Promise<import('./types.d.ts').KeptIdentity[]>} */
  async keptIdentities() {
    return keptIdentities(this.#platform);
  }

  /** Deletes a kept identity for good. @param {string} [name] @returns {Promise<void>} */
  async forgetKept(name = '') {
    return forgetKept(this.#platform, name);
  }

  // ---- plugins ----

  /** @param {import('./plugins.js').Plugin} plugin */
  plugin(plugin) {
    return this.#plugins.add(plugin);
  }

  get plugins() {
    return this.#plugins.list;
  }

  /** @param {string} name @returns {boolean} whether it was loaded */
  unplug(name) {
    return this.#plugins.remove(name);
  }

  /** @override @param {string} type @param {any} listener @param {any} [options] */
  addEventListener(type, listener, options) {
    this.#dispatcher.heard(String(type));
    super.addEventListener(type, listener, options);
  }

  // ---- what the parts are told, and what they need of each other ----

  /** Effects for the application. Events are queued: listeners run when the core is at rest. @type {Record<string, (fx: any) => void>} */
  #handlers = {
    SELF: (fx) => this.#onSelf(fx),
    USER: (fx) => this.#people.user(fx, this.#trust, this.#life.isStarting),
    SESSION: (fx) => this.#people.session(fx),
    LINK: (fx) => this.#onLink(fx),
    MESSAGE: (fx) => this.#onMessage(fx),
    SAID: (fx) => this.#deliveries.said(fx.ticket, fx.id, fx.value),
    DELIVERY: (fx) => this.#onDelivery(fx),
    PAST: (fx) => this.#histories.past(fx),
    EXPORTED: (fx) => this.#keeping.exported(fx),
    PRESSURE: (fx) => this.#sending.pressure(fx),
    CONNECTED: (fx) => this.#onConnected(fx),
    INVITED: (fx) => this.#invites.told(fx),
    EPHEMERAL: (fx) => (fx.flags & EPHEMERAL_RAW ? this.#raw.heard(fx) : this.#dispatcher.queueEphemeral(fx)),
    FRAME: (fx) => this.#dispatcher.queueFrame(fx),
    STATUS: () => this.#statusChanged(),
    PIN: (fx) => this.#onPin(fx),
    IGNORED: (fx) => this.#onIgnored(fx),
  };

  /** @param {any} fx */
  #onSelf(fx) {
    this.#address = fx.address ?? '';
    this.#nick = fx.text;
    this.#current.run?.shelf.store.about({ address: this.#address, nick: this.#nick });
  }

  /** @param {any} fx */
  #onMessage(fx) {
    const { address: from, flags, id, time: date, bytesText: text } = this.#people.heard(fx); // checked by the core: it can be parsed
    if ((flags & SAY_CALL) !== 0) return this.#onCall(from, fromJson(text));
    const said = { from, id, date, ...whereOf(fx), encrypted: (flags & SAY_CLEAR) === 0 };
    if ((flags & SAY_CONTENT) !== 0) return void this.#onContent(said, JSON.parse(text));
    if (!said.encrypted) return this.#dispatcher.queueMessage(said, { value: fromJson(text), bytes: null });
    const read = readMessage(text);
    if (read.coming.length === 0) this.#dispatcher.queueMessage(said, read);
    else this.#large.hear({ from, id, date, to: said.to, room: said.room, text }, read);
  }

  /** @param {string} from @param {any} value */
  #onCall(from, value) {
    this.#dispatcher.queueCall(() => {
      if (!this.#calls.receive(from, value)) this.#dropped();
    });
  }

  /** @param {any} fx */
  #onPin(fx) {
    this.#trust.onPin(fx.address, fx.text, fx.value === 1);
    this.#markEverywhere('PIN', fx);
  }

  /** What holds in all rooms. @param {'PIN'|'IGNORE'} kind @param {any} fx of a mark that was set, or restored */
  #markEverywhere(kind, { address, text, value }) {
    if (!this.#life.isStarting) this.#life.family.marked(this.#self, kind, { address, text, value });
  }

  /** @param {any} fx */
  #onLink(fx) {
    const { run } = this.#current;
    if (run !== null && this.#life.config.room === null) this.#life.family.moved(this.#self, run.core.roomId()); // taken in, maybe
    this.#people.link(fx);
  }

  /** @param {any} fx */
  #onIgnored(fx) {
    this.#ignored.told(fx);
    if (fx.value === 1) this.#large.ignored(fx.address);
    this.#means.ignored(fx.address, fx.value === 1);
    this.#markEverywhere('IGNORE', fx);
  }

  /** What is no content is nobody's message. @param {any} said @param {unknown} value */
  async #onContent(said, value) {
    const content = await this.#contents.look(value, { from: said.from, own: false });
    if (content) this.#dispatcher.tellContent({ ...said, detail: content });
    else this.#dropped();
  }

  #dropped() {
    this.#current.run?.driver.step('DROPPED', { value: 'NKT_E_PAYLOAD' });
  }

  /** @param {any} fx */
  #onDelivery(fx) {
    const stateOfCall = this.#current.run === null ? '' : DELIVERY_STATES[fx.value]; // stopping: #forget() answers what waits
    if (!this.#calls.delivery(fx.ticket, stateOfCall, fx.text)) this.#deliveries.update(fx);
  }

  /** @param {any} fx */
  #onConnected(fx) {
    if (this.#current.run !== null && !this.#invites.connected(fx)) this.#connects.connected(fx); // stopping: as above
  }

  /** What a run brings about. @returns {import('./life.js').Ears} */
  #ears() {
    return {
      onEffect: (fx) => (fx.kind in this.#handlers ? this.#handlers[fx.kind](fx) : this.#contents.effect(fx)),
      onDrained: () => this.#dispatcher.flush(),
      onLaunched: ({ verbose }) => {
        this.verbose = verbose;
        this.#meetings.start();
      },
      onStopping: () => this.#large.settle(),
      onStarted: (run) => {
        this.#contents.begin(run);
        this.#means.begin();
      },
      onEnded: (error, willGoOn) => this.#forget(error, willGoOn),
      onClosed: () => this.#contents.closed,
      onRestarted: (detail) => this.#dispatcher.tell('nktrestarted', detail),
      onSettled: () => this.#deliveries.endOrphans(),
      onChanged: () => this.#statusChanged(),
    };
  }

  /** Nothing that waited for this run will get an answer. @param {NktError} error @param {boolean} willGoOn see Ears */
  #forget(error, willGoOn) {
    if (willGoOn) this.#deliveries.orphan();
    this.#deliveries.end();
    this.#calls.reset(error);
    this.#large.end();
    this.#contents.end(error, willGoOn);
    this.#means.end(willGoOn);
    this.#connects.forget(error);
    this.#meetings.forget(error);
    this.#invites.forget(error);
    this.#histories.forget();
    this.#sending.forget(error);
    this.#people.forget();
    this.#trust.reset();
    this.#ignored.reset();
    this.#address = '';
  }

  /** What those need who keep marks of users. @returns {import('./trust.js').Ports & import('./ignored.js').Ports} */
  #marking() {
    const current = this.#current;
    return {
      isAddress: (text) => current.running().core.isAddress(text),
      safetyNumber: (addr) => this.safetyNumber(addr),
      pin: (address, text, isSet) => current.request('PIN', { address, text, value: Number(isSet) }),
      ignore: (address, text, isSet) => current.request('IGNORE', { address, text, value: Number(isSet) }),
      nickOf: (addr) => this.#people.users[addr]?.nick,
      isIgnored: (addr) => this.#ignored.has(addr),
      changed: () => this.#statusChanged(),
      now: () => this.#platform.clock.now(),
      keyChanged: (detail) => this.#dispatcher.queueDetail('nktkeychanged', Object.freeze(detail)),
    };
  }

  /** How calls travel. @returns {import('./rpc.js').Wire} */
  #wire() {
    const current = this.#current;
    return {
      ticket: () => current.nextTicket(),
      say: (ticket, to, text) => current.request('SAY', { ticket, address: to, bytes: text, flags: SAY_CALL }),
      cancel: (ticket, to) => current.run?.driver.step('CANCEL', { ticket, address: to }),
      isAddress: (text) => current.running().core.isAddress(text),
      isIgnored: (addr) => this.#ignored.has(addr),
      isMuted: (addr) => this.#people.users[addr]?.dontSendTo ?? false,
    };
  }

  #statusChanged() {
    if (this.#dispatcher.isHeard('nktstatus')) this.#status.ask();
  }

  #trace = (what, kind, detail) => {
    this.#platform.log.debug(`nkt ${what} ${kind}`, what === 'fact' ? detail : { link: detail.link, value: detail.value });
  };
}
