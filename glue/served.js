// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What a server says in config.json: relays, trackers, STUN and TURN servers. A start waits for it only a moment; what comes
 * later is passed on when it comes. What expires (TURN's passwords that hold for an hour) is asked for again in time.
 */

import { checkConfig } from './config.js';
import { URL_COUNT_MAX } from './constants.js';
import { URL_PATH } from './url_path.js';

/** init() waits no longer than this for the first answer, in ms. */
const WAIT_MS = 500;

/** An answer that is younger than this, in ms, is good for another start. */
const FRESH_MS = 5000;

/** A service worker's last word of a server that does not answer: good for the moment. */
const KEPT_HEADER = 'x-nkt-kept';

/** One request may take so long, in ms; one that failed is tried again after so long, doubled up to the last. */
const REQUEST_MS = 30_000;
const RETRY_MS = 5000;
const RETRY_MS_MAX = 300_000;

/** What expires is asked for again after this share of its time, and never more often than this, in ms. */
const RENEW_SHARE = 0.8;
const RENEW_MS_MIN = 10_000;
const RENEW_MS_MAX = 86_400_000; // setTimeout knows no more than 24 days

/** @param {unknown} ttl in seconds, as a number or its digits; what else is written there says nothing @returns {number} ms, or NaN */
function lifeMs(ttl) {
  return typeof ttl === 'number' || (typeof ttl === 'string' && ttl !== '') ? Number(ttl) * 1000 : NaN;
}

/** @typedef {{relays: string[], trackers: string[], iceServers: any[]}} Settings */

export class Served {
  /** @type {Promise<Settings|null>|null} the request under way */
  #asking = null;
  /** @type {Settings|null} the last answer */
  #settings = null;
  /** Told of each answer that comes later. @type {((settings: Settings) => void)|null} */
  #follower = null;
  #timer = null;
  #failures = 0;
  #answeredAt = -Infinity;
  #parts;

  /**
   * @param {object} parts
   * @param {string} parts.url of config.json
   * @param {(url: string, options: object) => Promise<Response>} parts.fetch
   * @param {{setTimeout: Function, clearTimeout: Function}} parts.timers
   * @param {() => number} parts.wallNow Unix time, ms
   * @param {(words: string, what: unknown) => void} parts.warn
   * @param {() => Partial<Settings>} [parts.fallback] for what the server does not say
   */
  constructor(parts) {
    this.#parts = { fallback: () => ({}), ...parts };
    this.#ask();
  }

  /**
   * What is known in a moment at the latest. Asks anew, unless that was just done.
   * @param {(settings: Settings) => void} onLater called with each later answer; replaces whom was given before
   * @returns {Promise<Settings>}
   */
  async get(onLater) {
    const { timers } = this.#parts;
    this.#follower = null;
    const { wallNow } = this.#parts;
    const isFresh = this.#settings !== null && Math.abs(wallNow() - this.#answeredAt) < FRESH_MS;
    if (this.#asking === null && !isFresh) this.#ask();
    const asking = this.#asking ?? Promise.resolve(this.#settings);
    let timer;
    const late = new Promise((resolve) => {
      timer = timers.setTimeout(resolve, WAIT_MS, null);
    });
    const inTime = await Promise.race([asking, late]);
    timers.clearTimeout(timer);
    this.#follower = onLater;
    // it may have come while nobody followed
    return inTime ?? this.#settings ?? this.#read({});
  }

  #ask() {
    const asking = this.#request();
    this.#asking = asking;
    asking.then((settings) => {
      if (this.#asking === asking) this.#asking = null;
      if (settings !== null) {
        this.#answeredAt = this.#parts.wallNow();
        this.#settings = settings;
        this.#follower?.(settings);
      }
    });
  }

  /** @returns {Promise<Settings|null>} null: no answer */
  async #request() {
    const { url, fetch } = this.#parts;
    try {
      const response = await fetch(url, { cache: 'no-cache', signal: AbortSignal.timeout(REQUEST_MS) });
      const said = response.ok ? await response.json() : null;
      if (said === null || typeof said !== 'object') {
        this.#again(this.#backOff());
        return response.status === 404 ? this.#read({}) : null; // a server without one has nothing to say
      }
      if (response.headers.get(KEPT_HEADER) !== null) {
        this.#again(this.#backOff());
      } else {
        this.#failures = 0;
        this.#again(this.#renewalMs(said));
      }
      return this.#read(said);
    } catch {
      this.#again(this.#backOff());
      return null;
    }
  }

  #backOff() {
    this.#failures += 1;
    return Math.min(RETRY_MS * 2 ** (this.#failures - 1), RETRY_MS_MAX);
  }

  /** @param {number} ms Infinity: not by itself */
  #again(ms) {
    const { timers } = this.#parts;
    timers.clearTimeout(this.#timer);
    this.#timer = null;
    if (ms === Infinity) return;
    const timer = timers.setTimeout(() => {
      this.#timer = null;
      if (this.#asking === null) this.#ask();
    }, ms);
    timer.unref?.();
    this.#timer = timer;
  }

  /** In how many ms what a server said is no longer good. @param {any} said @returns {number} Infinity: it says nothing of it */
  #renewalMs(said) {
    const lives = [lifeMs(said.ttl)];
    const named = [];
    for (const entry of Array.isArray(said.iceServers) ? said.iceServers : []) {
      // the REST form of TURN's passwords (draft-uberti-behave-turn-rest): the name begins with the Unix time of its end, in seconds
      const until = /^(\d{9,11})(:|$)/.exec(typeof entry?.username === 'string' ? entry.username : '');
      if (until) named.push(Number(until[1]) * 1000 - this.#parts.wallNow());
      lives.push(lifeMs(entry?.ttl));
    }
    const told = lives.filter(Number.isFinite);
    const life = Math.min(...(told.length > 0 ? told : named)); // a name is compared with the clock here, which may be hours off
    return life === Infinity ? Infinity : Math.min(Math.max(life * RENEW_SHARE, RENEW_MS_MIN), RENEW_MS_MAX);
  }

  /** @param {any} said @returns {Settings} */
  #read({ relays, trackers, iceServers }) {
    const { fallback } = this.#parts;
    const otherwise = fallback();
    return {
      relays: this.#urls(relays) ?? otherwise.relays ?? [],
      trackers: this.#urls(trackers) ?? otherwise.trackers ?? [],
      iceServers: Array.isArray(iceServers) ? iceServers : otherwise.iceServers ?? [],
    };
  }

  /** A bad entry costs that entry. @param {unknown} list @returns {string[]|null} */
  #urls(list) {
    const { url, warn } = this.#parts;
    return Array.isArray(list) ? webSocketUrls(list, url, (entry) => warn('nkt: config.json: not a ws:// or wss:// URL:', entry)) : null;
  }
}

/**
 * What init() takes of a list in config.json: it would refuse all for one bad entry, or for one too many.
 * @param {unknown[]} list @param {string} base @param {(entry: unknown) => void} [refused] @returns {string[]}
 */
export function webSocketUrls(list, base, refused = () => {}) {
  const urls = list.flatMap((entry) => {
    try {
      return checkConfig({ relays: [webSocketUrl(entry, base)] }).relays;
    } catch {
      refused(entry);
      return [];
    }
  });
  return [...new Set(urls)].slice(0, URL_COUNT_MAX);
}

/**
 * @param {unknown} entry a ws: or wss: URL, or a path as seen from `base`
 * @param {string} base http: or https:
 * @returns {string|null} ws: or wss:
 */
export function webSocketUrl(entry, base) {
  if (typeof entry !== 'string') return null;
  if (URL.canParse(entry)) return /^wss?:$/.test(new URL(entry).protocol) ? entry : null;
  if (!URL_PATH.test(entry) || !URL.canParse(entry, base)) return null;
  const url = new URL(entry, base);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return /^wss?:$/.test(url.protocol) ? url.href : null;
}
