// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of the page. A plugin of your own adds more by the same two events; see web/README.md.

import { readName, splitNamed } from '../glue/named.js';
import { describe } from '../status.js';
import { cleanNick, findUsers, isolated, nameInLine, short } from '../names.js';
import { commandsOf, listCommands } from '../command.js';
import { setTarget } from '../input.js';
import { say } from '../say.js';
import { checkNick, rememberNick } from '../login.js';
import { openHand, takeHand } from '../hand.js';
import { listPlugins, loadPlugin, unloadPlugin } from '../plugins.js';
import { pathOf, refreshUsers, toggleIgnored, toggleMute, userAddresses } from '../users.js';
import { openSearch, openSettings, openSwarm, openVerify, verifyByNumber } from '../later.js';
import { texts, wordsOf } from '../texts.js';

const needs = (value, name) => {
  if (!value) throw new Error(texts.usage(texts.help[name][0]));
  return value;
};

const isNamed = (who) => findUsers(who).length > 0;

/** The one user called so, in quotes or not; an error that helps when there is none, or several. */
function oneUser(text) {
  const who = readName(text, isNamed);
  const found = findUsers(who);
  if (found.length === 1) return found[0];
  throw new Error(found.length ? texts.ambiguousUser(who, found) : texts.unknownUser(who));
}

/** Those of the ignored who are meant: they need not be here. */
const ignoredAs = (who) => window.nkt.ignored.filter(({ addr, nick }) => addr === who || cleanNick(nick) === who);

const run = {
  async connect(rest, reply) {
    const addr = needs(rest, 'connect');
    reply(texts.connecting(addr));
    try {
      await window.nkt.startWebRTCClient(addr);
    } catch (error) {
      throw new Error(texts.connectFailed(addr, wordsOf(error)));
    }
    reply(texts.connected(addr));
  },
  list(rest, reply) {
    const lines = userAddresses().map((addr) => {
      const user = window.nkt.userList[addr];
      const flags = [user.isUnreachable ? texts.unreachable : texts.path[pathOf(addr)], user.dontSendTo && texts.muted,
        user.ignored && texts.ignored, user.verified && texts.verified];
      return `${nameInLine(addr)}  ${addr}  ${flags.filter(Boolean).join(', ')}`;
    });
    reply([texts.listHead(lines.length), ...lines].join('\n'));
  },
  invite(rest) {
    if (rest) takeHand(rest);
    else openHand();
  },
  mute(rest, reply) {
    const addr = oneUser(needs(rest, 'mute'));
    const name = `${nameInLine(addr)} (${short(addr)})`;
    reply(toggleMute(addr) ? texts.nowMuted(name) : texts.nowUnmuted(name));
  },
  ignore(rest, reply) {
    if (!rest) {
      const lines = window.nkt.ignored.map(({ addr, nick }) => `${isolated(cleanNick(nick))}  ${addr}`);
      return reply([texts.ignoredHead(lines.length), ...lines].join('\n'));
    }
    const addr = oneUser(rest);
    if (!window.nkt.userList[addr].ignored) toggleIgnored(addr);
    return reply(texts.nowIgnored(`${nameInLine(addr)} (${short(addr)})`));
  },
  unignore(rest, reply) {
    const who = readName(needs(rest, 'unignore'), (name) => ignoredAs(name).length > 0);
    const [found, ...others] = ignoredAs(who);
    if (!found) throw new Error(texts.unknownUser(who));
    if (others.length) throw new Error(texts.ambiguousUser(who, [found, ...others].map(({ addr }) => addr)));
    toggleIgnored(found.addr);
    reply(texts.nowHeard(`${isolated(cleanNick(found.nick))} (${short(found.addr)})`));
  },
  msg(rest) {
    const [who, text] = splitNamed(rest, isNamed);
    const addr = oneUser(needs(who && text && who, 'msg'));
    setTarget(addr);
    say(text, addr);
  },
  async verify(rest, reply) {
    const [, who, number] = /^(.*?)\s+((?:\d\s*){60})$/s.exec(needs(rest, 'verify')) ?? [];
    if (number) reply(await verifyByNumber(oneUser(who), number));
    else await openVerify(oneUser(rest));
  },
  status(rest, reply) {
    reply(describe());
  },
  swarm() {
    return openSwarm();
  },
  search(rest) {
    return openSearch(rest);
  },
  settings() {
    return openSettings();
  },
  plugins(rest, reply) {
    reply([texts.pluginsHead, ...listPlugins().map(({ name, about, loaded, errors }) => `${loaded ? '+' : '-'} ${name}   ${about}`
      + `${errors ? ` (${texts.pluginErrors(errors)})` : ''}`)].join('\n'));
  },
  async load(rest, reply) {
    reply(await loadPlugin(needs(rest, 'load')));
  },
  unload(rest, reply) {
    reply(unloadPlugin(needs(rest, 'unload')));
  },
  nick(rest, reply) {
    const nick = needs(rest, 'nick');
    const problem = checkNick(nick);
    if (problem) throw new Error(problem.text);
    window.nkt.nick = nick;
    for (const nkt of window.nkt.rooms) if (nkt.mySwarm.address()) nkt.nick = nick; // one person, in all rooms
    rememberNick(nick);
    refreshUsers();
    reply(texts.nickChanged(nick));
  },
  help(rest, reply) {
    reply(listCommands().map(({ usage, help }) => `${usage}   ${help}`).join('\n'));
  },
};

const commands = commandsOf(run, () => texts.help);
commands.load.complete = (args, index) => (index ? [] : listPlugins().filter(({ loaded }) => !loaded).map(({ name }) => name));
commands.unload.complete = (args, index) => (index ? [] : listPlugins().filter(({ loaded }) => loaded).map(({ name }) => name));

export default { name: 'commands', commands };
