/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "book.h"
#include "base/base58.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/limits.h"
#include "world.h"

void sim_book_deinit(sim_book_t *book)
{
    for (uint32_t i = 0; i < book->said_count; i++) {
        free(book->said[i].heard);
        free(book->said[i].states);
        free(book->said[i].heard_ms);
        free(book->said[i].heard_place);
    }
    free(book->said);
    free(book->waits_ms);
    *book = (sim_book_t){.arriving_hops = -1};
}

void sim_book_clear(sim_t *sim)
{
    sim_book_deinit(&sim->book);
}

/* ---- hearing ---- */

static sim_said_t *said_of(sim_peer_t *peer, uint32_t number)
{
    sim_t *sim = peer->sim;
    if (number >= sim->book.said_count)
        sim_fail(sim, "%s was told of #%u, which nobody said", peer->name, number);
    return &sim->book.said[number];
}

static void wait_add(sim_book_t *book, uint64_t ms)
{
    if (book->wait_count == book->wait_capacity) {
        book->wait_capacity = book->wait_capacity == 0 ? 1024 : book->wait_capacity * 2;
        book->waits_ms = realloc(book->waits_ms, book->wait_capacity * sizeof *book->waits_ms);
        if (book->waits_ms == NULL)
            abort();
    }
    book->waits_ms[book->wait_count++] = (uint32_t)ms;
}

void sim_book_message(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_t *sim = peer->sim;
    char text[SIM_TEXT_SIZE_MIN + 1] = {0};
    unsigned number = 0, from = 0;
    const sim_peer_t *sender = sim_peer_seen(peer, &fx->address);
    if (sender == NULL && sim->malice.has_strangers) {
        sim->book.stranger_count++;
        return;
    }
    memcpy(text, fx->bytes, fx->bytes_size < SIM_TEXT_SIZE_MIN ? fx->bytes_size : SIM_TEXT_SIZE_MIN);
    if (sscanf(text, "{\"n\":%u,\"from\":%u,", &number, &from) != 2)
        sim_fail(sim, "%s heard what nobody said: %s", peer->name, text);
    sim_said_t *said = said_of(peer, number);
    sim_trace(sim, "%s hears #%u from %s", peer->name, number, sender == NULL ? "?" : sender->name);
    if (sender == NULL || sender->index != said->from || from != said->from)
        sim_fail(sim, "%s heard #%u from %s, but p%u said it", peer->name, number, sender == NULL ? "?" : sender->name,
                 said->from);
    if (peer->index == said->from || (said->to != SIM_NOBODY && said->to != peer->index))
        sim_fail(sim, "%s heard #%u, which is not for it", peer->name, number);
    if (nkt_address_is_zero(&fx->peer) != (said->to == SIM_NOBODY))
        sim_fail(sim, "%s heard #%u, and was told that it was said to others", peer->name, number);
    if (fx->flags != said->flags)
        sim_fail(sim, "%s heard #%u with flags %u, said with %u", peer->name, number, fx->flags, said->flags);
    if (!said->is_clear && said->states[peer->index] == -1)
        sim_fail(sim, "%s heard #%u without being a recipient", peer->name, number);
    if (said->heard[peer->index] & SIM_HEARD)
        sim_fail(sim, "%s heard #%u twice", peer->name, number);
    said->heard[peer->index] |= SIM_HEARD;
    said->heard_count++;
    if (said->heard_ms != NULL) {
        said->heard_ms[peer->index] = sim->now_ms;
        said->heard_place[peer->index] = ++peer->heard_count;
    }
    if (sim->book.arriving_hops >= 0)
        sim->book.hop_counts[sim->book.arriving_hops & 0xff]++;
    wait_add(&sim->book, sim->now_ms - said->said_ms);
}

/* What the peer said under that id, in whatever life; NULL: nothing. */
static sim_said_t *said_find(sim_peer_t *peer, const uint8_t *id)
{
    sim_book_t *book = &peer->sim->book;
    for (uint32_t i = book->said_count; i-- > 0;) {
        if (book->said[i].from == peer->index && memcmp(book->said[i].id, id, NKT_ID_SIZE) == 0)
            return &book->said[i];
    }
    return NULL;
}

