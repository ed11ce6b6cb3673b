// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of files, fetched with them.

import { addTexts, bytes, names } from './texts.js';

addTexts({
  attachAsItIs: 'as it is',
  attachAsItIsHelp: 'Otherwise the picture is drawn anew: where and when it was taken, and by which camera, is not sent',
  attachNotDrawn: 'this picture cannot be drawn anew. Tick “as it is” to send the file with all that is written in it',
  attachDrop: (name) => `Do not send ${name}`,
  attachMany: (n) => `At most ${n} files wait here: send these first.`,
  card: {
    known: ({ size }) => bytes(size),
    waiting: ({ size, loaded }) => `${bytes(loaded)} of ${bytes(size)}. Nobody who has the rest is here; it goes on by itself.`,
    fetching: ({ size, loaded, sources, relayed, rate }) => [`${bytes(loaded)} of ${bytes(size)}`, rate > 0 && `${bytes(rate)}/s`,
      sources > 1 && `from ${sources}`, relayed && 'by the relay, slowly: there is no direct link'].filter(Boolean).join(' · '),
    complete: ({ size, who }) => [bytes(size), who.length > 0 && `${names(who)} ${who.length === 1 ? 'has' : 'have'} it too`]
      .filter(Boolean).join(' · '),
    paused: ({ size, loaded }) => `${bytes(loaded)} of ${bytes(size)}, paused`,
    full: ({ size, loaded }) => `${bytes(loaded)} of ${bytes(size)}. There is no room on this device.`,
  },
  cardSealing: (loaded, total) => `Encrypting: ${bytes(loaded)} of ${bytes(total)}`,
  cardFetch: 'Fetch',
  cardPause: 'Pause',
  cardOn: 'Go on',
  cardSave: 'Save',
  cardPlay: 'Play',
  cardHere: (name) => `${name} is here`,
  cardUnplayable: 'This browser cannot play it. It can be saved.',
  cardErrors: {
    NKT_E_QUOTA: 'There is no room for it here. Make some in the settings, under “Files”.',
    NKT_E_STORAGE: 'This browser cannot keep files now.',
    NKT_E_STOPPED: 'The connection was closed meanwhile.',
    NKT_E_CONTENT_UNKNOWN: 'It is not known here any more.',
  },
  cardSealed: 'Something to hold for others, which nobody can read here',
  cardPicture: (name) => (name ? `Picture: ${name}` : 'A picture'),
  cardProgress: 'How far it is',
});
