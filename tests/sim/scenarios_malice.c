/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trackers and relays of ill will: what they touch is refused or late, never wrong. */
#include <stdlib.h>
#include <string.h>

#include "malice.h"
#include "scenarios.h"
#include "wire/limits.h"

/* ---- a man in the middle ---- */

enum { ATTACK_COUNT_MAX = 64 };

typedef struct sim_middle {
    int is_on;
    int is_offer;
    uint32_t count;
    char *to_offerer[ATTACK_COUNT_MAX]; /* by attack: what the offerer gets in place of the answer */
    uint32_t answerer_of[ATTACK_COUNT_MAX];
} sim_middle_t;

static uint32_t fragment_of(sim_t *sim, const char *sdp)
{
    uint32_t id = 0;
    uint8_t fingerprint[SIM_FINGERPRINT_SIZE];
    if (!sim_rtc_parse(sdp, strlen(sdp), &id, fingerprint))
        sim_fail(sim, "no SDP: %s", sdp);
    return id;
}

static char *stand_between(void *context, sim_t *sim, const char *sdp)
{
    sim_middle_t *middle = context;
    if (middle->is_offer) {
        char *to_answerer;
        if (middle->count == ATTACK_COUNT_MAX)
            sim_fail(sim, "more attacks than planned");
        sim_rtc_intercept(sim, sdp, &to_answerer, &middle->to_offerer[middle->count]);
        middle->answerer_of[middle->count++] = fragment_of(sim, to_answerer);
        return to_answerer;
    }
    const sim_end_t *answerer = sim->ends.list[fragment_of(sim, sdp)];
    for (uint32_t i = 0; answerer != NULL && i < middle->count; i++) {
        if (middle->answerer_of[i] != answerer->remote)
            continue;
        sim_rtc_intercept_answer(sim, sdp);
        return (char *)sim_copy((const uint8_t *)middle->to_offerer[i], strlen(middle->to_offerer[i]));
    }
    return NULL;
}

static char *swap(void *context, sim_t *sim, int is_offer, const char *info_hash, const char *sdp)
{
    sim_middle_t *middle = context;
    (void)info_hash;
    middle->is_offer = is_offer;
    return middle->is_on ? sim_malice_reseal(sim, sim->options.room, sdp, stand_between, middle) : NULL;
}

void scenario_swap(const sim_run_options_t *run)
{
    sim_middle_t middle = {.is_on = 1};
    sim_options_t options = sim_defaults(run->seed);
    options.relay_count = 0;
    sim_t *sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.context = &middle, .tracker = swap});
    sim_peers_start(sim, 2, 50);
    sim_run(sim, 60000);
    double refused = 0;
    for (uint32_t i = 0; i < 2; i++) {
        SIM_CHECK(sim, !sim_view(sim->peers[i], sim->peers[1 - i])->is_linked);
        SIM_CHECK(sim, sim->peers[i]->counts.links_up == 0);
        refused += sim_peer_health(sim->peers[i], "dropped.NKT_E_LINK_AUTH");
    }
    SIM_CHECK(sim, refused >= 1);
    middle.is_on = 0; /* an honest tracker again: nothing is left of it */
    uint64_t healed_ms = sim_until(sim, sim_all_are_linked, 130000, "a link once the tracker is honest");
    sim_until(sim, sim_all_have_sessions, 2000, "a session");
    sim_say(sim->peers[0], sim->peers[1]);
    sim_until(sim, sim_all_delivered, 2000, "delivered");
    sim_figures(sim, "intercepted", (double)middle.count, "refused", refused, "healed_ms", (double)healed_ms, NULL);
    for (uint32_t i = 0; i < middle.count; i++)
        free(middle.to_offerer[i]);
    sim_free(sim);
}

/* ---- descriptions that are somebody else's, or rubbish ---- */

typedef struct sim_hijacker {
    int is_on;
    char *kept[2][4]; /* answers, offers */
    uint32_t count;
} sim_hijacker_t;

static char *copy_of(const char *text)
{
    return text == NULL ? NULL : (char *)sim_copy((const uint8_t *)text, strlen(text));
}

