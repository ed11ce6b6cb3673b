/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes played as what the mode says. */
#include "play.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "gossip/gossip.h"

enum { LATER_KIND = 77 };

static int signed_play(stage_t *stage, const nkt_address_t *to, const uint8_t *bytes, size_t size)
{
    forge_t *mallory = &stage->mallory;
    if (size == 0)
        return 0;
    forge_envelope(mallory, bytes[0], to, bytes + 1, size - 1, stage_wall_ms(stage));
    return to == NULL ? stage_put_broadcast(stage, mallory->frame.data, mallory->frame.size)
                      : stage_put_directed(stage, mallory->frame.data, mallory->frame.size);
}

static int carried_play(stage_t *stage)
{
    return stage_put(stage, STAGE_RTC, stage->mallory.frame.data, stage->mallory.frame.size);
}

static int local_play(stage_t *stage, const uint8_t *bytes, size_t size)
{
    sim_peer_t *victim = stage->victim;
    for (size_t i = 0; i < victim->link_count; i++) {
        if (victim->links[i].is_rtc)
            return sim_peer_step(victim, &(nkt_event_t){.kind = NKT_EV_RTC_LOCAL,
                                                        .link = victim->links[i].link,
                                                        .text = (const char *)bytes,
                                                        .text_size = size});
    }
    return 0;
}

/* Mallory acknowledges nothing: what waits for it is dropped from time to time. */
static int say_play(stage_t *stage, const uint8_t *bytes, size_t size)
{
    nkt_event_t mute = {.kind = NKT_EV_SET_FLAGS, .address = stage->mallory.identity.address, .value = NKT_USER_MUTED};
    nkt_event_t say = {.kind = NKT_EV_SAY,
                       .ticket = SIM_TICKET_FOREIGN,
                       .address = stage->mallory.identity.address,
                       .bytes = bytes,
                       .bytes_size = size};
    int code = sim_peer_step(stage->victim, &say);
    if (sim_random_below(&stage->sim->random, 8) == 0) {
        sim_peer_step(stage->victim, &mute);
        mute.value = 0;
        sim_peer_step(stage->victim, &mute);
    }
    return code;
}

/* A text around those bytes as overlay/invite.c makes it. What is accepted is given up at once: few may wait. */
static int invite_play(stage_t *stage, const uint8_t *bytes, size_t size, int is_answer)
{
    enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING, SUM_SIZE = 4 };
    char text[NKT_INVITE_INPUT_SIZE_MAX] = "";
    uint8_t whole[8192] = {NKT_PROTOCOL_VERSION, (uint8_t)(size >> 8), (uint8_t)size}, sum[SUM_SIZE];
    if (size + 3 + SUM_SIZE > sizeof whole)
        return 0;
    if (size > 0)
        memcpy(whole + 3, bytes, size);
    NKT_HASH(sum, SUM_SIZE, NULL, NKT_LABEL_INVITE_SUM, {whole, size + 3});
    memcpy(whole + 3 + size, sum, SUM_SIZE);
    memcpy(text, is_answer ? "nkt-answer-" : "nkt-invite-", 11);
    sodium_bin2base64(text + 11, sizeof text - 11, whole, size + 3 + SUM_SIZE, VARIANT);
    int code = is_answer ? sim_peer_complete(stage->victim, text) : sim_peer_accept(stage->victim, text);
    if (!is_answer && code == NKT_OK)
        sim_peer_step(stage->victim, &(nkt_event_t){.kind = NKT_EV_CANCEL, .ticket = stage->victim->connect_ticket});
    return code;
}

static int complete_play(stage_t *stage, const uint8_t *bytes, size_t size)
{
    forge_t *mallory = &stage->mallory;
    const nkt_seal_for_t recipient = {.public_key = mallory->victim.identity_key,
                                      .context = mallory->victim.address.b,
                                      .context_size = NKT_ADDRESS_SIZE};
    nkt_buf_clear(&mallory->sealed);
    if (nkt_seal_to(&mallory->sealed, &recipient, bytes, size, &mallory->host) < 0)
        return 0;
    return invite_play(stage, mallory->sealed.data, mallory->sealed.size, 1);
}

static int frame_play(stage_t *stage, int is_made)
{
    const nkt_buf_t *frame = &stage->mallory.frame;
    return is_made ? stage_put_directed(stage, frame->data, frame->size) : 0;
}

int play(stage_t *stage, play_mode_t mode, const uint8_t *bytes, size_t size)
{
    forge_t *mallory = &stage->mallory;
    const nkt_address_t *victim = &stage->victim->address;
    uint64_t wall_ms = stage_wall_ms(stage);
    switch (mode) {
    case PLAY_RELAY:
        return stage_put(stage, STAGE_RELAY, bytes, size);
    case PLAY_BROADCAST:
        return stage_put_broadcast(stage, bytes, size);
    case PLAY_DIRECTED:
        return stage_put_directed(stage, bytes, size);
    case PLAY_RTC:
        return stage_put(stage, STAGE_RTC, bytes, size);
    case PLAY_TRACKER:
        return stage_put(stage, STAGE_TRACKER, bytes, size);
    case PLAY_SEALED:
    case PLAY_ANSWER:
        forge_tracker(mallory, mode == PLAY_SEALED, bytes, size);
        return stage_put(stage, STAGE_TRACKER, mallory->frame.data, mallory->frame.size);
    case PLAY_SIGNED:
        return signed_play(stage, victim, bytes, size);
    case PLAY_SIGNED_TO_ALL:
        return signed_play(stage, NULL, bytes, size);
    case PLAY_WALK: {
        const nkt_signed_record_t own = forge_record(mallory);
        if (size == 0)
            return 0;
        forge_envelope_with(mallory, bytes[0], NULL, bytes + 1, size - 1, wall_ms, &own);
        return carried_play(stage);
    }
    case PLAY_CARRIED:
        forge_carried(mallory, LATER_KIND, bytes, size, wall_ms);
        return carried_play(stage);
    case PLAY_RECORD:
        forge_greeting_of(mallory, bytes, size, victim, wall_ms);
        return frame_play(stage, 1);
    case PLAY_SIGNAL:
        return frame_play(stage, forge_signal(mallory, bytes, size, wall_ms));
    case PLAY_INNER:
        return frame_play(stage, forge_session(mallory, bytes, size, wall_ms));
    case PLAY_CIPHER:
        forge_envelope(mallory, NKT_KIND_SESSION, victim, bytes, size, wall_ms);
        return frame_play(stage, 1);
    case PLAY_LOCAL:
        return local_play(stage, bytes, size);
    case PLAY_SAY:
        return say_play(stage, bytes, size);
    case PLAY_INVITE:
        return invite_play(stage, bytes, size, 0);
    case PLAY_COMPLETE:
        return complete_play(stage, bytes, size);
    case PLAY_MODE_COUNT:
    default:
        return 0;
    }
}
