/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages from "say" to their acknowledgement. A message is kept once, a parcel per recipient. At-least-once on the
 * wire: what is not acknowledged is encrypted and sent again; exactly-once at the other side by its replay window.
 */
#include <assert.h>
#include <string.h>

#include "delivery/delivery.h"
#include "people/people.h"
#include "routing/routing.h"
#include "state/state.h"
#include "state/swarm.h"

enum {
    LOOK_BURST = 16, /* who is looked for at once, of all who may have come back while we were not here ... */
    LOOK_PER_S = 2,
    LOOK_COUNT = 3, /* times one is asked for soon, then whenever a way opens, at most every NKT_RETRY_MS_MAX */
};

/* Something waits for one who was not heard of for a while: its answer makes it heard of again. Asked again a few times, since
 * who was greeted right before (by our last life) does not answer at once. */
static void look_for(nkt_swarm_t *swarm, nkt_user_t *user)
{
    int is_early = user->delivery.retry_attempt < LOOK_COUNT;
    uint64_t gap_ms = is_early ? (uint64_t)NKT_RETRY_MS_BASE << user->delivery.retry_attempt : NKT_RETRY_MS_MAX;
    int can_reach = nkt_post_can_reach(swarm, user);
    if (can_reach && (user->greeting.greeted_ms == 0 || swarm->now_ms - user->greeting.greeted_ms >= gap_ms) &&
        nkt_bucket_take(&swarm->outbox.look_bucket, swarm->now_ms, LOOK_BURST, LOOK_PER_S)) {
        nkt_greet(swarm, user, 0);
        user->delivery.retry_attempt += (uint32_t)is_early;
    }
    if (is_early)
        nkt_outbox_look_later(swarm, user, (uint64_t)NKT_RETRY_MS_BASE << user->delivery.retry_attempt);
}

/* Said in an earlier life? */
static int is_old(const nkt_swarm_t *swarm, const nkt_parcel_t *parcel)
{
    return parcel->message->incarnation != swarm->journal.incarnation;
}

static nkt_parcel_t *queue_take(nkt_user_t *user)
{
    nkt_parcel_t *parcel = user->delivery.queue_head;
    assert((parcel == NULL) == (user->delivery.queue_count == 0));
    if (parcel == NULL)
        return NULL;
    user->delivery.queue_head = parcel->next;
    if (user->delivery.queue_head == NULL)
        user->delivery.queue_tail = NULL;
    user->delivery.queue_count--;
    user->delivery.queue_size -= parcel->message->size;
    parcel->next = NULL;
    return parcel;
}

static void flight_append(const nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel)
{
    assert(parcel->stream_id != 0 && parcel->sequence != 0 && parcel->next == NULL); /* what is under way has its position */
    if (is_old(swarm, parcel)) {
        user->delivery.flight_old_count++;
        user->delivery.flight_incarnation = parcel->message->incarnation;
    }
    if (user->delivery.flight_tail != NULL)
        user->delivery.flight_tail->next = parcel;
    else
        user->delivery.flight_head = parcel;
    user->delivery.flight_tail = parcel;
    user->delivery.flight_count++;
    user->delivery.flight_size += parcel->message->size;
    if (parcel->is_group) {
        user->group.flight_count++;
        user->group.flight_size += parcel->message->size;
    }
}

/* Is this position within the range? Its stream id says of which stream. */
static int is_acked(const nkt_parcel_t *parcel, const nkt_ack_range_t *range)
{
    return parcel->stream_id == range->stream_id && parcel->sequence >= range->first && parcel->sequence <= range->last;
}

