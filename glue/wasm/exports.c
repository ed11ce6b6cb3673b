/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The flat export layer of the core: numbers and addresses in linear memory, no logic.
 * glue/core.js and core_*.js are its only callers. Every pointer is an offset into the module's memory.
 */
#include <stdlib.h>
#include <string.h>

#include "nkt.h"

#define NKT_EXPORT(name) __attribute__((export_name(#name))) name

/** The host's entropy: fills size bytes at buf, 0 or negative. The only fact the core cannot be told by events. */
__attribute__((import_module("host"), import_name("entropy"))) extern int host_entropy(uint8_t *buf, size_t size);

/** What nkt_wasm_poll() writes; core_effect.js reads it at these offsets. */
typedef struct nkt_wasm_effect {
    uint32_t kind;
    uint32_t link;
    uint32_t ticket;
    uint32_t flags;
    int32_t value;
    uint32_t bytes;
    uint32_t bytes_size;
    uint32_t text;
    uint32_t text_size;
    uint32_t reserved;
    double time_ms;
    uint8_t address[NKT_ADDRESS_SIZE];
    uint8_t peer[NKT_ADDRESS_SIZE];
    uint8_t id[NKT_ID_SIZE];
} nkt_wasm_effect_t;

_Static_assert(offsetof(nkt_wasm_effect_t, bytes) == 20, "core_effect.js reads at fixed offsets");
_Static_assert(offsetof(nkt_wasm_effect_t, time_ms) == 40, "core_effect.js reads at fixed offsets");
_Static_assert(offsetof(nkt_wasm_effect_t, address) == 48, "core_effect.js reads at fixed offsets");
_Static_assert(offsetof(nkt_wasm_effect_t, id) == 88, "core_effect.js reads at fixed offsets");
_Static_assert(sizeof(nkt_wasm_effect_t) == 104, "core_effect.js reads at fixed offsets");

/** By which the glue knows a module that it is not for. */
uint32_t NKT_EXPORT(nkt_wasm_interface)(void)
{
    return NKT_WASM_INTERFACE;
}

static int entropy_hook(void *context, uint8_t *buf, size_t size)
{
    (void)context;
    return host_entropy(buf, size);
}

/** Memory for arguments; 0 when there is none. */
void *NKT_EXPORT(nkt_wasm_alloc)(size_t size)
{
    return malloc(size);
}

/** Frees what nkt_wasm_alloc() gave, wiped: it may have held keys. */
void NKT_EXPORT(nkt_wasm_release)(void *memory, size_t size)
{
    if (memory != NULL)
        memset(memory, 0, size);
    free(memory);
}

/** A core (positive), or an error. store_key may be 0. */
intptr_t NKT_EXPORT(nkt_wasm_new)(const char *json, size_t json_size, const uint8_t *store_key, const uint8_t *seed)
{
    const nkt_host_t host = {.entropy = entropy_hook, .context = NULL};
    nkt_core_t *core = NULL;
    int err = nkt_new_json(json, json_size, store_key, seed, &host, &core);
    return err < 0 ? (intptr_t)err : (intptr_t)core;
}

void NKT_EXPORT(nkt_wasm_delete)(nkt_core_t *core)
{
    nkt_free(core);
}

/** nkt_step(); address may be 0 (everybody). */
int NKT_EXPORT(nkt_wasm_step)(nkt_core_t *core, uint32_t kind, uint32_t link, uint32_t ticket, uint32_t flags,
                              int32_t value, double now_ms, double wall_ms, const uint8_t *address,
                              const uint8_t *bytes, size_t bytes_size, const char *text, size_t text_size)
{
    nkt_event_t event = {
        .kind = (nkt_event_kind_t)kind,
        .link = link,
        .ticket = ticket,
        .flags = flags,
        .value = value,
        .now_ms = (uint64_t)now_ms,
        .wall_ms = (uint64_t)wall_ms,
        .bytes = bytes,
        .bytes_size = bytes_size,
        .text = text,
        .text_size = text_size,
    };
    if (address != NULL)
        memcpy(event.address.b, address, NKT_ADDRESS_SIZE);
    return nkt_step(core, &event);
}

