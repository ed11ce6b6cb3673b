// SPDX-License-Identifier: GPL-3.0-or-later
// Calls as they are seen: who rings, above everything; the call, above the messages, so that one can write meanwhile. Nothing takes the
// focus by itself: whoever writes while it rings answers nobody with the next key.

import { $, el, setLabel, setText } from './dom.js';
import { callIcon } from './call_icons.js';
import { hueOf, inLine, initial, nameInLine, nameOf, ownAddress, short } from './names.js';
import { texts } from './texts.js';

const CONTROLS = ['mic', 'camera', 'screen', 'devices', 'large', 'hangup'];

/** A person, or oneself. */
class Tile {
  constructor(addr, isOwn) {
    this.addr = addr;
    this.isOwn = isOwn;
    this.video = el('video', { autoplay: true, playsInline: true, muted: isOwn });
    this.avatar = el('span', { className: 'avatar', data: { hue: hueOf(addr) }, 'aria-hidden': 'true' });
    this.name = el('b', { dir: 'auto' });
    this.words = el('span', { className: 'call-words' });
    this.muted = callIcon('mic');
    this.muted.dataset.off = '1';
    const caption = el('span', { className: 'call-name' }, this.muted, this.name, el('code', { textContent: short(addr) }), this.words);
    this.node = el('li', { className: 'call-tile', data: { address: addr, own: isOwn } }, this.video, this.avatar, caption);
  }

  /** @param {{stream: MediaStream|null, state: object, words: string, phase: string}} what */
  paint({ stream, state, words, phase }) {
    const name = this.isOwn ? texts.own : nameOf(this.addr);
    setText(this.name, name);
    setText(this.avatar, initial(nameOf(this.addr)));
    const shown = [words, phase === 'on' && !state.mic && texts.callMuted, state.screen && texts.callShares];
    setText(this.words, shown.filter(Boolean).join(' · '));
    this.muted.toggleAttribute('hidden', state.mic || phase !== 'on');
    Object.assign(this.node.dataset, { phase, mic: state.mic, video: state.camera || state.screen, screen: state.screen });
    if (this.video.srcObject === stream) return;
    this.video.srcObject = stream;
    this.video.play?.().catch(() => {}); // no picture yet, or nobody touched the page: the browser says so
  }

  forget() {
    this.video.srcObject = null;
    this.node.remove();
  }
}

export class CallView {
  #act;
  #tiles = new Map(); // address -> Tile
  #panel = null;
  #own = null; // what of oneself is shown
  #since = 0;
  #clock = null;

  /** act: what buttons do: mic, camera, screen, hangup, choose(kind, id), devices(), answer(id, isSeen), decline(id), ignore(id, addr). */
  constructor(act) {
    this.#act = act;
  }

  // ---- who rings ----

