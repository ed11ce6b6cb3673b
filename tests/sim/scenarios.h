/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of scenarios: X(name, what it shows). Each is `void scenario_NAME(const sim_run_options_t *run)`. */
#ifndef SIM_SCENARIOS_H
#define SIM_SCENARIOS_H

#include "world.h"

typedef struct sim_run_options {
    uint64_t seed;
    uint32_t peer_count; /* 0: the scenario's own */
} sim_run_options_t;

#define SIM_SCENARIOS(X)                                                                                               \
    X(relay, "two peers by the relay alone")                                                                           \
    X(tracker, "two peers by a tracker alone")                                                                         \
    X(mesh, "10 peers: every session, every message to everybody once")                                                \
    X(glare, "all start, and initiate, in the same millisecond")                                                       \
    X(harsh, "30 % loss, 500 ms round trips: 1,000 messages exactly once")                                             \
    X(repeat, "a recorded run is replayed: every effect, byte for byte")                                               \
    X(relay_dies, "relay killed in mid-conversation: nothing lost, nothing twice")                                     \
    X(all_die, "relay and tracker killed, back after 10 minutes; a newcomer")                                          \
    X(bridge, "relay-only and WebRTC-only peers talk through one that has both")                                       \
    X(bridge_late, "the same, when they had a direct way before and lost it")                                          \
    X(gossip, "whom one knows all know")                                                                               \
    X(partition, "5 and 5 apart for 5 minutes, then together")                                                         \
    X(find, "joining by an address alone: found, not found, no way")                                                   \
    X(muted, "a muted user gets nothing")                                                                              \
    X(leave, "good-bye, crash and return")                                                                             \
    X(amnesia, "one side loses its sessions: re-keyed, nothing lost")                                                  \
    X(restart, "all records restored after crashes in mid-conversation: exactly once")                                 \
    X(crashes, "crashes at every moment of a stream of messages: no message key is used twice")                       \
    X(corrupt, "a damaged record is put aside, the others untouched")                                                  \
    X(gap, "more than 600 lost messages on a session: re-keyed")                                                       \
    X(group, "20 peers under sender keys: every message by one broadcast, once")                                       \
    X(group_mute, "a muted user gets the bytes and reads nothing")                                                     \
    X(group_join, "newcomers in mid-conversation read nothing older")                                                  \
    X(group_crash, "keys lost in crashes are asked for: exactly once")                                                 \
    X(group_loss, "broadcasts are lost, doubled, delayed: said again in sessions, exactly once")                       \
    X(group_behind, "one who is cut off falls behind its keys and is healed")                                          \
    X(group_renew, "keys are renewed after 1,000 messages and after an hour")                                          \
    X(group_flow, "what is lost amid steady broadcasts does not wait for their end")                                  \
    X(sleep, "30 minutes of sleep: works within 5 s, no storm")                                                        \
    X(flap, "10 network flaps: nothing lost, no piling up of connections")                                             \
    X(idle, "24 hours of silence: nothing grows, little traffic")                                                      \
    X(swap, "a tracker swaps SDPs: the link is refused")                                                               \
    X(hijack, "a tracker gives offers and answers to the wrong ones")                                                  \
    X(evil_relay, "a relay drops, doubles and delays")

#define X(name, text) void scenario_##name(const sim_run_options_t *run);
SIM_SCENARIOS(X)
#undef X

/** Figures of a run, printed as one line: name and value, the last name NULL. */
void sim_figures(const sim_t *sim, const char *name, ...);

#endif
