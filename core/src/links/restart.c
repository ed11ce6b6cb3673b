/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A live link whose path broke (another network, a NAT that forgot) gets new candidates instead of a new link: an ICE
 * restart (RFC 8445, 2.4; RFC 9429, 5.2.3), signalled through relay or swarm under the name of the attempt that made the
 * link. What is on its way stays on its way, and the certificates, which both ends have proved, must stay the same.
 */
#include <string.h>

#include "links/links.h"
#include "state/state.h"
#include "state/swarm.h"

/* Can its other end be told without the link itself? In a crowd not by asking everybody: most who fall silent are gone. */
static int has_other_way(nkt_swarm_t *swarm, const nkt_link_t *link, const nkt_user_t *user)
{
    if (user->presence.relay_bits != 0 && nkt_endpoints_up(swarm, NKT_LINK_RELAY) > 0)
        return 1;
    const nkt_link_t *path = nkt_link_find(swarm, nkt_paths_get(&swarm->paths, &user->address));
    if (path != NULL && path != link && !path->pulse.is_suspect)
        return 1;
    for (size_t i = 0; i < swarm->link_count && nkt_view_known(swarm) < NKT_CROWD_COUNT_MIN; i++) {
        const nkt_link_t *other = swarm->links[i];
        if (other != link && nkt_link_is_steady(other))
            return 1;
    }
    return 0;
}

int nkt_restart_begin(nkt_swarm_t *swarm, nkt_link_t *link)
{
    const nkt_user_t *user = nkt_user_find(swarm, &link->rtc.peer);
    if (!link->pulse.is_suspect || link->rtc.restart != NKT_RESTART_NONE || user == NULL || !has_other_way(swarm, link, user))
        return 0;
    nkt_link_alarm(swarm, link, swarm->now_ms + NKT_RTC_RESTART_MS);
    if (!link->rtc.is_offerer) {
        link->rtc.restart = NKT_RESTART_DONE; /* for our part: its offerer begins, so that there is no glare */
        return 1;
    }
    link->rtc.restart = NKT_RESTART_ASKED;
    nkt_emit(swarm, &(nkt_effect_t){.kind = NKT_FX_RTC_RESTART, .link = link->id, .value = NKT_RTC_GATHER_MS});
    return 1;
}

int nkt_restart_is_meant(const nkt_link_t *link, const nkt_signalling_t *signal)
{
    return link != NULL && link->state == NKT_LINK_LIVE && memcmp(link->rtc.attempt, signal->attempt, NKT_ATTEMPT_SIZE) == 0 &&
           (signal->is_restart || signal->type == NKT_SIGNAL_REJECT) &&
           link->rtc.is_offerer == (signal->type != NKT_SIGNAL_OFFER);
}

int nkt_restart_signal(nkt_swarm_t *swarm, nkt_link_t *link, const nkt_signalling_t *signal)
{
    uint8_t fingerprint[NKT_FINGERPRINT_SIZE];
    if (signal->type == NKT_SIGNAL_REJECT) { /* at the other end it is gone */
        if (link->rtc.restart == NKT_RESTART_OFFERED)
            nkt_link_close(swarm, link, 1);
        return NKT_OK;
    }
    size_t sdp_size = strlen(signal->sdp);
    const uint8_t *proved = link->rtc.is_offerer ? link->rtc.auth.answerer_fingerprint : link->rtc.auth.offerer_fingerprint;
    if (nkt_sdp_fingerprint(signal->sdp, sdp_size, fingerprint) < 0 ||
        memcmp(fingerprint, proved, NKT_FINGERPRINT_SIZE) != 0)
        return NKT_E_PAYLOAD; /* that would be another link, not authenticated */
    if (link->rtc.restart == NKT_RESTART_ASKED || (link->rtc.is_offerer && link->rtc.restart != NKT_RESTART_OFFERED))
        return NKT_OK; /* one is under way; an answer to nothing */
    link->rtc.restart = link->rtc.is_offerer ? NKT_RESTART_DONE : NKT_RESTART_ASKED;
    nkt_emit(swarm, &(nkt_effect_t){.kind = link->rtc.is_offerer ? NKT_FX_RTC_ACCEPT : NKT_FX_RTC_ANSWER,
                                    .link = link->id,
                                    .value = link->rtc.is_offerer ? 0 : NKT_RTC_GATHER_MS,
                                    .text = signal->sdp,
                                    .text_size = sdp_size});
    return NKT_OK;
}

void nkt_restart_local(nkt_swarm_t *swarm, nkt_link_t *link, const char *sdp, size_t size)
{
    uint8_t fingerprint[NKT_FINGERPRINT_SIZE];
    const uint8_t *proved = link->rtc.is_offerer ? link->rtc.auth.offerer_fingerprint : link->rtc.auth.answerer_fingerprint;
    if (link->rtc.restart != NKT_RESTART_ASKED)
        return;
    if (size > NKT_SDP_SIZE_MAX || nkt_sdp_fingerprint(sdp, size, fingerprint) < 0 ||
        memcmp(fingerprint, proved, NKT_FINGERPRINT_SIZE) != 0) {
        nkt_link_close(swarm, link, 1);
        return;
    }
    link->rtc.restart = link->rtc.is_offerer ? NKT_RESTART_OFFERED : NKT_RESTART_DONE;
    nkt_count(swarm, NKT_TALLY_RESTARTS, 1);
    nkt_mesh_describe(swarm, link, sdp, size);
}

void nkt_restart_heard(nkt_link_t *link)
{
    if (link->rtc.restart == NKT_RESTART_DONE)
        link->rtc.restart = NKT_RESTART_NONE;
}
