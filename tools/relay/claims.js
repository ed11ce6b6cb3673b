// SPDX-License-Identifier: GPL-3.0-or-later
// Who may hold an address. It is the owner's who proves it (proof.js): those who only claim it get copies of ciphertext
// that they cannot read, until he comes, and then nothing. Of many sockets of one address from one IP address those give
// way that do not answer, and never one that lives.

/** A socket that is to wait: for its own proof, or for the end of another. @typedef {{key: string | null, address: string}} Claim */

export class Claims {
  /** Sockets that wait, by the address they claim; and the end of the probe that is under way, if one is.
   *  @type {Map<string, {waiting: Set<Client>, timer: NodeJS.Timeout | null}>} */
  #contests = new Map();
  #limits;
  #relay;

  /**
   * @param {typeof import('./limits.js').limits} limits
   * @param {{holdersOf: (address: string) => Iterable<Client>, enter: (client: Client, claim: Claim) => void,
   *   refuse: (client: Client) => void, end: (client: Client) => void, ask: (client: Client) => void}} relay
   *   end: of one that does not live; ask: for a sign of life
   */
  constructor(limits, relay) {
    this.#limits = limits;
    this.#relay = relay;
  }

  /** Lets a socket in, now or later. @param {Client} client @param {Claim} claim */
  admit(client, claim) {
    if (this.#hasPlace(client, claim.address)) {
      this.#relay.enter(client, claim);
      return;
    }
    client.claim = claim;
    let contest = this.#contests.get(claim.address);
    if (contest === undefined) {
      contest = { waiting: new Set(), timer: null };
      this.#contests.set(claim.address, contest);
    }
    contest.waiting.add(client);
    this.#probe(claim.address, contest);
  }

  /** A socket has proved its address. @param {Client} client */
  proved(client) {
    client.isProven = true;
    const { claim } = client;
    if (claim !== null) {
      this.forget(client);
      this.admit(client, claim);
    }
    if (client.address === null) return;
    for (const other of [...this.#relay.holdersOf(client.address)]) if (!other.isProven) this.#relay.refuse(other);
  }

  /** A place has become free. @param {string} address */
  left(address) {
    const contest = this.#contests.get(address);
    if (contest === undefined) return;
    for (const client of [...contest.waiting]) {
      if (!this.#hasPlace(client, address)) continue;
      const { claim } = client;
      this.forget(client);
      this.#relay.enter(client, claim);
    }
  }

  /** It waits no longer. @param {Client} client */
  forget(client) {
    if (client.claim === null) return;
    const contest = this.#contests.get(client.claim.address);
    contest?.waiting.delete(client);
    if (contest?.waiting.size === 0) {
      clearTimeout(contest.timer);
      this.#contests.delete(client.claim.address);
    }
    client.claim = null;
  }

  stop() {
    for (const { timer } of this.#contests.values()) clearTimeout(timer);
    this.#contests.clear();
  }

  /** Makes one where an owner must not be kept out. @param {Client} client @param {string} address */
  #hasPlace(client, address) {
    for (;;) {
      const holders = [...this.#relay.holdersOf(address)];
      if (!client.isProven && holders.some((other) => other.isProven)) return false;
      const own = holders.filter((other) => other.visitor === client.visitor);
      if (own.length < this.#limits.addressSocketCountMax) return true;
      const weak = client.isProven ? own.find((other) => !other.isProven) : undefined;
      if (weak === undefined) return false;
      this.#relay.refuse(weak); // its place may go to another that waits: look again
    }
  }

  /** Asks those who hold the address from the same IP address whether they live. Who waited from the beginning and has no
   *  place at the end comes back another time. */
  #probe(address, contest) {
    if (contest.timer !== null) return;
    const isHeld = [...this.#relay.holdersOf(address)].some(({ isProven }) => isProven);
    const waited = [...contest.waiting].filter(({ isProven }) => isProven || !isHeld); // the others have to prove it first
    if (waited.length === 0) return;
    const visitors = new Set(waited.map(({ visitor }) => visitor));
    const asked = [...this.#relay.holdersOf(address)].filter(({ visitor }) => visitors.has(visitor));
    for (const holder of asked) {
      holder.isAsked = true;
      this.#relay.ask(holder);
    }
    const end = () => {
      contest.timer = null;
      for (const holder of asked) if (holder.isAsked && holder.address === address) this.#relay.end(holder);
      for (const client of waited) if (contest.waiting.has(client)) this.#relay.refuse(client);
      if (contest.waiting.size > 0) this.#probe(address, contest);
    };
    contest.timer = setTimeout(end, this.#limits.probeTimeoutMs);
    contest.timer.unref();
  }
}

/** @typedef {import('./client.js').Client} Client */