/* Takes the parcels out of the flight for which `is_done` holds and ends them. */
static void flight_end(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_ack_range_t *range, uint64_t until_ms,
                       nkt_delivery_state_t state, int err)
{
    nkt_passed_t passed = {0};
    nkt_parcel_t **at = &user->delivery.flight_head;
    nkt_parcel_t *last = NULL;
    while (*at != NULL) {
        nkt_parcel_t *parcel = *at;
        int is_done = range != NULL ? is_acked(parcel, range) : parcel->message->until_ms <= until_ms;
        if (!is_done) {
            last = parcel;
            at = &parcel->next;
            continue;
        }
        *at = parcel->next;
        user->delivery.flight_count--;
        user->delivery.flight_size -= parcel->message->size;
        user->delivery.flight_old_count -= (uint32_t)is_old(swarm, parcel);
        if (parcel->is_group) {
            user->group.flight_count--;
            user->group.flight_size -= parcel->message->size;
            if (range != NULL && !parcel->is_repeated)
                user->group.miss_count = 0;
        }
        nkt_loss_acked(&passed, parcel);
        nkt_parcel_end(swarm, user, parcel, state, err);
    }
    user->delivery.flight_tail = last;
    if (range != NULL)
        nkt_loss_look(swarm, user, &passed);
}

static void queue_end(nkt_swarm_t *swarm, nkt_user_t *user, uint64_t until_ms, int err)
{
    /* in the order of their making: the first that may stay ends the search */
    while (user->delivery.queue_head != NULL && user->delivery.queue_head->message->until_ms <= until_ms)
        nkt_parcel_end(swarm, user, queue_take(user), NKT_DELIVERY_FAILED, err);
}

/* What waits for its turn in the session may have been heard as a broadcast, or out of a mailbox. */
static void queue_acked(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_ack_range_t *range)
{
    nkt_parcel_t **at = &user->delivery.queue_head;
    nkt_parcel_t *last = NULL;
    while (*at != NULL) {
        nkt_parcel_t *parcel = *at;
        if (!is_acked(parcel, range)) {
            last = parcel;
            at = &parcel->next;
            continue;
        }
        *at = parcel->next;
        user->delivery.queue_count--;
        user->delivery.queue_size -= parcel->message->size;
        nkt_parcel_end(swarm, user, parcel, NKT_DELIVERY_DELIVERED, NKT_OK);
    }
    user->delivery.queue_tail = last;
}

/* Lists and what is counted of them agree; where they are empty, that can be seen at a glance. */
static int is_settled(const nkt_user_t *user)
{
    const nkt_user_delivery_t *own = &user->delivery;
    return own->queue_head == NULL && own->flight_head == NULL && own->queue_count == 0 && own->flight_count == 0 &&
           own->queue_size == 0 && own->flight_size == 0 && own->flight_old_count == 0 && own->letter_count == 0 &&
           user->group.parcel_count == 0 && user->group.flight_count == 0 && user->group.flight_size == 0;
}

void nkt_outbox_drop(nkt_swarm_t *swarm, nkt_user_t *user, int err)
{
    queue_end(swarm, user, UINT64_MAX, err);
    flight_end(swarm, user, NULL, UINT64_MAX, NKT_DELIVERY_FAILED, err);
    assert(is_settled(user));
    nkt_alarm_clear(swarm, &user->delivery.retry_timer);
    nkt_alarm_clear(swarm, &user->delivery.pump_timer);
    nkt_alarm_clear(swarm, &user->delivery.loss_timer);
    nkt_outbox_weigh(swarm, user);
}

/* ---- adding ---- */

static uint64_t retry_wait(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    uint64_t wait_ms = NKT_RETRY_MS_MAX;
    if (user->delivery.retry_attempt < 5)
        wait_ms = (uint64_t)NKT_RETRY_MS_BASE << user->delivery.retry_attempt;
    return wait_ms / 2 + nkt_chance_below(swarm, wait_ms / 2 + 1);
}

