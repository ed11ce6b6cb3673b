// SPDX-License-Identifier: GPL-3.0-or-later
// Wires the room up. window.nkt is there once the first import has run; everything else is a user of it.

import './glue/window.js';
import { loadLookalikes } from './glue/fold.js';
import { $, copy, setText } from './dom.js';
import calls from './plugins/calls.js';
import commands from './plugins/commands.js';
import display from './plugins/display.js';
import unread from './plugins/unread.js';
import { catchUp, clearMessages, note, readValue, setUpMessages } from './messages.js';
import { clearStatus, refreshStatus, setUpStatus } from './status.js';
import { clearUsers, onUsers, reachable, refreshUsers, setUpUsers } from './users.js';
import {
  cleanNick, hueOf, initial, isDebug, ownAddress, ownNick, roomName, roomNow, setSelf, short,
} from './names.js';
import { keepFocus } from './focus.js';
import { paintTitle, setUpFrame } from './frame.js';
import { takeRoom } from './address.js';
import { setUpActions } from './actions.js';
import { answer } from './reply.js';
import {
  areServersKnown, checkName, configNow, failStart, fill, fillRoom, forgetLogin, hasShared, inviteInAddress, inviteLink, isJoining,
  joinServers, openLogin, takeLogins,
} from './login.js';
import { closeRooms, follow, goTo, knownServers, openRoom, roomOfAddress, setUpRooms } from './rooms.js';
import { isSameRoom } from './talk_rules.js';
import { forgetHand, openHand, takeHand } from './hand.js';
import { closeDrafts, focusInput, openDrafts, setTarget, setUpInput } from './input.js';
import { setUpOffline } from './offline.js';
import { setUpIdentity } from './identity.js';
import { showPast } from './past.js';
import { loadBundled, setBundled, unloadBundled } from './plugins.js';
import { setUpPluginList } from './pluginlist.js';
import { setUpSlots } from './slots.js';
import { clearTalks, setUpTalks } from './talks.js';
import { setUpTicks } from './ticks.js';
import { clearWarnings, setUpWarnings } from './warnings.js';
import { fetchAhead, openProfile, openSearch, openSettings, openSwarm, openVerify } from './later.js';
import { texts, translated, wordsOf } from './texts.js';

if (translated) await translated; // window.nkt is there meanwhile

let isInviteAsked = false; // the person saw the address with the invite, and joined
let place = ''; // where what is shown belongs: placeNow()
let moving = Promise.resolve(); // to another room: one move after the other
let isLed = false; // elsewhere, by a link that came while one joins
let isGone = false; // left on purpose: what the core still reports must not open the room again

loadLookalikes(); // on its way while somebody types a nick
const closeSide = setUpFrame();
keepFocus();
setUpMessages();
setUpTicks();
setUpActions(answer);
setUpUsers((addr) => { closeSide(); setTarget(addr); }, openVerify, openProfile);
setUpWarnings();
setUpStatus();
$('swarm-open').addEventListener('click', openSwarm);
$('search-open').addEventListener('click', () => openSearch());
document.addEventListener('keydown', (event) => { // Ctrl+F is the browser's own
  if (!(event.ctrlKey || event.metaKey) || !event.shiftKey || event.code !== 'KeyF' || $('app').hidden) return;
  event.preventDefault();
  openSearch();
});
for (const id of ['gear', 'settings-open', 'login-settings']) $(id).addEventListener('click', openSettings);
$('hand-open').addEventListener('click', () => openHand());
setUpInput();
setUpTalks(closeSide);
setUpRooms({
  before() {
    if (isGone) throw new Error(texts.noRoom); // the person left meanwhile
    clearRoom(true);
    closeWindows();
  },
  after() {
    open();
    paintSelf();
  },
});
setUpIdentity();
setUpSlots();
setBundled([display, commands, unread, calls]);
setUpPluginList();
onUsers(paintPeople);
onUsers(refreshStatus);
for (const name of ['nktencryptedmessagereceived', 'nktclearmessagereceived']) window.addEventListener(name, toConsole);
window.addEventListener('nktstatus', enter); // init() may be somebody else's
window.addEventListener('hashchange', () => {
  if (!$('app').hidden) return moveSoon();
  fillRoom();
  isLed = isJoining();
  return undefined;
});
$('leave').addEventListener('click', leave);
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted && !$('app').hidden) setTimeout(() => window.nkt.ready.catch(lost)); // it starts now
});
$('copy-address').addEventListener('click', () => copy($('address').textContent, $('copy-address')));
for (const button of document.querySelectorAll('.copy-link')) button.addEventListener('click', () => copy(inviteLink(), button));
$('invite-link').addEventListener('focus', () => $('invite-link').select());

$('trouble').dataset.ready = '1';
$('trouble').hidden = ['', 'slow'].includes($('trouble').dataset.kind ?? ''); // check.js has told of nothing that stays
takeLogins(start, done);
takeRoom(roomNow);
enter();
window.nkt.ready?.then(enter, () => {}); // whoever called init()

function start({ isAsked, isLed: led, ...self }) {
  isGone = false;
  isLed = led;
  isInviteAsked = isAsked;
  setSelf(self);
  if (self.debug) unloadBundled();
  else loadBundled();
}

