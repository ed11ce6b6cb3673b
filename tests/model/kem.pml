/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The KEM ratchet of one session (docs/protocol.md, 5a), abstracted: a secret is a number that whoever encapsulates draws. All
 * orders of what two ends say, of what the network loses, doubles and reorders, and of crashes between storing and sending.
 * Claims: an end never hears a message of a later epoch that it cannot enter (nobody is left behind), both ends of an epoch have
 * one secret, and no key of a chain seals twice.
 *
 * FAULT puts a fault in, which must be found: 1: an answer is said once only; 2: no places are skipped after a crash; 3: what
 * was changed leaves before it is stored; 4: an offer that is followed by another is forgotten.
 */
#ifndef FAULT
#define FAULT 0
#endif
#ifndef SAY_COUNT
#define SAY_COUNT 5
#endif
#define RESERVED 1   /* places that a stored state leaves behind */
#define OFFER_MAX 2
#define SECRET_MAX 7
#define PLACE_MAX 8

typedef End {
    byte epoch;
    bool offerer;
    byte offers;   /* ids 1..offers are out */
    byte key;      /* id of the other's newest offer, 0: none */
    byte answer;   /* id that our ciphertext answers, 0: none is said */
    byte base;     /* the secret before this epoch's, which the answer goes on from */
    byte secret;
    byte place
}

End now[2];
End stored[2];
byte reserved[2];
bool dirty[2];
byte drawn = 0;    /* secrets so far; 0 is that of epoch 0 */
byte said = 0;
byte crashes = 0;
bool used[128];    /* end * 64 + secret * 8 + place */

chan way[2] = [2] of { byte, byte, byte, byte, byte, byte }; /* epoch, secret, place, offer, answer, base; to 0, to 1 */

inline copy(a, b)
{
    a.epoch = b.epoch; a.offerer = b.offerer; a.offers = b.offers; a.key = b.key;
    a.answer = b.answer; a.base = b.base; a.secret = b.secret; a.place = b.place
}

inline store(i)
{
    copy(stored[i], now[i]);
    reserved[i] = RESERVED;
    dirty[i] = false
}

inline enter(i, next_secret, is_offerer)
{
    now[i].base = now[i].secret;
    now[i].secret = next_secret;
    now[i].epoch++;
    now[i].offerer = is_offerer;
    now[i].offers = 0;
    now[i].key = 0;
    now[i].place = 0
}

inline say(i)
{
    d_step {
        changed = false;
        if
        :: !now[i].offerer && now[i].key > 0 && drawn < SECRET_MAX ->
            answered = now[i].key;
            drawn++;
            enter(i, drawn, true);
            now[i].answer = answered;
            changed = true
        :: else
        fi
    }
    if
    :: now[i].offerer && now[i].offers < OFFER_MAX -> now[i].offers++; changed = true
    :: true
    fi;
    d_step {
        if
        :: FAULT != 3 && (changed || dirty[i] || reserved[i] == 0) -> store(i)
        :: FAULT == 3 && reserved[i] == 0 -> store(i)
        :: else
        fi;
        reserved[i]--;
        assert(now[i].place < PLACE_MAX);
        assert(!used[i * 64 + now[i].secret * 8 + now[i].place]); /* no key seals twice */
        used[i * 64 + now[i].secret * 8 + now[i].place] = true;
        said++
    }
    if
    :: way[1 - i] ! now[i].epoch, now[i].secret, now[i].place, now[i].offers, now[i].answer, now[i].base
    :: true /* lost */
    fi;
    d_step {
        now[i].place++;
        if
        :: FAULT == 1 -> now[i].answer = 0
        :: else
        fi
    }
}

inline hear(i)
{
    if
    :: m_epoch == now[i].epoch ->
        assert(m_secret == now[i].secret); /* both ends of an epoch have one secret */
        now[i].answer = 0;
        if
        :: !now[i].offerer && m_offer > now[i].key -> now[i].key = m_offer
        :: else
        fi;
        dirty[i] = true
    :: m_epoch > now[i].epoch -> /* nobody is left behind: it answers one of our offers, and goes on from our secret */
        assert(m_epoch == now[i].epoch + 1 && now[i].offerer && m_answer > 0 && m_answer <= now[i].offers);
        assert(FAULT != 4 || m_answer == now[i].offers);
        assert(m_base == now[i].secret);
        enter(i, m_secret, false);
        now[i].answer = 0;
        now[i].key = m_offer;
        dirty[i] = true
    :: else /* of an epoch that is over: heard by its chain, changes nothing */
    fi
}

proctype Talk(byte i)
{
    byte m_epoch, m_secret, m_place, m_offer, m_answer, m_base, answered;
    bool changed;
end:
    do
    :: atomic { said < SAY_COUNT -> say(i) }
    :: atomic { way[i] ?? m_epoch, m_secret, m_place, m_offer, m_answer, m_base -> hear(i) }           /* the first */
    :: atomic { way[i] ? m_epoch, m_secret, m_place, m_offer, m_answer, m_base ->
                if
                :: nfull(way[i]) -> way[i] ! m_epoch, m_secret, m_place, m_offer, m_answer, m_base     /* behind the others, or twice: */
                :: true                                                                                /* or lost */
                fi;
                if
                :: hear(i)
                :: true
                fi }
    :: atomic { crashes < 1 && said > 0 ->
                crashes++;
                copy(now[i], stored[i]);
                if
                :: FAULT != 2 -> now[i].place = now[i].place + RESERVED
                :: else
                fi;
                store(i) }
    od
}

init
{
    atomic {
        now[0].offerer = true; /* it began the session; that its first message has the ciphertext is not modelled */
        store(0);
        store(1);
        run Talk(0);
        run Talk(1)
    }
}
