// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of the coin, fetched with it.

import { addTexts } from './texts.js';

addTexts({
  coinHelp: 'toss a coin',
  coinTossed: { heads: 'A coin is tossed: heads.', tails: 'A coin is tossed: tails.' },
});