/* A message of an earlier life goes on. */
static void resumed(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_said_t *said = said_find(peer, fx->id);
    if (said == NULL) {
        if (peer->sim->book.said_count > 0 && !peer->sim->malice.has_strangers && fx->value <= 0)
            sim_fail(peer->sim, "%s goes on with a message for nobody", peer->name);
        return; /* the book was cleared meanwhile */
    }
    if (said->life == peer->life)
        sim_fail(peer->sim, "%s goes on twice with one message", peer->name);
    said->life = peer->life;
    said->resumed_count++;
}

void sim_book_said(sim_peer_t *peer, const nkt_effect_t *fx)
{
    if (fx->ticket == SIM_TICKET_FOREIGN)
        return;
    if (fx->ticket == 0) {
        resumed(peer, fx);
        return;
    }
    sim_said_t *said = said_of(peer, fx->ticket - 1);
    if (said->from != peer->index || said->recipient_count != UINT32_MAX)
        sim_fail(peer->sim, "%s: SAID for #%u a second time, or not by it", peer->name, fx->ticket - 1);
    said->recipient_count = (uint32_t)fx->value;
    memcpy(said->id, fx->id, NKT_ID_SIZE);
}

void sim_book_delivery(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_t *sim = peer->sim;
    if (fx->ticket == SIM_TICKET_FOREIGN)
        return;
    sim_said_t *said = fx->ticket == 0 ? said_find(peer, fx->id) : said_of(peer, fx->ticket - 1);
    const sim_peer_t *to = sim_peer_seen(peer, &fx->address);
    if (said == NULL)
        return; /* of before the book was cleared */
    uint32_t number = (uint32_t)(said - sim->book.said);
    if (memcmp(said->id, fx->id, NKT_ID_SIZE) != 0)
        sim_fail(sim, "%s: DELIVERY of #%u with another id", peer->name, number);
    if (to == NULL) /* a user that a test made up */
        return;
    if (said->states == NULL)
        sim_fail(sim, "%s: DELIVERY of #%u, which was said in clear", peer->name, number);
    int8_t *state = &said->states[to->index];
    if (*state == SIM_STATE_LEFT || *state == SIM_STATE_FORGOTTEN)
        sim_fail(sim, "%s is told of #%u for %s, who had left", peer->name, number, to->name);
    if (fx->ticket == 0 && fx->value == NKT_DELIVERY_QUEUED)
        *state = -1; /* begins anew in each life: the last acknowledgement may not have been stored */
    sim_trace(sim, "%s #%u to %s: %s %.*s", peer->name, number, to->name,
              (const char *const[]){"queued", "sent", "delivered", "failed"}[fx->value & 3], (int)fx->text_size, fx->text);
    if (*state == NKT_DELIVERY_DELIVERED || *state == NKT_DELIVERY_FAILED || fx->value <= *state)
        sim_fail(sim, "%s: DELIVERY of #%u goes from %d to %d", peer->name, number, *state, fx->value);
    if (fx->value == NKT_DELIVERY_DELIVERED && said->heard[to->index] == 0)
        sim_fail(sim, "%s: #%u is delivered, but %s did not hear it", peer->name, number, to->name);
    *state = (int8_t)fx->value;
}

void sim_book_forgot(sim_t *sim, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < sim->book.said_count; i++) {
        const sim_said_t *said = &sim->book.said[i];
        if (said->from != from || said->states == NULL)
            continue;
        /* also what was said before it was given up: that fails now */
        if (said->states[to] == SIM_STATE_LEFT || (said->states[to] == NKT_DELIVERY_FAILED && said->heard[to] == 0))
            said->states[to] = SIM_STATE_FORGOTTEN;
    }
}

void sim_book_lost(sim_t *sim, uint32_t peer, uint64_t since_ms)
{
    for (uint32_t i = 0; i < sim->book.said_count; i++) {
        const sim_said_t *said = &sim->book.said[i];
        if (said->heard_ms != NULL && said->heard_ms[peer] < since_ms)
            continue;
        if (said->heard[peer] != 0)
            said->heard[peer] = SIM_HEARD_ONCE;
    }
}

