// SPDX-License-Identifier: GPL-3.0-or-later
// What examples run among in Node: two peers of one room, over a real relay and WebRTC, that are as they were after each of them.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import wrtc from '@roamhq/wrtc';
import { WebSocket } from 'ws';
import { Nkt, NktError } from '../../../glue/nkt.js';
import * as ofNode from '../../../glue/node.js';
import { until } from '../../glue/support/until.mjs';
import { startServer } from '../servers.mjs';

const ROOM = 'tea';
const RELAY = 'wss://nkt.example/relay';
const PAGE = 'https://nkt.example';
const TRACKER = 'wss://tracker.example';
const FILE_SIZE = 300_000;
/** Less is no memory of a core, in bytes. */
const CORE_SIZE_MIN = 1 << 20;
const load = createRequire(import.meta.url);

export class Scene {
  #app;
  #tracker;
  #folder = mkdtempSync(join(tmpdir(), 'nkt-examples-'));
  #home = process.cwd();
  /** Those that the example at work made. @type {any[]} */
  #made = [];
  #Nkt;
  #nkt;
  #other;
  /** Of Ada's core. @type {any} */
  #memory;

  static async open() {
    const scene = new Scene();
    scene.#app = await startServer('app.js');
    scene.#tracker = await startServer('tracker.js');
    process.chdir(scene.#folder); // folders of examples are made there
    scene.#Nkt = scene.#traced();
    scene.#nkt = scene.#peer('Ada', { crypto: scene.#watchedCrypto() });
    scene.#other = scene.#peer('Bob');
    await scene.reset();
    return scene;
  }

  /** What examples are given: docs/api.md says what each is. */
  get names() {
    return {
      nkt: this.#nkt, other: this.#other, bob: this.#other.mySwarm.address(),
      file: new File([new Uint8Array(FILE_SIZE)], 'notes.txt', { type: 'text/plain' }),
    };
  }

  /** What those of docstrings have without importing it. */
  get classes() {
    return { Nkt: this.#Nkt, NktError };
  }

  /** What examples import. @param {string} name */
  load = (name) => {
    if (name === 'nkt') return this.classes;
    if (name !== 'nkt/node') return load(name);
    return {
      nodeConfig: async (options) => ({ ...await ofNode.nodeConfig(options), ...this.#platform() }),
      serverConfig: (url) => ofNode.serverConfig(this.#real(url)),
      followServer: (url) => ofNode.followServer(this.#real(url)),
    };
  };

  /** The shared peers as they are at the beginning of each example; those that it made are gone. */
  async reset() {
    const [ada, bob] = [this.#nkt, this.#other];
    for (const peer of [ada, bob]) peer.forget();
    await until(() => ada.outbox.length === 0 && bob.outbox.length === 0, 'all that was said is delivered'); // also to who leaves now
    await Promise.all(this.#made.splice(0).map((peer) => this.#leave(peer)));
    await Promise.all([ada, bob].map((peer) => peer.asBefore()));
    await Promise.all([[ada, bob], [bob, ada]].map(([one, two]) => until(() => {
      const addr = two.mySwarm.address();
      const { [addr]: user, ...others } = one.userList;
      return user?.session === 'established' && user.nick === two.nick && user.links > 0 && Object.keys(others).length === 0;
    }, `${one.nick} knows ${two.nick} alone`)));
    await this.#quiet(ada, bob);
    await this.#quiet(bob, ada);
  }

  /** Closes it so that both hear it say good-bye: of one whom he knows by hearsay alone Bob would hear nothing for two minutes. */
  async #leave(peer) {
    const { peers } = peer.mySwarm;
    const isGuest = peer.relays.length === 0 && this.#nkt.mySwarm.address() in peers;
    try {
      if (isGuest) await until(() => this.#other.mySwarm.address() in peers, `${peer.nick} is linked with both`);
    } finally {
      await peer.close();
    }
  }

  /** Nothing that one said is under way to the other. */
  async #quiet(one, two) {
    let isHeard = false;
    const heard = () => (isHeard = true);
    two.addEventListener('nktephemeral', heard); // the last of them: what is older is dropped
    await until(async () => isHeard || (await one.sendEphemeral('quiet', two.mySwarm.address()), isHeard), 'quiet');
    two.removeEventListener('nktephemeral', heard);
    await Promise.all(one.contents.map((content) => one.drop(content)));
    if ((await one.history()).length > 0) await one.clearHistory();
  }

  async close() {
    const peers = [...this.#made, this.#nkt, this.#other].flatMap((peer) => [peer, ...peer.rooms]); // with the rooms that they entered
    await Promise.all(peers.map((peer) => peer.close()));
    process.chdir(this.#home);
    await Promise.all([this.#app.stop(), this.#tracker.stop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Names of servers in examples, as those that run here. @param {string} url */
  #real(url) {
    return String(url).replace(RELAY, `${this.#app.wsUrl}/relay`).replace(PAGE, this.#app.url).replace(TRACKER, this.#tracker.wsUrl);
  }

  /** A fault of Ada's core, as memory that went bad: it stops, and another one goes on. */
  breakCore() {
    new Uint8Array(this.#memory).fill(0xff);
    this.#nkt.wake();
  }

  /** The platform's, which tells where the core's memory is: entropy is drawn into it. */
  #watchedCrypto() {
    const { crypto } = globalThis;
    return {
      subtle: crypto.subtle,
      randomUUID: () => crypto.randomUUID(),
      getRandomValues: (view) => {
        if (view.buffer.byteLength > CORE_SIZE_MIN) this.#memory = view.buffer;
        return crypto.getRandomValues(view);
      },
    };
  }

  #platform() {
    const real = (url) => this.#real(url);
    class Mapped extends WebSocket {
      constructor(url, ...rest) {
        super(real(url), ...rest);
      }
    }
    return { WebSocket: Mapped, RTCPeerConnection: wrtc.RTCPeerConnection };
  }

  #peer(nick, platform = {}) {
    const peer = new this.#Nkt(platform);
    this.#made = this.#made.filter((one) => one !== peer);
    peer.asBefore = async () => {
      const isSame = peer.health().running && peer.room === ROOM;
      if (!isSame) await peer.init({ nick, room: ROOM, relays: [RELAY], storage: { folder: join(this.#folder, `nkt-${nick}`) } });
      peer.nick = nick;
      await until(() => peer.nick === nick, 'the nick');
    };
    return peer;
  }

  /** Nkt with what Node has not, that knows what was hung on it. @returns {any} */
  #traced() {
    const made = (peer) => this.#made.push(peer);
    const platform = this.#platform();
    return class extends Nkt {
      #undo = [];

      constructor(parts) {
        super({ ...platform, ...parts });
        made(this);
      }

      addEventListener(type, listener, options) {
        super.addEventListener(type, listener, options);
        this.#undo.push(() => this.removeEventListener(type, listener, options));
      }

      register(name, fn) {
        const undo = super.register(name, fn);
        this.#undo.push(undo);
        return undo;
      }

      forget() {
        for (const undo of this.#undo.splice(0)) undo();
        for (const name of Object.keys(this.plugins)) this.unplug(name);
        for (const { addr } of this.ignored) this.unignore(addr);
        for (const user of Object.values(this.userList)) {
          user.dontSendTo = false;
          if (user.verified) this.verify(user.addr, null);
        }
        this.verbose = false;
      }
    };
  }
}
