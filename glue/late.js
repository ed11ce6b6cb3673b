// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Default settings that come after the start, or anew: servers that nobody chose are used from then on. None is given up.
 */
import { checkConfig } from './config.js';
import { URL_COUNT_MAX } from './constants.js';

const URLS = ['relays', 'trackers'];

/**
 * @typedef {object} Parts
 * @property {Record<string, any>} given what was asked for, and stays
 * @property {() => Record<string, any>|null} config in force, to be kept true; null: it does not run yet, or not any more
 * @property {(iceServers: any[]) => void} setIceServers
 * @property {(more: {relays: string[], trackers: string[]}) => void} addServers
 * @property {() => void} changed
 * @property {(error: unknown) => void} refused
 */

export class LateSettings {
  #parts;
  /** @type {Record<string, any>|null} */
  #waiting = null;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Handed out. @param {object} settings */
  take = (settings) => {
    try {
      this.#waiting = checkConfig(settings, 'default config');
    } catch (error) {
      this.#parts.refused(error);
    }
    this.use();
  };

  /** It runs now: what a server says that cannot be used costs that, and no start. */
  use() {
    try {
      this.#use();
    } catch (error) {
      this.#parts.refused(error);
    }
  }

  #use() {
    const { given, changed } = this.#parts;
    const config = this.#parts.config();
    const late = this.#waiting;
    if (late === null || config === null) return;
    this.#waiting = null;
    if (late.iceServers !== undefined && given.iceServers === undefined) {
      config.iceServers = late.iceServers;
      this.#parts.setIceServers(late.iceServers);
    }
    const more = Object.fromEntries(URLS.map((key) => {
      const fresh = given[key] === undefined ? (late[key] ?? []).filter((url) => !config[key].includes(url)) : [];
      return [key, fresh.slice(0, URL_COUNT_MAX - config[key].length)];
    }));
    if (URLS.some((key) => more[key].length > 0)) {
      this.#parts.addServers(/** @type {any} */ (more));
      for (const key of URLS) config[key] = [...config[key], ...more[key]];
    }
    changed();
  }
}
