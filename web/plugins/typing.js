// SPDX-License-Identifier: GPL-3.0-or-later
// Who is typing, above the line: said by what may be lost, to everybody, and never while one writes to one person alone.

import '../words_typing.js';
import { $, setText } from '../dom.js';
import { nameInLine } from '../names.js';
import { texts } from '../texts.js';

const SAY_MS = 3000; // while somebody types it is said this often
const SHOWN_MS = 6000; // and shown so long
const PEOPLE_COUNT_MAX = 20; // in larger rooms somebody always types
const NAME_COUNT_MAX = 3;

export default {
  name: 'typing',
  init(nkt, { signal, ui }) {
    const row = ui.composer.row();
    const until = new Map(); // address -> when it is over
    let saidAt = -Infinity;
    let timer = null;

    function paint() {
      clearTimeout(timer);
      const now = performance.now();
      for (const [addr, end] of until) if (end <= now || !nkt.userList[addr] || nkt.userList[addr].ignored) until.delete(addr);
      const names = [...until.keys()].slice(0, NAME_COUNT_MAX).map(nameInLine);
      setText(row, names.length ? texts.typing(names) : '');
      if (until.size) timer = setTimeout(paint, Math.min(...until.values()) - now);
    }
    const over = ({ from }) => { if (until.delete(from)) paint(); };

    ui.composer.onInput((text) => {
      const isForAll = $('say').dataset.private !== 'true' && !text.startsWith('/');
      if (!text) saidAt = -Infinity;
      if (!text || !isForAll || performance.now() - saidAt < SAY_MS || Object.keys(nkt.userList).length > PEOPLE_COUNT_MAX) return;
      saidAt = performance.now();
      nkt.sendEphemeral({ typing: true }).catch(() => {}); // nobody waits for it
    });
    nkt.addEventListener('nktephemeral', ({ detail, from }) => {
      if (detail?.typing !== true || (!until.has(from) && until.size >= PEOPLE_COUNT_MAX)) return;
      until.set(from, performance.now() + SHOWN_MS);
      paint();
    }, { signal });
    for (const type of ['nktencryptedmessagereceived', 'nktclearmessagereceived']) nkt.addEventListener(type, over, { signal });
    signal.addEventListener('abort', () => clearTimeout(timer));
  },
};
