/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said and may be lost: typing, cursors, games. Neither stored nor acknowledged nor repeated, and kept for nobody.
 *
 * Sixty a second are not to cost sixty PUTs, and no crash may lead to a key used twice. So no ratchet moves for them: each end makes a
 * key of its own for each user when it first has something to say so, by chance and in memory alone, and tells it in the session, which
 * gives it both halves' secrecy. What is said is numbered from 1 under that key:
 *
 *     key(n) = H_32(key; T("ephemeral", n u64be))       XChaCha20-Poly1305, used for one
 *
 * Another life has another key, and so has whoever else it is said to: which key it is says who says it, to whom and in which room. Numbers
 * only grow. What is not higher than the newest that was heard is late or repeated, and dropped; so nothing else has to be remembered,
 * and what was lost is not missed. Who lacks a key (begun anew, or the telling was lost) asks for it when it hears something under it.
 *
 * The key of the next number is made when all else is done (nkt_rest()): nobody waits for it then. When another number comes, or the host
 * never rests, it is made when it is wanted.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "base/hash.h"
#include "base/json.h"
#include "delivery/delivery.h"
#include "identity/pad.h"
#include "identity/seal.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

enum {
    KEY_SIZE = 32,
    HEAD_SIZE = 8 + 4, /* epoch, number */
    SEALED_SIZE_MIN = HEAD_SIZE + 1 + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SEALED_SIZE_MAX = HEAD_SIZE + 2048 + crypto_aead_xchacha20poly1305_ietf_ABYTES, /* whoever pads more than we is understood */
};

static void key_of(uint8_t out[KEY_SIZE], const uint8_t key[KEY_SIZE], uint32_t number)
{
    uint8_t bytes[8];
    nkt_put_u64be(bytes, number);
    NKT_HASH(out, KEY_SIZE, key, NKT_LABEL_EPHEMERAL, {bytes, sizeof bytes});
}

/* The key of that number; if it was made ahead it is still there. */
static void key_find(uint8_t out[KEY_SIZE], const nkt_ephemeral_ahead_t *ahead, const uint8_t key[KEY_SIZE], uint32_t number)
{
    assert(number != 0); /* that of what was not made: its key would be known to all */
    if (ahead->number == number)
        memcpy(out, ahead->key, KEY_SIZE);
    else
        key_of(out, key, number);
}

static void ahead_wipe(nkt_ephemeral_ahead_t *ahead)
{
    sodium_memzero(ahead, sizeof *ahead);
}

/* The key of that number was used. */
static void ahead_want(nkt_swarm_t *swarm, const nkt_user_t *user, nkt_ephemeral_ahead_t *ahead)
{
    nkt_ephemerals_t *all = &swarm->ephemerals;
    ahead_wipe(ahead);
    if (all->due_count > 0 && nkt_address_compare(&all->due[all->due_count - 1], &user->address) == 0)
        return;
    if (all->due_count < NKT_EPHEMERAL_AHEAD_COUNT)
        all->due[all->due_count++] = user->address;
}

static void ahead_make(nkt_ephemeral_ahead_t *ahead, const uint8_t key[KEY_SIZE], uint64_t epoch, uint32_t number)
{
    if (epoch == 0 || number == 0 || number == UINT32_MAX || ahead->number == number + 1)
        return;
    key_of(ahead->key, key, number + 1);
    ahead->number = number + 1;
}

void nkt_ephemeral_rest(nkt_swarm_t *swarm)
{
    nkt_ephemerals_t *all = &swarm->ephemerals;
    for (size_t i = 0; i < all->due_count; i++) {
        const nkt_user_t *user = nkt_user_find(swarm, &all->due[i]);
        nkt_user_ephemeral_t *own = user != NULL ? user->ephemeral : NULL;
        if (own == NULL)
            continue;
        ahead_make(&own->ahead_out, own->key_out, own->epoch_out, own->number_out);
        ahead_make(&own->ahead_in, own->key_in, own->epoch_in, own->number_in);
    }
    all->due_count = 0;
}

/* NULL: no memory. Most are never said such a thing: 240 bytes for each who is known. */
static nkt_user_ephemeral_t *own_of(nkt_user_t *user)
{
    if (user->ephemeral == NULL)
        user->ephemeral = calloc(1, sizeof *user->ephemeral);
    return user->ephemeral;
}

/* ---- our keys ---- */

