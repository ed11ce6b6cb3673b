// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of the settings, fetched with them.

import { addTexts, bytes } from './texts.js';

addTexts({
  settingsServers: 'Servers',
  settingsServersHelp: 'Kept in this browser, for every visit to this page. One a line; empty for none.',
  settingsServed: 'As this server says',
  settingsKinds: {
    relays: { title: 'Relays', hint: 'wss://relay.example.org/relay', wanted: 'an address that begins with ws:// or wss://' },
    trackers: { title: 'Trackers', hint: 'wss://tracker.example.org', wanted: 'an address that begins with ws:// or wss://' },
    iceServers: {
      title: 'STUN and TURN', hint: 'stun:stun.example.org:3478\nturn:turn.example.org:3478 NAME PASSWORD',
      wanted: 'stun:HOST:PORT, or turn:HOST:PORT NAME PASSWORD',
    },
  },
  settingsBad: ({ title, wanted }, line) => `${title}: “${line}” is not ${wanted}.`,
  settingsRefused: (list) => `Saved, but this cannot be used (8 are, at most):\n${list}`,
  settingsNotKept: 'In force, but this browser does not keep it: storage is blocked here.',
  settingsBrowser: 'This browser',
  settingsLanguage: 'Language',
  settingsLanguageBrowser: 'As the browser says',
  settingsLanguageHelp: 'In force when the page is loaded again.',
  settingsNotify: 'Notify me of messages while I look elsewhere',
  settingsNotifyHelp: 'The notification shows who wrote, and what.',
  settingsPresence: 'Say in the talk who comes and goes',
  settingsPresenceHelp: 'Joins, leaves and links are in the list of people in any case.',
  settingsHistory: 'Keep messages, encrypted',
  settingsHistoryHelp: 'The newest 2,000. Without it they are gone with the next reload, those of before at once.',
  settingsFiles: 'Files',
  settingsUnasked: 'Fetch pictures without asking',
  settingsUnaskedUpTo: (size) => (size ? `up to ${bytes(size)}` : 'never'),
  settingsUnaskedHelp: 'Of people you send to, as they come. Everything else is fetched when you say so.',
  settingsQuota: 'Room for files on this device',
  settingsQuotaHelp: 'When it is full, what was used longest ago goes, what you shared yourself last.',
  keptFiles: 'Files kept on this device',
  keptUse: (used, quota) => `${bytes(used)} of ${bytes(quota)} in use`,
  keptNothing: 'No files are kept here now.',
  keptAbout: ({ size, loaded, isWhole, own }) => [isWhole ? bytes(size) : `${bytes(loaded)} of ${bytes(size)}`, own && 'shared by you']
    .filter(Boolean).join(' · '),
  keptDelete: 'Delete',
  keptDeleteName: (name) => `Delete from this device: ${name}`,
  settingsSave: 'Save',
  settingsConnecting: 'Connecting anew…',
  storageKinds: {
    none: () => 'Nothing of you is kept: the next reload makes you somebody else.',
    tab: () => 'You are kept as long as this tab. To be kept on this device, leave and join with a passphrase.',
    kept: (nick, short) => `You are kept on this device as ${nick} (${short}), under your passphrase.`,
  },
  moved: (room) => `You are in the room ${room} now.`,
});
