// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The third data channel of a link, for what may be lost (docs/protocol.md, 11.5): no order, nothing sent again. Both sides agree on it
 * instead of announcing it, so neither knows whether the other has one: it is asked, and used once it is known.
 */

const CHANNEL = Object.freeze({ negotiated: true, id: 2, ordered: false, maxRetransmits: 0 });

/** The first byte of all that goes over it: NKT_FRAME_EPHEMERAL. */
const FRAME = 0x2c;

const QUESTION = Uint8Array.of(FRAME, 1);
const ANSWER = Uint8Array.of(FRAME, 0);

/** With more in the queue than this, in bytes, what is new would be late: 10 ms at 50 Mbit/s, and what contents may have there. */
const QUEUE_SIZE_MAX = 64 << 10;

export class LossyChannel {
  /** @type {RTCDataChannel|null} */
  #channel = null;
  /** The other side has one. */
  #isShared = false;

  /** @param {any} pc @param {(bytes: Uint8Array) => void} onFrame */
  constructor(pc, onFrame) {
    /** @type {RTCDataChannel} */
    let channel;
    try {
      channel = pc.createDataChannel('nkt lossy', CHANNEL);
    } catch {
      return; // the other channel takes it all
    }
    this.#channel = channel;
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => this.#transmit(QUESTION);
    channel.onerror = channel.onclose = () => this.forget();
    channel.onmessage = ({ data }) => {
      if (typeof data === 'string') return;
      const bytes = new Uint8Array(data);
      if (bytes[0] !== FRAME) return;
      this.#isShared = true;
      if (bytes.length > QUESTION.length) onFrame(bytes);
      else if (bytes[1] === QUESTION[1]) this.#transmit(ANSWER);
    };
  }

  /** @param {Uint8Array} bytes @returns {boolean} false: it is to go another way */
  send(bytes) {
    if (this.#channel?.readyState !== 'open') return false;
    if (!this.#isShared) {
      this.#transmit(QUESTION); // the one before may have been lost
      return false;
    }
    if (!this.isLate(this.#channel)) this.#transmit(bytes);
    return true;
  }

  /** Whether what is sent there now would leave too late. @param {{bufferedAmount: number}} channel */
  isLate(channel) {
    return channel.bufferedAmount > QUEUE_SIZE_MAX;
  }

  forget() {
    const channel = this.#channel;
    this.#channel = null;
    if (channel) channel.onopen = channel.onmessage = channel.onclose = channel.onerror = null;
  }

  /** @param {Uint8Array} bytes */
  #transmit(bytes) {
    if (this.#channel?.readyState !== 'open') return;
    try {
      this.#channel.send(/** @type {any} */ (bytes));
    } catch {
      // it may be lost
    }
  }
}
