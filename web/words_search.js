// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of searching, fetched with it.

import { addTexts, count } from './texts.js';

addTexts({
  searchWords: 'Words',
  searchDate: 'Go to a day',
  searchGo: 'Go',
  searchFound: 'Found, the newest first',
  searchCount: (n, isMore) => (n ? `${count(n, 'message', 'messages')}${isMore ? ', and more' : ''}`
    : 'Nothing found. Only what is kept here is searched.'),
  searchNoDate: 'Nothing was said on that day, or later.',
});
