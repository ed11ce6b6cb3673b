// SPDX-License-Identifier: GPL-3.0-or-later
// Runs in a tab that has window.trystero. The same members as page_nkt.js, so that a measurement is written once.
window.bench = (() => {
  const clock = () => performance.timeOrigin + performance.now();
  let room, action, peer, onMessage;
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
    leave: () => room?.leave(),
  };
})();
