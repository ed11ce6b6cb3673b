/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of scenarios: X(name, what it shows). Each is `void scenario_NAME(const sim_run_options_t *run)`. */
#ifndef SIM_SCENARIOS_H
#define SIM_SCENARIOS_H

#include "figures.h"
#include "world.h"

/** What a run is asked to do differently: negative or 0 as said, the scenario's own. */
typedef struct sim_run_options {
    uint64_t seed;
    uint32_t peer_count; /* 0 */
    uint32_t degree;     /* cap of WebRTC links, 0; the core allows NKT_RTC_LIVE_COUNT_MAX at most */
    uint32_t minutes;    /* of churn, 0 */
    uint32_t pieces;     /* of a content, 0 */
    uint32_t away;       /* who left, in empty_chairs, 0 */
    uint32_t bytes_per_s; /* of a link, in the scenarios about contents of a line; 0: no limit */
    int relay_count, tracker_count, loss_permille, cut_permille; /* negative */
    int is_timed, is_quiet;
} sim_run_options_t;

/** By how much clocks are off, in ms. */
enum { SIM_OFF_COUNT = 6 };
extern const int64_t sim_offs[SIM_OFF_COUNT];

#define SIM_SCENARIOS(X)                                                                                               \
    X(relay, "two peers by the relay alone")                                                                           \
    X(tracker, "two peers by a tracker alone")                                                                         \
    X(mesh, "10 peers: every session, every message to everybody once")                                                \
    X(glare, "all start, and initiate, in the same millisecond")                                                       \
    X(race, "two links of one pair come up while they talk: nothing is lost on the one that goes")                     \
    X(harsh, "30 % loss, 500 ms round trips, 25 % out of order, 5 % twice: 1,000 messages once")                                           \
    X(overtaken, "what was lost while more is said: said again at once; over two ways, one of them slow, not again; nor put off")         \
    X(repeat, "a recorded run is replayed: every effect, byte for byte")                                               \
    X(relay_dies, "relay killed in mid-conversation: nothing lost, nothing twice")                                     \
    X(tracker_dies, "tracker killed: nobody notices, a newcomer joins by the relay within 10 s")                          \
    X(all_die, "relay and tracker killed, back after 10 minutes; a newcomer")                                          \
    X(few_links, "12 peers with 4 links each, no server left: links that break are replaced through the swarm")         \
    X(bridge, "relay-only and WebRTC-only peers talk through one that has both")                                       \
    X(path_breaks, "paths of links break: ICE is restarted, by the relay or through the swarm")                              \
    X(bridge_late, "the same, when they had a direct way before and lost it")                                          \
    X(cross, "two relays, nobody with WebRTC: people at one and at the other talk through two who are at both")            \
    X(cross_mixed, "the same with WebRTC at one of them: what comes by links crosses as well")                                    \
    X(cross_many, "the same with twenty at both: one of them passes it on")                                                \
    X(cross_ring, "three relays in a ring: nothing goes round")                                                            \
    X(cross_chain, "three relays in a row: over two bridges")                                                              \
    X(cross_connect, "a link between two whom a bridge without WebRTC makes known to each other")                                   \
    X(cross_leave, "a bridge dies, another leaves: others take over")                                                      \
    X(cross_flood, "a member floods at one relay: the other hears no more of it than the cap")                             \
    X(cross_spoilt, "a hostile member says first what nobody can use: it keeps no bridge from saying it")                  \
    X(gossip, "whom one knows all know")                                                                               \
    X(partition, "5 and 5 apart for 5 minutes, then together")                                                         \
    X(find, "joining by an address alone: found, not found, no way")                                                   \
    X(rooms, "people with a core in each of two or three rooms, which close and open, and one who moves: each hears all of his room once") \
    X(rooms_find, "one with a core in each of two rooms is found by address in one of them, and in the other when that is closed")   \
    X(call, "calls among messages, with 30 % loss: each as what it was said, once; given up: never heard")             \
    X(invite, "two worlds without a server, joined by texts passed by hand: everybody talks")                          \
    X(invite_secret, "one without a room is invited into a secret one")                                                \
    X(invite_left, "taken into a room and then in another: the people of the first are forgotten for good")            \
    X(invite_ends, "invites that expire, are cancelled, used twice, of another room: each its error")                  \
    X(muted, "a muted user gets nothing")                                                                              \
    X(pins, "verified users: the same number on both sides, kept over crashes and over being forgotten")                \
    X(ignored, "nothing of an ignored user is told, stored or acknowledged, over crashes and being forgotten")             \
    X(leave, "good-bye, crash and return")                                                                             \
    X(amnesia, "one side loses its sessions: re-keyed, nothing lost")                                                  \
    X(unread, "forgotten by one who has sessions enough: read all the same")                                           \
    X(restart, "all records restored after crashes in mid-conversation: exactly once")                                 \
    X(crashes, "crashes at every moment of a stream of messages: no message key is used twice")                       \
    X(outbox, "crashes with messages waiting, for one who is away: each arrives once, whatever life it was said in")   \
    X(outbox_full, "5 MiB in 1,048 messages for one who is away, over a restart: there 10 s after its return")         \
    X(history, "what was said and heard is there after a crash, in order, bounded, and can be cleared")              \
    X(history_share, "long private messages of one, and of a crowd: what the others said stays in the history")               \
    X(corrupt, "a damaged record is put aside, the others untouched")                                                  \
    X(gap, "more than 2,000 lost messages on a session: re-keyed")                                                       \
    X(ephemeral, "what may be lost is lost, doubled, overtaken, amid crashes: in order, no key twice, nothing else delayed")  \
    X(ephemeral_relayed, "the same over a relay alone, within its caps")                                               \
    X(group, "20 peers under sender keys: every message by one broadcast, once")                                       \
    X(group_turns, "so many are told in one step, others in turns; who stops tells all")                               \
    X(group_mute, "a muted user gets the bytes and reads nothing")                                                     \
    X(group_join, "newcomers in mid-conversation read nothing older")                                                  \
    X(group_crash, "keys lost in crashes are asked for: exactly once")                                                 \
    X(group_loss, "broadcasts are lost, doubled, delayed: said again in sessions, exactly once")                       \
    X(group_behind, "one who is cut off falls behind its keys and is healed")                                          \
    X(group_renew, "keys are renewed after 1,000 messages and after an hour")                                          \
    X(group_flow, "what is lost amid steady broadcasts does not wait for their end")                                  \
    X(overlay, "24 peers with 4 links each, no server: every message once")                                            \
    X(overlay_heal, "half of their links are closed: new ones, signalled through the swarm")                           \
    X(overlay_find, "one of them found by address alone, no server")                                                   \
    X(overlay_apart, "two halves talk apart: all is heard by all when they meet")                                      \
    X(mail, "said to one who is away by one who leaves: kept by others, heard on return, once")                        \
    X(mail_again, "the same, and the author is back later: said again, heard once, acknowledged")                      \
    X(mail_late, "nobody could keep it at first: given to who is back later, and calls to nobody")                     \
    X(mail_apart, "two who are never there at once: heard, and acknowledged, by way of others")                        \
    X(left_crash, "the author of what somebody missed crashes while that one comes back: heard once")                   \
    X(left_excluded, "who was sent nothing while away gets nothing of it when back")                                    \
    X(left_elsewhere, "what is said in another room is not told to those of the first who were away")                  \
    X(left_owed, "said to all as a guest leaves, then 208 come and go: it is heard when he is back")                     \
    X(old_friend, "208 come and go after a friend left: it gets what a keeper has for it, in the session of before")    \
    X(mail_overlay, "24 peers with 4 links each, no relay: kept here, handed over there")                              \
    X(mail_expires, "kept for 20 minutes and no longer")                                                               \
    X(mail_flood, "one author's flood to those who are away costs others nothing")                                     \
    X(mail_large, "5 MiB for one who is away: no more of it floods than keepers keep")                                 \
    X(keeper, "said to one who is away, its author gone for good: heard in 5 s after an hour, a day, six days, once, in order") \
    X(keeper_thousand, "a thousand of them, one by one: more than a session may skip")                                  \
    X(keeper_lives, "of ten lives of their author, kept by two")                                                       \
    X(keeper_waits, "its author stays: it does not fail while a keeper has it")                                        \
    X(keeper_again, "a keeper hands over, days later, what it handed over: heard once")                                \
    X(keeper_damaged, "a flipped byte costs one record of one keeper")                                                 \
    X(keeper_full, "one author's 20 MB for one who is away push out nothing of another's")                             \
    X(keeper_expires, "kept for 7 days, over a restart, and no longer")                                                \
    X(keeper_clock, "a keeper whose wall clock is set by a month, or is wrong at its start: kept for 7 days all the same")  \
    X(mail_unmet, "the same where nobody keeps letters, but a neighbour has the key: heard in 5 s three minutes later")       \
    X(keeper_unmet, "to one who is away, by one who knows him by his record alone and is gone: heard in 5 s two days later")  \
    X(keeper_many, "to all, of whom 13 of 33 are away: one letter for all of them")                                          \
    X(clocks, "clocks off by 15 minutes to 3 days, in a room of 6: all talk at once, who is off is told and nobody else")  \
    X(clocks_many, "the same among 40 who have 6 links each, 5 of them off: all know all, every message once")        \
    X(clocks_crowd, "100 with a tracker and 6 links each, 5 of them off: what they say reaches all")                   \
    X(clock_fast, "one started 25 hours ahead, then right: stored, and running, renamed and renewed: same address, heard at once") \
    X(clock_told, "whose clock is set wrong is told so, whenever that is and whatever is lost; and no more once it is right")  \
    X(clock_waits, "what waits for one who is away fails after its day and not before, whatever becomes of the clock")         \
    X(clock_set, "started in 1970, hours or years off, and set right: met at once, and within 10 s of it")             \
    X(said_again, "all that was said, said again after 15 minutes, 3 hours, and a reload: nobody is taken for present")  \
    X(content_relayed, "a small content without a link: over the relay; a large one waits for a link")                 \
    X(content_reload, "a reload in the middle, then no server is left: nothing is fetched twice, everybody has it")    \
    X(content_muted, "an author mutes who fetches: nothing more is given; unmutes: it is offered anew, and all comes") \
    X(return_soon, "one crashes some seconds after its links came up and starts again: the new links stay, and are used")  \
    X(sleep_long, "3 hours, 30 hours, 3 weeks of sleep, with clocks that run or stand: works within 5 s")                 \
    X(sleep_unheard, "heard, and its author asleep before he knows it, for hours, or a clock set by a year: once; nothing given up")      \
    X(sleep_relay, "3 hours of sleep, by the relay alone: the others believe at once what one says at waking")             \
    X(sleep, "30 minutes of sleep: works within 5 s, no storm")                                                        \
    X(flap, "10 network flaps: nothing lost, no piling up of connections")                                             \
    X(idle, "24 hours of silence: nothing grows, little traffic")                                                      \
    X(soak, "24 hours of talk, joins and leaves: memory grows by <= 1 MB/h")                                            \
    X(swap, "a tracker swaps SDPs: the link is refused")                                                               \
    X(hijack, "a tracker gives offers and answers to the wrong ones")                                                  \
    X(claims, "servers say that a million are there: a link and a session with each all the same, at once with whom one asks for") \
    X(claims_flap, "a relay that closes each connection after 15 s, and claims a million: taken for a crowd no more than once")    \
    X(claims_room, "the same in a room of 28: all know all, and begin to talk within a minute and a half")              \
    X(evil_relay, "a relay drops, doubles and delays")                                                                 \
    X(replays, "a relay says old frames again to one who came back, 50 a second: p99 <= 2 x, no session begun anew")                    \
    X(rollback, "one comes back with the disk of an hour ago, of yesterday, twice: it talks with all within 15 s")                     \
    X(crowd_gone, "some of a crowd are gone without a word while many speak: asked after for a minute, and no more") \
    X(slow, "links of 0.2 to 6 s, another each time, 30 % lost: met in 5 minutes, all heard, at most 12 frames each")                     \
    X(slow_line, "3 s each way, by trackers alone and by a relay alone: a link, all heard, back at a relay that was away")            \
    X(worst, "days in which everything that can goes wrong by chance; then all is right, and all is heard, once")

