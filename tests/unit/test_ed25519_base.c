/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table that core/libsodium/ed25519_base.h calculates, beside libsodium's constants, byte by
 * byte. Built twice: with limbs of 51 bits (native) and of 25.5 (WebAssembly). libsodium's file is
 * included, since the table is its own.
 */
#include <crypto_core/ed25519/ref10/ed25519_ref10.c> /* NOLINT(bugprone-suspicious-include) */

#include "check.h"

static const ge25519_precomp constants[32][8] = {
#ifdef HAVE_TI_MODE
#include <crypto_core/ed25519/ref10/fe_51/base.h>
#else
#include <crypto_core/ed25519/ref10/fe_25_5/base.h>
#endif
};

TEST(table_is_libsodiums)
{
    ge25519_base_fill();
    for (int i = 0; i < 32; i++)
        for (int j = 0; j < 8; j++) {
            check_row("%d * 256^%d * B", j + 1, i);
            CHECK_BYTES(&ge25519_base[i][j], &constants[i][j], sizeof constants[i][j]);
        }
}
