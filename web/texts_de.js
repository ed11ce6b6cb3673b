// SPDX-License-Identifier: GPL-3.0-or-later
// Every text of the page in German, loaded when it is wanted. Keys and parameters are those of texts.js (tests/glue/languages.test.mjs).

import { localeOf } from './texts.js';

const locale = localeOf('de');
const plural = new Intl.PluralRules('de');
const number = (n, options) => n.toLocaleString(locale, options);
const pick = (n, one, many) => (plural.select(n) === 'one' ? one : many);
const count = (n, one, many) => `${number(n)} ${pick(n, one, many)}`;
const names = (list) => (list.length > 6
  ? `${list.slice(0, 6).join(', ')} und ${number(list.length - 6)} weitere`
  : list.join(', '));
const UNITS = [
  ['Jahr', 'Jahre', 31_557_600_000], ['Tag', 'Tage', 86_400_000], ['Stunde', 'Stunden', 3_600_000], ['Minute', 'Minuten', 60_000],
];
const duration = (ms) => {
  const [one, many, size] = UNITS.find(([, , size]) => ms >= 1.5 * size) ?? UNITS[3];
  return count(Math.max(1, Math.round(ms / size)), one, many);
};
const bytes = (n) => {
  if (n < 1000) return count(Math.round(n), 'Byte', 'Byte');
  const power = Math.min(3, Math.floor(Math.log10(n) / 3));
  const value = n / 1000 ** power;
  const digits = value < 10 ? 1 : 0;
  return `${number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${['', 'KB', 'MB', 'GB'][power]}`;
};
const wayWord = { ok: 'da', wait: 'wird verbunden', down: 'stumm' };
const goesOn = (links) => (links === 1 ? 'Eine direkte Verbindung trägt weiter.' : `${number(links)} direkte Verbindungen tragen weiter.`);

