// SPDX-License-Identifier: GPL-3.0-or-later
// What is heard while it rings, here or there: made by the page, two tones each. Silent where the browser lets no page make a sound that
// nobody touched.

const TONES = { in: { hertz: [660, 880], everyMs: 2000, gain: 0.15 }, out: { hertz: [440, 440], everyMs: 3000, gain: 0.05 } };
const TONE_S = 0.18;

export class Bell {
  #kind = '';
  #timer = null;
  #context = null;

  /** @param {''|'in'|'out'} kind */
  ring(kind) {
    if (kind === this.#kind) return;
    this.#kind = kind;
    clearInterval(this.#timer);
    if (!kind) {
      this.#context?.close().catch(() => {});
      this.#context = null;
      return;
    }
    this.#sound(TONES[kind]);
    this.#timer = setInterval(() => this.#sound(TONES[kind]), TONES[kind].everyMs);
  }

  #sound({ hertz, gain }) {
    try {
      this.#context ??= new AudioContext();
      if (this.#context.state !== 'running' && navigator.userActivation?.hasBeenActive === false) return;
      hertz.forEach((frequency, i) => this.#tone(frequency, gain, this.#context.currentTime + 0.05 + i * TONE_S * 1.2));
    } catch {
      // no sound here
    }
  }

  #tone(frequency, gain, at) {
    const oscillator = new OscillatorNode(this.#context, { frequency });
    const volume = new GainNode(this.#context, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(gain, at + 0.02);
    volume.gain.linearRampToValueAtTime(0, at + TONE_S);
    oscillator.connect(volume).connect(this.#context.destination);
    oscillator.start(at);
    oscillator.stop(at + TONE_S);
  }
}
