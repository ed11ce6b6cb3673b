/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What peers say: texts made from a number, by which the book knows them again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "world.h"

static sim_said_t *said_add(sim_peer_t *from, const sim_peer_t *to, unsigned flags)
{
    int is_clear = (flags & NKT_SAY_CLEAR) != 0;
    sim_t *sim = from->sim;
    sim_book_t *book = &sim->book;
    if (book->said_count == book->said_capacity) {
        book->said_capacity = book->said_capacity == 0 ? 64 : book->said_capacity * 2;
        book->said = realloc(book->said, book->said_capacity * sizeof *book->said);
        if (book->said == NULL)
            abort();
    }
    sim_said_t *said = &book->said[book->said_count++];
    *said = (sim_said_t){
        .from = from->index,
        .to = to == NULL ? SIM_NOBODY : to->index,
        .is_clear = is_clear,
        .flags = flags,
        .recipient_count = UINT32_MAX,
        .life = from->life,
        .said_ms = sim->now_ms,
        .heard = sim_alloc(sim->options.peer_count_max, 1),
        .heard_ms = sim->options.is_light ? NULL : sim_alloc(sim->options.peer_count_max, sizeof(uint64_t)),
        .heard_place = sim->options.is_light ? NULL : sim_alloc(sim->options.peer_count_max, sizeof(uint32_t)),
        .states = is_clear ? NULL : sim_alloc(sim->options.peer_count_max, 1),
    };
    if (said->states != NULL)
        memset(said->states, -1, sim->options.peer_count_max);
    for (uint32_t i = 0; to == NULL && said->states != NULL && !sim->options.is_light && i < sim->peer_count; i++) {
        if (sim_view(from, sim->peers[i])->is_known && sim_view(from, sim->peers[i])->flags & NKT_USER_LEFT)
            said->states[i] = SIM_STATE_LEFT;
    }
    return said;
}

static uint32_t say(sim_peer_t *from, sim_peer_t *to, size_t size, unsigned flags)
{
    sim_t *sim = from->sim;
    said_add(from, to, flags);
    uint32_t number = sim->book.said_count - 1;
    if (size < SIM_TEXT_SIZE_MIN)
        size = SIM_TEXT_SIZE_MIN;
    uint8_t *text = sim_alloc(size + 1, 1);
    int head = snprintf((char *)text, size, "{\"n\":%u,\"from\":%u,\"pad\":\"", number, from->index);
    memset(text + head, '.', size - (size_t)head);
    memcpy(text + size - 2, "\"}", 2);
    nkt_event_t event = {
        .kind = NKT_EV_SAY, .ticket = number + 1, .flags = flags, .bytes = text, .bytes_size = size};
    if (to != NULL)
        event.address = to->address;
    sim_trace(sim, "%s says #%u to %s", from->name, number, to == NULL ? "all" : to->name);
    int code = sim_peer_step(from, &event);
    free(text);
    if (code < 0 && !(from->may_die && code <= -300))
        sim_fail(sim, "%s cannot say #%u: %s", from->name, number, nkt_err_name(code));
    return number;
}

uint32_t sim_say(sim_peer_t *from, sim_peer_t *to)
{
    return say(from, to, 0, 0);
}

uint32_t sim_say_size(sim_peer_t *from, sim_peer_t *to, size_t size)
{
    return say(from, to, size, 0);
}

uint32_t sim_say_clear(sim_peer_t *from)
{
    return say(from, NULL, 0, NKT_SAY_CLEAR);
}

uint32_t sim_say_clear_size(sim_peer_t *from, size_t size)
{
    return say(from, NULL, size, NKT_SAY_CLEAR);
}

uint32_t sim_call(sim_peer_t *from, sim_peer_t *to)
{
    return say(from, to, 0, NKT_SAY_CALL);
}

int sim_call_cancel(sim_t *sim, uint32_t number)
{
    const sim_said_t *said = &sim->book.said[number];
    return sim_peer_step(sim->peers[said->from],
                         &(nkt_event_t){.kind = NKT_EV_CANCEL, .ticket = number + 1, .address = sim->peers[said->to]->address});
}
