// SPDX-License-Identifier: GPL-3.0-or-later
// Mail for who is away: kept by the second implementation for a core, and by a core for the second implementation.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hex } from './bytes.mjs';
import { newRoom, skip, until, useStage } from './support/stage.mjs';

describe('mail', { skip, timeout: 360_000 }, () => {
  const stage = useStage();

  test('kept by the second implementation, of a core that is gone, for a core that was away', async () => {
    const room = newRoom();
    const folder = stage.folder();
    let away = await stage.core('away', room, { storage: { folder } });
    const author = await stage.core('author', room);
    const keeper = await stage.second(room, { nick: 'keeper', seed: 'keeper' });
    await Promise.all([away, author].map((core) => keeper.person(core.address)));
    await Promise.all([away, keeper].map((one) => author.session(one.address)));
    await away.session(author.address);
    await away.nkt.close();
    await until(() => !author.isListed(away.address), 'its good-bye');
    await author.nkt.sendEncryptedMessage('for later', away.address);
    await until(() => keeper.peer.mail.count > 0, 'the mail');
    await author.nkt.close();
    away = await stage.core('away', room, { storage: { folder } });
    await until(() => away.values().includes('for later'), 'the message of one who is gone');
    assert.deepEqual(away.values(), ['for later']);
    await until(() => keeper.peer.mail.count === 0, 'nothing more to be kept');
  });

  test('kept by a core, of the second implementation, for one that was away', async () => {
    const room = newRoom();
    const keeper = await stage.core('keeper', room);
    const author = await stage.second(room, { nick: 'author', seed: 'author' });
    const away = await stage.second(room, { nick: 'away', seed: 'away' });
    const person = await author.person(away.address);
    await Promise.all([author.person(keeper.address), away.person(keeper.address), away.person(author.address)]);
    await Promise.all([keeper.session(author.address), keeper.session(away.address)]);
    away.peer.leave();
    await until(() => person.isAway && !keeper.isListed(away.address), 'its good-bye');
    void author.peer.say('for you', person);
    assert.equal(author.peer.mail.write(person), 1);
    author.peer.close();
    await until(() => !keeper.isListed(author.address), "the author's good-bye");
    await away.peer.connect(stage.url());
    await until(() => away.values().includes('for you'), 'what the core kept');
  });

  test('said by a core to everybody: kept for one who is away, with the same words for all', async () => {
    const room = newRoom();
    const author = await stage.core('author', room);
    const keeper = await stage.second(room, { nick: 'keeper', seed: 'keeper of all' });
    const away = await stage.second(room, { nick: 'away', seed: 'away for all' });
    await Promise.all([keeper, away].flatMap((one) => [one.person(author.address), author.session(one.address)]));
    const person = await keeper.person(away.address);
    away.peer.leave();
    await until(() => person.isAway && !author.isListed(away.address), 'its good-bye');
    await author.say('for everybody');
    assert.deepEqual(keeper.values(), ['for everybody']);
    await until(() => keeper.peer.mail.count > 0, 'the mail');
    await author.nkt.close();
    await away.peer.connect(stage.url());
    await until(() => away.values().length > 0, 'what was kept');
    assert.deepEqual(away.values(), ['for everybody']);
  });

  test('KEM keys of others: a keeper asks for those it was not told, and tells them to who asks', async () => {
    const room = newRoom();
    const keeper = await stage.core('keeper', room, { storage: { folder: stage.folder() }, keeper: true });
    const wanted = [];
    const away = await stage.second(room, { nick: 'away', seed: 'has a key' });
    const oneTimeOnly = ({ id, key, kem }) => ({ kem_key: kem.publicKey, kem_key_id: id, prekey_id: id, prekey: key });
    away.peer.greetings.keysFor = ({ oneTime }) => oneTimeOnly(oneTime);
    away.peer.on('keysWanted', (_by, addresses) => wanted.push(...addresses));
    await keeper.session(away.address);
    await until(() => wanted.length > 0, 'the keeper to ask for the lasting key');
    assert.deepEqual(wanted, [hex(away.peer.address)]);
    const author = await stage.second(room, { nick: 'author', seed: 'wants a key' });
    const person = await author.person(away.address);
    const kept = await author.person(keeper.address);
    await keeper.session(author.address);
    away.peer.leave();
    await until(() => person.isAway && !keeper.isListed(away.address), 'its good-bye');
    person.lasting = undefined;
    author.peer.greetings.wantKeys(kept, [person]);
    await until(() => person.lasting, 'the key, told by the keeper');
    assert.deepEqual(hex(person.lasting), hex(away.peer.identity.kem.publicKey));
  });

  test('a letter of a core, kept by a core for days, is read by the second implementation', async () => {
    const room = newRoom();
    const folder = stage.folder();
    const keeper = await stage.core('keeper', room, { storage: { folder }, keeper: true });
    const author = await stage.core('author', room);
    const away = await stage.second(room, { nick: 'away', seed: 'letters' });
    await Promise.all([keeper, author].flatMap((core) => [core.session(away.address), away.person(core.address)]));
    await author.session(keeper.address);
    away.peer.leave();
    await until(() => !author.isListed(away.address) && !keeper.isListed(away.address), 'its good-bye');
    await author.nkt.sendEncryptedMessage('a letter', away.address);
    const isKept = () => keeper.nkt.health().keeper.count > 1 && author.nkt.health().keeper.toKeepers === 0;
    await until(isKept, 'the letter and its key to be kept');
    await author.nkt.close();
    const receipts = [];
    away.peer.on('receipt', (_keeper, ids) => receipts.push(...ids));
    await away.peer.connect(stage.url());
    await until(() => away.values().length > 0 && receipts.length > 1, 'the letter');
    assert.deepEqual(away.values(), ['a letter']);
  });
});
