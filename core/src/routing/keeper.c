/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keeper: keeps letters for members who are away, for days and over its own restarts. Authors give it their own and no
 * others' (each pays with his own share), it gives a receipt once they are stored, and hands them over when it hears of their
 * recipient, again until that one says that it has read them.
 *
 * Whom a letter to everybody is for shows in the keys: those are kept for each recipient, and go with the letters.
 * A keeper learns who, to whom, when and how much, as those who pass an envelope on do. It can withhold, and nothing else.
 */
#include <string.h>

#include "base/base58.h"
#include "nkt.pb-c.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"
#include "wire/pack.h"

enum {
    NUMBER_SIZE = 8,
    NAME_SIZE = sizeof NKT_KEPT_PREFIX - 1 + NUMBER_SIZE,
    RECORD_COUNT_MAX = 2 * NKT_KEPT_PAGE_COUNT_MAX, /* after a crash between its two records a page may have what is in either */
};

/* ---- taking in ---- */

static void due_set(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t wait_ms)
{
    nkt_user_kept_t *own = &user->kept;
    if (own->last_order != 0 || nkt_user_reach(user) == NKT_REACH_NONE || !user->standing.is_member ||
        own->looked_order == swarm->kept.order || nkt_kept_for(&swarm->kept, &user->address) == NULL)
        return; /* something is under way, or nothing is kept */
    if (swarm->now_ms + wait_ms > own->again_ms)
        own->again_ms = swarm->now_ms + wait_ms; /* else it pauses: it took nothing for long */
    own->is_waiting = 1;
    nkt_alarm_set_by(swarm, &swarm->keeper_timer, own->again_ms);
}

/* May this be kept for that author? Its signature is looked at last. */
static int frame_check(const nkt_swarm_t *swarm, const nkt_user_t *author, const nkt_envelope_t *envelope)
{
    int is_to_all = nkt_address_is_zero(&envelope->to);
    int is_key = envelope->kind == NKT_KIND_SESSION && envelope->may_keep && !is_to_all;
    if (nkt_address_compare(&envelope->from, &author->address) != 0 || (!is_key && envelope->kind != NKT_KIND_LETTER))
        return NKT_E_PAYLOAD;
    if (memcmp(envelope->network, swarm->room.network, NKT_NETWORK_SIZE) != 0)
        return NKT_E_NETWORK;
    if (envelope->keep_s == 0 || nkt_address_compare(&envelope->to, &swarm->identity.address) == 0)
        return NKT_E_RECIPIENT;
    return nkt_envelope_verify(envelope, author->record.sign_key);
}

static int frame_keep(nkt_swarm_t *swarm, const nkt_user_t *author, const ProtobufCBinaryData *frame, nkt_kept_head_t *head)
{
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    int err = nkt_envelope_digest(frame->data, frame->len, digest);
    if (err < 0)
        return err;
    memcpy(head->id, digest, NKT_ID_SIZE);
    err = nkt_envelope_decode(&envelope, frame->data, frame->len, digest);
    if (err < 0)
        return err;
    err = frame_check(swarm, author, &envelope);
    head->from = envelope.from;
    head->to = envelope.to;
    head->is_key = envelope.kind == NKT_KIND_SESSION;
    head->is_strangers = !nkt_user_is_proven(swarm, author);
    head->created_ms = envelope.created_ms;
    head->kept_ms = nkt_clock_age(swarm);
    head->until_ms = head->kept_ms + (uint64_t)envelope.keep_s * 1000;
    if (err == NKT_OK)
        err = nkt_kept_add(&swarm->kept, head, frame->data, frame->len);
    nkt_envelope_deinit(&envelope);
    return err;
}

/* Those whom the letter is for may be here: their author does not know it yet. A key may be for letters that came before it. */
static void recipients_wake(nkt_swarm_t *swarm, const nkt_address_t *to, int is_key)
{
    nkt_user_t *user = nkt_address_is_zero(to) ? NULL : nkt_user_find(swarm, to);
    if (user != NULL && is_key)
        user->kept.looked_order = 0;
    if (user != NULL)
        due_set(swarm, user, NKT_MAIL_DELAY_MS);
    for (size_t i = 0; nkt_address_is_zero(to) && i < swarm->users.count; i++)
        due_set(swarm, swarm->user_list[i], NKT_MAIL_DELAY_MS);
}

static void receipt_post(nkt_swarm_t *swarm, nkt_user_t *author, const Nkt__Receipt *receipt)
{
    if (receipt->n_id + receipt->n_refused > 0 && nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &receipt->base) == NKT_OK)
        nkt_post_after(swarm, NKT_KIND_RECEIPT, author, swarm->kept.is_dirty ? NKT_TICKET_STEP : swarm->put_ticket);
}

