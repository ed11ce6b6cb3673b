/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One envelope for several who are away. What was said to everybody is sealed once; each recipient's part carries the key of it,
 * and the positions under which it is said to that one, in its session. It goes to a few who keep it (mailbox.c), and never
 * travels but inside their mail: what a message costs does not grow with the number of those who are away.
 */
#include <string.h>

#include <sodium.h>

#include "base/base58.h"
#include "delivery/delivery.h"
#include "identity/seal.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

/* What goes into one envelope, and for whom. */
typedef struct nkt_sharing {
    nkt_user_t *users[NKT_MAIL_SHARE_COUNT_MAX];
    size_t user_count;
    nkt_message_t *messages[NKT_BATCH_COUNT_MAX];
    size_t message_count, size;
    uint8_t key[NKT_CONTENT_KEY_SIZE];
    Nkt__SharedPart parts[NKT_MAIL_SHARE_COUNT_MAX], *part_list[NKT_MAIL_SHARE_COUNT_MAX];
    size_t part_count;
    nkt_buf_t packed; /* what the parts hold, one behind the other */
    size_t sizes[NKT_MAIL_SHARE_COUNT_MAX][3]; /* of each the KEM header, libsignal's message, the content */
    uint32_t ticket; /* of the PUT that the last of their sessions has to wait for */
    int has_stranger; /* one of them may never have heard of us */
} nkt_sharing_t;

/* ---- what, and for whom ---- */

static int is_waiting(const nkt_swarm_t *swarm, const nkt_parcel_t *parcel)
{
    return !parcel->is_mailed && nkt_address_is_zero(&parcel->message->peer) && nkt_mailbox_may_keep(swarm, parcel);
}

static int has_waiting(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    const nkt_parcel_t *const lists[] = {user->delivery.flight_head, user->delivery.queue_head};
    for (int i = 0; i < 2; i++) {
        for (const nkt_parcel_t *parcel = lists[i]; parcel != NULL; parcel = parcel->next) {
            if (is_waiting(swarm, parcel))
                return 1;
        }
    }
    return 0;
}

/* All that waits for the user counts as mailed. */
static void pass_over(nkt_user_t *user)
{
    nkt_parcel_t *const lists[] = {user->delivery.flight_head, user->delivery.queue_head};
    for (int i = 0; i < 2; i++) {
        for (nkt_parcel_t *parcel = lists[i]; parcel != NULL; parcel = parcel->next)
            parcel->is_mailed |= nkt_address_is_zero(&parcel->message->peer);
    }
}

/* In which order they fell silent: by what stands still in no sleep, and no clock moves back. */
static int is_later(const nkt_user_t *a, const nkt_user_t *b)
{
    return a->presence.heard_at_ms > b->presence.heard_at_ms;
}

/* Those who were here last come in; for the others it waits at its author's. */
static void users_gather(nkt_swarm_t *swarm, nkt_sharing_t *sharing)
{
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!nkt_user_is_given_up(user) || !has_waiting(swarm, user) || !nkt_mailbox_may_post(swarm, user))
            continue;
        size_t place = sharing->user_count;
        if (place == NKT_MAIL_SHARE_COUNT_MAX) {
            place = 0;
            for (size_t k = 1; k < sharing->user_count; k++)
                place = is_later(sharing->users[place], sharing->users[k]) ? k : place;
            nkt_user_t *last = sharing->users[place];
            if (!is_later(user, last)) {
                pass_over(user);
                continue;
            }
            pass_over(last);
        } else {
            sharing->user_count++;
        }
        sharing->users[place] = user;
    }
}

