/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the host hands in: stored bytes, calls of the application, options. A clear -1xx, and nothing changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"

/* ---- stored records ---- */

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
    stored_row(core, "under no known name", "peer/", bytes, record->bytes_size, NKT_E_RECORD);
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

/* ---- calls ---- */

static void call_row(stage_t *stage, const char *what, nkt_event_t event, int expected)
{
    hostile_view_t before = hostile_before(stage, expected);
    int code = sim_peer_step(stage->victim, &event);
    if (code != expected)
        hostile_fail("call", what, code, expected);
    hostile_after(stage, &before, "call", what, code);
}

static nkt_event_t say(const char *text, size_t size)
{
    return (nkt_event_t){
        .kind = NKT_EV_SAY, .ticket = SIM_TICKET_FOREIGN, .bytes = (const uint8_t *)text, .bytes_size = size};
}

static void say_rows(stage_t *stage)
{
    char *text = sim_alloc(70000, 1);
    nkt_event_t event = say(NULL, 0);
    call_row(stage, "say nothing", event, NKT_E_ARGUMENT);
    event = say(NULL, 5);
    call_row(stage, "say NULL", event, NKT_E_ARGUMENT);
    memset(text, '1', 70000);
    call_row(stage, "say too much", say(text, NKT_VALUE_SIZE_MAX + 1), NKT_E_SIZE);
    event = say(text, NKT_VALUE_SIZE_MAX + 1);
    event.flags = NKT_SAY_CLEAR;
    call_row(stage, "say too much in clear", event, NKT_E_SIZE);
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    call_row(stage, "say what is too deep", say(text, 66), NKT_E_VALUE);
    memset(text, ',', 5000);
    text[0] = '[';
    text[4999] = ']';
    call_row(stage, "say too many values", say(text, 5000), NKT_E_VALUE);
    call_row(stage, "say half a value", say("{\"a\":[1", 7), NKT_E_VALUE);
    call_row(stage, "say an open string", say("\"a", 2), NKT_E_VALUE);
    call_row(stage, "say NUL", say("[\0]", 3), NKT_E_VALUE);
    event = say("1", 1);
    event.address = stage->victim->address;
    call_row(stage, "say to oneself", event, NKT_E_SELF);
    event.address.b[0] ^= 1;
    call_row(stage, "say to a stranger", event, NKT_E_UNKNOWN_USER);
    event.flags = NKT_SAY_CALL;
    call_row(stage, "call a stranger", event, NKT_E_UNKNOWN_USER);
    event.kind = NKT_EV_CANCEL;
    call_row(stage, "give up a call to a stranger", event, NKT_E_UNKNOWN_USER);
    event = say("1", 1);
    event.flags = NKT_SAY_CALL;
    call_row(stage, "call everybody", event, NKT_E_ARGUMENT);
    free(text);
}

