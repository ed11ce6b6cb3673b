/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Safety numbers by libsignal's fingerprint, as Signal shows them: 5,200 rounds of SHA-512 for each side. */
#include <string.h>

#include <curve.h>
#include <fingerprint.h>

#include "session/fingerprint.h"
#include "session/internal.h"

enum { ROUND_COUNT = 5200, SCANNABLE_VERSION = 1 };

static int key_decode(nkt_sessions_t *sessions, const uint8_t key[32], ec_public_key **out)
{
    uint8_t encoded[NKT_DJB_KEY_SIZE];
    nkt_djb_encode(encoded, key);
    return curve_decode_point(out, encoded, sizeof encoded, sessions->context);
}

static int error_of(int signal_error)
{
    return signal_error == SG_ERR_NOMEM ? NKT_E_MEMORY : NKT_E_KEY;
}

int nkt_fingerprint(nkt_sessions_t *sessions, const nkt_address_t *own, const uint8_t own_key[32],
                    const nkt_address_t *other, const uint8_t other_key[32], char digits[NKT_SAFETY_DIGIT_COUNT + 1])
{
    char own_text[NKT_ADDRESS_TEXT_SIZE], other_text[NKT_ADDRESS_TEXT_SIZE];
    ec_public_key *own_point = NULL, *other_point = NULL;
    fingerprint_generator *generator = NULL;
    fingerprint *made = NULL;
    nkt_address_format(own, own_text);
    nkt_address_format(other, other_text);
    int err = key_decode(sessions, own_key, &own_point);
    if (err >= 0)
        err = key_decode(sessions, other_key, &other_point);
    if (err >= 0)
        err = fingerprint_generator_create(&generator, ROUND_COUNT, SCANNABLE_VERSION, sessions->context);
    if (err >= 0)
        err = fingerprint_generator_create_for(generator, own_text, own_point, other_text, other_point, &made);
    if (err >= 0) {
        const char *text = displayable_fingerprint_text(fingerprint_get_displayable(made));
        err = strlen(text) == NKT_SAFETY_DIGIT_COUNT ? 0 : SG_ERR_UNKNOWN;
        if (err == 0)
            memcpy(digits, text, NKT_SAFETY_DIGIT_COUNT + 1);
    }
    SIGNAL_UNREF(made);
    fingerprint_generator_free(generator);
    SIGNAL_UNREF(own_point);
    SIGNAL_UNREF(other_point);
    return err < 0 ? error_of(err) : NKT_OK;
}
