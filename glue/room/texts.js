// SPDX-License-Identifier: GPL-3.0-or-later
/** What <nkt-room> says. */

const en = {
  people: 'People', messages: 'Messages', line: 'Message', send: 'Send', nick: 'Your name', join: 'Join', you: 'you',
  connecting: 'Connecting …', alone: 'Nobody else is here yet.', here: 'Encrypted from end to end.', offline: 'No connection.',
  failed: 'It does not start:', shared: 'shared a file:', keys: 'is not who had this name before: other keys.', unsent: 'Not sent:',
  private: '(privately)', save: 'Save', unsaved: 'Not saved:', unnamed: 'The name is not changed:', file: 'a file',
};

/** @type {Record<string, typeof en>} */
const TEXTS = {
  en,
  de: {
    people: 'Personen', messages: 'Nachrichten', line: 'Nachricht', send: 'Senden', nick: 'Dein Name', join: 'Eintreten', you: 'du',
    connecting: 'Verbindet …', alone: 'Noch ist niemand sonst hier.', here: 'Von Ende zu Ende verschlüsselt.', offline: 'Keine Verbindung.',
    failed: 'Es startet nicht:', shared: 'teilt eine Datei:', keys: 'hieß bisher jemand anders: andere Schlüssel.',
    unsent: 'Nicht gesendet:', private: '(unter vier Augen)', save: 'Speichern', unsaved: 'Nicht gespeichert:',
    unnamed: 'Der Name bleibt:', file: 'eine Datei',
  },
  fr: {
    people: 'Personnes', messages: 'Messages', line: 'Message', send: 'Envoyer', nick: 'Votre nom', join: 'Entrer', you: 'vous',
    connecting: 'Connexion …', alone: "Personne d'autre n'est là.", here: 'Chiffré de bout en bout.', offline: 'Pas de connexion.',
    failed: 'Échec du démarrage :', shared: 'partage un fichier :', keys: "n'est pas la personne qui portait ce nom : autres clés.",
    unsent: 'Non envoyé :', private: '(en privé)', save: 'Enregistrer', unsaved: 'Non enregistré :', unnamed: 'Le nom reste :',
    file: 'un fichier',
  },
};

/** @param {ReadonlyArray<string|null|undefined>} languages the first that is known */
export function textsFor(languages) {
  const known = languages.map((one) => one?.slice(0, 2).toLowerCase()).find((one) => one !== undefined && Object.hasOwn(TEXTS, one));
  return TEXTS[known ?? 'en'];
}
