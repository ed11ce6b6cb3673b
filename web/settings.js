// SPDX-License-Identifier: GPL-3.0-or-later
// The settings, in a dialog: the room, the servers, what this browser does. Saved, they hold at once; the servers and what is kept hold for
// the next visits as well.

import './words_settings.js';
import { $, el, setText } from './dom.js';
import {
  formatServers, keepChoices, keepLanguage, keepPresence, keepUnasked, parseServers, parseUrls, readChoices, readLanguage, readPresence,
  readUnasked, UNASKED_SIZES,
} from './choices.js';
import { refreshUsers } from './users.js';
import { keptFiles, paintKept } from './keptfiles.js';
import { namedServers } from './address.js';
import { configNow, dropServers, typedRoom } from './login.js';
import { listPlugins, loadPlugin, unloadPlugin } from './plugins.js';
import { note } from './messages.js';
import { asRoom, isolated, ownAddress, ownNick, roomName, short } from './names.js';
import { changeRooms, follow, goTo } from './rooms.js';
import { LANGUAGES, texts, wordsOf } from './texts.js';

const NOTIFY = 'notify'; // the plugin
const LINE_COUNT = 3;
const QUOTA = 500e6; // as nkt has it if nobody says
const QUOTAS = [100e6, QUOTA, 2e9, 10e9];

/** Each kind of server: how it is read from what was typed, and written. */
const SERVERS = {
  relays: { parse: parseUrls, format: (urls) => urls.join('\n') },
  trackers: { parse: parseUrls, format: (urls) => urls.join('\n') },
  iceServers: { parse: parseServers, format: formatServers },
};
const NAMES = Object.keys(SERVERS);

export function openSettings() {
  fill();
  if (!$('settings').open) $('settings').showModal();
}

// ---- the form ----

function dialog() {
  return el('dialog', { id: 'settings', className: 'settings', 'aria-labelledby': 'settings-title' },
    el('header', { className: 'dialog-head' },
      el('h2', { id: 'settings-title', textContent: texts.settings }),
      el('button', { type: 'button', id: 'settings-close', className: 'icon-button', textContent: '✕', 'aria-label': texts.close,
        onclick: () => $('settings').close() })),
    el('form', { id: 'settings-form', autocomplete: 'off', onsubmit: (event) => { event.preventDefault(); save(); } },
      part('settings-room', texts.roomSummary,
        field('settings-room-name', texts.room, { maxLength: 300, dir: 'auto', placeholder: texts.defaultRoom }),
        field('settings-secret', texts.secret, { maxLength: 300 }), help(texts.roomHelp)),
      part('settings-servers', texts.settingsServers, help(texts.settingsServersHelp), ...NAMES.map(servers)),
      part('settings-browser', texts.settingsBrowser,
        choice('settings-language', texts.settingsLanguage, ['', ...Object.keys(LANGUAGES)], languageName),
        help(texts.settingsLanguageHelp),
        check('settings-notify', texts.settingsNotify), help(texts.settingsNotifyHelp),
        check('settings-presence', texts.settingsPresence), help(texts.settingsPresenceHelp),
        check('settings-history', texts.settingsHistory), help(texts.settingsHistoryHelp),
        el('p', { id: 'settings-storage', className: 'small' })),
      part('settings-files', texts.settingsFiles,
        choice('settings-unasked', texts.settingsUnasked, UNASKED_SIZES, texts.settingsUnaskedUpTo), help(texts.settingsUnaskedHelp),
        choice('settings-quota', texts.settingsQuota, QUOTAS, texts.bytes), help(texts.settingsQuotaHelp), ...keptFiles()),
      el('div', { className: 'settings-end' }, el('p', { id: 'settings-state', className: 'advice', role: 'status' }),
        el('button', { type: 'submit', id: 'settings-save', className: 'primary', textContent: texts.settingsSave }))));
}

const part = (id, title, ...children) => el('fieldset', { id }, el('legend', { textContent: title }), ...children);

const help = (text) => el('p', { className: 'small', textContent: text });

const labelled = (control, text) => [el('label', { htmlFor: control.id, textContent: text }), control];

const field = (id, text, props) => el('div', {}, ...labelled(el('input', { id, spellcheck: false, ...props }), text));

const check = (id, text, onchange = null) => el('label', { className: 'check' },
  el('input', { type: 'checkbox', id, onchange }), text);

const option = (value, name) => el('option', { value: String(value), textContent: name(value) });

const languageName = (language) => LANGUAGES[language] ?? texts.settingsLanguageBrowser;

const choice = (id, text, values, name) => el('div', {},
  ...labelled(el('select', { id }, ...values.map((value) => option(value, name))), text));

/** As the server says, or what is typed. */
function servers(name) {
  const { title, hint } = texts.settingsKinds[name];
  const own = el('textarea', { id: `settings-${name}`, rows: LINE_COUNT, spellcheck: false, placeholder: hint, 'aria-label': title });
  const served = check(`settings-${name}-served`, texts.settingsServed, () => {
    own.hidden = $(`settings-${name}-served`).checked;
    if (!own.hidden) own.focus();
  });
  return el('div', { className: 'settings-servers' }, el('h3', { textContent: title }), served, own);
}