/** Writes the next effect to *out and returns its kind (0: none left). */
uint32_t NKT_EXPORT(nkt_wasm_poll)(nkt_core_t *core, nkt_wasm_effect_t *out)
{
    nkt_effect_t fx;
    if (nkt_poll(core, &fx) != 1)
        return NKT_FX_NONE;
    *out = (nkt_wasm_effect_t){
        .kind = fx.kind,
        .link = fx.link,
        .ticket = fx.ticket,
        .flags = fx.flags,
        .value = fx.value,
        .bytes = (uint32_t)(uintptr_t)fx.bytes,
        .bytes_size = (uint32_t)fx.bytes_size,
        .text = (uint32_t)(uintptr_t)fx.text,
        .text_size = (uint32_t)fx.text_size,
        .time_ms = (double)fx.time_ms,
    };
    memcpy(out->address, fx.address.b, NKT_ADDRESS_SIZE);
    memcpy(out->peer, fx.peer.b, NKT_ADDRESS_SIZE);
    memcpy(out->id, fx.id, NKT_ID_SIZE);
    return fx.kind;
}

/** nkt_rest(), then when the core is to be called again: milliseconds on the scale of now_ms, infinity for no wish. */
double NKT_EXPORT(nkt_wasm_deadline)(nkt_core_t *core)
{
    nkt_rest(core);
    uint64_t at_ms = nkt_deadline_ms(core);
    return at_ms == UINT64_MAX ? __builtin_inf() : (double)at_ms;
}

/** Writes {pointer, size} of the health text to out; 0 or an error. */
int NKT_EXPORT(nkt_wasm_health)(nkt_core_t *core, uint32_t out[2])
{
    const char *json = NULL;
    size_t json_size = 0;
    int err = nkt_health_json(core, &json, &json_size);
    if (err < 0)
        return err;
    out[0] = (uint32_t)(uintptr_t)json;
    out[1] = (uint32_t)json_size;
    return NKT_OK;
}

/** Writes the safety number with the user at address to digits (NKT_SAFETY_DIGIT_COUNT + 1 bytes); 0 or an error. */
int NKT_EXPORT(nkt_wasm_safety_number)(nkt_core_t *core, const nkt_address_t *address, char *digits)
{
    return nkt_safety_number(core, address, digits);
}

/** Writes what names the room to text (NKT_ROOM_TEXT_SIZE bytes); 0 or an error. */
int NKT_EXPORT(nkt_wasm_room_id)(const nkt_core_t *core, char *text)
{
    return nkt_room_id(core, text);
}

/** 1 if the user at address may have what is said to everybody in the room, 0 if not, or an error. */
int NKT_EXPORT(nkt_wasm_is_of_room)(nkt_core_t *core, const nkt_address_t *address)
{
    return nkt_is_of_room(core, address);
}

/** Writes the terminated text form of the 20 bytes at address to text (NKT_ADDRESS_TEXT_SIZE bytes). */
void NKT_EXPORT(nkt_wasm_address_format)(const nkt_address_t *address, char *text)
{
    nkt_address_format(address, text);
}

/** 0 and 20 bytes at address, or NKT_E_ADDRESS. */
int NKT_EXPORT(nkt_wasm_address_parse)(const char *text, size_t text_size, nkt_address_t *address)
{
    return nkt_address_parse(text, text_size, address);
}

/** nkt_passphrase_key(); in an instance of its own, whose memory goes away with it. */
int NKT_EXPORT(nkt_wasm_passphrase_key)(const char *passphrase, size_t passphrase_size, const uint8_t *salt,
                                        size_t salt_size, uint32_t pass_count, uint32_t memory_kib, uint8_t *key)
{
    return nkt_passphrase_key(passphrase, passphrase_size, salt, salt_size, pass_count, memory_kib, key);
}

/** Terminated names, so that JavaScript has no lists of its own: table 0 events, 1 effects (0 past the end). */
const char *NKT_EXPORT(nkt_wasm_name)(uint32_t table, uint32_t index)
{
    return table == 0 ? nkt_event_name(index) : nkt_effect_name(index);
}

/** Terminated name and text of an error code. */
const char *NKT_EXPORT(nkt_wasm_err_name)(int err)
{
    return nkt_err_name(err);
}

const char *NKT_EXPORT(nkt_wasm_err_text)(int err)
{
    return nkt_err_text(err);
}