/* The broadcast of a message was its sending. Its acknowledgement takes its time: all send one. */
static void broadcast_sent(nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t *parcel)
{
    parcel->due_ms = swarm->now_ms + nkt_group_ack_window_ms(swarm) + NKT_RETRY_MS_BASE;
    flight_append(swarm, user, parcel);
    nkt_parcel_tell(swarm, parcel, NKT_DELIVERY_SENT, NKT_OK);
    nkt_alarm_set_by(swarm, &user->delivery.retry_timer, parcel->due_ms + retry_wait(swarm, user));
}

static void parcel_add(nkt_swarm_t *swarm, nkt_user_t *user, nkt_message_t *message)
{
    nkt_parcel_t *parcel = nkt_parcel_stream(swarm, user) < 0 ? NULL : nkt_parcel_new(swarm, message, &user->address);
    if (parcel == NULL) {
        message->failed_count++;
        nkt_parcel_tell(swarm, &(nkt_parcel_t){.message = message, .to = user->address}, NKT_DELIVERY_FAILED, NKT_E_OUTBOX_FULL);
        return;
    }
    if (!nkt_user_is_owed(user))
        user->delivery.progress_ms = swarm->now_ms;
    user->delivery.letter_count += nkt_parcel_is_letter(parcel);
    nkt_parcel_position(swarm, user, parcel);
    nkt_parcel_tell(swarm, parcel, NKT_DELIVERY_QUEUED, NKT_OK);
    if (parcel->is_group && message->is_broadcast && nkt_group_holds(swarm, user)) {
        broadcast_sent(swarm, user, parcel);
        nkt_outbox_weigh(swarm, user);
        return;
    }
    nkt_parcel_queue(swarm, user, parcel);
    /* somebody who is away for long must not fill the outbox of those who are here */
    while (!nkt_outbox_is_active(swarm, user) && user->delivery.queue_head != parcel &&
           (user->delivery.queue_count > NKT_QUEUE_COUNT_MAX || user->delivery.queue_size > NKT_QUEUE_SIZE_MAX))
        nkt_parcel_end(swarm, user, queue_take(user), NKT_DELIVERY_FAILED, NKT_E_OUTBOX_FULL);
}

/* A message that we say now. */
static nkt_message_t *message_make(nkt_swarm_t *swarm, const uint8_t *json, size_t size, uint32_t ticket)
{
    nkt_message_t *message = nkt_message_new(json, size);
    if (message == NULL)
        return NULL;
    if (swarm->host.entropy(swarm->host.context, message->id, NKT_ID_SIZE) < 0) {
        nkt_message_free(message);
        return NULL;
    }
    message->ticket = ticket;
    message->is_said = 1;
    memcpy(message->network, swarm->room.network, NKT_NETWORK_SIZE);
    message->incarnation = swarm->journal.incarnation;
    message->date_ms = swarm->wall_ms;
    message->until_ms = swarm->now_ms + NKT_OUTBOX_TTL_MS;
    message->parcel_count = 1; /* held here until all parcels are made */
    swarm->outbox.count++;
    swarm->outbox.size += size;
    return message;
}

static void said_tell(nkt_swarm_t *swarm, nkt_message_t *message, size_t recipient_count)
{
    message->recipient_count = (uint32_t)recipient_count;
    nkt_effect_t fx = {.kind = NKT_FX_SAID, .ticket = message->ticket, .value = (int32_t)recipient_count};
    memcpy(fx.id, message->id, NKT_ID_SIZE);
    nkt_emit(swarm, &fx);
    nkt_count(swarm, NKT_TALLY_MESSAGES_OUT, 1);
}

static int is_recipient(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return nkt_user_is_addressed(swarm, user) && !nkt_away_has_left(user);
}

static void say_to_all(nkt_swarm_t *swarm, nkt_message_t *message)
{
    size_t count = 0;
    for (size_t i = 0; i < swarm->users.count; i++)
        count += (size_t)is_recipient(swarm, swarm->user_list[i]);
    said_tell(swarm, message, count);
    nkt_group_say(swarm, message, count);
    nkt_letter_say(swarm, message);
    for (size_t i = 0; i < swarm->users.count; i++) {
        if (is_recipient(swarm, swarm->user_list[i]))
            parcel_add(swarm, swarm->user_list[i], message);
    }
    nkt_away_said(swarm, message);
    nkt_outbox_pump_all(swarm);
}

