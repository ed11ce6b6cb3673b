// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of polls, fetched with them.

import { addTexts } from './texts.js';

addTexts({
  pollHelp: ['/poll QUESTION ANSWER ANSWER...', 'ask everybody; in quotes where there are spaces'],
  pollPrivate: 'Polls are seen by everybody in the room: ask there.',
  polls: 'Polls',
});
