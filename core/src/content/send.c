/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames about contents on their way out: over a link, or in an envelope over a relay. */
#include "content/content.h"
#include "routing/routing.h"
#include "state/state.h"

int nkt_source_is_gone(const nkt_source_t *source)
{
    return source->link == NULL && !source->is_relayed;
}

size_t nkt_content_part_size(const nkt_source_t *source)
{
    return source->link != NULL ? NKT_PIECE_PART_SIZE : NKT_RELAYED_PART_SIZE;
}

static void post(nkt_swarm_t *swarm, nkt_source_t *source)
{
    nkt_user_t *user = nkt_user_find(swarm, &source->address);
    nkt_link_t *relay = user == NULL ? NULL : nkt_relay_of(swarm, user);
    if (relay == NULL || nkt_buf_set(nkt_lend(swarm, NKT_LENT_PAYLOAD), swarm->contents.frame.data, swarm->contents.frame.size) < 0) {
        source->is_relayed = 0; /* swept at the end of the step */
        return;
    }
    nkt_post_relayed(swarm, NKT_KIND_CONTENT, user, relay);
}

void nkt_content_send(nkt_swarm_t *swarm, nkt_source_t *source, unsigned flags)
{
    if (source->link != NULL)
        nkt_emit_send(swarm, source->link, swarm->contents.frame.data, swarm->contents.frame.size, flags, 0);
    else if (source->is_relayed)
        post(swarm, source);
}

void nkt_content_later(nkt_swarm_t *swarm)
{
    nkt_alarm_set_by(swarm, &swarm->contents.timer, swarm->now_ms + NKT_TELL_MS);
}
