// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of /me and its like, fetched with them.

import { addTexts } from './texts.js';

addTexts({
  ircHelp: {
    me: ['/me DOES', 'say what you do'],
    shrug: ['/shrug TEXT', 'and a shrug'],
    slap: ['/slap NICK', 'with a large trout'],
  },
  ircSlap: (me, who) => `* ${me} slaps ${who} around a bit with a large trout`,
});
