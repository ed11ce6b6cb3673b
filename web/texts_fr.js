// SPDX-License-Identifier: GPL-3.0-or-later
// Every text of the page in French, loaded when it is wanted. Keys and parameters are those of texts.js (tests/glue/languages.test.mjs).
// Before : ; ! ? » and after « stands a no-break space, U+00A0.

import { localeOf } from './texts.js';

const locale = localeOf('fr');
const plural = new Intl.PluralRules('fr');
const number = (n, options) => n.toLocaleString(locale, options);
const pick = (n, one, many) => (plural.select(n) === 'one' ? one : many);
const count = (n, one, many) => `${number(n)} ${pick(n, one, many)}`;
const names = (list) => {
  const more = list.length - 6;
  return more > 0 ? `${list.slice(0, 6).join(', ')} et ${pick(more, 'une autre personne', `${number(more)} autres`)}` : list.join(', ');
};
const UNITS = [
  ['an', 'ans', 31_557_600_000], ['jour', 'jours', 86_400_000], ['heure', 'heures', 3_600_000], ['minute', 'minutes', 60_000],
];
const duration = (ms) => {
  const [one, many, size] = UNITS.find(([, , size]) => ms >= 1.5 * size) ?? UNITS[3];
  return count(Math.max(1, Math.round(ms / size)), one, many);
};
const bytes = (n) => {
  if (n < 1000) return count(Math.round(n), 'octet', 'octets');
  const power = Math.min(3, Math.floor(Math.log10(n) / 3));
  const value = n / 1000 ** power;
  const digits = value < 10 ? 1 : 0;
  return `${number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${['', 'ko', 'Mo', 'Go'][power]}`;
};
const wayWord = { ok: 'ok', wait: 'en cours de connexion', down: 'muet' };
const goesOn = (links) => pick(links, `${number(links)} lien direct tient bon.`, `${number(links)} liens directs tiennent bon.`);

