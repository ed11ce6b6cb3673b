// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The public API: one peer. Turns calls into facts and effects into events; types.d.ts is its precise form.
 */
import { checkConfig } from './config.js';
import {
  FRAME_OUT, FRAME_WEBRTC, SAY_CALL, SAY_CLEAR, SESSION_STATES, DELIVERY_STATES, USER_GONE, USER_NEW, VERSION,
} from './constants.js';
import { Core, entropyOf, loadModule } from './core.js';
import { deferred } from './deferred.js';
import { Delivery } from './delivery.js';
import { Driver } from './driver.js';
import { NktError } from './errors.js';
import { Dispatcher, NktMessageEvent, NktSendingEvent } from './events.js';
import { toJson } from './json.js';
import { Invites } from './invites.js';
import { platformHere } from './platform.js';
import { Plugins } from './plugins.js';
import { Calls } from './rpc.js';
import { Peers } from './rtc.js';
import { Sockets } from './socket.js';
import { NoStore, TabStore } from './store.js';
import { Trust } from './trust.js';
import { User } from './user.js';

export { NktError };

/** What init() takes for keys that nobody gave. */
const DEFAULTS = Object.freeze({
  nick: '', room: 'nkt', secret: null, relays: [], trackers: [], iceServers: [], verbose: false, linkCountMax: 0,
});

/** At most four nktstatus events a second, in ms between two. */
const STATUS_MS = 250;

/** Traps remembered in health(). */
const TRAP_COUNT_MAX = 5;

/** @typedef {{core: Core, driver: Driver, rtc: Peers, store: NoStore|TabStore}} Run what exists between init() and close() */