static void user_rows(stage_t *stage)
{
    const nkt_address_t stranger = {{1, 2, 3}};
    char long_nick[NKT_NICK_SIZE_MAX + 1];
    memset(long_nick, 'n', sizeof long_nick);
    const struct {
        const char *what, *nick;
        size_t size;
    } nicks[] = {
        {"a nick that is too long", long_nick, sizeof long_nick},
        {"a nick with a line break", "a\nb", 3},
        {"a nick with NUL", "a\0b", 3},
        {"a nick with DEL", "a\x7f", 2},
        {"a nick with a C1 control", "a\xc2\x85", 3},
        {"an overlong form", "\xc0\xaf", 2},
        {"half a character", "\xe2\x82", 2},
        {"a surrogate", "\xed\xa0\x80", 3},
        {"no character", "\xff", 1},
        {"NULL", NULL, 3},
    };
    for (size_t i = 0; i < sizeof nicks / sizeof nicks[0]; i++)
        call_row(stage, nicks[i].what,
                 (nkt_event_t){.kind = NKT_EV_SET_NICK, .text = nicks[i].nick, .text_size = nicks[i].size}, NKT_E_ARGUMENT);
    call_row(stage, "flags of a stranger", (nkt_event_t){.kind = NKT_EV_SET_FLAGS, .address = stranger, .value = 1},
             NKT_E_UNKNOWN_USER);
    call_row(stage, "flags of nobody", (nkt_event_t){.kind = NKT_EV_SET_FLAGS, .value = 1}, NKT_E_UNKNOWN_USER);
    call_row(stage, "connect to nobody", (nkt_event_t){.kind = NKT_EV_CONNECT, .ticket = 1}, NKT_E_ADDRESS);
    call_row(stage, "connect to oneself",
             (nkt_event_t){.kind = NKT_EV_CONNECT, .ticket = 1, .address = stage->victim->address}, NKT_E_SELF);
    call_row(stage, "cancel what was never begun", (nkt_event_t){.kind = NKT_EV_CANCEL, .ticket = 99}, NKT_E_ARGUMENT);
    for (uint8_t i = 0; i < NKT_CONNECT_COUNT_MAX; i++)
        sim_peer_step(stage->victim,
                      &(nkt_event_t){.kind = NKT_EV_CONNECT, .ticket = 100u + i, .address = {{7, i}}, .value = 3000});
    call_row(stage, "more searches than places",
             (nkt_event_t){.kind = NKT_EV_CONNECT, .ticket = 200, .address = {{8}}, .value = 1000}, NKT_E_STATE);
    sim_run(stage->sim, 5000);
    call_row(stage, "a time-out below zero",
             (nkt_event_t){.kind = NKT_EV_CONNECT, .ticket = 201, .address = {{8}}, .value = INT32_MIN}, NKT_OK);
}

/* Facts that no sound host reports; the simulator's own checks are passed by. */
static void host_row(stage_t *stage, const char *what, const nkt_event_t *fact, int expected)
{
    hostile_view_t before = hostile_before(stage, 0);
    nkt_event_t event = *fact;
    nkt_effect_t fx;
    event.now_ms = stage->sim->now_ms + stage->victim->options.origin_ms;
    event.wall_ms = stage_wall_ms(stage);
    int code = nkt_step(stage->victim->core, &event);
    while (nkt_poll(stage->victim->core, &fx) == 1)
        sim_host_effect(stage->victim, &fx);
    before.code = expected == code && code >= 0 ? code : 0;
    if (code != expected)
        hostile_fail("host", what, code, expected);
    hostile_after(stage, &before, "host", what, NKT_OK);
}

