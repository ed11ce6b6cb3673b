/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a manifest says, for people, before anything of it is fetched; and its slip, for who is to hold it and not to read it. */
#include <string.h>

#include <cJSON.h>
#include <sodium.h>

#include "content/content.h"
#include "state/state.h"

static char *parts_print(const nkt_manifest_t *manifest)
{
    cJSON *tree = cJSON_CreateObject();
    int is_complete = tree != NULL && cJSON_AddNumberToObject(tree, "size", (double)manifest->shape.size) != NULL &&
                      cJSON_AddStringToObject(tree, "type", manifest->type) != NULL &&
                      cJSON_AddStringToObject(tree, "name", manifest->name) != NULL;
    char *text = is_complete ? cJSON_PrintUnformatted(tree) : NULL;
    cJSON_Delete(tree);
    return text;
}

int nkt_content_look(nkt_swarm_t *swarm, uint32_t ticket, const uint8_t *bytes, size_t size)
{
    nkt_manifest_t manifest;
    nkt_effect_t fx = {.kind = NKT_FX_CONTENT_LOOKED, .ticket = ticket};
    int err = nkt_manifest_read(&manifest, bytes, size);
    if (err < 0)
        return err;
    char *text = parts_print(&manifest);
    nkt_buf_t *slip = &swarm->contents.plain;
    err = text == NULL ? NKT_E_MEMORY : nkt_manifest_write(slip, &manifest, 1);
    if (err == NKT_OK) {
        nkt_content_id(fx.id, manifest.access);
        fx.text = text;
        fx.text_size = strlen(text);
        fx.bytes = slip->data;
        fx.bytes_size = slip->size;
        nkt_emit(swarm, &fx);
    }
    nkt_buf_clear(slip);
    cJSON_free(text);
    sodium_memzero(&manifest, sizeof manifest);
    return err;
}
