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
enum { GE25519_X2_ODD_A = 1 << (GE25519_X2_WIDTH_A - 2), GE25519_X2_ODD_B = 1 << (GE25519_X2_WIDTH_B - 2) }; /* positive ones */
enum { GE25519_X2_HALF = 128 }; /* bits of a scalar's lower half */

/* Filled when it is first needed, once a life; there are no threads. */
static struct {
    int               is_there;
    fe25519_x2        d2;                      /* 2, 2 d */
    ge25519_x2_cached row[32][8];              /* row[i][j] = (j + 1) 256^i B */
    ge25519_x2_cached odd[2][GE25519_X2_ODD_B]; /* odd[0][j] = (2 j + 1) B, odd[1][j] = (2 j + 1) 2^128 B */
} ge25519_x2_base;

/*
 * Keys that signatures were verified with of late. Who says something says more: with multiples of 2^128 A at hand, calculated when a
 * key comes again, a verification has half the doublings. All of it is public, and nothing but time depends on what is here.
 */
typedef struct ge25519_x2_key {
    ge25519_p3        A;
    int               uses; /* at most 2; as many of odd[] are there */
    ge25519_x2_cached odd[2][GE25519_X2_ODD_A];
} ge25519_x2_key;

enum { GE25519_X2_KEYS = 16 }; /* 2.5 KB each: those who talk at a time, in a room of any size */

static struct {
    ge25519_x2_key key[GE25519_X2_KEYS];
    unsigned char  order[GE25519_X2_KEYS]; /* of key[], the latest first */
} ge25519_x2_keys;

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

static void
ge25519_x2_dbl_many(ge25519_x2 *p, int n)
{
    while (n-- > 0) {
        ge25519_x2_dbl(p, p);
    }
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
    ge25519_x2_odd(ge25519_x2_base.odd[0], GE25519_X2_ODD_B, &p);
    for (i = 0; i < 32; i++) {
        ge25519_x2_cached *row = ge25519_x2_base.row[i];

        if (i == GE25519_X2_HALF / 8) {
            ge25519_x2_odd(ge25519_x2_base.odd[1], GE25519_X2_ODD_B, &p);
        }
        ge25519_x2_cache(&row[0], &p);
        for (j = 1; j < 8; j++) {
            ge25519_x2_add(&p, &p, &row[0]);
            ge25519_x2_cache(&row[j], &p);
        }
        ge25519_x2_dbl_many(&p, 5); /* it was 8 times the row's own point */
    }
    for (i = 0; i < GE25519_X2_KEYS; i++) {
        ge25519_x2_keys.order[i] = i;
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
    ge25519_x2_dbl_many(&p, 4);
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

/* The key's entry, with odd[1] if it was here before; the one that was not used for longest makes room. */
static const ge25519_x2_key *
ge25519_x2_key_find(const ge25519_p3 *A)
{
    unsigned char  *order = ge25519_x2_keys.order, slot;
    ge25519_x2_key *key;
    ge25519_x2      p;
    int             i;

    for (i = 0; i < GE25519_X2_KEYS - 1; i++) {
        if (memcmp(&ge25519_x2_keys.key[order[i]].A, A, sizeof *A) == 0) {
            break;
        }
    }
    slot = order[i];
    memmove(order + 1, order, i);
    order[0] = slot;
    key      = &ge25519_x2_keys.key[slot];
    if (memcmp(&key->A, A, sizeof *A) != 0) {
        key->A    = *A;
        key->uses = 0;
    }
    if (key->uses < 2) {
        ge25519_x2_set(&p, A);
        ge25519_x2_dbl_many(&p, key->uses * GE25519_X2_HALF);
        ge25519_x2_odd(key->odd[key->uses], GE25519_X2_ODD_A, &p);
        key->uses++;
    }
    return key;
}

/* A scalar's digits, and what they are of */
typedef struct ge25519_x2_term {
    signed char              digit[256];
    const ge25519_x2_cached *odd;
} ge25519_x2_term;

/* size bytes of a scalar */
static void
ge25519_x2_term_vartime(ge25519_x2_term *term, const unsigned char *a, size_t size, int width, const ge25519_x2_cached *odd)
{
    unsigned char whole[32] = { 0 };

    memcpy(whole, a, size);
    ge25519_x2_slide_vartime(term->digit, whole, width);
    term->odd = odd;
}

static void
ge25519_x2_sum_vartime(ge25519_x2 *p, const ge25519_x2_term *term, int count)
{
    ge25519_x2_cached c;
    int               i, j, is_zero = 1;

    ge25519_x2_zero(p);
    for (i = 255; i >= 0; --i) {
        if (!is_zero) {
            ge25519_x2_dbl(p, p);
        }
        for (j = 0; j < count; j++) {
            const int digit = term[j].digit[i];

            if (digit != 0) {
                c = term[j].odd[(digit < 0 ? -digit : digit) / 2];
                ge25519_x2_cneg(&c, digit < 0);
                ge25519_x2_add(p, p, &c);
                is_zero = 0;
            }
        }
    }
}

/* r = a * A + b * B, both below 2^255, as of signatures */
void
ge25519_double_scalarmult_vartime(ge25519_p2 *r, const unsigned char *a, const ge25519_p3 *A, const unsigned char *b)
{
    const size_t          half = GE25519_X2_HALF / 8;
    const ge25519_x2_key *key;
    ge25519_x2_term       term[4];
    ge25519_x2            p;

    if (!ge25519_x2_base.is_there) {
        ge25519_x2_base_fill();
    }
    key = ge25519_x2_key_find(A);
    if (key->uses == 1) {
        ge25519_x2_term_vartime(&term[0], a, 32, GE25519_X2_WIDTH_A, key->odd[0]);
        ge25519_x2_term_vartime(&term[1], b, 32, GE25519_X2_WIDTH_B, ge25519_x2_base.odd[0]);
        ge25519_x2_sum_vartime(&p, term, 2);
    } else {
        ge25519_x2_term_vartime(&term[0], a, half, GE25519_X2_WIDTH_A, key->odd[0]);
        ge25519_x2_term_vartime(&term[1], a + half, half, GE25519_X2_WIDTH_A, key->odd[1]);
        ge25519_x2_term_vartime(&term[2], b, half, GE25519_X2_WIDTH_B, ge25519_x2_base.odd[0]);
        ge25519_x2_term_vartime(&term[3], b + half, half, GE25519_X2_WIDTH_B, ge25519_x2_base.odd[1]);
        ge25519_x2_sum_vartime(&p, term, 4);
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