static void host_rows(stage_t *stage)
{
    static const nkt_event_kind_t kinds[] = {NKT_EV_LINK_UP,       NKT_EV_LINK_DOWN,  NKT_EV_LINK_DATA,
                                             NKT_EV_LINK_PRESSURE, NKT_EV_LINK_SHAKY, NKT_EV_RTC_LOCAL};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        host_row(stage, nkt_event_name(kinds[i]), &(nkt_event_t){.kind = kinds[i], .link = 0xdead}, NKT_E_LINK);
    uint32_t relay = 0;
    for (size_t i = 0; i < stage->victim->link_count; i++) {
        const sim_link_t *link = &stage->victim->links[i];
        if (!link->is_rtc && relay == 0)
            relay = link->link;
    }
    host_row(stage, "a kind that is none", &(nkt_event_t){.kind = (nkt_event_kind_t)99}, NKT_E_ARGUMENT);
    uint8_t file[NKT_KEY_SIZE + 300] = {7};
    host_row(stage, "IMPORT after START", &(nkt_event_t){.kind = NKT_EV_IMPORT, .bytes = file, .bytes_size = sizeof file},
             NKT_E_STATE);
    host_row(stage, "EXPORT without a key", &(nkt_event_t){.kind = NKT_EV_EXPORT}, NKT_E_ARGUMENT);
    host_row(stage, "EXPORT with half a key", &(nkt_event_t){.kind = NKT_EV_EXPORT, .bytes = file, .bytes_size = 16},
             NKT_E_ARGUMENT);
    host_row(stage, "START again", &(nkt_event_t){.kind = NKT_EV_START}, NKT_E_STATE);
    host_row(stage, "data from NULL", &(nkt_event_t){.kind = NKT_EV_LINK_DATA, .link = relay, .bytes_size = 5}, NKT_E_ARGUMENT);
    host_row(stage, "up again", &(nkt_event_t){.kind = NKT_EV_LINK_UP, .link = relay}, NKT_OK);
    host_row(stage, "a description of a socket",
             &(nkt_event_t){.kind = NKT_EV_RTC_LOCAL, .link = relay, .text = "v=0", .text_size = 3}, NKT_OK);
    host_row(stage, "a description from NULL", &(nkt_event_t){.kind = NKT_EV_RTC_LOCAL, .link = relay}, NKT_E_ARGUMENT);
    host_row(stage, "DROPPED with no code", &(nkt_event_t){.kind = NKT_EV_DROPPED}, NKT_E_ARGUMENT);
    host_row(stage, "DROPPED with the caller's fault", &(nkt_event_t){.kind = NKT_EV_DROPPED, .value = -101}, NKT_E_ARGUMENT);
    host_row(stage, "DROPPED with a fatal code", &(nkt_event_t){.kind = NKT_EV_DROPPED, .value = -301}, NKT_E_ARGUMENT);
    host_row(stage, "DROPPED with an unknown code", &(nkt_event_t){.kind = NKT_EV_DROPPED, .value = -299}, NKT_OK);
    double syntax = sim_peer_health(stage->victim, "dropped.NKT_E_FRAME_SYNTAX");
    host_row(stage, "DROPPED", &(nkt_event_t){.kind = NKT_EV_DROPPED, .value = NKT_E_FRAME_SYNTAX}, NKT_OK);
    if (sim_peer_health(stage->victim, "dropped.NKT_E_FRAME_SYNTAX") != syntax + 1)
        hostile_fail("host", "DROPPED is counted", 0, NKT_OK);
    host_row(stage, "a ticket never given", &(nkt_event_t){.kind = NKT_EV_PUT_DONE, .ticket = UINT32_MAX}, NKT_OK);
    if (nkt_step(NULL, &(nkt_event_t){0}) != NKT_E_ARGUMENT || nkt_step(stage->victim->core, NULL) != NKT_E_ARGUMENT)
        hostile_fail("host", "NULL", 0, NKT_E_ARGUMENT);
}

static uint32_t newest_rtc(const sim_peer_t *peer)
{
    uint32_t newest = 0;
    for (size_t i = 0; i < peer->link_count; i++)
        newest = peer->links[i].is_rtc && peer->links[i].link > newest ? peer->links[i].link : newest;
    return newest;
}

/* A link whose own description says nothing that can be proved is given up, not offered. */
static void local_rows(stage_t *stage)
{
    static char long_sdp[NKT_SDP_SIZE_MAX + 1];
    const char *const texts[] = {"", "v=0\r\n", "a=fingerprint:sha-1 00:11", "a=fingerprint:sha-256 00:11", long_sdp};
    memset(long_sdp, 'a', sizeof long_sdp);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sim_run(stage->sim, 60000); /* offers made before have gone */
        uint32_t before = newest_rtc(stage->victim);
        sim_peer_step(stage->victim, &(nkt_event_t){.kind = NKT_EV_CONNECT, .ticket = 300, .address = {{9, (uint8_t)i}},
                                                    .value = 1000});
        uint32_t link = newest_rtc(stage->victim);
        if (link == before)
            hostile_fail("RTC_LOCAL", "an offer is asked for", 0, NKT_OK);
        size_t size = texts[i] == long_sdp ? sizeof long_sdp : strlen(texts[i]);
        call_row(stage, "RTC_LOCAL",
                 (nkt_event_t){.kind = NKT_EV_RTC_LOCAL, .link = link, .text = texts[i], .text_size = size}, NKT_OK);
        if (sim_peer_link(stage->victim, link) != NULL)
            hostile_fail("RTC_LOCAL", "the link is given up", 0, NKT_OK);
    }
}

