/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memory.h"

#include "world.h"

int64_t *sim_memory_counter;

#ifdef __SANITIZE_ADDRESS__ /* gcc */
#define SIM_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_HAS_ASAN 1
#endif
#endif

#ifdef SIM_HAS_ASAN
size_t __sanitizer_get_current_allocated_bytes(void); /* gcc comes without the header */

size_t sim_memory_size(void)
{
    return __sanitizer_get_current_allocated_bytes();
}
#else
#include <malloc.h>

size_t sim_memory_size(void)
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd; /* large blocks are counted apart */
}
#endif

double sim_core_memory_size(const sim_t *sim)
{
    size_t of_world = sim_index_size(&sim->by_address) + (sim->ends.capacity + sim->sockets.capacity) * sizeof(void *) +
                      sim->queue.capacity * sizeof *sim->queue.heap + sim->book.wait_capacity * sizeof(uint32_t);
    for (size_t i = 0; i < sim->queue.count; i++)
        of_world += sim->queue.heap[i].bytes == NULL ? 0 : sim->queue.heap[i].bytes_size + 1;
    for (uint32_t i = 0; i < sim->server_count; i++) {
        const sim_server_t *server = &sim->servers[i];
        of_world += sim_index_size(&server->by_room) + sim_index_size(&server->by_address) +
                    sim_index_size(&server->by_swarm) + sim_index_size(&server->by_place) +
                    sim_index_size(&server->by_socket);
    }
    for (uint32_t i = 0; i < sim->ends.count; i++)
        of_world += sim->ends.list[i] == NULL ? 0 : sizeof *sim->ends.list[i];
    return (double)sim_memory_size() - (double)of_world;
}