export const texts = {
  locale,

  // login
  firstRun1: 'Jeder Tab ist ein Peer. Über ein kleines Relay findet man sich, danach spricht man direkt miteinander.',
  firstRun2: 'Was du schreibst, ist von Ende zu Ende verschlüsselt. Niemand dazwischen kann es lesen.',
  firstRun3: 'Fällt der Server aus, spricht weiter, wer verbunden ist.',
  nick: 'Dein Nick',
  nickHint: 'Ada',
  join: 'Beitreten',
  joining: 'Beginnt…',
  deriving: 'Was gespeichert ist, wird geöffnet…',
  keepSummary: 'Wer du bist:',
  keepTab: 'nur in diesem Tab',
  keepNothing: 'bis zum nächsten Neuladen',
  insecure: 'Diese Seite kam über einfaches http. Wer unterwegs mithört, etwa der Besitzer des WLANs, kann sie verändert haben und läse '
    + 'dann mit, was du schreibst: Was oben steht, gilt nur, wenn das niemand getan hat. Von dir kann nichts gespeichert werden, und nach '
    + 'dem Neuladen bist du jemand anderes. Reden und direkte Verbindungen gehen. Mit https:// geht alles.',
  keepDevice: 'auf diesem Gerät gespeichert',
  whoLegend: 'Auf diesem Gerät gespeichert',
  whoNew: 'Jemand Neues',
  whoUsed: (date) => `zuletzt am ${date.toLocaleDateString(locale, { dateStyle: 'medium' })}`,
  whoOld: 'von einer älteren Version gespeichert',
  whoUnknown: 'Ohne Nick',
  whoChoose: 'Auf diesem Gerät sind schon andere gespeichert. Wähle, wer du bist, und tritt dann bei.',
  somebodyElse: (short) => `Du bist jemand anderes als zuvor: ${short}. Wer du warst, ist in einem anderen Tab offen oder nicht zu finden.`,
  passphrase: 'Passphrase, um auf diesem Gerät du selbst zu bleiben',
  passphraseOf: (nick) => `Passphrase von ${nick}`,
  passphraseAgain: 'Dieselbe Passphrase noch einmal',
  strength: ['Leicht zu erraten.', 'Schwerer zu erraten.', 'Schwer zu erraten.'],
  passphraseShow: 'Zeigen, was ich tippe',
  passphraseMissing: (nick) => `Gib die Passphrase von ${nick} ein, oder wähle „Jemand Neues“.`,
  passphraseShort: (n) => `Nimm mindestens ${n} Zeichen: Wer kopiert, was hier gespeichert ist, kann eine nach der anderen probieren. `
    + 'Vier Wörter, die nichts miteinander zu tun haben, sind besser.',
  passphraseOnce: 'Gib sie auch hier ein: Nach einem Tippfehler kann sie niemand wiederherstellen.',
  passphraseDiffers: 'Das ist nicht dieselbe.',
  keepHelp: 'Mit ihr bist du beim nächsten Mal wieder du, mit deinen Nachrichten. Niemand kann sie wiederherstellen. '
    + 'Ohne sie bist du vergessen, sobald der Tab zu ist.',
  identityFile: 'Mit einer Identität aus einer Datei kommen (wenn du willst)',
  filePassphrase: 'Passphrase der Datei',
  identity: 'Identität und Verlauf',
  exportHelp: 'Deine Schlüssel als Datei, unter einer Passphrase, um auf einem anderen Gerät du selbst zu sein. Benutze sie immer nur an '
    + 'einem Ort.',
  exportButton: 'Als Datei speichern',
  exported: 'Gespeichert. Bewahre die Passphrase getrennt davon auf.',
  clearHistory: 'Alle Nachrichten vergessen',
  clearHistorySure: 'Für immer vergessen?',
  historyCleared: 'Vergessen. Was unterwegs ist, kommt noch an.',
  restarted: 'nkt musste nach einem Fehler neu beginnen. Was gespeichert war, geht weiter.',
  roomSummary: 'Raum',
  room: 'Name des Raums',
  secret: 'Geheimnis (wenn du willst)',
  roomHelp: 'Wer denselben Raum und dasselbe Geheimnis eingibt, trifft sich.',
  defaultRoom: 'nkt',
  noRoom: 'kein Raum',
  ipNotice: 'Ein Nick ist nur ein Etikett, eine Adresse ist ein Beweis. Wer mit dir spricht, kann deine IP-Adresse sehen.',
  foreignServers: (urls) => 'Dieser Link führt zu fremden Servern. Sie werden deine IP-Adresse sehen und mit wem du sprichst: '
    + `${urls.join(', ')}. Tritt nur bei, wenn du dem vertraust, der ihn geschickt hat.`,
  nickMissing: 'Bitte gib einen Nick ein.',
  nickLong: 'Dieser Nick ist zu lang.',
  tooLong: (n) => `Das ist zu lang: höchstens ${n} Buchstaben, weniger bei Umlauten und anderen besonderen.`,
  partMissing: 'Ein Teil dieser Seite wurde nicht geladen. Läuft der Server? Lade die Seite neu, um es noch einmal zu versuchen.',
  partSlow: 'Ein Teil dieser Seite ist noch nicht da. Es wird darauf gewartet; wenn nichts geschieht, lade die Seite neu.',
  noWebRTC: 'Dieser Browser hat kein WebRTC, oder es ist abgeschaltet: Du sprichst über das Relay, nicht direkt.',
  startFailed: (reason) => `Nicht begonnen: ${reason}`,

  // frame
  messages: 'Nachrichten',
  panel: 'Leute und Verbindung',
  you: 'Du',
  leave: 'Verlassen',
  people: 'Leute',
  invite: 'Einladen',
  inviteText: 'Öffne diese Seite in einem weiteren Tab, oder schicke jemandem diesen Link.',
  inviteLink: 'Link zum Einladen',
  inviteSecret: 'Der Link enthält das Geheimnis dieses Raums.',
  copyLink: 'Link kopieren',
  copyText: 'Text kopieren',
  copyAddress: 'Adresse kopieren',
  copied: 'Kopiert',
  copyFailed: 'Hier nicht erlaubt. Markiere es und kopiere von Hand.',
  usersEmpty: 'Noch niemand sonst.',
  emptyAlone: 'Noch ist niemand sonst hier',
  emptyReady: 'Sag hallo',
  emptyReadyText: (n) => `${pick(n, 'Eine Person ist', `${number(n)} Leute sind`)} hier. Nachrichten werden für jeden einzeln `
    + 'verschlüsselt.',
  title: (unread, room) => `${unread ? `(${unread}) ` : ''}${room} · nkt`,

  // settings
  settings: 'Einstellungen',
  settingsServers: 'Server',
  settingsServersHelp: 'In diesem Browser gespeichert, für jeden Besuch dieser Seite. Einer je Zeile; leer für keinen.',
  settingsServed: 'Wie dieser Server es vorgibt',
  settingsKinds: {
    relays: { title: 'Relays', hint: 'wss://relay.example.org/relay', wanted: 'keine Adresse, die mit ws:// oder wss:// beginnt' },
    trackers: { title: 'Tracker', hint: 'wss://tracker.example.org', wanted: 'keine Adresse, die mit ws:// oder wss:// beginnt' },
    iceServers: {
      title: 'STUN und TURN', hint: 'stun:stun.example.org:3478\nturn:turn.example.org:3478 NAME PASSWORT',
      wanted: 'weder stun:HOST:PORT noch turn:HOST:PORT NAME PASSWORT',
    },
  },
  settingsBad: ({ title, wanted }, line) => `${title}: „${line}“ ist ${wanted}.`,
  settingsRefused: (list) => `Gespeichert, aber dies lässt sich nicht benutzen (höchstens 8 gehen):\n${list}`,
  settingsNotKept: 'Gilt jetzt, aber dieser Browser merkt es sich nicht: Der Speicher ist hier gesperrt.',
  settingsBrowser: 'Dieser Browser',
  settingsLanguage: 'Sprache',
  settingsLanguageBrowser: 'Wie der Browser',
  settingsLanguageHelp: 'Gilt, sobald die Seite neu geladen wird.',
  settingsNotify: 'Mir Nachrichten melden, während ich woanders hinsehe',
  settingsNotifyHelp: 'Die Meldung zeigt, wer geschrieben hat und was.',
  settingsPresence: 'Im Gespräch sagen, wer kommt und geht',
  settingsPresenceHelp: 'Wer da ist und wie verbunden, steht in jedem Fall in der Liste.',
  settingsHistory: 'Nachrichten speichern, verschlüsselt',
  settingsHistoryHelp: 'Die neuesten 2.000. Ohne dies sind sie beim nächsten Neuladen weg, die bisherigen sofort.',
  settingsFiles: 'Dateien',
  settingsUnasked: 'Bilder holen, ohne zu fragen',
  settingsUnaskedUpTo: (size) => (size ? `bis ${bytes(size)}` : 'nie'),
  settingsUnaskedHelp: 'Von Leuten, denen du sendest, sobald sie kommen. Alles andere wird geholt, wenn du es sagst.',
  settingsQuota: 'Platz für Dateien auf diesem Gerät',
  settingsQuotaHelp: 'Ist er voll, geht zuerst, was am längsten nicht benutzt wurde, zuletzt, was du selbst geteilt hast.',
  keptFiles: 'Dateien auf diesem Gerät',
  keptUse: (used, quota) => `${bytes(used)} von ${bytes(quota)} belegt`,
  keptNothing: 'Zurzeit sind hier keine Dateien.',
  keptAbout: ({ size, loaded, isWhole, own }) => [isWhole ? bytes(size) : `${bytes(loaded)} von ${bytes(size)}`, own && 'von dir geteilt']
    .filter(Boolean).join(' · '),
  keptDelete: 'Löschen',
  keptDeleteName: (name) => `Von diesem Gerät löschen: ${name}`,
  settingsSave: 'Speichern',
  settingsConnecting: 'Wird neu verbunden…',
  storageKinds: {
    none: () => 'Von dir wird nichts gespeichert: Nach dem nächsten Neuladen bist du jemand anderes.',
    tab: () => 'Du bleibst du, solange dieser Tab offen ist. Um es auf diesem Gerät zu bleiben, verlasse den Raum und tritt mit einer '
      + 'Passphrase bei.',
    kept: (nick, short) => `Du bist auf diesem Gerät gespeichert als ${nick} (${short}), unter deiner Passphrase.`,
  },
  storageLate: 'Der Speicher hat für diesen Besuch zu spät geantwortet: Nichts davon wird gespeichert. Wer du warst, und was gesagt wurde, '
    + 'ist wieder da, wenn du diese Seite neu lädst.',
  storageSilent: 'Der Speicher antwortet nicht: Bis er es tut, wird nichts gespeichert, und nach dem Neuladen bist du vielleicht jemand '
    + 'anderes. Was du schreibst, geht trotzdem hinaus.',
  storageMemory: (reason) => (/too late/.test(reason) ? texts.storageLate : /does not answer/.test(reason) ? texts.storageSilent
    : `Der Speicher ist voll oder gesperrt: Bis sich das ändert, wird nichts gespeichert${reason ? ` (${reason})` : ''}.`),
  storageInsecure: 'Diese Seite kam über einfaches http: Von dir wird nichts gespeichert, und nach dem Neuladen bist du jemand anderes.',
  storageBack: 'Der Speicher geht wieder: Alles wird gespeichert.',
  moved: (room) => `Du bist jetzt im Raum ${room}.`,
  notifyRing: (name, room) => `${name} ruft an · ${room}`,
  notifyTitle: (name, room, isPrivate) => (isPrivate ? `${name}, privat` : `${name} · ${room}`),
  notifyMention: (name, room) => `${name} nennt dich · ${room}`,
  notifyReply: 'Antworten',
  notifyReplyTo: (name, room, isPrivate) => (isPrivate ? `An ${name}, privat` : `An alle in ${room}`),
  notifyLost: 'Nicht gesendet: Die Seite dazu ist zu oder in einem anderen Raum',
  notifyMissing: 'Dieser Browser kann nichts melden.',
  notifyDenied: 'Dieser Browser erlaubt hier keine Meldungen. Erlaube sie bei der Adresse der Seite, und versuche es noch einmal.',

  // joining by hand
  handOpen: 'Kein Server? Von Hand einladen',
  hand: 'Von Hand beitreten',
  handNote: 'Zwei Leute verbinden sich ganz ohne Server, indem sie einander zwei Texte zukommen lassen: per Mail, in einem Chat, oder vom '
    + 'Bildschirm abgelesen.',
  handHost: 'Ich lade ein',
  handGuest: 'Ich bin eingeladen',
  handHost1: 'Gib diese Einladung weiter',
  handHost2: 'Gib die Antwort ein, die zurückkommt',
  handHost3: 'Warte auf die Verbindung',
  handGuest1: 'Gib die Einladung ein',
  handGuest2: 'Gib diese Antwort zurück',
  handGuest3: 'Warte auf die Verbindung',
  handComplete: 'Verbinden',
  handAccept: 'Antworten',
  handAgain: 'Neue Einladung',
  handQr: 'Dasselbe als QR-Code',
  handMaking: 'Die Einladung entsteht…',
  handAnswering: 'Die Antwort entsteht…',
  handConnecting: 'Wird verbunden…',
  handUntil: (date) => `Gilt für eine Person, bis ${date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' })} Uhr. `
    + 'Lass diesen Tab offen.',
  handWaiting: (nick) => `Verbunden, sobald ${nick || 'die andere Seite'} deine Antwort eingibt. Lass diesen Tab offen.`,
  handConnected: (name) => `Mit ${name} verbunden.`,
  handReveals: 'Eine Einladung verrät, wer sie auch liest, deine Schlüssel, deinen Nick und deine IP-Adressen; wer zuerst antwortet, kann '
    + 'beitreten. Eine Antwort kann nur lesen, wer eingeladen hat. Das Geheimnis eines Raums steht in keiner von beiden.',

  // service worker
  newer: 'Eine neuere Version dieser Seite ist da.',
  newerReload: 'Neu laden',
  newerRefused: (path) => `Der Server hat eine neuere Version dieser Seite, aber ${path} ist nicht, was es sein soll. Diese hier bleibt.`,

  // users
  userMessage: (name, short) => `${name} (${short}) privat schreiben`,
  userProfile: (name) => `Wer ${name} ist: Profil`,
  profileFacts: { seen: 'Zuletzt gehört', way: 'Erreichbar', session: 'Verschlüsselung', verified: 'Identität',
    number: 'Sicherheitsnummer' },
  profileNow: 'jetzt',
  profileKeeper: 'bewahrt Nachrichten für Abwesende auf',
  profileNotVerified: 'noch nicht geprüft',
  profileTalk: 'Gespräch',
  profileVerify: 'Nummern vergleichen',
  profileMuteHelp: 'Bekommt nichts von dem, was du schreibst; du hörst weiter von dieser Person.',
  profileIgnoreHelp: 'Nichts von dieser Person wird gezeigt, aufbewahrt oder gemeldet. Sie erfährt es nicht und bekommt weiter, was du an '
    + 'alle schreibst.',
  userCopy: (name) => `Adresse von ${name} kopieren`,
  userMute: (name) => `Nichts an ${name} senden`,
  userUnmute: (name) => `Wieder an ${name} senden`,
  userIgnore: (name) => `${name} ignorieren: nichts mehr davon zeigen, auf Dauer`,
  userUnignore: (name) => `${name} wieder hören`,
  userVerify: (name) => `${name} prüfen: Sicherheitsnummern vergleichen`,
  userVerified: (name) => `Du hast ${name} geprüft`,
  path: { direct: 'direkt', relay: 'über das Relay', forwarded: 'über andere', none: 'kein Weg' },
  session: { none: 'noch keine Sitzung', pending: 'Schlüssel werden vereinbart', established: 'verschlüsselte Sitzung' },
  muted: 'bekommt nichts von dir',
  ignored: 'ignoriert',
  unreachable: 'nicht erreichbar',
  verified: 'geprüft',
  sameNick: 'Mehrere benutzen diesen Nick. Unterscheide sie an der Adresse.',

  // system lines
  times: (name, n) => (n > 1 ? `${name} (${number(n)}-mal)` : name),
  linesJoined: (list) => `Gekommen: ${names(list)}`,
  linesLeft: (list) => `Gegangen: ${names(list)}`,
  linesUnreachable: (list) => `Nicht zu erreichen: ${names(list)}`,
  linesBack: (list) => `Wieder da: ${names(list)}`,
  linesLinkUp: (list) => `Direkte Verbindung mit ${names(list)}`,
  linesLinkDown: (list) => `Keine direkte Verbindung mit ${names(list)} mehr`,
  keyChanged: (nick, n) => `Vorsicht: Jemand namens ${nick} erscheint mit anderen Schlüsseln: ein neuer Tab, oder jemand anderes.`
    + `${n > 1 ? ` (Dieselbe Person unter ${number(n)} bekannten Namen in einer Stunde.)` : ''}`,
  keyChangedVerified: (nick, short, previous) => `Vorsicht: ${short} nennt sich ${nick}, hat aber andere Schlüssel als ${nick}, den du `
    + `geprüft hast (${previous}). Vertraue dem erst, wenn ihr die Nummern verglichen habt.`,
  debugMode: 'Fehlersuche: Kein Plugin ist geladen, Nachrichten anderer gehen in die Konsole. Um sie hier zu zeigen, tippe dort: '
    + 'nkt.plugin((await import("./plugins/display.js")).default)',

  // messages
  own: 'du',
  privateTo: (name) => `privat an ${name}`,
  privateFrom: 'privat',
  clear: 'nicht verschlüsselt',
  clearHelp: 'Unterschrieben, aber für jeden auf dem Weg lesbar',
  showAll: (letters) => 'Alles zeigen '
    + `(${letters < 10000 ? count(letters, 'Zeichen', 'Zeichen') : `${number(Math.round(letters / 1000))} KB`})`,
  showLess: 'Weniger zeigen',
  rooms: 'Andere Räume',
  roomLeave: (name) => `${name} verlassen`,
  roomOpen: 'du bist darin',
  roomNamed: 'jemand nennt dich',
  roomsMany: (count) => `Du bist in ${count} Räumen, mehr geht nicht zugleich. Verlass erst einen davon: ✕ in der Leiste.`,
  roomForget: (name) => `${name} vergessen`,
  roomSecret: 'mit Geheimnis',
  talks: 'Gespräche',
  talkInRoom: (room) => `An alle in ${room}`,
  talkWith: (name) => `Nur an ${name}`,
  saidElsewhere: 'an alle in einem anderen Raum',
  unseen: 'Neu',
  newMessages: (n) => (n ? count(n, 'neue Nachricht', 'neue Nachrichten') : 'Neueste'),
  delivery: {
    queued: 'Wartet',
    sent: 'Gesendet',
    delivered: 'Zugestellt',
    partial: 'Zugestellt, aber nicht allen',
    failed: 'Nicht zugestellt',
    nobody: 'Niemand war da, der es lesen konnte',
  },
  cancelled: 'Ein Plugin hat diese Nachricht angehalten.',
  unknownReason: 'kein Grund genannt',

  // input
  line: 'Nachricht',
  lineHint: 'Schreibe, oder / für Befehle',
  lineHintPrivate: 'Private Nachricht',
  send: 'Senden',
  size: (size, max) => (size > max ? `${number(size - max)} Byte zu lang, um auf einmal gesendet zu werden. Nichts wird abgeschnitten.`
    : `Noch ${number(max - size)} Byte. Anführungszeichen, Zeilenenden, Umlaute und Emoji brauchen mehr als eines.`),
  notSent: (reason) => `Nicht gesendet: ${reason}`,
  unsentLabel: 'Nicht gesendet',
  unsent: (text, name) => `Nicht${name ? ` an ${name}` : ''} gesendet: ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`,
  unsentBack: 'Zurück in die Zeile',
  unsentDrop: 'Verwerfen',
  target: (name, short) => `Privat an ${name} · ${short}`,
  targetClear: 'Zurück zu allen',
  reply: (name) => `${name} antworten`,
  replying: (name, text) => `Antwort an ${name}: ${text}`,
  replyClear: 'Doch keine Antwort',
  replyUnknown: 'Zitiert, nicht hier:',
  replyShow: 'Dorthin gehen',

  // what one can do with a message
  more: (name) => `Was sich mit dieser Nachricht von ${name} tun lässt`,
  actionsLabel: 'Was sich mit dieser Nachricht tun lässt',
  actions: { reply: 'Antworten', edit: 'Bearbeiten', copy: 'Kopieren', details: 'Einzelheiten', remove: 'Löschen' },
  editing: (text) => `Bearbeiten: ${text}`,
  editEmpty: 'Davon bliebe nichts übrig. Gelöscht wird eine Nachricht in ihrem Menü; Esc lässt sie, wie sie ist.',
  edited: 'bearbeitet',
  gone: 'Gelöscht',
  removeAsk: 'Hier und bei allen löschen? Wer sie kopiert hat, behält sie.',
  removeYes: 'Löschen',
  removeNo: 'Behalten',
  signAdd: (what) => `Mit ${what} reagieren`,
  signMore: 'Mit einem anderen Zeichen reagieren',
  signOf: (what, n) => `${what}: ${count(n, 'Person', 'Personen')}`,
  signBy: (list) => names(list),
  emojiSearch: 'Emoji suchen (englisch)',
  emojiNone: 'So heißt keines.',
  details: {
    title: 'Nachricht', from: 'Von', to: 'An', date: 'Wann', safety: 'Wie', way: 'Kam', id: 'Kennung', everybody: 'Alle im Raum',
    youAlone: 'Dich allein', encrypted: 'Von Ende zu Ende verschlüsselt', clear: 'Signiert, nicht verschlüsselt', recipients: 'Wer sie hat',
    signs: 'Reaktionen', earlier: 'Was vorher da stand',
  },

  // searching
  search: 'Nachrichten durchsuchen',
  searchWords: 'Wörter',
  searchDate: 'Zu einem Tag',
  searchGo: 'Los',
  searchFound: 'Gefunden, das Neueste zuerst',
  searchCount: (n, isMore) => (n ? `${count(n, 'Nachricht', 'Nachrichten')}${isMore ? ' und mehr' : ''}`
    : 'Nichts gefunden. Durchsucht wird nur, was hier gespeichert ist.'),
  searchNoDate: 'An diesem Tag und danach wurde nichts gesagt.',

  // commands
  noSuchCommand: (name) => `Den Befehl /${name} gibt es nicht. /help nennt alle.`,
  usage: (usage) => `So geht es: ${usage}`,
  unknownUser: (who) => `Hier heißt niemand ${who}. /list zeigt, wer da ist.`,
  ambiguousUser: (who, addresses) => `Mehrere heißen ${who}. Nimm eine Adresse:\n${addresses.join('\n')}`,
  whomMeant: (all) => `Wen meinst du: ${all.join(' oder ')}? Schreibe den Namen in Anführungszeichen`,
  connecting: (addr) => `${addr} wird gesucht…`,
  connected: (addr) => `Mit ${addr} verbunden.`,
  connectFailed: (addr, reason) => `Keine Verbindung zu ${addr}: ${reason}`,
  nowMuted: (name) => `${name} ist stumm geschaltet: Nichts, was du schreibst, geht dorthin.`,
  nowUnmuted: (name) => `${name} bekommt wieder, was du schreibst.`,
  nowIgnored: (name) => `${name} wird ignoriert: Nichts davon wird mehr gezeigt, auf Dauer. Gesagt wird es nicht. /unignore nimmt es `
    + 'zurück.',
  nowHeard: (name) => `${name} wird wieder gehört. Was am letzten Tag gesagt wurde, kann noch ankommen.`,
  ignoredHead: (n) => (n ? `Du ignorierst ${count(n, 'Person', 'Personen')}:` : 'Du ignorierst niemanden.'),
  listHead: (n) => (n ? `${count(n, 'Person', 'Personen')}:` : 'Niemand sonst ist hier.'),
  plugins: 'Plugins',
  pluginsHelp: 'Sie laufen in dieser Seite und können lesen, was sie liest. Die unteren sehen ein Ereignis nach den oberen.',
  pluginAbout: {
    display: 'zeigt Nachrichten anderer', commands: 'Zeilen, die mit / beginnen',
    unread: 'zählt im Titel und auf dem Symbol, was du noch nicht gesehen hast',
    irc: '/me, /shrug, /slap', notify: 'meldet dir Nachrichten, während du woanders hinsiehst',
    calls: 'Stimme, Bild und Bildschirm: /call', replace: 'ersetzt Wörter in dem, was du sendest: /replace', yo: 'sagt Neuen „yo“, privat',
    coin: 'wirft eine Münze: /coin', poll: 'fragt alle: /poll', typing: 'zeigt, wer gerade schreibt',
    whiteboard: 'eine Tafel, auf der alle zeichnen',
  },
  pluginErrors: (n) => count(n, 'Fehler', 'Fehler'),
  pluginFault: (name, where, reason) => `Das Plugin ${name} ist bei ${where} gescheitert: ${reason}`,
  replaceNone: 'Keine Wörter werden ersetzt. /replace WORT DURCH fügt eines hinzu.',
  replaceSet: (word, by) => `${word} wird zu ${by} in dem, was du sendest.`,
  replaceGone: (word) => `${word} bleibt, wie es ist.`,
  replaceUnknown: (word) => `${word} wird nicht ersetzt.`,
  replaceFull: (n) => `Höchstens ${n} Wörter.`,
  replaceHelp: ['/replace WORT DURCH', 'ein Wort ersetzen in dem, was du sendest; ohne DURCH nicht mehr'],
  coinHelp: 'eine Münze werfen',
  coinTossed: { heads: 'Eine Münze wird geworfen: Kopf.', tails: 'Eine Münze wird geworfen: Zahl.' },
  pollHelp: ['/poll FRAGE ANTWORT ANTWORT...', 'alle fragen; in Anführungszeichen, was Leerzeichen hat'],
  pollPrivate: 'Umfragen sehen alle im Raum: Frage dort.',
  polls: 'Umfragen',
  typing: (list) => (list.length === 1 ? `${list[0]} schreibt…` : `${list.join(', ')} schreiben…`),
  whiteboard: 'Tafel',
  whiteboardHelp: 'Zeichne hier. Mit der Tastatur: Pfeile bewegen den Stift, die Leertaste setzt ihn auf und hebt ihn ab.',
  whiteboardClear: 'Meines wegwischen',
  ircHelp: {
    me: ['/me TUT', 'sagen, was du tust'],
    shrug: ['/shrug TEXT', 'und ein Achselzucken'],
    slap: ['/slap NICK', 'mit einer großen Forelle'],
  },
  ircSlap: (me, who) => `* ${me} haut ${who} eine große Forelle um die Ohren`,
  pluginsHead: 'Plugins (+ geladen, - nicht geladen):',
  loaded: (name) => `Das Plugin ${name} ist geladen.`,
  alreadyLoaded: (name) => `Das Plugin ${name} ist schon geladen.`,
  unloaded: (name) => `Das Plugin ${name} ist nicht mehr geladen.`,
  notLoaded: (name) => `Kein Plugin namens ${name} ist geladen.`,
  loadFailed: (name, reason) => `Das Plugin ${name} lässt sich nicht laden: ${reason}`,
  badPluginName: 'Der Name eines Plugins hat kleine Buchstaben, Ziffern und Striche; '
    + 'ein Pfad dieses Servers beginnt mit / und endet mit .js.',
  nickChanged: (nick) => `Du heißt jetzt ${nick}.`,
  help: {
    connect: ['/connect ADRESSE', 'zum Schwarm von jemandem, dessen Adresse du hast'],
    list: ['/list', 'wer hier ist'],
    mute: ['/mute NICK oder ADRESSE', 'jemandem nichts senden; noch einmal, um es zurückzunehmen'],
    ignore: ['/ignore NICK oder ADRESSE', 'nichts mehr von jemandem zeigen, auf Dauer; ohne Namen: wen du ignorierst'],
    unignore: ['/unignore NICK oder ADRESSE', 'wieder hören'],
    msg: ['/msg NICK oder ADRESSE TEXT', 'privat schreiben'],
    verify: ['/verify NICK oder ADRESSE', 'Sicherheitsnummern vergleichen: Ist es wirklich, wer es scheint?'],
    status: ['/status', 'wie du verbunden bist'],
    plugins: ['/plugins', 'welche Plugins geladen sind'],
    load: ['/load NAME', 'ein Plugin dieses Servers laden, mit Namen oder Pfad'],
    unload: ['/unload NAME', 'ein Plugin nicht mehr laden'],
    invite: ['/invite [TEXT]', 'von Hand beitreten, ohne Server; TEXT ist eine Einladung oder eine Antwort'],
    swarm: ['/swarm', 'der Schwarm als Bild'],
    search: ['/search WÖRTER oder JJJJ-MM-TT', 'die Nachrichten durchsuchen, oder zu einem Tag gehen'],
    settings: ['/settings', 'Raum, Server, Meldungen, was gespeichert wird'],
    nick: ['/nick NAME', 'deinen Nick ändern'],
    help: ['/help', 'diese Liste'],
  },

  // calls
  callHelp: {
    call: ['/call NICK oder ADRESSE', 'jemanden anrufen, oder ins Gespräch holen; ohne Namen: mit wem du privat redest, sonst alle'],
    video: ['/video NICK oder ADRESSE', 'dasselbe mit deiner Kamera'],
    answer: ['/answer', 'annehmen, wer anruft'],
    hangup: ['/hangup', 'ablehnen, wer anruft, oder auflegen'],
  },
  callAll: 'Alle hier anrufen',
  callMany: 'Mehr als fünf sind hier: Nenne einen nach dem anderen, /call NICK.',
  userCall: (name) => `${name} anrufen`,
  call: 'Gespräch',
  callButtons: 'Was du sendest',
  callPeople: 'Wer im Gespräch ist',
  callRing: 'Jemand ruft an',
  callRings: (name, short, others, video) => `${name} (${short}) ruft an${video ? ', mit Bild' : ''}`
    + `${others.length ? `. Auch dabei: ${names(others)}` : ''}.`,
  callRingHelp: 'Wer mit dir spricht, sieht deine IP-Adresse. /answer und /hangup tun dasselbe wie die Knöpfe.',
  callAnswer: 'Annehmen',
  callAnswerSeen: 'Mit Kamera annehmen',
  callDecline: 'Ablehnen',
  callIgnore: 'Auf Dauer ignorieren',
  callRinging: (list) => `Es klingelt bei: ${names(list)}`,
  callConnecting: (list) => `Wird verbunden: ${names(list)}`,
  callWith: (list) => `Im Gespräch mit ${names(list)}`,
  callBrokenPath: (list) => `Ein anderer Weg wird gesucht zu ${names(list)}`,
  callPhase: { ringing: 'es klingelt', connecting: 'wird verbunden', broken: 'keine Verbindung' },
  callMuted: 'stumm',
  callShares: 'zeigt einen Bildschirm',
  callClock: (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`,
  callControls: {
    mic: 'Mikrofon einschalten', camera: 'Kamera einschalten', screen: 'Bildschirm zeigen', devices: 'Geräte wählen',
    large: 'Größer, ohne die Nachrichten', hangup: 'Auflegen',
  },
  callTurnOff: {
    mic: 'Mikrofon stumm schalten', camera: 'Kamera ausschalten', screen: 'Bildschirm nicht mehr zeigen',
    large: 'Kleiner, mit den Nachrichten',
  },
  callKind: { mic: 'Mikrofon', camera: 'Kamera', screen: 'Bildschirm', speaker: 'Lautsprecher' },
  callDevice: (name, n) => `${name} ${number(n)}`,
  callDenied: {
    mic: 'Der Browser erlaubt hier das Mikrofon nicht: Man hört dich nicht.', camera: 'Der Browser erlaubt hier die Kamera nicht.',
    screen: 'Nichts wurde zum Zeigen gewählt, oder der Browser erlaubt es hier nicht.',
  },
  callMissing: {
    mic: 'Es gibt kein Mikrofon: Man hört dich nicht.', camera: 'Es gibt keine Kamera.',
    screen: 'Dieser Browser kann keinen Bildschirm zeigen.',
  },
  callCameraGone: 'Die Kamera sendet nicht mehr: Sie wurde abgezogen oder ist nicht mehr erlaubt.',
  callBroken: (name, reason) => `${name} geht nicht. Vielleicht benutzt es ein anderes Programm: Schließe das, und versuche es `
    + `noch einmal. (${reason})`,
  callNoWebRTC: 'Dieser Browser hat kein WebRTC, oder es ist abgeschaltet: Ohne geht kein Gespräch.',
  callInsecure: 'Diese Seite kam über einfaches http; da geben Browser keiner Seite Mikrofon oder Kamera. Öffne sie mit https://.',
  callUnwelcome: (name) => `Du ignorierst ${name} oder sendest nichts dorthin: Nimm das zurück, um anzurufen.`,
  callNot: {
    full: 'Sechs können in einem Gespräch sein.', busy: 'Du bist in einem Gespräch: Lege zuerst auf.', gone: 'Niemand ruft an.',
  },
  callNone: 'Niemand ruft an, und du bist in keinem Gespräch.',
  callMissed: (name, n) => `${name} hat angerufen${n > 1 ? ` (${number(n)}-mal)` : ''}, und es wurde nicht angenommen.`,
  callUnanswered: (name, why) => ({
    declined: `${name} hat abgelehnt.`, busy: `${name} ist in einem anderen Gespräch.`, silent: `${name} hat nicht geantwortet.`,
    deaf: `${name} kann nicht angerufen werden: Dort gibt es kein WebRTC.`,
    NKT_E_UNREGISTERED: `${name} kann nicht angerufen werden: Jene Seite kennt keine Gespräche.`,
  }[why] ?? `${name} war nicht zu erreichen.`),
  callLost: (name, why) => ({
    full: 'In dem Gespräch sind schon sechs.', gone: `${name} ist nicht mehr im Gespräch.`,
  }[why] ?? `Die Verbindung mit ${name} ist verloren.`),
  callOver: 'Das Gespräch ist zu Ende.',

  // windows fetched when they are opened
  notFetched: 'Dieses Fenster lässt sich nicht holen und ist in diesem Browser noch nicht gespeichert. Versuche es noch einmal, wenn der '
    + 'Server zu erreichen ist.',

  // verification
  verifyTitle: (name, short) => `Ist das wirklich ${name} (${short})?`,
  verifyHelp: 'Bitte die andere Seite, dasselbe Fenster für dich zu öffnen, und vergleicht die Nummer: nebeneinander, oder mit einer '
    + 'Stimme, die du kennst. Ist sie auf beiden Bildschirmen gleich, steht niemand zwischen euch.',
  verifyNumber: 'Sicherheitsnummer, in Gruppen zu fünf Ziffern',
  verifyQr: 'Dieselbe Nummer als QR-Code',
  verifySame: 'Sie ist gleich',
  verifyOther: 'Sie ist anders',
  verifyTakeBack: 'Das Zeichen zurücknehmen',
  verifyAlready: 'Du hast diese Nummer schon verglichen: Sie ist geprüft.',
  verifyDone: (name) => `${name} ist geprüft. Du wirst gewarnt, wenn jemand mit anderen Schlüsseln diesen Nick benutzt.`,
  verifyDifferent: (name) => `${name} ist nicht geprüft. Sind die Nummern verschieden, liest vielleicht jemand mit: Sag dort nichts `
    + 'Geheimes.',
  verifyCompare: 'Vergleichen',
  dismiss: 'Ausblenden',
  close: 'Schließen',

  // swarm
  swarm: 'Der Schwarm',
  swarmOpen: 'Den Schwarm als Bild zeigen',
  swarmClose: 'Schließen',
  swarmList: 'Wie jeder erreicht wird',
  swarmSelf: 'Du',
  swarmRelays: (n) => (n === 1 ? 'Relay' : `${number(n)} Relays`),
  swarmRelay: ({ count: n, state }) => `${n === 1 ? 'Das Relay' : `${number(n)} Relays`}: ${texts.wayState[state]}`,
  swarmBy: {
    link: 'mit WebRTC', eager: 'mit WebRTC, oft am schnellsten', lazy: 'mit WebRTC, als Reserve', relay: 'über das Relay',
    flood: 'über andere', none: 'nicht erreicht',
  },
  swarmThrough: (name) => `über ${name}`,
  swarmWaiting: 'antwortet gerade nicht',
  swarmForwards: (n) => `reicht für ${number(n)} weiter`,
  swarmMore: (n) => `Und ${number(n)} weitere.`,
  swarmSummary: ({ counts: c }) => {
    const people = Object.values(c).reduce((sum, n) => sum + n, 0);
    if (!people) return 'Du bist allein hier.';
    const ways = [[c.link, 'mit WebRTC'], [c.peer + c.flood, 'über andere'], [c.relay, 'über das Relay'], [c.none, 'gar nicht']];
    const used = ways.filter(([n]) => n).map(([n, way]) => (n === people ? (n > 1 ? `alle ${way}` : way) : `${number(n)} ${way}`));
    return `Du erreichst ${count(people, 'Person', 'Personen')}: ${used.join(', ')}.`;
  },
  swarmSplit: 'Der Schwarm scheint geteilt.',
  swarmWarning: {
    isolated: 'Du hast mit niemandem eine direkte Verbindung. Fällt das Relay aus, bist du allein, bis dich wieder jemand findet.',
    partitioned: 'Der Schwarm scheint geteilt: Manche sind von hier aus nicht zu erreichen. Was du schreibst, wartet auf sie.',
  },
  swarmLegend: 'Was die Linien bedeuten',
  swarmLegendLink: 'WebRTC',
  swarmLegendEager: 'WebRTC, oft am schnellsten',
  swarmLegendLazy: 'WebRTC, Reserve',
  swarmLegendRelay: 'über das Relay',
  swarmLegendPeer: 'von einer Person weitergereicht',
  swarmLegendFlood: 'von mehreren weitergereicht',

  // contents
  attach: 'Dateien anhängen',
  attachedLabel: 'Dateien, die mit der nächsten Zeile gesendet werden',
  attachAsItIs: 'unverändert',
  attachAsItIsHelp: 'Sonst wird das Bild neu gezeichnet: Wo und wann es entstand, und mit welcher Kamera, wird nicht mitgesendet',
  attachNotDrawn: 'Dieses Bild lässt sich nicht neu zeichnen. Hake „unverändert“ an, um die Datei mit allem zu senden, was in ihr steht',
  attachDrop: (name) => `${name} nicht senden`,
  attachNotFetched: 'Dateien lassen sich jetzt nicht senden: Dieser Teil der Seite lässt sich nicht holen und ist in diesem Browser '
    + 'noch nicht gespeichert.',
  attachMoved: (name) => `${name} wurde nicht gesendet: Du hast den Raum verlassen.`,
  attachMany: (n) => `Höchstens ${n} Dateien warten hier: Sende diese zuerst.`,
  bytes,
  card: {
    known: ({ size }) => bytes(size),
    waiting: ({ size, loaded }) => `${bytes(loaded)} von ${bytes(size)}. Niemand, der den Rest hat, ist hier; es geht von selbst weiter.`,
    fetching: ({ size, loaded, sources, relayed, rate }) => [`${bytes(loaded)} von ${bytes(size)}`, rate > 0 && `${bytes(rate)}/s`,
      sources > 1 && `von ${number(sources)}`, relayed && 'über das Relay, langsam: Es gibt keine direkte '
        + 'Verbindung'].filter(Boolean).join(' · '),
    complete: ({ size, who }) => [bytes(size), who.length > 0 && `${names(who)} ${who.length === 1 ? 'hat' : 'haben'} es auch`]
      .filter(Boolean).join(' · '),
    paused: ({ size, loaded }) => `${bytes(loaded)} von ${bytes(size)}, angehalten`,
    full: ({ size, loaded }) => `${bytes(loaded)} von ${bytes(size)}. Auf diesem Gerät ist kein Platz.`,
  },
  cardSealing: (loaded, total) => `Wird verschlüsselt: ${bytes(loaded)} von ${bytes(total)}`,
  cardFetch: 'Holen',
  cardPause: 'Anhalten',
  cardOn: 'Weiter',
  cardSave: 'Speichern',
  cardPlay: 'Abspielen',
  cardHere: (name) => `${name} ist da`,
  cardUnplayable: 'Dieser Browser kann es nicht abspielen. Speichern lässt es sich.',
  cardErrors: {
    NKT_E_QUOTA: 'Dafür ist hier kein Platz. Schaffe welchen in den Einstellungen, unter „Dateien“.',
    NKT_E_STORAGE: 'Dieser Browser kann jetzt keine Dateien speichern.',
    NKT_E_STOPPED: 'Die Verbindung wurde inzwischen beendet.',
    NKT_E_CONTENT_UNKNOWN: 'Hier kennt es niemand mehr.',
  },
  cardFailed: (reason) => `Das ging nicht: ${reason}`,
  bytesOf: (size, what) => `${bytes(size)} ${what.slice(0, 100)}`,
  cardNotFetched: 'Es lässt sich nicht zeigen: Dieser Teil der Seite lässt sich nicht holen und ist in diesem Browser noch nicht '
    + 'gespeichert.',
  cardNoName: 'Eine Datei',
  cardSealed: 'Etwas, das für andere aufbewahrt wird und das hier niemand lesen kann',
  tryAgain: 'Noch einmal',
  cardPicture: (name) => (name ? `Bild: ${name}` : 'Ein Bild'),
  cardProgress: 'Wie weit es ist',

  // connection
  connection: 'Verbindung',
  relays: 'Relay',
  trackers: 'Tracker',
  links: 'Direkte Verbindungen (WebRTC)',
  none: { relays: 'Keines eingestellt.', trackers: 'Keiner eingestellt.', links: 'Noch keine.' },
  wayState: { ok: 'verbunden', wait: 'wird verbunden…', down: 'antwortet nicht' },
  counters: (c) => [
    `${count(c.sessions, 'verschlüsselte Sitzung', 'verschlüsselte Sitzungen')}.`,
    c.outbox ? `${count(c.outbox, 'Nachricht wartet', 'Nachrichten warten')}.` : '',
    c.dropped ? `${count(c.dropped, 'falscher Rahmen', 'falsche Rahmen')} verworfen.` : '',
  ].filter(Boolean).join(' '),
  levelWord: { ok: 'Verbunden', idle: 'Wird verbunden…', warn: 'Kein Server', bad: 'Nicht verbunden', split: 'Schwarm geteilt' },
  starting: 'Wird verbunden…',
  summary: ({ people, relay, tracker, links }) => [
    people ? `Mit ${count(people, 'Person', 'Personen')} verbunden` : 'Noch niemand sonst hier',
    [relay && `Relay ${wayWord[relay]}`, tracker && `Tracker ${wayWord[tracker]}`,
      people > 0 && count(links, 'direkte Verbindung', 'direkte Verbindungen')].filter(Boolean).join(', '),
  ].join(': '),
  relayGone: (links) => `Das Relay ist weg. ${goesOn(links)}`,
  relayAway: (links) => `Das Relay antwortet nicht. ${goesOn(links)}`,
  relayGoneTracker: 'Das Relay antwortet nicht. Leute werden über den Tracker gesucht.',
  cutOff: 'Nicht verbunden. Es wird wieder versucht.',
  stopped: 'nkt hat nach einem Fehler aufgehört. Lade die Seite neu: Was gespeichert war, geht weiter.',
  adviceGone: 'Alle, mit denen du direkt verbunden bist, hören dich weiter und reichen weiter, was du schreibst. Wer sonst dazukommen '
    + 'will, lässt sich von Hand einladen.',
  adviceTracker: 'Neue können dich noch über den Tracker finden.',
  adviceCutOff: 'Weder ein Relay noch ein Tracker noch sonst jemand ist zu erreichen. Was du schreibst, wartet in diesem Tab auf die, die '
    + 'wiederkommen. Läuft der Server?',
  adviceNoTracker: 'Der Tracker ist stumm. Das Relay kommt ohne ihn aus.',
  clockOff: (ms) => (ms ? `Deine Uhr geht gegenüber den anderen ${duration(Math.abs(ms))} ${ms > 0 ? 'vor' : 'nach'}.` : ''),
  addressChanged: (address) => `Das Protokoll hat eine neue Version, deshalb ist deine Adresse jetzt eine andere: ${address}. Deine `
    + 'Schlüssel, '
    + 'was gesagt wurde, und wen du geprüft hast, ignorierst oder wem du nichts sendest, sind wie zuvor. Wer dich unter der alten '
    + 'Adresse sucht, braucht die neue; und wenn du durch eine Einladung hier bist, brauchst du eine andere.',
  relayVersion: (url) => `Das Relay ${url} und diese Seite sprechen verschiedene Versionen des Protokolls. Lade die Seite neu; hilft das `
    + 'nicht, bitte den, der das Relay betreibt, es zu erneuern.',
  errors: [
    [/version/i, 'Es wird eine andere Version gesprochen. Lade die Seite neu, oder bitte den Betreiber um eine neuere.'],
    [/refused|1006|failed to connect/i, 'Der Server ist angehalten, oder eine Firewall ist dazwischen.'],
    [/time/i, 'Die Antwort kam nicht rechtzeitig.'],
    [/40[13]|origin|denied/i, 'Seiten von dieser Adresse werden abgewiesen.'],
    [/insecure|SecurityError/i, 'Eine Seite, die über https kam, kann nur Adressen mit wss:// benutzen.'],
    [/syntax|url/i, 'Diese Adresse ist nicht gültig. Sie beginnt mit ws:// oder wss://.'],
    [/1001|1012/, 'Der Server startet gerade neu.'],
    [/429|1013|too many/i, 'Der Server hat zu viel zu tun.'],
  ],
  retry: 'Es wird von selbst wieder versucht.',

  // what went wrong, by its code; functions are given its own words, which are English and say more
  codes: {
    __proto__: null,
    NKT_E_ARGUMENT: (own) => `Eine Angabe fehlt oder ist falsch (${own})`,
    NKT_E_STATE: 'Das geht jetzt nicht: Es ist noch nicht begonnen, oder schon beendet',
    NKT_E_ADDRESS: 'Das ist keine gültige Adresse (34 Zeichen)',
    NKT_E_UNKNOWN_USER: 'Niemand mit dieser Adresse ist bekannt',
    NKT_E_VALUE: (own) => `Das lässt sich so nicht senden (${own})`,
    NKT_E_SIZE: 'Das ist größer als erlaubt',
    NKT_E_OUTBOX_FULL: 'Zu viele Nachrichten warten auf ihre Zustellung; warte, bis frühere angekommen sind',
    NKT_E_OPTIONS: (own) => `Eine Einstellung ist falsch (${own})`,
    NKT_E_LINK: 'Diese Verbindung gibt es nicht',
    NKT_E_MUTED: 'Du hast eingestellt, dass dorthin nichts gesendet wird; '
      + 'mit dem Pfeil in der Liste der Leute, oder mit /mute, nimmst du das zurück',
    NKT_E_SELF: 'Das ist deine eigene Adresse',
    NKT_E_RECORD: 'Etwas Gespeichertes ist beschädigt oder von einer anderen Identität; es wurde beiseitegelegt',
    NKT_E_PINS_FULL: 'Zu viele sind geprüft; nimm erst bei anderen das Zeichen zurück',
    NKT_E_PASSPHRASE: 'Falsche Passphrase, oder die Datei ist beschädigt',
    NKT_E_NEWER: 'Das hat eine neuere Version von nkt gespeichert; es bleibt, wie es ist',
    NKT_E_IGNORED_FULL: 'Zu viele werden ignoriert; höre erst andere wieder',
    NKT_E_INVITE_TEXT: 'In diesem Text ist keine Einladung oder Antwort, oder nicht die ganze: Kopiere alles davon',
    NKT_E_INVITE_VERSION: 'Sie stammt von einer anderen Version von nkt; beide brauchen dieselbe',
    NKT_E_INVITE_KIND: 'Das ist das andere von beiden: Eine Einladung wird beantwortet, eine Antwort geht zurück an den, der '
      + 'eingeladen hat',
    NKT_E_INVITE_EXPIRED: 'Die Einladung ist abgelaufen; bitte um eine neue',
    NKT_E_INVITE_FOREIGN: 'Das antwortet auf keine Einladung dieses Tabs; vielleicht ist sie abgelaufen, oder der Tab wurde seither '
      + 'neu geladen',
    NKT_E_INVITE_USED: 'Dieser Text wurde hier schon benutzt',
    NKT_E_INVITE_ROOM: 'Das ist eine Einladung in einen anderen Raum; verlasse diesen zuerst',
    NKT_E_INVITE_FULL: 'Zu viele Einladungen warten schon; lass erst eine ablaufen',
    NKT_E_INVITE_LINKED: 'Mit dem, der diese Einladung gemacht hat, bist du schon verbunden',
    NKT_E_MANIFEST: 'Das beschreibt keine Datei, oder eine zu große',
    NKT_E_CONTENTS_FULL: 'Zu viele oder zu große Dateien sind offen; schließe erst andere',
    NKT_E_CONTENT_UNKNOWN: 'Diese Datei ist hier nicht bekannt',
    NKT_E_CONTENT_CHANGED: 'Die Datei ist nicht mehr, wie sie geteilt wurde, oder sie ist beschädigt',
    NKT_E_RATE: 'Das ist mehr, als in so kurzer Zeit erlaubt ist',
    NKT_E_VERSION: 'Die andere Seite spricht eine andere Version des Protokolls; beide brauchen dieselbe',
    NKT_E_MEMORY: 'Der Arbeitsspeicher reicht nicht',
    NKT_E_ENTROPY: 'Dieser Browser gibt keine sicheren Zufallszahlen',
    NKT_E_CRYPTO: 'Die Verschlüsselung lässt sich nicht starten',
    NKT_E_NOT_FOUND: 'Niemand mit dieser Adresse hat rechtzeitig geantwortet; ist die Seite mit ihr offen, und kennen beide ein '
      + 'gemeinsames Relay oder einen gemeinsamen Tracker?',
    NKT_E_NO_WAY: 'Weder Relay noch Tracker noch sonst jemand ist zu erreichen; sieh in den Einstellungen nach den Servern',
    NKT_E_CANCELLED: 'Abgebrochen',
    NKT_E_TIMEOUT: 'Es kam rechtzeitig keine Bestätigung',
    NKT_E_STOPPED: 'Die Verbindung wurde beendet',
    NKT_E_REFUSED: 'Die andere Seite hat die Verbindung abgelehnt',
    NKT_E_INVITE_LOST: 'Die beiden Seiten haben keinen Weg zueinander gefunden; versucht es noch einmal mit einer neuen Einladung',
    NKT_E_WASM: (own) => `Das WebAssembly-Modul lässt sich nicht laden, oder es passt nicht zu dieser Seite (${own})`,
    NKT_E_TRAP: (own) => `nkt wurde durch einen eigenen Fehler angehalten (${own})`,
    NKT_E_STORAGE: (own) => `Der Speicher ist hier nicht zu haben, oder was darin steht, ist nicht zu lesen (${own})`,
    NKT_E_IN_USE: 'Diese Identität wird gerade in einem anderen Tab benutzt',
    NKT_E_FILE: 'Das ist keine Datei mit einer Identität, oder sie ist beschädigt',
    NKT_E_NO_WEBRTC: 'Dieser Browser hat kein WebRTC, oder es ist abgeschaltet: Ohne gibt es keine direkte Verbindung',
    NKT_E_PLUGIN: (own) => `Das Plugin ließ sich nicht starten (${own})`,
    NKT_E_UNREGISTERED: 'Unter diesem Namen gibt es dort nichts',
    NKT_E_REMOTE: (own) => `Die aufgerufene Funktion meldete einen Fehler (${own})`,
    NKT_E_BUSY: 'Zu viele Aufrufe laufen gerade',
    NKT_E_UNDELIVERED: 'Der Aufruf ließ sich nicht zustellen',
    NKT_E_QUOTA: (own) => `Dafür ist kein Platz (${own})`,
    NKT_E_IGNORED: 'Diese Person wird ignoriert: Eine Antwort würde nicht gehört',
    NKT_E_NOT_FETCHED: 'Eine Datei davon hat der Server nicht, oder er ist jetzt nicht zu erreichen',
    NotReadableError: 'Diese Datei lässt sich nicht lesen: Sie wurde geändert, verschoben oder gelöscht, oder ist ein Ordner; '
      + 'wähle sie noch einmal aus',
  },
  reasons: {
    __proto__: null,
    'no acknowledgement in time': 'NKT_E_TIMEOUT',
    cancelled: 'NKT_E_CANCELLED',
    'too many messages wait to be delivered; wait for earlier ones to settle': 'NKT_E_OUTBOX_FULL',
    'the peer was stopped': 'NKT_E_STOPPED',
    'nothing is sent to that user: dontSendTo is set': 'NKT_E_MUTED',
    'no user with that address is known': 'NKT_E_UNKNOWN_USER',
    'nobody with that address answered in time; is the page with that address open, and do both know a common relay or tracker?':
      'NKT_E_NOT_FOUND',
  },
};
