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
    'USER_KEEPER', 'USER_LEFT', 'USER_LOST', 'SAY_CLEAR', 'SAY_CALL', 'SEND_TEXT', 'RTC_PATIENT', 'PAST_SAID', 'PAST_FAILED_SHIFT',
    'FRAME_OUT', 'FRAME_WEBRTC',
  ]) assert.equal(constants[name], valueOf(header, `NKT_${name}`), name);
});

test('states', () => {
  const named = (type, prefix) => namesOf(type).map(([, name]) => name.replace(prefix, '').toLowerCase());
  assert.deepEqual(constants.SESSION_STATES, named('nkt_session_state', 'SESSION_'));
  assert.deepEqual(constants.DELIVERY_STATES, named('nkt_delivery_state', 'DELIVERY_'));
});

test('limits', () => {
  for (const name of ['VALUE_SIZE_MAX', 'JSON_DEPTH_MAX', 'JSON_ITEM_MAX', 'NICK_SIZE_MAX', 'ROOM_SIZE_MAX', 'URL_SIZE_MAX',
    'URL_COUNT_MAX', 'RTC_LIVE_COUNT_MAX', 'PASSPHRASE_SIZE_MAX', 'KDF_PASS_COUNT', 'KDF_PASS_COUNT_MAX', 'KDF_MEMORY_KIB',
    'KDF_MEMORY_KIB_MIN', 'KDF_MEMORY_KIB_MAX']) {
    assert.equal(constants[name], valueOf(limits, `NKT_${name}`), name);
  }
  assert.ok(constants.DATA_SIZE_MAX > valueOf(limits, 'NKT_FRAME_SIZE_MAX'));
});

test('version', () => {
  assert.equal(constants.VERSION, /NKT_VERSION "(.*)"/.exec(header)[1]);
  assert.equal(constants.VERSION, JSON.parse(read('package.json')).version);
});

test('types.d.ts is about the keys that init() knows', async () => {
  const { checkConfig } = await import('../../glue/config.js');
  const declared = [.../^export interface Config \{([\s\S]*?)^\}/m.exec(read('glue/types.d.ts'))[1].matchAll(/^ {2}(\w+)\?:/gm)];
  assert.throws(() => checkConfig({ xxxxxxxxxxxx: 1 }), (error) => {
    const known = /known: (.*)\)/.exec(error.message)[1].split(', ');
    assert.deepEqual(declared.map(([, key]) => key).sort(), known.sort());
    return error instanceof NktError;
  });
});
