// SPDX-License-Identifier: GPL-3.0-or-later
// What the page does with contents: fetched with the first one that is shown or attached (later.js).

import './words_files.js';
export { add, clearAttached, openAttached, hasAttached, sendAttached, showAttached } from './attached.js';
export { Card } from './card.js';
