// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Starting, stopping, and starting again after a fault: one run at a time, and each init() and close() after the one before it.
 */
import { checkConfig, checkSockets, DEFAULTS, readConfig } from './config.js';
import { loadModule } from './core_module.js';
import { deferred } from './deferred.js';
import { closedMeanwhile, NktError } from './errors.js';
import { Family } from './family.js';
import { loadLookalikes } from './fold.js';
import { LateSettings } from './late.js';
import { makeRun } from './run.js';
import { checkStorage, restore } from './stores.js';
import { Traps } from './traps.js';

/** @typedef {import('./run.js').Run} Run */
/**
 * Who is told.
 * @typedef {object} Ears
 * @property {(fx: any) => void} onEffect an effect for the application
 * @property {() => void} onDrained the core is at rest: listeners may be called
 * @property {(config: Record<string, any>) => void} onLaunched there is a core; what was stored is told to it next
 * @property {(error: NktError, willGoOn: boolean) => void} onEnded nothing that waited for the run gets an answer from it;
 *   willGoOn: another one is to take up what was stored
 * @property {(detail: {at: number, message: string, ms: number}) => void} onRestarted it has
 * @property {() => Promise<void>|null} onStopping before it stops in good order: what must come to an end first; null: nothing
 * @property {(run: Run) => void} onStarted the core is at work, and what was stored is with it
 * @property {() => Promise<void>} onClosed before its storage is let go of
 * @property {() => void} onSettled it has, or will not
 * @property {() => void} onChanged health is other now
 */

export class Life {
  #platform;
  #current;
  #keeping;
  #ears;

  /** What resume() begins with: what init() was called with last, unless that failed. null: nothing. @type {Record<string, any>|null} */
  #given = null;
  /** What init() was called with when it succeeded last. @type {Record<string, any>|null} */
  #worked = null;
  /** How often it was closed at once. */
  #cutCount = 0;
  /** How often the page went away. */
  #goneCount = 0;
  /** In force. @type {Record<string, any>} */
  #config = DEFAULTS;
  #late = /** @type {LateSettings|null} */ (null);
  #ready = deferred();
  /** Calls of init() that are not through. */
  #startCount = 0;
  /** START is at work. */
  #isStarting = false;
  /** The last init() or close(): one after the other. @type {Promise<unknown>} */
  #last = Promise.resolve();
  #traps = new Traps();
  /** It is to stop, when something has come to an end. */
  #isEnding = false;
  /** After a trap, until the peer runs again or has given up. @type {Run|null} */
  #restarting = null;
  /** Who is in other rooms as the same person. @type {Family} */
  #family;
  #member;

  /**
   * @param {object} parts
   * @param {import('./platform.js').Platform} parts.platform @param {import('./current.js').Current} parts.current
   * @param {import('./keeping.js').Keeping} parts.keeping @param {Ears} parts.ears
   * @param {Family} parts.family @param {import('./family.js').Member} parts.member
   */
  constructor({ platform, current, keeping, ears, family, member }) {
    this.#family = family;
    this.#member = member;
    this.#platform = platform;
    this.#current = current;
    this.#keeping = keeping;
    this.#ears = ears;
  }

  /** Resolves when the core runs and the identity is there; before init() it waits for that call. */
  get ready() {
    return this.#ready.promise;
  }

  get config() {
    return this.#config;
  }

  /** Those who are told of were known before. */
  get isStarting() {
    return this.#isStarting;
  }

  /** An init() is not through. */
  get isBegun() {
    return this.#startCount > 0;
  }

  get isRestarting() {
    return this.#restarting !== null;
  }

  /** It runs, and nobody has told it to stop. */
  get isStaying() {
    return this.#current.run !== null && !this.#isEnding;
  }

  get traps() {
    return this.#traps.list;
  }

  get family() {
    return this.#family;
  }

  /** What resume() begins with. */
  get given() {
    return this.#given;
  }

