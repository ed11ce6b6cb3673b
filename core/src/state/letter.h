/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters, which keepers keep for days: their authors (letter.c), recipients (reading.c) and keepers (keeper.c). For swarm.h. */
#ifndef NKT_STATE_LETTER_H
#define NKT_STATE_LETTER_H

#include "base/bucket.h"
#include "base/timer.h"
#include "nkt.h"
#include "overlay/letterkey.h"
#include "state/message.h"
#include "wire/envelope.h"
#include "wire/pack.h"

struct Nkt__Inner;
struct Nkt__LetterKey;

/** A frame on its way to keepers. */
typedef struct nkt_letter_item {
    struct nkt_letter_item *next;
    uint8_t id[NKT_ID_SIZE];
    uint8_t waiting_bits, sent_bits; /* by place of the keeper: has no receipt; was sent to */
    uint8_t is_taken;   /* by a keeper: it need not have more of them */
    uint8_t is_held;    /* a letter: keys go first, so that nobody is handed what he cannot open */
    uint64_t step;      /* of a key: made in this one, it waits for its PUT */
    size_t size;
    uint8_t frame[];
} nkt_letter_item_t;

/** One who keeps for us. */
typedef struct nkt_letter_keeper {
    nkt_address_t address;
    uint8_t is_used;
    uint64_t again_ms; /* what is under way is sent again then; 0: nothing is */
    uint32_t attempt;
} nkt_letter_keeper_t;

/** Our side: what we give to keepers. */
typedef struct nkt_letters {
    nkt_letter_key_t key, base; /* for everybody; as it was when the first letter was written that not all were given the key of */
    uint64_t base_ms;           /* created_ms of that letter; 0: all were given it */
    uint64_t created_ms;        /* of the last letter */
    nkt_letter_item_t *head, *tail;
    size_t size;
    nkt_letter_keeper_t keepers[NKT_KEEPER_COUNT_MAX];
    nkt_timer_t timer;
} nkt_letters_t;

/** Those of one author. */
typedef struct nkt_letter_chains {
    nkt_letter_key_t keys[NKT_LETTER_KEY_COUNT]; /* the newest first */
    nkt_letter_key_t at[NKT_KEEPER_COUNT_MAX]; /* places in those chains: of as many keepers as hand over at the same time */
} nkt_letter_chains_t;

/** What one user has to do with letters. */
typedef struct nkt_user_letters {
    /* to it */
    nkt_letter_key_t key;      /* for it alone */
    uint64_t given, own_given; /* epochs of the keys that it was given since it is away: for all, for it alone */
    uint64_t given_ms, own_ms;
    uint64_t held;             /* of the keys for all, the newest that it was ever given: it may have it still */
    uint8_t is_due;            /* something is to be written to it, or a key given */
    /* from it */
    nkt_letter_chains_t *chains; /* NULL: none */
    uint8_t at_next;        /* the one to be given up */
    nkt_bucket_t step_bucket; /* of what finding places costs */
    uint64_t floor;         /* of its streams: those up to it are heard or given up */
} nkt_user_letters_t;

/* ---- keeper.c ---- */

/** Prefixes of its records: its pages, and once more the keys in them. */
#define NKT_KEPT_PREFIX "kept/"
#define NKT_KEYS_PREFIX "keys/"

#endif
