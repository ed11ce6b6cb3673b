/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stage.h"

#include <stdlib.h>
#include <string.h>

#include "malice.h"
#include "relay/relay.h"

enum { DIRECTED_HEADER_SIZE = 1 + NKT_ADDRESS_SIZE };

/* ---- listening ---- */

static void keep(stage_t *stage, stage_entry_t entry, const uint8_t *bytes, size_t size)
{
    if (stage->kept_count == STAGE_KEPT_COUNT) {
        free(stage->kept[0].bytes);
        memmove(stage->kept, stage->kept + 1, (STAGE_KEPT_COUNT - 1) * sizeof stage->kept[0]);
        stage->kept_count--;
    }
    stage->kept[stage->kept_count++] = (stage_kept_t){.entry = entry, .bytes = sim_copy(bytes, size), .size = size};
}

static sim_verdict_t relay_listen(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to,
                                  const uint8_t *bytes, size_t size)
{
    stage_t *stage = context;
    (void)sim;
    size_t header = to == NULL ? 1 : DIRECTED_HEADER_SIZE;
    if (from->index == 0 && !stage->mallory.has_nonce)
        forge_learn_victim(&stage->mallory, bytes + header, size - header);
    if (from->index == 0 && stage->overhear != NULL)
        stage->overhear(stage->overhear_context, STAGE_RELAY, bytes + header, size - header);
    if (from->index != 1)
        return SIM_PASS;
    keep(stage, STAGE_RELAY, bytes, size);
    return stage->is_catching ? SIM_DROP : SIM_PASS;
}

static sim_verdict_t rtc_listen(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to, uint8_t *bytes,
                                size_t *size)
{
    stage_t *stage = context;
    (void)sim;
    (void)to;
    if (from->index == 0 && !stage->mallory.has_nonce)
        forge_learn_victim(&stage->mallory, bytes, *size);
    if (from->index == 0 && stage->overhear != NULL)
        stage->overhear(stage->overhear_context, STAGE_RTC, bytes, *size);
    if (from->index != 1)
        return SIM_PASS;
    if (*size > 0 && bytes[0] == NKT_FRAME_IHAVE)
        return SIM_DROP; /* what was caught is not to be fetched behind the stage's back */
    keep(stage, STAGE_RTC, bytes, *size);
    return stage->is_catching ? SIM_DROP : SIM_PASS;
}

/* ---- setting up ---- */

