// SPDX-License-Identifier: GPL-3.0-or-later
// The peer in the terminal: people, pipes, JSON lines, help, errors, the end.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clean, cleanJson, findUser, nameOf, plain } from '../../tools/cli/people.mjs';
import { readOptions } from '../../tools/cli/options.mjs';
import { Terminal } from '../../tools/cli/terminal.mjs';
import { readName, splitNamed, writeName } from '../../glue/named.js';
import { runProgram } from '../support/cli.mjs';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const NKT = fileURLToPath(new URL('../../tools/cli/nkt.mjs', import.meta.url));

describe('nkt in the terminal', { skip, timeout: 360_000 }, () => {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  let running = [];
  before(async () => {
    server = await startServer('app.js');
  });
  after(() => server.stop());
  afterEach(async () => {
    for (const one of running.splice(0)) {
      one.kill('SIGTERM');
      await one.ended;
    }
    await closePeers();
  });

  function nkt(...args) {
    const one = runProgram(NKT, ['--server', server.url, ...args]);
    running.push(one);
    return one;
  }

  /** A peer of the API in the same room. */
  const peer = (nick, room, more = {}) => startPeer(nick, { relays: [`${server.wsUrl}/relay`], room, RTCPeerConnection: null, ...more });

  test('a file from terminal to terminal: byte for byte, under its own name, never over what is there', async () => {
    const room = newRoom();
    const folder = mkdtempSync(path.join(tmpdir(), 'nkt-cli-files-'));
    try {
      const source = path.join(folder, 'a name.bin');
      const target = path.join(folder, 'copy.bin');
      const bytes = randomBytes(400_000);
      writeFileSync(source, bytes);
      const ann = nkt(room, '--nick', 'ann');
      const bob = nkt(room, '--nick', 'bob');
      await ann.line((line) => /^\+ bob /.test(line), 'bob');
      ann.write(`/send ${source}`);
      await bob.line((line) => /^ann \(.*\) shared #1 a name\.bin, 400\.0 KB$/.test(line), 'what was shared');
      bob.write(`/save 1 ${target}`);
      await bob.line((line) => line === `  saved as ${target}`, 'saved');
      assert.ok(readFileSync(target).equals(bytes));
      bob.write(`/save 1 ${target}`);
      await bob.line((line) => /^! .*there is one already/.test(line), 'refused');
      assert.ok(readFileSync(target).equals(bytes));
      bob.write('/save 7');
      await bob.line((line) => line.startsWith('! /save N'), 'no such number');
      ann.write(`/send ${folder}`);
      await ann.line((line) => line === `! ${folder} is no file`, 'a folder');
      const isListed = () => bob.lines.some((line) => /^ {2}#1 a name\.bin, 400\.0 KB, complete$/.test(line));
      await until(() => isListed() || (bob.write('/files'), false), 'the list'); // the state is told four times a second
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('JSON lines: a file from program to program, and what may be lost', async () => {
    const room = newRoom();
    const folder = mkdtempSync(path.join(tmpdir(), 'nkt-cli-'));
    try {
      const source = path.join(folder, 'a.bin');
      const target = path.join(folder, 'b.bin');
      const bytes = randomBytes(200_000);
      writeFileSync(source, bytes);
      const [ann, bob] = ['ann', 'bob'].map((nick) => nkt(room, '--nick', nick, '--json', '--stay'));
      const event = (one, name, matches = () => true) => one.line((line) => {
        const { event, ...rest } = JSON.parse(line);
        return event === name && matches(rest);
      }, name).then((line) => JSON.parse(line));
      const ask = (one, wanted) => {
        one.write(JSON.stringify({ ...wanted, ref: ++refs }));
        const ref = refs;
        return Promise.race(['answer', 'error'].map((name) => event(one, name, (rest) => rest.ref === ref)));
      };
      let refs = 0;
      await Promise.all([ann, bob].map((one) => event(one, 'session', ({ state }) => state === 'established')));
      const shared = await ask(ann, { share: source, type: 'text/x' });
      assert.deepEqual([shared.content.name, shared.content.type, Object.keys(shared.recipients).length], ['a.bin', 'text/x', 1]);
      const { content } = await event(bob, 'content');
      assert.equal(content.id, shared.content.id);
      assert.equal((await ask(bob, { save: content.id, path: target })).path, target);
      assert.ok(readFileSync(target).equals(bytes));
      assert.match((await ask(bob, { save: content.id, path: target })).message, /there is one already/);
      assert.match((await ask(bob, { save: 'x' })).message, /no content with the id x/);
      assert.deepEqual((await ask(bob, { contents: 1 })).contents.map(({ id, loaded }) => [id, loaded]), [[content.id, bytes.length]]);
      assert.equal((await ask(bob, { drop: content.id })).dropped, content.id);
      assert.deepEqual((await ask(bob, { contents: 1 })).contents, []);
      for (const id of [content.id, 'abc']) {
        assert.match((await ask(bob, { drop: id })).message, new RegExp(`^no content with the id ${id} is kept here$`));
      }
      for (const [line, words] of [
        [{ drop: '' }, 'drop is the id of a content'], [{ drop: [content.id] }, 'drop is the id of a content'],
        [{ save: null }, 'save is the id of a content'], [{ save: content.id, path: null }, 'save: path is a path'],
        [{ save: content.id, path: '' }, 'save: path is a path'], [{ share: null }, 'share is the path of a file'],
      ]) assert.equal((await ask(bob, line)).message, words);
      let count = 0;
      while (count === 0) ({ count } = await ask(ann, { ephemeral: { x: 1 } })); // its key is on its way
      assert.deepEqual((await event(bob, 'ephemeral')).value, { x: 1 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('private is what is proven, not what a sender says', async () => {
    const room = newRoom();
    const ann = nkt(room, '--nick', 'ann', '--no-webrtc');
    const eve = await peer('eve', room);
    await ann.line((line) => /^\+ eve/.test(line), 'eve');
    const { addr } = Object.values(eve.nkt.userList).find(({ nick }) => nick === 'ann');
    await eve.session(addr);
    await eve.nkt.sendEncryptedMessage({ text: 'to all, and says otherwise', private: true });
    await ann.line((line) => /^eve \(.*\): to all, and says otherwise$/.test(line), 'not private');
    await eve.nkt.sendEncryptedMessage('to her, and does not say so', addr);
    await ann.line((line) => /^eve \(.*\), privately: to her, and does not say so$/.test(line), 'private as it is proven');
  });

  test('who left can be written to all the same, by nick and by address: it is heard when they are back', async () => {
    const room = newRoom();
    const folder = mkdtempSync(path.join(tmpdir(), 'nkt-cli-left-'));
    try {
      const as = ['--nick', 'Cyd X', '--no-webrtc', '--folder', folder];
      const cyd = nkt(room, ...as);
      const bob = nkt(room, '--nick', 'bob', '--no-webrtc');
      const bot = nkt(room, '--json', '--nick', 'bot', '--no-webrtc');
      for (const one of [cyd, bob]) await one.line((line) => /^\+ bot /.test(line), 'bot');
      await bob.line((line) => /^\+ Cyd X /.test(line), 'Cyd');
      await bot.json(({ event, nick, session }) => event === 'user' && nick === 'bob' && session, 'bob');
      cyd.write('/quit');
      assert.equal(await cyd.ended, 0);
      const { addr } = await bot.json(({ event }) => event === 'left', 'that Cyd left');
      bot.write(JSON.stringify({ send: 'from a program', to: addr, ref: 'left' }));
      assert.deepEqual(await bot.json(({ ref }) => ref === 'left', 'answer').then(({ recipients }) => Object.keys(recipients)), [addr]);
      bot.write(JSON.stringify({ send: 'to nobody', to: `${addr.slice(0, -1)}${addr.endsWith('z') ? 'y' : 'z'}`, ref: 'wrong' }));
      assert.equal((await bot.json(({ ref }) => ref === 'wrong', 'an address with a slip')).code, 'NKT_E_ADDRESS');
      bob.write('/users');
      await bob.line((line) => / {2}B\w+ {2}/.test(line), 'who is here');
      bob.write('/msg Cyd X by nick');
      bob.write(`/msg ${addr} by address`);
      const back = nkt(room, ...as);
      for (const said of [/^bot .*privately: from a program$/, /^bob .*privately: by nick$/, /^bob .*privately: by address$/]) {
        await back.line((line) => said.test(line), String(said));
      }
      assert.deepEqual(bob.lines.filter((line) => line.startsWith('!')), []);
      back.write('/quit');
      assert.equal(await back.ended, 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('two people in terminals, over WebRTC; commands', async () => {
    const room = newRoom();
    const ann = nkt(room, '--nick', 'ann');
    const bob = nkt(room, '--nick', 'bob');
    assert.match(await ann.line((line) => line.startsWith('You are ann, '), 'greeting'), new RegExp(`in the room ${room}`));
    await ann.line((line) => /^\+ bob \(.*\) is here$/.test(line), 'bob');
    await bob.line((line) => /^\+ ann \(.*\) is here$/.test(line), 'ann');
    ann.write('hello, bob');
    await bob.line((line) => /^ann \(\w+…\w+\): hello, bob$/.test(line), 'message');
    bob.write('/msg ann between us');
    await ann.line((line) => /^bob \(.*\), privately: between us$/.test(line), 'private message');
    bob.write('/msg cyd psst');
    await bob.line((line) => line === '! nobody here is called cyd', 'error');
    bob.write('/ignore ann');
    await bob.line((line) => /^ {2}ann \(.*\) is ignored/.test(line), 'ignored');
    bob.write('/ignore');
    await bob.line((line) => /^ {2}ann \(.*\) {2}B\w+$/.test(line), 'the list');
    bob.write('/unignore ann');
    await bob.line((line) => line === '  heard again', 'heard again');
    bob.write('/ignore');
    await bob.line((line) => line === '  nobody', 'an empty list');
    bob.write('/dance');
    await bob.line((line) => line.startsWith('! there is no command /dance'), 'error');
    ann.write('/safety bob');
    const number = await ann.line((line) => /^ {2}(\d{5} ){12}$/.test(line), 'number');
    bob.write('/verify ann 00000');
    await bob.line((line) => line.endsWith('a number of 60 digits is wanted, this one has 5'), 'half a number');
    for (const name of ['msg', 'safety', 'verify', 'unignore']) {
      bob.write(`/${name}`);
      await bob.line((line) => line.startsWith(`! /${name} WHO`) && line.includes('whom do you mean?'), `whom to ${name}`);
    }
    for (const line of ['/', '/ dance']) bob.write(line);
    await until(() => bob.lines.filter((line) => line.startsWith('! there is no command /:')).length === 2, 'that it is none');
    bob.write('//dance');
    await ann.line((line) => line.endsWith(': /dance'), 'what begins with it');
    bob.write(`/verify ann ${'0'.repeat(60)}`);
    await bob.line((line) => line.startsWith('! that is another number'), 'warning');
    bob.write(`/verify ann ${number}`);
    await bob.line((line) => line === '  verified', 'mark');
    bob.write('/users');
    await bob.line((line) => /^ {2}ann .* verified$/.test(line), 'list');
    bob.write('/status');
    await bob.line((line) => /1 sessions/.test(line), 'status');
    await until(() => bob.lines.some((line) => /1 direct links/.test(line)) || (bob.write('/status'), false), 'a direct link');
    bob.write('/help');
    await bob.line((line) => line.includes('/quit'), 'help');
    bob.write('/quit');
    assert.equal(await bob.ended, 0);
    ann.end();
    assert.equal(await ann.ended, 0);
  });

  test('--keep: a keeper in its folder, the same peer after each start', async () => {
    const room = newRoom();
    const folder = path.join(mkdtempSync(path.join(tmpdir(), 'nkt-keep-')), 'kept');
    const ann = await peer('ann', room);
    const seen = [];
    for (let life = 0; life < 2; life++) {
      const keeper = nkt(room, '--nick', 'keeper', '--keep', '--folder', folder, '--no-webrtc');
      keeper.end(); // as a service has no input
      const isIt = ({ nick, session, isUnreachable }) => nick === 'keeper' && session === 'established' && !isUnreachable;
      const user = await until(() => Object.values(ann.nkt.userList).find(isIt), 'it', 20_000);
      seen.push(user.addr);
      assert.equal(user.isKeeper, true);
      await until(() => ann.nkt.health().keeper.others === 1, 'a keeper that is here');
      keeper.kill('SIGTERM');
      assert.equal(await keeper.ended, 0, keeper.errors());
      await until(() => ann.nkt.health().keeper.others === 0, 'that it has left');
    }
    assert.equal(seen[0], seen[1]);
    assert.ok(readdirSync(folder).includes('key.json'));
    rmSync(path.dirname(folder), { recursive: true });
    assert.equal(readOptions(['Tee & Co/..', '--keep'], {}).folder, 'nkt-Tee%20%26%20Co%2F%2E%2E');
    assert.equal(readOptions(['tea'], {}).folder, undefined);
    assert.throws(() => readOptions(['x'.repeat(250), '--keep'], {}), /--folder/);
  });

  test('what is piped in is delivered before it leaves; exit status 0', async () => {
    const room = newRoom();
    const ann = await peer('ann', room);
    const pipe = nkt(room, '--nick', 'pipe');
    for (let i = 0; i < 20; i++) pipe.write(`line ${i}`);
    pipe.end();
    assert.equal(await pipe.ended, 0, pipe.errors());
    assert.deepEqual(ann.values(), Array.from({ length: 20 }, (_, i) => `line ${i}`));
  });

  test('nobody there, or not delivered in time: said on stderr, exit status tells', async () => {
    const room = newRoom();
    const alone = nkt(room, '--wait', '0.2');
    alone.write('anybody?');
    alone.end();
    assert.equal(await alone.ended, 1);
    assert.match(alone.errors(), /nobody is here/);
    assert.ok(alone.lines.some((line) => line === '! nobody is here to read it'));
    const ann = await peer('ann', room);
    const late = nkt(room, '--json', '--wait', '0.5', '--nick', 'late');
    await late.json(({ event, state }) => event === 'session' && state === 'established', 'session');
    server.kill('SIGSTOP'); // the relay answers nothing any more
    ann.nkt.close({ immediate: true });
    late.write('{"send":"lost"}');
    late.end();
    try {
      assert.equal(await late.ended, 1);
      assert.match(late.errors(), /1 message was not delivered/);
    } finally {
      server.kill('SIGCONT');
    }
  });

  test('JSON lines: every request has its answer, with its ref; what happens comes as events', async () => {
    const room = newRoom();
    const ann = await peer('ann', room);
    ann.nkt.register('double', async (n) => 2 * n);
    const bot = nkt(room, '--json', '--nick', 'bot', '--no-webrtc');
    const ready = await bot.json(({ event }) => event === 'ready', 'ready');
    assert.deepEqual(Object.keys(ready), ['event', 'address', 'nick', 'room', 'roomId', 'version']);
    await bot.json(({ event, nick }) => event === 'user' && nick === 'ann', 'user');
    await bot.json(({ event, addr, state }) => event === 'session' && addr === ann.address && state === 'established', 'session');
    const answer = (ref) => bot.json((line) => line.ref === ref, `answer ${ref}`);
    bot.write(JSON.stringify({ send: { text: 'ö', n: [1] }, ref: 1 }));
    const sent = await answer(1);
    assert.deepEqual(Object.keys(sent.recipients), [ann.address]);
    await bot.json(({ event, id, state }) => event === 'delivery' && id === sent.id && state === 'delivered', 'delivery');
    assert.deepEqual(ann.values(), [{ text: 'ö', n: [1] }]);
    bot.write(JSON.stringify({ rpc: 'double', value: 21, to: 'ann', ref: 'call' }));
    assert.equal((await answer('call')).value, 42);
    bot.write(JSON.stringify({ rpc: 'nothing', to: ann.address, ref: 'none' }));
    assert.equal((await answer('none')).code, 'NKT_E_UNREGISTERED');
    bot.write(JSON.stringify({ send: 1, to: 'zoe', ref: 'zoe' }));
    assert.deepEqual(await answer('zoe'), { event: 'error', ref: 'zoe', code: 'NKT_E_ARGUMENT', message: 'nobody here is called zoe' });
    for (const [line, words] of [['{', /JSON/], ['7', /an object/], ['null', /an object/], ['[]', /an object/]]) {
      const count = bot.lines.length;
      bot.write(line);
      const error = await until(() => bot.lines.slice(count).map((one) => JSON.parse(one)).find(({ event }) => event === 'error'), line);
      assert.deepEqual([error.code, words.test(error.message)], ['NKT_E_LINE', true], error.message);
    }
    bot.write('{"dance":1,"ref":"d"}');
    assert.equal((await answer('d')).code, 'NKT_E_ARGUMENT');
    const before = ann.events.length;
    for (const [i, [line, words]] of [
      [{ send: 'for ann', too: 'ann' }, /send: unknown key too \(known: to, bytes, ref\)/],
      [{ clear: 'for ann', to: 'ann' }, /clear: unknown key to \(/],
      [{ send: 1, clear: 2 }, /send: unknown key clear/],
      [{ ephemeral: 1, To: 'ann' }, /ephemeral: unknown key To/],
      [{ rpc: 'double', value: 1 }, /to is an address, a nick/],
      [{ send: 1, to: '' }, /to is an address, a nick/],
      [{ send: 1, to: ['ann'] }, /^send: to is an address, a nick/],
      [{ ephemeral: 1, to: null }, /^ephemeral: to is an address, a nick/],
      [{ safety: {} }, /^safety is an address, a nick/],
      [{ ignore: ['ann'] }, /^ignore is an address, a nick/],
      [{ unignore: 7 }, /^unignore is an address, a nick/],
      [{ rpc: null, to: 'ann' }, /^rpc is the name of a function/],
      [{ send: { a: [{ $: 'Uint8Array', b: 'AQI=' }] } }, /^\{"\$":"Uint8Array","b":"AQI="\} carries no bytes: .*without padding/],
      [{ send: 1, bytes: { $: 'Uint16Array', b: 'AQ' } }, /carries no bytes/],
      [{ clear: { $: 1 } }, /^\{"\$":1\} carries no bytes: .* has one more$/],
      [{ ephemeral: { $: 'Uint8array', b: 'AQ' } }, /carries no bytes/],
      [{ rpc: 'double', to: 'ann', value: { $: 'Blob', b: 'AQ' } }, /carries no bytes/],
    ].entries()) {
      bot.write(JSON.stringify({ ...line, ref: `bad${i}` }));
      const { event, message } = await answer(`bad${i}`);
      assert.deepEqual([event, words.test(message)], ['error', true], message);
    }
    bot.write(JSON.stringify({ send: 'after', to: 'ann', ref: 'after' }));
    await until(() => ann.values().includes('after'), 'what is right');
    const toAll = ann.events.slice(before).filter(({ type }) => /received|ephemeral/.test(type));
    assert.deepEqual(toAll.map(({ detail }) => detail), ['after'], 'nothing of it was told to all');
    bot.write('{"users":1,"ref":"u"}');
    assert.deepEqual((await answer('u')).users.map(({ nick, session }) => [nick, session]), [['ann', 'established']]);
    bot.write('{"health":1,"ref":"h"}');
    assert.equal((await answer('h')).health.running, true);
    bot.write(JSON.stringify({ safety: 'ann', ref: 's' }));
    assert.equal((await answer('s')).number, ann.nkt.safetyNumber(ready.address));
    await ann.nkt.sendEncryptedMessage({ from: 'nobody' }, ready.address);
    const heard = await bot.json(({ event }) => event === 'message', 'message');
    assert.deepEqual([heard.from, heard.to, heard.room, heard.encrypted, heard.value],
      [ann.address, ready.address, ready.roomId, true, { from: 'nobody' }]);
    await ann.nkt.sendEncryptedMessage({ private: true });
    const told = await bot.json(({ event, value }) => event === 'message' && value.private, 'the next');
    assert.deepEqual([told.to, told.room], [null, ready.roomId], 'whatever it says of itself');
    bot.write('{"send":{"a":{"$":"Uint8Array","b":"AQI"},"$$":1},"bytes":{"$":"Blob","t":"x/y","b":"Aw"},"ref":"b"}');
    await answer('b');
    const { detail, bytes } = await ann.seen('nktencryptedmessagereceived', (event) => event.bytes !== null);
    assert.deepEqual([detail, bytes.type, bytes.size], [{ a: new Uint8Array([1, 2]), $: 1 }, 'x/y', 1]);
    ann.nkt.send(new Blob(['abc'], { type: 'text/plain' }), { to: ready.address, bytes: new Uint16Array([1]) });
    ann.nkt.sendEncryptedMessage('behind it', ready.address);
    await bot.json(({ value }) => value === 'behind it', 'the next message');
    const [blob] = bot.lines.slice(-2);
    assert.match(blob, /"value":\{"\$":"Blob","t":"text\/plain","b":"YWJj"\},"bytes":\{"\$":"Uint16Array","b":"AQA"\}\}$/);
    const ref = '{"$":"any","$$":[{"$":"Uint8Array","b":"AQ"}]}';
    bot.write(`{"users":1,"ref":${ref}}`);
    await bot.line((line) => line.startsWith(`{"event":"answer","ref":${ref},"users"`), 'ref as it was');
    bot.write('{"clear":"for all","ref":"c"}');
    await answer('c');
    assert.equal((await ann.seen('nktclearmessagereceived')).detail, 'for all');
    bot.end();
    assert.equal(await bot.ended, 0);
  });

  test('names with spaces, in quotes and without', async () => {
    const room = newRoom();
    const one = nkt(room, '--nick', 'one', '--no-webrtc');
    const [ada, bob] = await Promise.all([peer('Ada L', room), peer('Bob', room)]);
    for (const name of ['Ada L', 'Bob']) await one.line((line) => line.startsWith(`+ ${name} (`), name);
    one.write('/msg Ada L no quotes');
    one.write('/msg "ada l"   two  spaces, "quotes"');
    one.write('/msg “Ada L” as telephones write it');
    await until(() => ada.values().length === 3, 'three messages');
    assert.deepEqual(ada.values().map(({ text }) => text), ['no quotes', 'two  spaces, "quotes"', 'as telephones write it']);
    one.write('/msg Ada L');
    await one.line((line) => line.startsWith('! /msg WHO TEXT'), 'that there is no text');
    one.write('/safety Ada L');
    const { address } = one.lines.map((line) => /^You are one, (?<address>\w+),/.exec(line)?.groups).find(Boolean);
    const number = await one.line((line) => /^ {2}(\d{5} ){12}$/.test(line), 'number');
    assert.equal(number.replace(/\s/g, ''), ada.nkt.safetyNumber(address));
    one.write(`/verify Ada L ${number}`);
    await one.line((line) => line === '  verified', 'mark');
    ada.nkt.nick = 'Bob I'; // who wants to get what is for Bob
    await until(() => one.lines.length && one.write('/users') && one.lines.some((line) => /Bob I \(/.test(line)), 'the new nick');
    one.write('/msg Bob I think so');
    await one.line((line) => line.startsWith('! whom do you mean: "Bob" or "Bob I"?'), 'question');
    one.write('/msg "Bob" I think so');
    await until(() => bob.values().length === 1, 'for Bob alone');
    assert.deepEqual([bob.values()[0].text, ada.values().length], ['I think so', 3]);
  });

  test('what a line names, and how it is completed', () => {
    const known = new Set(['Ada', 'Ada L', 'Bob', 'Eve the First', '"Q"']);
    const split = (line) => splitNamed(line, (name) => known.has(name));
    for (const [line, expected] of [
      ['Bob hello', ['Bob', 'hello']], ['  Bob   hello  you ', ['Bob', 'hello  you']], ['Eve the First\nhello', ['Eve the First', 'hello']],
      ['"Ada L" hello', ['Ada L', 'hello']], ['«Ada L» hello', ['Ada L', 'hello']], ["'Ada' L", ['Ada', 'L']],
      ['"Q" hello', ['"Q"', 'hello']],
      ['Zoe hello', ['Zoe', 'hello']], ['"Ada L"hello', ['"Ada', 'L"hello']], ['Bob', ['Bob', '']], ['', ['', '']], ['""', ['""', '']],
    ]) assert.deepEqual(split(line), expected, line);
    assert.throws(() => split('Ada L hello'), /"Ada" or "Ada L"/);
    let lookups = 0;
    splitNamed(`Zoe ${'a '.repeat(30_000)}`, () => ++lookups < 0);
    assert.ok(lookups > 0 && lookups < 50, `a long text costs no look-up a word: ${lookups}`);
    const read = (text) => readName(text, (name) => known.has(name));
    assert.deepEqual(['"Ada L"', 'Ada L', '"Q"', '"x'].map(read), ['Ada L', 'Ada L', '"Q"', '"x']);
    assert.deepEqual([writeName('Bob', 'B1'), writeName('Ada L', 'B1'), writeName('a "b" c', 'B1'), writeName('', 'B1')],
      ['Bob', '"Ada L"', 'B1', 'B1']);

    const nicks = { BA: 'Ada L', BB: 'bob', BC: 'Bob', BD: 'a\x1b' };
    const userList = Object.fromEntries(Object.entries(nicks).map(([addr, nick]) => [addr, { nick, addr }]));
    const terminal = new Terminal(Object.assign(new EventTarget(), { userList }), () => {}, { to: '', sent: () => {}, quit: () => {} });
    assert.deepEqual(terminal.complete('/m'), [['/msg '], '/m']);
    for (const typed of ['/msg a', '/msg "Ad', '/msg Ada L']) assert.deepEqual(terminal.complete(typed), [['/msg "Ada L" '], typed]);
    const addresses = ['/verify BB ', '/verify BC ', '/verify BD '];
    assert.deepEqual(terminal.complete('/verify B'), [addresses, '/verify B'], 'of equal names the addresses');
    assert.deepEqual(terminal.complete('/users x'), [[], '/users x']);
    assert.deepEqual(terminal.complete('hello'), [[], 'hello']);
  });

  test('names of rooms and secrets meet however they are composed; lines may begin with a byte order mark', async () => {
    const room = `${newRoom()}-Café Å`;
    const ann = await peer('ann', room.normalize('NFD'), { secret: 'ñandú'.normalize('NFC') });
    assert.equal(ann.nkt.room, room.normalize('NFC'));
    const bot = nkt(room.normalize('NFC'), '--json', '--nick', 'bot', '--no-webrtc', '--secret', 'ñandú'.normalize('NFD'));
    await bot.json(({ event, addr, state }) => event === 'session' && addr === ann.address && state === 'established', 'session');
    bot.write('\ufeff{"send":"hello","ref":1}\r');
    await bot.json(({ event, ref }) => event === 'answer' && ref === 1, 'answer');
    await until(() => ann.values().includes('hello'), 'hello');
  });

  test('--to: everything goes to that one', async () => {
    const room = newRoom();
    const [ann, bob] = await Promise.all([peer('ann', room), peer('bob', room)]);
    const pipe = nkt(room, '--to', 'bob', '--nick', 'pipe');
    pipe.write('for bob');
    pipe.end();
    assert.equal(await pipe.ended, 0, pipe.errors());
    assert.deepEqual([ann.values(), bob.values()], [[], [{ text: 'for bob', private: true }]]);
  });

  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    test(`${signal}: says good-bye and ends with 0; --stay outlives the end of the input`, async () => {
      const room = newRoom();
      const ann = await peer('ann', room);
      const one = nkt(room, '--stay', '--nick', 'one');
      one.end();
      const address = (await one.line((line) => line.startsWith('You are'), 'greeting')).split(', ')[1];
      await ann.session(address);
      await one.line((line) => /ann .* is here/.test(line), 'ann');
      one.kill(signal);
      assert.equal(await one.ended, 0, one.errors());
      await until(() => ann.nkt.userList[address].isUnreachable, 'good-bye');
    });
  }

  test('help, version, wrong use, no server', async () => {
    const run = async (...args) => {
      const one = runProgram(NKT, args);
      one.end();
      return { code: await one.ended, out: one.lines.join('\n'), errors: one.errors() };
    };
    const help = await run('--help');
    assert.deepEqual([help.code, help.errors], [0, '']);
    for (const option of ['--nick', '--json', '--stay', 'NKT_SECRET']) assert.ok(help.out.includes(option), option);
    assert.match((await run('--version')).out, /^nkt \d+\.\d+\.\d+$/);
    for (const [args, words] of [
      [['--dance'], /Unknown option '--dance'/],
      [['a', 'b'], /one room is wanted, not 2/],
      [['--wait', 'soon'], /--wait soon: seconds/],
      [['--server', 'localhost'], /--server localhost: an http/],
      [['--relay', 'http://x', 'x'], /--relay: relays\[0\] is "http:\/\/x": a ws:\/\/ or wss:\/\/ URL/],
      [['--tracker', 'x'], /--tracker: trackers\[0\] is "x"/],
      [['--nick', 'x'.repeat(65)], /--nick: nick is .*at most 64 bytes/],
      [['x'.repeat(257)], /ROOM: room is .*at most 256 bytes/],
      [[''], /ROOM "": a name is wanted/],
      [['\u200b'], /ROOM "\u200b": a name is wanted/],
      [['--nick', ' '], /--nick " ": a nick is wanted/],
      [['--to', ''], /--to "": an address or a nick is wanted/],
      [['--secret', ''], /--secret "": a secret is wanted/],
      [['--wait', ''], /--wait "": seconds are wanted, 0 to 86400/],
      [['--server', ''], /--server "": an http/],
      [['--server', 'http://ann:hush@b'], /--server b: a URL without user and password/],
      [['--folder', ''], /--folder "": a path is wanted/],
      [['--keep', '--folder', ''], /--folder "": a path is wanted/],
      [['--folder', 'x'.repeat(4097)], /--folder: folder is .*at most 4096 bytes/],
      [['--ice', 'foo:'], /--ice foo:: does not start with stun:/],
      [['--ice', 'stun:a', '--ice', 'turn:b'], /--ice turn:b: a TURN server needs username and credential/],
      [['--ice', '{"urls":"turn:b","credential":hush}'], /--ice: what begins with \{ has to be JSON\n/],
      [['serve', '--port', '70000'], /--port 70000: a port is wanted/],
      [['serve', '--tracker-port', 'x'], /--tracker-port x: a port is wanted/],
      [['serve', '--port', '3456', '--tracker-port', '3456'], /--port and --tracker-port \(PORT and TRACKER_PORT\) are both 3456/],
      [['serve', '--port', '8000'], /are both 8000/],
    ]) {
      const { code, errors } = await run(...args);
      assert.deepEqual([code, words.test(errors), /--help/.test(errors)], [2, true, true], errors);
    }
    const other = createHttpServer((_request, response) => response.end('<p>another')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port: otherPort } = /** @type {import('node:net').AddressInfo} */ (other.address());
    const strange = await run('--server', `http://127.0.0.1:${otherPort}`, 'x');
    other.close();
    const away = await run('--server', `http://127.0.0.1:${otherPort}`, 'x');
    assert.deepEqual([away.code, strange.code], [1, 1]);
    const open = runProgram(NKT, ['--server', `http://127.0.0.1:${otherPort}`, 'x'], { env: { NKT_SECRET: '' } });
    await open.ended;
    assert.match(open.errors(), /^nkt: NKT_SECRET is empty: the room is open/);
    assert.match(away.errors, /^nkt: http:\/\/127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\): is it running\? --server/);
    assert.match(strange.errors, /^nkt: no settings at http:\S+\/config\.json: does a server of nkt run there\? \(.*JSON.*\); --server/);
    assert.doesNotMatch(strange.errors, /does not answer/);
    const unheard = await run('--relay', 'ws://127.0.0.1:1/relay', '--no-webrtc', '--wait', '1', 'x');
    assert.match(unheard.errors, /nobody is here; not reached: ws:\/\/127\.0\.0\.1:1\/relay/);
    const folder = mkdtempSync(path.join(tmpdir(), 'nkt-cert-'));
    const files = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const asked = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost'];
    spawnSync('openssl', [...asked, '-keyout', files[0], '-out', files[1]]);
    const [key, cert] = files.map((file) => readFileSync(file));
    const server = createServer({ key, cert }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const untrusted = await run('--server', `https://127.0.0.1:${port}`, 'x');
    server.close();
    rmSync(folder, { recursive: true });
    assert.equal(untrusted.code, 1);
    assert.match(untrusted.errors, /has a certificate that is not taken \(\w*SELF_SIGNED\w*\); --server/);
  });

  test('options', () => {
    const options = readOptions(['tea', '-n', 'ann', '--relay', 'ws://a', '--relay', 'ws://b', '-j'], { NKT_SECRET: 's' });
    assert.deepEqual([options.room, options.nick, options.relays, options.json, options.secret, options.server, options.trackers],
      ['tea', 'ann', ['ws://a', 'ws://b'], true, 's', undefined, undefined]);
    assert.equal(readOptions([], {}).server, 'http://localhost:3000');
    assert.equal(readOptions(['--secret', 'x'], { NKT_SECRET: 's' }).secret, 'x');
    assert.equal(readOptions([], { NKT_SECRET: '' }).secret, '', 'as no variable, for init()');
    assert.deepEqual([readOptions([' tea '], {}).room, readOptions(['-n', ' ann '], {}).nick], ['tea', 'ann'], 'as the page has them');
    const turn = { urls: 'turn:b', username: 'u', credential: 'p' };
    assert.deepEqual(readOptions(['--ice', 'stun:a', '--ice', JSON.stringify(turn)], {}).iceServers, ['stun:a', turn]);
  });

  test('what others send cannot steer a terminal; nicks, addresses, and their beginnings name people', () => {
    assert.equal(plain('a\x1b[2Jb\x07\u202ec\nd\te'), 'a[2Jbc\n  d e');
    assert.equal(plain('a\r+ Ann is here\u2028\u009b31m\u2069'), 'a\n  + Ann is here31m');
    assert.equal(clean('! \x1b]0;title\x07\n  \u202eon'), '! ]0;title\n  on');
    assert.equal(cleanJson(JSON.stringify({ value: 'a\u009b\u202e\x7f\x1b' })), '{"value":"a\\u009b\\u202e\\u007f\\u001b"}');
    const people = { BAAAA1: 'Ann', BAAAA2: 'bob', BBBBB3: 'bob', BCCCC4: '\u3164', BDDDD5: 'שלום' };
    const userList = Object.fromEntries(Object.entries(people).map(([addr, nick]) => [addr, { addr, nick }]));
    assert.equal(nameOf({ userList }, 'BCCCC4'), 'BCCCC…CCC4', 'nothing of its nick can be seen');
    assert.equal(nameOf({ userList }, 'BDDDD5'), '\u2068שלום\u2069 (BDDDD…DDD5)', 'turns nothing beside it');
    assert.equal(findUser({ userList }, 'ann'), 'BAAAA1');
    assert.equal(findUser({ userList }, 'BAAAA2'), 'BAAAA2');
    assert.equal(findUser({ userList }, 'BBBB'), 'BBBBB3');
    assert.throws(() => findUser({ userList }, 'bob'), /several .* BAAAA2 BBBBB3/);
    assert.throws(() => findUser({ userList }, 'B'), /nobody/);
  });
});
