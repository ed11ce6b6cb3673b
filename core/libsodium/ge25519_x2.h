/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Included by libsodium's crypto_core/ed25519/ref10/ed25519_ref10.c (tools/setup/edits.mjs), with its static functions and in its
 * style: multiples of points of edwards25519 with two field operations at once (fe25519_x2.h). Formulas: Hisil, Wong, Carter, Dawson,
 * "Twisted Edwards Curves Revisited" (2008), for a = -1 in extended coordinates, in which the eight products of an addition, and those
 * of a doubling, are four pairs. Two functions take the place of libsodium's and give the same: ge25519_scalarmult_base() in constant
 * time, ge25519_double_scalarmult_vartime() in a time that says something of its (public) arguments.
 */
#if defined(__wasm_simd128__) || defined(FE25519_X2)

# include "fe25519_x2.h"

typedef struct ge25519_x2 {
    fe25519_x2 xy; /* X, Y */
    fe25519_x2 zt; /* Z, T */
} ge25519_x2;

/* What is added: limbs of Y - X, Y + X, 2 Z, 2 d T in the lanes of one vector. The first two are within 2 R. */
typedef struct ge25519_x2_cached {
    fe25519_i32x4 v[FE25519_LIMBS];
} ge25519_x2_cached;

enum { GE25519_X2_WIDTH_A = 5, GE25519_X2_WIDTH_B = 8 }; /* of signed windows: odd digits below 2^(width - 1) */

/* Filled when it is first needed, once a life; there are no threads. */
static struct {
    int               is_there;
    fe25519_x2        d2;                                 /* 2, 2 d */
    ge25519_x2_cached row[32][8];                         /* row[i][j] = (j + 1) 256^i B */
    ge25519_x2_cached odd[1 << (GE25519_X2_WIDTH_B - 2)]; /* odd[j] = (2 j + 1) B */
} ge25519_x2_base;

/* X = E F, Y = G H, Z = F G, T = E H; of these each factor is within 4 R, the product of two bounds within 12. */
static inline void
ge25519_x2_finish(ge25519_x2 *r, const fe25519_x2 *eg, const fe25519_x2 *fh, const fe25519_x2 *fe, const fe25519_x2 *gh)
{
    fe25519_x2_mul(&r->xy, eg, fh);
    fe25519_x2_mul(&r->zt, fe, gh);
}

/* r = 2 p. r may be p */
static void
ge25519_x2_dbl(ge25519_x2 *r, const ge25519_x2 *p)
{
    fe25519_x2 ab, t, eg, fh, fe, gh;

    FE25519_X2_EACH (k) {
        t.v[k] = FE25519_X2_BLEND(p->zt.v[k], p->xy.v[k] + FE25519_X2_SWAP(p->xy.v[k]));
    }
    fe25519_x2_sq(&ab, &p->xy); /* A = X^2, B = Y^2 */
    fe25519_x2_sq(&t, &t);      /* Z^2, (X + Y)^2 */
    FE25519_X2_EACH (k) {
        const fe25519_i32x4 a = ab.v[k], b = FE25519_X2_SWAP(a), zz = t.v[k];
        const fe25519_i32x4 h = a + b;            /* in both lanes: H = A + B, 2 R */
        const fe25519_i32x4 e = h - zz;           /* in lane 1: E = H - (X + Y)^2, 3 R */
        const fe25519_i32x4 f = zz + zz + (a - b); /* in lane 0: F = 2 Z^2 + G, 4 R; G = A - B, 2 R */

        eg.v[k] = FE25519_X2_BLEND(FE25519_X2_SWAP(e), b - a);
        fh.v[k] = FE25519_X2_BLEND(f, h);
        fe.v[k] = FE25519_X2_BLEND(f, e);
        gh.v[k] = FE25519_X2_BLEND(a - b, h);
    }
    ge25519_x2_finish(r, &eg, &fh, &fe, &gh);
}

/* r = p + c. r may be p */
static void
ge25519_x2_add(ge25519_x2 *r, const ge25519_x2 *p, const ge25519_x2_cached *c)
{
    fe25519_x2 ab, dc, eg, fh, fe, gh;

    FE25519_X2_EACH (k) {
        const fe25519_i32x4 xy = p->xy.v[k], yx = FE25519_X2_SWAP(xy);

        eg.v[k] = FE25519_X2_BLEND(yx - xy, yx + xy);
        fh.v[k] = c->v[k];
        gh.v[k] = FE25519_X2_LANES(c->v[k], c->v[k], 2, 3, 2, 3);
    }
    fe25519_x2_mul(&ab, &eg, &fh);    /* A = (Y1 - X1) (Y2 - X2), B = (Y1 + X1) (Y2 + X2) */
    fe25519_x2_mul(&dc, &p->zt, &gh); /* D = Z1 2 Z2, C = T1 2 d T2 */
    FE25519_X2_EACH (k) {
        const fe25519_i32x4 a = ab.v[k], b = FE25519_X2_SWAP(a), d = dc.v[k], c_ = FE25519_X2_SWAP(d);
        const fe25519_i32x4 f = d - c_, g = d + c_, h = a + b; /* F in lane 0, G and H in both; all 2 R */

        eg.v[k] = FE25519_X2_BLEND(b - a, g); /* E = B - A */
        fh.v[k] = FE25519_X2_BLEND(f, h);
        fe.v[k] = FE25519_X2_BLEND(f, a - b); /* a has B in lane 1 */
        gh.v[k] = FE25519_X2_BLEND(g, h);
    }
    ge25519_x2_finish(r, &eg, &fh, &fe, &gh);
}