void sim_book_kept(sim_t *sim, uint32_t peer, uint64_t until_ms)
{
    for (uint32_t i = 0; i < sim->book.said_count; i++) {
        sim_said_t *said = &sim->book.said[i];
        if (said->from == peer && until_ms == 0)
            said->is_kept = 0;
        else if (said->from == peer && said->life == sim->peers[peer]->life)
            said->is_kept = said->said_ms < until_ms;
    }
}

void sim_book_past(sim_peer_t *peer, const nkt_effect_t *fx)
{
    sim_t *sim = peer->sim;
    char text[SIM_TEXT_SIZE_MIN + 1] = {0};
    unsigned number = 0, from = 0;
    memcpy(text, fx->bytes, fx->bytes_size < SIM_TEXT_SIZE_MIN ? fx->bytes_size : SIM_TEXT_SIZE_MIN);
    if (sscanf(text, "{\"n\":%u,\"from\":%u,", &number, &from) != 2)
        sim_fail(sim, "%s remembers what nobody said: %s", peer->name, text);
    sim_said_t *said = said_of(peer, number);
    const sim_peer_t *other = sim_peer_seen(peer, &fx->address);
    int is_own = fx->flags & NKT_PAST_SAID;
    if ((is_own != 0) != (said->from == peer->index) || from != said->from)
        sim_fail(sim, "%s remembers #%u as another's", peer->name, number);
    if (other != (is_own ? (said->to == SIM_NOBODY ? NULL : sim->peers[said->to]) : sim->peers[said->from]))
        sim_fail(sim, "%s remembers #%u with another peer", peer->name, number);
    if (!is_own && said->heard[peer->index] == 0)
        sim_fail(sim, "%s remembers #%u and has not heard it", peer->name, number);
    uint64_t at_ms = is_own || said->heard_ms == NULL ? said->said_ms : said->heard_ms[peer->index];
    if (at_ms < peer->past_ms)
        sim_fail(sim, "%s remembers #%u too late", peer->name, number);
    peer->past_ms = at_ms;
    peer->past_count++;
    if (from < sizeof peer->past_from / sizeof peer->past_from[0])
        peer->past_from[from]++;
    peer->past_open_count += is_own && (uint32_t)fx->value + (fx->flags >> NKT_PAST_FAILED_SHIFT) < fx->link;
}

uint32_t sim_heard_count(const sim_t *sim, uint32_t number, const sim_peer_t *by)
{
    uint8_t heard = sim->book.said[number].heard[by->index];
    return (uint32_t)((heard & SIM_HEARD) != 0) + ((heard & SIM_HEARD_ONCE) != 0);
}

int sim_delivery_state(const sim_t *sim, uint32_t number, const sim_peer_t *to)
{
    const int8_t *states = sim->book.said[number].states;
    return states == NULL ? -1 : states[to->index];
}

/* ---- frames that arrive ---- */

enum { FRAME_ENVELOPE = 0x21 }; /* its second byte counts hops */

/* The text of a message is looked for in the frame, whatever stands around it: what is encrypted is not found. */
static void copies_count(sim_t *sim, const uint8_t *bytes, size_t size, int is_rtc)
{
    static const char mark[] = "{\"n\":";
    const uint8_t *at = bytes, *end = bytes + size;
    while (size > sizeof mark && (at = memchr(at, mark[0], (size_t)(end - at))) != NULL) {
        if ((size_t)(end - at) < SIM_TEXT_SIZE_MIN)
            return;
        if (memcmp(at, mark, sizeof mark - 1) == 0) {
            uint32_t number = 0;
            for (const uint8_t *digit = at + sizeof mark - 1; *digit >= '0' && *digit <= '9' && digit < end - 1; digit++)
                number = number * 10 + (*digit - '0');
            if (number < sim->book.said_count)
                *(is_rtc ? &sim->book.said[number].copy_count : &sim->book.said[number].relayed_count) += 1;
        }
        at++;
    }
}

