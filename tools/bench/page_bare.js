// SPDX-License-Identifier: GPL-3.0-or-later
// Runs in an empty tab: a data channel with nothing around it, as the limit. The same members as page_nkt.js, as far as they are used.
window.bench = (() => {
  const clock = () => performance.timeOrigin + performance.now();
  const pc = new RTCPeerConnection();
  const channel = pc.createDataChannel('bare', { negotiated: true, id: 0, ordered: true });
  const connected = new Promise((done) => (channel.onopen = done));
  let onMessage, all, from;
  let size = 0;
  channel.binaryType = 'arraybuffer';
  const parts = [];
  channel.onmessage = ({ data }) => {
    if (typeof data === 'string') return void onMessage?.(JSON.parse(data));
    parts.push(data);
    size += data.byteLength;
    if (size === all) from = clock();
  };

  channel.bufferedAmountLowThreshold = 256 << 10;
  /** Resolves when more may be sent. */
  const drained = () => new Promise((done) => channel.addEventListener('bufferedamountlow', done, { once: true }));

  /** With its candidates. */
  const described = async (description) => {
    const gathered = new Promise((done) => (pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done()));
    await pc.setLocalDescription(description);
    await gathered;
    return pc.localDescription.toJSON();
  };

  return {
    clock,
    connected,
    load: () => true,
    offer: async () => described(await pc.createOffer()),
    async answer(offer) {
      await pc.setRemoteDescription(offer);
      return described(await pc.createAnswer());
    },
    accept: (answer) => pc.setRemoteDescription(answer),
    /** Resolves when the next message may be sent. */
    async send(value) {
      channel.send(JSON.stringify(value));
      if (channel.bufferedAmount < 1 << 20) return;
      await drained();
    },
    settled: async () => {},
    on: (listener) => (onMessage = listener),
    direct: () => connected,
    /** Sends a file, in parts of the size that goes through quickest. */
    async give(file) {
      const began = clock();
      const STEP = 1 << 20;
      const PART = 64 << 10;
      for (let at = 0; at < file.size; at += STEP) {
        const bytes = await file.slice(at, at + STEP).arrayBuffer();
        for (let i = 0; i < bytes.byteLength; i += PART) channel.send(new Uint8Array(bytes, i, Math.min(PART, bytes.byteLength - i)));
        if (channel.bufferedAmount > 1 << 20) await drained();
      }
      return { from: began, said: began };
    },
    take: (count) => (all = count),
    loaded: () => size,
    async taken() {
      while (!from) await new Promise((done) => setTimeout(done, 20));
      return from;
    },
    bytes: () => new Blob(parts).arrayBuffer(),
  };
})();
