/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls of the application: a clear -1xx, and nothing changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"

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
    call_row(stage, "talk with a stranger", (nkt_event_t){.kind = NKT_EV_TALK, .address = stranger, .value = 1}, NKT_E_UNKNOWN_USER);
    call_row(stage, "talk with oneself", (nkt_event_t){.kind = NKT_EV_TALK, .address = stage->victim->address, .value = 1},
             NKT_E_UNKNOWN_USER);
    call_row(stage, "connect to nobody", (nkt_event_t){.kind = NKT_EV_CONNECT, .ticket = 1}, NKT_E_ADDRESS);
    call_row(stage, "connect to oneself",
             (nkt_event_t){.kind = NKT_EV_CONNECT, .ticket = 1, .address = stage->victim->address}, NKT_E_SELF);
    call_row(stage, "cancel what was never begun", (nkt_event_t){.kind = NKT_EV_CANCEL, .ticket = 99}, NKT_E_ARGUMENT);
    for (unsigned i = 0; i < NKT_CONNECT_COUNT_MAX; i++)
        sim_peer_step(stage->victim, &(nkt_event_t){.kind = NKT_EV_CONNECT,
                                                    .ticket = 100 + i,
                                                    .address = {{7, (uint8_t)i}},
                                                    .value = 3000});
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
                                             NKT_EV_LINK_PRESSURE, NKT_EV_LINK_SUSPECT, NKT_EV_RTC_LOCAL};
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
    const nkt_event_t beyond = {.kind = NKT_EV_TIME, .now_ms = UINT64_MAX}; /* a host's -1 */
    if (nkt_step(stage->victim->core, &beyond) != NKT_E_ARGUMENT)
        hostile_fail("host", "a time beyond all times", 0, NKT_E_ARGUMENT);
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
    nkt_core_t *core = sim_peer_core_again(stage->victim, 7, &random);
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
