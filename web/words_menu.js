// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of the menu of a message, fetched with it.

import { addTexts } from './texts.js';

addTexts({
  actionsLabel: 'What to do with this message',
  actions: { reply: 'Reply', edit: 'Edit', copy: 'Copy', details: 'Details', remove: 'Delete' },
  removeAsk: 'Delete it here and with everybody? Who has copied it keeps it.',
  removeYes: 'Delete',
  removeNo: 'Keep',
  signAdd: (what) => `React with ${what}`,
  signMore: 'React with another one',
  emojiSearch: 'Search emoji',
  emojiNone: 'None is called so.',
  details: {
    title: 'Message', from: 'From', to: 'To', date: 'When', safety: 'How', way: 'Came', id: 'Identifier',
    everybody: 'Everybody in the room', youAlone: 'You alone',
    encrypted: 'Encrypted from end to end', clear: 'Signed, not encrypted', recipients: 'Who has it',
    signs: 'Reactions', earlier: 'What it was before',
  },
});