int nkt_outbox_add(nkt_swarm_t *swarm, nkt_user_t *to, const uint8_t *json, size_t size, uint32_t ticket, unsigned flags)
{
    if (swarm->outbox.count >= NKT_OUTBOX_COUNT_MAX || swarm->outbox.size + size > NKT_OUTBOX_SIZE_MAX)
        return NKT_E_OUTBOX_FULL;
    nkt_message_t *message = message_make(swarm, json, size, ticket);
    if (message == NULL)
        return NKT_E_MEMORY;
    message->is_call = (flags & NKT_SAY_CALL) != 0;
    message->is_content = (flags & NKT_SAY_CONTENT) != 0;
    if (to != NULL) {
        message->peer = to->address;
        said_tell(swarm, message, 1);
        parcel_add(swarm, to, message);
        if (nkt_away_has_left(to))
            look_for(swarm, to); /* once: when it comes it is heard of */
        nkt_outbox_pump(swarm, to);
        nkt_outbox_weigh(swarm, to);
    } else {
        say_to_all(swarm, message);
    }
    if (!message->is_call) /* whoever waits for its answer is gone when this life ends */
        nkt_journal_said(swarm, message);
    nkt_message_release(swarm, message);
    return NKT_OK;
}

/* ---- sending ---- */

/* How many parcels from this one on travel in one envelope. */
static size_t batch_count(const nkt_parcel_t *parcel, size_t count_max, uint64_t now_ms)
{
    size_t count = 0, size = 0;
    uint64_t incarnation = parcel->message->incarnation;
    for (; parcel != NULL && count < count_max && count < NKT_BATCH_COUNT_MAX; parcel = parcel->next) {
        size += parcel->message->size;
        if (count > 0 && (size > NKT_BATCH_SIZE_MAX || parcel->due_ms > now_ms || parcel->message->incarnation != incarnation))
            break;
        count++;
    }
    return count;
}

/* In flight in its session; what was broadcast has limits of its own (group.c). */
static uint32_t session_flight_count(const nkt_user_t *user)
{
    return user->delivery.flight_count - user->group.flight_count;
}

/* Who was long away is told life by life: a replay window knows the streams of two (NKT_STREAM_PER_USER_MAX). */
static int is_its_turn(const nkt_user_t *user)
{
    return user->delivery.flight_old_count == 0 || user->delivery.queue_head->message->incarnation == user->delivery.flight_incarnation;
}

static int has_room(const nkt_user_t *user)
{
    if (!is_its_turn(user))
        return 0;
    if (user->delivery.flight_count >= NKT_FLIGHT_COUNT_MAX + user->group.flight_count ||
        user->delivery.flight_size >= NKT_FLIGHT_SIZE_MAX + user->group.flight_size)
        return 0;
    return user->mesh.link == NULL || !user->mesh.link->pulse.is_pressed;
}

/* Under load it pays to wait a moment for company. */
static int is_worth_waiting(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (session_flight_count(user) < NKT_BATCH_FLIGHT_COUNT || user->delivery.queue_size >= NKT_BATCH_SIZE_MAX ||
        user->delivery.queue_count >= NKT_BATCH_COUNT_MAX || swarm->now_ms >= user->delivery.sent_ms + NKT_BATCH_MS)
        return 0;
    nkt_alarm_set_by(swarm, &user->delivery.pump_timer, user->delivery.sent_ms + NKT_BATCH_MS);
    return 1;
}

