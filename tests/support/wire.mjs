// SPDX-License-Identifier: GPL-3.0-or-later
// A witness at the wire of a page: of every session message that reaches it, the ratchet key and the counter in clear.

/**
 * Runs in the page, before its scripts. `window.wire` then holds: uses, a Map from ratchet key and counter to the
 * ciphertext under them; twice, those that came with another ciphertext; last, the newest such frame, whose ciphertext is
 * at lastAt; see(frame).
 */
export function watchWire() {
  /** Fields of a protobuf message by their number; of what is repeated the first. @param {Uint8Array} bytes */
  function fields(bytes) {
    const found = new Map();
    let at = 0;
    const varint = () => {
      let value = 0;
      for (let scale = 1; at < bytes.length; scale *= 128) {
        const byte = bytes[at++];
        value += (byte % 128) * scale;
        if (byte < 128) break;
      }
      return value;
    };
    const take = (size) => bytes.subarray(at, at += size);
    while (at < bytes.length) {
      const tag = varint();
      let value;
      if (tag % 8 === 0) value = varint();
      else if (tag % 8 === 1) value = take(8);
      else if (tag % 8 === 2) value = take(varint());
      else break; // the sum after libsignal's message
      if (!found.has(tag >>> 3)) found.set(tag >>> 3, value);
    }
    return found;
  }
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const wire = { uses: new Map(), twice: [], last: new Uint8Array(), lastAt: 0 };
  window.wire = wire;

  /** @param {Uint8Array} frame an envelope or a direct frame, maybe behind a relay's header */
  wire.see = (frame) => {
    if (frame[0] === 2) frame = frame.subarray(1);
    else if (frame[0] === 3) frame = frame.subarray(21);
    if (frame[0] !== 0x21 && frame[0] !== 0x2a) return;
    const body = fields(frame.subarray(frame[0] === 0x21 ? 66 : 1));
    if (body.get(4) !== 6) return; // session
    const ciphertext = fields(body.get(7));
    let message = ciphertext.get(2);
    if (ciphertext.get(1) === 3) message = fields(message.subarray(1)).get(4); // of a prekey message
    const signal = fields(message.subarray(1));
    const name = `${hex(signal.get(1))} ${signal.get(2)}`;
    const text = hex(signal.get(4));
    if (wire.uses.has(name) && wire.uses.get(name) !== text) wire.twice.push(name);
    wire.uses.set(name, text);
    wire.last = frame.slice();
    wire.lastAt = signal.get(4).byteOffset - frame.byteOffset;
  };

  const seen = new WeakSet();
  const { get } = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data');
  Object.defineProperty(MessageEvent.prototype, 'data', {
    configurable: true,
    get() {
      const data = get.call(this);
      if (data instanceof ArrayBuffer && data.byteLength > 66 && !seen.has(this)) {
        seen.add(this);
        wire.see(new Uint8Array(data));
      }
      return data;
    },
  });
}