/* Marks the messages with their places in the content. */
static void messages_gather(const nkt_swarm_t *swarm, nkt_sharing_t *sharing)
{
    for (size_t i = 0; i < sharing->user_count; i++) {
        nkt_parcel_t *const lists[] = {sharing->users[i]->delivery.flight_head, sharing->users[i]->delivery.queue_head};
        for (int k = 0; k < 2; k++) {
            for (nkt_parcel_t *parcel = lists[k]; parcel != NULL; parcel = parcel->next) {
                nkt_message_t *message = parcel->message;
                if (!is_waiting(swarm, parcel) || message->share_mark != 0)
                    continue;
                if (sharing->message_count == NKT_BATCH_COUNT_MAX ||
                    (sharing->message_count > 0 && sharing->size + message->size > NKT_BATCH_SIZE_MAX))
                    continue;
                sharing->size += message->size;
                sharing->messages[sharing->message_count++] = message;
                message->share_mark = (uint32_t)sharing->message_count;
            }
        }
    }
}

/* ---- making it ---- */

static int content_make(nkt_swarm_t *swarm, nkt_sharing_t *sharing)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__Say says[NKT_BATCH_COUNT_MAX], *pointers[NKT_BATCH_COUNT_MAX];
    for (size_t i = 0; i < sharing->message_count; i++) {
        const nkt_message_t *message = sharing->messages[i];
        nkt_talk_lend(swarm, &says[i], message, 0, 0);
        pointers[i] = &says[i];
    }
    inner.say = pointers;
    inner.n_say = sharing->message_count;
    if (swarm->host.entropy(swarm->host.context, sharing->key, sizeof sharing->key) < 0)
        return NKT_E_ENTROPY;
    int err = nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &inner.base);
    return err < 0 ? err
                   : nkt_seal_once(nkt_lend(swarm, NKT_LENT_SEALED), sharing->key, NULL, 0, plain->data, plain->size);
}

static size_t places_make(const nkt_swarm_t *swarm, const nkt_user_t *user, Nkt__Place *places, Nkt__Place **pointers)
{
    size_t count = 0;
    const nkt_parcel_t *const lists[] = {user->delivery.flight_head, user->delivery.queue_head};
    for (int i = 0; i < 2; i++) {
        for (const nkt_parcel_t *parcel = lists[i]; parcel != NULL && count < NKT_BATCH_COUNT_MAX; parcel = parcel->next) {
            if (!is_waiting(swarm, parcel) || parcel->message->share_mark == 0)
                continue;
            places[count] = (Nkt__Place)NKT__PLACE__INIT;
            places[count].index = parcel->message->share_mark - 1;
            places[count].stream_id = parcel->stream_id;
            places[count].sequence = parcel->sequence;
            pointers[count] = &places[count];
            count++;
        }
    }
    return count;
}

static int part_keep(nkt_sharing_t *sharing, const nkt_ciphertext_t *sealed)
{
    const nkt_part_t parts[3] = {sealed->kem, sealed->message, sealed->content};
    int err = NKT_OK;
    for (int i = 0; i < 3 && err == NKT_OK; i++) {
        err = nkt_buf_append(&sharing->packed, parts[i].bytes, parts[i].size);
        sharing->sizes[sharing->part_count][i] = parts[i].size;
    }
    return err;
}

static int part_make(nkt_swarm_t *swarm, nkt_sharing_t *sharing, nkt_user_t *user)
{
    nkt_ciphertext_t sealed;
    uint32_t ticket;
    Nkt__Inner inner = NKT__INNER__INIT;
    Nkt__Place places[NKT_BATCH_COUNT_MAX], *pointers[NKT_BATCH_COUNT_MAX];
    inner.has_content_key = 1;
    inner.content_key = nkt_pack_lend(sharing->key, sizeof sharing->key);
    inner.n_place = places_make(swarm, user, places, pointers);
    inner.place = pointers;
    if (inner.n_place == 0)
        return NKT_OK;
    Nkt__SharedPart *part = &sharing->parts[sharing->part_count];
    *part = (Nkt__SharedPart)NKT__SHARED_PART__INIT;
    int err = nkt_talk_ready(swarm, user);
    if (err == NKT_OK)
        err = nkt_talk_seal(swarm, user, &inner, NKT_PAD_PART_SIZE_MIN, &sealed, &ticket);
    if (err == NKT_OK)
        err = part_keep(sharing, &sealed);
    if (err < 0)
        return err;
    part->type = sealed.type;
    sharing->has_stranger |= sealed.type == NKT_CIPHERTEXT_FIRST;
    sharing->ticket = ticket > sharing->ticket ? ticket : sharing->ticket; /* STEP is the highest */
    part->to = nkt_pack_lend(user->address.b, NKT_ADDRESS_SIZE);
    sharing->part_list[sharing->part_count++] = part;
    return NKT_OK;
}

