// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The public API: one peer. Turns calls into facts and effects into events; types.d.ts is its precise form.
 */
import { checkConfig, checkSockets } from './config.js';
import { SAY_CALL, SAY_CLEAR, DELIVERY_STATES, VERSION } from './constants.js';
import { Connects } from './connects.js';
import { Core } from './core.js';
import { entropyOf, loadModule } from './core_module.js';
import { deferred } from './deferred.js';
import { Deliveries, Delivery } from './deliveries.js';
import { Driver } from './driver.js';
import { NktError } from './errors.js';
import { Dispatcher, NktMessageEvent, NktSendingEvent } from './events.js';
import { loadLookalikes } from './fold.js';
import { Gate } from './gate.js';
import { Histories } from './history.js';
import { Ignored } from './ignored.js';
import { checkSize, toJson } from './json.js';
import { Invites } from './invites.js';
import { Keeping } from './keeping.js';
import { LateSettings } from './late.js';
import { forgetKept, keptIdentities, keptNames } from './kept.js';
import { Meetings } from './meetings.js';
import { People } from './people.js';
import { platformHere } from './platform.js';
import { Plugins } from './plugins.js';
import { Calls } from './rpc.js';
import { Peers } from './rtc.js';
import { Seldom } from './seldom.js';
import { Sockets } from './socket.js';
import { checkStorage, makeStore, restore } from './stores.js';
import { Traps } from './traps.js';
import { Trust } from './trust.js';

export { NktError };

/** What init() takes for keys that nobody gave. */
const DEFAULTS = Object.freeze({
  nick: '', room: 'nkt', secret: null, relays: [], trackers: [], iceServers: [], verbose: false, linkCountMax: 0,
  history: true, keeper: false, identity: null,
});

/** At most four nktstatus events a second, in ms between two. */
const STATUS_MS = 250;

/** @typedef {import('./store.js').NoStore|import('./store.js').Store} AnyStore */
/**
 * What exists between init() and close(); hands is how the store reaches the driver.
 * @typedef {{core: Core, driver: Driver, rtc: Peers, store: AnyStore, hands: {driver: Driver|null}}} Run
 */

export class Nkt extends EventTarget {
  #platform;
  #dispatcher;
  #plugins;
  #calls;
  #trust;
  #ignored;

  /** @type {Run|null} */
  #run = null;
  /** START is at work: those who are told of were known before. */
  #isStarting = false;
  /** Calls of init() that are not through. */
  #startCount = 0;
  /** The last init() or close(): one after the other. @type {Promise<unknown>} */
  #last = Promise.resolve();
  #ready = deferred();

  /** What init() was called with last. @type {object|undefined} */
  #given;
  /** The config in force. @type {Record<string, any>} */
  #config = DEFAULTS;
  #address = '';
  #nick = '';
  #verbose = false;
  #people;
  #mySwarm;

