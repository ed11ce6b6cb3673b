// SPDX-License-Identifier: GPL-3.0-or-later
// More commands, as on IRC: how a plugin extends those of the page.

import { say } from '../say.js';
import { findUsers, nameOf, ownAddress } from '../names.js';
import { texts } from '../texts.js';

/** Each returns what is said to all; '' for nothing. */
const run = {
  me: (rest) => rest && `* ${nameOf(ownAddress())} ${rest}`,
  shrug: (rest) => `${rest} ¯\\_(ツ)_/¯`.trim(),
  slap(rest) {
    const [addr] = findUsers(rest);
    return rest && texts.ircSlap(nameOf(ownAddress()), addr ? nameOf(addr) : rest);
  },
};

export default {
  name: 'irc',
  listeners: {
    nktcommand(event) {
      const { name, rest, reply } = event.detail;
      if (event.defaultPrevented || !Object.hasOwn(run, name)) return;
      event.preventDefault();
      const text = run[name](rest.trim());
      if (text) say(text);
      else reply(texts.usage(texts.ircHelp[name][0]), 'error');
    },
    nktcommandlist(event) {
      for (const [name, [usage, help]] of Object.entries(texts.ircHelp)) event.detail.add({ name, usage, help });
    },
  },
};
