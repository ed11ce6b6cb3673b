/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each core holds on the heap: the linker sends every allocation of the program here (--wrap), and those that are
 * made while a core runs go to its account. Sizes are those that malloc set aside.
 */
#include <malloc.h>
#include <stdlib.h>

#include "memory.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

static void count(void *memory, int sign)
{
    if (sim_memory_counter != NULL && memory != NULL)
        *sim_memory_counter += sign * (int64_t)malloc_usable_size(memory);
}

void *__wrap_malloc(size_t size)
{
    void *memory = __real_malloc(size);
    count(memory, 1);
    return memory;
}

void *__wrap_calloc(size_t number, size_t size)
{
    void *memory = __real_calloc(number, size);
    count(memory, 1);
    return memory;
}

void *__wrap_realloc(void *memory, size_t size)
{
    count(memory, -1);
    void *moved = __real_realloc(memory, size);
    count(moved != NULL || size == 0 ? moved : memory, 1);
    return moved;
}

void __wrap_free(void *memory)
{
    count(memory, -1);
    __real_free(memory);
}
