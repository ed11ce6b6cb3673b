/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses as text. */
#include <string.h>

#include "base/base58.h"
#include "check.h"

static const char good[] = "B7hmw7YUdNMBHP2ziEreBKnj4Bz6CZRaoY";

static void text_row(char *const field[CHECK_FIELD_COUNT_MAX])
{
    nkt_address_t address, back;
    char text[NKT_ADDRESS_TEXT_SIZE];
    check_hex(field[1], address.b, sizeof address.b);
    nkt_address_format(&address, text);
    CHECK_TEXT(text, field[2]);
    CHECK_OK(nkt_address_parse(field[2], strlen(field[2]), &back));
    CHECK_BYTES(back.b, address.b, sizeof address.b);
}

TEST(address_text_is_that_of_an_independent_calculation)
{
    check_vectors("derivations.txt", "address.text", text_row);
}

TEST(address_text_of_random_addresses_comes_back)
{
    for (uint64_t seed = 0; seed < 2000; seed++) {
        nkt_address_t address, back;
        char text[NKT_ADDRESS_TEXT_SIZE];
        check_row("seed %u", (unsigned)seed);
        check_fill(address.b, sizeof address.b, seed);
        memset(address.b, seed % 3 == 0 ? 0 : 0xff, seed % 20); /* leading zeros and leading ones too */
        nkt_address_format(&address, text);
        CHECK_EQ(strlen(text), 34);
        CHECK_EQ(text[0], 'B');
        CHECK_OK(nkt_address_parse(text, strlen(text), &back));
        CHECK_BYTES(back.b, address.b, sizeof address.b);
    }
}

TEST(address_text_with_any_other_character_is_refused)
{
    static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    nkt_address_t address;
    for (size_t i = 0; i < sizeof good - 1; i++) {
        char text[sizeof good];
        memcpy(text, good, sizeof good);
        for (const char *c = alphabet; *c != '\0'; c++) {
            if (*c == good[i])
                continue;
            text[i] = *c;
            check_row("%s", text);
            CHECK_ERR(nkt_address_parse(text, sizeof text - 1, &address), NKT_E_ADDRESS);
        }
    }
}

TEST(address_text_that_is_malformed_is_refused)
{
    static const struct {
        const char *what;
        const char *text;
        size_t size;
    } rows[] = {
        {"NULL", NULL, 34},
        {"empty", "", 0},
        {"one short", good, 33},
        {"NUL behind it", good, 35},
        {"a blank before", " B7hmw7YUdNMBHP2ziEreBKnj4Bz6CZRaoY", 35},
        {"a blank behind", "B7hmw7YUdNMBHP2ziEreBKnj4Bz6CZRaoY ", 35},
        {"a line break behind", "B7hmw7YUdNMBHP2ziEreBKnj4Bz6CZRaoY\n", 35},
        {"a leading zero digit: a second text of the same address", "1B7hmw7YUdNMBHP2ziEreBKnj4Bz6CZRaoY", 35},
        {"zero is no Base58 digit", "B7hmw7YUdNMBHP2ziEreBKnj4Bz6CZRa0Y", 34},
        {"capital O", "B7hmw7YUdNMBHP2ziEreBKnj4Bz6CZRaOY", 34},
        {"capital I", "B7hmw7YUdNMBHP2ziEreBKnj4Bz6CZRaIY", 34},
        {"small l", "B7hmw7YUdNMBHP2ziEreBKnj4Bz6CZRalY", 34},
        {"NUL inside", "B7hmw7YUdNMBHP2zi\0reBKnj4Bz6CZRaoY", 34},
        {"not ASCII", "B7hmw7YUdNMBHP2zi\xc3\xbcreBKnj4Bz6CZRao", 34},
        {"lower case", "b7hmw7yudnmbhp2zierebknj4bz6czraoy", 34},
        {"another version byte (Bitcoin's)", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", 34},
        {"more than 25 bytes", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", 35},
        {"__proto__", "__proto__", 9},
        {"prefix 0x", "0xB7hmw7YUdNMBHP2ziEreBKnj4Bz6CZRa", 34},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        nkt_address_t address;
        check_row("%s", rows[i].what);
        CHECK_ERR(nkt_address_parse(rows[i].text, rows[i].size, &address), NKT_E_ADDRESS);
    }
    nkt_address_t address;
    check_row("the text itself");
    CHECK_OK(nkt_address_parse(good, 34, &address));
}

TEST(address_zero_is_nobodys)
{
    nkt_address_t zero = {{0}}, one = {{0}}, address;
    char text[NKT_ADDRESS_TEXT_SIZE];
    nkt_address_format(&zero, text);
    CHECK_ERR(nkt_address_parse(text, strlen(text), &address), NKT_E_ADDRESS);
    one.b[19] = 1;
    CHECK(nkt_address_is_zero(&zero));
    CHECK(!nkt_address_is_zero(&one));
    CHECK(nkt_address_compare(&zero, &one) < 0);
    CHECK(nkt_address_compare(&one, &zero) > 0);
    CHECK_EQ(nkt_address_compare(&one, &one), 0);
}
