/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "daemon/app_internal.h"

#define HANGS_NS (10 * SKY_NS_PER_S)

static gboolean hangs(int64_t since_ns, int64_t now_ns) {
    return since_ns != SKY_TIME_NONE && now_ns - since_ns > HANGS_NS;
}

/* The store's word first: alerts come before their clips. A disk may stand still, be full, or be somebody else's, for the evidence alone. */
const char *sky_app_disk_trouble(SkyApp *app, const SkyStoreNumbers *store) {
    if (store->trouble[0])
        return store->trouble;
    if (hangs(sky_evidence_oldest_job_ns(app->evidence), sky_clock_monotonic_ns()))
        return "the disk is stuck: clips and pictures wait";
    switch (sky_evidence_disk(app->evidence)) {
    case SKY_EVIDENCE_DISK_OK:
        return store->trouble;
    case SKY_EVIDENCE_DISK_REFUSED:
        return "no clips and pictures: the folder evidence, or one in it, can not be written: it is another account's, or the disk is read-only";
    case SKY_EVIDENCE_DISK_FULL:
        return "no clips and pictures: no room is left for them: the disk is full of other files, or its inodes or a quota are used up";
    case SKY_EVIDENCE_DISK_SCARCE:
        return "clips and pictures go as soon as their alerts are closed: storage.free_min asks for more than is free without them: make room, "
               "or ask for less";
    }
    g_assert_not_reached();
}

/* Idle is progress, and so are twelve dead cameras; a stuck disk is told (above), a restart would not free it. */
gboolean sky_app_is_alive(SkyApp *app, int64_t now_ns, const char **ret_what) {
    if (hangs(sky_workers_oldest_ns(app->workers), now_ns)) {
        *ret_what = "an analysis worker hangs";
        return FALSE;
    }
    if (hangs(sky_outbox_numbers(app->outbox).oldest_unserved_ns, now_ns)) {
        *ret_what = "the outbox hangs: connected, and nothing is sent";
        return FALSE;
    }
    if (hangs(sky_mailbox_oldest_ns(app->notices), now_ns) || hangs(sky_commands_oldest_ns(app->commands), now_ns)) {
        *ret_what = "the main thread does not empty its mailboxes";
        return FALSE;
    }
    return TRUE;
}
