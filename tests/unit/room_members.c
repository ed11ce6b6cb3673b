/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may have what is said to everybody in the room. */
#include <stdlib.h>

#include "people/people.h"
#include "scene.h"
#include "state/state.h"

TEST(of_the_room_is_who_showed_that_he_knows_it)
{
    scene_t *scene = scene_new(1);
    nkt_swarm_t *swarm = scene->swarm;
    nkt_user_t *user = swarm->user_list[0];
    static const struct {
        uint8_t is_open, is_member, is_doubted;
        int answer;
    } rows[] = {
        {1, 1, 0, 1}, {1, 0, 0, 1}, /* whoever knows a room without a secret is of it */
        {0, 1, 0, 1}, {0, 0, 0, 0},
        {1, 1, 1, 0}, {1, 0, 1, 0}, {0, 1, 1, 0}, {0, 0, 1, 0}, /* his record may be old */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row("row %zu", i);
        swarm->room.is_open = rows[i].is_open;
        user->standing.is_member = rows[i].is_member;
        user->standing.is_doubted = rows[i].is_doubted;
        CHECK_EQ(nkt_is_of_room(scene->core, &user->address), rows[i].answer);
    }
    scene_free(scene, 1);
}

TEST(of_no_room_is_who_is_not_known)
{
    scene_t *scene = scene_new(1);
    const nkt_address_t nobody = {{9}}, address = scene->swarm->user_list[0]->address;
    CHECK_EQ(nkt_is_of_room(scene->core, &address), 1);
    CHECK_ERR(nkt_is_of_room(scene->core, &nobody), NKT_E_UNKNOWN_USER);
    CHECK_ERR(nkt_is_of_room(scene->core, &scene->swarm->identity.address), NKT_E_UNKNOWN_USER);
    CHECK_ERR(nkt_is_of_room(scene->core, NULL), NKT_E_ARGUMENT);
    CHECK_ERR(nkt_is_of_room(NULL, &address), NKT_E_ARGUMENT);
    scene_step(scene, &(nkt_event_t){.kind = NKT_EV_STOP});
    CHECK_ERR(nkt_is_of_room(scene->core, &address), NKT_E_STATE);
    scene_free(scene, 1);
}

TEST(of_no_room_is_anybody_before_the_start)
{
    static const char options[] = "{\"nick\":\"Ada\",\"room\":\"tea\"}";
    uint8_t seed[NKT_SEED_SIZE] = {1};
    check_entropy_t entropy = {.seed = 7};
    nkt_host_t host = check_host(&entropy);
    nkt_core_t *core;
    const nkt_address_t address = {{1}};
    CHECK_OK(nkt_new_json(options, sizeof options - 1, NULL, seed, &host, &core));
    CHECK_ERR(nkt_is_of_room(core, &address), NKT_E_STATE);
    nkt_free(core);
}