int nkt_keeper_receive(nkt_swarm_t *swarm, nkt_user_t *author, const nkt_envelope_t *envelope)
{
    uint8_t ids[NKT_LETTER_BATCH_COUNT][NKT_ID_SIZE];
    ProtobufCBinaryData taken[NKT_LETTER_BATCH_COUNT], refused[NKT_LETTER_BATCH_COUNT];
    Nkt__Receipt receipt = NKT__RECEIPT__INIT;
    if (!swarm->settings.keeper || !author->standing.is_member)
        return NKT_E_RECIPIENT;
    Nkt__Keep *keep = nkt_unpack(&nkt__keep__descriptor, envelope->payload_size, envelope->payload);
    if (keep == NULL)
        return NKT_E_PAYLOAD;
    int err = keep->n_frame > NKT_LETTER_BATCH_COUNT ? NKT_E_PAYLOAD : NKT_OK;
    receipt.id = taken;
    receipt.refused = refused;
    for (size_t i = 0; err == NKT_OK && i < keep->n_frame; i++) {
        nkt_kept_head_t head = {0};
        int one = frame_keep(swarm, author, &keep->frame[i], &head);
        if (one == NKT_E_MEMORY)
            break; /* no receipt: it comes again */
        memcpy(ids[i], head.id, NKT_ID_SIZE);
        int is_kept = one == NKT_OK || one == NKT_E_DUPLICATE;
        *(is_kept ? &taken[receipt.n_id++] : &refused[receipt.n_refused++]) = nkt_pack_lend(ids[i], NKT_ID_SIZE);
        if (one == NKT_OK) {
            nkt_count(swarm, NKT_TALLY_LETTERS_KEPT, 1);
            recipients_wake(swarm, &head.to, head.is_key);
        } else if (!is_kept && one != NKT_E_SIZE && one != NKT_E_RECIPIENT) {
            err = one; /* no honest author gives us that */
        } else if (one == NKT_E_RECIPIENT) {
            nkt_drop(swarm, one); /* nothing that is kept for anybody */
        }
    }
    receipt_post(swarm, author, &receipt);
    nkt__keep__free_unpacked(keep, NULL);
    return err;
}

/* ---- handing over ---- */

static int is_for(const nkt_swarm_t *swarm, const nkt_kept_t *kept, const nkt_user_t *user)
{
    if (!nkt_address_is_zero(nkt_kept_to(kept)))
        return nkt_address_compare(nkt_kept_to(kept), &user->address) == 0;
    /* keys that open it are here */
    return nkt_kept_key_ms(&swarm->kept, nkt_kept_from(kept), &user->address) <= kept->created_ms;
}

/* Packs the next that the user has not into NKT_LENT_PAYLOAD. The order of the last of them; 0: there is none, or no memory. */
static uint64_t batch_pack(nkt_swarm_t *swarm, const nkt_user_t *user, size_t *count)
{
    ProtobufCBinaryData frames[NKT_LETTER_BATCH_COUNT];
    Nkt__Mail mail = NKT__MAIL__INIT;
    uint64_t order = 0;
    size_t size = 0;
    const nkt_user_kept_t *own = &user->kept;
    const nkt_kept_t *kept = nkt_kept_after(&swarm->kept, own->order > own->looked_order ? own->order : own->looked_order);
    for (; kept != NULL; kept = kept->at[NKT_KEPT_BY_ORDER].next) {
        if (!is_for(swarm, kept, user))
            continue;
        size += kept->size;
        if (mail.n_frame == NKT_LETTER_BATCH_COUNT || (mail.n_frame > 0 && size > NKT_LETTER_BATCH_SIZE))
            break;
        frames[mail.n_frame++] = nkt_pack_lend(kept->frame, kept->size);
        order = kept->order;
    }
    mail.frame = frames;
    *count = mail.n_frame;
    return mail.n_frame > 0 && nkt_pack(nkt_lend(swarm, NKT_LENT_PAYLOAD), &mail.base) == NKT_OK ? order : 0;
}

/* It has all that is here for it. Its keys stay for a while: an author may write on before he knows that it is back. */
static void visit_end(nkt_swarm_t *swarm, nkt_user_t *user)
{
    const nkt_kept_owner_t *owner = nkt_kept_for(&swarm->kept, &user->address);
    for (const nkt_kept_pair_t *pair = owner == NULL ? NULL : owner->pairs; pair != NULL; pair = pair->next) {
        for (nkt_kept_t *kept = pair->lists[1].head; kept != NULL; kept = kept->at[NKT_KEPT_BY_PAIR].next) {
            if (kept->done_ms == 0 && kept->order <= user->kept.order)
                kept->done_ms = swarm->now_ms;
        }
    }
    user->kept.is_waiting = 0;
    user->kept.looked_order = swarm->kept.order;
}

