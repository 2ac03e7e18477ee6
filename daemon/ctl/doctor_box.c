/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text_file.h"
#include "config/source_text.h"
#include "daemon/ctl/disk_trial.h"
#include "daemon/ctl/doctor.h"
#include "daemon/ctl/doctor_judge.h"
#include "store/store_check.h"

#define SERVICE "skynetd"
#define GROUPS_MAX 64
#define TRIAL_NS (5 * SKY_NS_PER_S)
#define CHECK_LIMIT_NS (10 * SKY_NS_PER_S)

/* ---- whose service ---- */

typedef struct {
    guint uid, gids[GROUPS_MAX], gid_count;
    char name[64];
} Service;

static void take_account(Service *service, const struct passwd *account) {
    gid_t groups[GROUPS_MAX];
    int count = GROUPS_MAX;
    if (getgrouplist(account->pw_name, account->pw_gid, groups, &count) < 0)
        count = GROUPS_MAX;
    service->uid = account->pw_uid;
    service->gid_count = (guint)count;
    for (int i = 0; i < count; i++)
        service->gids[i] = groups[i];
    g_strlcpy(service->name, account->pw_name, sizeof service->name);
}

/* The running daemon's: its socket is its own. Else the account that the package makes, else this one. */
static void find_service(const SkyDoctor *doctor, Service *ret_service) {
    g_autofree char *path = sky_ctl_socket_path(doctor->ctl);
    struct stat status;
    const struct passwd *account = NULL;
    *ret_service = (Service){.uid = geteuid(), .gids = {getegid()}, .gid_count = 1};
    if (doctor->status && stat(path, &status) == 0)
        account = getpwuid(status.st_uid);
    if (!account)
        account = getpwnam(SERVICE);
    if (!account)
        account = getpwuid(geteuid());
    if (account)
        take_account(ret_service, account);
    else
        g_snprintf(ret_service->name, sizeof ret_service->name, "%u", ret_service->uid);
}

/* ---- files ---- */

static gboolean may(const Service *service, const struct stat *status, guint want) {
    return sky_judge_may(status->st_mode, status->st_uid, status->st_gid, service->uid, service->gids, service->gid_count, want);
}

/* The first folder on the way to path that the service can not pass; NULL. */
static char *find_blocked(const Service *service, const char *path) {
    for (const char *slash = path; (slash = strchr(slash, '/')) != NULL; slash++) {
        g_autofree char *folder = slash == path ? g_strdup("/") : g_strndup(path, (gsize)(slash - path));
        struct stat status;
        if (stat(folder, &status) == 0 && !may(service, &status, 1))
            return g_steal_pointer(&folder);
    }
    return NULL;
}

/* Not where a folder on the way is closed to them, as /etc/skynetd is. */
static gboolean may_others_read(const char *path, const struct stat *status) {
    static const Service others = {.uid = G_MAXUINT};
    g_autofree char *blocked = find_blocked(&others, path);
    return !blocked && may(&others, status, 4);
}

static void look_at_file(const Service *service, const char *path, gboolean write, gboolean secret, SkySheet *sheet) {
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    g_autofree char *blocked = find_blocked(service, absolute);
    struct stat status = {0};
    SkyFileFacts facts = {.path = absolute, .user = service->name, .write = write, .secret = secret, .blocked = blocked};
    facts.failed = stat(absolute, &status) == 0 ? 0 : errno;
    facts.may = !facts.failed && may(service, &status, write ? 7 : 4);
    facts.others_read = !facts.failed && may_others_read(absolute, &status);
    sky_judge_file(&facts, sheet);
}

/* Everybody may read it. */
static gboolean is_certificate(const SkyConfigValues *values, const char *path) {
    for (uint32_t i = 0; i < values->camera_count; i++)
        if (g_strcmp0(path, values->cameras[i].ca_file) == 0)
            return TRUE;
    return g_strcmp0(path, values->broker.ca_file) == 0 || g_strcmp0(path, values->broker.certificate_file) == 0;
}

/* A URL with one; who can not read the file is not told. */
static gboolean bears_password(const char *path) {
    g_autofree char *text = sky_text_file_read(path, SKY_SOURCE_BYTES_MAX, NULL);
    gboolean bears = text && g_regex_match_simple("rtsps?://[^/@\\s]*:[^@?\\s]+@", text, G_REGEX_RAW | G_REGEX_CASELESS, 0);
    sky_text_wipe(text);
    return bears;
}

static void look_at_files(const SkyDoctor *doctor, SkySheet *sheet) {
    const SkyConfigValues *values = sky_config_values(doctor->config);
    const GPtrArray *files = sky_config_files(doctor->config);
    Service service;
    find_service(doctor, &service);
    look_at_file(&service, doctor->ctl->config_path, FALSE, bears_password(doctor->ctl->config_path), sheet);
    const GPtrArray *drop_ins = sky_config_drop_ins(doctor->config);
    for (guint i = 0; i < drop_ins->len; i++)
        look_at_file(&service, drop_ins->pdata[i], FALSE, bears_password(drop_ins->pdata[i]), sheet);
    for (guint i = 0; i < files->len; i++) {
        const char *path = files->pdata[i];
        if (is_certificate(values, path))
            look_at_file(&service, path, FALSE, FALSE, sheet);
        else if (!strstr(path, "/run/credentials/")) /* the service manager's, for the service alone */
            look_at_file(&service, path, FALSE, TRUE, sheet);
    }
    if (g_file_test(values->storage.directory, G_FILE_TEST_IS_DIR))
        look_at_file(&service, values->storage.directory, TRUE, FALSE, sheet);
    g_autofree char *evidence = g_build_filename(values->storage.directory, "evidence", NULL);
    if (g_file_test(evidence, G_FILE_TEST_IS_DIR))
        look_at_file(&service, evidence, TRUE, FALSE, sheet);
}

