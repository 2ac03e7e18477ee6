/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* The four questions of ONVIF that finding a stream needs, and their answers, in SOAP 1.2: GetSystemDateAndTime, GetCapabilities
 * (ONVIF Core Specification, device management), GetProfiles, GetStreamUri (ONVIF Media Service Specification). Decides only: no
 * I/O. Answers are read by GMarkup, which expands no entities but the five of XML; prefixes of names are not looked up. What a camera
 * says is bounded and may hold any text. Errors: CONFIG where a person has to act ("authentication: ..." where the account was
 * refused), else RETRY. */
#define SKY_ONVIF_ANSWER_BYTES_MAX (1024 * 1024) /* a recorder tells the profiles of all its inputs at once, some 5 kB each */

/* Who asks: WS-Security UsernameToken Profile 1.0, PasswordDigest. user NULL: nobody. utc_ns: what the camera's clock shows, or it
 * refuses what is right. nonce: 16 bytes, never the same again. */
typedef struct {
    const char *user, *password;
    int64_t utc_ns;
    uint8_t nonce[16];
} SkyOnvifToken;

/* Base64(SHA-1(nonce + created + password)). New memory. */
char *sky_onvif_digest(const uint8_t *nonce, gsize nonce_bytes, const char *created, const char *password);

/* Whole envelopes. New memory. */
char *sky_onvif_ask_clock(void);
char *sky_onvif_ask_media(const SkyOnvifToken *token);
char *sky_onvif_ask_profiles(const SkyOnvifToken *token);
char *sky_onvif_ask_stream(const SkyOnvifToken *token, const char *profile);

/* Whether it is that response ("GetProfilesResponse"), and no fault. */
gboolean sky_onvif_is_response(const char *text, gsize bytes, const char *response);

gboolean sky_onvif_read_clock(const char *text, gsize bytes, int64_t *ret_utc_ns, GError **error);
/* The URL of the media service. New memory. */
char *sky_onvif_read_media(const char *text, gsize bytes, GError **error);
/* The profile of that video source (from 1, in the order of the answer) with the largest picture; sub: with the smallest. New
 * memory. */
char *sky_onvif_read_profile(const char *text, gsize bytes, uint32_t channel, gboolean sub, GError **error);
/* The URL of the stream. New memory. */
char *sky_onvif_read_stream(const char *text, gsize bytes, GError **error);
