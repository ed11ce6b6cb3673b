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
  const deliveries = [];
  let commits = 0;
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function begin(stores, mode, ...rest) {
    if (mode === 'readwrite') commits++;
    return transaction.call(this, stores, mode, ...rest);
  };

  window.addEventListener('nktencryptedmessagereceived', (event) => {
    received(clock());
    onMessage?.(event.detail, event.from);
  });
  window.addEventListener('nktwebrtcseen', () => linked(clock()));

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
    leave: () => nkt.close(),
  };
})();