static char *mix_up(void *context, sim_t *sim, int is_offer, const char *info_hash, const char *sdp)
{
    sim_hijacker_t *hijacker = context;
    (void)info_hash;
    if (!hijacker->is_on)
        return NULL;
    char **kept = hijacker->kept[is_offer != 0];
    uint64_t slot = sim_random_below(&sim->random, 4);
    char *other = kept[slot];
    kept[slot] = copy_of(sdp);
    char *result = NULL;
    switch (hijacker->count++ % 4) {
    case 0: /* an older one, of whoever */
        result = copy_of(other);
        break;
    case 1: /* the wrong way round */
        result = copy_of(hijacker->kept[is_offer == 0][slot]);
        break;
    case 2: /* a flipped bit */
        result = copy_of(sdp);
        result[sim_random_below(&sim->random, strlen(result))] ^= 1;
        break;
    default:
        result = copy_of("bm90IGZvciB5b3U");
        break;
    }
    free(other);
    return result;
}

void scenario_hijack(const sim_run_options_t *run)
{
    sim_hijacker_t hijacker = {.is_on = 1};
    sim_options_t options = sim_defaults(run->seed);
    options.tracker_count = 2;
    options.relay_count = 0;
    sim_t *sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.context = &hijacker, .tracker = mix_up});
    sim_peers_start(sim, 4, 50);
    sim_run(sim, 60000);
    double dropped = 0;
    for (uint32_t i = 0; i < 4; i++)
        dropped += sim_peer_health(sim->peers[i], "dropped.NKT_E_TRACKER") +
                   sim_peer_health(sim->peers[i], "dropped.NKT_E_PAYLOAD");
    SIM_CHECK(sim, dropped >= 1);
    hijacker.is_on = 0;
    uint64_t healed_ms = sim_until(sim, sim_all_have_sessions, 130000, "sessions once the trackers are honest");
    for (uint32_t i = 0; i < 4; i++)
        sim_say(sim->peers[i], NULL);
    sim_until(sim, sim_all_delivered, 3000, "delivered");
    sim_figures(sim, "mixed_up", (double)hijacker.count, "dropped", dropped, "healed_ms", (double)healed_ms, NULL);
    for (int i = 0; i < 8; i++)
        free(hijacker.kept[i / 4][i % 4]);
    sim_free(sim);
}

/* ---- a relay that cheats ---- */

static sim_verdict_t by_luck(void *context, sim_t *sim, const sim_peer_t *from, const sim_peer_t *to,
                             const uint8_t *bytes, size_t size)
{
    (void)from, (void)to, (void)bytes, (void)size;
    uint64_t luck = sim_random_below(&sim->random, 10);
    uint32_t *counts = context;
    sim_verdict_t verdict = luck < 2 ? SIM_DROP : luck < 4 ? SIM_TWICE : luck < 5 ? SIM_LATE : SIM_PASS;
    counts[verdict]++;
    return verdict;
}

void scenario_evil_relay(const sim_run_options_t *run)
{
    enum { COUNT = 4 };
    uint32_t counts[4] = {0};
    sim_options_t options = sim_defaults(run->seed);
    options.tracker_count = 0;
    options.cut_permille = 1000;
    sim_t *sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.context = counts, .relay = by_luck});
    sim_peers_start(sim, COUNT, 50);
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, 120000, "sessions");
    for (uint32_t i = 0; i < 60; i++) {
        sim_say(sim->peers[i % COUNT], i % 2 == 0 ? NULL : sim->peers[(i + 1) % COUNT]);
        sim_run(sim, 500);
    }
    uint64_t delivered_ms = sim_until(sim, sim_all_delivered, 120000, "delivered");
    sim_figures(sim, "session_ms", (double)session_ms, "delivered_ms", (double)delivered_ms, "hear_p99_ms",
                (double)sim_book_wait_ms(sim, 99), "dropped", (double)counts[SIM_DROP], NULL);
    sim_free(sim);
}

/* ---- a crowd that is not there ---- */

static int has_session(const sim_peer_t *peer, const sim_peer_t *of)
{
    return sim_view(peer, of)->session == NKT_SESSION_ESTABLISHED;
}

