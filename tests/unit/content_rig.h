/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peers with nothing but contents: links that are simply there, a host in memory, time that is set. */
#ifndef NKT_TESTS_CONTENT_RIG_H
#define NKT_TESTS_CONTENT_RIG_H

#include "content/content.h"
#include "state/swarm.h"

enum { RIG_PEER_COUNT_MAX = 8, RIG_TICKET = 9, RIG_PIECE_COUNT_MAX = 64 };

typedef struct rig_peer {
    nkt_swarm_t *swarm;
    nkt_link_t *to[RIG_PEER_COUNT_MAX]; /* its link to each, or NULL */
    nkt_buf_t pieces[RIG_PIECE_COUNT_MAX]; /* as they were given to be stored */
    nkt_buf_t leaves, manifest, holders, text[RIG_PIECE_COUNT_MAX];
    unsigned write_count, read_count, text_count;
    unsigned last_count, last_write;    /* WRITEs with NKT_CONTENT_LAST; as which the last of them came */
    uint32_t state, value;              /* of the last CONTENT */
    int no_disk;                        /* WRITE fails */
    int is_deaf;                        /* READs and WRITEs are not answered */
    int last_error;                     /* of the last frame that was no good */
} rig_peer_t;

typedef struct rig {
    rig_peer_t peers[RIG_PEER_COUNT_MAX];
    size_t peer_count;
    /* on every frame: may change it, or drop it (0) */
    int (*on_frame)(struct rig *rig, size_t from, size_t to, uint8_t *bytes, size_t size);
    size_t frame_count, data_count;
} rig_t;

void rig_init(rig_t *rig, size_t peer_count);
void rig_free(rig_t *rig);
void rig_join(rig_t *rig, size_t a, size_t b);
/** The link is gone at both ends. */
void rig_part(rig_t *rig, size_t a, size_t b);
/** Until nothing more follows; then for so long, timers as they are due. */
void rig_run(rig_t *rig, uint64_t ms);
/** Peer 0 shares so many bytes, from rig_byte(); its manifest is then in its `manifest`. */
void rig_share(rig_t *rig, size_t size, unsigned flags);
uint8_t rig_byte(size_t at);
/** The peer opens it, with those pieces that it has stored. */
void rig_open(rig_t *rig, size_t peer);
/** A frame of the peer `from`, made up. What nkt_content_frame() says. */
int rig_frame(rig_t *rig, size_t from, size_t to, const nkt_buf_t *frame);
uint64_t rig_dropped(const rig_t *rig, size_t peer, int err);

#endif
