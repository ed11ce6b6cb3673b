// SPDX-License-Identifier: GPL-3.0-or-later
// types.d.ts says what is there, and docs/api.md says what types.d.ts says.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Nkt } from '../../glue/nkt.js';
import { User } from '../../glue/user.js';
import { Delivery } from '../../glue/delivery.js';
import { apiDoc, apiDocFile, readTypes } from '../../tools/apidoc.mjs';

const types = readTypes();

/** Names of the members that a declaration has. @param {string} head such as 'class Nkt' */
function declared(head) {
  const body = new RegExp(`^export ${head}\\b[^{]*\\{([\\s\\S]*?)^\\}`, 'm').exec(types)?.[1] ?? assert.fail(head);
  const names = [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[(:<]/gm)].map(([, name]) => name);
  return [...new Set(names)].sort();
}

const own = (prototype) => Object.getOwnPropertyNames(prototype).sort();

test('docs/api.md is current', () => {
  assert.equal(readFileSync(apiDocFile, 'utf8'), apiDoc(types), 'run: node tools/apidoc.mjs');
});

test('every declaration and member is in docs/api.md', () => {
  const text = apiDoc(types);
  const names = [...types.matchAll(/^export (?:interface|class|type) (\w+)/gm)].map(([, name]) => name);
  for (const name of names) assert.match(text, new RegExp(`^## ${name}$`, 'm'), name);
  for (const name of declared('class Nkt')) assert.match(text, new RegExp(`\\b${name}\\b`), name);
});

test('class Nkt has the members that are declared, and no others', () => {
  assert.deepEqual(own(Nkt.prototype), declared('class Nkt'));
});

test('users and deliveries as well', () => {
  const members = (prototype) => own(prototype).filter((name) => !['constructor', 'toJSON'].includes(name));
  assert.deepEqual(members(User.prototype), declared('interface User'));
  assert.deepEqual(members(Delivery.prototype), declared('interface Delivery'));
});

test('every event that the glue dispatches is declared', () => {
  const glue = new URL('../../glue/', import.meta.url);
  const named = new Set(readdirSync(glue).filter((name) => name.endsWith('.js'))
    .flatMap((name) => [...readFileSync(new URL(name, glue), 'utf8').matchAll(/'(nkt[a-z]+)'/g)].map(([, type]) => type)));
  named.delete('nkt'); // a room
  assert.deepEqual([...named].sort(), declared('interface NktEventMap'));
});
