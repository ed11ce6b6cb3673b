/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a keeper keeps: letters, and the session envelopes with their keys, in the order in which they came. Bounded in bytes
 * and count: per author, per recipient and in all. An author makes room for himself; then the one who has most, of that
 * recipient's or of all. Identities cost nothing: all strangers together have what one author has. Keys, which are small,
 * go last: without them the letters would be of no use.
 *
 * They lie in pages, each a stored record. The newest page takes in what comes until it is full; no other is written anew
 * before half of it is gone, so what is kept is written a bounded number of times.
 */
#ifndef NKT_OVERLAY_KEPT_H
#define NKT_OVERLAY_KEPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "nkt.h"
#include "wire/limits.h"

typedef struct nkt_kept nkt_kept_t;
typedef struct nkt_kept_pair nkt_kept_pair_t;
typedef struct nkt_kept_page nkt_kept_page_t;

/** The lists that a kept envelope is in. */
typedef enum nkt_kept_by {
    NKT_KEPT_BY_ORDER,
    NKT_KEPT_BY_AUTHOR,
    NKT_KEPT_BY_PAIR,
    NKT_KEPT_BY_PAGE,
    NKT_KEPT_BY_STRANGER, /* only what strangers wrote */
    NKT_KEPT_BY_COUNT
} nkt_kept_by_t;

typedef struct nkt_kept_list {
    nkt_kept_t *head, *tail;
} nkt_kept_list_t;

struct nkt_kept {
    uint8_t id[NKT_ID_SIZE]; /* key of the map */
    uint8_t is_key;          /* a session envelope */
    uint8_t is_strangers;    /* its author was one when it came */
    uint64_t order;          /* grows with each */
    uint64_t created_ms;     /* by its author's clock */
    uint64_t kept_ms, until_ms; /* by our age: nkt_clock_age() */
    uint64_t done_ms;        /* by the time of the steps: a key whose recipient has all that it opens here, since then; 0: not */
    nkt_kept_pair_t *pair;
    nkt_kept_page_t *page;
    struct {
        nkt_kept_t *previous, *next;
    } at[NKT_KEPT_BY_COUNT];
    size_t size;
    uint8_t frame[];
};

/** An author, or a recipient (zero: everybody). */
typedef struct nkt_kept_owner {
    nkt_address_t address; /* key of the map */
    size_t size, count;
    nkt_kept_list_t lists[2];   /* of an author: letters, keys */
    nkt_kept_pair_t *pairs;     /* of a recipient */
    struct nkt_kept_owner *previous, *next; /* among the authors */
} nkt_kept_owner_t;

struct nkt_kept_pair {
    uint8_t key[2 * NKT_ADDRESS_SIZE]; /* author, recipient */
    nkt_kept_owner_t *from, *to;
    size_t size, count;
    nkt_kept_list_t lists[2];
    uint64_t key_ms;   /* created_ms of the earliest of its keys, if that is known: there may be thousands */
    uint8_t has_key_ms;
    nkt_kept_pair_t *previous, *next; /* of the same recipient */
};

struct nkt_kept_page {
    nkt_kept_page_t *previous, *next;
    uint32_t number;
    size_t count, size;     /* that are there ... */
    size_t size_stored;     /* ... and in its record */
    nkt_kept_list_t list;
    uint8_t is_dirty, is_stored, has_keys; /* has_keys: in its record */
};

typedef struct nkt_kept_box {
    nkt_map_t ids, authors, recipients, pairs;
    nkt_kept_list_t list, strangers;
    size_t stranger_size, stranger_count;
    nkt_kept_owner_t *author_list;
    nkt_kept_page_t *first_page, *last_page;
    size_t size;
    uint64_t order;
    int is_dirty; /* a page is */
} nkt_kept_box_t;

/** Of an envelope that is to be kept. page 0: the one that takes in what comes. */
typedef struct nkt_kept_head {
    uint8_t id[NKT_ID_SIZE];
    nkt_address_t from, to; /* to: zero for everybody */
    int is_key, is_strangers;
    uint64_t created_ms, kept_ms, until_ms;
    uint32_t page;
} nkt_kept_head_t;

/** seed: unpredictable. No allocation. */
void nkt_kept_init(nkt_kept_box_t *box, uint64_t seed);
void nkt_kept_deinit(nkt_kept_box_t *box);

/** Keeps a copy of a frame. NKT_E_SIZE: more than one author may have, or than has room beside those of others;
 *  NKT_E_DUPLICATE: it is here; NKT_E_MEMORY. */
int nkt_kept_add(nkt_kept_box_t *box, const nkt_kept_head_t *head, const uint8_t *frame, size_t size);
nkt_kept_t *nkt_kept_find(const nkt_kept_box_t *box, const uint8_t id[NKT_ID_SIZE]);
void nkt_kept_drop(nkt_kept_box_t *box, nkt_kept_t *kept);

const nkt_address_t *nkt_kept_from(const nkt_kept_t *kept);
const nkt_address_t *nkt_kept_to(const nkt_kept_t *kept); /* zero: everybody */
/** What is kept for that recipient (zero: everybody), by author; NULL: nothing. */
nkt_kept_owner_t *nkt_kept_for(const nkt_kept_box_t *box, const nkt_address_t *to);
nkt_kept_owner_t *nkt_kept_of(const nkt_kept_box_t *box, const nkt_address_t *from);

/** created_ms of the earliest key that the author had kept for that recipient, UINT64_MAX: there is none. */
uint64_t nkt_kept_key_ms(const nkt_kept_box_t *box, const nkt_address_t *from, const nkt_address_t *to);
/** The first that came after that order, or NULL: found by pages, which are few. */
const nkt_kept_t *nkt_kept_after(const nkt_kept_box_t *box, uint64_t order);
/** Drops what is over its time, by our age, or was handed over, by the time of the steps. */
void nkt_kept_expire(nkt_kept_box_t *box, uint64_t age_ms, uint64_t now_ms);

/** What a record had of that page was added: it need not be written. is_keys: the record with its keys alone. 0: nothing of
 *  it is there (any more), so the record is of no use. */
int nkt_kept_restored(nkt_kept_box_t *box, uint32_t number, int is_keys);
/** After storage was read, in whatever order: puts what is kept in the order of its pages. What seems to have come later than
 *  now (a record of an identity that lost its age) came now, and stays for its life from now on. */
void nkt_kept_sort(nkt_kept_box_t *box, uint64_t age_ms);
/** A page without anything in it, whose record is deleted, or never was. */
void nkt_kept_page_free(nkt_kept_box_t *box, nkt_kept_page_t *page);

#endif
