/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stored bytes that the host hands in: a clear -1xx, and nothing changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"

/* A core that is not started yet, as p0 of that world would be made. */
static nkt_core_t *fresh_core(sim_peer_t *peer, sim_random_t *random)
{
    return sim_peer_core_again(peer, 7, random);
}

static int restore(nkt_core_t *core, const char *name, size_t name_size, const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (exact == NULL)
        abort();
    if (size > 0)
        memcpy(exact, bytes, size);
    int code = nkt_step(core, &(nkt_event_t){.kind = NKT_EV_RESTORE,
                                             .now_ms = 1,
                                             .wall_ms = (uint64_t)SIM_WALL_S * 1000,
                                             .text = name,
                                             .text_size = name_size,
                                             .bytes = exact,
                                             .bytes_size = size});
    free(exact);
    return code;
}

static void stored_row(nkt_core_t *core, const char *what, const char *name, const uint8_t *bytes, size_t size, int expected)
{
    const char *json;
    size_t json_size;
    int code = restore(core, name, strlen(name), bytes, size);
    int deletions = 0;
    nkt_effect_t fx;
    while (nkt_poll(core, &fx) == 1) {
        if (fx.kind != NKT_FX_PUT || fx.bytes_size != 0)
            hostile_fail("stored bytes", what, code, expected);
        deletions++;
    }
    int is_kept = strcmp(name, "identity") == 0 || strcmp(name, "spare") == 0; /* written anew by START */
    if (code != expected || deletions != (expected == NKT_E_RECORD && !is_kept))
        hostile_fail("stored bytes", what, code, expected);
    if (nkt_health_json(core, &json, &json_size) < 0 || strstr(json, "\"users\":0") == NULL)
        hostile_fail("stored bytes", what, code, expected);
    hostile_pass();
}

static void spoilt_rows(nkt_core_t *core, const sim_record_t *record, const sim_record_t *other)
{
    uint8_t *bytes = sim_copy(record->bytes, record->bytes_size);
    uint8_t random[200];
    char what[64];
    sim_random_t luck;
    sim_random_init(&luck, 1, 1);
    sim_random_fill(&luck, random, sizeof random);
    for (size_t size = 0; size < record->bytes_size; size += 11) {
        snprintf(what, sizeof what, "%s cut to %zu bytes", record->name, size);
        stored_row(core, what, record->name, bytes, size, NKT_E_RECORD);
    }
    for (size_t at = 0; at < record->bytes_size; at += 7) {
        snprintf(what, sizeof what, "%s, byte %zu changed", record->name, at);
        bytes[at] ^= (uint8_t)(1u << at % 8);
        stored_row(core, what, record->name, bytes, record->bytes_size, NKT_E_RECORD);
        bytes[at] ^= (uint8_t)(1u << at % 8);
    }
    bytes[record->bytes_size] = 0;
    stored_row(core, "a byte too many", record->name, bytes, record->bytes_size + 1, NKT_E_RECORD);
    stored_row(core, "random", record->name, random, sizeof random, NKT_E_RECORD);
    stored_row(core, "under another name", other->name, bytes, record->bytes_size, NKT_E_RECORD);
    stored_row(core, "of nobody", "peer/", bytes, record->bytes_size, NKT_E_ARGUMENT);
    stored_row(core, "under no known name", "drafts/1", bytes, record->bytes_size, NKT_E_ARGUMENT);
    stored_row(core, "under an empty name", "", bytes, record->bytes_size, NKT_E_ARGUMENT);
    stored_row(core, "under a name that is too long",
               "peer/0123456789012345678901234567890123456789012345678901234567890123456789", bytes, record->bytes_size,
               NKT_E_ARGUMENT);
    free(bytes);
}

void hostile_stored(uint64_t seed)
{
    sim_options_t options = sim_defaults(seed);
    options.persist = 1;
    sim_t *sim = sim_new(&options);
    sim_peers_start(sim, 3, 50);
    sim_until(sim, sim_all_have_sessions, 10000, "sessions");
    sim_say(sim->peers[1], NULL);
    sim_until(sim, sim_all_delivered, 3000, "delivered");
    sim_peer_t *peer = sim->peers[0];
    sim_say(peer, NULL); /* and one that waits */
    sim_run(sim, 2);
    const sim_record_t *identity = sim_peer_record(peer, "identity", 0);
    const sim_record_t *one = sim_peer_record(peer, "peer/", 0), *two = sim_peer_record(peer, "peer/", 1);
    sim_random_t random;
    nkt_core_t *core = fresh_core(peer, &random);
    spoilt_rows(core, identity, one);
    spoilt_rows(core, one, two);
    spoilt_rows(core, two, identity);
    spoilt_rows(core, sim_peer_record(peer, "spare", 0), one);
    spoilt_rows(core, sim_peer_record(peer, "log/", 0), identity);
    stored_row(core, "a page under another number", "log/0000000f", sim_peer_record(peer, "log/", 0)->bytes,
               sim_peer_record(peer, "log/", 0)->bytes_size, NKT_E_RECORD);
    const sim_record_t *foreign = sim_peer_record(sim->peers[1], "identity", 0);
    stored_row(core, "of somebody else", "identity", foreign->bytes, foreign->bytes_size, NKT_E_RECORD);

    /* an identity from a file: nothing, no box, random bytes */
    uint8_t file[NKT_KEY_SIZE + 300];
    sim_random_fill(&random, file, sizeof file);
    for (size_t file_size = 0; file_size <= sizeof file; file_size += 4) {
        nkt_event_t event = {.kind = NKT_EV_IMPORT, .now_ms = 1, .bytes = file, .bytes_size = file_size};
        int expected = file_size <= NKT_KEY_SIZE ? NKT_E_ARGUMENT : NKT_E_PASSPHRASE;
        if (nkt_step(core, &event) != expected)
            hostile_fail("stored bytes", "an identity from a file", 0, expected);
        hostile_pass();
    }

    /* after all that the sound ones are taken, each once */
    if (restore(core, "identity", 8, identity->bytes, identity->bytes_size) != NKT_OK ||
        restore(core, one->name, strlen(one->name), one->bytes, one->bytes_size) != NKT_OK)
        hostile_fail("stored bytes", "sound ones", 0, NKT_OK);
    int code = restore(core, one->name, strlen(one->name), one->bytes, one->bytes_size);
    if (code != NKT_E_RECORD)
        hostile_fail("stored bytes", "the same peer twice", code, NKT_E_RECORD);
    nkt_step(core, &(nkt_event_t){.kind = NKT_EV_START, .now_ms = 2, .wall_ms = (uint64_t)SIM_WALL_S * 1000});
    code = restore(core, two->name, strlen(two->name), two->bytes, two->bytes_size);
    if (code != NKT_E_STATE)
        hostile_fail("stored bytes", "after START", code, NKT_E_STATE);
    nkt_free(core);

    peer->options.persist = 0;
    core = fresh_core(peer, &random);
    stored_row(core, "without options.persist", "identity", identity->bytes, identity->bytes_size, NKT_E_ARGUMENT);
    nkt_free(core);
    peer->options.persist = 1;
    sim_free(sim);
}
