/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One real core among people it has sessions with, who are not there: what it costs to say something to so many. */
#ifndef NKT_TESTS_UNIT_SCENE_H
#define NKT_TESTS_UNIT_SCENE_H

#include "check.h"
#include "pair.h"
#include "state/swarm.h"

enum { SCENE_COUNT_MAX = 200 };

typedef struct scene {
    check_entropy_t entropy;
    nkt_host_t host;
    nkt_core_t *core;
    nkt_swarm_t *swarm; /* of the core, which it begins with */
    uint64_t now_ms;
    person_t people[SCENE_COUNT_MAX];
    end_t ends[SCENE_COUNT_MAX];
} scene_t;

/** count people, with sessions that both ends have used. */
scene_t *scene_new(size_t count);
void scene_free(scene_t *scene, size_t count);

/** A fact at the scene's time, effects drained. */
void scene_step(scene_t *scene, nkt_event_t *event);

/** All have heard everything, and hold the key. */
void scene_settle(scene_t *scene);

#endif
