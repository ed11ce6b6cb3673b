// SPDX-License-Identifier: GPL-3.0-or-later
// More commands, as on IRC: how a plugin extends those of the page.

import '../words_irc.js';
import { commandsOf } from '../command.js';
import { targetNow } from '../input.js';
import { say } from '../say.js';
import { findUsers, nameOf, ownAddress } from '../names.js';
import { texts } from '../texts.js';

/** Each returns what is said to whom the line is for; '' for nothing. */
const run = {
  me: (rest) => rest && `* ${nameOf(ownAddress())} ${rest}`,
  shrug: (rest) => `${rest} ¯\\_(ツ)_/¯`.trim(),
  slap(rest) {
    const [addr] = findUsers(rest);
    return rest && texts.ircSlap(nameOf(ownAddress()), addr ? nameOf(addr) : rest);
  },
};

/** Each says what its function returns. */
const said = Object.fromEntries(Object.entries(run).map(([name, textOf]) => [name, (rest, reply) => {
  const text = textOf(rest);
  if (text) say(text, targetNow() || undefined);
  else reply(texts.usage(texts.ircHelp[name][0]), 'error');
}]));

export default { name: 'irc', commands: commandsOf(said, () => texts.ircHelp) };
