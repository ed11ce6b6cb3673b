// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkIceServers } from '../../glue/ice.js';

const turn = { username: 'u', credential: 'c' };

test('good entries', () => {
  for (const entry of [
    'stun:stun.example.org', 'stun:192.0.2.1:3478', 'stuns:[2001:db8::1]:5349', { urls: 'stun:a.b' }, { urls: ['stun:a', 'stuns:b:1'] },
    { urls: 'turn:t.example.org:3478?transport=udp', ...turn }, { urls: 'turns:t:443?transport=tcp', ...turn }, { url: 'stun:old-name' },
  ]) {
    const { servers, errors } = checkIceServers([entry]);
    assert.deepEqual(errors, []);
    assert.equal(servers.length, 1);
  }
});

test('a password in a URL is told to nobody: what is wrong is in reports', () => {
  const urls = ['stun:a.example', 'turn:ann:hush@a.example'];
  for (const entry of [urls[1], { urls, username: 'ann', credential: 'hush' }]) {
    const { errors: [{ entry: named, error }] } = checkIceServers([entry]);
    assert.match(named, /turn:…@a\.example$/);
    assert.match(error, /username, credential/);
    assert.ok(!`${named}${error}`.includes('hush'));
  }
});

test('each bad entry is named with its fault, the good ones stay', () => {
  for (const [entry, fault] of [
    ['stun:stun.example.org?transport=udp', /takes no query \(remove \?transport=udp\)/],
    ['http://stun.example.org', /does not start with stun:/],
    ['stun:', /no host/],
    ['stun:bad host', /no host/],
    ['stun://stun.example.org', /no host/],
    ['stun:h:0', /port 0/],
    ['stun:h:70000', /port 70000/],
    [{ urls: 'turn:t' }, /needs username and credential/],
    [{ urls: 'turn:t', username: 'u', credential: '' }, /needs username and credential/], // RTCPeerConnection takes none
    [{ urls: 'turn:t', username: '', credential: 'c' }, /needs username and credential/],
    [{ urls: 'turn:t?transport=sctp', ...turn }, /only query/],
    [{ urls: [] }, /empty/],
    [{ urls: [7] }, /not text/],
    [{}, /not text/],
    [null, /neither/],
    [42, /neither/],
  ]) {
    const { servers, errors } = checkIceServers(['stun:good', entry, 'stun:good2']);
    assert.equal(servers.length, 2, JSON.stringify(entry));
    assert.equal(errors.length, 1);
    assert.equal(errors[0].index, 1);
    assert.match(errors[0].error, fault);
  }
});

test('no credential in an error', () => {
  const { errors } = checkIceServers([{ urls: 'turn:t?x', username: 'name', credential: 'hush' }]);
  assert.ok(!JSON.stringify(errors).includes('hush'));
});

test('no list: nothing', () => {
  for (const list of [undefined, null, 'stun:x', {}]) assert.deepEqual(checkIceServers(list), { servers: [], errors: [] });
});
