// SPDX-License-Identifier: GPL-3.0-or-later
// Polls with a tally that moves: a message tells of one, state has it for those who come later, and everybody's votes.

import { el } from '../dom.js';
import { targetNow } from '../input.js';
import { nameOf } from '../names.js';
import { texts } from '../texts.js';

const ANSWER_COUNT_MAX = 8;
const TEXT_LENGTH_MAX = 200;
const POLL_COUNT_MAX = 8; // of one person: older ones end
const VOTE_COUNT_MAX = 64; // that one person keeps

let state;
let ui;
let self;
let panel;
let shown = new Map(); // poll, by its author and id -> places where it is shown, each with what paints it

const isText = (text) => typeof text === 'string' && text !== '' && text.length <= TEXT_LENGTH_MAX;

/** Others may send anything. */
function isPoll(poll) {
  return poll !== null && typeof poll === 'object' && /^[0-9a-f]{16}$/.test(poll.id) && isText(poll.question)
    && Array.isArray(poll.answers) && poll.answers.length >= 2 && poll.answers.length <= ANSWER_COUNT_MAX && poll.answers.every(isText);
}

/** One's own choices, by poll. */
const votesOf = (votes) => (Array.isArray(votes) ? votes.slice(0, VOTE_COUNT_MAX).filter(Array.isArray) : []);

/** How many chose each answer, and which is one's own. */
function tally(key, count) {
  const counts = Array(count).fill(0);
  let own = -1;
  for (const [from, votes] of state.all('votes')) {
    const [, choice] = votesOf(votes).find(([of]) => of === key) ?? [];
    if (!Number.isInteger(choice) || choice < 0 || choice >= count) continue;
    counts[choice]++;
    if (from === self()) own = choice;
  }
  return { counts, own };
}

function vote(key, choice) {
  const others = votesOf(state.get('votes')).filter(([of]) => of !== key);
  return state.set('votes', [[key, choice], ...others].slice(0, VOTE_COUNT_MAX));
}

/** A poll, to be painted anew with each vote. */
function pollNode(from, { id, question, answers }) {
  const key = `${from}/${id}`;
  const buttons = answers.map((answer, i) => el('button', { type: 'button', onclick: () => vote(key, i) }));
  const node = el('div', { className: 'poll', role: 'group', 'aria-label': question, data: { poll: key } },
    el('b', { dir: 'auto', textContent: question }), ...buttons);
  const paint = () => {
    const { counts, own } = tally(key, answers.length);
    buttons.forEach((button, i) => {
      button.textContent = `${answers[i]} · ${counts[i]}`;
      button.setAttribute('aria-pressed', String(i === own));
    });
  };
  shown.set(node, paint);
  paint();
  return node;
}

function paintAll() {
  for (const [node, paint] of shown) {
    if (node.isConnected) paint();
    else shown.delete(node);
  }
}

/** Those who come later have no message: all polls that somebody here asked are in the panel. */
function paintPanel() {
  const asked = [...state.all('polls')].flatMap(([from, polls]) => (Array.isArray(polls) ? polls.slice(0, POLL_COUNT_MAX) : [])
    .filter(isPoll).map((poll) => ({ from, poll })));
  panel.closest('section').hidden = asked.length === 0;
  panel.replaceChildren(...asked.map(({ from, poll }) => el('div', {},
    el('span', { className: 'small', dir: 'auto', textContent: nameOf(from) }), pollNode(from, poll))));
}

async function ask([question, ...answers], { usage }) {
  const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const poll = { id, question, answers };
  if (!isPoll(poll)) throw new Error(texts.usage(usage));
  if (targetNow()) throw new Error(texts.pollPrivate); // all in the room have the state
  await state.set('polls', [poll, ...(state.get('polls') ?? [])].slice(0, POLL_COUNT_MAX));
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
    panel = ui.panel.section({ title: texts.polls });
    panel.closest('section').id = 'polls';
    paintPanel();
    state.watch(({ key }) => {
      if (key === 'polls') paintPanel();
      setTimeout(paintAll); // when the places are in the page
    });
  },
};
