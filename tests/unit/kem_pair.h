/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two ends of a KEM ratchet, for its tests. */
#ifndef NKT_TESTS_UNIT_KEM_PAIR_H
#define NKT_TESTS_UNIT_KEM_PAIR_H

#include "check.h"
#include "session/kem_keys.h"

typedef struct kem_pair {
    check_entropy_t entropy[2];
    nkt_host_t host[2];
    nkt_kem_t end[2]; /* 0 began the session */
    uint8_t public_key[NKT_KEM_KEY_SIZE];
    uint8_t secret_key[NKT_KEM_SECRET_SIZE];
} kem_pair_t;

extern const uint8_t kem_context[32];

enum { KEM_PREKEY_ID = 77 };

/** One has begun; the other knows nothing of it yet. */
void kem_pair_init(kem_pair_t *pair, uint64_t seed);
/** And has had the first message, and answered it. */
void kem_pair_init_established(kem_pair_t *pair, uint64_t seed);
void kem_pair_deinit(kem_pair_t *pair);

/** Replaces out by the header of the next message, and a text sealed with its key. nkt_kem_say()'s errors. */
int kem_seal(nkt_kem_t *kem, const uint8_t *plain, size_t size, nkt_buf_t *out);
/** The reverse; news as of nkt_kem_hear(), and its errors. */
int kem_open(nkt_kem_t *kem, const uint8_t *bytes, size_t size, nkt_buf_t *out, nkt_kem_news_t *news);
/** How much of it is the header, as its flags say. */
size_t kem_head_size(const uint8_t *bytes, size_t size);

/** Prepares and seals a text; bytes replaces what it holds. Returns whether the state has to be
 * stored first. */
int kem_say(kem_pair_t *pair, int from, const char *text, nkt_buf_t *bytes);

/** Opens and accepts, or says why not; the end answers a first message by having a session. */
int kem_hear(kem_pair_t *pair, int to, const nkt_buf_t *bytes, nkt_buf_t *text);

/** It must be that text. */
void kem_hear_text(kem_pair_t *pair, int to, const nkt_buf_t *bytes, const char *text);

/** It must be refused so, and leave the end as it was. */
void kem_refuse(kem_pair_t *pair, int to, const nkt_buf_t *bytes, int err);

/** Says and hears. */
void kem_pass(kem_pair_t *pair, int from, const char *text);

#endif
