/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stddef.h>

/** Bytes on the heap that are in use, of the whole process. */
size_t sim_memory_size(void);

#endif
