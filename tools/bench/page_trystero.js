// SPDX-License-Identifier: GPL-3.0-or-later
// Runs in a tab that has window.trystero. The same members as page_nkt.js, so that a measurement is written once.
window.bench = (() => {
  const clock = () => performance.timeOrigin + performance.now();
  let room, action, file, peer, onMessage, got, state;
  let joined;
  const connected = new Promise((done) => (joined = done));

  return {
    clock,
    connected,
    load: () => true,
    /** Joins; resolves with the time of the call. `connected` resolves with the time a peer was there. */
    join({ room: name, ...config }) {
      const from = clock();
      room = window.trystero.joinRoom(config, name);
      action = room.makeAction('m');
      action.onMessage = (value, context) => onMessage?.(value, context.peerId);
      file = room.makeAction('f');
      file.onMessage = (value) => (got = { value, at: clock() });
      file.onReceiveProgress = (progress) => (state = progress);
      room.onPeerJoin = (id) => {
        peer ??= id;
        joined(clock());
      };
      return from;
    },
    /** The first encrypted message cannot come before this; trystero itself encrypts nothing. */
    firstMessage: () => connected,
    /** Resolves when the next message may be sent. */
    send: (value, to = peer) => action.send(value, { target: to }),
    /** Resolves when all that was sent is known to have arrived; the receiver's count tells here. */
    settled: async () => {},
    on: (listener) => (onMessage = listener),
    direct: () => connected,
    /** Those it is connected with. */
    count: () => Object.keys(room.getPeers()).length,
    /** Sends a file to everybody. */
    async give(blob) {
      const from = clock();
      file.send(blob);
      return { from, said: from };
    },
    take() {},
    /** A share of all. */
    share: () => state ?? 0,
    async taken() {
      while (!got) await new Promise((done) => setTimeout(done, 20));
      return got.at;
    },
    bytes: () => got.value.slice().buffer,
    leave: () => room?.leave(),
  };
})();
