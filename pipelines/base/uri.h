/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

#define SKY_URI_ZONE_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

/* URLs of cameras. The ONLY way a URL may reach a log, a topic or a page is sky_uri_redact(). */
typedef struct {
    char *scheme;   /* lower case */
    char *user;     /* percent-decoded, or NULL */
    char *password; /* percent-decoded, or NULL */
    char *host;     /* without the brackets of an IPv6 literal; a link-local one may have its zone: "fe80::1%eth0" */
    int port;       /* -1 where not given */
    char *rest;     /* path, query and fragment as given: "/Streaming/Channels/101", "" */
} SkyUri;

/* CONFIG error that does NOT quote the text (it may hold a password). */
SkyUri *sky_uri_parse(const char *text, GError **error);
void sky_uri_free(SkyUri *uri);
/* Its own, or the one that its scheme has: rtsp 554, rtsps 322, http and onvif 80, https and onvifs 443; -1: of no scheme that is known here. */
int sky_uri_port(const SkyUri *uri);
/* scheme://host[:port]rest, never user or password; IPv6 in brackets again, a zone as people write it, where it can be read back so. */
char *sky_uri_without_credentials(const SkyUri *uri);
/* 32 hex digits of SHA-256 of it without user and password: tells streams apart and tells nobody the host. NULL, and what is no URL, are
 * all alike. */
char *sky_uri_digest(const char *url);
/* Any text: user:password@ of every URL in it becomes "***@", and values of query keys such as password, passwd, pwd, pass, token,
 * auth, key, secret, user, username become "***". Text that holds no URL comes back the same. Never NULL. */
char *sky_uri_redact(const char *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyUri, sky_uri_free)
