// SPDX-License-Identifier: GPL-3.0-or-later
// Every English text of the page. Functions take what varies; nothing here touches the document.

const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;
const names = (list) => (list.length > 6
  ? `${list.slice(0, 6).join(', ')} and ${list.length - 6} more`
  : list.join(', '));
const wayWord = { ok: 'ok', wait: 'connecting', down: 'silent' };

export const texts = {
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
  keepDevice: 'kept on this device',
  passphrase: 'Passphrase, to stay yourself on this device',
  keepHelp: 'With it you are the same person the next time, with your messages. Nobody can recover it. '
    + 'Without one you are forgotten when the tab is closed.',
  identityFile: 'Come with an identity from a file (optional)',
  filePassphrase: 'Passphrase of the file',
  identity: 'Identity and history',
  exportHelp: 'Your keys as a file, under a passphrase, to be yourself on another device. Use it in one place at a time.',
  exportButton: 'Save as a file',
  exported: 'Saved. Keep the passphrase apart from it.',
  exportPassphrase: 'Choose a passphrase of 1 to 1,024 characters.',
  clearHistory: 'Forget all messages',
  historyCleared: 'Forgotten. What is on its way still arrives.',
  restarted: 'nkt had to start again after a fault. What was stored goes on.',
  roomSummary: 'Room',
  room: 'Room name',
  secret: 'Secret (optional)',
  roomHelp: 'People with the same room and secret meet.',
  defaultRoom: 'nkt',
  noRoom: 'no room',
  ipNotice: 'A nick is only a label; an address is proof. People you talk to can see your IP address.',
  nickMissing: 'Please enter a nick.',
  nickLong: 'This nick is too long.',
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
  hashChanged: 'That link leads to another room. Leave this one first.',

  // joining by hand
  handOpen: 'No server? Invite by hand',
  hand: 'Join by hand',
  handNote: 'Two people connect without any server, by passing two texts to each other: by mail, by chat, or read off a screen.',
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
  handUntil: (date) => `Good for one person, until ${date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}. `
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
  userCopy: (name) => `Copy the address of ${name}`,
  userMute: (name) => `Mute ${name}: send nothing to them`,
  userUnmute: (name) => `Unmute ${name}`,
  userVerify: (name) => `Verify ${name}: compare safety numbers`,
  userVerified: (name) => `You have verified ${name}`,
  path: { direct: 'direct', relay: 'via relay', forwarded: 'via others', none: 'no path' },
  session: { none: 'no session yet', pending: 'agreeing on keys', established: 'encrypted session' },
  muted: 'muted',
  unreachable: 'unreachable',
  verified: 'verified',
  sameNick: 'Several people use this nick. Tell them apart by the address.',

  // system lines
  linesJoined: (list) => `${names(list)} joined`,
  linesLeft: (list) => `${names(list)} left`,
  linesUnreachable: (list) => `${names(list)} cannot be reached`,
  linesBack: (list) => `${names(list)} ${list.length === 1 ? 'is' : 'are'} back`,
  linesLinkUp: (list) => `Direct link to ${names(list)}`,
  linesLinkDown: (list) => `No direct link to ${names(list)} any more`,
  keyChanged: (nick) => `Careful: someone called ${nick} shows up with other keys: a new tab, or somebody else.`,
  keyChangedVerified: (nick, short, previous) => `Careful: ${short} calls itself ${nick}, but has other keys than the ${nick} you `
    + `verified (${previous}). Trust it only after you have compared numbers.`,
  debugMode: 'Debug mode: no plugin is loaded, messages of others go to the console. To show them here, type there: '
    + 'nkt.plugin((await import("/plugins/display.js")).default)',

  // messages
  own: 'you',
  privateTo: (name) => `private to ${name}`,
  privateFrom: 'private',
  clear: 'not encrypted',
  clearHelp: 'Signed, but readable by everybody on the way',
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
  target: (name, short) => `Private to ${name} · ${short}`,
  targetClear: 'Back to everyone',

  // commands
  noSuchCommand: (name) => `There is no command /${name}. /help lists them.`,
  usage: (usage) => `Usage: ${usage}`,
  unknownUser: (who) => `Nobody here is called ${who}. /list shows who is.`,
  ambiguousUser: (who, addresses) => `Several people are called ${who}. Use an address:\n${addresses.join('\n')}`,
  connecting: (addr) => `Looking for ${addr}…`,
  connected: (addr) => `Connected to ${addr}.`,
  connectFailed: (addr, reason) => `No link to ${addr}: ${reason}`,
  nowMuted: (name) => `${name} is muted: nothing you write is sent to them.`,
  nowUnmuted: (name) => `${name} is not muted any more.`,
  listHead: (n) => (n ? `${count(n, 'person', 'people')}:` : 'Nobody else is here.'),
  plugins: 'Plugins',
  pluginsHelp: 'They run in this page and can read what it reads. The lower ones see an event after the upper ones.',
  pluginAbout: {
    display: 'shows messages of others', commands: 'lines that begin with /', unread: 'counts in the title what you have not seen',
    irc: '/me, /shrug, /slap', replace: 'replaces words in what you send: /replace', yo: 'says “yo” to newcomers, privately',
  },
  pluginErrors: (n) => count(n, 'fault', 'faults'),
  pluginFault: (name, where, reason) => `The plugin ${name} failed at ${where}: ${reason}`,
  replaceNone: 'No words are replaced. /replace WORD BY adds one.',
  replaceSet: (word, by) => `${word} becomes ${by} in what you send.`,
  replaceGone: (word) => `${word} stays as it is.`,
  replaceUnknown: (word) => `${word} is not replaced.`,
  replaceFull: (n) => `At most ${n} words.`,
  replaceHelp: 'replace a word in what you send; without BY not any more',
  ircHelp: {
    me: ['/me DOES', 'say what you do'],
    shrug: ['/shrug TEXT', 'and a shrug'],
    slap: ['/slap NICK', 'with a large trout'],
  },
  pluginsHead: 'Plugins (+ loaded, - not loaded):',
  loaded: (name) => `Plugin ${name} is loaded.`,
  alreadyLoaded: (name) => `Plugin ${name} is loaded already.`,
  unloaded: (name) => `Plugin ${name} is unloaded.`,
  notLoaded: (name) => `No plugin called ${name} is loaded.`,
  loadFailed: (name, reason) => `Plugin ${name} cannot be loaded: ${reason}`,
  badPluginName: 'A plugin name has small letters, digits and dashes.',
  nickChanged: (nick) => `You are ${nick} now.`,
  help: {
    connect: ['/connect ADDRESS', 'join the swarm of somebody by address'],
    list: ['/list', 'who is here'],
    mute: ['/mute NICK or ADDRESS', 'send nothing to somebody; again to undo'],
    msg: ['/msg NICK or ADDRESS TEXT', 'write privately'],
    verify: ['/verify NICK or ADDRESS', 'compare safety numbers: is it really them?'],
    status: ['/status', 'how you are connected'],
    plugins: ['/plugins', 'which plugins are loaded'],
    load: ['/load NAME', 'load a plugin of this server'],
    unload: ['/unload NAME', 'unload a plugin'],
    invite: ['/invite [TEXT]', 'join by hand, without a server; TEXT is an invite or an answer'],
    swarm: ['/swarm', 'the swarm as a picture'],
    nick: ['/nick NAME', 'change your nick'],
    help: ['/help', 'this list'],
  },

  // windows fetched when they are opened
  notFetched: (reason) => `This window cannot be fetched, and is not kept in this browser yet: ${reason}`,

  // verification
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
  verifyCompare: 'Compare',
  dismiss: 'Dismiss',
  close: 'Close',

  // swarm
  swarm: 'The swarm',
  swarmOpen: 'Show the swarm as a picture',
  swarmClose: 'Close',
  swarmList: 'How everybody is reached',
  swarmSelf: 'You',
  swarmRelays: (n) => count(n, 'relay', 'relays').replace(/^1 /, ''),
  swarmRelay: ({ count: n, state }) => `${n === 1 ? 'The relay' : `${n} relays`}: ${texts.wayState[state]}`,
  swarmBy: {
    link: 'by WebRTC', eager: 'by WebRTC, on the broadcast tree', lazy: 'by WebRTC, as a spare link', relay: 'by the relay',
    flood: 'through others', none: 'not reached',
  },
  swarmThrough: (name) => `through ${name}`,
  swarmWaiting: 'not answering now',
  swarmForwards: (n) => `forwards for ${n}`,
  swarmMore: (n) => `And ${n} more.`,
  swarmSummary: ({ counts: c }) => {
    const people = Object.values(c).reduce((sum, n) => sum + n, 0);
    if (!people) return 'You are the only one here.';
    const ways = [[c.link, 'by WebRTC'], [c.peer + c.flood, 'through others'], [c.relay, 'by the relay'], [c.none, 'not at all']];
    const used = ways.filter(([n]) => n).map(([n, way]) => (n === people ? (n > 1 ? `all ${way}` : way) : `${n} ${way}`));
    return `You reach ${count(people, 'person', 'people')}: ${used.join(', ')}.`;
  },
  swarmSplit: 'The swarm looks split.',
  swarmWarning: {
    isolated: 'You have no direct link to anybody. If the relay goes, you are alone until somebody finds you again.',
    partitioned: 'The swarm looks split: some people cannot be reached from here. What you write waits for them.',
  },
  swarmLegend: 'What the lines mean',
  swarmLegendLink: 'WebRTC',
  swarmLegendEager: 'WebRTC, broadcast tree',
  swarmLegendLazy: 'WebRTC, spare',
  swarmLegendRelay: 'by the relay',
  swarmLegendPeer: 'forwarded by one',
  swarmLegendFlood: 'forwarded by several',

  // connection
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
  adviceGone: 'Everybody you are linked to still hears you, and passes on what you write. Whoever else wants to join can be '
    + 'invited by hand.',
  adviceTracker: 'Newcomers can still find you through the tracker.',
  adviceCutOff: 'Neither a relay, nor a tracker, nor anybody else can be reached. What you write waits in this tab. Is '
    + 'the server running?',
  adviceNoTracker: 'The tracker is silent. The relay does without.',
  // [what the error says, words that help]
  errors: [
    [/refused|1006|failed to connect/i, 'It is stopped, or a firewall is in between.'],
    [/time/i, 'It did not answer in time.'],
    [/40[13]|origin|denied/i, 'It refuses pages from this address.'],
    [/insecure|SecurityError/i, 'A page loaded over https can only use wss:// addresses.'],
    [/syntax|url/i, 'This address is not valid. It begins with ws:// or wss://.'],
    [/1001|1012/, 'It is restarting.'],
    [/429|1013|too many/i, 'It is busy.'],
  ],
  retry: 'Tried again by itself.',
};