static void hand_over(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_user_kept_t *own = &user->kept;
    size_t count;
    if (own->attempt >= NKT_KEPT_TRY_COUNT) { /* it takes nothing: another time */
        own->last_order = own->attempt = own->is_waiting = 0;
        own->again_ms = swarm->now_ms + NKT_KEPT_PAUSE_MS;
        return;
    }
    own->last_order = batch_pack(swarm, user, &count);
    if (own->last_order == 0 && count == 0) {
        visit_end(swarm, user);
        return;
    }
    if (own->last_order != 0 && own->attempt == 0)
        nkt_count(swarm, NKT_TALLY_LETTERS_HANDED, count);
    if (own->last_order != 0)
        nkt_post(swarm, NKT_KIND_MAIL, user);
    own->again_ms = swarm->now_ms + ((uint64_t)NKT_KEPT_AGAIN_MS << own->attempt);
    own->attempt++;
}

void nkt_keeper_heard(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (swarm->settings.keeper && swarm->kept.size > 0 && !user->kept.is_waiting)
        due_set(swarm, user, NKT_MAIL_DELAY_MS);
}

void nkt_keeper_receipt(nkt_swarm_t *swarm, nkt_user_t *user, const ProtobufCBinaryData *ids, size_t count)
{
    nkt_user_kept_t *own = &user->kept;
    uint64_t order = own->order;
    for (size_t i = 0; i < count; i++) {
        nkt_kept_t *kept = ids[i].len == NKT_ID_SIZE ? nkt_kept_find(&swarm->kept, ids[i].data) : NULL;
        if (kept == NULL || kept->order > own->last_order || !is_for(swarm, kept, user))
            continue;
        if (kept->order > order)
            order = kept->order;
        if (!kept->is_key && !nkt_address_is_zero(nkt_kept_to(kept)))
            nkt_kept_drop(&swarm->kept, kept);
    }
    if (order == own->order)
        return; /* of a batch before this one */
    own->order = order;
    own->last_order = own->attempt = 0;
    hand_over(swarm, user);
    if (own->is_waiting)
        nkt_alarm_set_by(swarm, &swarm->keeper_timer, own->again_ms);
}

void nkt_keeper_timer(nkt_swarm_t *swarm)
{
    uint64_t next_ms = UINT64_MAX;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        nkt_user_kept_t *own = &user->kept;
        if (!own->is_waiting)
            continue;
        if (nkt_user_reach(user) == NKT_REACH_NONE)
            own->is_waiting = own->last_order = own->attempt = own->again_ms = 0;
        else if (swarm->now_ms >= own->again_ms)
            hand_over(swarm, user);
        if (own->is_waiting && own->again_ms < next_ms)
            next_ms = own->again_ms;
    }
    if (next_ms != UINT64_MAX)
        nkt_alarm_set_by(swarm, &swarm->keeper_timer, next_ms);
}

void nkt_keeper_tidy(nkt_swarm_t *swarm)
{
    if (swarm->settings.keeper)
        nkt_kept_expire(&swarm->kept, nkt_clock_age_sure(swarm), swarm->now_ms);
}

/* ---- storing ---- */

static void name_make(char name[NAME_SIZE], const char *prefix, uint32_t number)
{
    static const char digits[] = "0123456789abcdef";
    memcpy(name, prefix, NAME_SIZE - NUMBER_SIZE);
    for (size_t i = 0; i < NUMBER_SIZE; i++)
        name[NAME_SIZE - 1 - i] = digits[number >> 4 * i & 15];
}

/* The page's record, or that of the keys in it. How many are in it; negative: no memory. */
static int record_put(nkt_swarm_t *swarm, const nkt_kept_page_t *page, int is_keys)
{
    Nkt__StoredKept stored = NKT__STORED_KEPT__INIT;
    Nkt__StoredLetter letters[RECORD_COUNT_MAX];
    Nkt__StoredLetter *pointers[RECORD_COUNT_MAX];
    char name[NAME_SIZE];
    name_make(name, is_keys ? NKT_KEYS_PREFIX : NKT_KEPT_PREFIX, page->number);
    for (const nkt_kept_t *kept = page->list.head; kept != NULL; kept = kept->at[NKT_KEPT_BY_PAGE].next) {
        if ((is_keys && !kept->is_key) || stored.n_letter == RECORD_COUNT_MAX)
            continue;
        Nkt__StoredLetter *letter = &letters[stored.n_letter];
        *letter = (Nkt__StoredLetter)NKT__STORED_LETTER__INIT;
        letter->frame = nkt_pack_lend(kept->frame, kept->size);
        letter->kept_ms = kept->kept_ms;
        pointers[stored.n_letter++] = letter;
    }
    stored.letter = pointers;
    if (stored.n_letter > 0 && nkt_pack(nkt_lend(swarm, NKT_LENT_PLAIN), &stored.base) < 0)
        return NKT_E_MEMORY;
    if (stored.n_letter > 0 || (is_keys ? page->has_keys : page->is_stored))
        nkt_persist_put(swarm, name, NAME_SIZE, stored.n_letter > 0 ? nkt_lent(swarm, NKT_LENT_PLAIN) : NULL);
    return (int)stored.n_letter;
}