static void address_rows(void)
{
    nkt_address_t address = {{1, 2, 3}}, read;
    char text[NKT_ADDRESS_TEXT_SIZE];
    nkt_address_format(&address, text);
    size_t size = strlen(text);
    for (size_t cut = 0; cut < size; cut++) {
        if (nkt_address_parse(text, cut, &read) != NKT_E_ADDRESS)
            hostile_fail("address", "cut", 0, NKT_E_ADDRESS);
        char changed[NKT_ADDRESS_TEXT_SIZE];
        memcpy(changed, text, sizeof changed);
        changed[cut] = changed[cut] == '2' ? '3' : '2';
        if (nkt_address_parse(changed, size, &read) != NKT_E_ADDRESS)
            hostile_fail("address", "one character changed", 0, NKT_E_ADDRESS);
        changed[cut] = "0OIl \n\xff"[cut % 7];
        if (nkt_address_parse(changed, size, &read) != NKT_E_ADDRESS)
            hostile_fail("address", "a character that is none of its alphabet", 0, NKT_E_ADDRESS);
        hostile_pass();
    }
    if (nkt_address_parse("1111111111111111111111111111111111111111111111111111", 52, &read) != NKT_E_ADDRESS ||
        nkt_address_parse(NULL, 0, &read) != NKT_E_ADDRESS || nkt_address_parse(text, size, &read) != NKT_OK ||
        memcmp(&read, &address, sizeof read) != 0)
        hostile_fail("address", "too long, NULL, sound", 0, NKT_E_ADDRESS);
}

void hostile_calls(uint64_t seed)
{
    stage_t *stage = stage_new(seed);
    say_rows(stage);
    user_rows(stage);
    host_rows(stage);
    local_rows(stage);
    address_rows();
    stage_check_talk(stage);

    sim_random_t random;
    nkt_core_t *core = fresh_core(stage->victim, &random);
    for (unsigned kind = NKT_EV_TIME; kind < NKT_EV_COUNT; kind++) {
        int code = nkt_step(core, &(nkt_event_t){.kind = (nkt_event_kind_t)kind, .link = 1});
        if (code != (kind == NKT_EV_SET_NICK || kind == NKT_EV_PUT_DONE ? NKT_OK : NKT_E_STATE))
            hostile_fail("before START", nkt_event_name(kind), code, NKT_E_STATE);
        hostile_pass();
    }
    nkt_step(core, &(nkt_event_t){.kind = NKT_EV_START, .wall_ms = (uint64_t)SIM_WALL_S * 1000});
    nkt_step(core, &(nkt_event_t){.kind = NKT_EV_STOP, .wall_ms = (uint64_t)SIM_WALL_S * 1000});
    for (unsigned kind = 0; kind < NKT_EV_COUNT; kind++) {
        int code = nkt_step(core, &(nkt_event_t){.kind = (nkt_event_kind_t)kind, .link = 1});
        if (code != NKT_E_STATE)
            hostile_fail("after STOP", nkt_event_name(kind), code, NKT_E_STATE);
        hostile_pass();
    }
    nkt_free(core);
    stage_free(stage);
}

/* ---- options ---- */

static int no_entropy(void *context, uint8_t *buf, size_t size)
{
    (void)context, (void)buf, (void)size;
    return -1;
}

static const nkt_host_t host = {.entropy = no_entropy};

static void options_row(const char *json, size_t size, int expected)
{
    static const uint8_t seed[NKT_SEED_SIZE] = {1};
    nkt_core_t *core = NULL;
    char *exact = malloc(size > 0 ? size : 1);
    if (exact == NULL)
        abort();
    memcpy(exact, json, size);
    int code = nkt_new_json(exact, size, NULL, seed, &host, &core);
    free(exact);
    if (code != expected || (code < 0) != (core == NULL))
        hostile_fail("options", json, code, expected);
    nkt_free(core);
    hostile_pass();
}