/* Moves the first parcels of the queue into the flight and sends them. */
static int batch_send(nkt_swarm_t *swarm, nkt_user_t *user)
{
    size_t count = batch_count(user->delivery.queue_head, NKT_FLIGHT_COUNT_MAX - session_flight_count(user), UINT64_MAX);
    nkt_parcel_t *first = user->delivery.queue_head;
    for (size_t i = 0; i < count; i++) {
        nkt_parcel_t *parcel = queue_take(user);
        if (parcel == NULL)
            break;
        parcel->due_ms = swarm->now_ms + NKT_RETRY_FAST_MS;
        flight_append(swarm, user, parcel);
    }
    int result = nkt_talk_say(swarm, user, first, count);
    user->delivery.sent_ms = swarm->now_ms;
    if (result > 0) {
        for (nkt_parcel_t *parcel = first; parcel != NULL; parcel = parcel->next)
            nkt_parcel_tell(swarm, parcel, NKT_DELIVERY_SENT, NKT_OK);
    }
    nkt_alarm_set_by(swarm, &user->delivery.retry_timer, swarm->now_ms + retry_wait(swarm, user));
    return result;
}

/* A session or link is new. */
static void repeat_soon(nkt_swarm_t *swarm, nkt_user_t *user)
{
    user->delivery.retry_attempt = 0;
    if (user->delivery.flight_head != NULL)
        nkt_alarm_set_by(swarm, &user->delivery.retry_timer, swarm->now_ms + NKT_RETRY_FAST_MS);
}

/* Who is given up since we are here was asked before; whoever left will be heard of when he is back. */
static int is_worth_looking(const nkt_user_t *user)
{
    return !nkt_away_has_left(user) && (user->delivery.letter_count > 0 || user->presence.heard_at_ms == 0);
}

/* is_last: there is no later, so nothing waits for company. */
static void pump(nkt_swarm_t *swarm, nkt_user_t *user, int is_last)
{
    if (user->delivery.queue_head == NULL)
        return;
    if (nkt_user_is_given_up(user) && is_worth_looking(user))
        look_for(swarm, user);
    if (!nkt_user_is_open(user)) {
        nkt_letter_want(swarm, user);
        nkt_mailbox_post(swarm, user);
        return;
    }
    if (nkt_user_is_lost(swarm, user)) {
        nkt_user_ask(swarm, user);
        return; /* its answer, or its good-bye, goes on from here */
    }
    if (!nkt_session_exists(&user->session)) {
        if (!nkt_talk_seek(swarm, user))
            return;
        repeat_soon(swarm, user);
    }
    if (!nkt_post_can_reach(swarm, user))
        return;
    while (user->delivery.queue_head != NULL && has_room(user) && (is_last || !is_worth_waiting(swarm, user))) {
        if (batch_send(swarm, user) < 0)
            break;
    }
    nkt_outbox_weigh(swarm, user);
}

void nkt_outbox_pump(nkt_swarm_t *swarm, nkt_user_t *user)
{
    pump(swarm, user, 0);
}

/* What pumping it is going to cost, in encryptions in a session that is there. */
static uint32_t effort_of(const nkt_swarm_t *swarm, const nkt_user_t *user)
{
    if (!nkt_user_is_open(user) || !nkt_post_can_reach(swarm, user) || !has_room(user))
        return 0;
    return nkt_session_exists(&user->session) ? 1 : NKT_TURN_SESSION_EFFORT;
}

void nkt_outbox_pump_all(nkt_swarm_t *swarm)
{
    uint32_t effort = 0;
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (user->delivery.queue_head == NULL)
            continue;
        uint32_t turn = effort / NKT_TURN_EFFORT;
        effort += effort_of(swarm, user);
        if (turn == 0)
            nkt_outbox_pump(swarm, user);
        else
            nkt_alarm_set_by(swarm, &user->delivery.pump_timer, swarm->now_ms + (uint64_t)turn * NKT_TURN_MS);
        nkt_outbox_weigh(swarm, user);
    }
}

