/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Digest access authentication (RFC 7616, and RFC 2069 where no qop is offered): MD5 and SHA-256, qop=auth. Decides only: the nonce
 * of the client is an argument. A challenge may hold any text.
 * Returns what follows "Authorization: "; NULL: the challenge is none of those. A nonce is used once, so its count is always 1: some
 * cameras bind it to the path that it was asked for. New memory. */
char *sky_http_digest(const char *challenge, const char *user, const char *password, const char *method, const char *path,
                      const char *client_nonce);
/* Of a field that is a digest's challenge, by what it is made: "MD5" where that is not told. NULL: it is none, or its algorithm is no word
 * (letters, digits, hyphens, 32 at most). New memory. */
char *sky_http_digest_algorithm(const char *challenge);