static void
ge25519_x2_cache(ge25519_x2_cached *c, const ge25519_x2 *p)
{
    fe25519_x2 zt;

    fe25519_x2_mul(&zt, &p->zt, &ge25519_x2_base.d2);
    FE25519_X2_EACH (k) {
        const fe25519_i32x4 xy = p->xy.v[k], yx = FE25519_X2_SWAP(xy);

        c->v[k] = FE25519_X2_LANES(FE25519_X2_BLEND(yx - xy, yx + xy), zt.v[k], 0, 1, 4, 5);
    }
}

/* c becomes -c if `negative` is 1 */
static inline void
ge25519_x2_cneg(ge25519_x2_cached *c, unsigned char negative)
{
    const fe25519_i32x4 t = { 0, 0, 0, -1 }, mask = fe25519_x2_mask(negative);

    FE25519_X2_EACH (k) {
        const fe25519_i32x4 minus = (FE25519_X2_LANES(c->v[k], c->v[k], 1, 0, 2, 3) ^ t) - t;

        c->v[k] ^= mask & (c->v[k] ^ minus);
    }
}

/* c = b * row[0], -8 <= b <= 8; every entry is read, whatever b is */
static inline void
ge25519_x2_select(ge25519_x2_cached *c, const ge25519_x2_cached row[8], const signed char b)
{
    const unsigned char bnegative = negative(b);
    const unsigned char babs      = b - (((-bnegative) & b) * ((signed char) 1 << 1));
    int                 j;

    FE25519_X2_EACH (k) {
        c->v[k] = (fe25519_i32x4){ k == 0, k == 0, k == 0 ? 2 : 0, 0 };
    }
    for (j = 0; j < 8; j++) {
        const fe25519_i32x4 mask = fe25519_x2_mask(equal(babs, j + 1));

        FE25519_X2_EACH (k) {
            c->v[k] ^= mask & (c->v[k] ^ row[j].v[k]);
        }
    }
    ge25519_x2_cneg(c, bnegative);
}

static void
ge25519_x2_set(ge25519_x2 *h, const ge25519_p3 *p)
{
    memset(h, 0, sizeof *h);
    fe25519_x2_set(&h->xy, 0, p->X);
    fe25519_x2_set(&h->xy, 1, p->Y);
    fe25519_x2_set(&h->zt, 0, p->Z);
    fe25519_x2_set(&h->zt, 1, p->T);
}

/* odd[j] = (2 j + 1) p */
static void
ge25519_x2_odd(ge25519_x2_cached *odd, int count, const ge25519_x2 *p)
{
    ge25519_x2        q;
    ge25519_x2_cached twice;
    int               j;

    ge25519_x2_dbl(&q, p);
    ge25519_x2_cache(&twice, &q);
    ge25519_x2_cache(&odd[0], p);
    q = *p;
    for (j = 1; j < count; j++) {
        ge25519_x2_add(&q, &q, &twice);
        ge25519_x2_cache(&odd[j], &q);
    }
}

static void
ge25519_x2_base_fill(void)
{
    unsigned char b[32];
    ge25519_p3    base;
    ge25519_x2    p;
    fe25519       two;
    int           i, j;

    memset(b, 0x66, sizeof b); /* B as bytes, little-endian */
    b[0] = 0x58;
    (void) ge25519_frombytes(&base, b);
    fe25519_1(two);
    fe25519_add(two, two, two);
    memset(&ge25519_x2_base.d2, 0, sizeof ge25519_x2_base.d2);
    fe25519_x2_set(&ge25519_x2_base.d2, 0, two);
    fe25519_x2_set(&ge25519_x2_base.d2, 1, d2);
    ge25519_x2_set(&p, &base);
    ge25519_x2_odd(ge25519_x2_base.odd, 1 << (GE25519_X2_WIDTH_B - 2), &p);
    for (i = 0; i < 32; i++) {
        ge25519_x2_cached *row = ge25519_x2_base.row[i];

        ge25519_x2_cache(&row[0], &p);
        for (j = 1; j < 8; j++) {
            ge25519_x2_add(&p, &p, &row[0]);
            ge25519_x2_cache(&row[j], &p);
        }
        for (j = 0; j < 5; j++) { /* p was 8 times the row's own point */
            ge25519_x2_dbl(&p, &p);
        }
    }
    ge25519_x2_base.is_there = 1;
}