export const texts = {
  locale,

  // login
  firstRun1: 'Chaque onglet est un pair. On se trouve par un petit relais, puis on se parle directement.',
  firstRun2: 'Ce que vous écrivez est chiffré de bout en bout. Personne entre vous ne peut le lire.',
  firstRun3: 'Si le serveur tombe, ceux qui sont connectés continuent de se parler.',
  nick: 'Votre pseudo',
  nickHint: 'Ada',
  join: 'Entrer',
  joining: 'Démarrage…',
  deriving: 'Ouverture de ce qui est conservé…',
  keepSummary: 'Qui vous êtes :',
  keepTab: 'dans cet onglet seulement',
  keepNothing: 'jusqu’au prochain rechargement',
  insecure: 'Cette page est venue par http simple. Quiconque se trouve sur le chemin, comme le propriétaire du Wi-Fi, a pu la modifier, et '
    + 'lirait alors ce que vous écrivez : ce qui est dit plus haut ne vaut que si personne ne l’a fait. Rien de vous ne peut être '
    + 'conservé, '
    + 'et un rechargement fait de vous quelqu’un d’autre. Parler et les liens directs fonctionnent. Avec https://, tout fonctionne.',
  keepDevice: 'conservé sur cet appareil',
  whoLegend: 'Conservés sur cet appareil',
  whoNew: 'Quelqu’un de nouveau',
  whoUsed: (date) => `utilisé le ${date.toLocaleDateString(locale, { dateStyle: 'medium' })}`,
  whoOld: 'conservé par une version plus ancienne',
  whoUnknown: 'Sans pseudo',
  whoChoose: 'D’autres sont conservés sur cet appareil. Choisissez qui vous êtes, puis entrez.',
  somebodyElse: (short) => `Vous êtes quelqu’un d’autre qu’avant : ${short}. Qui vous étiez est ouvert dans un autre onglet, ou `
    + 'introuvable.',
  passphrase: 'Phrase secrète, pour rester vous-même sur cet appareil',
  passphraseOf: (nick) => `Phrase secrète de ${nick}`,
  passphraseAgain: 'La même phrase secrète encore une fois',
  strength: ['Facile à deviner.', 'Moins facile à deviner.', 'Difficile à deviner.'],
  passphraseShow: 'Montrer ce qui est tapé',
  passphraseMissing: (nick) => `Entrez la phrase secrète de ${nick}, ou choisissez « Quelqu’un de nouveau ».`,
  passphraseShort: (n) => `Prenez au moins ${n} caractères : qui copie ce qui est conservé peut en essayer une après l’autre. Quatre mots `
    + 'sans aucun rapport entre eux valent mieux.',
  passphraseOnce: 'Entrez-la ici aussi : personne ne peut la retrouver après une faute de frappe.',
  passphraseDiffers: 'Ce n’est pas la même.',
  keepHelp: 'Avec elle, vous êtes la même personne la prochaine fois, avec vos messages. Personne ne peut la retrouver. '
    + 'Sans elle, vous êtes oublié quand l’onglet est fermé.',
  identityFile: 'Venir avec une identité tirée d’un fichier (facultatif)',
  filePassphrase: 'Phrase secrète du fichier',
  identity: 'Identité et historique',
  exportHelp: 'Vos clés dans un fichier, sous une phrase secrète, pour être vous-même sur un autre appareil. À utiliser à un seul '
    + 'endroit à la fois.',
  exportButton: 'Enregistrer dans un fichier',
  exported: 'Enregistré. Gardez la phrase secrète à part.',
  clearHistory: 'Oublier tous les messages',
  clearHistorySure: 'Les oublier pour toujours ?',
  historyCleared: 'Oublié. Ce qui est en route arrivera encore.',
  restarted: 'nkt a dû redémarrer après une erreur. Ce qui était enregistré continue.',
  roomSummary: 'Salon',
  room: 'Nom du salon',
  secret: 'Secret (facultatif)',
  roomHelp: 'Ceux qui ont le même salon et le même secret se retrouvent.',
  defaultRoom: 'nkt',
  noRoom: 'aucun salon',
  ipNotice: 'Un pseudo n’est qu’une étiquette ; une adresse est une preuve. Ceux à qui vous parlez peuvent voir votre adresse IP.',
  foreignServers: (urls) => 'Ce lien mène à des serveurs d’autrui, qui verront votre adresse IP et avec qui vous parlez : '
    + `${urls.join(', ')}. N’entrez que si vous faites confiance à qui l’a envoyé.`,
  nickMissing: 'Veuillez entrer un pseudo.',
  nickLong: 'Ce pseudo est trop long.',
  tooLong: (n) => `C’est trop long : ${n} lettres au plus, moins s’il y a des accents ou des signes particuliers.`,
  partMissing: 'Une partie de cette page ne s’est pas chargée. Le serveur tourne-t-il ? Rechargez la page pour réessayer.',
  partSlow: 'Une partie de cette page n’est pas encore là. On l’attend ; s’il ne se passe rien, rechargez la page.',
  noWebRTC: 'Ce navigateur n’a pas WebRTC, ou il est désactivé : vous parlez par le relais, pas directement.',
  startFailed: (reason) => `Pas démarré : ${reason}`,

  // frame
  messages: 'Messages',
  panel: 'Personnes et connexion',
  you: 'Vous',
  leave: 'Quitter',
  people: 'Personnes',
  invite: 'Inviter',
  inviteText: 'Ouvrez cette page dans un autre onglet, ou envoyez ce lien à quelqu’un.',
  inviteLink: 'Lien d’invitation',
  inviteSecret: 'Le lien contient le secret de ce salon.',
  copyLink: 'Copier le lien',
  copyText: 'Copier le texte',
  copyAddress: 'Copier l’adresse',
  copied: 'Copié',
  copyFailed: 'Pas autorisé ici. Sélectionnez-le et copiez à la main.',
  usersEmpty: 'Encore personne d’autre.',
  emptyAlone: 'Personne d’autre n’est encore ici',
  emptyReady: 'Dites bonjour',
  emptyReadyText: (n) => `${count(n, 'personne est', 'personnes sont')} ici. Les messages sont chiffrés pour chacune.`,
  title: (unread, room) => `${unread ? `(${unread}) ` : ''}${room} · nkt`,

  // settings
  settings: 'Réglages',
  settingsServers: 'Serveurs',
  settingsServersHelp: 'Conservés dans ce navigateur, pour chaque visite de cette page. Un par ligne ; vide pour aucun.',
  settingsServed: 'Comme le dit ce serveur',
  settingsKinds: {
    relays: { title: 'Relais', hint: 'wss://relay.example.org/relay', wanted: 'une adresse qui commence par ws:// ou wss://' },
    trackers: { title: 'Traqueurs', hint: 'wss://tracker.example.org', wanted: 'une adresse qui commence par ws:// ou wss://' },
    iceServers: {
      title: 'STUN et TURN', hint: 'stun:stun.example.org:3478\nturn:turn.example.org:3478 NOM MOT-DE-PASSE',
      wanted: 'stun:HÔTE:PORT, ou turn:HÔTE:PORT NOM MOT-DE-PASSE',
    },
  },
  settingsBad: ({ title, wanted }, line) => `${title} : « ${line} » n’est pas ce qu’il faut : ${wanted}.`,
  settingsRefused: (list) => `Enregistré, mais ceci ne peut pas servir (8 au plus le peuvent) :\n${list}`,
  settingsNotKept: 'En vigueur, mais ce navigateur ne le conserve pas : le stockage est bloqué ici.',
  settingsBrowser: 'Ce navigateur',
  settingsLanguage: 'Langue',
  settingsLanguageBrowser: 'Celle du navigateur',
  settingsLanguageHelp: 'En vigueur dès que la page est rechargée.',
  settingsNotify: 'M’avertir des messages pendant que je regarde ailleurs',
  settingsNotifyHelp: 'L’avertissement montre qui a écrit, et quoi.',
  settingsPresence: 'Dire dans la discussion qui arrive et part',
  settingsPresenceHelp: 'Qui est là, et par quel lien, se voit de toute façon dans la liste.',
  settingsHistory: 'Conserver les messages, chiffrés',
  settingsHistoryHelp: 'Les 2 000 plus récents. Sinon ils disparaissent au prochain rechargement, ceux d’avant tout de suite.',
  settingsFiles: 'Fichiers',
  settingsUnasked: 'Prendre les images sans demander',
  settingsUnaskedUpTo: (size) => (size ? `jusqu’à ${bytes(size)}` : 'jamais'),
  settingsUnaskedHelp: 'De ceux à qui vous envoyez, dès qu’elles viennent. Tout le reste est pris quand vous le dites.',
  settingsQuota: 'Place pour les fichiers sur cet appareil',
  settingsQuotaHelp: 'Quand elle est pleine, ce qui n’a pas servi depuis le plus longtemps s’en va, ce que vous avez partagé en dernier.',
  keptFiles: 'Fichiers conservés sur cet appareil',
  keptUse: (used, quota) => `${bytes(used)} sur ${bytes(quota)} utilisés`,
  keptNothing: 'Aucun fichier n’est conservé ici pour le moment.',
  keptAbout: ({ size, loaded, isWhole, own }) => [isWhole ? bytes(size) : `${bytes(loaded)} sur ${bytes(size)}`, own && 'partagé par vous']
    .filter(Boolean).join(' · '),
  keptDelete: 'Supprimer',
  keptDeleteName: (name) => `Supprimer de cet appareil : ${name}`,
  settingsSave: 'Enregistrer',
  settingsConnecting: 'Nouvelle connexion…',
  storageKinds: {
    none: () => 'Rien de vous n’est conservé : le prochain rechargement fait de vous quelqu’un d’autre.',
    tab: () => 'Vous êtes conservé aussi longtemps que cet onglet. Pour l’être sur cet appareil, quittez et entrez avec une phrase '
      + 'secrète.',
    kept: (nick, short) => `Vous êtes conservé sur cet appareil sous le nom de ${nick} (${short}), sous votre phrase secrète.`,
  },
  storageLate: 'Le stockage a répondu trop tard pour cette visite : rien n’y est conservé. Qui vous étiez, et ce qui a été dit, '
    + 'revient quand vous rechargez cette page.',
  storageSilent: 'Le stockage ne répond pas : jusque-là rien n’est conservé, et un rechargement peut faire de vous quelqu’un d’autre. '
    + 'Ce que vous écrivez part quand même.',
  storageMemory: (reason) => (/too late/.test(reason) ? texts.storageLate : /does not answer/.test(reason) ? texts.storageSilent
    : `Le stockage est plein ou bloqué : tant que cela dure, rien n’est conservé${reason ? ` (${reason})` : ''}.`),
  storageInsecure: 'Cette page est venue par http simple : rien de vous n’est conservé, et un rechargement fait de vous quelqu’un d’autre.',
  storageBack: 'Le stockage fonctionne à nouveau : tout est conservé.',
  moved: (room) => `Vous êtes maintenant dans le salon ${room}.`,
  notifyRing: (name, room) => `${name} appelle · ${room}`,
  notifyTitle: (name, room, isPrivate) => (isPrivate ? `${name}, en privé` : `${name} · ${room}`),
  notifyMention: (name, room) => `${name} vous nomme · ${room}`,
  notifyReply: 'Répondre',
  notifyReplyTo: (name, room, isPrivate) => (isPrivate ? `À ${name}, en privé` : `À tous dans ${room}`),
  notifyLost: 'Pas envoyé : la page est fermée, ou dans un autre salon',
  notifyMissing: 'Ce navigateur n’a pas de notifications.',
  notifyDenied: 'Ce navigateur n’autorise pas les notifications ici. Autorisez-les près de l’adresse de la page, et réessayez.',

  // joining by hand
  handOpen: 'Pas de serveur ? Inviter à la main',
  hand: 'Entrer à la main',
  handNote: 'Deux personnes se connectent sans aucun serveur, en se passant deux textes : par courrier, par messagerie, ou lus sur un '
    + 'écran.',
  handHost: 'J’invite',
  handGuest: 'On m’a invité',
  handHost1: 'Transmettez cette invitation',
  handHost2: 'Entrez la réponse qui revient',
  handHost3: 'Attendez la connexion',
  handGuest1: 'Entrez l’invitation',
  handGuest2: 'Renvoyez cette réponse',
  handGuest3: 'Attendez la connexion',
  handComplete: 'Connecter',
  handAccept: 'Répondre',
  handAgain: 'Nouvelle invitation',
  handQr: 'La même chose en code QR',
  handMaking: 'Préparation d’une invitation…',
  handAnswering: 'Préparation de la réponse…',
  handConnecting: 'Connexion…',
  handUntil: (date) => `Valable pour une personne, jusqu’à ${date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' })}. `
    + 'Gardez cet onglet ouvert.',
  handWaiting: (nick) => `Connecté dès que ${nick || 'l’autre côté'} entre votre réponse. Gardez cet onglet ouvert.`,
  handConnected: (name) => `Connecté avec ${name}.`,
  handReveals: 'Une invitation révèle à qui la lit vos clés, votre pseudo et vos adresses IP, et le premier qui répond peut entrer. '
    + 'Une réponse ne peut être lue que par celui qui invite. Le secret d’un salon n’est dans aucune des deux.',

  // service worker
  newer: 'Une version plus récente de cette page est là.',
  newerReload: 'Recharger',
  newerRefused: (path) => `Le serveur a une version plus récente de cette page, mais ${path} n’est pas ce qu’il devrait être. Celle-ci `
    + 'reste.',

  // users
  userMessage: (name, short) => `Écrire en privé à ${name} (${short})`,
  userProfile: (name) => `Profil de ${name}`,
  profileFacts: { seen: 'Entendu en dernier', way: 'Joint', session: 'Chiffrement', verified: 'Identité', number: 'Numéro de sécurité' },
  profileNow: 'maintenant',
  profileKeeper: 'garde des messages pour les absents',
  profileNotVerified: 'pas encore vérifié',
  profileTalk: 'Discuter',
  profileVerify: 'Comparer les numéros',
  profileMuteHelp: 'Cette personne ne reçoit rien de ce que vous écrivez ; vous continuez à l’entendre.',
  profileIgnoreHelp: 'Rien de cette personne n’est montré, gardé ni notifié. Elle ne le sait pas, et reçoit toujours ce que vous écrivez '
    + 'à tous.',
  userCopy: (name) => `Copier l’adresse de ${name}`,
  userMute: (name) => `Ne rien envoyer à ${name}`,
  userUnmute: (name) => `Envoyer à nouveau à ${name}`,
  userIgnore: (name) => `Ignorer ${name} : n’en plus rien montrer, pour de bon`,
  userUnignore: (name) => `Entendre à nouveau ${name}`,
  userVerify: (name) => `Vérifier ${name} : comparer les numéros de sécurité`,
  userVerified: (name) => `Vous avez vérifié ${name}`,
  path: { direct: 'direct', relay: 'par le relais', forwarded: 'par d’autres', none: 'aucun chemin' },
  session: { none: 'pas encore de session', pending: 'accord sur les clés', established: 'session chiffrée' },
  muted: 'ne reçoit rien de vous',
  ignored: 'ignoré',
  unreachable: 'injoignable',
  verified: 'vérifié',
  sameNick: 'Plusieurs personnes utilisent ce pseudo. Distinguez-les par l’adresse.',

  // system lines
  times: (name, n) => (n > 1 ? `${name} (${number(n)} fois)` : name),
  linesJoined: (list) => `Arrivée : ${names(list)}`,
  linesLeft: (list) => `Départ : ${names(list)}`,
  linesUnreachable: (list) => `Injoignable : ${names(list)}`,
  linesBack: (list) => `De retour : ${names(list)}`,
  linesLinkUp: (list) => `Lien direct avec ${names(list)}`,
  linesLinkDown: (list) => `Plus de lien direct avec ${names(list)}`,
  keyChanged: (nick, n) => `Attention : quelqu’un nommé ${nick} se présente avec d’autres clés : un nouvel onglet, ou quelqu’un d’autre.`
    + `${n > 1 ? ` (Le même sous ${number(n)} noms connus en une heure.)` : ''}`,
  keyChangedVerified: (nick, short, previous) => `Attention : ${short} se nomme ${nick}, mais a d’autres clés que ${nick} que vous avez `
    + `vérifié (${previous}). Ne lui faites confiance qu’après avoir comparé les numéros.`,
  debugMode: 'Mode de débogage : aucun plugin n’est chargé, les messages des autres vont dans la console. Pour les montrer ici, tapez-y : '
    + 'nkt.plugin((await import("./plugins/display.js")).default)',

  // messages
  own: 'vous',
  privateTo: (name) => `en privé à ${name}`,
  privateFrom: 'privé',
  clear: 'non chiffré',
  clearHelp: 'Signé, mais lisible par tous sur le chemin',
  showAll: (letters) => 'Tout montrer '
    + `(${letters < 10000 ? count(letters, 'lettre', 'lettres') : `${number(Math.round(letters / 1000))} ko`})`,
  showLess: 'Montrer moins',
  rooms: 'Autres salons',
  roomLeave: (name) => `Quitter ${name}`,
  roomOpen: 'vous y êtes',
  roomNamed: 'on vous nomme',
  roomsMany: (count) => `Vous êtes dans ${count} salons, le maximum à la fois. Quittez-en un d’abord : ✕ dans le panneau.`,
  roomForget: (name) => `Oublier ${name}`,
  roomSecret: 'avec un secret',
  talks: 'Discussions',
  talkInRoom: (room) => `À tout le monde dans ${room}`,
  talkWith: (name) => `À ${name} seulement`,
  saidElsewhere: 'à tous dans un autre salon',
  unseen: 'Nouveau',
  newMessages: (n) => (n ? count(n, 'nouveau message', 'nouveaux messages') : 'Derniers messages'),
  delivery: {
    queued: 'En attente',
    sent: 'Envoyé',
    delivered: 'Distribué',
    partial: 'Distribué, mais pas à tous',
    failed: 'Non distribué',
    nobody: 'Personne n’était là pour le lire',
  },
  cancelled: 'Un plugin a arrêté ce message.',
  unknownReason: 'aucune raison donnée',

  // input
  line: 'Message',
  lineHint: 'Message, ou /commande',
  lineHintPrivate: 'Message privé',
  send: 'Envoyer',
  size: (size, max) => (size > max ? `Trop long de ${count(size - max, 'octet', 'octets')} pour un seul envoi. Rien n’est coupé.`
    : `Encore ${count(max - size, 'octet', 'octets')}. Guillemets, fins de ligne, accents et émojis en prennent plus d’un.`),
  notSent: (reason) => `Pas envoyé : ${reason}`,
  unsentLabel: 'Pas envoyés',
  unsent: (text, name) => `Pas envoyé${name ? ` à ${name}` : ''} : ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`,
  unsentBack: 'Remettre dans la ligne',
  unsentDrop: 'Abandonner',
  target: (name, short) => `En privé à ${name} · ${short}`,
  targetClear: 'Revenir à tous',
  reply: (name) => `Répondre à ${name}`,
  replying: (name, text) => `Réponse à ${name} : ${text}`,
  replyClear: 'Ne plus répondre',
  replyUnknown: 'Cité, absent d’ici :',
  replyShow: 'Aller au message',

  // what one can do with a message
  more: (name) => `Que faire de ce message de ${name}`,
  actionsLabel: 'Que faire de ce message',
  actions: { reply: 'Répondre', edit: 'Modifier', copy: 'Copier', details: 'Détails', remove: 'Supprimer' },
  editing: (text) => `Modifier : ${text}`,
  editEmpty: 'Il n’en resterait rien. Son menu supprime un message ; Échap le laisse tel quel.',
  edited: 'modifié',
  gone: 'Supprimé',
  removeAsk: 'Le supprimer ici et chez tous ? Qui l’a copié le garde.',
  removeYes: 'Supprimer', removeNo: 'Garder',
  signAdd: (what) => `Réagir avec ${what}`,
  signMore: 'Réagir avec un autre signe',
  signOf: (what, n) => `${what} : ${count(n, 'personne', 'personnes')}`,
  signBy: (list) => names(list),
  emojiSearch: 'Chercher un émoji (en anglais)',
  emojiNone: 'Aucun ne s’appelle ainsi.',
  details: {
    title: 'Le message', from: 'De', to: 'À', date: 'Quand', safety: 'Comment', way: 'Venu', id: 'Identifiant',
    everybody: 'Tous dans le salon', youAlone: 'Vous seul',
    encrypted: 'Chiffré de bout en bout', clear: 'Signé, non chiffré', recipients: 'Qui l’a',
    signs: 'Réactions', earlier: 'Ce qu’il disait avant',
  },

  // searching
  search: 'Chercher dans les messages',
  searchWords: 'Mots',
  searchDate: 'Aller à un jour',
  searchGo: 'Aller',
  searchFound: 'Trouvé, le plus récent d’abord',
  searchCount: (n, isMore) => (n ? `${count(n, 'message trouvé', 'messages trouvés')}${isMore ? ', et plus' : ''}`
    : 'Rien trouvé. Seul ce qui est gardé ici est cherché.'),
  searchNoDate: 'Rien n’a été dit ce jour-là, ni après.',

  // commands
  noSuchCommand: (name) => `Il n’y a pas de commande /${name}. /help les donne toutes.`,
  usage: (usage) => `Utilisation : ${usage}`,
  unknownUser: (who) => `Personne ici ne se nomme ${who}. /list montre qui est là.`,
  ambiguousUser: (who, addresses) => `Plusieurs personnes se nomment ${who}. Prenez une adresse :\n${addresses.join('\n')}`,
  whomMeant: (all) => `Qui voulez-vous dire : ${all.join(' ou ')} ? Écrivez le nom entre guillemets`,
  connecting: (addr) => `Recherche de ${addr}…`,
  connected: (addr) => `Connecté à ${addr}.`,
  connectFailed: (addr, reason) => `Pas de lien avec ${addr} : ${reason}`,
  nowMuted: (name) => `Plus rien de ce que vous écrivez n’est envoyé à ${name}.`,
  nowUnmuted: (name) => `Ce que vous écrivez est à nouveau envoyé à ${name}.`,
  nowIgnored: (name) => `${name} est ignoré : plus rien n’en est montré, pour de bon. On ne le lui dit pas. /unignore annule.`,
  nowHeard: (name) => `${name} est à nouveau entendu. Ce qui a été dit le dernier jour peut encore arriver.`,
  ignoredHead: (n) => (n ? `Vous ignorez ${count(n, 'personne', 'personnes')} :` : 'Vous n’ignorez personne.'),
  listHead: (n) => (n ? `${count(n, 'personne', 'personnes')} :` : 'Personne d’autre n’est ici.'),
  plugins: 'Plugins',
  pluginsHelp: 'Ils tournent dans cette page et peuvent lire ce qu’elle lit. Ceux du bas voient un événement après ceux du haut.',
  pluginAbout: {
    display: 'montre les messages des autres', commands: 'lignes qui commencent par /',
    unread: 'compte dans le titre et sur l’icône ce que vous n’avez pas vu',
    irc: '/me, /shrug, /slap', notify: 'vous avertit pendant que vous regardez ailleurs',
    calls: 'voix, vidéo et écran : /call',
    replace: 'remplace des mots dans ce que vous envoyez : /replace', yo: 'dit « yo » aux nouveaux, en privé',
    coin: 'lance une pièce : /coin', poll: 'interroge tout le monde : /poll', typing: 'montre qui écrit',
    whiteboard: 'un tableau où tous dessinent',
  },
  pluginErrors: (n) => count(n, 'erreur', 'erreurs'),
  pluginFault: (name, where, reason) => `Le plugin ${name} a échoué à ${where} : ${reason}`,
  replaceNone: 'Aucun mot n’est remplacé. /replace MOT PAR en ajoute un.',
  replaceSet: (word, by) => `${word} devient ${by} dans ce que vous envoyez.`,
  replaceGone: (word) => `${word} reste tel quel.`,
  replaceUnknown: (word) => `${word} n’est pas remplacé.`, replaceFull: (n) => `${n} mots au plus.`,
  replaceHelp: ['/replace MOT PAR', 'remplacer un mot dans ce que vous envoyez ; sans PAR, ne plus le faire'],
  coinHelp: 'lancer une pièce',
  coinTossed: { heads: 'Une pièce est lancée : face.', tails: 'Une pièce est lancée : pile.' },
  pollHelp: ['/poll QUESTION RÉPONSE RÉPONSE...', 'interroger tout le monde ; entre guillemets s’il y a des espaces'],
  pollPrivate: 'Les sondages sont vus de tous dans le salon : posez la question là.',
  polls: 'Sondages',
  typing: (list) => (list.length === 1 ? `${list[0]} écrit…` : `${list.join(', ')} écrivent…`),
  whiteboard: 'Tableau',
  whiteboardHelp: 'Dessinez ici. Au clavier : les flèches déplacent le crayon, Espace le pose et le lève.',
  whiteboardClear: 'Effacer le mien',
  ircHelp: {
    me: ['/me FAIT', 'dire ce que vous faites'],
    shrug: ['/shrug TEXTE', 'et un haussement d’épaules'],
    slap: ['/slap PSEUDO', 'avec une grosse truite'],
  },
  ircSlap: (me, who) => `* ${me} gifle ${who} avec une grosse truite`,
  pluginsHead: 'Plugins (+ chargé, - non chargé) :',
  loaded: (name) => `Le plugin ${name} est chargé.`,
  alreadyLoaded: (name) => `Le plugin ${name} est déjà chargé.`,
  unloaded: (name) => `Le plugin ${name} n’est plus chargé.`,
  notLoaded: (name) => `Aucun plugin nommé ${name} n’est chargé.`,
  loadFailed: (name, reason) => `Le plugin ${name} ne peut pas être chargé : ${reason}`,
  badPluginName: 'Un nom de plugin se compose de lettres minuscules, de chiffres et de tirets ; '
    + 'un chemin de ce serveur commence par / et finit par .js.',
  nickChanged: (nick) => `Vous êtes maintenant ${nick}.`,
  help: {
    connect: ['/connect ADRESSE', 'rejoindre l’essaim de quelqu’un par son adresse'],
    list: ['/list', 'qui est ici'],
    mute: ['/mute PSEUDO ou ADRESSE', 'ne rien envoyer à quelqu’un ; encore une fois pour annuler'],
    ignore: ['/ignore PSEUDO ou ADRESSE', 'ne plus rien montrer de quelqu’un, pour de bon ; sans nom : qui vous ignorez'],
    unignore: ['/unignore PSEUDO ou ADRESSE', 'l’entendre à nouveau'],
    msg: ['/msg PSEUDO ou ADRESSE TEXTE', 'écrire en privé'],
    verify: ['/verify PSEUDO ou ADRESSE', 'comparer les numéros de sécurité : est-ce bien cette personne ?'],
    status: ['/status', 'comment vous êtes connecté'],
    plugins: ['/plugins', 'quels plugins sont chargés'],
    load: ['/load NOM', 'charger un plugin de ce serveur, par nom ou chemin'],
    unload: ['/unload NOM', 'décharger un plugin'],
    invite: ['/invite [TEXTE]', 'entrer à la main, sans serveur ; TEXTE est une invitation ou une réponse'],
    swarm: ['/swarm', 'l’essaim en image'],
    search: ['/search MOTS ou AAAA-MM-JJ', 'chercher dans les messages, ou aller à un jour'],
    settings: ['/settings', 'salon, serveurs, notifications, ce qui est conservé'],
    nick: ['/nick NOM', 'changer de pseudo'],
    help: ['/help', 'cette liste'],
  },

  // calls
  callHelp: {
    call: ['/call PSEUDO ou ADRESSE', 'appeler quelqu’un, ou l’inviter dans l’appel ; sans nom : la personne en privé, sinon tous'],
    video: ['/video PSEUDO ou ADRESSE', 'de même avec votre caméra'],
    answer: ['/answer', 'répondre à qui appelle'],
    hangup: ['/hangup', 'refuser qui appelle, ou raccrocher'],
  },
  callAll: 'Appeler tous ceux qui sont ici',
  callMany: 'Plus de cinq personnes sont ici : nommez-les une par une, /call PSEUDO.',
  userCall: (name) => `Appeler ${name}`,
  call: 'Appel',
  callButtons: 'Ce que vous envoyez',
  callPeople: 'Qui est dans l’appel',
  callRing: 'Quelqu’un appelle',
  callRings: (name, short, others, video) => `${name} (${short}) appelle${video ? ', avec la vidéo' : ''}`
    + `${others.length ? `. Aussi présents : ${names(others)}` : ''}.`,
  callRingHelp: 'Qui est dans un appel avec vous voit votre adresse IP. /answer et /hangup font comme les boutons.',
  callAnswer: 'Répondre',
  callAnswerSeen: 'Répondre avec la caméra',
  callDecline: 'Refuser',
  callIgnore: 'Ignorer pour de bon',
  callRinging: (list) => `Ça sonne chez ${names(list)}`,
  callConnecting: (list) => `Connexion avec ${names(list)}`,
  callWith: (list) => `En appel avec ${names(list)}`,
  callBrokenPath: (list) => `Recherche d’un autre chemin vers ${names(list)}`,
  callPhase: { ringing: 'ça sonne', connecting: 'connexion', broken: 'pas de connexion' },
  callMuted: 'muet',
  callShares: 'partage un écran',
  callClock: (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`,
  callControls: {
    mic: 'Activer le micro', camera: 'Activer la caméra', screen: 'Partager l’écran', devices: 'Choisir les appareils',
    large: 'Agrandir, sans les messages', hangup: 'Raccrocher',
  },
  callTurnOff: {
    mic: 'Couper le micro', camera: 'Couper la caméra', screen: 'Ne plus partager l’écran', large: 'Réduire, avec les messages',
  },
  callKind: { mic: 'Micro', camera: 'Caméra', screen: 'Écran', speaker: 'Haut-parleur' },
  callDevice: (name, n) => `${name} ${number(n)}`,
  callDenied: {
    mic: 'Le navigateur ne permet pas le micro ici : on ne vous entend pas.', camera: 'Le navigateur ne permet pas la caméra ici.',
    screen: 'Rien n’a été choisi à partager, ou le navigateur ne le permet pas ici.',
  },
  callMissing: {
    mic: 'Il n’y a pas de micro : on ne vous entend pas.', camera: 'Il n’y a pas de caméra.',
    screen: 'Ce navigateur ne peut pas partager d’écran.',
  },
  callCameraGone: 'La caméra n’envoie plus rien : elle a été débranchée, ou n’est plus permise.',
  callBroken: (name, reason) => `${name} ne marche pas. Un autre programme l’utilise peut-être : fermez-le, et réessayez. (${reason})`,
  callNoWebRTC: 'Ce navigateur n’a pas WebRTC, ou il est désactivé : les appels en ont besoin.',
  callInsecure: 'Cette page est venue par simple http, où les navigateurs ne donnent à aucune page le micro ou la caméra. Ouvrez-la avec '
    + 'https://.',
  callUnwelcome: (name) => `Vous ignorez ${name}, ou ne lui envoyez rien : annulez cela pour appeler.`,
  callNot: {
    full: 'Six personnes peuvent être dans un appel.', busy: 'Vous êtes en appel : raccrochez d’abord.', gone: 'Personne n’appelle.',
  },
  callNone: 'Personne n’appelle, et vous n’êtes dans aucun appel.',
  callMissed: (name, n) => `${name} a appelé${n > 1 ? ` (${number(n)} fois)` : ''}, sans réponse.`,
  callUnanswered: (name, why) => ({
    declined: `${name} a refusé.`, busy: `${name} est dans un autre appel.`, silent: `${name} n’a pas répondu.`,
    deaf: `${name} ne peut pas être appelé : il n’y a pas de WebRTC là-bas.`,
    NKT_E_UNREGISTERED: `${name} ne peut pas être appelé : cette page n’a pas d’appels.`,
  }[why] ?? `${name} n’a pas pu être joint.`),
  callLost: (name, why) => ({
    full: 'Six personnes sont déjà dans cet appel.', gone: `${name} n’est plus dans l’appel.`,
  }[why] ?? `Le lien avec ${name} est perdu.`),
  callOver: 'L’appel est terminé.',

  // windows fetched when they are opened
  notFetched: 'Cette fenêtre ne peut pas être chargée, et n’est pas encore conservée dans ce navigateur. Réessayez quand le serveur '
    + 'pourra être joint.',

  // verification
  verifyTitle: (name, short) => `Est-ce vraiment ${name} (${short}) ?`,
  verifyHelp: 'Demandez à l’autre personne d’ouvrir la même fenêtre pour vous, et comparez le numéro : côte à côte, ou par une voix '
    + 'que vous connaissez. S’il est le même sur les deux écrans, personne ne se tient entre vous.',
  verifyNumber: 'Numéro de sécurité, par groupes de cinq chiffres',
  verifyQr: 'Le même numéro en code QR',
  verifySame: 'C’est le même',
  verifyOther: 'Ce n’est pas le même',
  verifyTakeBack: 'Retirer la marque',
  verifyAlready: 'Vous avez déjà comparé ce numéro : il est vérifié.',
  verifyDone: (name) => `${name} est vérifié. Vous serez averti si quelqu’un utilise ce pseudo avec d’autres clés.`,
  verifyDifferent: (name) => `${name} n’est pas vérifié. Si les numéros diffèrent, quelqu’un d’autre lit peut-être : n’y dites rien de `
    + 'secret.',
  verifyCompare: 'Comparer',
  dismiss: 'Masquer',
  close: 'Fermer',

  // swarm
  swarm: 'L’essaim',
  swarmOpen: 'Montrer l’essaim en image',
  swarmClose: 'Fermer',
  swarmList: 'Comment chacun est joint',
  swarmSelf: 'Vous',
  swarmRelays: (n) => (n === 1 ? 'relais' : `${number(n)} relais`),
  swarmRelay: ({ count: n, state }) => `${n === 1 ? 'Le relais' : `${number(n)} relais`} : ${texts.wayState[state]}`,
  swarmBy: {
    link: 'par WebRTC', eager: 'par WebRTC, souvent le plus rapide', lazy: 'par WebRTC, en réserve', relay: 'par le relais',
    flood: 'par d’autres', none: 'pas joint',
  },
  swarmThrough: (name) => `par ${name}`,
  swarmWaiting: 'ne répond pas pour le moment',
  swarmForwards: (n) => `transmet pour ${number(n)}`,
  swarmMore: (n) => `Et ${number(n)} de plus.`,
  swarmSummary: ({ counts: c }) => {
    const people = Object.values(c).reduce((sum, n) => sum + n, 0);
    if (!people) return 'Vous êtes seul ici.';
    const ways = [[c.link, 'par WebRTC'], [c.peer + c.flood, 'par d’autres'], [c.relay, 'par le relais'], [c.none, 'pas du tout']];
    const used = ways.filter(([n]) => n).map(([n, way]) => (n === people ? (n > 1 ? `toutes ${way}` : way) : `${number(n)} ${way}`));
    return `Vous joignez ${count(people, 'personne', 'personnes')} : ${used.join(', ')}.`;
  },
  swarmSplit: 'L’essaim semble coupé en deux.',
  swarmWarning: {
    isolated: 'Vous n’avez de lien direct avec personne. Si le relais tombe, vous êtes seul jusqu’à ce que quelqu’un vous retrouve.',
    partitioned: 'L’essaim semble coupé en deux : certaines personnes ne peuvent être jointes d’ici. Ce que vous écrivez les attend.',
  },
  swarmLegend: 'Ce que les lignes signifient',
  swarmLegendLink: 'WebRTC',
  swarmLegendEager: 'WebRTC, souvent le plus rapide',
  swarmLegendLazy: 'WebRTC, en réserve',
  swarmLegendRelay: 'par le relais',
  swarmLegendPeer: 'transmis par une personne',
  swarmLegendFlood: 'transmis par plusieurs',

  // contents
  attach: 'Joindre des fichiers',
  attachedLabel: 'Fichiers envoyés avec la prochaine ligne',
  attachAsItIs: 'telle quelle',
  attachAsItIsHelp: 'Sinon l’image est redessinée : où et quand elle a été prise, et par quel appareil, n’est pas envoyé',
  attachNotDrawn: 'cette image ne peut pas être redessinée. Cochez « telle quelle » pour envoyer le fichier avec tout ce qui y est écrit',
  attachDrop: (name) => `Ne pas envoyer ${name}`,
  attachNotFetched: 'Les fichiers ne peuvent pas être envoyés maintenant : cette partie de la page ne peut pas être chargée, et n’est '
    + 'pas encore conservée dans ce navigateur.',
  attachMoved: (name) => `${name} n’a pas été envoyé : vous avez quitté le salon.`,
  attachMany: (n) => `${n} fichiers au plus attendent ici : envoyez d’abord ceux-ci.`,
  bytes,
  card: {
    known: ({ size }) => bytes(size),
    waiting: ({ size, loaded }) => `${bytes(loaded)} sur ${bytes(size)}. Personne ici n’a le reste ; cela continuera tout seul.`,
    fetching: ({ size, loaded, sources, relayed, rate }) => [`${bytes(loaded)} sur ${bytes(size)}`, rate > 0 && `${bytes(rate)}/s`,
      sources > 1 && `de ${number(sources)} personnes`, relayed && 'par le relais, lentement : il n’y a pas de lien direct']
      .filter(Boolean).join(' · '),
    complete: ({ size, who }) => [bytes(size), who.length > 0 && `${names(who)} ${pick(who.length, 'l’a', 'l’ont')} aussi`]
      .filter(Boolean).join(' · '),
    paused: ({ size, loaded }) => `${bytes(loaded)} sur ${bytes(size)}, en pause`,
    full: ({ size, loaded }) => `${bytes(loaded)} sur ${bytes(size)}. Il n’y a pas de place sur cet appareil.`,
  },
  cardSealing: (loaded, total) => `Chiffrement : ${bytes(loaded)} sur ${bytes(total)}`,
  cardFetch: 'Prendre',
  cardPause: 'Pause',
  cardOn: 'Continuer',
  cardSave: 'Enregistrer',
  cardPlay: 'Lire',
  cardHere: (name) => `${name} est là`,
  cardUnplayable: 'Ce navigateur ne peut pas le lire. On peut l’enregistrer.',
  cardErrors: {
    NKT_E_QUOTA: 'Il n’y a pas de place ici. Faites-en dans les réglages, sous « Fichiers ».',
    NKT_E_STORAGE: 'Ce navigateur ne peut pas conserver de fichiers maintenant.',
    NKT_E_STOPPED: 'La connexion a été fermée entre-temps.',
    NKT_E_CONTENT_UNKNOWN: 'On ne le connaît plus ici.',
  },
  cardFailed: (reason) => `Cela n’a pas marché : ${reason}`,
  bytesOf: (size, what) => `${bytes(size)} de ${what.slice(0, 100)}`,
  cardNotFetched: 'Impossible à montrer : cette partie de la page ne peut pas être chargée, et n’est pas encore conservée dans ce '
    + 'navigateur.',
  cardNoName: 'Un fichier',
  cardSealed: 'Quelque chose à garder pour d’autres, que personne ne peut lire ici',
  tryAgain: 'Réessayer',
  cardPicture: (name) => (name ? `Image : ${name}` : 'Une image'),
  cardProgress: 'Où il en est',

  // connection
  connection: 'Connexion',
  relays: 'Relais',
  trackers: 'Traqueurs',
  links: 'Liens directs (WebRTC)',
  none: { relays: 'Aucun réglé.', trackers: 'Aucun réglé.', links: 'Encore aucun.' },
  wayState: { ok: 'connecté', wait: 'connexion…', down: 'ne répond pas' },
  counters: (c) => [
    `${count(c.sessions, 'session chiffrée', 'sessions chiffrées')}.`,
    c.outbox ? `${count(c.outbox, 'message attend', 'messages attendent')}.` : '',
    c.dropped ? `${count(c.dropped, 'mauvaise trame rejetée', 'mauvaises trames rejetées')}.` : '',
  ].filter(Boolean).join(' '),
  levelWord: { ok: 'Connecté', idle: 'Connexion…', warn: 'Pas de serveur', bad: 'Non connecté', split: 'Essaim coupé' },
  starting: 'Connexion…',
  summary: ({ people, relay, tracker, links }) => [
    people ? `Connecté à ${count(people, 'personne', 'personnes')}` : 'Encore personne d’autre ici',
    [relay && `relais ${wayWord[relay]}`, tracker && `traqueur ${wayWord[tracker]}`,
      people > 0 && count(links, 'lien direct', 'liens directs')].filter(Boolean).join(', '),
  ].join(' : '),
  relayGone: (links) => `Le relais est parti. ${goesOn(links)}`,
  relayAway: (links) => `Le relais ne répond pas. ${goesOn(links)}`,
  relayGoneTracker: 'Le relais ne répond pas. On cherche des personnes par le traqueur.',
  cutOff: 'Non connecté. Nouvel essai en cours.',
  stopped: 'nkt s’est arrêté après une erreur. Rechargez la page : ce qui était enregistré continue.',
  adviceGone: 'Tous ceux à qui vous êtes lié vous entendent encore, et transmettent ce que vous écrivez. Qui d’autre veut entrer peut être '
    + 'invité à la main.',
  adviceTracker: 'Les nouveaux peuvent encore vous trouver par le traqueur.',
  adviceCutOff: 'Ni relais, ni traqueur, ni personne d’autre ne peut être joint. Ce que vous écrivez attend dans cet onglet ceux qui '
    + 'reviennent. Le serveur tourne-t-il ?',
  adviceNoTracker: 'Le traqueur est muet. Le relais s’en passe.',
  clockOff: (ms) => (ms ? `Votre horloge ${ms > 0 ? 'avance' : 'retarde'} de ${duration(Math.abs(ms))} sur celle des autres.` : ''),
  addressChanged: (address) => `Le protocole a une nouvelle version, votre adresse est donc une autre maintenant : ${address}. Vos `
    + 'clés, ce qui '
    + 'a été dit, et qui vous avez vérifié, ignorez ou à qui vous n’envoyez rien, sont comme avant. Qui vous cherche par votre '
    + 'ancienne adresse doit apprendre la nouvelle ; et si vous êtes venu par une invitation, il vous en faut une autre.',
  relayVersion: (url) => `Le relais ${url} et cette page parlent des versions différentes du protocole. Rechargez la page ; si cela ne `
    + 'suffit pas, demandez à qui gère le relais de le mettre à jour.',
  errors: [
    [/version/i, 'Il parle une autre version. Rechargez la page, ou demandez à qui le gère de le mettre à jour.'],
    [/refused|1006|failed to connect/i, 'Il est arrêté, ou un pare-feu se trouve entre vous.'],
    [/time/i, 'Il n’a pas répondu à temps.'],
    [/40[13]|origin|denied/i, 'Il refuse les pages de cette adresse.'],
    [/insecure|SecurityError/i, 'Une page chargée par https ne peut utiliser que des adresses wss://.'],
    [/syntax|url/i, 'Cette adresse n’est pas valable. Elle commence par ws:// ou wss://.'],
    [/1001|1012/, 'Il redémarre.'],
    [/429|1013|too many/i, 'Il est occupé.'],
  ],
  retry: 'Un nouvel essai se fait tout seul.',

  // what went wrong, by its code; functions are given its own words, which are English and say more
  codes: {
    __proto__: null,
    NKT_E_ARGUMENT: (own) => `Une indication manque ou est fausse (${own})`,
    NKT_E_STATE: 'Impossible pour le moment : ce n’est pas encore commencé, ou déjà terminé',
    NKT_E_ADDRESS: 'Ce n’est pas une adresse valable (34 caractères)',
    NKT_E_UNKNOWN_USER: 'Personne n’est connu sous cette adresse',
    NKT_E_VALUE: (own) => `Cela ne peut pas être envoyé ainsi (${own})`,
    NKT_E_SIZE: 'C’est plus grand que permis',
    NKT_E_OUTBOX_FULL: 'Trop de messages attendent d’être distribués ; attendez que les précédents soient arrivés',
    NKT_E_OPTIONS: (own) => `Un réglage est faux (${own})`,
    NKT_E_LINK: 'Ce lien n’existe pas',
    NKT_E_MUTED: 'vous avez choisi de ne rien envoyer à cette personne ; la flèche dans la liste des personnes, ou /mute, l’annule',
    NKT_E_SELF: 'C’est votre propre adresse',
    NKT_E_RECORD: 'Quelque chose d’enregistré est abîmé ou vient d’une autre identité ; cela a été mis de côté',
    NKT_E_PINS_FULL: 'Trop de personnes sont vérifiées ; retirez d’abord la marque à d’autres',
    NKT_E_PASSPHRASE: 'Mauvaise phrase secrète, ou fichier abîmé',
    NKT_E_NEWER: 'Enregistré par une version plus récente de nkt, et laissé tel quel',
    NKT_E_IGNORED_FULL: 'Trop de personnes sont ignorées ; entendez-en d’abord d’autres à nouveau',
    NKT_E_INVITE_TEXT: 'Ce texte ne contient ni invitation ni réponse, ou pas en entier : copiez-le tout entier',
    NKT_E_INVITE_VERSION: 'Faite par une autre version de nkt ; il faut la même des deux côtés',
    NKT_E_INVITE_KIND: 'C’est l’autre des deux : une invitation s’accepte, une réponse retourne à celui qui a invité',
    NKT_E_INVITE_EXPIRED: 'L’invitation a expiré ; demandez-en une nouvelle',
    NKT_E_INVITE_FOREIGN: 'Cela ne répond à aucune invitation de cet onglet ; elle a peut-être expiré, ou l’onglet a été rechargé depuis',
    NKT_E_INVITE_USED: 'Ce texte a déjà servi ici',
    NKT_E_INVITE_ROOM: 'C’est une invitation à un autre salon ; quittez d’abord celui-ci',
    NKT_E_INVITE_FULL: 'Trop d’invitations attendent déjà ; laissez-en d’abord expirer une',
    NKT_E_INVITE_LINKED: 'Vous êtes déjà lié avec celui qui a fait cette invitation',
    NKT_E_MANIFEST: 'Cela ne décrit aucun fichier, ou un fichier trop grand',
    NKT_E_CONTENTS_FULL: 'Trop de fichiers, ou de trop grands, sont ouverts ; fermez-en d’abord d’autres',
    NKT_E_CONTENT_UNKNOWN: 'Ce fichier n’est pas connu ici',
    NKT_E_CONTENT_CHANGED: 'Le fichier n’est plus celui qui a été partagé, ou il est abîmé',
    NKT_E_RATE: 'C’est plus qu’il n’est permis en si peu de temps',
    NKT_E_VERSION: 'L’autre côté parle une autre version du protocole ; il faut la même des deux côtés',
    NKT_E_MEMORY: 'La mémoire ne suffit pas',
    NKT_E_ENTROPY: 'Ce navigateur ne donne pas de nombres aléatoires sûrs',
    NKT_E_CRYPTO: 'Le chiffrement ne démarre pas',
    NKT_E_NOT_FOUND: 'Personne n’a répondu à temps à cette adresse ; la page est-elle ouverte là-bas, et connaissez-vous tous deux un '
      + 'même relais ou traqueur ?',
    NKT_E_NO_WAY: 'Ni relais, ni traqueur, ni pair ne peut être joint ; voyez les serveurs dans les réglages',
    NKT_E_CANCELLED: 'Annulé',
    NKT_E_TIMEOUT: 'Aucune confirmation à temps',
    NKT_E_STOPPED: 'La connexion a été fermée',
    NKT_E_REFUSED: 'L’autre côté a refusé le lien',
    NKT_E_INVITE_LOST: 'Les deux côtés n’ont trouvé aucun chemin l’un vers l’autre ; réessayez avec une nouvelle invitation',
    NKT_E_WASM: (own) => `Le module WebAssembly ne peut pas être chargé, ou ne va pas avec cette page (${own})`,
    NKT_E_TRAP: (own) => `nkt s’est arrêté par une erreur de sa part (${own})`,
    NKT_E_STORAGE: (own) => `Le stockage n’est pas disponible ici, ou ce qui s’y trouve est illisible (${own})`,
    NKT_E_IN_USE: 'Cette identité est utilisée dans un autre onglet',
    NKT_E_FILE: 'Ce n’est pas le fichier d’une identité, ou il est abîmé',
    NKT_E_NO_WEBRTC: 'Ce navigateur n’a pas WebRTC, ou il est désactivé : sans lui, pas de lien direct',
    NKT_E_PLUGIN: (own) => `Le plugin n’a pas pu démarrer (${own})`,
    NKT_E_UNREGISTERED: 'Rien n’y est enregistré sous ce nom',
    NKT_E_REMOTE: (own) => `La fonction appelée a signalé une erreur (${own})`,
    NKT_E_BUSY: 'Trop d’appels sont en cours',
    NKT_E_UNDELIVERED: 'L’appel n’a pas pu être transmis',
    NKT_E_QUOTA: (own) => `Il n’y a pas de place pour cela (${own})`,
    NKT_E_IGNORED: 'Cette personne est ignorée : aucune réponse d’elle ne serait entendue',
    NKT_E_NOT_FETCHED: 'le serveur n’en a pas tous les fichiers, ou ne peut pas être joint maintenant',
    NotReadableError: 'ce fichier ne peut pas être lu : il a été modifié, déplacé ou supprimé, ou c’est un dossier ; '
      + 'choisissez-le à nouveau',
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