static int key_make(nkt_swarm_t *swarm, nkt_user_ephemeral_t *own)
{
    uint8_t key[KEY_SIZE];
    uint64_t epoch;
    if (swarm->host.entropy(swarm->host.context, key, sizeof key) < 0 ||
        swarm->host.entropy(swarm->host.context, (uint8_t *)&epoch, sizeof epoch) < 0)
        return NKT_E_ENTROPY;
    memcpy(own->key_out, key, sizeof key);
    sodium_memzero(key, sizeof key);
    own->epoch_out = epoch | 1; /* 0 means none */
    own->number_out = 0;
    ahead_wipe(&own->ahead_out); /* of the key before */
    own->made_ms = swarm->now_ms;
    return NKT_OK;
}

static int key_tell(nkt_swarm_t *swarm, nkt_user_t *user)
{
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__EphemeralKey told = NKT__EPHEMERAL_KEY__INIT;
    told.epoch = user->ephemeral->epoch_out;
    told.key = nkt_pack_lend(user->ephemeral->key_out, KEY_SIZE);
    inner.ephemeral_key = &told;
    int err = nkt_talk_send(swarm, user, &inner);
    if (err > 0)
        user->ephemeral->told_ms = swarm->now_ms;
    return err;
}

/* 1: there is one, and it was told; 0: nobody can be told now. */
static int key_ready(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_user_ephemeral_t *own = user->ephemeral;
    if (own->epoch_out != 0 && swarm->now_ms - own->made_ms < NKT_EPHEMERAL_KEY_MS && own->number_out < NKT_EPHEMERAL_KEY_COUNT)
        return 1;
    int err = key_make(swarm, own);
    if (err == NKT_OK)
        err = key_tell(swarm, user);
    if (err <= 0)
        own->epoch_out = 0;
    return err == NKT_E_ENTROPY || err == NKT_E_MEMORY ? err : err > 0;
}

void nkt_ephemeral_asked(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t epoch)
{
    const nkt_user_ephemeral_t *own = user->ephemeral;
    if (own == NULL || own->epoch_out == 0 || epoch != own->epoch_out || swarm->now_ms - own->told_ms < NKT_EPHEMERAL_TELL_MS ||
        !nkt_user_is_open(user))
        return;
    key_tell(swarm, user);
}

/* ---- saying ---- */

/* Its own link, or a relay; NULL: neither can take anything now. */
static nkt_link_t *way_to(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    nkt_link_t *link = user->mesh.link;
    if (link == NULL || !nkt_link_is_steady(link))
        link = nkt_relay_of(swarm, user);
    return link != NULL && !link->pulse.is_pressed ? link : NULL;
}

/* May one more be said to it, by that way? */
static int may_say(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_link_t *link)
{
    nkt_user_ephemeral_t *own = user->ephemeral;
    uint64_t now_ms = swarm->now_ms;
    if (link->kind == NKT_LINK_RTC)
        return nkt_bucket_take(&own->out_bucket, now_ms, NKT_EPHEMERAL_BURST, NKT_EPHEMERAL_PER_S);
    return nkt_bucket_has(&swarm->ephemerals.relay_bucket, now_ms, NKT_EPHEMERAL_RELAYS_BURST, NKT_EPHEMERAL_RELAYS_PER_S) &&
           nkt_bucket_take(&own->relay_bucket, now_ms, NKT_EPHEMERAL_RELAY_BURST, NKT_EPHEMERAL_RELAY_PER_S) &&
           nkt_bucket_take(&swarm->ephemerals.relay_bucket, now_ms, NKT_EPHEMERAL_RELAYS_BURST, NKT_EPHEMERAL_RELAYS_PER_S);
}

/* The plaintext is in NKT_LENT_PLAIN; what is to be sent goes to the end of out. */
static int seal(nkt_swarm_t *swarm, nkt_user_t *user, nkt_buf_t *out)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    uint8_t key[KEY_SIZE], head[HEAD_SIZE];
    nkt_user_ephemeral_t *own = user->ephemeral;
    uint32_t number = ++own->number_out; /* used up, whatever becomes of it */
    nkt_put_u64be(head, own->epoch_out);
    nkt_put_u32be(head + 8, number);
    key_find(key, &own->ahead_out, own->key_out, number);
    ahead_want(swarm, user, &own->ahead_out);
    int err = nkt_buf_append(out, head, sizeof head);
    if (err == NKT_OK)
        err = nkt_seal_once(out, key, NULL, 0, plain->data, plain->size);
    sodium_memzero(key, sizeof key);
    return err;
}

/* What is said, and how. */
typedef struct nkt_saying {
    const uint8_t *bytes;
    size_t size;
    int is_raw, is_to_all;
} nkt_saying_t;

