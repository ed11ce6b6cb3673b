// SPDX-License-Identifier: GPL-3.0-or-later
// Calls: a button beside each person, the commands, and an ear for who rings. The rest is fetched with the first call (calls.js).

import { readName } from '../glue/named.js';
import { commandsOf } from '../command.js';
import { $, el, icon, setLabel } from '../dom.js';
import { targetNow } from '../input.js';
import { loadCalls } from '../later.js';
import { note } from '../messages.js';
import { findUsers, nameOf } from '../names.js';
import { isBetweenRooms, LEFT, onHidden } from '../rooms.js';
import { onUsers, reachable, rowsOfUsers } from '../users.js';
import { texts, wordsOf } from '../texts.js';

/** With oneself as many as a call takes (call_rules.js, which is not here yet). */
const RUNG_COUNT_MAX = 5;

let isOn = false;
let calls = null; // what was fetched

const load = async () => (calls ??= await loadCalls());

/** Whoever can be reached and may be called, where that is no crowd. */
function everybody() {
  const all = reachable().filter((addr) => !window.nkt.userList[addr].ignored && !window.nkt.userList[addr].dontSendTo);
  return all.length <= RUNG_COUNT_MAX ? all : [];
}

function all() {
  const found = everybody();
  if (!found.length) throw new Error(reachable().length ? texts.callMany : texts.usersEmpty);
  return found;
}

/** The one who is named, or with whom one talks alone; in the room everybody here. */
function meant(rest) {
  const who = readName(rest, (one) => findUsers(one).length > 0) || targetNow();
  if (!who) return all();
  const found = findUsers(who);
  if (found.length !== 1) throw new Error(found.length ? texts.ambiguousUser(who, found) : texts.unknownUser(who));
  return found;
}

const begin = async (addresses, video) => (await load()).call(addresses, { video });
const ring = async (rest, video) => begin(meant(rest), video);

const run = {
  call: (rest) => ring(rest, false),
  video: (rest) => ring(rest, true),
  answer: async () => (await load()).answer(),
  hangup: async () => (await load()).hangUp(),
};

/** whom(): the addresses that a button is for; throws why there are none. */
const press = async (whom) => {
  try {
    await begin(whom(), false);
  } catch (error) {
    note(wordsOf(error), 'error');
  }
};

/** A button in each row of the list that has none, and one for all. */
function addButtons() {
  if (!isOn) return;
  let forAll = document.querySelector('.call-all');
  if (!forAll) {
    forAll = el('button', { type: 'button', className: 'icon-button call-all', onclick: () => press(all) }, icon('call'));
    setLabel(forAll, texts.callAll);
    $('people-count').after(' ', forAll);
  }
  forAll.hidden = everybody().length < 2;
  for (const { addr, node, verify } of rowsOfUsers()) {
    let button = node.querySelector('.user-call');
    if (!button) {
      button = el('button', { type: 'button', className: 'icon-button user-call', onclick: () => press(() => [addr]) }, icon('call'));
      verify.before(button);
    }
    setLabel(button, texts.userCall(nameOf(addr)));
  }
}

onUsers(addButtons);

/** Only a ring fetches something. */
async function take(from, value, nkt) {
  return calls || value?.op === 'ring' ? (await load()).take(from, value, nkt) : { no: 'gone' };
}

/** Who rings in a room that is not shown is heard, and a call there goes on. */
onHidden((nkt, signal) => {
  const unregister = nkt.register('call', async (value, { from }) => (isOn ? take(from, value, nkt) : { no: 'gone' }));
  signal.addEventListener('abort', () => {
    unregister();
    if (signal.reason === LEFT) calls?.leave(nkt);
  });
});

export default {
  name: 'calls',
  calls: {
    call: (value, { from }) => take(from, value, window.nkt),
  },
  commands: commandsOf(run, () => texts.callHelp),
  listeners: {
    nktstatus: () => calls?.weed(),
    nktleave: () => calls?.stop(),
  },
  init(nkt, { signal }) {
    isOn = true;
    addButtons();
    window.addEventListener('pagehide', () => calls?.stop(), { signal, capture: true }); // before nkt itself goes
  },
  stop() {
    isOn = false;
    if (!isBetweenRooms()) calls?.stop(); // else the call goes on in its room
    for (const button of document.querySelectorAll('.user-call, .call-all')) button.remove();
  },
};
