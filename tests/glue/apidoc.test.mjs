// SPDX-License-Identifier: GPL-3.0-or-later
// types.d.ts says what is there, all of it in words, and docs/api.md says what types.d.ts says.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Nkt } from '../../glue/nkt.js';
import { User } from '../../glue/user.js';
import { Delivery } from '../../glue/delivery.js';
import { apiDoc, apiDocFile } from '../../tools/apidoc.mjs';
import { errorTypes, errorTypesFile } from '../../tools/errortypes.mjs';

const { text, members, findings } = await apiDoc();

/** Names of the members that a declaration has. @param {string} name */
const declared = (name) => [...new Set(members(name))].sort();

const own = (prototype) => Object.getOwnPropertyNames(prototype).sort();

test('docs/api.md and the codes of errors are current', () => {
  assert.equal(readFileSync(errorTypesFile, 'utf8'), errorTypes(), 'run: node tools/apidoc.mjs');
  assert.equal(readFileSync(apiDocFile, 'utf8'), text, 'run: node tools/apidoc.mjs');
});

test('every declaration, member and event is documented, and the types have no error', () => {
  assert.deepEqual(findings, []);
});

test('class Nkt has the members that are declared, and no others', () => {
  const isInherited = (name) => name in Nkt.prototype && !Object.hasOwn(Nkt.prototype, name); // declared anew for its types alone
  assert.deepEqual(own(Nkt.prototype), declared('Nkt').filter((name) => !isInherited(name)));
});

test('users and deliveries as well', () => {
  const inTypes = (prototype) => own(prototype).filter((name) => !['constructor', 'toJSON'].includes(name));
  assert.deepEqual(inTypes(User.prototype), declared('User'));
  assert.deepEqual(inTypes(Delivery.prototype), declared('Delivery'));
});

test('every event that the glue dispatches is declared', () => {
  const glue = new URL('../../glue/', import.meta.url);
  const named = new Set(readdirSync(glue).filter((name) => name.endsWith('.js'))
    .flatMap((name) => [...readFileSync(new URL(name, glue), 'utf8').matchAll(/'(nkt[a-z]+)'/g)].map(([, type]) => type)));
  named.delete('nkt'); // a room
  assert.deepEqual([...named].sort(), declared('NktEventMap'));
});
