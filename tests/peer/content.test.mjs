// SPDX-License-Identifier: GPL-3.0-or-later
// What a peer says of contents, in a session, that is none: nothing of it is shown, opened or fetched, and the session goes on.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concat, u8, utf8, zeros } from './bytes.mjs';
import { encode } from './schema.mjs';
import { newRoom, skip, until, useStage } from './support/stage.mjs';

const PIECE_PLAIN = 65520n;
const PIECES_MAX = 2n ** 18n;

const base64url = (bytes) => Buffer.from(bytes).toString('base64url');
const word = (bytes, more = {}) => ({ manifest: base64url(bytes), ...more });
const sound = { root: zeros(32).fill(7), size: 1000n, key: zeros(32).fill(9), type: 'image/png', name: 'a.png' };
const manifest = (fields) => encode('Manifest', { ...sound, ...fields });
const without = (field) => encode('Manifest', Object.fromEntries(Object.entries(sound).filter(([name]) => name !== field)));
const access = zeros(32).fill(3);

/** What is wrong, and the value. @type {[string, unknown][]} */
const WORDS = [
  ['no object', 'a manifest'], ['nothing', null], ['a list', [base64url(manifest({}))]], ['no manifest', {}],
  ['a manifest that is no text', { manifest: { toString: 'x' } }], ['an empty one', { manifest: '' }],
  ['no Base64url', { manifest: `${base64url(manifest({}))}=` }], ['no protobuf', word(zeros(40).fill(255))],
  ['half a manifest', word(manifest({}).slice(0, 50))], ['one more byte', word(concat(manifest({}), u8(7)))],
  ['too long', word(concat(manifest({}), zeros(1000)))],
  ['a thumbnail that is no text', word(manifest({}), { thumbnail: 5 })],
  ['a thumbnail that is too large', word(manifest({}), { thumbnail: 'A'.repeat(30_000) })],
  ['a key of 31 bytes', word(manifest({ key: zeros(31) }))], ['a root of 33 bytes', word(manifest({ root: zeros(33) }))],
  ['a key and an access', word(manifest({ access }))],
  ['an access with a name', word(encode('Manifest', { ...sound, key: undefined, access }))],
  ['neither key nor access', word(without('key'))],
  ['more pieces than there may be', word(manifest({ size: PIECE_PLAIN * PIECES_MAX + 1n }))],
  ['a size of 2^64 - 1', word(manifest({ size: 2n ** 64n - 1n }))],
  ['a type that is none', word(manifest({ type: 'png' }))], ['a type with a line break', word(manifest({ type: 'text/html;\r\nx' }))],
  ['a type that is too long', word(manifest({ type: `a/${'b'.repeat(126)}` }))],
  ...['../a', 'a/b', 'a\\b', '..', '.', 'a\u0000b', 'a\nb', 'report\u202efdp.exe', 'a\u2066b', 'n'.repeat(256)].map((name) =>
    /** @type {[string, unknown]} */ ([`the name ${JSON.stringify(name.slice(0, 20))}`, word(manifest({ name }))])),
];

describe('what is said of contents', { skip, timeout: 360_000 }, () => {
  const stage = useStage();

  /** The two in a session; contents: what the core tells of them. */
  async function meet() {
    const room = newRoom();
    const core = await stage.core('core', room);
    /** @type {any[]} */
    const contents = [];
    core.nkt.addEventListener('nktcontent', ({ detail }) => contents.push(detail));
    const second = await stage.second(room);
    const person = await second.person(core.address);
    await core.session(second.address);
    return { core, contents, second, person };
  }

  test('rubbish is dropped, whatever it lies about; a sound word after it is heard', async () => {
    const { core, contents, second, person } = await meet();
    for (const [what, value] of WORDS) {
      assert.equal(await second.peer.sayContent(value, person), 1, what); // acknowledged: it was heard
      assert.deepEqual([contents, core.values()], [[], []], what);
    }
    assert.equal(await second.peer.sayContent(word(manifest({})), person), 1);
    await until(() => contents.length > 0, 'a sound one is told of');
    const [heard] = contents;
    assert.deepEqual([heard.name, heard.type, heard.size, heard.from, heard.own, heard.state],
      ['a.png', 'image/png', 1000, second.address, false, 'known']);
    assert.equal(await second.peer.say('and we talk on', person), 1);
    await until(() => core.values().length > 0, 'a message');
    assert.deepEqual([core.values(), contents.length, core.nkt.contents], [['and we talk on'], 1, []]);
    assert.deepEqual([core.dropped(), second.peer.refusals], [{ NKT_E_PAYLOAD: WORDS.length }, {}]); // each is counted
  });

  test('a manifest that lies about size and root names what nobody has: it is waited for, and let go of', async () => {
    const { core, contents, second, person } = await meet();
    for (const size of [0n, 1n, PIECE_PLAIN * PIECES_MAX]) {
      await second.peer.sayContent(word(manifest({ size, name: `${size}` })), person);
      const heard = await until(() => contents.find(({ name }) => name === `${size}`), `${size} bytes are told of`);
      if (size > 1n) { // 16 GiB: more than may be kept
        await assert.rejects(core.nkt.fetch(heard), { code: 'NKT_E_QUOTA' });
        continue;
      }
      const fetched = await core.nkt.fetch(heard);
      const gone = assert.rejects(fetched.blob(), { code: 'NKT_E_CANCELLED' });
      await until(() => heard.state === 'waiting', 'nobody has it');
      await core.nkt.drop(heard);
      await gone;
    }
    assert.deepEqual([core.nkt.contents, core.nkt.health().contents.bytes], [[], 0]);
    assert.equal(await second.peer.say('still here', person), 1);
  });
});
