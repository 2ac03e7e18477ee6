/* SPDX-License-Identifier: Apache-2.0 */
#include "base/resolve.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"

/* One look-up. glibc's resolver thread writes to it until gai_error() says that it has ended, so one that can neither
 * finish nor be cancelled is left behind: a few hundred bytes for a broken name server beat a thread that can not stop. */
typedef struct {
    struct gaicb control;
    struct addrinfo hints;
    char host[];
} Lookup;

static char *numeric(const struct addrinfo *address) {
    char text[INET6_ADDRSTRLEN + IF_NAMESIZE] = "";
    if (getnameinfo(address->ai_addr, address->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0)
        return NULL;
    return g_strdup(text);
}

/* With a zone or without. */
static gboolean is_literal(const char *host) {
    struct in6_addr ignored;
    g_autofree char *bare = g_strndup(host, strcspn(host, "%"));
    return inet_pton(AF_INET, host, &ignored) == 1 || inet_pton(AF_INET6, bare, &ignored) == 1;
}

/* TRUE: ended by itself. */
static gboolean wait_for(Lookup *lookup, int64_t deadline_ns, const atomic_bool *stop) {
    const struct gaicb *list[] = {&lookup->control};
    const struct timespec turn = {.tv_nsec = 100 * SKY_NS_PER_MS};
    while (gai_error(&lookup->control) == EAI_INPROGRESS) {
        if ((stop != NULL && atomic_load(stop)) || sky_clock_monotonic_ns() >= deadline_ns)
            return FALSE;
        gai_suspend(list, 1, &turn);
    }
    return TRUE;
}

/* The texts of a list of addresses; NULL where none can be written. */
static char **numeric_all(const struct addrinfo *address) {
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    for (; address != NULL; address = address->ai_next) {
        char *text = numeric(address);
        if (text != NULL)
            g_ptr_array_add(texts, text);
    }
    if (texts->len == 0)
        return NULL;
    g_ptr_array_add(texts, NULL);
    return (char **)g_ptr_array_steal(texts, NULL);
}

char **sky_resolve_all(const char *host, int64_t limit_ns, const atomic_bool *stop, GError **error) {
    if (is_literal(host))
        return g_strdupv((char *[]){(char *)host, NULL});
    if (g_ascii_strcasecmp(host, "localhost") == 0) /* RFC 6761: always these, with a name server or without */
        return g_strdupv((char *[]){"127.0.0.1", "::1", NULL});
    Lookup *lookup = g_malloc0(sizeof *lookup + strlen(host) + 1);
    memcpy(lookup->host, host, strlen(host) + 1);
    lookup->hints = (struct addrinfo){.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    lookup->control.ar_name = lookup->host;
    lookup->control.ar_request = &lookup->hints;

    struct gaicb *list[] = {&lookup->control};
    int failed = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
    if (failed == 0 && !wait_for(lookup, sky_clock_monotonic_ns() + limit_ns, stop)) {
        if (gai_cancel(&lookup->control) != EAI_CANCELED && gai_error(&lookup->control) == EAI_INPROGRESS)
            lookup = NULL; /* left behind, see above */
        failed = EAI_AGAIN;
    } else if (failed == 0) {
        failed = gai_error(&lookup->control);
    }
    char **addresses = failed == 0 ? numeric_all(lookup->control.ar_result) : NULL;
    if (addresses == NULL)
        g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "look-up of %s: %s", host,
                    failed == EAI_AGAIN ? "no answer from the name server" : gai_strerror(failed));
    if (lookup != NULL && lookup->control.ar_result != NULL)
        freeaddrinfo(lookup->control.ar_result);
    g_free(lookup);
    return addresses;
}

char *sky_resolve(const char *host, int64_t limit_ns, const atomic_bool *stop, GError **error) {
    g_auto(GStrv) addresses = sky_resolve_all(host, limit_ns, stop, error);
    return addresses != NULL ? g_strdup(addresses[0]) : NULL;
}