static void json_rows(void)
{
    static const char *const bad[] = {
        "", "{", "[]", "null", "1", "\"x\"", "{\"nick\":5}", "{\"nick\":\"a\\nb\"}", "{\"nick\":\"\\ud800\"}",
        "{\"nick\":\"01234567890123456789012345678901234567890123456789012345678901234\"}", "{\"room\":[]}", "{\"secret\":{}}",
        "{\"relays\":\"ws://a\"}", "{\"relays\":[1]}", "{\"relays\":[\"http://a\"]}", "{\"relays\":[\"\"]}",
        "{\"relays\":[\"ws://a\\u0007\"]}", "{\"trackers\":{\"0\":\"ws://a\"}}", "{\"linkCountMax\":-1}", "{\"linkCountMax\":17}",
        "{\"linkCountMax\":1e300}", "{\"linkCountMax\":\"4\"}", "{\"linkCountMax\":[]}", "{\"persist\":true}",
        "{\"relays\":[\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\",\"ws://a\"]}",
    };
    static const char *const good[] = {
        "{}", "{\"nick\":null,\"room\":null,\"relays\":null}", "{\"linkCountMax\":0}", "{\"linkCountMax\":16,\"unknown\":[1,2]}",
        "{\"nick\":\"__proto__\",\"__proto__\":{\"room\":\"x\"}}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        options_row(bad[i], strlen(bad[i]), NKT_E_OPTIONS);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        options_row(good[i], strlen(good[i]), NKT_OK);
    options_row("{\"nick\":\"a\0b\"}", 14, NKT_E_OPTIONS);
    char *text = sim_alloc(70000, 1);
    memset(text, '[', 33);
    options_row(text, 33, NKT_E_OPTIONS);
    int head = snprintf(text, 70000, "{\"room\":\"%0300d\"}", 1);
    options_row(text, (size_t)head, NKT_E_OPTIONS);
    head = snprintf(text, 70000, "{\"relays\":[\"ws://%0260d\"]}", 1);
    options_row(text, (size_t)head, NKT_E_OPTIONS);
    free(text);
}

void hostile_options(uint64_t seed)
{
    static const char sound[] = "{\"nick\":\"a\",\"room\":\"r\",\"secret\":\"s\",\"relays\":[\"ws://a\"],\"trackers\":[\"wss://b\"],"
                                "\"linkCountMax\":4,\"persist\":false}";
    static const uint8_t seed_bytes[NKT_SEED_SIZE] = {1};
    sim_random_t random;
    uint8_t bytes[sizeof sound];
    nkt_core_t *core = NULL;
    json_rows();
    options_row(sound, sizeof sound - 1, NKT_OK);
    for (size_t cut = 0; cut < sizeof sound - 1; cut++)
        options_row(sound, cut, NKT_E_OPTIONS);
    sim_random_init(&random, seed, 3);
    for (int i = 0; i < 500; i++) {
        size_t size = 1 + (size_t)sim_random_below(&random, sizeof bytes - 1);
        sim_random_fill(&random, bytes, size);
        options_row((const char *)bytes, size, NKT_E_OPTIONS);
    }
    const nkt_options_t options = {.link_count_max = 3};
    if (nkt_new(NULL, &host, &core) != NKT_E_ARGUMENT || nkt_new(&options, NULL, &core) != NKT_E_ARGUMENT ||
        nkt_new(&options, &(nkt_host_t){0}, &core) != NKT_E_ARGUMENT || nkt_new(&options, &host, NULL) != NKT_E_ARGUMENT ||
        nkt_new_json("{}", 2, NULL, NULL, &host, &core) != NKT_E_ARGUMENT ||
        nkt_new_json(NULL, 2, NULL, seed_bytes, &host, &core) != NKT_E_OPTIONS)
        hostile_fail("options", "NULL", 0, NKT_E_ARGUMENT);
    hostile_pass();
}
