// SPDX-License-Identifier: GPL-3.0-or-later
// What the command line says.
import { parseArgs } from 'node:util';
import { userInfo } from 'node:os';
import { checkConfig } from '../../glue/config.js';
import { VERSION } from '../../glue/constants.js';
import { shownNick } from '../../glue/fold.js';
import { checkIceServers } from '../../glue/ice.js';

export const HELP = `nkt ${VERSION}: a peer in the terminal

  nkt [ROOM] [options]           joins a room ('nkt') and talks with whoever is there
  nkt serve [options]            page, relay and tracker on this machine: nkt serve --help

  -n, --nick NICK        what others see (your login name)
  -s, --server URL       the page whose relay, trackers and ICE servers to use (http://localhost:3000)
      --relay URL        a relay, instead of the server's; may be given several times
      --tracker URL      a tracker, likewise
      --ice URL          a STUN server, likewise; for TURN {"urls":"turn:...","username":"...","credential":"..."}
      --secret TEXT      of the room; better in the variable NKT_SECRET, which others on this machine cannot read
  -t, --to WHO           an address or nick: what is typed goes to that one alone
  -j, --json             one JSON object a line, in and out: see docs/cli.md
      --stay             goes on when the input ends; otherwise leaves once all is delivered
  -w, --wait SECONDS     for somebody to be there, and at the end for what is not delivered yet (10)
      --folder PATH      keeps identity, people and what is not delivered there; otherwise it lives as long as the process
      --keep             keeps for 7 days what members say to others who are away (in --folder, ./nkt-ROOM); implies --stay
      --no-webrtc        by relays alone
  -v, --verbose          every fact and effect, on stderr
  -h, --help
      --version

In the terminal, lines go to everybody. Those that begin with / are commands: /help lists them.
Exit status: 0 left; 1 not started, or something was not delivered; 2 wrong use.
`;

const OPTIONS = /** @type {const} */ ({
  nick: { type: 'string', short: 'n' },
  server: { type: 'string', short: 's' },
  relay: { type: 'string', multiple: true },
  tracker: { type: 'string', multiple: true },
  ice: { type: 'string', multiple: true },
  secret: { type: 'string' },
  to: { type: 'string', short: 't' },
  json: { type: 'boolean', short: 'j', default: false },
  stay: { type: 'boolean', default: false },
  wait: { type: 'string', short: 'w', default: '10' },
  folder: { type: 'string' },
  keep: { type: 'boolean', default: false },
  'no-webrtc': { type: 'boolean', default: false },
  verbose: { type: 'boolean', short: 'v', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
});

/** Of a file or folder, where they are shortest. */
const NAME_SIZE_MAX = 200;

/** A day: who waits longer wants --stay. */
const SECONDS_MAX = 86_400;

export const DEFAULT_SERVER = 'http://localhost:3000';

/** Wrong use: what to say, and what tells how it is used. */
export class UsageError extends Error {
  constructor(message, help = 'nkt --help') {
    super(message);
    this.help = help;
  }
}

function loginName() {
  try {
    return userInfo().username;
  } catch {
    return 'peer'; // a container without users
  }
}

/** As it was typed, and to be seen. @param {string} text */
const shown = (text) => (shownNick(text) === '' ? JSON.stringify(text) : text);

/** @param {string} text @param {string} option */
function seconds(text, option) {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= SECONDS_MAX)) {
    throw new UsageError(`--${option} ${shown(text)}: seconds are wanted, 0 to ${SECONDS_MAX}`);
  }
  return value;
}

/** @param {string|undefined} text */
function httpUrl(text) {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isHttp = url !== null && /^https?:$/.test(url.protocol);
  if (!isHttp) throw new UsageError(`--server ${shown(text)}: an http:// or https:// URL is wanted`);
  if (url.username + url.password !== '') throw new UsageError(`--server ${url.host}: a URL without user and password is wanted`);
  return text;
}

/**
 * What goes to init(), told by the name of the option.
 * @template T @param {string} option @param {string} key @param {T} value @returns {T}
 */
function configured(option, key, value) {
  try {
    checkConfig({ [key]: value });
  } catch (error) {
    throw new UsageError(`${option}: ${/** @type {Error} */ (error).message.replace(/^config\.(?:storage\.)?/, '')}`);
  }
  return value;
}

/**
 * What a variable of a script was to say, and did not: without it a line for one would go to everybody, and a room would be open to all.
 * @template {string|undefined} T @param {string} option @param {T} text @param {string} wanted @returns {T}
 */
function notEmpty(option, text, wanted) {
  if (text === undefined || shownNick(text) !== '') return text;
  throw new UsageError(`${option} ${shown(text)}: ${wanted} is wanted`);
}

/** Each as NKT_ICE_SERVERS has it, or its URL alone. @param {string[]|undefined} given */
function iceServers(given) {
  const read = (/** @type {string} */ text) => {
    if (!text.trimStart().startsWith('{')) return text;
    try {
      return JSON.parse(text);
    } catch {
      throw new UsageError('--ice: what begins with { has to be JSON'); // not shown: a password is in it
    }
  };
  const servers = given?.map(read);
  const [fault] = checkIceServers(servers).errors;
  if (fault) throw new UsageError(`--ice ${shown(fault.entry)}: ${fault.error}`);
  return servers;
}

/** @param {string|undefined} path */
function folder(path) {
  return path === undefined ? path : configured('--folder', 'storage', { folder: notEmpty('--folder', path, 'a path') }).folder;
}

/** A folder's name that any room has one of. @param {string} room */
function folderOf(room) {
  const name = `nkt-${encodeURIComponent(room).replaceAll('*', '%2A').replaceAll('.', '%2E')}`;
  if (name.length > NAME_SIZE_MAX) throw new UsageError('--keep: name a --folder, that of the room is too long for one');
  return name;
}

/** @param {string[]} args @param {Record<string, string|undefined>} env */
export function readOptions(args, env) {
  let parsed;
  try {
    parsed = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message.split('. ')[0]);
  }
  const { values, positionals } = parsed;
  if (positionals.length > 1) throw new UsageError(`one room is wanted, not ${positionals.length}: ${positionals.join(' ')}`);
  const named = values.relay !== undefined || values.tracker !== undefined;
  const room = notEmpty('ROOM', positionals[0] ?? 'nkt', 'a name').trim(); // both as the page takes them
  const nick = notEmpty('--nick', values.nick ?? loginName(), 'a nick').trim();
  return {
    room: configured('ROOM', 'room', room),
    nick: configured('--nick', 'nick', nick),
    secret: configured('--secret, NKT_SECRET', 'secret', notEmpty('--secret', values.secret, 'a secret') ?? env.NKT_SECRET ?? null),
    /** undefined: relays and trackers were named */
    server: httpUrl(values.server) ?? (named ? undefined : DEFAULT_SERVER),
    relays: configured('--relay', 'relays', values.relay),
    trackers: configured('--tracker', 'trackers', values.tracker),
    iceServers: iceServers(values.ice),
    /** '': everybody */
    to: notEmpty('--to', values.to, 'an address or a nick') ?? '',
    json: values.json,
    stay: values.stay || values.keep,
    keep: values.keep,
    folder: folder(values.folder) ?? (values.keep ? folderOf(room) : undefined),
    waitMs: 1000 * seconds(values.wait, 'wait'),
    webrtc: !values['no-webrtc'],
    verbose: values.verbose,
    help: values.help,
    version: values.version,
  };
}

/** @typedef {ReturnType<typeof readOptions>} Options */
