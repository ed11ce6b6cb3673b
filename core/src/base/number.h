/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers in JSON, for cJSON (tools/setup/edits.mjs): the C library's own read and write long
 * doubles to the last digit, which is a sixth of the code that a page has to load.
 */
#ifndef NKT_BASE_NUMBER_H
#define NKT_BASE_NUMBER_H

/** Room that nkt_number_write() needs, in bytes. */
#define NKT_NUMBER_TEXT_SIZE 26

/**
 * As strtod() in the "C" locale, for decimal numbers: *end is set behind the longest number that
 * text begins with, to text if there is none. Exact for whole numbers below 2^53, else right to 15
 * digits; infinite when too large.
 */
double nkt_number_read(const char *text, char **end);

/** Writes a whole number between -2^53 and 2^53, anything else as "null". Returns the length. */
int nkt_number_write(double number, char text[NKT_NUMBER_TEXT_SIZE]);

#endif
