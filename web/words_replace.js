// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of replacing words, fetched with them.

import { addTexts } from './texts.js';

addTexts({
  replaceNone: 'No words are replaced. /replace WORD BY adds one.',
  replaceSet: (word, by) => `${word} becomes ${by} in what you send.`,
  replaceGone: (word) => `${word} stays as it is.`,
  replaceUnknown: (word) => `${word} is not replaced.`,
  replaceFull: (n) => `At most ${n} words.`,
  replaceHelp: ['/replace WORD BY', 'replace a word in what you send; without BY not any more'],
});
