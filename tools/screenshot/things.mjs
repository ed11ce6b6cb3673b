// SPDX-License-Identifier: GPL-3.0-or-later
// What people have in the pictures: a photograph, a song, a camera, a pen.

/** In a page: hills in the evening, as a JPEG. @returns {Promise<number[]>} its bytes */
export async function hills() {
  const canvas = new OffscreenCanvas(1200, 700);
  const pen = canvas.getContext('2d');
  const sky = pen.createLinearGradient(0, 0, 0, 520);
  for (const [at, color] of [[0, '#27406b'], [0.55, '#d98a63'], [1, '#f6d9a0']]) sky.addColorStop(at, color);
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 1200, 700);
  pen.fillStyle = '#fff2cf';
  pen.beginPath();
  pen.arc(860, 400, 46, 0, 2 * Math.PI);
  pen.fill();
  for (const [height, wave, color] of [[400, 170, '#5d6a8c'], [470, 230, '#3b4a68'], [560, 130, '#1f2b41']]) {
    pen.fillStyle = color;
    pen.beginPath();
    pen.moveTo(0, 700);
    for (let x = 0; x <= 1200; x += 8) pen.lineTo(x, height - 60 * Math.sin(x / wave + height) - 18 * Math.sin(x / 41));
    pen.lineTo(1200, 700);
    pen.fill();
  }
  return [...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })).arrayBuffer())];
}

/** In a page: a note that fades, as a WAV file. @param {{seconds: number, rate: number}} sound */
export async function shareSong({ seconds, rate }) {
  const bytes = new Uint8Array(44 + seconds * rate * 2);
  const head = new DataView(bytes.buffer);
  const write = (at, text) => [...text].forEach((char, i) => head.setUint8(at + i, char.charCodeAt(0)));
  write(0, 'RIFF'); head.setUint32(4, bytes.length - 8, true); write(8, 'WAVEfmt '); head.setUint32(16, 16, true);
  head.setUint16(20, 1, true); head.setUint16(22, 1, true); head.setUint32(24, rate, true); head.setUint32(28, rate * 2, true);
  head.setUint16(32, 2, true); head.setUint16(34, 16, true); write(36, 'data'); head.setUint32(40, bytes.length - 44, true);
  const samples = new Int16Array(bytes.buffer, 44);
  for (let i = 0; i < samples.length; i++) samples[i] = 6000 * Math.sin(i / 3) * Math.exp(-(i % rate) / rate * 4);
  await nkt.share(new Blob([bytes], { type: 'audio/wav' }), { name: 'the bell.wav' });
}

/** Before a page's scripts: its camera sees the evening come, its microphone hears a tone, hardly. */
export function lendCamera() {
  navigator.mediaDevices.getUserMedia = async ({ video }) => {
    const sound = new AudioContext();
    const to = sound.createMediaStreamDestination();
    const tone = sound.createOscillator();
    tone.connect(new GainNode(sound, { gain: 0.001 })).connect(to);
    tone.start();
    if (!video) return to.stream;
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 640, height: 480 });
    const pen = canvas.getContext('2d');
    let at = 0;
    setInterval(() => {
      const sky = pen.createLinearGradient(0, 0, 0, 400);
      for (const [place, color] of [[0, '#27406b'], [0.6, '#d98a63'], [1, '#f6d9a0']]) sky.addColorStop(place, color);
      pen.fillStyle = sky;
      pen.fillRect(0, 0, 640, 480);
      for (const [height, wave, color] of [[260, 90, '#5d6a8c'], [320, 130, '#3b4a68'], [390, 70, '#1f2b41']]) {
        pen.fillStyle = color;
        pen.beginPath();
        pen.moveTo(0, 480);
        for (let x = 0; x <= 640; x += 8) pen.lineTo(x, height - 40 * Math.sin((x + at) / wave + height));
        pen.lineTo(640, 480);
        pen.fill();
      }
      at++;
    }, 100);
    return canvas.captureStream(10);
  };
}

/** With a pen whose button is down, through points of the board. */
export async function draw(tab, points) {
  await tab.page.bringToFront();
  const board = tab.page.locator('.whiteboard');
  await board.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await board.boundingBox();
  for (const [i, [left, top]] of points.entries()) {
    await tab.page.mouse.move(x + left * width / 400, y + top * height / 300, { steps: 6 });
    if (i === 0) await tab.page.mouse.down();
  }
  await tab.page.mouse.up();
}
