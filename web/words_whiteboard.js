// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of the whiteboard, fetched with them.

import { addTexts } from './texts.js';

addTexts({
  whiteboard: 'Whiteboard',
  whiteboardHelp: 'Draw here. With the keyboard: arrows move the pen, Space puts it down and lifts it.',
  whiteboardClear: 'Wipe off mine',
});