export class Nkt extends EventTarget {
  #platform;
  #dispatcher;
  #plugins;
  #calls;
  #trust;

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
  /** By ticket. @type {Map<number, {resolve: () => void, reject: (error: NktError) => void}>} */
  #connecting = new Map();
  #invites = new Invites({
    nextTicket: () => this.#nextTicket(),
    error: (code, reason) => (reason ? this.#running().core.error(code, reason) : this.#refusal(this.#running(), code)),
  });
  #isPressed = false;
  /** @type {Array<() => void>} */
  #pressed = [];

  #statusTimer = null;
  #statusAt = -Infinity;
  /** @type {Array<{at: number, message: string}>} */
  #traps = [];
  /** What ended the last run, if a fault did. @type {NktError|null} */
  #fault = null;

  /** @param {Partial<import('./platform.js').Platform>} [platform] replaces parts of what is found here */
  constructor(platform = {}) {
    super();
    this.#platform = { ...platformHere(), ...platform };
    const { mirror, log, clock, timers, crypto, wasm } = this.#platform;
    loadModule(wasm).catch(() => {}); // begins now, so that init() finds it done, and tells of failure
    this.#dispatcher = new Dispatcher(this, mirror);
    this.#plugins = new Plugins(this, mirror ?? this, log, (detail) => {
      this.#dispatcher.queueDetail('nktpluginerror', Object.freeze(detail));
      this.#dispatcher.flush();
    });
    this.#calls = new Calls({ wire: this.#wire(), clock, timers, crypto });
    this.#trust = new Trust(this.#trustPorts());
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
    if (checked.storage === 'tab' && !this.#platform.hasTabs) {
      throw new NktError('NKT_E_STORAGE', "config.storage: 'tab' needs a browser; use 'none' here");
    }
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
      traps: [...this.#traps],
    };
  }

  // ---- messages ----

  /** @param {unknown} value @param {string} [to] @returns {Promise<Delivery>} */
  async sendEncryptedMessage(value, to) {
    const { core } = this.#running();
    if (to !== undefined && !core.isAddress(to)) throw core.error(core.errorCode('NKT_E_ADDRESS'));
    let text = toJson(value);
    if (this.#dispatcher.isHeard('nktsendingmessage')) {
      const isObject = typeof value === 'object' && value !== null;
      const holder = { value: isObject ? JSON.parse(text) : value }; // what listeners change is not the caller's
      const build = () => new NktSendingEvent(holder, to ?? null, true);
      if (!this.#dispatcher.dispatch('nktsendingmessage', build)) return new Delivery(true);
      if (isObject || holder.value !== value) text = toJson(holder.value);
    }
    return this.#say(text, to, 0);
  }

  /** @param {unknown} value @returns {Promise<Delivery>} */
  async sendClearMessage(value) {
    this.#running();
    return this.#say(toJson(value), undefined, SAY_CLEAR);
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
      /** @type {Driver} */
      let driver;
      store = this.#makeStore(config.storage, (ticket) => driver.durable(ticket));
      const [module, records] = await Promise.all([loadModule(config.wasm), store.open()]);
      const core = await this.#makeCore(module, config, store);
      const report = (kind, fields) => driver.step(kind, fields);
      const { timers, clock } = this.#platform;
      const rtc = new Peers({ RTCPeerConnection: config.RTCPeerConnection, iceServers: config.iceServers, timers, report });
      const sockets = new Sockets({ WebSocket: config.WebSocket, timers, report });
      driver = new Driver({
        core, clock, timers, sockets, rtc, store,
        onEffect: (fx) => this.#onEffect(fx),
        onDrained: () => this.#dispatcher.flush(),
        onFault: (error, isFatal) => this.#onFault(error, isFatal),
      });
      this.#run = { core, driver, rtc, store };
      this.#fault = null;
      this.#config = config;
      this.verbose = config.verbose;
      for (const [name, bytes] of records) driver.step('RESTORE', { text: name, bytes });
      this.#isStarting = true;
      this.#request('START', {});
      this.#isStarting = false;
    } catch (error) {
      await this.#stop();
      await store?.close();
      throw error;
    }
  }

  /** @param {{immediate?: boolean}} [options] everything but the store's end happens before the first await */
  async #stop(options) {
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
    this.#calls.reset(error);
    this.#connecting.clear();
    this.#invites.forget(error);
    this.#saying.clear();
    this.#deliveries.clear();
    this.#setPressure(false);
    for (const addr of Object.keys(this.#users)) delete this.#users[addr];
    for (const addr of Object.keys(this.#peers)) delete this.#peers[addr];
    this.#trust.reset();
    this.#address = '';
  }

  /** @param {'tab'|'none'|undefined} kind @param {(ticket: number) => void} onDurable */
  #makeStore(kind, onDurable) {
    const { hasTabs } = this.#platform;
    if (!hasTabs || kind === 'none') return new NoStore({ onDurable });
    return new TabStore({ platform: this.#platform, onDurable, onState: () => this.#statusChanged() });
  }

  /** @param {WebAssembly.Module} module @param {Record<string, any>} config @param {NoStore|TabStore} store */
  #makeCore(module, config, store) {
    const { nick, room, secret, relays, trackers, linkCountMax } = config;
    const options = { nick, relays, trackers, linkCountMax, persist: store.key !== null };
    if (room !== null) options.room = room;
    if (secret !== null) options.secret = secret;
    return Core.create({ module, options, storeKey: store.key, entropy: entropyOf(this.#platform.crypto) });
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

  /** @returns {import('./trust.js').Ports} */
  #trustPorts() {
    return {
      safetyNumber: (addr) => this.safetyNumber(addr),
      pin: (address, text, isSet) => this.#request('PIN', { address, text, value: Number(isSet) }),
      nickOf: (addr) => this.#users[addr]?.nick,
      changed: () => this.#statusChanged(),
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
      isMuted: (addr) => this.#users[addr]?.dontSendTo ?? false,
    };
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
      case 'PRESSURE':
        this.#setPressure(fx.value === 1);
        return;
      case 'CONNECTED':
        if (this.#run === null) return; // stopping: #forget() answers what waits
        if (!this.#invites.connected(fx)) this.#onConnected(fx.ticket, fx.value, fx.text);
        return;
      case 'INVITED':
        this.#invites.told(fx);
        return;
      case 'FRAME':
        this.#onFrame(fx);
        return;
      case 'STATUS':
        this.#statusChanged();
        return;
      case 'PIN':
        this.#trust.onPin(fx.address, fx.text, fx.value === 1);
    }
  }

  /** @param {any} fx */
  #onUser(fx) {
    const { address, flags } = fx;
    if (flags & USER_GONE) {
      delete this.#users[address];
      this.#trust.onGone(address);
      return;
    }
    const setFlags = (value) => this.#request('SET_FLAGS', { address, value });
    this.#users[address] ??= new User(address, setFlags, () => this.#trust.isVerified(address));
    User.update(this.#users[address], { nick: fx.text, flags, value: fx.value, time: fx.time });
    this.#trust.onUser(address, fx.text, this.#isStarting);
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

  /** @param {number} ticket @param {string} id @param {number} count */
  #onSaid(ticket, id, count) {
    const delivery = this.#saying.get(ticket);
    this.#saying.delete(ticket);
    if (delivery && !Delivery.said(delivery, id, count)) this.#deliveries.set(id, delivery);
  }

  /** @param {any} fx */
  #onDelivery(fx) {
    const { id, address: addr, value } = fx;
    const stateOfCall = this.#run === null ? '' : DELIVERY_STATES[value]; // stopping: #forget() answers what waits
    if (this.#calls.delivery(fx.ticket, stateOfCall, fx.text)) return;
    const delivery = this.#deliveries.get(id) ?? this.#saying.get(fx.ticket);
    if (delivery && Delivery.update(delivery, addr, value)) this.#deliveries.delete(id);
    if (!this.#dispatcher.isHeard('nktdelivery')) return;
    const state = DELIVERY_STATES[value] ?? 'failed';
    const reason = fx.text;
    this.#dispatcher.queueDetail('nktdelivery', Object.freeze(reason === '' ? { id, addr, state } : { id, addr, state, reason }));
  }

  /** @param {number} ticket @param {number} code @param {string} reason */
  #onConnected(ticket, code, reason) {
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
    const data = Object.freeze({
      msgType: fx.text,
      msgFrom: fx.address,
      msgTo: fx.peer,
      uid: fx.id,
      msgDate: fx.time,
      size: fx.value,
      fromChannel: flags & FRAME_WEBRTC ? 'webrtc' : 'relay',
    });
    this.#dispatcher.queueDetail(type, Object.freeze({ data }));
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
    this.#traps.push({ at: this.#platform.clock.wall(), message: error.message });
    if (this.#traps.length > TRAP_COUNT_MAX) this.#traps.shift();
    this.#fault = error instanceof NktError ? error : new NktError('NKT_E_TRAP', error.message, { cause: error });
    this.#forget(this.#fault);
    run?.store.close();
    this.#statusChanged();
  }

  #trace = (what, kind, detail) => {
    this.#platform.log.debug(`nkt ${what} ${kind}`, what === 'fact' ? detail : { link: detail.link, value: detail.value });
  };
}
