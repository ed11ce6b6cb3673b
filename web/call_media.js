// SPDX-License-Identifier: GPL-3.0-or-later
// One's own microphone, camera and screen: asked for when they are wanted, let go when they are not, so that no lamp is on for nothing.

import { texts } from './texts.js';

/** A mesh sends it once to each: more would be too much for the line, and for the processor. */
const CAMERA = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24, max: 30 } };
const SCREEN = { video: { frameRate: { ideal: 10, max: 15 } }, audio: false };

/** Why there is none, in words. */
function reasonOf(error, kind) {
  if (error?.name === 'NotAllowedError' || error?.name === 'SecurityError') return texts.callDenied[kind];
  if (error?.name === 'NotFoundError' || error?.name === 'OverconstrainedError') return texts.callMissing[kind];
  return texts.callBroken(texts.callKind[kind], error?.message || String(error));
}

/** Why this page cannot call at all, or ''. */
export function whyNoCalls() {
  if (typeof RTCPeerConnection !== 'function') return texts.callNoWebRTC;
  if (!navigator.mediaDevices?.getUserMedia) return texts.callInsecure;
  return '';
}

export class CallMedia {
  #onTrack;
  #onChange;
  #onLost;
  #chosen = {}; // microphone, camera: ids of devices
  #wanted = 0; // raised when all is let go: what comes later is not wanted any more
  /** @type {{mic: MediaStreamTrack|null, camera: MediaStreamTrack|null, screen: MediaStreamTrack|null}} */
  tracks = { mic: null, camera: null, screen: null };

  /**
   * onTrack(kind, track): 'audio' or 'video' is another one; onChange(): something is on or off; onLost(asked): what was on is unplugged or
   * not allowed any more, and asked tells why there is no other, or ''.
   */
  constructor({ onTrack, onChange, onLost }) {
    this.#onTrack = onTrack;
    this.#onChange = onChange;
    this.#onLost = onLost;
  }

  get state() {
    const { mic, camera, screen } = this.tracks;
    return { mic: Boolean(mic?.enabled), camera: Boolean(camera) && !screen, screen: Boolean(screen) };
  }

  /** What goes out. */
  get sent() {
    return { audio: this.tracks.mic, video: this.tracks.screen ?? this.tracks.camera };
  }

  /** Muting keeps the microphone: it is there at once when it is wanted again. Why not, or ''. */
  async setMic(isOn) {
    const { mic } = this.tracks;
    if (mic) {
      mic.enabled = isOn;
      this.#onChange();
      return '';
    }
    return isOn ? this.#get('mic', () => navigator.mediaDevices.getUserMedia({ audio: this.#audio() })) : '';
  }

  async setCamera(isOn) {
    if (!isOn) return this.#drop('camera');
    if (this.tracks.screen) this.#drop('screen');
    return this.#get('camera', () => navigator.mediaDevices.getUserMedia({ video: this.#video() }));
  }

  async setScreen(isOn) {
    if (!isOn) return this.#drop('screen');
    if (!navigator.mediaDevices.getDisplayMedia) return texts.callMissing.screen;
    return this.#get('screen', () => navigator.mediaDevices.getDisplayMedia(SCREEN));
  }

  /** Another microphone or camera, at once where it is on. Why not, or ''. @param {'mic'|'camera'} kind */
  async choose(kind, deviceId) {
    this.#chosen[kind] = deviceId;
    if (!this.tracks[kind]) return '';
    return kind === 'mic' ? this.#get('mic', () => navigator.mediaDevices.getUserMedia({ audio: this.#audio() }))
      : this.#get('camera', () => navigator.mediaDevices.getUserMedia({ video: this.#video() }));
  }

  chosen = (kind) => this.tracks[kind]?.getSettings().deviceId ?? this.#chosen[kind] ?? '';

  /** [{kind, id, label}]: those with names, which browsers tell to whom one of them was given. */
  async devices() {
    const all = await navigator.mediaDevices.enumerateDevices();
    return all.filter(({ deviceId }) => deviceId).map(({ kind, deviceId, label }) => ({ kind, id: deviceId, label }));
  }

  /** The call is over. */
  letGo() {
    this.#wanted++;
    for (const kind of Object.keys(this.tracks)) this.#drop(kind);
  }

  #audio = () => ({ echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...this.#device('mic') });

  #video = () => ({ ...CAMERA, ...this.#device('camera') });

  #device = (kind) => (this.#chosen[kind] ? { deviceId: { exact: this.#chosen[kind] } } : {});

  async #get(kind, ask) {
    const wanted = this.#wanted;
    let track;
    try {
      [track] = (await ask()).getTracks();
    } catch (error) {
      if (wanted !== this.#wanted) return '';
      if (error?.name !== 'OverconstrainedError' || !this.#chosen[kind]) return reasonOf(error, kind);
      delete this.#chosen[kind]; // unplugged: any other one is better than none
      return this.#get(kind, ask);
    }
    if (wanted !== this.#wanted) {
      track.stop();
      return '';
    }
    track.enabled = this.tracks[kind]?.enabled ?? true; // whoever is muted stays so with another microphone
    this.tracks[kind]?.stop();
    this.tracks[kind] = track;
    track.onended = () => { if (this.tracks[kind] === track) this.#lose(kind); };
    if (kind === 'screen') track.contentHint = 'detail';
    this.#changed(kind);
    return '';
  }

  /**
   * Unplugged, not allowed any more, or ended in the browser's own bar. Whoever speaks goes on with another microphone, as with a telephone
   * whose headset is gone; another camera may show what nobody is to see.
   */
  #lose(kind) {
    const wasHeard = kind === 'mic' && this.tracks.mic.enabled;
    this.#drop(kind);
    if (wasHeard) this.#onLost(this.setMic(true));
    else if (kind === 'camera') this.#onLost(Promise.resolve(texts.callCameraGone));
  }

  #drop(kind) {
    const track = this.tracks[kind];
    if (!track) return '';
    this.tracks[kind] = null;
    track.stop();
    this.#changed(kind);
    return '';
  }

  #changed(kind) {
    if (kind === 'mic') this.#onTrack('audio', this.tracks.mic);
    else this.#onTrack('video', this.sent.video);
    this.#onChange();
  }
}
