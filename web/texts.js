// SPDX-License-Identifier: GPL-3.0-or-later
// The English texts of the page, but for those that are said by one part alone and fetched with it (words_*.js); and another language's in
// their place where one is wanted (README.md). Functions take what varies; nothing here touches the document.

/** Each by its own name; the first is always there. check.js knows the others, too. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', fr: 'Français' };

const OTHERS = { de: () => import('./texts_de.js'), fr: () => import('./texts_fr.js') };
const LATE_MS = 5000; // without the language by then the page begins in English, and keeps to that

/** How the person's browser calls a language, which may name a country as well: dates and numbers are written as there. */
export const localeOf = (language) => globalThis.navigator?.languages?.find((tag) => tag.split('-')[0] === language) ?? language;

const locale = localeOf('en');
export const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;
export const names = (list) => (list.length > 6
  ? `${list.slice(0, 6).join(', ')} and ${list.length - 6} more`
  : list.join(', '));
const UNITS = [['year', 31_557_600_000], ['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]];
const duration = (ms) => {
  const [name, size] = UNITS.find(([, size]) => ms >= 1.5 * size) ?? UNITS[3];
  return count(Math.max(1, Math.round(ms / size)), name, `${name}s`);
};
export const bytes = (n) => {
  if (n < 1000) return count(Math.round(n), 'byte', 'bytes');
  const power = Math.min(3, Math.floor(Math.log10(n) / 3));
  const value = n / 1000 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${['', 'KB', 'MB', 'GB'][power]}`;
};
const wayWord = { ok: 'ok', wait: 'connecting', down: 'silent' };

export const texts = {
  locale,

  // login
  firstRun1: 'Every tab is a peer. People find each other through a small relay, then talk directly.',
  firstRun2: 'What you write is encrypted from end to end. Nobody in between can read it.',
  firstRun3: 'If the server dies, whoever is connected goes on talking.',
  nick: 'Your nick',
  nickHint: 'Ada',
  join: 'Join',
  joining: 'Starting…',
  deriving: 'Opening what is kept…',
  keepSummary: 'Who you are:',
  keepTab: 'only in this tab',
  keepNothing: 'until the next reload',
  insecure: 'This page came over plain http. Whoever is on the way, such as the owner of the Wi-Fi, can have changed it, and would then '
    + 'read what you write: what is said above holds only if nobody did. Nothing of you can be kept, and a reload makes you somebody else. '
    + 'Talking and direct links work. With https:// all of it does.',
  keepDevice: 'kept on this device',
  whoLegend: 'Kept on this device',
  whoNew: 'Somebody new',
  whoUsed: (date) => `last used ${date.toLocaleDateString(locale, { dateStyle: 'medium' })}`,
  whoOld: 'kept by an older version',
  whoUnknown: 'Without a nick',
  whoChoose: 'Others are kept on this device. Choose who you are, then join.',
  somebodyElse: (short) => `You are somebody else than before: ${short}. Who you were is open in another tab, or could not be found.`,
  passphrase: 'Passphrase, to stay yourself on this device',
  passphraseOf: (nick) => `Passphrase of ${nick}`,
  passphraseAgain: 'The same passphrase again',
  strength: ['Easy to guess.', 'Harder to guess.', 'Hard to guess.'],
  passphraseShow: 'Show what is typed',
  passphraseMissing: (nick) => `Enter the passphrase of ${nick}, or choose “Somebody new”.`,
  passphraseShort: (n) => `Take at least ${n} characters: whoever copies what is kept can try one after the other. Four words that have `
    + 'nothing to do with each other are better.',
  passphraseOnce: 'Enter it here as well: nobody can recover it after a slip.',
  passphraseDiffers: 'This is not the same.',
  keepHelp: 'With it you are the same person the next time, with your messages. Nobody can recover it. '
    + 'Without one you are forgotten when the tab is closed.',
  identityFile: 'Come with an identity from a file (optional)',
  filePassphrase: 'Passphrase of the file',
  identity: 'Identity and history',
  exportHelp: 'Your keys as a file, under a passphrase, to be yourself on another device. Use it in one place at a time.',
  exportButton: 'Save as a file',
  clearHistory: 'Forget all messages',
  clearHistorySure: 'Forget them for good?',
  historyCleared: 'Forgotten. What is on its way still arrives.',
  restarted: 'nkt had to start again after a fault. What was stored goes on.',
  roomSummary: 'Room',
  room: 'Room name',
  secret: 'Secret (optional)',
  roomHelp: 'People with the same room and secret meet.',
  defaultRoom: 'nkt',
  noRoom: 'no room',
  ipNotice: 'A nick is only a label; an address is proof. People you talk to can see your IP address.',
  foreignServers: (urls) => `This link leads to servers of others, who will see your IP address and with whom you talk: ${urls.join(', ')}.`
    + ' Join only if you trust whoever sent it.',
  nickMissing: 'Please enter a nick.',
  nickLong: 'This nick is too long.',
  tooLong: (n) => `This is too long: at most ${n} letters, fewer if they are not plain ones.`,
  partMissing: 'A part of this page did not load. Is the server running? Reload the page to try again.',
  partSlow: 'A part of this page is not there yet. It is waited for; if nothing happens, reload the page.',
  noWebRTC: 'This browser has no WebRTC, or it is switched off: you talk through the relay, not directly.',
  startFailed: (reason) => `Not started: ${reason}`,

  // frame
  messages: 'Messages',
  panel: 'People and connection',
  you: 'You',
  leave: 'Leave',
  people: 'People',
  invite: 'Invite',
  inviteText: 'Open this page in another tab, or send someone this link.',
  inviteLink: 'Invitation link',
  inviteSecret: 'The link contains the secret of this room.',
  copyLink: 'Copy link',
  copyText: 'Copy text',
  copyAddress: 'Copy address',
  copied: 'Copied',
  copyFailed: 'Not allowed here. Select it and copy by hand.',
  usersEmpty: 'Nobody else yet.',
  emptyAlone: 'Nobody else is here yet',
  emptyReady: 'Say hello',
  emptyReadyText: (n) => `${count(n, 'person is', 'people are')} here. Messages are encrypted to each of them.`,
  title: (unread, room) => `${unread ? `(${unread}) ` : ''}${room} · nkt`,

  // settings
  settings: 'Settings',
  storageLate: 'Storage answered too late for this visit: nothing of it is kept. Reload this page, and all of before is there '
    + 'again.',
  storageSilent: 'Storage does not answer: until it does nothing is kept, and a reload may make you somebody else. What you write leaves '
    + 'all the same.',
  storageMemory: (reason) => (/too late/.test(reason) ? texts.storageLate : /does not answer/.test(reason) ? texts.storageSilent
    : `Storage is full or blocked: until that changes nothing is kept${reason ? ` (${reason})` : ''}.`),
  storageInsecure: 'This page came over plain http: nothing of you is kept, and a reload makes you somebody else.',
  storageBack: 'Storage works again: everything is kept.',
  notifyDenied: 'This browser does not allow notifications here. Allow them at the address of the page, and try again.',

  // joining by hand
  handOpen: 'No server? Invite by hand',
  hand: 'Join by hand',
  handNote: 'Two people connect without any server, by passing on two texts: by mail, by chat, or read off a screen.',
  handHost: 'I invite',
  handGuest: 'I was invited',
  handHost1: 'Pass on this invite',
  handHost2: 'Enter the answer that comes back',
  handHost3: 'Wait for the connection',
  handGuest1: 'Enter the invite',
  handGuest2: 'Pass back this answer',
  handGuest3: 'Wait for the connection',
  handComplete: 'Connect',
  handAccept: 'Answer',
  handAgain: 'New invite',
  handQr: 'The same as a QR code',
  handMaking: 'Making an invite…',
  handAnswering: 'Making the answer…',
  handConnecting: 'Connecting…',
  handUntil: (date) => `Good for one person, until ${date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' })}. `
    + 'Keep this tab open.',
  handWaiting: (nick) => `Connected as soon as ${nick || 'the other side'} enters your answer. Keep this tab open.`,
  handConnected: (name) => `Connected with ${name}.`,
  handReveals: 'An invite tells who reads it your keys, your nick and your IP addresses, and whoever answers first can join. An answer '
    + 'can be read by the inviter alone. The secret of a room is in neither.',

  // service worker
  newer: 'A newer version of this page is there.',
  newerReload: 'Reload',
  newerRefused: (path) => `The server has a newer version of this page, but ${path} is not what it should be. This one stays.`,

  // users
  userMessage: (name, short) => `Write privately to ${name} (${short})`,
  userProfile: (name) => `Who ${name} is: profile`,
  userMute: (name) => `Do not send to ${name}`,
  userUnmute: (name) => `Send to ${name} again`,
  userIgnore: (name) => `Ignore ${name}: show nothing of them, for good`,
  userUnignore: (name) => `Hear ${name} again`,
  userVerify: (name) => `Verify ${name}: compare safety numbers`,
  userVerified: (name) => `You have verified ${name}`,
  path: { direct: 'direct', relay: 'via relay', forwarded: 'via others', none: 'no path' },
  session: { none: 'no session yet', pending: 'agreeing on keys', established: 'encrypted session' },
  muted: 'gets nothing from you',
  ignored: 'ignored',
  unreachable: 'unreachable',
  verified: 'verified',
  sameNick: 'Several people use this nick. Tell them apart by the address.',

  // system lines
  times: (name, n) => (n > 1 ? `${name} (${n} times)` : name),
  linesJoined: (list) => `${names(list)} joined`,
  linesLeft: (list) => `${names(list)} left`,
  linesUnreachable: (list) => `${names(list)} cannot be reached`,
  linesBack: (list) => `${names(list)} ${list.length === 1 ? 'is' : 'are'} back`,
  linesLinkUp: (list) => `Direct link to ${names(list)}`,
  linesLinkDown: (list) => `No direct link to ${names(list)} any more`,
  keyChanged: (nick, n) => `Careful: someone called ${nick} shows up with other keys: a new tab, or somebody else.`
    + `${n > 1 ? ` (The same one under ${n} known names in an hour.)` : ''}`,
  keyChangedVerified: (nick, short, previous) => `Careful: ${short} calls itself ${nick}, but has other keys than the ${nick} you `
    + `verified (${previous}). Trust it only after you have compared numbers.`,
  debugMode: 'Debug mode: no plugin is loaded, messages of others go to the console. To show them here, type there: '
    + 'nkt.plugin((await import("./plugins/display.js")).default)',

  // messages
  own: 'you',
  privateTo: (name) => `private to ${name}`,
  privateFrom: 'private',
  clear: 'not encrypted',
  clearHelp: 'Signed, but readable by everybody on the way',
  showAll: (letters) => `Show all (${letters < 10000 ? `${letters} letters` : `${Math.round(letters / 1000)} KB`})`,
  showLess: 'Show less',
  rooms: 'Other rooms',
  roomLeave: (name) => `Leave ${name}`,
  roomOpen: 'you are in it',
  roomNamed: 'somebody names you',
  roomsMany: (count) => `You are in ${count} rooms, which is the most at once. Leave one of them first: ✕ in the panel.`,
  roomForget: (name) => `Forget ${name}`,
  roomSecret: 'with a secret',
  talks: 'Conversations',
  talkInRoom: (room) => `To everybody in ${room}`,
  talkWith: (name) => `To ${name} alone`,
  saidElsewhere: 'to everybody in another room',
  unseen: 'New',
  newMessages: (n) => (n ? count(n, 'new message', 'new messages') : 'Newest'),
  delivery: {
    queued: 'Waiting',
    sent: 'Sent',
    delivered: 'Delivered',
    partial: 'Delivered, but not to everybody',
    failed: 'Not delivered',
    nobody: 'Nobody was here to read it',
  },
  cancelled: 'A plugin stopped this message.',
  unknownReason: 'no reason given',

  // input
  line: 'Message',
  lineHint: 'Write, or / for commands',
  lineHintPrivate: 'Private message',
  send: 'Send',
  size: (size, max) => (size > max ? `${(size - max).toLocaleString(locale)} bytes too long to be sent in one. Nothing is cut.`
    : `${(max - size).toLocaleString(locale)} bytes left. Quotes, line ends and emoji take more than one.`),
  notSent: (reason) => `Not sent: ${reason}`,
  unsentLabel: 'Not sent',
  unsent: (text, name) => `Not sent${name ? ` to ${name}` : ''}: ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`,
  unsentBack: 'Put back',
  unsentDrop: 'Drop',
  target: (name, short) => `Private to ${name} · ${short}`,
  targetClear: 'Back to everyone',
  reply: (name) => `Reply to ${name}`,
  replying: (name, text) => `Reply to ${name}: ${text}`,
  replyClear: 'No reply after all',
  replyUnknown: 'Quoted, not here:',
  replyShow: 'Go there',

  // what one can do with a message
  more: (name) => `What to do with this message of ${name}`,
  editing: (text) => `Edit: ${text}`,
  editEmpty: 'Nothing would be left of it. Its menu deletes a message; Esc leaves it as it is.',
  edited: 'edited',
  gone: 'Deleted',
  signOf: (what, n) => `${what}: ${count(n, 'person', 'people')}`,
  signBy: (list) => names(list),
  search: 'Search the messages',
  noSuchCommand: (name) => `There is no command /${name}. /help lists them.`,
  usage: (usage) => `Usage: ${usage}`,
  unknownUser: (who) => `Nobody here is called ${who}. /list shows who is.`,
  ambiguousUser: (who, addresses) => `Several people are called ${who}. Use an address:\n${addresses.join('\n')}`,
  whomMeant: (all) => `whom do you mean: ${all.join(' or ')}? Write the name in quotes`,
  connecting: (addr) => `Looking for ${addr}…`,
  connected: (addr) => `Connected to ${addr}.`,
  connectFailed: (addr, reason) => `No link to ${addr}: ${reason}`,
  nowMuted: (name) => `${name} is muted: nothing you write is sent to them.`,
  nowUnmuted: (name) => `${name} is not muted any more.`,
  nowIgnored: (name) => `${name} is ignored: nothing of them is shown any more, for good. They are not told. /unignore undoes it.`,
  nowHeard: (name) => `${name} is heard again. What they said in the last day may still arrive.`,
  ignoredHead: (n) => (n ? `You ignore ${count(n, 'person', 'people')}:` : 'You ignore nobody.'),
  listHead: (n) => (n ? `${count(n, 'person', 'people')}:` : 'Nobody else is here.'),
  plugins: 'Plugins',
  pluginsHelp: 'They run in this page and can read what it reads. The lower ones see an event after the upper ones.',
  pluginAbout: {
    display: 'shows messages of others', commands: 'lines that begin with /',
    unread: 'counts in the title and on the icon what you have not seen',
    irc: '/me, /shrug, /slap', notify: 'notifies you while you look elsewhere',
    calls: 'voice, video and screen: /call', replace: 'replaces words in what you send: /replace', yo: 'says “yo” to newcomers, privately',
    coin: 'tosses a coin: /coin', poll: 'asks everybody: /poll', typing: 'shows who is typing', whiteboard: 'a board for all to draw on',
  },
  pluginErrors: (n) => count(n, 'fault', 'faults'),
  pluginFault: (name, where, reason) => `The plugin ${name} failed at ${where}: ${reason}`,
  pluginsHead: 'Plugins (+ loaded, - not loaded):',
  loaded: (name) => `Plugin ${name} is loaded.`,
  alreadyLoaded: (name) => `Plugin ${name} is loaded already.`,
  unloaded: (name) => `Plugin ${name} is unloaded.`,
  notLoaded: (name) => `No plugin called ${name} is loaded.`,
  loadFailed: (name, reason) => `Plugin ${name} cannot be loaded: ${reason}`,
  badPluginName: 'A plugin name has small letters, digits and dashes; a path of this server begins with / and ends with .js.',
  nickChanged: (nick) => `You are ${nick} now.`,
  help: {
    connect: ['/connect ADDRESS', 'join the swarm of somebody by address'],
    list: ['/list', 'who is here'],
    mute: ['/mute NICK or ADDRESS', 'send nothing to somebody; again to undo'],
    ignore: ['/ignore NICK or ADDRESS', 'show nothing of somebody any more, for good; without a name: whom you ignore'],
    unignore: ['/unignore NICK or ADDRESS', 'hear them again'],
    msg: ['/msg NICK or ADDRESS TEXT', 'write privately'],
    verify: ['/verify NICK or ADDRESS', 'compare safety numbers: is it really them?'],
    status: ['/status', 'how you are connected'],
    plugins: ['/plugins', 'which plugins are loaded'],
    load: ['/load NAME', 'load a plugin of this server, by name or path'],
    unload: ['/unload NAME', 'unload a plugin'],
    invite: ['/invite [TEXT]', 'join by hand, without a server; TEXT is an invite or an answer'],
    swarm: ['/swarm', 'the swarm as a picture'],
    search: ['/search WORDS or YYYY-MM-DD', 'search the messages, or go to a day'],
    settings: ['/settings', 'room, servers, notifications, what is kept'],
    nick: ['/nick NAME', 'change your nick'],
    help: ['/help', 'this list'],
  },

  // calls
  callHelp: {
    call: ['/call NICK or ADDRESS', 'call somebody, or ask them into the call; no name: whoever you talk with alone, or everybody'],
    video: ['/video NICK or ADDRESS', 'the same with your camera'],
    answer: ['/answer', 'answer whoever rings'],
    hangup: ['/hangup', 'say no to whoever rings, or leave the call'],
  },
  callAll: 'Call everybody here',
  callMany: 'More than five people are here: name one after the other, /call NICK.',
  userCall: (name) => `Call ${name}`,
  notFetched: 'This window cannot be fetched, and is not kept in this browser yet. Try again when the server can be reached.',

  // verification
  verifyCompare: 'Compare',
  dismiss: 'Dismiss',
  close: 'Close',

  // swarm
  swarm: 'The swarm',
  swarmOpen: 'Show the swarm as a picture',
  swarmClose: 'Close',
  swarmList: 'How everybody is reached',
  swarmSplit: 'The swarm looks split.',
  swarmWarning: {
    isolated: 'You have no direct link to anybody. If the relay goes, you are alone until somebody finds you again.',
    partitioned: 'The swarm looks split: some people cannot be reached from here. What you write waits for them.',
  },
  swarmLegend: 'What the lines mean',
  swarmLegendLink: 'WebRTC',
  swarmLegendEager: 'WebRTC, often the quickest',
  swarmLegendLazy: 'WebRTC, spare',
  swarmLegendRelay: 'by the relay',
  swarmLegendPeer: 'forwarded by one',
  swarmLegendFlood: 'forwarded by several',

  // contents
  attach: 'Attach files',
  attachedLabel: 'Files that are sent with the next line',
  attachNotFetched: 'Files cannot be sent now: that part of the page cannot be fetched, and is not kept in this browser yet.',
  attachMoved: (name) => `${name} was not sent: you left the room.`,
  bytes,
  cardFailed: (reason) => `That did not work: ${reason}`,
  bytesOf: (size, what) => `${bytes(size)} of ${what.slice(0, 100)}`,
  cardNotFetched: 'It cannot be shown: that part of the page cannot be fetched, and is not kept in this browser yet.',
  cardNoName: 'A file',
  tryAgain: 'Try again',
  connection: 'Connection',
  relays: 'Relay',
  trackers: 'Trackers',
  links: 'Direct links (WebRTC)',
  none: { relays: 'None set.', trackers: 'None set.', links: 'None yet.' },
  wayState: { ok: 'connected', wait: 'connecting…', down: 'not answering' },
  counters: (c) => [
    `${count(c.sessions, 'encrypted session', 'encrypted sessions')}.`,
    c.outbox ? `${count(c.outbox, 'message is', 'messages are')} waiting.` : '',
    c.dropped ? `${count(c.dropped, 'bad frame', 'bad frames')} dropped.` : '',
  ].filter(Boolean).join(' '),
  levelWord: { ok: 'Connected', idle: 'Connecting…', warn: 'No server', bad: 'Not connected', split: 'Swarm split' },
  starting: 'Connecting…',
  summary: ({ people, relay, tracker, links }) => [
    people ? `Connected to ${count(people, 'person', 'people')}` : 'Nobody else here yet',
    [relay && `relay ${wayWord[relay]}`, tracker && `tracker ${wayWord[tracker]}`,
      people > 0 && count(links, 'direct link', 'direct links')].filter(Boolean).join(', '),
  ].join(': '),
  relayGone: (links) => `Relay is gone. ${links === 1 ? '1 direct link carries' : `${links} direct links carry`} on.`,
  relayAway: (links) => `Relay does not answer. ${links === 1 ? '1 direct link carries' : `${links} direct links carry`} on.`,
  relayGoneTracker: 'Relay does not answer. Looking for people through the tracker.',
  cutOff: 'Not connected. Trying again.',
  stopped: 'nkt stopped after a fault. Reload the page: what was stored goes on.',
  adviceGone: 'Everybody you are linked to still hears you, and passes on what you write. Whoever else wants to join can be '
    + 'invited by hand.',
  adviceTracker: 'Newcomers can still find you through the tracker.',
  adviceCutOff: 'No relay, tracker or person can be reached. What you write waits here for who comes back. '
    + 'Is the server running?',
  adviceNoTracker: 'The tracker is silent. The relay does without.',
  clockOff: (ms) => (ms ? `Your clock is ${duration(Math.abs(ms))} ${ms > 0 ? 'ahead of' : 'behind'} the others’.` : ''),
  // [what the error says, words that help]
  addressChanged: (address) => `The protocol has a new version, so your address is another one now: ${address}. Your keys, what was `
    + 'said, and whom you verified, ignore or send nothing are as before. Who looks for you by the old one has to be told; and if '
    + 'you came here by an invite, you need another.',
  relayVersion: (url) => `The relay ${url} speaks another version of the protocol. Reload the page; if that does not `
    + 'help, ask whoever runs it to update.',
  errors: [
    [/version/i, 'It speaks another version. Reload the page, or ask whoever runs it to update.'],
    [/refused|1006|failed to connect/i, 'It is stopped, or a firewall is in between.'],
    [/time/i, 'It did not answer in time.'],
    [/40[13]|origin|denied/i, 'It refuses pages from this address.'],
    [/insecure|SecurityError/i, 'A page loaded over https can only use wss:// addresses.'],
    [/syntax|url/i, 'This address is not valid. It begins with ws:// or wss://.'],
    [/1001|1012/, 'It is restarting.'],
    [/429|1013|too many/i, 'It is busy.'],
  ],
  retry: 'Tried again by itself.',

  // what nkt's errors say, where their own words (which are English) are not for people: by code, or by the name of a browser's error
  codes: {
    __proto__: null,
    NKT_E_MUTED: 'you have set that nothing is sent to them; the arrow beside the name, or /mute, takes it back',
    NKT_E_STATE: 'not possible at the moment: it has not begun yet, or is over',
    NKT_E_NOT_FETCHED: 'a file of it is not at the server, or cannot be reached now',
    NotReadableError: 'this file cannot be read: it was changed or deleted, or is a folder; choose it again',
  },
  // where there is no code, words that have one
  reasons: { __proto__: null, 'nothing is sent to that user: dontSendTo is set': 'NKT_E_MUTED' },
};

/** What is said by a part of the page alone, and fetched with it; another language has it already. @param {Record<string, any>} more */
export function addTexts(more) {
  for (const [name, text] of Object.entries(more)) if (!Object.hasOwn(texts, name)) texts[name] = text;
}

const SAME = { __proto__: null, NotFoundError: 'NotReadableError' }; // as other browsers call it
const UNFETCHED = /dynamically imported|module script failed/; // as browsers say it of import()

/** What an error says, or a reason alone, in the page's language where that has words for it. @param {unknown} error */
export function wordsOf(error) {
  const own = error?.message || String(error);
  const nameOf = (one) => SAME[one?.name] ?? one?.name;
  const code = UNFETCHED.test(own) ? 'NKT_E_NOT_FETCHED' : texts.reasons[own] ?? nameOf(error);
  const why = error?.code === 'NKT_E_VALUE' ? nameOf(error.cause) : ''; // a file that cannot be read
  const words = texts.codes[why] ?? texts.codes[error?.code] ?? texts.codes[code] ?? own;
  return typeof words === 'function' ? words(own) : words;
}

/** Null in English; else settled when the texts are those of the page's language, or English for good because they did not come. */
export const translated = translate(globalThis.document?.documentElement);

function translate(page) {
  const fetching = page && Object.hasOwn(OTHERS, page.lang) && OTHERS[page.lang]();
  if (!fetching) return null;
  const late = new Promise((resolve, reject) => { setTimeout(reject, LATE_MS); });
  return Promise.race([fetching, late]).then((other) => { Object.assign(texts, other.texts); }, () => { page.lang = 'en'; });
}