  #ticket = 0;
  #deliveries = new Deliveries();
  #histories = new Histories();
  #late = /** @type {LateSettings|null} */ (null);
  #parts = {
    nextTicket: () => this.#nextTicket(),
    error: (code, reason) => this.#refusal(this.#run, code, reason),
  };
  #invites = new Invites(this.#parts);
  #connects = new Connects(this.#parts);
  #meetings;
  #keeping;
  /** Shut while the outbox is above its high-water mark. */
  #gate = new Gate();

  /** Tells nktstatus; the last change is never left out. */
  #status;
  #traps = new Traps();
  /** What ended the last run, if a fault did. @type {NktError|null} */
  #fault = null;
  /** After a trap, until the peer runs again or has given up. @type {Run|null} */
  #restarting = null;

  /** @param {Partial<import('./platform.js').Platform>} [platform] replaces parts of what is found here */
  constructor(platform = {}) {
    super();
    this.#platform = { ...platformHere(), ...platform };
    const { mirror, log, clock, timers, crypto, wasm, worker } = this.#platform;
    loadModule(wasm).catch(() => {}); // begins now, so that init() finds it done, and tells of failure
    this.#dispatcher = new Dispatcher(this, mirror);
    this.#plugins = new Plugins(this, mirror ?? this, log, (detail) => this.#tell('nktpluginerror', detail));
    this.#calls = new Calls({ wire: this.#wire(), clock, timers, crypto });
    this.#people = new People({
      dispatcher: this.#dispatcher,
      wall: () => clock.wall(),
      setFlags: (address, value) => this.#request('SET_FLAGS', { address, value }),
      changed: (address) => this.#meetings.look(address),
    });
    this.#meetings = new Meetings({ users: this.#people.users, timers, wall: () => clock.wall() });
    this.#trust = new Trust(this.#marking());
    this.#ignored = new Ignored(this.#marking());
    this.#keeping = new Keeping({ ...this.#parts, crypto, worker, tell: (type, detail) => this.#tell(type, detail) });
    this.#status = new Seldom({ timers, clock, waitMs: STATUS_MS, run: () => this.#tell('nktstatus', this.health()) });
    this.#mySwarm = Object.freeze({ address: () => this.#address, peers: this.#people.peers });
  }

  // ---- starting and stopping ----

  /** Resolves when the core runs and the identity is there; before init() it waits for that call. */
  get ready() {
    return this.#ready.promise;
  }

  /** @param {object} [config] see types.d.ts @returns {Promise<void>} */
  async init(config) {
    const checked = checkConfig(config);
    checkStorage(checked.storage, this.#platform.hasTabs, checked.keeper);
    if (this.#ready.isSettled) this.#ready = deferred();
    const ready = this.#ready;
    this.#given = config;
    this.#startCount++;
    const started = this.#last.then(() => this.#start(checked));
    this.#last = started.catch(() => {});
    try {
      await started;
      ready.resolve();
    } catch (error) {
      ready.reject(error);
      throw error;
    } finally {
      this.#startCount--;
    }
  }

  /**
   * init() with what it was called with last; window.js calls it when a page comes back.
   * @param {object} [changes] keys that are other now; undefined: as if they had not been given @returns {Promise<void>}
   */
  resume(changes) {
    return this.init({ ...this.#given, ...changes });
  }

  /** Leaves the swarm. @param {{immediate?: boolean}} [options] immediate: the page is going away @returns {Promise<void>} */
  close(options) {
    const closed = this.#startCount > 0 && !options?.immediate ? this.#last.then(() => this.#stop()) : this.#stop(options);
    this.#last = this.#last.then(() => closed).catch(() => {});
    return closed;
  }

  /** The platform was frozen or offline and is back; window.js calls it. */
  wake() {
    this.#run?.driver.wake();
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
    const { nick: checked } = checkConfig({ nick: String(nick) }, 'nkt');
    this.#request('SET_NICK', { text: checked });
    this.#given = { ...this.#given, nick: checked };
  }

  /** The room in force, null for none. */
  get room() {
    return this.#config.room;
  }

  get relays() {
    return Object.freeze([...this.#config.relays]);
  }

  get trackers() {
    return Object.freeze([...this.#config.trackers]);
  }

  /** The entries in force; those that were refused are in health().iceServers. */
  get iceServers() {
    return Object.freeze([...(this.#run?.rtc.iceServers ?? [])]);
  }

  get verbose() {
    return this.#verbose;
  }

  set verbose(isOn) {
    this.#verbose = Boolean(isOn);
    if (this.#run) this.#run.driver.trace = this.#verbose ? this.#trace : null;
  }

  get version() {
    return VERSION;
  }

  /** A snapshot of everything that helps to see why something does not work. */
  health() {
    const run = this.#run;
    return {
      version: VERSION,
      running: run !== null,
      ...(run?.core.health() ?? {}),
      iceServers: { count: run?.rtc.iceServers.length ?? 0, errors: [...(run?.rtc.iceErrors ?? [])] },
      peerConnections: run?.rtc.count ?? 0,
      storage: run?.store.health ?? { kind: 'none', state: 'off' },
      traps: this.#traps.list,
    };
  }

  // ---- messages ----

  /** @param {unknown} value @param {string} [to] @returns {Promise<Delivery>} */
  async sendEncryptedMessage(value, to) {
    const { core } = this.#restarting === null ? this.#running() : await this.#runningSoon();
    if (to !== undefined && !core.isAddress(to)) throw core.error(core.errorCode('NKT_E_ADDRESS'));
    let text = toJson(value);
    if (this.#dispatcher.isHeard('nktsendingmessage')) {
      const isObject = typeof value === 'object' && value !== null;
      const holder = { value: isObject ? JSON.parse(text) : value }; // what listeners change is not the caller's
      const build = () => new NktSendingEvent(holder, to ?? null, true);
      if (!this.#dispatcher.dispatch('nktsendingmessage', build)) return new Delivery(true);
      if (isObject || holder.value !== value) text = toJson(holder.value);
    }
    return this.#say(checkSize(text, 'the message'), to, 0);
  }

  /** @param {unknown} value @returns {Promise<Delivery>} */
  async sendClearMessage(value) {
    this.#running();
    return this.#say(checkSize(toJson(value), 'the message'), undefined, SAY_CLEAR);
  }

  /** @param {string} addr @param {{signal?: AbortSignal, timeout?: number}} [options] @returns {Promise<void>} */
  async startWebRTCClient(addr, options = {}) {
    return this.#connects.make(this.#running(), addr, options);
  }

  /** @param {string|((user: import('./user.js').User) => boolean)} [filter] @param {{timeout?: number, signal?: AbortSignal}} [options] */
  async peer(filter, options = {}) {
    return this.#meetings.wait((await this.#runningSoon()).core, filter, options);
  }

  // ---- who is who ----

  /** @param {string} addr @returns {string} 60 digits, the same at the other side */
  safetyNumber(addr) {
    return this.#running().core.safetyNumber(addr);
  }

  /** @param {string} addr @param {string|null} number null takes the mark back @returns {boolean} false: it is another number */
  verify(addr, number) {
    const { core } = this.#running();
    if (!core.isAddress(addr)) throw core.error(core.errorCode('NKT_E_ADDRESS'));
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
  rpc(addr, name, value, options) {
    return this.#calls.call(addr, name, value, options);
  }

  // ---- joining by hand ----

  /** @param {{signal?: AbortSignal}} [options] signal: gives it up @returns {Promise<import('./types.d.ts').Invite>} */
  async invite({ signal } = {}) {
    return this.#invites.make(this.#running().driver, 'INVITE', undefined, signal);
  }

  /**
   * @param {string} text with an invite in it @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<import('./types.d.ts').Invite>}
   */
  async acceptInvite(text, { signal } = {}) {
    return this.#invites.make(this.#running().driver, 'ACCEPT', String(text), signal);
  }

  /** @param {string} text with the answer in it @returns {Promise<string>} the address of the other side, once linked */
  async completeInvite(text) {
    return this.#invites.complete(this.#running().driver, String(text));
  }

  /** What was said and heard, here and in earlier lives; the oldest first. @param {{count?: number}} [options] the newest so many */
  async history({ count = 0 } = {}) {
    const run = await this.#runningSoon();
    if (!Number.isInteger(count) || count < 0 || count > 0x7fffffff) throw new NktError('NKT_E_ARGUMENT', 'count is a whole number');
    const ticket = this.#nextTicket();
    const entries = await this.#histories.ask(ticket, (done) => run.driver.step('HISTORY', { ticket, value: count }, done),
      (code) => this.#refusal(run, code));
    return entries.filter(({ own, from }) => own || !this.#ignored.has(from));
  }

  /** Forgets what was said and heard; what is not delivered yet still will be. @returns {Promise<void>} when it is gone from storage */
  async clearHistory() {
    const run = await this.#runningSoon();
    this.#request('FORGET', {});
    await run.store.flush();
  }

  /** Messages that are not settled, those of earlier lives as well. */
  get outbox() {
    return Object.freeze(this.#deliveries.list());
  }

  // ---- the identity ----

  /** The own keys as the text of a file, under a passphrase of its own. @param {string} passphrase @returns {Promise<string>} */
  async exportIdentity(passphrase) {
    const run = await this.#runningSoon();
    return this.#keeping.export(run.driver, passphrase, this.#config.wasm);
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

  // ---- inside ----

  /** @param {Record<string, any>} given */
  async #start(given) {
    let store = null;
    try {
      await this.#stop();
      const { defaults, wasm, WebSocket, RTCPeerConnection } = this.#platform;
      /** @type {Record<string, any>} */
      const late = this.#lateSettings(given);
      const config = {
        ...DEFAULTS, wasm, WebSocket, RTCPeerConnection, ...checkConfig(await defaults(late.take), 'default config'), ...given,
      };
      checkSockets(config, given);
      const hands = { driver: null };
      const derive = this.#keeping.deriver(config.wasm);
      store = await makeStore(config.storage, {
        platform: this.#platform, derive,
        onDurable: (ticket) => hands.driver?.durable(ticket),
        onState: () => this.#statusChanged(),
      });
      const imported = config.identity && await this.#keeping.import(config.identity, derive);
      const [module, records] = await Promise.all([loadModule(config.wasm), store.open(), loadLookalikes()]);
      await this.#launch(module, { ...config, identity: null }, store, hands, records, imported);
      late.use();
      await store.settle(); // who is told that this is kept can rely on it
    } catch (error) {
      await this.#stop();
      await store?.close();
      throw error;
    }
  }

  /** @param {Record<string, any>} given @returns {LateSettings} of this start; those of earlier ones do nothing any more */
  #lateSettings(given) {
    const late = new LateSettings({
      given,
      config: () => (this.#late === late && this.#run !== null ? this.#config : null),
      setIceServers: (iceServers) => this.#run?.rtc.setIceServers(iceServers),
      addServers: (more) => this.#request('SERVERS', { text: JSON.stringify(more) }),
      changed: () => this.#statusChanged(),
      refused: (error) => this.#platform.log.error('nkt: settings that came later are not used:', error),
    });
    this.#late = late;
    return late;
  }

  /**
   * Makes a core of these records and starts it.
   * @param {WebAssembly.Module} module @param {Record<string, any>} config @param {AnyStore} store
   * @param {{driver: Driver|null}} hands how the store reaches the driver @param {Array<[string, Uint8Array]>} records
   * @param {Uint8Array|null} [imported] an identity from a file
   */
  async #launch(module, config, store, hands, records, imported = null) {
    const core = await this.#makeCore(module, config, store);
    const report = (kind, fields) => driver.step(kind, fields);
    const { timers, clock } = this.#platform;
    const rtc = new Peers({ RTCPeerConnection: config.RTCPeerConnection, iceServers: config.iceServers, timers, report });
    const sockets = new Sockets({ WebSocket: config.WebSocket, timers, report });
    const driver = new Driver({
      core, clock, timers, sockets, rtc, store,
      onEffect: (fx) => this.#handlers[fx.kind]?.(fx),
      onDrained: () => this.#dispatcher.flush(),
      onFault: (error, isFatal) => this.#onFault(error, isFatal),
    });
    hands.driver = driver;
    this.#run = { core, driver, rtc, store, hands };
    this.#fault = null;
    this.#config = config;
    this.verbose = config.verbose;
    restore(driver, records, store.isStrict);
    if (imported !== null) this.#request('IMPORT', { bytes: imported });
    this.#isStarting = true;
    this.#meetings.start();
    this.#request('START', {});
    this.#isStarting = false;
  }

  /** The core trapped: another one goes on with what is stored. @param {Run} run @param {{at: number, message: string}} trap */
  async #restart(run, trap) {
    const { clock, log } = this.#platform;
    const since = clock.now();
    try {
      const [module, records] = await Promise.all([loadModule(this.#config.wasm), run.store.reopen()]);
      if (this.#restarting !== run) return; // closed meanwhile
      await this.#launch(module, this.#config, run.store, run.hands, records);
      this.#tell('nktrestarted', { ...trap, ms: clock.now() - since });
    } catch (error) {
      log.error('nkt: cannot start again:', error);
      await (this.#run?.store === run.store ? this.#stop() : run.store.close());
    }
    this.#deliveries.endOrphans();
    if (this.#restarting === run) this.#restarting = null;
    this.#statusChanged();
  }

  /** @param {{immediate?: boolean}} [options] everything but the store's end happens before the first await */
  async #stop(options) {
    const restarting = this.#restarting;
    this.#restarting = null;
    if (this.#run === null) await restarting?.store.close(options);
    const run = this.#run;
    if (run === null) return;
    this.#run = null; // listeners called on the way find it closed
    const stopped = run.driver.stop(options);
    this.#forget(run.core.error(run.core.errorCode('NKT_E_STOPPED')));
    this.#statusChanged();
    this.#dispatcher.flush();
    await stopped;
    await run.store.close(options);
  }

  /** Nothing that waited for this run will get an answer. @param {NktError} error */
  #forget(error) {
    this.#deliveries.end();
    this.#calls.reset(error);
    this.#connects.forget(error);
    this.#meetings.forget(error);
    this.#invites.forget(error);
    this.#histories.forget();
    this.#gate.set(false);
    this.#people.forget();
    this.#trust.reset();
    this.#ignored.reset();
    this.#address = '';
  }

  /** An event outside of any step. @param {string} type @param {object} detail */
  #tell(type, detail) {
    this.#dispatcher.queueDetail(type, Object.freeze(detail));
    this.#dispatcher.flush();
  }

  /** @param {WebAssembly.Module} module @param {Record<string, any>} config @param {AnyStore} store */
  #makeCore(module, config, store) {
    const { nick, room, secret, relays, trackers, linkCountMax, history, keeper } = config;
    const options = { nick, relays, trackers, linkCountMax, history, keeper, persist: store.key !== null };
    if (room !== null) options.room = room;
    if (secret !== null) options.secret = secret;
    return Core.create({ module, options, storeKey: store.key, entropy: entropyOf(this.#platform.crypto) });
  }

  /** The same, after a restart that is under way. @returns {Promise<Run>} */
  async #runningSoon() {
    if (this.#restarting !== null) await this.#last;
    return this.#running();
  }

  /** @returns {Run} */
  #running() {
    if (this.#run === null) throw new NktError('NKT_E_STATE', 'call init() first');
    return this.#run;
  }

  #nextTicket() {
    this.#ticket = (this.#ticket + 1) >>> 0 || 1;
    return this.#ticket;
  }

  /** Steps; throws what the core refuses. @param {string} kind @param {object} fields */
  #request(kind, fields) {
    const run = this.#running();
    let answer = 0;
    run.driver.step(kind, fields, (code) => {
      answer = code;
    });
    if (answer < 0) throw this.#refusal(run, answer);
  }

  /** @param {Run|null} run @param {number} code @param {string} [reason] @returns {NktError} why a call had no success */
  #refusal(run, code, reason) {
    if (this.#run === null && this.#fault !== null) return this.#fault;
    return run === null ? new NktError('NKT_E_STATE', 'call init() first') : run.core.error(code, reason);
  }

  /** @param {string} text JSON @param {string|undefined} to @param {number} flags @returns {Promise<Delivery>} */
  async #say(text, to, flags) {
    const run = this.#running(); // a listener may have closed it
    const ticket = this.#nextTicket();
    const delivery = this.#deliveries.begin(ticket);
    const fields = { ticket, address: to, bytes: text, flags };
    const code = await new Promise((resolve) => run.driver.step('SAY', fields, resolve));
    if (code < 0) {
      this.#deliveries.drop(ticket);
      throw this.#refusal(run, code);
    }
    await this.#gate.pass();
    return delivery;
  }

  /** What those need who keep marks of users. @returns {import('./trust.js').Ports & import('./ignored.js').Ports} */
  #marking() {
    return {
      isAddress: (text) => this.#running().core.isAddress(text),
      safetyNumber: (addr) => this.safetyNumber(addr),
      pin: (address, text, isSet) => this.#request('PIN', { address, text, value: Number(isSet) }),
      ignore: (address, text, isSet) => this.#request('IGNORE', { address, text, value: Number(isSet) }),
      nickOf: (addr) => this.#people.users[addr]?.nick,
      isIgnored: (addr) => this.#ignored.has(addr),
      changed: () => this.#statusChanged(),
      now: () => this.#platform.clock.now(),
      keyChanged: (detail) => this.#dispatcher.queueDetail('nktkeychanged', Object.freeze(detail)),
    };
  }

  /** How calls travel. @returns {import('./rpc.js').Wire} */
  #wire() {
    return {
      ticket: () => this.#nextTicket(),
      say: (ticket, to, text) => this.#request('SAY', { ticket, address: to, bytes: text, flags: SAY_CALL }),
      cancel: (ticket, to) => this.#run?.driver.step('CANCEL', { ticket, address: to }),
      isAddress: (text) => this.#running().core.isAddress(text),
      isIgnored: (addr) => this.#ignored.has(addr),
      isMuted: (addr) => this.#people.users[addr]?.dontSendTo ?? false,
    };
  }

  /** Effects for the application. Events are queued: listeners run when the core is at rest. @type {Record<string, (fx: any) => void>} */
  #handlers = {
    SELF: (fx) => this.#onSelf(fx),
    USER: (fx) => this.#people.user(fx, this.#trust, this.#isStarting),
    SESSION: (fx) => this.#people.session(fx),
    LINK: (fx) => this.#people.link(fx),
    MESSAGE: (fx) => this.#onMessage(fx),
    SAID: (fx) => this.#deliveries.said(fx.ticket, fx.id, fx.value),
    DELIVERY: (fx) => this.#onDelivery(fx),
    PAST: (fx) => this.#histories.past(fx, this.#address, (id) => this.#deliveries.get(id)),
    EXPORTED: (fx) => this.#keeping.exported(fx),
    PRESSURE: (fx) => this.#gate.set(fx.value === 1),
    CONNECTED: (fx) => this.#run !== null && (this.#invites.connected(fx) || this.#connects.connected(fx)), // else #forget() answers
    INVITED: (fx) => this.#invites.told(fx),
    FRAME: (fx) => this.#dispatcher.queueFrame(fx),
    STATUS: () => this.#statusChanged(),
    PIN: (fx) => this.#trust.onPin(fx.address, fx.text, fx.value === 1),
    IGNORED: (fx) => this.#ignored.told(fx),
  };

  /** @param {any} fx */
  #onSelf(fx) {
    this.#address = fx.address ?? '';
    this.#nick = fx.text;
    this.#run?.store.about({ address: this.#address, nick: this.#nick });
  }

  /** @param {any} fx */
  #onMessage(fx) {
    const detail = JSON.parse(fx.bytesText); // the core has checked that it can be parsed
    if (fx.flags & SAY_CALL) {
      const { address } = fx;
      this.#dispatcher.queueCall(() => {
        if (!this.#calls.receive(address, detail)) this.#run?.driver.step('DROPPED', { value: 'NKT_E_PAYLOAD' });
      });
      return;
    }
    const encrypted = (fx.flags & SAY_CLEAR) === 0;
    const type = encrypted ? 'nktencryptedmessagereceived' : 'nktclearmessagereceived';
    const init = { detail, from: fx.address, id: fx.id, date: fx.time, encrypted };
    this.#dispatcher.queue(type, () => new NktMessageEvent(type, init));
  }

  /** @param {any} fx */
  #onDelivery(fx) {
    const { id, address: addr, value } = fx;
    const stateOfCall = this.#run === null ? '' : DELIVERY_STATES[value]; // stopping: #forget() answers what waits
    if (this.#calls.delivery(fx.ticket, stateOfCall, fx.text)) return;
    this.#deliveries.update(fx);
    if (!this.#dispatcher.isHeard('nktdelivery')) return;
    const state = DELIVERY_STATES[value] ?? 'failed';
    const reason = fx.text;
    this.#dispatcher.queueDetail('nktdelivery', Object.freeze(reason === '' ? { id, addr, state } : { id, addr, state, reason }));
  }

  #statusChanged() {
    if (this.#dispatcher.isHeard('nktstatus')) this.#status.ask();
  }

  /** @param {Error} error @param {boolean} isFatal the core is gone */
  #onFault(error, isFatal) {
    this.#platform.log.error('nkt:', error);
    if (!isFatal) return;
    const run = this.#run;
    this.#run = null;
    const { clock } = this.#platform;
    const now = clock.now();
    const trap = this.#traps.add(clock.wall(), error.message, now);
    this.#fault = error instanceof NktError ? error : new NktError('NKT_E_TRAP', error.message, { cause: error });
    if (run !== null && run.store.key !== null && this.#traps.mayRestart(now)) {
      this.#deliveries.orphan();
      this.#restarting = run;
      this.#last = this.#last.then(() => this.#restart(run, trap));
    }
    this.#forget(this.#fault);
    if (this.#restarting === null) run?.store.close();
    this.#statusChanged();
  }

  #trace = (what, kind, detail) => {
    this.#platform.log.debug(`nkt ${what} ${kind}`, what === 'fact' ? detail : { link: detail.link, value: detail.value });
  };
}
