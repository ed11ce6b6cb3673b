// SPDX-License-Identifier: GPL-3.0-or-later
// How one is connected: a word in the header, and the panel with every relay, tracker and link.

import { $, el, setText, soon } from './dom.js';
import { note } from './messages.js';
import { nameOf, short } from './names.js';
import { reachable } from './users.js';
import { readHealth } from './health.js';
import { texts } from './texts.js';

const POLL_MS = 5000; // for what changes without an event, such as bad frames
const WAITING_MS = 1000; // what waits in the outbox: once a second, however many get it

const WAYS = ['relays', 'trackers', 'links']; // in health and, by id, in the panel

let relayWasUp = false;
/** Relays of another version that were told of. */
const told = new Set();

export const refreshStatus = soon(refresh, 80);

export function setUpStatus() {
  for (const name of ['nktstatus', 'nktwebrtcseen', 'nktwebrtcleft', 'nktsession']) window.addEventListener(name, refreshStatus);
  window.addEventListener('nktdelivery', soon(refresh, WAITING_MS));
  setInterval(() => { if (!document.hidden && !$('app').hidden) refresh(); }, POLL_MS);
}

export function clearStatus() {
  relayWasUp = false;
  told.clear();
}

/** Once: what to do about it is in the line, and the panel goes on saying it. */
function tellOtherVersion(url) {
  if (told.has(url)) return;
  told.add(url);
  note(texts.relayVersion(url), 'error');
}

/** The same as text. */
export function describe() {
  const health = readHealth();
  const { text, advice } = judge(health, reachable().length);
  return [text, advice, texts.clockOff(health.clockOff), texts.counters(health)].filter(Boolean).join('\n');
}

const overall = (ways) => ways.length && (ways.some((way) => way.state === 'ok') ? 'ok'
  : ways.some((way) => way.state === 'wait' && !way.error) ? 'wait' : 'down');

/** {level: ok | warn | bad | idle, word: what the header says, if not what it says of the level, text, advice} */
function judge(health, people) {
  if (health.isGone) return { level: 'bad', text: texts.stopped, advice: '' };
  const relay = overall(health.relays);
  const tracker = overall(health.trackers);
  const links = health.links.filter((link) => link.state === 'ok').length;
  const text = texts.summary({ people, relay, tracker, links });
  if (health.warning === 'partitioned') {
    return { level: 'warn', word: texts.levelWord.split, text: texts.swarmSplit, advice: texts.swarmWarning.partitioned };
  }
  const isRelayGone = relay === 'down' || (relay === 'wait' && relayWasUp);
  if (relay === 'ok' || (!isRelayGone && (links || tracker === 'ok'))) {
    return { level: 'ok', text, advice: tracker === 'down' && relay === 'ok' ? texts.adviceNoTracker : '' };
  }
  if (!isRelayGone && [relay, tracker].includes('wait')) return { level: 'idle', text: texts.starting, advice: '' };
  if (isRelayGone && links) {
    return {
      level: 'warn',
      text: (relayWasUp ? texts.relayGone : texts.relayAway)(links),
      advice: [texts.adviceGone, tracker === 'ok' && texts.adviceTracker].filter(Boolean).join(' '),
    };
  }
  if (tracker === 'ok') return { level: 'warn', text: texts.relayGoneTracker, advice: '' };
  const other = health.relays.find(({ code }) => code === 'NKT_E_VERSION');
  return { level: 'bad', text: texts.cutOff, advice: other ? texts.relayVersion(other.url) : texts.adviceCutOff };
}

function refresh() {
  const health = readHealth();
  if (overall(health.relays) === 'ok') relayWasUp = true;
  for (const { url, code } of health.relays) if (code === 'NKT_E_VERSION') tellOtherVersion(url);
  const people = reachable().length;
  const { level, word = texts.levelWord[level], text, advice: way } = judge(health, people);
  const advice = [way, texts.clockOff(health.clockOff)].filter(Boolean).join(' ');
  const up = Object.fromEntries(WAYS.map((name) => [name, health[name].filter((way) => way.state === 'ok').length]));
  Object.assign($('status').dataset, { state: level, people, ...up });
  setText($('status-text'), word);
  $('status').title = text;
  setText($('connection-text'), text);
  $('connection-advice').hidden = !advice;
  $('connection-advice').dataset.state = level;
  setText($('connection-advice'), advice);
  for (const name of WAYS) show($(name), health[name].map(item), texts.none[name]);
  setText($('counters'), texts.counters(health));
}

function item({ url, addr, state, error }) {
  const node = el('li', { data: { state } }, el('span', { className: 'dot', 'aria-hidden': 'true' }),
    el('span', { className: 'way-name', dir: 'auto', title: url ?? addr, textContent: url ?? nameOf(addr) }));
  if (!url) node.append(el('code', { textContent: short(addr) }));
  node.append(el('span', { className: 'way-state', textContent: texts.wayState[state] }));
  if (error && state !== 'ok') node.append(el('p', { className: 'small', textContent: explain(error) }));
  return node;
}

/** An error in words that help, with its own words behind. */
function explain(error) {
  const help = texts.errors.find(([pattern]) => pattern.test(error))?.[1] ?? '';
  return help ? `${help} ${texts.retry} (${error})` : `${error}. ${texts.retry}`;
}

/** Replaces only what differs, so that a selection survives. */
function show(list, items, none) {
  const nodes = items.length ? items : [el('li', { className: 'small', textContent: none })];
  const key = nodes.map((node) => `${node.dataset.state} ${node.textContent}`).join('\n');
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...nodes);
}