void nkt_outbox_pump_rest(nkt_swarm_t *swarm)
{
    for (size_t i = 0; i < swarm->users.count; i++) {
        nkt_user_t *user = swarm->user_list[i];
        if (!nkt_timer_is_set(&user->delivery.pump_timer))
            continue;
        nkt_alarm_clear(swarm, &user->delivery.pump_timer);
        pump(swarm, user, 1);
    }
}

/* ---- acknowledgement and retry ---- */

/* The retry waits while acknowledgements keep coming, but not those of broadcasts (is_group), nor for what was broadcast:
 * in a session the flight fills up and is waited for, broadcasts go on. */
static void retry_later(nkt_swarm_t *swarm, nkt_user_t *user, int is_group)
{
    const nkt_parcel_t *first = user->delivery.flight_head;
    uint64_t at_ms = swarm->now_ms + retry_wait(swarm, user);
    if (first == NULL)
        nkt_alarm_clear(swarm, &user->delivery.retry_timer);
    else if ((is_group || first->is_group) && first->due_ms <= swarm->now_ms)
        nkt_alarm_set_by(swarm, &user->delivery.retry_timer, at_ms);
    else
        nkt_alarm_set(swarm, &user->delivery.retry_timer, first->due_ms > at_ms ? first->due_ms : at_ms);
}

void nkt_outbox_acked(nkt_swarm_t *swarm, nkt_user_t *user, const nkt_ack_range_t *range)
{
    int is_group = range->stream_id == swarm->group.stream_id;
    int is_kept = nkt_user_is_given_up(user); /* it was here while we were not: of whatever life of ours */
    if (range->stream_id == 0 ||
        (!is_group && !is_kept && range->stream_id != user->delivery.stream_id && user->delivery.flight_old_count == 0))
        return;
    uint32_t before = user->delivery.flight_count + user->delivery.queue_count;
    flight_end(swarm, user, range, 0, NKT_DELIVERY_DELIVERED, NKT_OK);
    if (is_group || is_kept)
        queue_acked(swarm, user, range);
    if (user->delivery.flight_count + user->delivery.queue_count == before)
        return;
    nkt_user_prove(swarm, user, NKT_PROOF_TALKED);
    user->delivery.retry_attempt = 0;
    user->delivery.progress_ms = swarm->now_ms;
    retry_later(swarm, user, is_group);
    nkt_outbox_pump(swarm, user);
    nkt_outbox_weigh(swarm, user);
}

void nkt_outbox_expire(nkt_swarm_t *swarm, nkt_user_t *user)
{
    uint32_t old_count = user->delivery.flight_old_count;
    if (!nkt_user_is_owed(user))
        return; /* most of those who are known */
    queue_end(swarm, user, swarm->now_ms, NKT_E_TIMEOUT);
    flight_end(swarm, user, NULL, swarm->now_ms, NKT_DELIVERY_FAILED, NKT_E_TIMEOUT);
    if (old_count > 0 && user->delivery.flight_old_count == 0)
        nkt_outbox_pump(swarm, user); /* the next life's turn */
    nkt_outbox_weigh(swarm, user);
}

static int can_send_to(nkt_swarm_t *swarm, const nkt_user_t *user)
{
    return nkt_session_exists(&user->session) && nkt_post_can_reach(swarm, user) && !nkt_user_is_lost(swarm, user) &&
           (user->mesh.link == NULL || !user->mesh.link->pulse.is_pressed) && swarm->effects.size < NKT_EFFECT_SIZE_HIGH;
}

/* Says again so many parcels of the flight, from that one on, in one envelope, and goes on to the one behind them. As nkt_talk_say(). */
static int batch_repeat(nkt_swarm_t *swarm, nkt_user_t *user, nkt_parcel_t **at, size_t count)
{
    nkt_parcel_t *parcel = *at;
    int result = nkt_talk_say(swarm, user, parcel, count);
    nkt_count(swarm, NKT_TALLY_RETRIES, 1);
    for (; count > 0; count--, parcel = parcel->next) {
        parcel->due_ms = swarm->now_ms + NKT_RETRY_FAST_MS;
        parcel->is_lost = 0;
        if (parcel->is_group && !parcel->is_repeated)
            nkt_group_missed(swarm, user);
        parcel->is_repeated = 1;
    }
    *at = parcel;
    return result;
}

