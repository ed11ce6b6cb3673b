// SPDX-License-Identifier: GPL-3.0-or-later
// The seam for running several relays as one. A relay tells its bus what its sockets say and which
// rooms and addresses it serves; a bus that connects relays hands what others said to
// relay.hearFromRoom and relay.hearForAddress. This one connects nothing.

export class LocalBus {
  /** What to say of it: 'none', 'connected', 'alone'. */
  state = 'none';

  /** @param {import('./relay.js').Relay} _relay where to deliver what comes from elsewhere */
  start(_relay) {}

  /** The first socket entered a room here, or the last one left it. */
  roomOpened(_room) {}
  roomClosed(_room) {}

  /** The first socket here took an address, or the last one gave it up. */
  addressTaken(_address) {}
  addressFreed(_address) {}

  /** @param {string} _room @param {Buffer} _message unframed */
  publishToRoom(_room, _message) {}

  /** @param {string} _address @param {Buffer} _message unframed */
  publishToAddress(_address, _message) {}

  /**
   * As publishToAddress, and asks whether somebody elsewhere has the address.
   * @param {string} _address @param {Buffer} _message unframed; an empty one only asks
   * @param {() => void} _onNobody called, later, when nobody has it
   * @returns {boolean} false: nobody can be asked
   */
  seek(_address, _message, _onNobody) {
    return false;
  }

  /** @returns {Record<string, number>} counters for the metrics */
  stats() {
    return {};
  }

  async stop() {}
}
