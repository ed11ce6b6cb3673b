// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The public API: one peer. Turns calls into facts and effects into events; types.d.ts is its precise form.
 */
import { checkConfig, checkPassphrase } from './config.js';
import {
  FRAME_OUT, SAY_CLEAR, SESSION_STATES, DELIVERY_STATES, USER_GONE, USER_NEW, VERSION,
} from './constants.js';
import { Core, entropyOf, loadModule } from './core.js';
import { Delivery } from './delivery.js';
import { deriveKey } from './derive.js';
import { Driver } from './driver.js';
import { NktError } from './errors.js';
import { Dispatcher, frameDetail, NktMessageEvent, NktSendingEvent } from './events.js';
import { Histories } from './history.js';
import { readIdentityFile, writeIdentityFile } from './identity_file.js';
import { platformHere } from './platform.js';
import { Plugins } from './plugins.js';
import { Peers } from './rtc.js';
import { Sockets } from './socket.js';
import { forgetKept, keptNames } from './store_kept.js';
import { checkStorage, makeStore, restore } from './stores.js';
import { Traps } from './traps.js';
import { User } from './user.js';
import { deferred, stringify } from './values.js';

export { NktError };

/** What init() takes for keys that nobody gave. */
const DEFAULTS = Object.freeze({
  nick: '', room: 'nkt', secret: null, relays: [], trackers: [], iceServers: [], verbose: false, linkCountMax: 0,
  history: true, identity: null,
});

/** At most four nktstatus events a second, in ms between two. */
const STATUS_MS = 250;

// Downloading and compiling starts with the import, so that init() finds it done. Failure is told by init().
loadModule(platformHere().wasm).catch(() => {});

/** @typedef {import('./store.js').NoStore|import('./store.js').Store} AnyStore */
/**
 * What exists between init() and close(); hands is how the store reaches the driver.
 * @typedef {{core: Core, driver: Driver, rtc: Peers, store: AnyStore, hands: {driver: Driver|null}}} Run
 */

export class Nkt extends EventTarget {
  #platform;
  #dispatcher;
  #plugins;

  /** @type {Run|null} */
  #run = null;
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
  /** @type {Record<string, User>} */
  #users = Object.create(null);
  /** @type {Record<string, {addr: string, since: number}>} */
  #peers = Object.create(null);
  #mySwarm;

  #ticket = 0;
  /** Until SAID, by ticket. @type {Map<number, Delivery>} */
  #saying = new Map();
  /** Until settled, by message id. @type {Map<string, Delivery>} */
  #deliveries = new Map();
  #histories = new Histories();
  /** By ticket. @type {Map<number, (sealed: Uint8Array) => void>} */
  #exporting = new Map();
  /** By ticket. @type {Map<number, {resolve: () => void, reject: (error: NktError) => void}>} */
  #connecting = new Map();
  #isPressed = false;
  /** @type {Array<() => void>} */
  #pressed = [];

  #statusTimer = null;
  #statusAt = -Infinity;
  #traps = new Traps();
  /** What ended the last run, if a fault did. @type {NktError|null} */
  #fault = null;
  /** After a trap, until the peer runs again or has given up. @type {Run|null} */
  #restarting = null;
  /** Deliveries whose core is gone: the next one may go on with them. @type {Map<string, Delivery>} */
  #orphans = new Map();