document.body.append(dialog());

function fill() {
  const { room, secret, init } = configNow();
  const isIn = Boolean(ownAddress());
  $('settings-room').hidden = !isIn; // the login has it
  $('settings-room-name').value = room ?? '';
  $('settings-secret').value = secret ?? '';
  for (const name of NAMES) {
    const isServed = init[name] === undefined;
    $(`settings-${name}-served`).checked = isServed;
    $(`settings-${name}`).hidden = isServed;
    $(`settings-${name}`).value = SERVERS[name].format(init[name] ?? (isIn ? window.nkt[name] : [])); // to begin with
  }
  $('settings-notify').checked = isNotifying();
  $('settings-presence').checked = readPresence();
  $('settings-history').checked = init.history !== false;
  $('settings-language').value = readLanguage();
  $('settings-unasked').value = String(readUnasked());
  const quota = init.contentQuota ?? QUOTA;
  if (!QUOTAS.includes(quota)) $('settings-quota').append(option(quota, texts.bytes)); // chosen in a console
  $('settings-quota').value = String(quota);
  paintKept();
  setText($('settings-storage'), isIn ? storageInWords() : '');
  say('');
}

const isNotifying = () => listPlugins().some(({ name, loaded }) => name === NOTIFY && loaded);

function storageInWords() {
  const { kind, state, error = '' } = window.nkt.health().storage;
  if (!window.isSecureContext) return texts.storageInsecure;
  return state === 'memory' ? texts.storageMemory(error) : texts.storageKinds[kind]?.(ownNick(), short(ownAddress())) ?? '';
}

// ---- saving ----

/** What is set, as nkt.init() takes it; undefined is as the server says. Throws with words that help. */
function collect() {
  const { contentQuota } = configNow().init;
  const quota = Number($('settings-quota').value);
  const set = {
    history: $('settings-history').checked ? undefined : false,
    contentQuota: quota === (contentQuota ?? QUOTA) ? contentQuota : quota,
  };
  for (const name of NAMES) {
    if ($(`settings-${name}-served`).checked) set[name] = undefined;
    else set[name] = parse(name);
  }
  return set;
}

function parse(name) {
  try {
    return SERVERS[name].parse($(`settings-${name}`).value);
  } catch (error) {
    $(`settings-${name}`).focus();
    throw new Error(texts.settingsBad(texts.settingsKinds[name], error.message));
  }
}

async function save() {
  $('settings-save').disabled = true;
  try {
    const { init } = configNow();
    const isOther = ([name, value]) => JSON.stringify(value) !== JSON.stringify(init[name]);
    const changes = Object.fromEntries(Object.entries(collect()).filter(isOther));
    await notify($('settings-notify').checked);
    const areKept = ownAddress() ? await restart(changes) : keep(changes);
    const language = $('settings-language').value;
    const isSpoken = language === readLanguage();
    const isKept = [areKept, keepUnasked(Number($('settings-unasked').value)), keepLanguage(language),
      keepPresence($('settings-presence').checked)].every(Boolean);
    const bad = window.nkt.health().iceServers.errors.map(({ entry }) => texts.settingsBad(texts.settingsKinds.iceServers, entry));
    if (isKept && !bad.length) {
      $('settings').close();
      if (!isSpoken && !ownAddress()) location.reload(); // the login is all there is
    }
    else say(bad.length ? texts.settingsRefused(bad.join('\n')) : texts.settingsNotKept);
  } catch (error) {
    say(wordsOf(error));
  }
  $('settings-save').disabled = false;
}

/** The browser asks the person. */
async function notify(isOn) {
  if (isOn === isNotifying()) return;
  if (!isOn) unloadPlugin(NOTIFY);
  else if (window.Notification && await Notification.requestPermission() !== 'granted') {
    $('settings-notify').checked = false;
    throw new Error(texts.notifyDenied);
  } else await loadPlugin(NOTIFY);
}

/** For the next visits, and for rooms that are entered from now on. False if the browser does not keep it. */
function keep(changes) {
  dropServers(Object.keys(changes));
  return keepChoices({ ...readChoices(), ...changes });
}

/** Takes up the changes: connections are made anew; keys, sessions and what waits stay. Returns as keep() does. */
async function restart(changes) {
  const old = configNow();
  const room = typedRoom('settings-room-name') ?? (old.room === null ? null : undefined);
  const secret = $('settings-secret').value.normalize('NFC') || undefined;
  const isMoving = room !== old.room || secret !== old.secret;
  if (isMoving || Object.keys(changes).length) say(texts.settingsConnecting);
  if (Object.keys(changes).length) await changeRooms(changes);
  const isKept = keep(changes);
  if (isMoving) {
    await goTo({ room: asRoom(room), secret, ...namedServers() }); // those that are shown beside its name
    follow();
    note(texts.moved(isolated(roomName())));
  }
  refreshUsers();
  return isKept;
}

function say(text) {
  setText($('settings-state'), text);
}
