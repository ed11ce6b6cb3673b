// SPDX-License-Identifier: GPL-3.0-or-later
// The check of who writes what in the core: small rooms are compiled as the real ones are, and every way of writing is tried.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { headerFor, judgeParts, judgeWriters, writersIn } from '../../tools/tidy/owners.mjs';
import { structsOf } from '../../tools/tidy/structs.mjs';

const header = `
typedef struct nkt_link nkt_link_t;
typedef struct nkt_parcel {
    int due;
} nkt_parcel_t;
typedef struct nkt_user_delivery {
    int count, size; /* of *what* waits */
    nkt_parcel_t *head;
    char key[2 * 4];
} nkt_user_delivery_t;
typedef struct nkt_user {
    int id;
    nkt_link_t *link; /* the pointer is links', the link is not */
    nkt_user_delivery_t delivery;
} nkt_user_t;
struct nkt_link {
    int id;
    int heard;
};
typedef struct nkt_swarm {
    nkt_user_t users[4];
    nkt_link_t *links[2 * 2];
} nkt_swarm_t;
void *memcpy(void *, const void *, unsigned long);
void take(nkt_user_delivery_t *); /* changes it */
int look(const nkt_user_delivery_t *);
`;
const table = {
  nkt_user: { id: 'state', link: 'links', delivery: 'delivery' },
  nkt_link: { id: 'state', heard: 'inbound' },
  nkt_swarm: { users: 'state', links: 'state' },
};

/** Compiles bodies of functions as files of rooms. @param {Record<string, string>} bodies by path */
async function written(bodies) {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-owners-'));
  try {
    const files = new Map();
    for (const [path, body] of Object.entries(bodies)) {
      const file = join(folder, 'src', path);
      mkdirSync(dirname(file), { recursive: true });
      const head = '#include "state/all.h"\nint f(nkt_swarm_t *swarm, nkt_user_t *user)\n';
      writeFileSync(file, `${head}{\n${body}\nreturn swarm != 0 && user != 0;\n}\n`);
      files.set(path, { file, directory: folder, command: `clang -std=gnu11 -Isrc -O1 -o a.o -c ${file}` });
    }
    const path = join(folder, 'src', 'state', 'all.h');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, header);
    return await writersIn(files, new Map([[path, header]]), table, join(folder, 'tidy'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const foreign = {
  'an assignment': 'user->delivery.count = 1;',
  'one over several lines': 'user\n  ->delivery\n  .count += 1;',
  'a step': '++user->delivery.size;',
  'one of many': 'user->delivery.key[3] = 1;',
  'its address': 'take(&user->delivery);',
  'memory copied there': 'memcpy(user->delivery.key, "x", 1);',
  'a pointer kept': 'nkt_user_delivery_t *own = &user->delivery; own->count = 1;',
  'a pointer to a pointer': 'nkt_parcel_t **head = &user->delivery.head; *head = 0;',
  'what it points to': 'user->delivery.head->due = 1;',
  'what it points to, kept': 'nkt_parcel_t *parcel = user->delivery.head; parcel->due = 1;',
  'the way over another structure': 'swarm->users[1].delivery.count = 1;',
  'a cast': '((nkt_user_delivery_t *)&user->delivery)->count = 1;',
  'all of it': '*user = (nkt_user_t){.id = 1};',
};

test('whoever changes a part of another room is told, however it is written', async () => {
  for (const [how, body] of Object.entries(foreign)) {
    const found = await written({ 'inbound/a.c': body });
    assert.equal(found.length > 0, true, how);
    assert.equal(found.every(({ file }) => file === 'inbound/a.c'), true, how);
  }
});

test('its own room may, and so may whoever changes what is beside it; reading is free', async () => {
  const own = Object.entries(foreign).filter(([how]) => how !== 'all of it' && how !== 'a cast');
  assert.deepEqual(await written(Object.fromEntries(own.map(([, body], index) => [`delivery/a${index}.c`, body]))), []);
  const rest = {
    'inbound/a.c': 'swarm->links[0]->heard = user->delivery.count + look(&user->delivery);',
    'inbound/b.c': 'const nkt_user_delivery_t *own = &user->delivery; user->link->heard = own->head->due == 1 && own->count <= 2;',
    'links/c.c': 'user->link = swarm->links[1]; /* user->delivery.count = 1; */',
    'state/d.c': 'swarm->users[0].id = 1; swarm->links[0] = 0;',
  };
  assert.deepEqual(await written(rest), []);
  assert.equal((await written({ 'core.c': foreign['an assignment'] })).length, 1); // beside state/, which it finds by itself
});

test('a writer is told by part and line; one that is known is none; one that is known and gone is one', async () => {
  const found = await written({ 'inbound/a.c': '\n\nuser->link = 0;', 'links/b.c': 'user->delivery.count = 0;' });
  const said = (known) => judgeWriters(found, known).map(({ file, line, what }) => `${file}:${line} ${what.replace(/:.*/, '')}`);
  assert.deepEqual(said([]), [
    "core/src/inbound/a.c:6 changes link, another room's own",
    "core/src/links/b.c:4 changes delivery, another room's own",
  ]);
  assert.deepEqual(said(['inbound/a.c link', 'links/b.c delivery', 'links/b.c link']), [
    'tools/tidy/rooms.mjs:1 knows a writer that is gone',
  ]);
});

test('every member has an owner, and every owner a member', () => {
  const structs = structsOf(header);
  assert.deepEqual(judgeParts(structs, table), []);
  const { id: _, ...less } = table.nkt_user;
  const said = judgeParts(structs, { ...table, nkt_user: { ...less, mail: 'routing' } }).map(({ what }) => what);
  assert.deepEqual(said, ['names no owner of nkt_user.id', 'names an owner of nkt_user.mail, which is gone']);
  const mixed = judgeParts(structsOf('struct nkt_a {\n    int b, c;\n};'), { nkt_a: { b: 'state', c: 'people' } });
  assert.deepEqual(mixed.map(({ what }) => what), ['parts of several rooms in one declaration: b, c']);
});

test('a header keeps its lines, so what the compiler says points where it is written', () => {
  const types = new Map([['nkt_user_delivery', 'delivery']]);
  const seen = headerFor(header, 'links', table, types);
  assert.equal(seen.split('\n').length, header.split('\n').length);
  assert.match(seen, /^ +const nkt_user_delivery_t delivery;$/m);
  assert.match(seen, /^ +nkt_link_t \*link;/m);
  assert.match(seen, /^ +const nkt_parcel_t \*const head;$/m);
  assert.match(seen, /^ +nkt_link_t \*const links\[2 \* 2\];$/m);
});
