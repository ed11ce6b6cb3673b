// SPDX-License-Identifier: GPL-3.0-or-later
// What the command line says.
import { parseArgs } from 'node:util';
import { userInfo } from 'node:os';
import { checkConfig } from '../../glue/config.js';
import { VERSION } from '../../glue/constants.js';

export const HELP = `nkt ${VERSION}: a peer in the terminal

  nkt [ROOM] [options]           joins a room ('nkt') and talks with whoever is there
  nkt serve [options]            page, relay and tracker on this machine: nkt serve --help

  -n, --nick NICK        what others see (your login name)
  -s, --server URL       the page whose relay, trackers and ICE servers to use (http://localhost:3000)
      --relay URL        a relay, instead of the server's; may be given several times
      --tracker URL      a tracker, likewise
      --ice URL          a STUN or TURN server, likewise
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

/** @param {string} text @param {string} option */
function seconds(text, option) {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 86_400)) throw new UsageError(`--${option} ${text}: seconds are wanted`);
  return value;
}

/** @param {string|undefined} text */
function httpUrl(text) {
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError(`--server ${text}: an http:// or https:// URL is wanted`);
  }
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
    throw new UsageError(`${option}: ${/** @type {Error} */ (error).message.replace(/^config\.\w+/, key)}`);
  }
  return value;
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
  const room = positionals[0] ?? 'nkt';
  return {
    room: configured('ROOM', 'room', room),
    nick: configured('--nick', 'nick', values.nick ?? loginName()),
    secret: configured('--secret, NKT_SECRET', 'secret', values.secret ?? env.NKT_SECRET ?? null),
    /** undefined: relays and trackers were named */
    server: httpUrl(values.server) ?? (named ? undefined : DEFAULT_SERVER),
    relays: configured('--relay', 'relays', values.relay),
    trackers: configured('--tracker', 'trackers', values.tracker),
    iceServers: values.ice,
    to: values.to ?? '',
    json: values.json,
    stay: values.stay || values.keep,
    keep: values.keep,
    folder: values.folder ?? (values.keep ? folderOf(room) : undefined),
    waitMs: 1000 * seconds(values.wait, 'wait'),
    webrtc: !values['no-webrtc'],
    verbose: values.verbose,
    help: values.help,
    version: values.version,
  };
}

/** @typedef {ReturnType<typeof readOptions>} Options */
