// SPDX-License-Identifier: GPL-3.0-or-later
// What the glue repeats of the core's headers is what the headers say.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as constants from '../../glue/constants.js';
import { NktError } from '../../glue/errors.js';

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const header = read('core/include/nkt.h');
const limits = read('core/src/wire/limits.h');
const valueOf = (text, name) => Number(new RegExp(`\\b${name}\\s*=\\s*(\\d+)`).exec(text)?.[1]);
const namesOf = (type) => [...new RegExp(`typedef enum ${type} \\{([^}]*)\\}`).exec(header)[1].matchAll(/^\s*NKT_([A-Z_]+)/gm)];

test('flags', () => {
  for (const name of ['USER_MUTED', 'USER_UNREACHABLE', 'USER_NEW', 'USER_GONE', 'USER_ON_RELAY', 'USER_LINKED', 'USER_IGNORED',
    'USER_KEEPER', 'USER_LEFT', 'USER_LOST', 'SAY_CLEAR', 'SAY_CALL', 'SAY_CONTENT', 'SAY_UNTOLD', 'SEND_TEXT', 'SEND_BULK', 'SEND_LOSSY',
    'CONTENT_AGAIN', 'CONTENT_LAST', 'CONTENT_CLEAR', 'CONTENT_FAILED', 'CONTENT_ENOUGH', 'RTC_PATIENT', 'PAST_SAID', 'PAST_CONTENT',
    'PAST_FAILED_SHIFT', 'FRAME_OUT', 'FRAME_WEBRTC', 'EPHEMERAL_RAW', 'EPHEMERAL_OF_ROOM',
  ]) assert.equal(constants[name], valueOf(header, `NKT_${name}`), name);
});

test('states', () => {
  const named = (type, prefix) => namesOf(type).map(([, name]) => name.replace(prefix, '').toLowerCase());
  assert.deepEqual(constants.SESSION_STATES, named('nkt_session_state', 'SESSION_'));
  assert.deepEqual(constants.DELIVERY_STATES, named('nkt_delivery_state', 'DELIVERY_'));
  assert.deepEqual(constants.CONTENT_STATES, named('nkt_content_state', 'CONTENT_'));
  assert.equal(constants.CONTENT_RELAYED, Number(/NKT_CONTENT_RELAYED = (0x[0-9a-f]+)/.exec(header)[1]));
});

test('limits', () => {
  for (const name of ['VALUE_SIZE_MAX', 'JSON_DEPTH_MAX', 'JSON_ITEM_MAX', 'NICK_SIZE_MAX', 'ROOM_SIZE_MAX', 'URL_SIZE_MAX',
    'URL_COUNT_MAX', 'RTC_LIVE_COUNT_MAX', 'PASSPHRASE_SIZE_MAX', 'KDF_PASS_COUNT', 'KDF_PASS_COUNT_MAX', 'KDF_MEMORY_KIB',
    'KDF_MEMORY_KIB_MIN', 'KDF_MEMORY_KIB_MAX', 'PIECE_SIZE', 'PIECE_PLAIN_SIZE', 'PIECE_NODE_SIZE', 'PIECE_COUNT_MAX',
    'PIECE_PATH_COUNT_MAX', 'BLOB_COUNT_MAX', 'BLOB_GET_COUNT_MAX', 'BULK_LOW_SIZE', 'EPHEMERAL_SIZE_MAX', 'SISTER_COUNT_MAX']) {
    assert.equal(constants[name], valueOf(limits, `NKT_${name}`), name);
  }
  assert.ok(constants.DATA_SIZE_MAX > valueOf(limits, 'NKT_FRAME_SIZE_MAX'));
});

/** Units of docs/protocol.md, section 19, and how many of a constant's one is. */
const UNITS = { s: { MS: 1000, S: 1 }, min: { MS: 60_000 }, h: { MS: 3_600_000 }, KiB: { MAX: 1024 } };

test('limits in docs/protocol.md, by their names', () => {
  const section = /^## 19\. Limits\n([\s\S]*?)^## 20/m.exec(read('docs/protocol.md'))[1];
  const seen = new Set();
  for (const row of section.matchAll(/^\| (.*) \| (.*) \| (.*) \|.*\|$/gm)) {
    const names = [...row[1].matchAll(/`(NKT_[A-Z_]+)`/g)].map(([, name]) => name);
    const values = [...row[2].matchAll(/2\^(\d+)( - 1)?|\d[\d,]*(?:\.\d+)?(?!\d)/g)]
      .map(([text, power, less]) => (power ? 2 ** Number(power) - (less ? 1 : 0) : Number(text.replaceAll(',', ''))));
    const unit = UNITS[row[3].split(' ')[0]];
    for (const [i, name] of names.entries()) {
      const [, constant] = new RegExp(`\\b${name}\\s*=?\\s*(\\d+)`).exec(limits) ?? [];
      const factor = unit?.[/_MS(_|$)/.test(name) ? 'MS' : /_S(_|$)/.test(name) ? 'S' : 'MAX'] ?? 1;
      assert.equal(values[i] * factor, Number(constant), `${name}: ${row[2]} ${row[3]}`);
      seen.add(name);
    }
  }
  assert.ok(seen.size > 45, `${seen.size} limits are named`);
});

test('version', () => {
  assert.equal(constants.VERSION, /NKT_VERSION "(.*)"/.exec(header)[1]);
  assert.equal(constants.VERSION, JSON.parse(read('package.json')).version);
});

test('types_config.d.ts is about the keys that init() knows', async () => {
  const { checkConfig } = await import('../../glue/config.js');
  const declared = [.../^export interface Config \{([\s\S]*?)^\}/m.exec(read('glue/types_config.d.ts'))[1].matchAll(/^ {2}(\w+)\?:/gm)];
  assert.throws(() => checkConfig({ xxxxxxxxxxxx: 1 }), (error) => {
    const known = /known: (.*)\)/.exec(error.message)[1].split(', ');
    assert.deepEqual(declared.map(([, key]) => key).sort(), known.sort());
    return error instanceof NktError;
  });
});