static int plain_write(nkt_swarm_t *swarm, const nkt_saying_t *saying)
{
    Nkt__Ephemeral plain = NKT__EPHEMERAL__INIT;
    plain.created_ms = swarm->time_ms;
    plain.json = nkt_pack_lend(saying->bytes, saying->is_raw ? 0 : saying->size);
    plain.has_all = plain.all = saying->is_to_all;
    plain.has_raw = saying->is_raw;
    plain.raw = nkt_pack_lend(saying->bytes, saying->size);
    return nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &plain.base);
}

/* 1: it left; 0: it did not, and is not missed. */
static int say(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_saying_t *saying)
{
    nkt_link_t *link = way_to(swarm, user);
    if (link == NULL || user->talk.state != NKT_SESSION_ESTABLISHED)
        return 0;
    if (own_of(user) == NULL)
        return NKT_E_MEMORY;
    if (!may_say(swarm, user, link))
        return 0;
    int err = key_ready(swarm, user);
    if (err <= 0)
        return err;
    err = plain_write(swarm, saying);
    nkt_buf_t *out = nkt_lend(swarm, NKT_LENT_PAYLOAD);
    if (err == NKT_OK && link->kind == NKT_LINK_RTC)
        err = nkt_buf_append_u8(out, NKT_FRAME_EPHEMERAL);
    if (err == NKT_OK)
        err = seal(swarm, user, out);
    if (err < 0)
        return err;
    if (link->kind == NKT_LINK_RELAY)
        return nkt_post_relayed(swarm, NKT_KIND_EPHEMERAL, user, link);
    int is_sure = swarm->now_ms - user->ephemeral->told_ms < NKT_EPHEMERAL_SURE_MS; /* the key is on its way over this link */
    const nkt_buf_t *frame = nkt_take(swarm, NKT_LENT_PAYLOAD);
    nkt_emit_send(swarm, link, frame->data, frame->size, is_sure ? 0 : NKT_SEND_LOSSY, 0);
    return 1;
}

int nkt_ephemeral_say(nkt_swarm_t *swarm, nkt_user_t *to, const uint8_t *bytes, size_t size, int is_raw)
{
    const nkt_saying_t saying = {.bytes = bytes, .size = size, .is_raw = is_raw, .is_to_all = to == NULL};
    if (to != NULL) {
        if (to->talk.state == NKT_SESSION_NONE)
            nkt_talk_want(swarm, to); /* the next may arrive */
        return say(swarm, to, &saying);
    }
    int count = 0;
    size_t user_count = swarm->users.count, first = user_count > 0 ? swarm->ephemerals.first++ % user_count : 0;
    for (size_t i = 0; i < user_count; i++) {
        nkt_user_t *user = swarm->user_list[(first + i) % user_count];
        if (!nkt_user_is_addressed(swarm, user) || !nkt_user_is_open(user))
            continue;
        int result = say(swarm, user, &saying);
        if (result < 0)
            return result;
        count += result;
    }
    return count;
}

/* ---- hearing ---- */

int nkt_ephemeral_key_receive(nkt_user_t *user, const Nkt__EphemeralKey *given)
{
    if (given->epoch == 0 || given->key.len != KEY_SIZE)
        return NKT_E_PAYLOAD;
    nkt_user_ephemeral_t *own = own_of(user);
    if (own == NULL)
        return NKT_E_MEMORY;
    if (given->epoch == own->epoch_in)
        return NKT_OK; /* told again: what was heard under it is heard */
    own->epoch_in = given->epoch;
    own->number_in = 0;
    ahead_wipe(&own->ahead_in);
    memcpy(own->key_in, given->key.data, KEY_SIZE);
    return NKT_OK;
}

static void ask(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t epoch)
{
    nkt_user_ephemeral_t *own = user->ephemeral;
    if (user->talk.state != NKT_SESSION_ESTABLISHED || !nkt_user_is_open(user) ||
        (own->asked_ms != 0 && swarm->now_ms - own->asked_ms < NKT_EPHEMERAL_ASK_MS))
        return;
    own->asked_ms = swarm->now_ms;
    Nkt__Inner inner = NKT__INNER__INIT;
    inner.has_ephemeral_asked = 1;
    inner.ephemeral_asked = epoch;
    nkt_talk_send(swarm, user, &inner);
}

