// SPDX-License-Identifier: GPL-3.0-or-later
// A network of a test's own: namespaces of Linux joined by a bridge, so that a browser in one of them can lose its network
// or change its address, or sit behind a router that translates addresses. Nothing in it reaches anything outside.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PREFIX = 'nkt-test-';
const PRIVATE = '10.77.0'; // addresses within the namespaces alone
const PUBLIC = '198.51.100'; // TEST-NET-2 (RFC 5737): addresses that no rule for private ones is about
const MASK = '/24';

/** @param {string[]} args */
function ip(...args) {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`ip ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

/** Those of tests that were killed. */
function sweep() {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  for (const line of (stdout ?? '').split('\n')) {
    const found = new RegExp(`^(${PREFIX}(\\d+)-\\S+)`).exec(line);
    if (!found) continue;
    try {
      process.kill(Number(found[2]), 0);
    } catch (error) {
      if (error.code === 'ESRCH') spawnSync('ip', ['netns', 'delete', found[1]]);
    }
  }
}

/**
 * What a router does with ports (RFC 4787). cone: a port of its host is the same port outside, for everybody, and whoever sends to it gets
 * in (endpoint-independent mapping and filtering); restricted: the same, for those whom the host sent to; symmetric: another port
 * for each destination, for that one alone.
 * @typedef {'cone'|'restricted'|'symmetric'} Nat
 */

export class Network {
  #id = `${PREFIX}${process.pid}-`;
  #folder = mkdtempSync(join(tmpdir(), 'nkt-network-'));
  #names = [];
  #addresses = new Map();
  #lastByte = 10;
  #subnet;
  /** Hosts behind a router of their own, by name: the router's. @type {Map<string, string>} */
  #routers = new Map();
  #onExit = () => this.close();

  /** Why there can be no such network here; false when there can. @returns {string | false} */
  static whyNot() {
    if (process.platform !== 'linux') return 'network namespaces are Linux only';
    if (process.getuid?.() !== 0) return 'network namespaces need root';
    const name = `${PREFIX}${process.pid}-try`;
    try {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'add', 'br0', 'type', 'bridge');
      return false;
    } catch (error) {
      return `no network namespaces here: ${error.message}`;
    } finally {
      spawnSync('ip', ['netns', 'delete', name]);
    }
  }

  /**
   * @param {string[]} names of hosts; 'hub' is there besides and is reached by all
   * @param {Record<string, Nat>} [behind] further ones, each behind a router of its own; the rest then has addresses that are not private
   */
  constructor(names, behind = {}) {
    sweep();
    this.#subnet = Object.keys(behind).length > 0 ? PUBLIC : PRIVATE;
    process.once('exit', this.#onExit);
    try {
      this.#add('hub');
      ip('-n', this.space('hub'), 'link', 'add', 'br0', 'type', 'bridge');
      ip('-n', this.space('hub'), 'addr', 'add', this.hub + MASK, 'dev', 'br0');
      ip('-n', this.space('hub'), 'link', 'set', 'br0', 'up');
      for (const name of names) this.#plug(name);
      for (const [i, [name, nat]] of Object.entries(behind).entries()) this.#plugBehind(name, `192.168.${i + 1}`, nat);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get hub() {
    return `${this.#subnet}.1`;
  }

  /** @param {string} name */
  space(name) {
    return this.#id + name;
  }

  /** What to put before a command that is to run there. @param {string} name */
  prefix(name) {
    return ['ip', 'netns', 'exec', this.space(name)];
  }

  /** An executable that runs another one there. @param {string} name @param {string} path */
  wrap(name, path) {
    const file = join(this.#folder, `${name}.sh`);
    writeFileSync(file, `#!/bin/sh\nexec ${this.prefix(name).join(' ')} ${path} "$@"\n`, { mode: 0o755 });
    return file;
  }

  #add(name) {
    ip('netns', 'add', this.space(name));
    this.#names.push(name);
    ip('-n', this.space(name), 'link', 'set', 'lo', 'up');
  }

  #plug(name) {
    this.#add(name);
    ip('link', 'add', 'eth0', 'netns', this.space(name), 'type', 'veth', 'peer', 'name', `to-${name}`, 'netns', this.space('hub'));
    ip('-n', this.space('hub'), 'link', 'set', `to-${name}`, 'up');
    // an address of IPv6 is ready a second or two later, and a browser takes that for a change of networks
    ip('-n', this.space(name), 'link', 'set', 'eth0', 'addrgenmode', 'none');
    ip('-n', this.space(name), 'link', 'set', 'eth0', 'up');
    this.mend(name);
    this.readdress(name);
  }

  /** @param {string} name @param {string} subnet its own @param {Nat} nat */
  #plugBehind(name, subnet, nat) {
    const router = `${name}-nat`;
    this.#plug(router);
    this.#routers.set(name, router);
    this.#add(name);
    ip('link', 'add', 'eth0', 'netns', this.space(name), 'type', 'veth', 'peer', 'name', 'lan', 'netns', this.space(router));
    for (const [space, device, address] of [[router, 'lan', `${subnet}.1`], [name, 'eth0', `${subnet}.2`]]) {
      ip('-n', this.space(space), 'link', 'set', device, 'addrgenmode', 'none');
      ip('-n', this.space(space), 'addr', 'add', address + MASK, 'dev', device);
      ip('-n', this.space(space), 'link', 'set', device, 'up');
    }
    ip('-n', this.space(name), 'route', 'add', 'default', 'via', `${subnet}.1`);
    const inRouter = (...args) => ip('netns', 'exec', this.space(router), ...args);
    inRouter('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    inRouter('nft', 'add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; }; '
      + `add rule ip nat out oifname eth0 masquerade ${nat === 'symmetric' ? 'fully-random' : ''}`);
    // as routers do: else who sends before he is sent to is remembered, and his port is taken when the host wants it
    inRouter('nft', 'add table ip guard; add chain ip guard in { type filter hook input priority 0; }; '
      + 'add rule ip guard in iifname eth0 drop');
    if (nat !== 'cone') return;
    inRouter('nft', 'add chain ip nat in { type nat hook prerouting priority -100; }; '
      + `add rule ip nat in iifname eth0 udp dport 1024-65535 dnat to ${subnet}.2`);
  }

  /** From now on nothing gets out of it or in; its interface does not notice, as with a radio that is out of reach. */
  cut(name) {
    ip('-n', this.space('hub'), 'link', 'set', `to-${this.#routers.get(name) ?? name}`, 'nomaster');
  }

  mend(name) {
    ip('-n', this.space('hub'), 'link', 'set', `to-${this.#routers.get(name) ?? name}`, 'master', 'br0');
  }

  /**
   * Its line from now on, up and down. Where the kernel cannot delay packets (sch_netem), only its rate; up to 50 ms of it wait in a queue.
   * @param {string} name @param {{mbit: number, delayMs: number}} line delayMs: from one host to another, half of it at each
   * @returns {boolean} whether there is a delay
   */
  shape(name, { mbit, delayMs }) {
    const ends = [['eth0', this.space(name)], [`to-${name}`, this.space('hub')]];
    const tc = (device, space, args) => spawnSync('tc', ['-n', space, 'qdisc', 'replace', 'dev', device, 'root', ...args]).status === 0;
    const set = (...args) => ends.every(([device, space]) => tc(device, space, args));
    if (set('netem', 'rate', `${mbit}mbit`, 'delay', `${delayMs / 2}ms`, 'limit', '1000')) return true;
    if (set('tbf', 'rate', `${mbit}mbit`, 'burst', '64kb', 'latency', '50ms')) return false;
    throw new Error('tc shapes no traffic here');
  }

  /** Bytes that it has sent. @param {string} name @returns {Promise<number>} */
  async sent(name) {
    const { stdout } = await run('ip', ['-n', this.space('hub'), '-s', '-j', 'link', 'show', 'dev', `to-${name}`]);
    return JSON.parse(stdout)[0].stats64.rx.bytes;
  }

  /** Gives it another address, as when a telephone changes networks; one behind a router: the router. */
  readdress(host) {
    const name = this.#routers.get(host) ?? host;
    const address = `${this.#subnet}.${++this.#lastByte}`;
    const old = this.#addresses.get(name);
    if (old) ip('-n', this.space(name), 'addr', 'delete', old + MASK, 'dev', 'eth0');
    ip('-n', this.space(name), 'addr', 'add', address + MASK, 'dev', 'eth0');
    // a browser without leave to use the camera takes the address of the default route for its own
    ip('-n', this.space(name), 'route', 'replace', 'default', 'via', this.hub);
    this.#addresses.set(name, address);
    return address;
  }

  /** To be called when all that runs there has ended. */
  close() {
    process.off('exit', this.#onExit);
    for (const name of this.#names.splice(0)) spawnSync('ip', ['netns', 'delete', this.space(name)]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
