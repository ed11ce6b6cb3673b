/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_hostile GROUP: the rows of one group of hostile.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"

static unsigned row_count;

unsigned hostile_count(void)
{
    return row_count;
}

void hostile_pass(void)
{
    row_count++;
}

void hostile_fail(const char *entry, const char *what, int code, int expected)
{
    fflush(stdout);
    fprintf(stderr, "FAILED: %s, %s: %s (%d), expected %s\n", entry, what, nkt_err_name(code), code, nkt_err_name(expected));
    _Exit(1);
}

static double dropped_of(stage_t *stage, int code)
{
    char path[64];
    snprintf(path, sizeof path, "dropped.%s", nkt_err_name(code));
    return sim_peer_health(stage->victim, path);
}

hostile_view_t hostile_before(stage_t *stage, int expected)
{
    const sim_peer_counts_t *counts = &stage->victim->counts;
    return (hostile_view_t){
        .messages = counts->messages,
        .user_effects = counts->user_effects,
        .links_up = counts->links_up,
        .users = sim_peer_health(stage->victim, "users"),
        .session = sim_view(stage->victim, stage->friend_)->session,
        .dropped = expected < -200 ? dropped_of(stage, expected) : 0,
        .code = expected,
    };
}

static void unchanged_check(stage_t *stage, const hostile_view_t *before, const char *entry, const char *what, int code)
{
    const sim_peer_counts_t *counts = &stage->victim->counts;
    if (counts->messages != before->messages || counts->links_up != before->links_up ||
        sim_peer_health(stage->victim, "users") != before->users ||
        sim_view(stage->victim, stage->friend_)->session != before->session) {
        fprintf(stderr, "something changed\n");
        hostile_fail(entry, what, code, before->code);
    }
}

void hostile_after(stage_t *stage, const hostile_view_t *before, const char *entry, const char *what, int code)
{
    if (code != before->code)
        hostile_fail(entry, what, code, before->code);
    unchanged_check(stage, before, entry, what, code);
    if (code < -200 && dropped_of(stage, code) != before->dropped + 1) {
        fprintf(stderr, "counted %g times\n", dropped_of(stage, code) - before->dropped);
        hostile_fail(entry, what, code, before->code);
    }
    hostile_pass();
}

void hostile_after_any(stage_t *stage, const hostile_view_t *before, const char *entry, const char *what, int code)
{
    if (code >= 0 || code <= -300 || code > -200)
        hostile_fail(entry, what, code, before->code);
    unchanged_check(stage, before, entry, what, code);
    hostile_pass();
}

void hostile_rest(stage_t *stage)
{
    sim_run(stage->sim, 1200);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(uint64_t seed);
    } groups[] = {
        {"relay", hostile_relay},       {"envelopes", hostile_envelopes}, {"records", hostile_records},
        {"payloads", hostile_payloads}, {"sessions", hostile_sessions},   {"tracker", hostile_tracker},
        {"link", hostile_link},         {"stored", hostile_stored},
        {"stored_old", hostile_stored_old},       {"calls", hostile_calls},
        {"options", hostile_options},   {"groups", hostile_groups},
        {"tree", hostile_tree},         {"walks", hostile_walks},         {"carried", hostile_carried},
        {"passed_on", hostile_passed_on}, {"restart", hostile_restart},   {"invites", hostile_invites},
        {"mail", hostile_mail},         {"direct", hostile_direct},
               {"ends", hostile_ends},           {"costs", hostile_costs},
        {"keeper", hostile_keeper},       {"kem_keys", hostile_kem_keys},   {"unheard", hostile_unheard},
    };
    int found = 0;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (argc > 1 && strcmp(argv[1], groups[i].name) != 0)
            continue;
        unsigned before = hostile_count();
        groups[i].run(1);
        printf("%-10s %u rows\n", groups[i].name, hostile_count() - before);
        found = 1;
    }
    return found ? 0 : 2;
}
