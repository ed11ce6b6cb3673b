/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and texts, generated from the lists in core/include. */
#include "nkt.h"

const char *nkt_err_name(int err)
{
    switch (err) {
#define X(name, code, text)                                                                                            \
    case code:                                                                                                         \
        return #name;
#include "nkt_err.def"
#undef X
    default:
        return "NKT_E_UNKNOWN";
    }
}

const char *nkt_err_text(int err)
{
    switch (err) {
#define X(name, code, text)                                                                                            \
    case code:                                                                                                         \
        return text;
#include "nkt_err.def"
#undef X
    default:
        return "unknown error";
    }
}

const char *nkt_event_name(unsigned kind)
{
    static const char *const names[] = {
#define X(name) #name,
#include "nkt_event.def"
#undef X
    };
    return kind < sizeof names / sizeof names[0] ? names[kind] : NULL;
}

const char *nkt_effect_name(unsigned kind)
{
    static const char *const names[] = {
#define X(name) #name,
#include "nkt_effect.def"
#undef X
    };
    return kind < sizeof names / sizeof names[0] ? names[kind] : NULL;
}