  /** @param {object} [config] see types.d.ts @returns {Promise<void>} */
  async init(config) {
    const checked = checkConfig(config);
    checkStorage(checked.storage, this.#platform, checked.keeper);
    if (this.#ready.isSettled) this.#ready = deferred();
    const ready = this.#ready;
    this.#given = checked; // a copy: what becomes of the caller's is his
    const cutCount = this.#cutCount;
    const goneCount = this.#goneCount;
    this.#startCount++;
    const started = this.#last.then(() => this.#start(checked, () => goneCount === this.#goneCount));
    this.#last = started.catch(() => {});
    try {
      await started;
      this.#worked = checked;
      if (this.#startCount > 1) return; // it is up to the last of them
      this.#worked = this.#given; // with what was remembered meanwhile
      ready.resolve();
    } catch (error) {
      if (this.#startCount === 1 && goneCount === this.#goneCount) { // else it is begun anew when the page is back
        ready.reject(error);
        if (cutCount === this.#cutCount) this.#given = this.#worked; // else nothing was wrong with it
      }
      throw error;
    } finally {
      this.#startCount--;
    }
  }

  /** init() with what it was called with when it succeeded last. @param {object} [changes] @returns {Promise<void>} */
  async resume(changes) {
    if (this.#given === null) throw new NktError('NKT_E_STATE', 'resume: no init() has succeeded yet, call that');
    const changed = readConfig(changes, 'resume');
    checkConfig(changed, 'resume');
    return this.init({ ...this.#given, ...changed });
  }

  /** What the next resume() starts with. @param {object} changes */
  remember(changes) {
    this.#given = { ...this.#given, ...changes };
    this.#worked &&= { ...this.#worked, ...changes };
  }

  /** @param {{immediate?: boolean}} [options] immediate: the page is going away @returns {Promise<void>} */
  close(options) {
    if (options?.immediate) this.#cutCount++;
    const now = this.isBegun && !options?.immediate ? Promise.resolve() : this.#stop(options);
    const waits = [now];
    if (this.isBegun) waits.push(this.#last.then(() => this.#stop())); // a sister may be on her way by then
    else if (!options?.immediate) waits.push(/** @type {any} */ (this.#last)); // an earlier close() may not be through
    const closed = Promise.all(waits).then(() => {});
    this.#last = this.#last.then(() => closed).catch(() => {});
    return closed;
  }

  /** The page goes away. What is under way comes to nothing: one that is frozen must hold neither locks nor databases. */
  leave() {
    this.#goneCount++;
    const isOnItsWay = this.#current.run === null;
    this.close({ immediate: true });
    if (isOnItsWay) this.#family.leave(this.#member, { immediate: true }); // it may have a place already
  }

  /** The run at work, after a restart that is under way. @returns {Promise<Run>} */
  async soon() {
    if (this.#restarting !== null) await this.#last;
    return this.#current.running();
  }

  /** The same, after every init() and resume() that is under way. @returns {Promise<Run>} */
  async through() {
    while (this.isBegun) await this.#last;
    return this.soon();
  }

  /** @param {Record<string, any>} given @param {() => boolean} isWanted the page has not gone away since */
  async #start(given, isWanted) {
    const platform = this.#platform;
    let entering = null;
    const { room = DEFAULTS.room, secret = DEFAULTS.secret } = given;
    this.#family.check(this.#member, { room, secret });
    const { late, config, derive, imported, loading } = await this.#prepare(given); // what is bad is told before anything is stopped
    try {
      await this.#stop();
      this.#late = late;
      /** @type {import('./run.js').Hands} */
      const hands = { driver: null };
      const isOther = this.#family.isElsewhere(config.storage, platform, Boolean(imported));
      if (isOther) this.#family = new Family(); // somebody else from now on; who is left stays
      entering = this.#family.enter(this.#member, config, { platform, derive, hands, isWanted, onState: this.#ears.onChanged });
      const [module, place] = await Promise.all([loading, entering, loadLookalikes()]);
      const identity = imported ?? await this.#family.identityFor(this.#member, place, platform.crypto);
      await this.#launch(module, { ...config, identity: null }, place, hands, identity, isWanted);
      late.use();
      await place.store.settle(); // who is told that this is kept can rely on it
      if (!isWanted()) throw closedMeanwhile();
    } catch (error) {
      await this.#stop();
      await entering?.then(() => this.#family.leave(this.#member), () => {});
      throw error;
    }
  }

  /** What a start wants beside storage. What runs is left as it is. @param {Record<string, any>} given */
  async #prepare(given) {
    const { defaults, wasm, WebSocket, RTCPeerConnection } = this.#platform;
    let late = this.#lateSettings(given);
    try {
      const served = await defaults((settings) => late.take(settings));
      /** @type {Record<string, any>} */
      const config = { ...DEFAULTS, wasm, WebSocket, RTCPeerConnection, ...checkConfig(served, 'default config'), ...given };
      checkSockets(config, given);
      const derive = this.#keeping.deriver(config.wasm);
      const loading = loadModule(config.wasm);
      if (this.#current.run === null) loading.catch(() => {}); // while storage is opened
      else await loading;
      const imported = config.identity && await this.#keeping.import(config.identity, derive);
      return { late, config, derive, imported, loading };
    } catch (error) {
      late = this.#late ?? late; // who runs goes on to be told what servers say
      throw error;
    }
  }

  /** @param {Record<string, any>} given @returns {LateSettings} of this start; those of earlier ones do nothing any more */
  #lateSettings(given) {
    const late = new LateSettings({
      given,
      config: () => (this.#late === late && this.#current.run !== null ? this.#config : null),
      setIceServers: (iceServers) => this.#current.run?.rtc.setIceServers(iceServers),
      addServers: (more) => this.#current.request('SERVERS', { text: JSON.stringify(more) }),
      changed: this.#ears.onChanged,
      refused: (error) => this.#platform.log.error('nkt: settings that came later are not used:', error),
    });
    return late;
  }

  /**
   * Makes a core of these records and starts it.
   * @param {WebAssembly.Module} module @param {Record<string, any>} config
   * @param {{store: import('./run.js').AnyStore, records: Array<[string, Uint8Array]>, seeds?: Array<[string, Uint8Array]>}} place
   * @param {import('./run.js').Hands} hands @param {Uint8Array|null} [imported] an identity from elsewhere
   * @param {() => boolean} [isWanted] once it could begin
   */
  async #launch(module, config, { store, records, seeds }, hands, imported = null, isWanted = () => true) {
    const { onEffect, onDrained, onLaunched } = this.#ears;
    const onFault = (error, isFatal) => this.#onFault(error, isFatal);
    const { shelf } = this.#family;
    const run = await makeRun({ platform: this.#platform, module, config, store, hands, shelf, onEffect, onDrained, onFault });
    if (!isWanted()) return;
    this.#current.begin(run);
    this.#config = config;
    onLaunched(config);
    restore(run, records, store.isStrict, seeds);
    if (imported !== null) this.#current.request('IMPORT', { bytes: imported });
    this.#isStarting = true;
    this.#current.request('START', {});
    this.#isStarting = false;
    this.#family.began(this.#member, run.core.roomId());
    this.#ears.onStarted(run);
  }

  /** The core trapped: another one goes on with what is stored. @param {Run} run @param {{at: number, message: string}} trap */
  async #restart(run, trap) {
    const { clock, log } = this.#platform;
    const since = clock.now();
    const store = /** @type {import('./store.js').Store} */ (run.store); // there is one, or nothing to go on with
    try {
      const [module, records] = await Promise.all([loadModule(this.#config.wasm), store.reopen()]);
      const isWanted = () => this.#restarting === run; // else it was closed meanwhile
      if (isWanted()) await this.#launch(module, this.#config, { store, records }, run.hands, null, isWanted);
      if (!isWanted()) return;
      this.#ears.onRestarted({ ...trap, ms: clock.now() - since });
    } catch (error) {
      log.error('nkt: cannot start again:', error);
      if (this.#current.run?.store === run.store) await this.#stop();
      else await this.#family.leave(this.#member, { after: this.#abandon(run) });
    }
    this.#ears.onSettled();
    if (this.#restarting === run) this.#restarting = null;
    this.#ears.onChanged();
  }

  /** After a trap no other core goes on, as all were told. @param {Run} run @param {{immediate?: boolean}} [options] as #stop() */
  async #abandon({ core }, options) {
    const { onEnded, onSettled, onClosed } = this.#ears;
    onEnded(core.error(core.errorCode('NKT_E_STOPPED')), false);
    onSettled();
    if (!options?.immediate) await onClosed();
  }

  /**
   * Everything but the store's end happens before the first await, unless something must come to an end first. Who enters the same room
   * after this call finds it free. @param {{immediate?: boolean}} [options]
   */
  async #stop(options) {
    const ended = this.#end(options);
    if (ended === null) return;
    if (options?.immediate) await ended;
    await this.#family.leave(this.#member, { ...options, after: ended });
  }

  /** @param {{immediate?: boolean, isReady?: boolean}} [options] isReady: what must come first has @returns {Promise<void>|null} */
  #end(options) {
    const restarting = this.#restarting;
    this.#restarting = null;
    if (this.#current.run === null) return restarting && this.#abandon(restarting, options);
    const stopping = options?.immediate || options?.isReady ? null : this.#ears.onStopping();
    return stopping === null ? this.#endRun(this.#current.run, options) : this.#settle(stopping, options);
  }

  /** @param {Promise<void>} stopping @param {object} [options] */
  async #settle(stopping, options) {
    this.#isEnding = true;
    await stopping;
    this.#isEnding = false;
    await this.#end({ ...options, isReady: true }); // somebody else may have stopped it meanwhile
  }

  /** @param {Run} run @param {{immediate?: boolean}} [options] */
  async #endRun(run, options) {
    this.#current.end(); // listeners called on the way find it closed
    const stopped = run.driver.stop(options);
    this.#ears.onEnded(run.core.error(run.core.errorCode('NKT_E_STOPPED')), false);
    this.#ears.onChanged();
    this.#ears.onDrained();
    await stopped;
    if (!options?.immediate) await this.#ears.onClosed();
  }

  /** @param {Error} error @param {boolean} isFatal the core is gone */
  #onFault(error, isFatal) {
    const { clock, log } = this.#platform;
    log.error('nkt:', error);
    if (!isFatal) return;
    const { run } = this.#current;
    const now = clock.now();
    const trap = this.#traps.add(clock.wall(), error.message, now);
    const fault = error instanceof NktError ? error : new NktError('NKT_E_TRAP', error.message, { cause: error });
    this.#current.end(fault);
    const willGoOn = run !== null && run.store.key !== null && this.#traps.mayRestart(now);
    if (willGoOn) {
      this.#restarting = run;
      this.#last = this.#last.then(() => this.#restart(run, trap));
    }
    this.#ears.onEnded(fault, willGoOn);
    if (this.#restarting === null) this.#family.leave(this.#member).then(this.#ears.onChanged, () => {}); // behind others' leaving
    this.#ears.onChanged();
  }
}