/* Packs it into NKT_LENT_PAYLOAD. */
static int shared_pack(nkt_swarm_t *swarm, nkt_sharing_t *sharing)
{
    const nkt_buf_t *sealed = nkt_lent(swarm, NKT_LENT_SEALED);
    Nkt__Shared shared = NKT__SHARED__INIT;
    const uint8_t *at = sharing->packed.data;
    for (size_t i = 0; i < sharing->part_count; i++) {
        Nkt__SharedPart *part = &sharing->parts[i];
        ProtobufCBinaryData *const fields[3] = {&part->kem, &part->message, &part->body};
        for (int k = 0; k < 3; k++) {
            *fields[k] = nkt_pack_lend(at, sharing->sizes[i][k]);
            at += sharing->sizes[i][k];
        }
    }
    shared.part = sharing->part_list;
    shared.n_part = sharing->part_count;
    shared.content = nkt_pack_lend(sealed->data, sealed->size);
    return nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &shared.base);
}

static void mailed_mark(nkt_swarm_t *swarm, const nkt_sharing_t *sharing, size_t size)
{
    for (size_t i = 0; i < sharing->user_count; i++) {
        nkt_user_t *user = sharing->users[i];
        nkt_parcel_t *const lists[] = {user->delivery.flight_head, user->delivery.queue_head};
        for (int k = 0; k < 2; k++) {
            for (nkt_parcel_t *parcel = lists[k]; parcel != NULL; parcel = parcel->next)
                parcel->is_mailed |= parcel->message->share_mark != 0;
        }
        nkt_mailbox_posted(swarm, user, size / sharing->part_count);
    }
}

/* One envelope, if anything waits. 1: there may be more. */
static int share_once(nkt_swarm_t *swarm)
{
    nkt_sharing_t sharing = {0};
    users_gather(swarm, &sharing);
    messages_gather(swarm, &sharing);
    int err = sharing.message_count == 0 ? NKT_E_STATE : content_make(swarm, &sharing);
    nkt_hold(swarm, NKT_LENT_SEALED); /* the content, while a part is made for each */
    for (size_t i = 0; err == NKT_OK && i < sharing.user_count; i++)
        err = part_make(swarm, &sharing, sharing.users[i]);
    if (err == NKT_OK && sharing.part_count > 0)
        err = shared_pack(swarm, &sharing);
    nkt_let_go(swarm, NKT_LENT_SEALED);
    int count = 0;
    if (err == NKT_OK && sharing.part_count > 0)
        count = nkt_post_shared(swarm, sharing.users, sharing.user_count, sharing.ticket, sharing.has_stranger);
    if (count > 0)
        mailed_mark(swarm, &sharing, nkt_lent(swarm, NKT_LENT_FRAME)->size);
    for (size_t i = 0; i < sharing.message_count; i++)
        sharing.messages[i]->share_mark = 0;
    sodium_memzero(sharing.key, sizeof sharing.key);
    nkt_buf_free(&sharing.packed);
    return count > 0;
}

void nkt_share_post(nkt_swarm_t *swarm)
{
    nkt_alarm_clear(swarm, &swarm->outbox.share_timer);
    swarm->outbox.shared_ms = swarm->now_ms;
    while (swarm->effects.size < NKT_EFFECT_SIZE_HIGH && share_once(swarm))
        ;
}

/* ---- reading it ---- */

