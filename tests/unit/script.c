/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "script.h"

#include <string.h>

static int draw(void *context, uint8_t *buf, size_t size)
{
    script_t *script = context;
    CHECK(script->next < script->count);
    CHECK_EQ(size, script->sizes[script->next]);
    memcpy(buf, script->items[script->next++], size);
    return 0;
}

nkt_host_t script_host(script_t *script)
{
    return (nkt_host_t){.entropy = draw, .context = script};
}

void script_add(script_t *script, const char *hex)
{
    if (strcmp(hex, "-") == 0)
        return;
    CHECK(script->count < SCRIPT_ITEM_MAX && strlen(hex) / 2 <= SCRIPT_ITEM_SIZE_MAX);
    script->sizes[script->count] = strlen(hex) / 2;
    check_hex(hex, script->items[script->count], script->sizes[script->count]);
    script->count++;
}

void script_end(script_t *script)
{
    CHECK_EQ(script->next, script->count);
    script->next = script->count = 0;
}

void script_hex(nkt_buf_t *out, const char *hex)
{
    size_t size = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
    nkt_buf_clear(out);
    CHECK_OK(nkt_buf_reserve(out, size + 1));
    if (size > 0)
        check_hex(hex, out->data, size);
    out->size = size;
}

void script_same(const nkt_buf_t *bytes, const nkt_buf_t *expected)
{
    CHECK_EQ(bytes->size, expected->size);
    CHECK_BYTES(bytes->data, expected->data, expected->size);
}
