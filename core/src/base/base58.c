/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/base58.h"

#include <string.h>

#include <sodium.h>

#include "base/bytes.h"

enum { CHECK_SIZE = 4, PLAIN_SIZE = 1 + NKT_ADDRESS_SIZE + CHECK_SIZE };

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

static void check_bytes(const uint8_t *bytes, size_t size, uint8_t check[CHECK_SIZE])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, bytes, size);
    crypto_hash_sha256(hash, hash, sizeof hash);
    memcpy(check, hash, CHECK_SIZE);
}

void nkt_address_format(const nkt_address_t *address, char text[NKT_ADDRESS_TEXT_SIZE])
{
    uint8_t plain[PLAIN_SIZE] = {NKT_ADDRESS_VERSION};
    memcpy(plain + 1, address->b, NKT_ADDRESS_SIZE);
    check_bytes(plain, 1 + NKT_ADDRESS_SIZE, plain + 1 + NKT_ADDRESS_SIZE);
    /* big-endian base conversion; the version byte is never 0, so there are no leading zeros to keep */
    char digits[NKT_ADDRESS_TEXT_SIZE];
    size_t count = 0;
    size_t first = 0;
    while (first < PLAIN_SIZE) {
        unsigned rest = 0;
        for (size_t i = first; i < PLAIN_SIZE; i++) {
            unsigned value = rest << 8 | plain[i];
            plain[i] = (uint8_t)(value / 58);
            rest = value % 58;
        }
        digits[count++] = alphabet[rest];
        while (first < PLAIN_SIZE && plain[first] == 0)
            first++;
    }
    for (size_t i = 0; i < count; i++)
        text[i] = digits[count - 1 - i];
    text[count] = '\0';
}

int nkt_address_parse(const char *text, size_t text_size, nkt_address_t *address)
{
    if (text == NULL || text_size < 30 || text_size >= NKT_ADDRESS_TEXT_SIZE)
        return NKT_E_ADDRESS;
    if (text[0] == alphabet[0])
        return NKT_E_ADDRESS; /* a zero in front would be another text of the same address */
    uint8_t plain[PLAIN_SIZE] = {0};
    for (size_t i = 0; i < text_size; i++) {
        const char *digit = text[i] == '\0' ? NULL : strchr(alphabet, text[i]);
        if (digit == NULL)
            return NKT_E_ADDRESS;
        unsigned carry = (unsigned)(digit - alphabet);
        for (size_t at = PLAIN_SIZE; at-- > 0;) {
            carry += plain[at] * 58u;
            plain[at] = (uint8_t)carry;
            carry >>= 8;
        }
        if (carry != 0)
            return NKT_E_ADDRESS;
    }
    uint8_t check[CHECK_SIZE];
    check_bytes(plain, 1 + NKT_ADDRESS_SIZE, check);
    if (plain[0] != NKT_ADDRESS_VERSION || memcmp(check, plain + 1 + NKT_ADDRESS_SIZE, CHECK_SIZE) != 0)
        return NKT_E_ADDRESS;
    if (nkt_is_zero(plain + 1, NKT_ADDRESS_SIZE))
        return NKT_E_ADDRESS;
    memcpy(address->b, plain + 1, NKT_ADDRESS_SIZE);
    return NKT_OK;
}

int nkt_address_is_zero(const nkt_address_t *address)
{
    return nkt_is_zero(address->b, NKT_ADDRESS_SIZE);
}

int nkt_address_compare(const nkt_address_t *a, const nkt_address_t *b)
{
    return memcmp(a->b, b->b, NKT_ADDRESS_SIZE);
}
