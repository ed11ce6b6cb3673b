// SPDX-License-Identifier: GPL-3.0-or-later
// Polls with a tally that moves: a message tells of one, state has it for those who come later, and everybody's votes.

import '../words_poll.js';
import { el, place, setText, soon } from '../dom.js';
import { targetNow } from '../input.js';
import { note } from '../messages.js';
import { cleanNick, isolated, nameOf } from '../names.js';
import { texts, wordsOf } from '../texts.js';

const ANSWER_COUNT_MAX = 8;
const TEXT_LENGTH_MAX = 200;
const POLL_COUNT_MAX = 8; // of one person: older ones end
const POLLS_SIZE_MAX = 10 << 10; // bytes, of the 16 KiB that a person's state has; his votes are in the rest
const VOTE_COUNT_MAX = 64; // that one person keeps
const PANEL_COUNT_MAX = 20; // polls in the panel: whoever was heard first comes first, the newest poll of each, then the one before
const PAINT_MS = 50; // anybody may change what is his as often as he likes: painted once for many changes

let state;
let ui;
let self;
let panel;
let listed = new Map(); // poll -> where it stands in the panel
let shown = new Map(); // where a poll is shown -> what paints it
let counted = new Map(); // poll, by its author and id -> who chose what: each author with a number
let paintSoon = () => {};

const isText = (text) => typeof text === 'string' && text.length <= TEXT_LENGTH_MAX && cleanNick(text) !== '';

/** Others may send anything. */
function isPoll(poll) {
  return poll !== null && typeof poll === 'object' && /^[0-9a-f]{16}$/.test(poll.id) && isText(poll.question)
    && Array.isArray(poll.answers) && poll.answers.length >= 2 && poll.answers.length <= ANSWER_COUNT_MAX && poll.answers.every(isText);
}

/** One's own choices, by poll. */
const votesOf = (votes) => (Array.isArray(votes) ? votes.slice(0, VOTE_COUNT_MAX).filter(Array.isArray) : []);

/** All votes, by poll: of each person the first for a poll counts. */
function countVotes() {
  counted = new Map();
  for (const [from, votes] of state.all('votes')) {
    for (const [key, choice] of votesOf(votes)) {
      if (typeof key !== 'string' || !Number.isInteger(choice)) continue;
      const chosen = counted.get(key) ?? new Map();
      if (!chosen.has(from)) counted.set(key, chosen.set(from, choice));
    }
  }
}

/** How many chose each answer, and which is one's own. */
function tally(key, count) {
  const counts = Array(count).fill(0);
  const chosen = counted.get(key) ?? new Map();
  for (const choice of chosen.values()) if (choice in counts) counts[choice]++;
  return { counts, own: chosen.get(self()) ?? -1 };
}

async function vote(key, choice) {
  const others = votesOf(state.get('votes')).filter(([of]) => of !== key);
  try {
    await state.set('votes', [[key, choice], ...others].slice(0, VOTE_COUNT_MAX));
  } catch (error) {
    note(wordsOf(error), 'error');
  }
}

/** A poll, to be painted anew with each vote. */
function pollNode(from, { id, question, answers }) {
  const key = `${from}/${id}`;
  const buttons = answers.map((answer, i) => el('button', { type: 'button', onclick: () => vote(key, i) }));
  const node = el('div', { className: 'poll', role: 'group', 'aria-label': cleanNick(question), data: { poll: key } },
    el('b', { dir: 'auto', textContent: cleanNick(question) }), ...buttons);
  let painted = '';
  const paint = () => {
    const { counts, own } = tally(key, answers.length);
    const now = `${counts} ${own}`;
    if (now === painted) return; // most of thousands are as they were
    painted = now;
    buttons.forEach((button, i) => {
      button.textContent = `${isolated(cleanNick(answers[i]))} · ${counts[i]}`;
      button.setAttribute('aria-pressed', String(i === own));
    });
  };
  shown.set(node, paint);
  paint();
  paintSoon(); // which forgets the places that are not in the page any more
  return node;
}

/**
 * Those who come later have no message: polls that somebody here asked are in the panel. One that is there stays, as it may have the
 * focus.
 */
function paintPanel() {
  const asked = [...state.all('polls')].flatMap(([from, polls]) => (Array.isArray(polls) ? polls.slice(0, POLL_COUNT_MAX) : [])
    .map((poll, nth) => ({ from, poll, nth })).filter(({ poll }) => isPoll(poll)))
    .sort((a, b) => a.nth - b.nth).slice(0, PANEL_COUNT_MAX);
  panel.closest('section').hidden = asked.length === 0;
  const all = new Map(asked.map(({ from, poll: { id, question, answers } }) => {
    const one = { from, id, question, answers };
    return [JSON.stringify(one), one];
  }));
  for (const [key, node] of listed) {
    if (all.has(key)) continue;
    node.remove();
    listed.delete(key);
  }
  [...all].forEach(([key, { from, ...poll }], i) => {
    const node = listed.get(key) ?? el('div', {}, el('span', { className: 'small', dir: 'auto' }), pollNode(from, poll));
    listed.set(key, node);
    setText(node.firstChild, nameOf(from));
    place(panel, node, i);
  });
}

const sizeOf = (value) => new TextEncoder().encode(JSON.stringify(value)).length;

async function ask([question, ...answers], { usage }) {
  const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const poll = { id, question, answers };
  if (!isPoll(poll)) throw new Error(texts.usage(usage));
  if (targetNow()) throw new Error(texts.pollPrivate); // all in the room have the state
  const before = state.get('polls');
  const polls = [poll, ...(Array.isArray(before) ? before : [])].slice(0, POLL_COUNT_MAX);
  while (polls.length > 1 && sizeOf(polls) > POLLS_SIZE_MAX) polls.pop();
  await state.set('polls', polls);
  await ui.composer.say({ poll, text: [question, ...answers.map((answer) => `- ${answer}`)].join('\n') }, '');
}

export default {
  name: 'poll',
  commands: {
    poll: {
      get usage() { return texts.pollHelp[0]; },
      get help() { return texts.pollHelp[1]; },
      run: ask,
    },
  },
  messages: {
    poll: {
      key: 'poll',
      test: ({ poll }) => isPoll(poll),
      render: ({ poll }, { from }) => pollNode(from, poll),
      text: ({ poll }) => poll.question,
    },
  },
  init(nkt, context) {
    ({ state, ui } = context);
    self = () => nkt.mySwarm.address();
    shown = new Map();
    counted = new Map();
    listed = new Map();
    panel = ui.panel.section({ title: texts.polls });
    panel.closest('section').id = 'polls';
    paintPanel();
    let isAsked = false; // something, since the panel was painted
    paintSoon = soon(() => {
      countVotes();
      for (const [node, paint] of shown) {
        if (node.isConnected) paint();
        else shown.delete(node);
      }
      if (isAsked) paintPanel();
      isAsked = false;
    }, PAINT_MS);
    state.watch(({ key }) => {
      isAsked ||= key === 'polls';
      paintSoon();
    });
  },
};