function done({ isOther }) {
  enter();
  if (isOther) note(texts.somebodyElse(short(ownAddress())), 'error');
  if (isLed) moveSoon();
  isLed = false;
}

/** Shows the room, as soon as there is an address, whoever called init(). */
function enter() {
  if (!ownAddress() || isGone) return;
  if (placeNow() !== place || $('app').hidden) {
    const [before] = JSON.parse(place || '[]');
    const isThere = !$('app').hidden;
    if (isThere) clearRoom(true); // somebody called init()
    open();
    if (!isLed) follow();
    if (isThere && before !== ownAddress()) note(texts.somebodyElse(short(ownAddress())), 'error');
  }
  paintSelf();
}

/** Who one is, in which room. Whoever has none and joins another's by an invite stays where he is. */
const placeNow = () => JSON.stringify([ownAddress(), window.nkt.room, window.nkt.room && window.nkt.roomId]);

function open() {
  place = placeNow();
  $('welcome').hidden = true;
  $('app').hidden = false;
  $('app').classList.add('entered'); // from now on its boxes stay; before there are none
  const { news, tell } = openRoom();
  if (isDebug()) note(texts.debugMode);
  const past = isDebug() ? Promise.resolve() : showPast(news);
  past.then(() => tell(catchUp)); // also where the log was emptied meanwhile
  refreshUsers();
  refreshStatus();
  openDrafts();
  focusInput();
  tellWebRTC();
  setUpOffline();
  fetchAhead();
  if (inviteInAddress()) takeHand(inviteInAddress(), isInviteAsked);
  if (hasShared()) import('./shared.js').then(({ takeShared }) => takeShared()).catch(() => {}); // no worker, no share
}

let isWebRTCTold = false;

/** Once: what is missing is not an error, everything goes by the relay and by others. */
function tellWebRTC() {
  if (typeof RTCPeerConnection === 'function' || isWebRTCTold) return;
  isWebRTCTold = true;
  note(texts.noWebRTC);
}

function leave() {
  forgetLogin();
  end();
}

/** isLost: it cannot go on; what was open, and what was being written, is for when the person is back. */
function end(isLost = false) {
  isGone = true;
  window.dispatchEvent(new CustomEvent('nktleave')); // there is still somebody to say good-bye to
  const closed = closeRooms(isLost);
  $('app').hidden = true;
  clearRoom(isLost);
  closeWindows();
  setText($('address'), '');
  fill(); // nick and room may be others than at the login
  openLogin({ after: closed });
}

/** Back from another page, as one is in another tab by now. */
function lost(error) {
  if (isGone) return;
  end(true);
  failStart(error);
}

/** What belongs to a room goes with it. isMoving: the person stays who he is, and may come back. */
function clearRoom(isMoving) {
  clearMessages();
  clearTalks();
  clearUsers();
  clearWarnings();
  closeDrafts(isMoving);
  clearStatus();
}

function closeWindows() {
  closeSide();
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  forgetHand();
}

function moveSoon() {
  moving = moving.then(move, move);
}

/** To the room in the address of the page, as the same person, who stays in this one. Servers that nobody was shown are shown first. */
async function move() {
  const next = roomOfAddress();
  if (isGone || $('app').hidden) return;
  const invite = inviteInAddress();
  if (isSameRoom(next, roomNow()) || (invite && configNow().room === undefined)) { // one by itself is taken where one is
    if (invite) takeHand(invite, false);
    return void follow();
  }
  isInviteAsked = false;
  if (!areServersKnown(knownServers(next))) return void leave();
  try {
    const problem = checkName(next.room) || checkName(next.secret);
    if (problem) throw new Error(problem);
    await goTo(next);
    joinServers();
    if (isSameRoom(roomOfAddress(), next)) follow(); // where one was already, over other servers
  } catch (error) {
    if (isGone) return; // the person left meanwhile
    if (isSameRoom(next, roomOfAddress())) follow(); // where one is still
    note(texts.startFailed(wordsOf(error)), 'error');
  }
}

function paintSelf() {
  const address = ownAddress() || $('address').textContent; // who one was, when the core is gone
  const nick = cleanNick(ownNick());
  setText($('address'), address);
  setText($('you-nick'), nick);
  setText($('you-avatar'), initial(nick));
  $('you-avatar').dataset.hue = hueOf(address);
  setText($('room-name'), roomName());
  $('invite-secret').hidden = !roomNow().secret;
  $('invite-link').value = inviteLink();
  paintTitle();
}

function paintPeople() {
  const people = reachable().length;
  setText($('empty-title'), people ? texts.emptyReady : texts.emptyAlone);
  setText($('empty-text'), people ? texts.emptyReadyText(people) : texts.inviteText);
  $('empty-copy').hidden = people > 0;
  paintSelf();
}

/** Without the display plugin messages are not lost: they go to the console. */
function toConsole(event) {
  if (Object.hasOwn(window.nkt.plugins ?? {}, 'display')) return;
  const message = readValue(event.detail, event.bytes);
  console.log('nkt', event.from, message ? message.text : event.detail);
}
