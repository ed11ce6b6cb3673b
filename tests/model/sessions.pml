/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which session two speak in (docs/protocol.md, 8.2 and 8.3), abstracted: a session is a number, and who has it reads what is said in
 * it. Both may begin at once, messages are lost, doubled and come in any order, either may forget all it had. What a session does within
 * is in kem.pml.
 * Claim: once nothing is lost or forgotten any more, all that is said from the third message on is read, whether they speak in turn or
 * both at once; what was still on its way may come at any time, and they begin to count again when it does.
 *
 * FAULT puts a fault in, which must be found: 1: what cannot be read begins no session anew; 2: who has a session takes no other;
 * 3: the newest session alone is kept.
 */
#ifndef FAULT
#define FAULT 0
#endif
#ifndef STEP_COUNT
#define STEP_COUNT 4
#endif
#define SESSION_MAX 24
#define ROUND_COUNT 6 /* without a fault, after the steps, in which all may go wrong */
#define SETTLED 2     /* rounds after which everything is read */

typedef Peer {
    byte session[3]; /* the one it speaks in first; 0: none */
    byte newest;     /* of the other's messages that it read */
    byte said
}

Peer peer[2];
byte begun; /* the last one */
bool taken[SESSION_MAX];
byte owner[SESSION_MAX];
bool confirmed[SESSION_MAX]; /* its beginner heard something in it: its messages do not begin it any more */
byte forgotten = 0;

chan way[2] = [2] of { byte, bool, byte }; /* session, whether it begins it, number; to 0, to 1 */

#define HAS(who, which) (peer[who].session[0] == which || peer[who].session[1] == which || peer[who].session[2] == which)

inline speak_in(who, which)
{
    if
    :: peer[who].session[0] == which
    :: peer[who].session[0] != which && peer[who].session[1] == which ->
        peer[who].session[1] = peer[who].session[0];
        peer[who].session[0] = which
    :: else ->
        peer[who].session[2] = peer[who].session[1];
        peer[who].session[1] = peer[who].session[0];
        peer[who].session[0] = which
    fi;
    if
    :: FAULT == 3 -> peer[who].session[1] = 0; peer[who].session[2] = 0
    :: else
    fi
}

inline begin(one)
{
    begun = 1;
    do
    :: taken[begun] -> begun++; assert(begun < SESSION_MAX)
    :: else -> break
    od;
    taken[begun] = true;
    owner[begun] = one;
    speak_in(one, begun)
}

inline say(at)
{
    if
    :: peer[at].session[0] == 0 -> begin(at)
    :: else
    fi;
    peer[at].said++;
    session = peer[at].session[0];
    is_first = owner[session] == at && !confirmed[session];
    number = peer[at].said
}

inline hear(at)
{
    is_news = number > peer[at].newest;
    is_read = false;
    if
    :: HAS(at, session) -> is_read = true
    :: else ->
        if
        :: is_first && is_news && (FAULT != 2 || peer[at].session[0] == 0) -> is_read = true
        :: is_first && !is_news && FAULT != 2 -> /* said again by somebody: read within a minute, and not later */
            if
            :: is_read = true
            :: true
            fi
        :: else
        fi
    fi;
    if
    :: is_read ->
        speak_in(at, session);
        confirmed[session] = confirmed[session] || owner[session] == at;
        peer[at].newest = (is_news -> number : peer[at].newest)
    :: !is_read && is_news && FAULT != 1 -> begin(at)
    :: else
    fi
}

/* What one step worked with makes no two states of one; nor do, when nothing is on its way, what a session nobody has was called,
 * and how high they have counted: whatever is said next is news. */
inline clear()
{
    if
    :: len(way[0]) + len(way[1]) == 0 ->
        peer[0].said = 0; peer[0].newest = 0; peer[1].said = 0; peer[1].newest = 0;
        session = 1;
        do
        :: session < SESSION_MAX ->
            if
            :: taken[session] && !HAS(0, session) && !HAS(1, session) ->
                taken[session] = false; owner[session] = 0; confirmed[session] = false
            :: else
            fi;
            session++
        :: else -> break
        od
    :: else
    fi;
    begun = 0;
    session = 0; number = 0; i = 0; session_other = 0; number_other = 0;
    is_first = false; is_news = false; is_read = false; is_first_other = false
}

init
{
    byte session, number, i, steps = 0, rounds = 0, session_other, number_other;
    bool is_first, is_news, is_read, is_first_other;
    do
    :: steps < STEP_COUNT -> atomic {
        steps++;
        if
        :: i = 0
        :: i = 1
        fi;
        if
        :: nfull(way[1 - i]) -> say(i); way[1 - i] ! session, is_first, number
        :: say(i) /* lost */
        :: nempty(way[i]) ->
            way[i] ? session, is_first, number;
            if
            :: hear(i)
            :: hear(i); way[i] ! session, is_first, number /* and comes again */
            :: way[i] ! session, is_first, number          /* behind the others */
            fi
        :: forgotten < 2 ->
            forgotten++;
            peer[i].session[0] = 0; peer[i].session[1] = 0; peer[i].session[2] = 0;
            peer[i].newest = 0
        fi;
        clear() }
    :: break
    od;
    atomic { steps = 0; forgotten = 0 };
    do
    :: rounds < ROUND_COUNT -> atomic { /* one speaks */
        i = rounds % 2;
        say(i);
        hear(1 - i);
        assert(is_read || rounds < SETTLED);
        clear();
        rounds++ }
    :: rounds < ROUND_COUNT -> atomic { /* both do, before either hears */
        say(0);
        session_other = session; is_first_other = is_first; number_other = number;
        say(1);
        hear(0);
        assert(is_read || rounds < SETTLED);
        session = session_other; is_first = is_first_other; number = number_other;
        hear(1);
        assert(is_read || rounds < SETTLED);
        clear();
        rounds++ }
    :: atomic { nempty(way[0]) -> way[0] ? session, is_first, number; hear(0); clear(); rounds = 0 }
    :: atomic { nempty(way[1]) -> way[1] ? session, is_first, number; hear(1); clear(); rounds = 0 }
    :: rounds == ROUND_COUNT -> break
    od
}