static Nkt__Shared *shared_unpack(const nkt_envelope_t *envelope)
{
    Nkt__Shared *shared = nkt_unpack(&nkt__shared__descriptor, envelope->payload_size, envelope->payload);
    int is_ok = shared != NULL && shared->n_part > 0 && shared->n_part <= NKT_MAIL_SHARE_COUNT_MAX;
    for (size_t i = 0; is_ok && i < shared->n_part; i++)
        is_ok = shared->part[i]->to.len == NKT_ADDRESS_SIZE;
    if (!is_ok && shared != NULL) {
        nkt__shared__free_unpacked(shared, NULL);
        return NULL;
    }
    return shared;
}

int nkt_share_recipients(const nkt_envelope_t *envelope, nkt_address_t to[NKT_MAIL_SHARE_COUNT_MAX])
{
    Nkt__Shared *shared = shared_unpack(envelope);
    if (shared == NULL)
        return NKT_E_PAYLOAD;
    int count = (int)shared->n_part;
    for (size_t i = 0; i < shared->n_part; i++)
        memcpy(to[i].b, shared->part[i]->to.data, NKT_ADDRESS_SIZE);
    nkt__shared__free_unpacked(shared, NULL);
    return count;
}

/* Opens the content with the key in the part, and hears what is for us. */
static int content_hear(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope, const Nkt__Inner *part,
                        const Nkt__Shared *shared)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    if (!part->has_content_key || part->content_key.len != NKT_CONTENT_KEY_SIZE || part->n_place > NKT_BATCH_COUNT_MAX)
        return NKT_E_PAYLOAD;
    if (nkt_seal_open_once(nkt_lend(swarm, NKT_LENT_PLAIN), part->content_key.data, NULL, 0, shared->content.data, shared->content.len) < 0)
        return NKT_E_PAYLOAD;
    Nkt__Inner *content = nkt_unpack(&nkt__inner__descriptor, plain->size, plain->data);
    int is_good = content != NULL && content->n_say <= NKT_BATCH_COUNT_MAX, err = is_good ? NKT_OK : NKT_E_PAYLOAD;
    for (size_t i = 0; is_good && i < part->n_place; i++) {
        const Nkt__Place *place = part->place[i];
        int one = NKT_E_PAYLOAD;
        if (place->index < content->n_say && !content->say[place->index]->has_call) {
            Nkt__Say say = *content->say[place->index];
            say.stream_id = place->stream_id;
            say.sequence = place->sequence;
            one = nkt_talk_hear(swarm, user, envelope, &say, NKT_ACK_DELAY_MS);
        }
        err = nkt_talk_each(swarm, err, one);
    }
    if (content != NULL)
        nkt__inner__free_unpacked(content, NULL);
    return err;
}

int nkt_share_receive(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_envelope_t *envelope)
{
    Nkt__Shared *shared = shared_unpack(envelope);
    if (shared == NULL)
        return NKT_E_PAYLOAD;
    int err = NKT_OK;
    uint8_t ends[NKT_ENDS_SIZE];
    nkt_ends_derive(ends, envelope->network, &envelope->from, &swarm->identity.address);
    for (size_t i = 0; i < shared->n_part; i++) {
        const Nkt__SharedPart *part = shared->part[i];
        if (memcmp(part->to.data, swarm->identity.address.b, NKT_ADDRESS_SIZE) != 0)
            continue;
        Nkt__Inner *inner = NULL;
        Nkt__Ciphertext ciphertext = NKT__CIPHERTEXT__INIT;
        ciphertext.type = part->type;
        ciphertext.has_kem = 1;
        ciphertext.kem = part->kem;
        ciphertext.message = part->message;
        ciphertext.content = part->body;
        err = nkt_talk_decrypt(swarm, user, envelope, &ciphertext, ends, &inner);
        if (err == NKT_OK)
            err = content_hear(swarm, user, envelope, inner, shared);
        if (inner != NULL)
            nkt__inner__free_unpacked(inner, NULL);
        break;
    }
    nkt__shared__free_unpacked(shared, NULL);
    return err;
}
