// SPDX-License-Identifier: GPL-3.0-or-later
// Calls: a button beside each person, the commands, and an ear for who rings. The rest is fetched with the first call (calls.js).

import { readName } from '../glue/named.js';
import { el, icon, setLabel } from '../dom.js';
import { loadCalls } from '../later.js';
import { note } from '../messages.js';
import { findUsers, nameOf } from '../names.js';
import { onUsers, rowsOfUsers } from '../users.js';
import { texts, wordsOf } from '../texts.js';

let isOn = false;
let calls = null; // what was fetched

const load = async () => (calls ??= await loadCalls());

async function ring(rest, video, name) {
  const who = readName(rest, (one) => findUsers(one).length > 0);
  if (!who) throw new Error(texts.usage(texts.callHelp[name][0]));
  const [addr, other] = findUsers(who);
  if (!addr || other) throw new Error(addr ? texts.ambiguousUser(who, findUsers(who)) : texts.unknownUser(who));
  await (await load()).call(addr, { video });
}

const run = {
  call: (rest) => ring(rest, false, 'call'),
  video: (rest) => ring(rest, true, 'video'),
  answer: async () => (await load()).answer(),
  hangup: async () => (await load()).hangUp(),
};

/** A button in each row of the list that has none. */
function addButtons() {
  if (!isOn) return;
  for (const { addr, node, verify } of rowsOfUsers()) {
    let button = node.querySelector('.user-call');
    if (!button) {
      const press = () => run.call(addr).catch((error) => note(wordsOf(error), 'error'));
      button = el('button', { type: 'button', className: 'icon-button user-call', onclick: press }, icon('call'));
      verify.before(button);
    }
    setLabel(button, texts.userCall(nameOf(addr)));
  }
}

onUsers(addButtons);

export default {
  name: 'calls',
  calls: {
    /** Only a ring fetches something. */
    call: async (value, { from }) => (calls || value?.op === 'ring' ? (await load()).take(from, value) : { no: 'gone' }),
  },
  listeners: {
    nktcommand(event) {
      const { name, rest, reply } = event.detail;
      if (event.defaultPrevented || !Object.hasOwn(run, name)) return;
      event.preventDefault();
      Promise.resolve().then(() => run[name](rest.trim())).catch((error) => {
        reply(error?.names ? texts.whomMeant(error.names) : wordsOf(error), 'error');
      });
    },
    nktcommandlist(event) {
      for (const [name, [usage, help]] of Object.entries(texts.callHelp)) event.detail.add({ name, usage, help });
    },
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
    calls?.stop();
    for (const button of document.querySelectorAll('.user-call')) button.remove();
  },
};