static int first_two_talk(sim_t *sim)
{
    return has_session(sim->peers[0], sim->peers[1]) && has_session(sim->peers[1], sim->peers[0]);
}

void scenario_claims(const sim_run_options_t *run)
{
    enum { COUNT = 4, BELIEVED_MS = NKT_CLAIM_MS / 2 };
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.claimed_count = 1000000});
    sim_peers_start(sim, COUNT, 50);
    sim_run(sim, BELIEVED_MS);
    SIM_CHECK(sim, !first_two_talk(sim)); /* it may be true yet, and nobody talks with each of a million */
    nkt_event_t talk = {.kind = NKT_EV_TALK, .address = sim->peers[1]->address, .value = 1};
    SIM_CHECK(sim, sim_peer_step(sim->peers[0], &talk) == NKT_OK);
    uint64_t talk_ms = sim_until(sim, first_two_talk, BELIEVED_MS - 1000, "a session that is wanted");
    SIM_CHECK(sim, !has_session(sim->peers[0], sim->peers[2]));
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, NKT_CLAIM_MS, "sessions");
    uint64_t link_ms = sim_until(sim, sim_all_are_linked, 20000, "links");
    sim_figures(sim, "talk_ms", (double)talk_ms, "session_ms", (double)session_ms, "link_ms", (double)link_ms, NULL);
    sim_free(sim);
}

static int is_tree(const sim_peer_t *peer)
{
    const char *json;
    size_t size;
    SIM_CHECK(peer->sim, nkt_health_json(peer->core, &json, &size) == NKT_OK);
    return strstr(json, "\"mode\":\"tree\"") != NULL;
}

/* A relay that closes each connection after a while, and claims as much of the next one. */
void scenario_claims_flap(const sim_run_options_t *run)
{
    enum { COUNT = 6, TIMES = 40, OPEN_MS = 15000, LOOK_MS = 1000, SETTLE_MS = 60000 };
    enum { TREE_PERMILLE = 50 }; /* 540 when each connection is believed anew, and 8 changes a minute */
    sim_options_t options = sim_defaults(run->seed);
    sim_t *sim = sim_new(&options);
    uint64_t looks = 0, trees = 0;
    sim_peers_start(sim, COUNT, 50);
    sim_until(sim, sim_all_have_sessions, 90000, "sessions");
    sim_run(sim, SETTLE_MS);
    sim_malice_set(sim, &(sim_malice_t){.claimed_count = 1000000});
    for (uint32_t i = 0; i < TIMES; i++) {
        sim_relay_kill(sim, 0);
        sim_relay_revive(sim, 0);
        for (uint32_t ms = 0; ms < OPEN_MS; ms += LOOK_MS) {
            sim_run(sim, LOOK_MS);
            for (uint32_t k = 0; k < COUNT; k++)
                trees += (uint64_t)is_tree(sim->peers[k]);
            looks += COUNT;
        }
    }
    SIM_CHECK(sim, trees * 1000 <= looks * TREE_PERMILLE);
    sim_figures(sim, "tree_permille", (double)(trees * 1000 / looks), NULL);
    sim_free(sim);
}

void scenario_claims_room(const sim_run_options_t *run)
{
    enum { COUNT = 28 };
    sim_options_t options = sim_defaults(run->seed);
    options.peer_count_max = COUNT;
    options.relay_count = 0; /* greetings through one tell of all, whatever it claims */
    sim_t *sim = sim_new(&options);
    sim_malice_set(sim, &(sim_malice_t){.claimed_count = 1000000});
    sim_peers_start(sim, COUNT, 50);
    uint64_t known_ms = sim_until(sim, sim_all_know_all, 40000, "all know all"); /* else nobody's words to all reach all */
    SIM_CHECK(sim, !first_two_talk(sim));
    uint64_t session_ms = sim_until(sim, sim_all_have_sessions, NKT_CLAIM_LONG_MS, "sessions");
    sim_say(sim->peers[0], NULL);
    sim_until(sim, sim_all_delivered, 2000, "delivered");
    sim_figures(sim, "known_ms", (double)known_ms, "session_ms", (double)session_ms, "hear_p99_ms",
                (double)sim_book_wait_ms(sim, 99), NULL);
    sim_free(sim);
}
