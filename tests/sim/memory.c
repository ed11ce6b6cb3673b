/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memory.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_HAS_ASAN 1
#endif
#endif

#ifdef SIM_HAS_ASAN
#include <sanitizer/allocator_interface.h>

size_t sim_memory_size(void)
{
    return __sanitizer_get_current_allocated_bytes();
}
#else
#include <malloc.h>

size_t sim_memory_size(void)
{
    return mallinfo2().uordblks;
}
#endif
