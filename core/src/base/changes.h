/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who of many has changed: noted when it changes, so that whoever looks after each step walks those alone. Embedded in who
 * changes, where it stays: nothing is allocated, and noting cannot fail.
 */
#ifndef NKT_BASE_CHANGES_H
#define NKT_BASE_CHANGES_H

#include <stdint.h>

typedef struct nkt_change nkt_change_t;

/** Those noted, the one noted first in front. All zero: none. */
typedef struct nkt_changes {
    nkt_change_t *first, *last;
} nkt_changes_t;

/** Of one. All zero: of nobody's list, and noting it does nothing. */
struct nkt_change {
    nkt_changes_t *list;
    void *owner;
    nkt_change_t *next, *before;
    uint8_t is_noted;
};

/** From now on it is noted in that list, which outlives it or is left before. */
void nkt_change_join(nkt_change_t *change, nkt_changes_t *list, void *owner);
/** It is noted no more, now or later. */
void nkt_change_leave(nkt_change_t *change);
/** At the end of the list, unless it is there. */
void nkt_change_note(nkt_change_t *change);
/** It was looked at: out of the list until it is noted again. */
void nkt_change_seen(nkt_change_t *change);

#endif
