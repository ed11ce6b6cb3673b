// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of who is typing, fetched with it.

import { addTexts } from './texts.js';

addTexts({
  typing: (list) => (list.length === 1 ? `${list[0]} is typing…` : `${list.join(', ')} are typing…`),
});