/* ---- the disk ---- */

static void look_at_disk(const SkyDoctor *doctor, SkySheet *sheet) {
    const SkyStorageConfig *storage = &sky_config_values(doctor->config)->storage;
    struct stat status;
    struct statvfs room;
    SkyDiskFacts facts = {.directory = storage->directory, .free_bytes_min = storage->free_bytes_min, .trouble = ""};
    if (doctor->status) {
        facts.trouble = sky_ctl_text(doctor->status, "disk.trouble");
        facts.in_memory = strcmp(sky_ctl_text(doctor->status, "disk.durable"), "yes") != 0;
    }
    errno = 0;
    if (stat(storage->directory, &status) != 0 || statvfs(storage->directory, &room) != 0) {
        facts.failed = errno;
    } else {
        facts.is_directory = S_ISDIR(status.st_mode);
        facts.read_only = (room.f_flag & ST_RDONLY) != 0;
        facts.free_bytes = (uint64_t)room.f_bavail * room.f_frsize;
        facts.inodes = room.f_files;
        facts.inodes_free = room.f_favail;
    }
    if (facts.is_directory && !facts.read_only)
        facts.trial = sky_disk_trial(storage->directory, TRIAL_NS);
    sky_judge_disk(&facts, sheet);
}

/* ---- clock and database ---- */

static int64_t modified_utc_ns(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 ? (int64_t)status.st_mtim.tv_sec * SKY_NS_PER_S + status.st_mtim.tv_nsec : SKY_TIME_NONE;
}

/* Returns the latest time in it, as far as that can be known. */
static int64_t look_at_database(const SkyDoctor *doctor, SkySheet *sheet) {
    static const char advice[] =
        "the service sets it aside by itself at its next start and saves what is whole; look at the disk (dmesg)";
    g_autofree char *path = g_build_filename(sky_config_values(doctor->config)->storage.directory, "skynetd.db", NULL);
    SkyStoreCheck check = {.last_utc_ns = SKY_TIME_NONE};
    g_autoptr(GError) error = NULL;
    int64_t modified_ns = modified_utc_ns(path);
    if (doctor->status)
        sky_sheet_add(sheet, "database", "", SKY_DOCTOR_OK, NULL, "in the running service's hands");
    else if (!doctor->stopped)
        sky_sheet_add(sheet, "database", "", SKY_DOCTOR_UNCHECKED, NULL, "the service may be using it");
    else if (modified_ns == SKY_TIME_NONE)
        sky_sheet_add(sheet, "database", "", SKY_DOCTOR_OK, NULL, "there is none yet");
    else if (!sky_store_check_file(path, CHECK_LIMIT_NS, &check, &error))
        sky_sheet_add(sheet, "database", "", SKY_DOCTOR_UNCHECKED, "run this as root", "it can not be looked at: %s",
                      error->message);
    else if (!check.sound)
        sky_sheet_add(sheet, "database", "", SKY_DOCTOR_TROUBLE, advice, "it is damaged: %s", check.words);
    else
        sky_sheet_add(sheet, "database", "", SKY_DOCTOR_OK, NULL, "%s",
                      check.finished ? "whole" : "whole as far as it could be read in 10 s");
    return check.last_utc_ns == SKY_TIME_NONE ? modified_ns : check.last_utc_ns;
}

/* Where the transport is found out (auto), the service knows it. */
static gboolean comes_over_udp(const SkyDoctor *doctor, const SkyCameraConfig *camera) {
    g_autofree char *key = g_strjoin(".", "camera", camera->id, "transport", NULL);
    gboolean found = doctor->status && strcmp(sky_ctl_text(doctor->status, key), "UDP") == 0;
    return camera->enabled && (camera->transport == SKY_RTSP_UDP || camera->transport == SKY_RTSP_MULTICAST || found);
}

static void look_at_buffers(const SkyDoctor *doctor, SkySheet *sheet) {
    const SkyConfigValues *values = sky_config_values(doctor->config);
    g_autofree char *text = sky_text_file_read("/proc/sys/net/core/rmem_max", 64, NULL);
    SkyBufferFacts facts = {.receive_bytes_max = text ? g_ascii_strtoull(text, NULL, 10) : 0};
    for (uint32_t i = 0; i < values->camera_count; i++)
        facts.udp |= comes_over_udp(doctor, &values->cameras[i]);
    sky_judge_buffers(&facts, sheet);
}

void sky_doctor_look_at_box(const SkyDoctor *doctor, SkySheet *sheet) {
    g_auto(SkySheet) database;
    sky_sheet_init(&database);
    int64_t last_utc_ns = look_at_database(doctor, &database);
    sky_judge_clock(&(SkyClockFacts){.synced = sky_clock_is_synced(), .utc_ns = sky_clock_utc_ns(), .last_utc_ns = last_utc_ns},
                    sheet);
    look_at_disk(doctor, sheet);
    sky_sheet_move(sheet, &database);
    look_at_files(doctor, sheet);
    look_at_buffers(doctor, sheet);
}
