/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * assert() of everything in the module, ours and the libraries': what fails is a trap, which the host sees as an exception and
 * recovers from. The C library's would carry each condition and file name along, for a message that nobody can print. There is no guard:
 * as the standard has it, each inclusion looks at NDEBUG anew.
 */
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((void)((condition) || (__builtin_trap(), 0)))
#endif

#undef static_assert
#define static_assert _Static_assert
