// SPDX-License-Identifier: GPL-3.0-or-later
// Runs in an empty tab: a data channel with nothing around it, as the limit. The same members as page_nkt.js, as far as they are used.
window.bench = (() => {
  const clock = () => performance.timeOrigin + performance.now();
  const pc = new RTCPeerConnection();
  const channel = pc.createDataChannel('bare', { negotiated: true, id: 0, ordered: true });
  const connected = new Promise((done) => (channel.onopen = done));
  let onMessage;
  channel.onmessage = ({ data }) => onMessage?.(JSON.parse(data));

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
      channel.bufferedAmountLowThreshold = 64 << 10;
      await new Promise((done) => (channel.onbufferedamountlow = done));
    },
    settled: async () => {},
    on: (listener) => (onMessage = listener),
    direct: () => connected,
  };
})();