static int page_put(nkt_swarm_t *swarm, nkt_kept_page_t *page)
{
    int keys = record_put(swarm, page, 1), all = record_put(swarm, page, 0);
    if (keys < 0 || all < 0)
        return NKT_E_MEMORY;
    page->has_keys = keys > 0;
    page->is_stored = all > 0;
    page->size_stored = page->size;
    page->is_dirty = 0;
    if (page->count == 0 && page != swarm->kept.last_page)
        nkt_kept_page_free(&swarm->kept, page);
    return NKT_OK;
}

void nkt_keeper_flush(nkt_swarm_t *swarm)
{
    if (!swarm->settings.keeper || !swarm->kept.is_dirty)
        return;
    swarm->kept.is_dirty = 0;
    for (nkt_kept_page_t *page = swarm->kept.first_page, *next; page != NULL; page = next) {
        next = page->next;
        if (page->is_dirty && page_put(swarm, page) < 0)
            nkt_effects_fail(swarm);
    }
}

static int letter_restore(nkt_swarm_t *swarm, const Nkt__StoredLetter *stored, uint32_t page)
{
    nkt_kept_head_t head = {.page = page, .kept_ms = stored->kept_ms <= NKT_WALL_MS_MAX ? stored->kept_ms : NKT_WALL_MS_MAX};
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    int err = nkt_envelope_digest(stored->frame.data, stored->frame.len, digest);
    if (err == NKT_OK)
        err = nkt_envelope_decode(&envelope, stored->frame.data, stored->frame.len, digest);
    if (err < 0)
        return NKT_E_RECORD;
    memcpy(head.id, digest, NKT_ID_SIZE);
    head.from = envelope.from;
    head.to = envelope.to;
    head.is_key = envelope.kind == NKT_KIND_SESSION;
    head.created_ms = envelope.created_ms;
    head.until_ms = head.kept_ms + (uint64_t)envelope.keep_s * 1000; /* judged once we know our age */
    nkt_envelope_deinit(&envelope);
    err = nkt_kept_add(&swarm->kept, &head, stored->frame.data, stored->frame.len);
    return err == NKT_E_DUPLICATE ? NKT_OK : err; /* a key is in two records */
}

static int number_read(const char *text, size_t size, uint32_t *number)
{
    *number = 0;
    for (size_t i = 0; i < size; i++) {
        uint32_t digit = text[i] >= '0' && text[i] <= '9' ? (uint32_t)(text[i] - '0') : (uint32_t)(text[i] - 'a') + 10;
        if (size != NUMBER_SIZE || digit > 15)
            return NKT_E_RECORD;
        *number = *number << 4 | digit;
    }
    return *number == 0 ? NKT_E_RECORD : NKT_OK;
}

int nkt_keeper_restore(nkt_swarm_t *swarm, const char *text, size_t size, int is_keys)
{
    const nkt_buf_t *plain = nkt_lent(swarm, NKT_LENT_PLAIN);
    uint32_t number;
    if (number_read(text, size, &number) < 0)
        return NKT_E_RECORD;
    if (!swarm->settings.keeper)
        return NKT_OK; /* left as it is: it may be one again */
    Nkt__StoredKept *stored = nkt__stored_kept__unpack(NULL, plain->size, plain->data);
    if (stored == NULL)
        return NKT_E_RECORD;
    int err = stored->version > NKT_RECORD_VERSION           ? NKT_E_NEWER
              : stored->n_letter <= RECORD_COUNT_MAX ? NKT_OK
                                                             : NKT_E_RECORD;
    for (size_t i = 0; err == NKT_OK && i < stored->n_letter; i++) {
        int one = letter_restore(swarm, stored->letter[i], number);
        err = one == NKT_E_MEMORY ? one : NKT_OK;
    }
    if (err == NKT_OK && !nkt_kept_restored(&swarm->kept, number, is_keys)) {
        char name[NAME_SIZE];
        name_make(name, is_keys ? NKT_KEYS_PREFIX : NKT_KEPT_PREFIX, number);
        nkt_persist_put(swarm, name, NAME_SIZE, NULL);
    }
    nkt__stored_kept__free_unpacked(stored, NULL);
    return err;
}

void nkt_keeper_start(nkt_swarm_t *swarm)
{
    nkt_kept_sort(&swarm->kept, nkt_clock_age(swarm));
}