  /** @param {Partial<import('./platform.js').Platform>} [platform] replaces parts of what is found here */
  constructor(platform = {}) {
    super();
    this.#platform = { ...platformHere(), ...platform };
    const { mirror, log } = this.#platform;
    this.#dispatcher = new Dispatcher(this, mirror);
    this.#plugins = new Plugins(this, mirror ?? this, log);
    const peers = () => this.#peers;
    this.#mySwarm = Object.freeze({
      address: () => this.#address,
      get peers() {
        return peers();
      },
    });
  }

  // ---- starting and stopping ----

  /** Resolves when the core runs and the identity is there. */
  get ready() {
    return this.#ready.promise;
  }

  /** @param {object} [config] see types.d.ts @returns {Promise<void>} */
  async init(config) {
    const checked = checkConfig(config);
    checkStorage(checked.storage, this.#platform.hasTabs);
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

  /** init() with what it was called with last; window.js calls it when a page comes back. @returns {Promise<void>} */
  resume() {
    return this.init(this.#given);
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
    return this.#users;
  }

  get nick() {
    return this.#nick;
  }

  set nick(nick) {
    const { nick: checked } = checkConfig({ nick: String(nick) }, 'nkt');
    this.#request('SET_NICK', { text: checked });
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
    let text = stringify(value);
    if (this.#dispatcher.isHeard('nktsendingmessage')) {
      const isObject = typeof value === 'object' && value !== null;
      const holder = { value: isObject ? JSON.parse(text) : value }; // what listeners change is not the caller's
      const build = () => new NktSendingEvent(holder, to ?? null, true);
      if (!this.#dispatcher.dispatch('nktsendingmessage', build)) return new Delivery(true);
      if (isObject || holder.value !== value) text = stringify(holder.value);
    }
    return this.#say(text, to, 0);
  }

  /** @param {unknown} value @returns {Promise<Delivery>} */
  async sendClearMessage(value) {
    this.#running();
    return this.#say(stringify(value), undefined, SAY_CLEAR);
  }

  /** @param {string} addr @param {{signal?: AbortSignal, timeout?: number}} [options] @returns {Promise<void>} */
  async startWebRTCClient(addr, { signal, timeout = 0 } = {}) {
    const run = this.#running();
    const { core, driver } = run;
    if (!core.isAddress(addr)) throw core.error(core.errorCode('NKT_E_ADDRESS'));
    if (!Number.isFinite(timeout) || timeout < 0 || timeout > 0x7fffffff) {
      throw new NktError('NKT_E_ARGUMENT', 'timeout is a number of milliseconds');
    }
    const cancelled = () => new NktError('NKT_E_CANCELLED', 'cancelled', { cause: signal?.reason });
    if (signal?.aborted) throw cancelled();
    const ticket = this.#nextTicket();
    const cancel = () => {
      this.#connecting.get(ticket)?.reject(cancelled());
      driver.step('CANCEL', { ticket });
    };
    try {
      await new Promise((resolve, reject) => {
        this.#connecting.set(ticket, { resolve: () => resolve(undefined), reject });
        signal?.addEventListener('abort', cancel);
        driver.step('CONNECT', { ticket, address: addr, value: Math.round(timeout) }, (code) => {
          if (code < 0) reject(this.#refusal(run, code));
        });
      });
    } finally {
      this.#connecting.delete(ticket);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** What was said and heard, here and in earlier lives; the oldest first. @param {{count?: number}} [options] the newest so many */
  async history({ count = 0 } = {}) {
    const run = await this.#runningSoon();
    if (!Number.isInteger(count) || count < 0 || count > 0x7fffffff) throw new NktError('NKT_E_ARGUMENT', 'count is a whole number');
    const ticket = this.#nextTicket();
    return this.#histories.ask(ticket, (done) => run.driver.step('HISTORY', { ticket, value: count }, done),
      (code) => this.#refusal(run, code));
  }

  /** Forgets what was said and heard; what is not delivered yet still will be. @returns {Promise<void>} when it is gone from storage */
  async clearHistory() {
    const run = await this.#runningSoon();
    this.#request('FORGET', {});
    await run.store.flush();
  }

  /** Messages that are not settled, those of earlier lives as well. */
  get outbox() {
    return Object.freeze([...this.#deliveries.values()]);
  }

  // ---- the identity ----

  /** The own keys as the text of a file, under a passphrase of its own. @param {string} passphrase @returns {Promise<string>} */
  async exportIdentity(passphrase) {
    const run = await this.#runningSoon();
    const seal = (key) => new Promise((resolve, reject) => {
      const ticket = this.#nextTicket();
      this.#exporting.set(ticket, resolve);
      run.driver.step('EXPORT', { ticket, bytes: key }, (code) => {
        if (code < 0) reject(this.#refusal(run, code));
      });
    });
    return writeIdentityFile(checkPassphrase(passphrase), this.#platform.crypto, this.#deriver(this.#config.wasm), seal);
  }

  /** Names of the identities kept in this browser. @returns {Promise<string[]>} */
  kept() {
    return keptNames(this.#platform);
  }

  /** Deletes a kept identity for good. @param {string} [name] @returns {Promise<void>} */
  forgetKept(name = '') {
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
      const config = {
        ...DEFAULTS, wasm, WebSocket, RTCPeerConnection, ...checkConfig(await defaults(), 'default config'), ...given,
      };
      const hands = { driver: null };
      const derive = this.#deriver(config.wasm);
      store = await makeStore(config.storage, {
        platform: this.#platform, derive,
        onDurable: (ticket) => hands.driver?.durable(ticket),
        onState: () => this.#statusChanged(),
      });
      const imported = config.identity && await readIdentityFile(config.identity.file, config.identity.passphrase, derive);
      const [module, records] = await Promise.all([loadModule(config.wasm), store.open()]);
      await this.#launch(module, { ...config, identity: null }, store, hands, records, imported);
      if (store.isStrict) await store.flush(); // who is told that this is kept can rely on it
    } catch (error) {
      await this.#stop();
      await store?.close();
      throw error;
    }
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
      onEffect: (fx) => this.#onEffect(fx),
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
    this.#request('START', {});
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
      await run.store.close();
    }
    for (const delivery of this.#orphans.values()) Delivery.end(delivery);
    this.#orphans.clear();
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
    for (const { reject } of this.#connecting.values()) reject(error);
    for (const delivery of [...this.#saying.values(), ...this.#deliveries.values()]) Delivery.end(delivery);
    this.#connecting.clear();
    this.#saying.clear();
    this.#deliveries.clear();
    this.#histories.forget();
    this.#setPressure(false);
    for (const addr of Object.keys(this.#users)) delete this.#users[addr];
    for (const addr of Object.keys(this.#peers)) delete this.#peers[addr];
    this.#address = '';
  }

  /** @param {any} wasm @returns {import('./seal_key.js').Derive} tells nktderiving around it */
  #deriver(wasm) {
    return async (params) => {
      this.#tell('nktderiving', { state: 'started' });
      try {
        return await deriveKey(await loadModule(wasm), params);
      } finally {
        this.#tell('nktderiving', { state: 'ended' });
      }
    };
  }

  /** An event outside of any step. @param {string} type @param {object} detail */
  #tell(type, detail) {
    this.#dispatcher.queueDetail(type, Object.freeze(detail));
    this.#dispatcher.flush();
  }

  /** @param {WebAssembly.Module} module @param {Record<string, any>} config @param {AnyStore} store */
  #makeCore(module, config, store) {
    const { nick, room, secret, relays, trackers, linkCountMax, history } = config;
    const options = { nick, relays, trackers, linkCountMax, history, persist: store.key !== null };
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

  /** @param {Run} run @param {number} code @returns {NktError} why a call had no success */
  #refusal(run, code) {
    return this.#run === null && this.#fault !== null ? this.#fault : run.core.error(code);
  }

  /** @param {string} text JSON @param {string|undefined} to @param {number} flags @returns {Promise<Delivery>} */
  async #say(text, to, flags) {
    const run = this.#running(); // a listener may have closed it
    const ticket = this.#nextTicket();
    const delivery = new Delivery();
    this.#saying.set(ticket, delivery);
    const fields = { ticket, address: to, bytes: text, flags };
    const code = await new Promise((resolve) => run.driver.step('SAY', fields, resolve));
    if (code < 0) {
      this.#saying.delete(ticket);
      throw this.#refusal(run, code);
    }
    if (this.#isPressed) await new Promise((resolve) => this.#pressed.push(() => resolve(undefined)));
    return delivery;
  }

  /** An effect for the application. Events are queued: listeners run when the core is at rest. @param {any} fx */
  #onEffect(fx) {
    switch (fx.kind) {
      case 'SELF':
        this.#address = fx.address ?? '';
        this.#nick = fx.text;
        return;
      case 'USER':
        this.#onUser(fx);
        return;
      case 'SESSION':
        this.#onSession(fx.address, fx.value);
        return;
      case 'LINK':
        this.#onLink(fx.address, fx.value === 1);
        return;
      case 'MESSAGE':
        this.#onMessage(fx);
        return;
      case 'SAID':
        this.#onSaid(fx.ticket, fx.id, fx.value);
        return;
      case 'DELIVERY':
        this.#onDelivery(fx);
        return;
      case 'PAST':
        this.#histories.past(fx, this.#address, (id) => this.#deliveries.get(id) ?? null);
        return;
      case 'EXPORTED':
        this.#exporting.get(fx.ticket)?.(fx.bytes);
        this.#exporting.delete(fx.ticket);
        return;
      case 'PRESSURE':
        this.#setPressure(fx.value === 1);
        return;
      case 'CONNECTED':
        this.#onConnected(fx.ticket, fx.value, fx.text);
        return;
      case 'FRAME':
        this.#onFrame(fx);
        return;
      case 'STATUS':
        this.#statusChanged();
    }
  }

  /** @param {any} fx */
  #onUser(fx) {
    const { address, flags } = fx;
    if (flags & USER_GONE) {
      delete this.#users[address];
      return;
    }
    this.#users[address] ??= new User(address, (wanted) => this.#request('SET_FLAGS', { address, value: wanted }));
    User.update(this.#users[address], { nick: fx.text, flags, value: fx.value, time: fx.time });
    if (flags & USER_NEW) this.#dispatcher.queueDetail('nktnewpeer', Object.freeze({ data: Object.freeze({ addr: address }) }));
  }

  /** @param {string} addr @param {number} state */
  #onSession(addr, state) {
    if (this.#users[addr]) User.setSession(this.#users[addr], state);
    this.#dispatcher.queueDetail('nktsession', Object.freeze({ addr, state: SESSION_STATES[state] ?? 'none' }));
  }

  /** @param {string} addr @param {boolean} isUp */
  #onLink(addr, isUp) {
    if (isUp) this.#peers[addr] = Object.freeze({ addr, since: this.#platform.clock.wall() });
    else delete this.#peers[addr];
    const type = isUp ? 'nktwebrtcseen' : 'nktwebrtcleft';
    this.#dispatcher.queue(type, () => new CustomEvent(type, { detail: addr }));
  }

  /** @param {any} fx */
  #onMessage(fx) {
    let detail;
    try {
      detail = JSON.parse(fx.bytesText);
    } catch {
      this.#run?.driver.step('DROPPED', { value: 'NKT_E_PAYLOAD' });
      return;
    }
    const encrypted = (fx.flags & SAY_CLEAR) === 0;
    const type = encrypted ? 'nktencryptedmessagereceived' : 'nktclearmessagereceived';
    const init = { detail, from: fx.address, id: fx.id, date: fx.time, encrypted };
    this.#dispatcher.queue(type, () => new NktMessageEvent(type, init));
  }

  /** @param {number} ticket @param {string} id @param {number} count */
  #onSaid(ticket, id, count) {
    if (ticket === 0) { // of an earlier life
      this.#deliveries.set(id, this.#orphans.get(id) ?? Delivery.resumed(id, count));
      this.#orphans.delete(id);
      return;
    }
    const delivery = this.#saying.get(ticket);
    this.#saying.delete(ticket);
    if (delivery && !Delivery.said(delivery, id, count)) this.#deliveries.set(id, delivery);
  }

  /** @param {any} fx */
  #onDelivery(fx) {
    const { id, address: addr, value } = fx;
    const delivery = this.#deliveries.get(id) ?? this.#saying.get(fx.ticket);
    if (delivery && Delivery.update(delivery, addr, value)) this.#deliveries.delete(id);
    if (!this.#dispatcher.isHeard('nktdelivery')) return;
    const state = DELIVERY_STATES[value] ?? 'failed';
    const reason = fx.text;
    this.#dispatcher.queueDetail('nktdelivery', Object.freeze(reason === '' ? { id, addr, state } : { id, addr, state, reason }));
  }

  /** @param {number} ticket @param {number} code @param {string} reason */
  #onConnected(ticket, code, reason) {
    if (this.#run === null) return; // stopping: #forget() answers what waits
    const waiting = this.#connecting.get(ticket);
    this.#connecting.delete(ticket);
    if (code === 0) waiting?.resolve();
    else waiting?.reject(this.#running().core.error(code, reason));
  }

  /** @param {any} fx */
  #onFrame(fx) {
    const { flags } = fx;
    const type = flags & FRAME_OUT ? 'nktoutgoingdata' : 'nktincomingdata';
    if (!this.#dispatcher.isHeard(type)) return;
    this.#dispatcher.queueDetail(type, frameDetail(fx));
  }

  /** @param {boolean} isPressed */
  #setPressure(isPressed) {
    this.#isPressed = isPressed;
    if (isPressed) return;
    const waiting = this.#pressed;
    this.#pressed = [];
    for (const resolve of waiting) resolve();
  }

  /** Tells nktstatus, at most once in STATUS_MS; the last change is never left out. */
  #statusChanged() {
    if (this.#statusTimer !== null || !this.#dispatcher.isHeard('nktstatus')) return;
    const { clock, timers } = this.#platform;
    const wait = Math.max(0, this.#statusAt + STATUS_MS - clock.now());
    this.#statusTimer = timers.setTimeout(() => {
      this.#statusTimer = null;
      this.#statusAt = clock.now();
      this.#dispatcher.queue('nktstatus', () => new CustomEvent('nktstatus', { detail: this.health() }));
      this.#dispatcher.flush();
    }, wait);
  }

  /** @param {Error} error @param {boolean} isFatal the core is gone */
  #onFault(error, isFatal) {
    this.#platform.log.error('nkt:', error);
    if (!isFatal) return;
    const run = this.#run;
    this.#run = null;
    const now = this.#platform.clock.wall();
    const trap = this.#traps.add(now, error.message);
    this.#fault = error instanceof NktError ? error : new NktError('NKT_E_TRAP', error.message, { cause: error });
    if (run !== null && run.store.key !== null && this.#traps.mayRestart(now)) {
      this.#orphans = this.#deliveries;
      this.#deliveries = new Map();
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