/** Swarms of up to thousands: what a swarm has to show, with the bar of each. They run for seconds to minutes. */
#define SIM_SWARM_SCENARIOS(X)                                                                                         \
    X(calm, "1000 join, 100 clear messages: all delivered, redundant <= 0.2, p99 <= 700 ms, <= 12 set-ups per peer")   \
    X(half_dies, "half of 1000, relay, trackers killed at once: 99.5 % connected, 99 % of what is said in 2 s")        \
    X(slow_death, "80 % of 1000 killed over 60 s, no infrastructure: 99 % connected 30 s later")                       \
    X(revive, "80 % of 1000 killed at once, trackers back after 30 s: 99 % connected after 60 s")                      \
    X(partition5, "two halves of 200 for 5 minutes, then one link: every message everywhere within 60 s")              \
    X(lossy, "200 with 10 % loss, 25 % of pairs cannot connect: all delivered in 30 s")                                \
    X(far, "150 who are 50 to 250 ms apart: all delivered, p99 <= 1.1 s, 0.2 copies for nothing")                      \
    X(busy, "150 who say 50 messages a second: all delivered, p99 <= 650 ms, 0.2 copies for nothing")                  \
    X(churn, "half of 200 replaced every 10 minutes for 2 hours: 99.9 % to those present")                             \
    X(hostile, "100 honest and 1000 hostile: 95 % among the honest, memory <= 8 MiB, CPU <= 50 ms/s each")             \
    X(eclipse, "40 honest, 40 who look for one of them alone and pass nothing on, servers dead: 99 % to and from the victim")    \
    X(eclipse_many, "the same with three of them to one honest")                                                     \
    X(lockout, "200 throw-aways a second say hello for 10 minutes, by one socket: newcomers meet all in 5 s, CPU <= 10 %") \
    X(lockout_sockets, "the same by many sockets, each of a peer that is there")                                       \
    X(lockout_links, "the same by neighbours over WebRTC")                                                             \
    X(lockout_seek, "the same from outside a secret room, looking for its members")                                    \
    X(strangers, "12 peers, and one says hello every 10 s and is never heard again: <= 1.5 KB of each to him, no offers")      \
    X(phantoms, "3 peers, and a member vouches for 80 who never were: each is asked for a session less and less often")      \
    X(phantoms_linked, "3 peers, and a member vouches for 40 who never were: 12 offers of links a minute, and 10 walks")       \
    X(phantoms_talk, "the same, and each of them says hello once a minute: no peer says more than 10 frames a second")     \
    X(phantoms_wanted, "the same over a relay, with something waiting for each: others are asked for their keys 20 times a minute") \
    X(phantoms_pass, "4,900 who never were come and go in a week, a member vouches: nothing grows, a friend is remembered") \
    X(stranger_talks, "one for whom nobody vouches goes on speaking and never answers: asked for a session less and less often")     \
    X(flooder, "one of 60 says 100 messages a second: all else is heard, p99 <= 2 x")                                  \
    X(scale, "1000 (or --peers 100,1000,10000) join, 100 messages: memory <= 400 KB each, CPU, <= 15 minutes")         \
    X(connect_crowd, "100 without a tracker: a link is had with whoever is known, though walks' signals are not flooded") \
    X(empty_chairs, "16 present, 0 to 1,000 who left: a message to all costs <= 1.2 times the frames")                  \
    X(long_life, "14 days of a room, 2,000 came and left: frames, CPU, memory, bytes per message <= 1.2 times day 2's") \
    X(content, "1000 peers, 1000 pieces, 20 % crash and come back: everybody has it in <= 3 times what one upload takes") \
    X(content_author_dies, "its author dies when it has sent it 1.2 times: everybody has it")                             \
    X(content_hostile, "one source corrupts 10 % of what it sends: <= 1 % is fetched again beside that")                  \
    X(idle_swarm, "100 with nothing to say: <= 1 frame per neighbour per 15 s")

#define X(name, text) void scenario_##name(const sim_run_options_t *run);
SIM_SCENARIOS(X)
SIM_SWARM_SCENARIOS(X)
#undef X

#endif
