/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

void sky_alert_record_free(SkyAlertRecord *record) {
    if (!record) return;
    g_free(record->body);
    g_free(record);
}

void sky_audit_record_free(SkyAuditRecord *record) {
    if (!record) return;
    g_free(record->reply);
    g_free(record);
}

SkyStoreCommit *sky_store_commit_new(void) {
    SkyStoreCommit *commit = g_new0(SkyStoreCommit, 1);
    commit->messages = g_ptr_array_new_with_free_func((GDestroyNotify)sky_message_record_free);
    commit->standing = g_ptr_array_new_with_free_func((GDestroyNotify)sky_standing_record_free);
    return commit;
}

void sky_store_commit_free(SkyStoreCommit *commit) {
    if (!commit) return;
    sky_alert_record_free(commit->alert);
    sky_audit_record_free(commit->audit);
    g_ptr_array_unref(commit->messages);
    g_ptr_array_unref(commit->standing);
    g_free(commit);
}

void sky_store_start_clear(SkyStoreStart *start) {
    g_clear_pointer(&start->next_seq, g_hash_table_unref);
    g_clear_pointer(&start->alerts, g_ptr_array_unref);
    g_clear_pointer(&start->audits, g_ptr_array_unref);
    g_clear_pointer(&start->standing, g_ptr_array_unref);
    g_clear_pointer(&start->told, g_hash_table_unref);
    start->epoch[0] = '\0';
}