  paintRings(rings) {
    for (const node of document.querySelectorAll('.ring')) if (!rings.has(node.dataset.call)) this.#takeOut(node);
    for (const ring of rings.values()) if (!document.querySelector(`.ring[data-call="${ring.id}"]`)) $('app').prepend(this.#ring(ring));
  }

  #ring({ id, from, video, members }) {
    const others = members.filter((addr) => addr !== from && addr !== ownAddress()).map(inLine);
    const button = (text, className, act) => el('button', { type: 'button', className, textContent: text, onclick: act });
    return el('section', { className: 'ring', 'aria-label': texts.callRing, data: { call: id, address: from } },
      el('span', { className: 'avatar', data: { hue: hueOf(from) }, textContent: initial(nameOf(from)), 'aria-hidden': 'true' }),
      el('p', { role: 'alert', textContent: texts.callRings(nameInLine(from), short(from), others, video) }),
      el('p', { className: 'small', textContent: texts.callRingHelp }),
      el('div', { className: 'ring-acts' },
        button(texts.callAnswer, 'primary ring-answer', () => this.#act.answer(id, false)),
        button(texts.callAnswerSeen, 'ring-seen', () => this.#act.answer(id, true)),
        button(texts.callDecline, 'ring-decline', () => this.#act.decline(id)),
        button(texts.callIgnore, 'quiet ring-ignore', () => this.#act.ignore(id, from))));
  }

  // ---- the call ----

  /**
   * @param {null|{members: Map<string, any>, invited: Map<string, any>, since: number}} call
   * @param {{state: {mic: boolean, camera: boolean, screen: boolean}, sent: {video: MediaStreamTrack|null}}} media
   * @param {string} trouble what is wrong with one's own devices
   */
  paint(call, media, trouble) {
    if (!call) return this.#end();
    if (!this.#panel) this.#begin();
    this.#since = call.since;
    this.#paintTiles(call, media);
    const reached = [...call.members.values()].filter(({ peer }) => peer.state === 'on');
    const broken = [...call.members.values()].filter(({ peer }) => peer.state === 'broken');
    setText(this.#panel.status, this.#words(call, reached, broken));
    setText(this.#panel.trouble, trouble);
    for (const kind of ['mic', 'camera', 'screen']) this.#paintControl(kind, media.state[kind]);
    return undefined;
  }

  /** Who speaks: address -> whether. */
  paintSpeaking(speaking) {
    for (const [addr, tile] of this.#tiles) tile.node.dataset.speaking = Boolean(speaking.get(addr));
  }

  /** Sound comes out there. */
  setSpeaker(id) {
    for (const { video } of this.#tiles.values()) video.setSinkId?.(id).catch(() => {});
  }

  #words({ members, invited }, reached, broken) {
    if (broken.length) return texts.callBrokenPath(broken.map(({ addr }) => inLine(addr)));
    if (reached.length) return texts.callWith(reached.map(({ addr }) => inLine(addr)));
    if (members.size) return texts.callConnecting([...members.keys()].map(inLine));
    return texts.callRinging([...invited.keys()].map(inLine));
  }

  #paintTiles({ members, invited }, media) {
    const { video } = media.sent;
    if (this.#own?.getTracks()[0] !== (video ?? undefined)) this.#own = video ? new MediaStream([video]) : null;
    const wanted = new Map([...[...members.values()].map(({ addr, peer, state }) => [addr, {
      stream: peer.stream, state, phase: peer.state, words: peer.state === 'on' ? '' : texts.callPhase[peer.state] ?? '',
    }]), ...[...invited.keys()].map((addr) => [addr, { stream: null, state: {}, phase: 'ringing', words: texts.callPhase.ringing }]),
    [ownAddress(), { stream: this.#own, state: media.state, phase: 'on', words: '' }]]);
    for (const [addr, tile] of this.#tiles) {
      if (wanted.has(addr)) continue;
      tile.forget();
      this.#tiles.delete(addr);
    }
    for (const [addr, what] of wanted) {
      let tile = this.#tiles.get(addr);
      if (!tile) {
        tile = new Tile(addr, addr === ownAddress());
        this.#tiles.set(addr, tile);
      }
      if (tile.isOwn || !tile.node.isConnected) this.#panel.tiles.append(tile.node); // oneself last
      tile.paint(what);
    }
    this.#panel.node.dataset.count = wanted.size;
  }

  #begin() {
    const status = el('p', { className: 'call-status', role: 'status' });
    const clock = el('time', { className: 'small call-clock' });
    const trouble = el('p', { className: 'error', role: 'alert' });
    const tiles = el('ul', { className: 'call-tiles', 'aria-label': texts.callPeople });
    const choices = el('div', { className: 'call-devices', id: 'call-devices', hidden: true });
    const controls = Object.fromEntries(CONTROLS.map((name) => [name, el('button', {
      type: 'button', className: 'call-control', data: { act: name }, onclick: () => this.#press(name),
    }, callIcon(name))]));
    for (const [name, node] of Object.entries(controls)) setLabel(node, texts.callControls[name]);
    for (const name of ['devices', 'large']) controls[name].setAttribute('aria-expanded', 'false');
    controls.devices.setAttribute('aria-controls', 'call-devices');
    const node = el('section', { id: 'call', className: 'call', 'aria-label': texts.call },
      el('header', { className: 'call-head' }, status, clock), trouble, tiles, choices,
      el('div', { className: 'call-acts', role: 'group', 'aria-label': texts.callButtons }, ...Object.values(controls)));
    this.#panel = { node, status, clock, trouble, tiles, choices, controls };
    document.querySelector('.chat').prepend(node);
    this.#clock = setInterval(() => this.#tick(), 1000);
  }

  #end() {
    if (!this.#panel) return;
    clearInterval(this.#clock);
    for (const tile of this.#tiles.values()) tile.forget();
    this.#tiles.clear();
    this.#takeOut(this.#panel.node);
    this.#panel = null;
    this.#own = null;
  }

  /** What had the focus is gone: it goes to the line. */
  #takeOut(node) {
    const hadFocus = node.contains(document.activeElement);
    node.remove();
    if (hadFocus) $('line').focus();
  }

  #tick() {
    const seconds = this.#since ? Math.floor((Date.now() - this.#since) / 1000) : 0;
    setText(this.#panel.clock, this.#since ? texts.callClock(seconds) : '');
  }

  #paintControl(kind, isOn) {
    const node = this.#panel.controls[kind];
    node.dataset.on = isOn; // no aria-pressed: the label says what a press does, and "mute, pressed" were silence
    node.firstChild.toggleAttribute('data-off', !isOn && kind !== 'screen');
    setLabel(node, isOn ? texts.callTurnOff[kind] : texts.callControls[kind]);
  }

  #press(name) {
    if (name === 'devices') this.#toggleDevices();
    else if (name === 'large') this.#toggleLarge();
    else this.#act[name]();
  }

  #toggleLarge() {
    const { node, controls } = this.#panel;
    const isLarge = node.dataset.large !== 'true';
    node.dataset.large = isLarge;
    controls.large.setAttribute('aria-expanded', String(isLarge));
    setLabel(controls.large, isLarge ? texts.callTurnOff.large : texts.callControls.large);
  }

  async #toggleDevices() {
    const { choices, controls } = this.#panel;
    choices.hidden = !choices.hidden;
    controls.devices.setAttribute('aria-expanded', String(!choices.hidden));
    if (!choices.hidden) await this.paintDevices();
  }

  /** They come and go while the list is open. */
  async paintDevices() {
    if (!this.#panel || this.#panel.choices.hidden) return;
    const all = await this.#act.devices().catch(() => []);
    const canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype;
    const kinds = [['audioinput', 'mic'], ['videoinput', 'camera'], ...(canChooseSpeaker ? [['audiooutput', 'speaker']] : [])];
    this.#panel?.choices.replaceChildren(...kinds.map(([kind, name]) => {
      const ones = all.filter((one) => one.kind === kind);
      const nameOne = ({ label }, i) => label || texts.callDevice(texts.callKind[name], i + 1);
      const select = el('select', { onchange: () => this.#act.choose(name, select.value), disabled: !ones.length },
        ...ones.map((one, i) => el('option', { value: one.id, textContent: nameOne(one, i) })));
      select.value = this.#act.chosen(name) || ones[0]?.id || '';
      return el('label', {}, texts.callKind[name], select);
    }));
  }
}