void sim_book_arrives(sim_t *sim, const uint8_t *bytes, size_t size, int is_rtc)
{
    sim->book.arriving_hops = is_rtc && size > 1 && bytes[0] == FRAME_ENVELOPE ? bytes[1] : -1;
    if (sim->options.is_counted)
        copies_count(sim, bytes, size, is_rtc);
}

void sim_book_arrived(sim_t *sim)
{
    sim->book.arriving_hops = -1;
}

/* ---- conditions and figures ---- */

/* Is peer k, which is there, to hear it still, or its author to be told that it did? */
static int is_owed(const sim_t *sim, const sim_said_t *said, uint32_t k)
{
    const sim_peer_t *from = sim->peers[said->from];
    if (said->states[k] == -1 || said->states[k] == SIM_STATE_FORGOTTEN || sim->peers[k]->state != SIM_ON || from->state != SIM_ON ||
        (from->life != said->life && !said->is_kept))
        return 0;
    if (said->states[k] == SIM_STATE_LEFT) /* its author is told nothing of it */
        return said->heard[k] == 0 && sim->now_ms - said->said_ms < NKT_OUTBOX_TTL_MS;
    if (said->states[k] == NKT_DELIVERY_FAILED && (from->may_die || sim->now_ms - said->said_ms >= NKT_OUTBOX_TTL_MS))
        return 0; /* for lack of memory, and it says so; or it waited for a day, and was given up */
    return said->states[k] != NKT_DELIVERY_DELIVERED || said->heard[k] == 0;
}

static void owed_print(const sim_t *sim, const sim_said_t *said, uint32_t k)
{
    const sim_peer_t *from = sim->peers[said->from], *to = sim->peers[k];
    fprintf(stderr, "#%u of %s to %s%s, said at %llu ms: %s, delivery %d; ", (unsigned)(said - sim->book.said), from->name,
            said->to == SIM_NOBODY ? "all: " : "", to->name, (unsigned long long)said->said_ms,
            said->heard[k] ? "heard" : "not heard", said->states[k]);
    if (sim->options.is_light) {
        fputc('\n', stderr);
        return;
    }
    const sim_view_t *there = sim_view(from, to), *back = sim_view(to, from);
    fprintf(stderr, "known %d and %d, session %d and %d, linked %d and %d\n", there->is_known, back->is_known, there->session,
            back->session, there->is_linked, back->is_linked);
}

/* Up to count_max of what is owed are printed, if that is not 0. */
static uint32_t owed_count(const sim_t *sim, uint32_t count_max)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sim->book.said_count; i++) {
        const sim_said_t *said = &sim->book.said[i];
        for (uint32_t k = 0; said->states != NULL && k < sim->peer_count; k++) {
            if (!is_owed(sim, said, k))
                continue;
            count++;
            if (count_max == 0)
                return count;
            if (count <= count_max)
                owed_print(sim, said, k);
        }
    }
    return count;
}

int sim_all_delivered(sim_t *sim)
{
    return owed_count(sim, 0) == 0;
}

void sim_book_owed_print(const sim_t *sim, uint32_t count_max)
{
    uint32_t count = owed_count(sim, count_max);
    if (count > count_max)
        fprintf(stderr, "... of %u that are not delivered\n", count);
}

static int number_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

uint32_t sim_book_wait_ms(sim_t *sim, unsigned percent)
{
    sim_book_t *book = &sim->book;
    if (book->wait_count == 0)
        return 0;
    qsort(book->waits_ms, book->wait_count, sizeof *book->waits_ms, number_order);
    size_t i = book->wait_count * percent / 100;
    return book->waits_ms[i < book->wait_count ? i : book->wait_count - 1];
}

uint32_t sim_book_hops(const sim_t *sim, unsigned percent)
{
    uint64_t all = 0, sum = 0;
    for (unsigned i = 0; i < 256; i++)
        all += sim->book.hop_counts[i];
    for (unsigned i = 0; i < 256 && all > 0; i++) {
        sum += sim->book.hop_counts[i];
        if (sum * 100 >= all * percent)
            return i;
    }
    return 0;
}
