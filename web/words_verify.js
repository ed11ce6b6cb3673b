// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of comparing numbers, of profiles and of saving oneself, fetched with these.

import { addTexts } from './texts.js';

addTexts({
  exported: 'Saved. Keep the passphrase apart from it.',
  profileFacts: { seen: 'Last heard', way: 'Reached', session: 'Encryption', verified: 'Identity', number: 'Safety number' },
  profileNow: 'now',
  profileKeeper: 'keeps messages for others who are away',
  profileNotVerified: 'not verified yet',
  profileTalk: 'Conversation',
  profileVerify: 'Compare numbers',
  profileMuteHelp: 'They get nothing that you write, and you go on hearing them.',
  profileIgnoreHelp: 'Nothing of them is shown, kept or notified. They are not told, and still get what you write to all.',
  userCopy: (name) => `Copy the address of ${name}`,
  verifyTitle: (name, short) => `Is it really ${name} (${short})?`,
  verifyHelp: 'Ask them to open the same window for you, and compare the number: side by side, or by a voice you know. If it is '
    + 'the same on both screens, nobody stands between you.',
  verifyNumber: 'Safety number, in groups of five digits',
  verifyQr: 'The same number as a QR code',
  verifySame: 'It is the same',
  verifyOther: 'It is not',
  verifyTakeBack: 'Take the mark back',
  verifyAlready: 'You have compared this number before: it is verified.',
  verifyDone: (name) => `${name} is verified. You will be warned when somebody with other keys uses this nick.`,
  verifyDifferent: (name) => `${name} is not verified. If the numbers differ, somebody else may be reading: say nothing secret there.`,
});
