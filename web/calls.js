// SPDX-License-Identifier: GPL-3.0-or-later
// Calls on the page: fetched with the first of them (plugins/calls.js). Puts together who is in it (call.js), the line to each
// (call_peer.js), one's own devices (call_media.js), and what is seen (call_view.js) and heard.

import './words_calls.js';
import { Calls } from './call.js';
import { CallMedia, whyNoCalls } from './call_media.js';
import { CallPeer } from './call_peer.js';
import { Levels } from './call_levels.js';
import { CallView } from './call_view.js';
import { Bell } from './call_bell.js';
import { isWatched, note } from './messages.js';
import { inLine, nameInLine, ownAddress, short } from './names.js';
import { noteOnce } from './notes.js';
import { toggleIgnored } from './users.js';
import { texts, wordsOf } from './texts.js';

let trouble = ''; // with one's own devices
let speaker = '';

const peers = () => [...calls.current?.members.values() ?? []].map(({ peer }) => peer);

const media = new CallMedia({
  onTrack: (kind, track) => { for (const peer of peers()) peer.setTrack(kind, track); },
  onChange: () => { calls.tellState(); changed(); },
  onLost: trying,
});

const view = new CallView({
  mic: () => trying(media.setMic(!media.state.mic)),
  camera: () => trying(media.setCamera(!media.state.camera)),
  screen: () => trying(media.setScreen(!media.state.screen)),
  hangup: hangUp,
  devices: () => media.devices(),
  chosen: (kind) => (kind === 'speaker' ? speaker : media.chosen(kind)),
  choose,
  answer: (id, isSeen) => answer(id, isSeen).catch((error) => note(wordsOf(error), 'error')),
  decline: (id) => calls.decline(id),
  ignore(id, addr) {
    calls.decline(id);
    if (!window.nkt.ignored.some((one) => one.addr === addr)) toggleIgnored(addr);
    note(texts.nowIgnored(`${nameInLine(addr)} (${short(addr)})`));
  },
});

/** Somebody who may ring, and be rung, in that room. */
function isWelcome(addr, nkt) {
  const user = nkt.userList?.[addr];
  return Boolean(user) && !user.ignored && !user.dontSendTo;
}

const bell = new Bell();
const levels = new Levels((speaking) => view.paintSpeaking(speaking));

const calls = new Calls({
  self: ownAddress,
  say: (addr, message, options, nkt) => nkt.rpc(addr, 'call', message, options),
  isWelcome,
  makePeer: ({ line, ...ports }) => new CallPeer({ ...ports, iceServers: [...line.iceServers], tracks: { ...media.sent } }),
  state: () => media.state,
  told,
  changed,
});

window.addEventListener('online', () => { for (const peer of peers()) peer.restart(); });
navigator.mediaDevices?.addEventListener?.('devicechange', async () => {
  const isGone = speaker && !(await media.devices().catch(() => [])).some(({ id }) => id === speaker);
  if (isGone) choose('speaker', ''); // some browsers play on to it, in silence
  view.paintDevices();
});

function changed() {
  const { current, rings } = calls;
  if (!current) {
    media.letGo();
    trouble = '';
  }
  bell.ring(rings.size > 0 ? 'in' : current && !current.members.size ? 'out' : '');
  levels.watch(current, ownAddress());
  for (const peer of peers()) peer.share(current.members.size);
  view.paintRings(rings);
  view.paint(current, media, trouble);
  if (speaker) view.setSpeaker(speaker);
}

/** What somebody did, in the talk: whatever one does again and again is one line. */
function told({ type, addr, why, line }) {
  const name = addr ? inLine(addr) : '';
  if (type === 'ring') window.dispatchEvent(new CustomEvent('nktring', { detail: { from: addr, room: line.room } }));
  else if (type === 'missed') noteOnce('CallMissed', addr, (count) => texts.callMissed(name, count));
  else if (type === 'unanswered') note(texts.callUnanswered(name, why));
  else if (type === 'left' && why !== 'left') note(texts.callLost(name, why));
  else if (type === 'over' && !isWatched()) note(texts.callOver);
}

/** What a browser asks may be answered when that call is over, and another one is: then it is nothing to that. */
async function trying(asked) {
  const { current } = calls;
  const why = await asked;
  if (calls.current !== current) return;
  trouble = why;
  changed();
}

async function choose(kind, id) {
  if (kind !== 'speaker') return trying(media.choose(kind, id));
  speaker = id;
  view.setSpeaker(id);
  return undefined;
}

/** What is said to somebody's page, in which room. */
export const take = (from, value, nkt) => (whyNoCalls() ? { no: 'deaf' } : calls.take(from, value, performance.now(), nkt));

/** One is not in that room any more. */
export const leave = (nkt) => calls.leave(nkt);

/** Rings one, or several at once; throws what hinders it, in words. @param {string[]} addresses */
export async function call(addresses, { video = false } = {}) {
  const why = whyNoCalls();
  if (why) throw new Error(why);
  const line = window.nkt; // the call stays in this room, whichever is shown
  const unwelcome = addresses.find((addr) => !isWelcome(addr, line));
  if (unwelcome) throw new Error(texts.callUnwelcome(inLine(unwelcome)));
  const isFirst = !calls.current;
  const way = { video: video || media.state.camera, line };
  const refusals = addresses.map((addr) => calls.ring(addr, way)).filter((no) => texts.callNot[no]);
  if (isFirst && calls.current) await begin(video);
  if (refusals.length) throw new Error(texts.callNot[refusals[0]]);
}

/** With a microphone, and a camera if that is wanted, each as soon as it is there: who has none listens. */
async function begin(isSeen) {
  const { current } = calls;
  if (!current) return;
  const whys = [await media.setMic(true)];
  if (isSeen && calls.current === current) whys.push(await media.setCamera(true));
  if (calls.current !== current) return;
  trouble = whys.filter(Boolean).join(' ');
  changed();
}

/** The ring with that id, or whoever rings first. */
export async function answer(id = [...calls.rings.keys()][0], isSeen = false) {
  const no = calls.accept(id);
  if (no) throw new Error(texts.callNot[no]);
  await begin(isSeen);
}

/** Says no to whoever rings, or leaves the call. */
export function hangUp() {
  if (calls.current) calls.hangUp();
  else if (calls.rings.size) calls.decline([...calls.rings.keys()][0]);
  else throw new Error(texts.callNone);
}

/** Somebody was ignored, or is not sent to any more. */
export const weed = () => calls.weed();

/** The page goes, or the plugin: no word about it. */
export function stop() {
  for (const id of [...calls.rings.keys()]) calls.decline(id);
  calls.hangUp();
}
