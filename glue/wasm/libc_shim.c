// SPDX-License-Identifier: GPL-3.0-or-later
// What the C library would ask of an operating system, and there is none: to end the process, to print,
// to tell of grown memory. Ending becomes a trap, which the host sees as an exception; printing is
// gone; the host notices grown memory by itself. With these the module imports nothing of WASI.
// And what the C library has in a form that is too slow for us.
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE_BYTES 65536u

_Noreturn void abort(void);
_Noreturn void exit(int status);
_Noreturn void _Exit(int status);
_Noreturn void __assert_fail(const char *what, const char *file, int line, const char *function);
double emscripten_get_now(void);
int emscripten_resize_heap(size_t size);
void *memset(void *at, int value, size_t size);

/* Linked for size, the C library's sets byte after byte, and wiping secrets (explicit_bzero) calls it: a sixth of what a message
 * cost. This is the instruction memory.fill, into which the compiler turns every other memset. */
void *memset(void *at, int value, size_t size)
{
    return __builtin_memset(at, value, size);
}

_Noreturn void abort(void)
{
    __builtin_trap();
}

_Noreturn void exit(int status)
{
    (void)status;
    __builtin_trap();
}

_Noreturn void _Exit(int status)
{
    (void)status;
    __builtin_trap();
}

_Noreturn void __assert_fail(const char *what, const char *file, int line, const char *function)
{
    (void)what;
    (void)file;
    (void)line;
    (void)function;
    __builtin_trap();
}

/* Asked for by the sleep of the C library's thread stubs, which nobody calls. */
double emscripten_get_now(void)
{
    __builtin_trap();
}

/* Called by sbrk with the wanted size of the whole memory; 1 when it is there. Grows by a fifth more
 * than asked (bounded by the module's maximum), so that growing stays rare. */
int emscripten_resize_heap(size_t size)
{
    const size_t page_count = __builtin_wasm_memory_size(0);
    const size_t wanted = size / PAGE_SIZE_BYTES + (size % PAGE_SIZE_BYTES != 0);
    if (wanted <= page_count)
        return 1;
    const size_t missing = wanted - page_count;
    if (__builtin_wasm_memory_grow(0, missing + page_count / 5) != SIZE_MAX)
        return 1;
    return __builtin_wasm_memory_grow(0, missing) != SIZE_MAX;
}
