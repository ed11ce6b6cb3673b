// SPDX-License-Identifier: GPL-3.0-or-later
// Runs in a tab that has window.nkt, not logged in. The same members as page_trystero.js.
window.bench = (() => {
  const clock = () => performance.timeOrigin + performance.now();
  const { nkt } = window;
  console.log = () => {}; // the page, not logged in, logs each message, and the debugger would carry every one
  let peer, onMessage, joined, received, linked;
  const connected = new Promise((done) => (joined = done));
  const first = new Promise((done) => (received = done));
  const link = new Promise((done) => (linked = done));
  const links = new Set();
  const deliveries = [];
  let commits = 0;
  let got, state;
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function begin(stores, mode, ...rest) {
    if (mode === 'readwrite') commits++;
    return transaction.call(this, stores, mode, ...rest);
  };

  window.addEventListener('nktencryptedmessagereceived', (event) => {
    received(clock());
    onMessage?.(event.detail, event.from);
  });
  window.addEventListener('nktwebrtcseen', ({ detail }) => {
    links.add(detail);
    linked(clock());
  });

  return {
    clock,
    connected,
    deliveries,
    /** Transactions so far. */
    commits: () => commits,
    sessions: () => Object.values(nkt.userList).filter((user) => user.session === 'established').length,
    /** The modules are loaded and compiled; whether an identity exists before init() is the program's choice. */
    load: () => Promise.race([nkt.ready, new Promise((done) => setTimeout(done, 300))]).then(() => true),
    /** Joins; `greet`: sends one encrypted message to the first user that becomes known, at once. */
    join({ greet, ...config }) {
      window.addEventListener('nktnewpeer', (event) => {
        if (peer !== undefined) return;
        peer = event.detail.data.addr;
        joined(clock());
        if (greet) nkt.sendEncryptedMessage({ hello: config.nick }, peer);
      });
      const from = clock();
      nkt.init(config);
      return from;
    },
    firstMessage: () => first,
    send: async (value, to = peer) => void deliveries.push(await nkt.sendEncryptedMessage(value, to)),
    settled: () => Promise.all(deliveries.splice(0).map((delivery) => delivery.settled)),
    on: (listener) => (onMessage = listener),
    /** An authenticated WebRTC link is up. */
    direct: () => link,
    /** Linked with so many others, and in a session with each. */
    async meets(others) {
      const sessions = () => Object.values(nkt.userList).filter((user) => user.session === 'established').length;
      while (links.size < others || sessions() < others) await new Promise((done) => setTimeout(done, 50));
    },
    /** Pieces that came, all verified, and those that nobody waited for any more. */
    bad: () => nkt.health().dropped.NKT_E_PIECE_BAD ?? 0,
    pieces() {
      const { piecesGot = 0, piecesTwice = 0 } = nkt.health().counters;
      return piecesGot + piecesTwice;
    },
    /** Shares a file with everybody. Resolves when it is said what there is to fetch; nobody can begin before. */
    async give(file) {
      const from = clock();
      await nkt.share(file);
      return { from, said: clock() };
    },
    /** Fetches what is shared next. `loaded` tells how much of it is here, `taken` resolves when all of it is, verified and stored. */
    take() {
      window.addEventListener('nktcontent', async ({ detail }) => {
        got = nkt.fetch(detail, { onProgress: (progress) => (state = progress) });
      }, { once: true });
    },
    loaded: () => state?.loaded ?? 0,
    async taken() {
      while (!got) await new Promise((done) => window.addEventListener('nktcontent', () => setTimeout(done), { once: true }));
      await (await got).complete;
      return clock();
    },
    /** After a reload: what is fetched goes on by itself; how much of it is here. */
    async again() {
      while (nkt.contents.length === 0) await new Promise((done) => setTimeout(done, 20));
      got = nkt.fetch(nkt.contents[0], { onProgress: (progress) => (state = progress) });
      await got;
      while (nkt.contents[0].loaded === 0) await new Promise((done) => setTimeout(done, 10));
      return nkt.contents[0].loaded;
    },
    bytes: async () => (await got).arrayBuffer(),
    leave: () => nkt.close(),
  };
})();
