/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

gboolean sky_id_is_valid(const char *text) {
    size_t length = strnlen(text, SKY_ID_BYTES);
    if (length == 0 || length >= SKY_ID_BYTES || text[0] == '-')
        return FALSE;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

void sky_ulid_make(int64_t utc_ns, char ret_text[SKY_ULID_BYTES]) {
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint64_t ms = utc_ns > 0 ? (uint64_t)(utc_ns / SKY_NS_PER_MS) : 0;
    uint8_t random[16]; /* one byte a character: 5 of its bits are used */
    for (size_t have = 0; have < sizeof random;) {
        ssize_t got = getrandom(random + have, sizeof random - have, 0);
        g_assert(got > 0);
        have += (size_t)got;
    }
    for (int i = 9; i >= 0; i--, ms >>= 5)
        ret_text[i] = alphabet[ms & 31];
    for (int i = 0; i < 16; i++)
        ret_text[10 + i] = alphabet[random[i] & 31];
    ret_text[26] = '\0';
}

void sky_ulid_make_lower(int64_t utc_ns, char ret_text[SKY_ULID_BYTES]) {
    sky_ulid_make(utc_ns, ret_text);
    for (char *c = ret_text; *c != '\0'; c++)
        *c = g_ascii_tolower(*c);
}