/* Either a value, or what is raw and for us alone. */
static int plain_is_sound(const Nkt__Ephemeral *plain, const ProtobufCBinaryData *said)
{
    if (plain->created_ms >= NKT_TIME_MS_MAX || said->len == 0 || said->len > NKT_EPHEMERAL_SIZE_MAX)
        return 0;
    if (plain->has_raw)
        return plain->json.len == 0 && !(plain->has_all && plain->all);
    return nkt_json_is_value((const char *)said->data, said->len, NKT_JSON_DEPTH_MAX, NKT_JSON_ITEM_MAX);
}

static int plain_hear(nkt_swarm_t *swarm, const nkt_user_t *user, const Nkt__Ephemeral *plain)
{
    const ProtobufCBinaryData *said = plain->has_raw ? &plain->raw : &plain->json;
    if (!plain_is_sound(plain, said))
        return NKT_E_PAYLOAD;
    if (plain->created_ms + NKT_EPHEMERAL_LATE_MS < nkt_clock_of(swarm, user))
        return NKT_E_EXPIRED; /* it waited in a queue, or we slept */
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_EPHEMERAL,
                                    .flags = (plain->has_raw ? NKT_EPHEMERAL_RAW : 0) |
                                             (nkt_user_is_of_room(swarm, user) ? NKT_EPHEMERAL_OF_ROOM : 0),
                                    .address = user->address,
                                    .peer = plain->has_all && plain->all ? (nkt_address_t){0} : swarm->identity.address,
                                    .time_ms = nkt_clock_date(swarm, user, plain->created_ms),
                                    .bytes = said->data,
                                    .bytes_size = said->len});
    return NKT_OK;
}

static int open_under(nkt_swarm_t *swarm, nkt_user_t *user, uint32_t number, const uint8_t *sealed, size_t size)
{
    uint8_t key[KEY_SIZE];
    nkt_buf_t *text = nkt_lend(swarm, NKT_LENT_PLAIN);
    nkt_user_ephemeral_t *own = user->ephemeral;
    key_find(key, &own->ahead_in, own->key_in, number);
    int err = nkt_seal_open_once(text, key, NULL, 0, sealed, size);
    sodium_memzero(key, sizeof key);
    if (err < 0)
        return err == NKT_E_PAYLOAD ? NKT_E_DECRYPT : err;
    own->number_in = number; /* from here on it is its author's */
    ahead_want(swarm, user, &own->ahead_in);
    Nkt__Ephemeral *plain = nkt_unpack(&nkt__ephemeral__descriptor, text->size, text->data);
    if (plain == NULL)
        return NKT_E_PAYLOAD;
    err = plain_hear(swarm, user, plain);
    nkt__ephemeral__free_unpacked(plain, NULL);
    return err;
}

int nkt_ephemeral_receive(nkt_swarm_t *swarm, nkt_user_t *user, const uint8_t *bytes, size_t size)
{
    if (size < SEALED_SIZE_MIN || size > SEALED_SIZE_MAX)
        return NKT_E_PAYLOAD;
    nkt_user_ephemeral_t *own = own_of(user);
    if (own == NULL)
        return NKT_E_MEMORY;
    if (!nkt_bucket_take(&own->in_bucket, swarm->now_ms, NKT_EPHEMERAL_HEARD_BURST, NKT_EPHEMERAL_HEARD_PER_S)) {
        nkt_blame_excuse(swarm, 1); /* a line that stood still lets out much at once */
        return NKT_E_RATE;
    }
    if (user->standing.is_ignored) {
        nkt_count(swarm, NKT_TALLY_MESSAGES_IGNORED, 1);
        return NKT_OK;
    }
    uint64_t epoch = (uint64_t)nkt_get_u32be(bytes) << 32 | nkt_get_u32be(bytes + 4);
    uint32_t number = nkt_get_u32be(bytes + 8);
    if (epoch == 0 || number == 0)
        return NKT_E_PAYLOAD;
    if (epoch != own->epoch_in) {
        nkt_blame_excuse(swarm, 1);
        ask(swarm, user, epoch);
        return NKT_E_NO_SESSION;
    }
    if (number <= own->number_in)
        return NKT_E_REPLAY;
    return open_under(swarm, user, number, bytes + HEAD_SIZE, size - HEAD_SIZE);
}

int nkt_ephemeral_frame(nkt_swarm_t *swarm, const nkt_link_t *link, const uint8_t *bytes, size_t size)
{
    nkt_user_t *user = nkt_user_find(swarm, &link->rtc.peer);
    if (user == NULL)
        return NKT_E_SENDER;
    return nkt_ephemeral_receive(swarm, user, bytes + 1, size - 1);
}