void nkt_outbox_retry(nkt_swarm_t *swarm, nkt_user_t *user)
{
    nkt_outbox_expire(swarm, user);
    if (nkt_user_is_given_up(user))
        nkt_outbox_pump(swarm, user);
    else if (user->delivery.flight_head != NULL)
        nkt_letter_want(swarm, user); /* if it does not answer */
    if (user->delivery.flight_head == NULL || !nkt_user_is_open(user))
        return;
    int can_send = can_send_to(swarm, user);
    uint64_t due_ms = UINT64_MAX;
    int is_repeating = 0;
    for (nkt_parcel_t *parcel = user->delivery.flight_head; can_send && parcel != NULL;) {
        if (parcel->due_ms > swarm->now_ms) {
            due_ms = parcel->due_ms < due_ms ? parcel->due_ms : due_ms;
            parcel = parcel->next;
            continue;
        }
        size_t count = batch_count(parcel, NKT_BATCH_COUNT_MAX, swarm->now_ms);
        can_send = batch_repeat(swarm, user, &parcel, count) >= 0;
        is_repeating = 1;
    }
    if (is_repeating)
        nkt_way_forget(swarm, &user->address); /* it may have led nowhere: the next try floods */
    if (can_send && !is_repeating && due_ms != UINT64_MAX) { /* too early for all of them: no attempt */
        nkt_alarm_set(swarm, &user->delivery.retry_timer, due_ms);
        return;
    }
    user->delivery.retry_attempt++;
    nkt_alarm_set(swarm, &user->delivery.retry_timer, swarm->now_ms + retry_wait(swarm, user));
}

void nkt_outbox_lost(nkt_swarm_t *swarm, nkt_user_t *user)
{
    int can_send = nkt_user_is_open(user) && can_send_to(swarm, user); /* if not: the retry's business */
    for (nkt_parcel_t *parcel = user->delivery.flight_head; can_send && parcel != NULL;) {
        size_t count = nkt_loss_count(swarm, parcel);
        if (count == 0) {
            if (parcel->is_lost)
                nkt_alarm_set_by(swarm, &user->delivery.loss_timer, parcel->lost_ms);
            parcel = parcel->next;
            continue;
        }
        if (parcel->due_ms > swarm->now_ms)
            parcel->due_ms = swarm->now_ms; /* it is said again: NKT_POST_AGAIN */
        can_send = batch_repeat(swarm, user, &parcel, count) >= 0;
    }
}

void nkt_outbox_say_again(nkt_swarm_t *swarm, nkt_user_t *user)
{
    for (nkt_parcel_t *parcel = user->delivery.flight_head; parcel != NULL; parcel = parcel->next) {
        if (parcel->is_group && !parcel->is_repeated)
            parcel->due_ms = swarm->now_ms;
    }
    nkt_outbox_hurry(swarm, user);
}

void nkt_outbox_hurry(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (!nkt_user_is_open(user))
        return;
    repeat_soon(swarm, user);
    nkt_outbox_pump(swarm, user);
}

void nkt_talk_want(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (nkt_talk_seek(swarm, user))
        nkt_outbox_hurry(swarm, user);
}

void nkt_talk_call(nkt_swarm_t *swarm, nkt_user_t *user, int is_called)
{
    user->talk.is_called = is_called && user->talk.state != NKT_SESSION_ESTABLISHED;
    if (user->talk.is_called)
        nkt_talk_want(swarm, user);
}

void nkt_talk_session_timer(nkt_swarm_t *swarm, nkt_user_t *user)
{
    if (nkt_talk_session_due(swarm, user))
        nkt_outbox_hurry(swarm, user);
}
