/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Included by libsodium's crypto_core/ed25519/ref10/ed25519_ref10.c (tools/setup/edits.mjs), with its static functions and in
 * its style: its table of multiples of the base point, calculated when it is first needed. As constants it is 30 KB
 * that do not compress, a seventh of what a page had to load; calculated it costs a millisecond of each life. tests/unit
 * compares every byte with the constants.
 */
/* (j+1)*p for j < 8, in affine coordinates, as frombytes leaves them; *p becomes 256*p. */
static void
ge25519_base_row(ge25519_precomp row[8], ge25519_p3 *p)
{
    ge25519_p3     m[8];
    ge25519_cached c;
    ge25519_p1p1   r;
    fe25519        product[8], inverse, recip, x, y;
    unsigned char  s[32];
    int            j;

    m[0] = *p;
    fe25519_copy(product[0], p->Z);
    ge25519_p3_to_cached(&c, p);
    for (j = 1; j < 8; j++) {
        ge25519_add(&r, &m[j - 1], &c);
        ge25519_p1p1_to_p3(&m[j], &r);
        fe25519_mul(product[j], product[j - 1], m[j].Z);
    }
    *p = m[7];
    for (j = 0; j < 5; j++) {
        ge25519_p3_dbl(&r, p);
        ge25519_p1p1_to_p3(p, &r);
    }
    fe25519_invert(inverse, product[7]); /* one for all of the row */
    for (j = 7; j >= 0; j--) {
        if (j > 0) {
            fe25519_mul(recip, inverse, product[j - 1]);
            fe25519_mul(inverse, inverse, m[j].Z);
        } else {
            fe25519_copy(recip, inverse);
        }
        fe25519_mul(x, m[j].X, recip);
        fe25519_mul(y, m[j].Y, recip);
        fe25519_add(recip, y, x);
        fe25519_tobytes(s, recip);
        fe25519_frombytes(row[j].yplusx, s);
        fe25519_sub(recip, y, x);
        fe25519_tobytes(s, recip);
        fe25519_frombytes(row[j].yminusx, s);
        fe25519_mul(x, x, y);
        fe25519_mul(x, x, d2);
        fe25519_tobytes(s, x);
        fe25519_frombytes(row[j].xy2d, s);
    }
}

static void
ge25519_base_fill(void)
{
    unsigned char b[32];
    ge25519_p3    p;
    int           i;

    memset(b, 0x66, sizeof b); /* B as bytes, little-endian */
    b[0] = 0x58;
    (void) ge25519_frombytes(&p, b);
    for (i = 0; i < 32; i++) {
        ge25519_base_row(ge25519_base[i], &p);
    }
    ge25519_base_is_there = 1;
}
