// SPDX-License-Identifier: GPL-3.0-or-later
// A coin that is tossed for everybody to see: a command, and a type of message. Whoever sends one may say what he likes: it is for friends.

import '../words_coin.js';
import { el } from '../dom.js';
import { texts } from '../texts.js';

const SIDES = ['heads', 'tails'];

let ui;

export default {
  name: 'coin',
  commands: {
    coin: {
      get help() { return texts.coinHelp; },
      run: () => {
        const coin = SIDES[Math.floor(Math.random() * SIDES.length)];
        return ui.composer.say({ coin, text: texts.coinTossed[coin] }).then(() => undefined);
      },
    },
  },
  messages: {
    coin: {
      key: 'coin',
      test: ({ coin }) => SIDES.includes(coin),
      render: ({ coin }) => el('b', { textContent: texts.coinTossed[coin] }), // in the language of who reads
      text: ({ coin }) => texts.coinTossed[coin],
    },
  },
  init(nkt, context) {
    ({ ui } = context);
  },
};