static void
ge25519_x2_zero(ge25519_x2 *h)
{
    memset(h, 0, sizeof *h);
    h->xy.v[0][1] = 1;
    h->zt.v[0][0] = 1;
}

/* a[31] <= 127. Signed digits of 4 bits, the odd ones first, as in libsodium's own */
void
ge25519_scalarmult_base(ge25519_p3 *h, const unsigned char *a)
{
    signed char       e[64], carry = 0;
    ge25519_x2        p;
    ge25519_x2_cached t;
    int               i;

    if (!ge25519_x2_base.is_there) {
        ge25519_x2_base_fill();
    }
    for (i = 0; i < 32; ++i) {
        e[2 * i + 0] = (a[i] >> 0) & 15;
        e[2 * i + 1] = (a[i] >> 4) & 15;
    }
    for (i = 0; i < 63; ++i) {
        e[i] += carry;
        carry = e[i] + 8;
        carry >>= 4;
        e[i] -= carry * ((signed char) 1 << 4);
    }
    e[63] += carry; /* each between -8 and 8 */
    ge25519_x2_zero(&p);
    for (i = 1; i < 64; i += 2) {
        ge25519_x2_select(&t, ge25519_x2_base.row[i / 2], e[i]);
        ge25519_x2_add(&p, &p, &t);
    }
    for (i = 0; i < 4; i++) {
        ge25519_x2_dbl(&p, &p);
    }
    for (i = 0; i < 64; i += 2) {
        ge25519_x2_select(&t, ge25519_x2_base.row[i / 2], e[i]);
        ge25519_x2_add(&p, &p, &t);
    }
    fe25519_x2_get(h->X, &p.xy, 0);
    fe25519_x2_get(h->Y, &p.xy, 1);
    fe25519_x2_get(h->Z, &p.zt, 0);
    fe25519_x2_get(h->T, &p.zt, 1);
    sodium_memzero(e, sizeof e);
    sodium_memzero(&t, sizeof t);
}

/* a, below 2^255, as digits that are 0 or odd, of two that are not 0 at least `width` places apart */
static void
ge25519_x2_slide_vartime(signed char r[256], const unsigned char *a, int width)
{
    int i, j, carry = 0;

    memset(r, 0, 256);
    for (i = 0; i < 256; i++) {
        int digit = carry;

        if (((a[i >> 3] >> (i & 7)) & 1) == carry) {
            continue;
        }
        for (j = 0; j < width && i + j < 256; j++) {
            digit += ((a[(i + j) >> 3] >> ((i + j) & 7)) & 1) << j;
        }
        carry = digit >> (width - 1);
        r[i]  = digit - (carry << width);
        i += width - 1;
    }
}

static inline void
ge25519_x2_add_digit_vartime(ge25519_x2 *p, const ge25519_x2_cached *odd, int digit)
{
    ge25519_x2_cached c;

    if (digit > 0) {
        ge25519_x2_add(p, p, &odd[digit / 2]);
    } else if (digit < 0) {
        c = odd[-digit / 2];
        ge25519_x2_cneg(&c, 1);
        ge25519_x2_add(p, p, &c);
    }
}

/* r = a * A + b * B, both below 2^255, as of signatures */
void
ge25519_double_scalarmult_vartime(ge25519_p2 *r, const unsigned char *a, const ge25519_p3 *A, const unsigned char *b)
{
    signed char       aslide[256], bslide[256];
    ge25519_x2_cached odd[1 << (GE25519_X2_WIDTH_A - 2)];
    ge25519_x2        p;
    int               i;

    if (!ge25519_x2_base.is_there) {
        ge25519_x2_base_fill();
    }
    ge25519_x2_slide_vartime(aslide, a, GE25519_X2_WIDTH_A);
    ge25519_x2_slide_vartime(bslide, b, GE25519_X2_WIDTH_B);
    ge25519_x2_set(&p, A);
    ge25519_x2_odd(odd, 1 << (GE25519_X2_WIDTH_A - 2), &p);
    ge25519_x2_zero(&p);
    for (i = 255; i >= 0 && !(aslide[i] | bslide[i]); --i) {
    }
    for (; i >= 0; --i) {
        ge25519_x2_dbl(&p, &p);
        ge25519_x2_add_digit_vartime(&p, odd, aslide[i]);
        ge25519_x2_add_digit_vartime(&p, ge25519_x2_base.odd, bslide[i]);
    }
    fe25519_x2_get(r->X, &p.xy, 0);
    fe25519_x2_get(r->Y, &p.xy, 1);
    fe25519_x2_get(r->Z, &p.zt, 0);
}

/* libsodium's own */
# define GE25519_SCALARMULT_BASE ge25519_scalarmult_base_by_one
# define GE25519_DOUBLE_SCALARMULT_VARTIME ge25519_double_scalarmult_vartime_by_one
#else
# define GE25519_SCALARMULT_BASE ge25519_scalarmult_base
# define GE25519_DOUBLE_SCALARMULT_VARTIME ge25519_double_scalarmult_vartime
#endif