static stage_t *stage_make(uint64_t seed, int is_keeper)
{
    stage_t *stage = sim_alloc(1, sizeof *stage);
    sim_options_t options = sim_defaults(seed);
    options.peer_count_max = 2;
    options.latency_ms = (sim_range_t){1, 3};
    options.gather_ms = options.setup_ms = (sim_range_t){1, 5};
    sim_t *sim = stage->sim = sim_new(&options);
    forge_init(&stage->mallory, seed, options.room, "mallory", (uint64_t)SIM_WALL_S * 1000);
    sim_malice_set(sim, &(sim_malice_t){.context = stage, .relay = relay_listen, .rtc = rtc_listen, .has_strangers = 1});
    sim_peer_options_t victim = sim_peer_defaults(sim);
    victim.persist = victim.history = victim.keeper = is_keeper;
    stage->victim = sim_peer_add(sim, &victim);
    stage->friend_ = sim_peer_add(sim, NULL);
    sim_peer_start(stage->victim);
    sim_peer_start(stage->friend_);
    sim_until(sim, sim_all_are_linked, 30000, "the stage's link");
    sim_until(sim, sim_all_have_sessions, 30000, "the stage's session");
    sim_run(sim, 200);
    if (!stage->mallory.has_victim)
        sim_fail(sim, "the victim did not greet");
    stage->mallory.victim_kem_key = sim_malice_kem_key(stage->victim);
    forge_greeting(&stage->mallory, NULL, stage_wall_ms(stage));
    int code = stage_put_broadcast(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    if (code < 0)
        sim_fail(sim, "mallory is not let in: %s", nkt_err_name(code));
    if (!stage->mallory.has_nonce)
        return stage; /* the victim asked nobody anything yet: then mallory is a stranger */
    forge_answer(&stage->mallory, stage_wall_ms(stage)); /* who is listened to */
    code = stage_put_directed(stage, stage->mallory.frame.data, stage->mallory.frame.size);
    if (code < 0)
        sim_fail(sim, "mallory does not answer: %s", nkt_err_name(code));
    return stage;
}

stage_t *stage_new(uint64_t seed)
{
    return stage_make(seed, 0);
}

stage_t *stage_new_keeper(uint64_t seed)
{
    return stage_make(seed, 1);
}

void stage_free(stage_t *stage)
{
    for (size_t i = 0; i < stage->kept_count; i++)
        free(stage->kept[i].bytes);
    forge_deinit(&stage->mallory);
    sim_free(stage->sim);
    free(stage);
}

uint64_t stage_wall_ms(const stage_t *stage)
{
    return (uint64_t)((int64_t)SIM_WALL_S * 1000 + (int64_t)stage->sim->now_ms + stage->victim->options.skew_ms);
}

/* ---- playing ---- */

static int is_live(const stage_t *stage, const sim_link_t *link, stage_entry_t entry)
{
    if (link->is_rtc) {
        const sim_end_t *end = stage->sim->ends.list[link->id];
        return entry == STAGE_RTC && end != NULL && end->is_up;
    }
    const sim_socket_t *socket = sim_socket_find(stage->sim, link->id);
    return entry != STAGE_RTC && socket != NULL && socket->is_open &&
           stage->sim->servers[socket->server].is_tracker == (entry == STAGE_TRACKER);
}

int stage_put(stage_t *stage, stage_entry_t entry, const uint8_t *bytes, size_t size)
{
    sim_peer_t *victim = stage->victim;
    for (size_t i = 0; i < victim->link_count; i++) {
        if (!is_live(stage, &victim->links[i], entry))
            continue;
        uint8_t *exact = malloc(size > 0 ? size : 1); /* so that reading past the end is seen */
        if (exact == NULL)
            abort();
        if (size > 0)
            memcpy(exact, bytes, size);
        int code = sim_peer_step(victim, &(nkt_event_t){.kind = NKT_EV_LINK_DATA,
                                                        .link = victim->links[i].link,
                                                        .flags = entry == STAGE_TRACKER ? NKT_SEND_TEXT : 0,
                                                        .bytes = exact,
                                                        .bytes_size = size});
        free(exact);
        return code;
    }
    return NKT_E_LINK;
}

static int put_relayed(stage_t *stage, const nkt_address_t *to, const uint8_t *frame, size_t size)
{
    nkt_buf_t message = {0};
    if (nkt_relay_encode_frame(&message, to, frame, size) < 0)
        abort();
    int code = stage_put(stage, STAGE_RELAY, message.data, message.size);
    nkt_buf_free(&message);
    return code;
}

int stage_put_directed(stage_t *stage, const uint8_t *frame, size_t size)
{
    return put_relayed(stage, &stage->victim->address, frame, size);
}

int stage_put_broadcast(stage_t *stage, const uint8_t *frame, size_t size)
{
    return put_relayed(stage, NULL, frame, size);
}

static uint32_t kind_of(const uint8_t *frame, size_t size)
{
    uint8_t digest[NKT_DIGEST_SIZE];
    nkt_envelope_t envelope;
    if (nkt_envelope_digest(frame, size, digest) < 0 || nkt_envelope_decode(&envelope, frame, size, digest) < 0)
        return 0;
    uint32_t kind = envelope.kind;
    nkt_envelope_deinit(&envelope);
    return kind;
}

const stage_kept_t *stage_catch(stage_t *stage, unsigned kind)
{
    stage->is_catching = 1;
    if (kind == NKT_KIND_SESSION)
        sim_say(stage->friend_, stage->victim);
    if (kind == NKT_KIND_CLEAR)
        sim_say_clear(stage->friend_);
    if (kind == NKT_KIND_GREETING)
        sim_peer_step(stage->friend_, &(nkt_event_t){.kind = NKT_EV_SET_NICK, .text = "joe", .text_size = 3});
    /* what is said goes over the link first, and is no envelope; said again it is */
    sim_run(stage->sim, kind == NKT_KIND_DIGEST ? 60000 : kind == NKT_KIND_SESSION ? 2500 : 20);
    stage->is_catching = 0;
    for (size_t i = stage->kept_count; i-- > 0;) {
        stage_kept_t *kept = &stage->kept[i];
        size_t header = kept->entry == STAGE_RTC ? 0 : kept->bytes[0] == NKT_RELAY_DIRECTED ? DIRECTED_HEADER_SIZE : 1;
        if (kind_of(kept->bytes + header, kept->size - header) != kind)
            continue;
        memmove(kept->bytes, kept->bytes + header, kept->size - header);
        kept->size -= header;
        kept->entry = STAGE_RTC; /* it has no header now */
        return kept;
    }
    sim_fail(stage->sim, "no frame of kind %u was caught", kind);
}

void stage_check_talk(stage_t *stage)
{
    sim_say(stage->friend_, stage->victim);
    sim_say(stage->victim, stage->friend_);
    sim_until(stage->sim, sim_all_delivered, 60000, "the pair still talks");
}
