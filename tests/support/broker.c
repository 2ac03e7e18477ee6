/* SPDX-License-Identifier: Apache-2.0 */
#include "support/broker.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "base/cleanup.h"
#include "base/clock.h"
#include "support/free_port.h"

#define START_NS (10 * SKY_NS_PER_S)

static char *program(void) {
    char *path = g_find_program_in_path("mosquitto");
    if (!path && g_file_test("/usr/sbin/mosquitto", G_FILE_TEST_IS_EXECUTABLE)) path = g_strdup("/usr/sbin/mosquitto");
    return path;
}

gboolean broker_is_there(void) {
    g_autofree char *path = program();
    return path != NULL;
}

void broker_init(Broker *broker, gboolean accounts) {
    memset(broker, 0, sizeof *broker);
    broker->directory = g_dir_make_tmp("sky-broker-XXXXXX", NULL);
    g_assert_nonnull(broker->directory);
    /* user: started as root it would drop to an account that can not write here. */
    broker->config = g_string_new("user root\npersistence false\nlog_dest stderr\nper_listener_settings false\n");
    if (!accounts) g_string_append(broker->config, "allow_anonymous true\n");
}

static void remove_directory(const char *path) {
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    const char *name;
    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_unlink(file);
    }
    g_rmdir(path);
}

void broker_clear(Broker *broker) {
    broker_kill(broker);
    remove_directory(broker->directory);
    g_free(broker->directory);
    g_free(broker->socket_path);
    g_string_free(broker->config, TRUE);
}

void broker_listen_tcp(Broker *broker) {
    broker->port = free_port();
    g_string_append_printf(broker->config, "listener %d 127.0.0.1\n", broker->port);
}

void broker_listen_unix(Broker *broker) {
    broker->socket_path = g_build_filename(broker->directory, "broker.sock", NULL);
    g_string_append_printf(broker->config, "listener 0 %s\n", broker->socket_path);
}

void broker_listen_tls(Broker *broker, const char *directory, const char *server, gboolean client_certificate) {
    broker->tls_port = free_port();
    g_string_append_printf(broker->config, "listener %d 127.0.0.1\ncafile %s/ca.pem\ncertfile %s/%s.pem\nkeyfile %s/%s.key\n",
                           broker->tls_port, directory, directory, server, directory, server);
    if (client_certificate) g_string_append(broker->config, "require_certificate true\nuse_identity_as_username true\n");
}

static void run(const char *const *argv) {
    g_autoptr(GError) error = NULL;
    g_autofree char *said = NULL;
    int status = 0;
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &said, &status,
                 &error);
    g_assert_no_error(error);
    if (!g_spawn_check_wait_status(status, NULL)) g_error("%s: %s", argv[0], said);
}

void broker_account(Broker *broker, const char *user, const char *password) {
    g_autofree char *path = g_build_filename(broker->directory, "passwords", NULL);
    gboolean first = !g_file_test(path, G_FILE_TEST_EXISTS);
    const char *argv[] = {"mosquitto_passwd", "-b", "-c", path, user, password, NULL};
    const char *more[] = {"mosquitto_passwd", "-b", path, user, password, NULL};
    run(first ? argv : more);
    if (first) g_string_append_printf(broker->config, "password_file %s\n", path);
}

void broker_acl(Broker *broker, const char *lines) {
    g_autofree char *path = g_build_filename(broker->directory, "acl", NULL);
    g_assert_true(g_file_set_contents(path, lines, -1, NULL));
    g_string_append_printf(broker->config, "acl_file %s\n", path);
}

static gboolean answers(const Broker *broker) {
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    int port = broker->port ? broker->port : broker->tls_port;
    struct sockaddr_in tcp = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    if (broker->socket_path) g_strlcpy(local.sun_path, broker->socket_path, sizeof local.sun_path);
    sky_autofd fd = socket(port ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (port) return connect(fd, (struct sockaddr *)&tcp, sizeof tcp) == 0;
    return connect(fd, (struct sockaddr *)&local, sizeof local) == 0;
}

static void die_with_test(gpointer user) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void broker_start(Broker *broker) {
    g_autofree char *path = program();
    g_autofree char *config_path = g_build_filename(broker->directory, "mosquitto.conf", NULL);
    g_assert_true(g_file_set_contents(config_path, broker->config->str, -1, NULL));
    const char *argv[] = {path, "-c", config_path, NULL};
    GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL;
    if (!g_getenv("SKYNET_BROKER_LOG")) flags |= G_SPAWN_STDERR_TO_DEV_NULL;
    g_autoptr(GError) error = NULL;
    g_spawn_async(NULL, (char **)argv, NULL, flags, die_with_test, NULL, &broker->pid, &error);
    g_assert_no_error(error);
    for (int64_t end_ns = sky_clock_monotonic_ns() + START_NS; !answers(broker); g_usleep(10000)) {
        if (waitpid(broker->pid, NULL, WNOHANG) == broker->pid) g_error("mosquitto ended at once:\n%s", broker->config->str);
        g_assert_cmpint(sky_clock_monotonic_ns(), <, end_ns);
    }
}

static void end(Broker *broker, int signal) {
    if (broker->pid <= 0) return;
    kill(broker->pid, signal);
    waitpid(broker->pid, NULL, 0);
    broker->pid = 0;
}

void broker_kill(Broker *broker) {
    end(broker, SIGKILL);
}

void broker_stop(Broker *broker) {
    end(broker, SIGTERM);
}

void broker_pause(Broker *broker) {
    kill(broker->pid, SIGSTOP);
}

void broker_resume(Broker *broker) {
    kill(broker->pid, SIGCONT);
}

/* dates: NULL, or "-not_before X -not_after Y" as openssl ca wants them. */
static void make_certificate(const char *directory, const char *name, const char *subject, const char *names, const char *from,
                             const char *until) {
    g_autofree char *key = g_strdup_printf("%s/%s.key", directory, name), *csr = g_strdup_printf("%s/%s.csr", directory, name);
    g_autofree char *pem = g_strdup_printf("%s/%s.pem", directory, name),
                    *extensions = g_strdup_printf("%s/%s.ext", directory, name);
    g_autofree char *config = g_strdup_printf("%s/ca.cnf", directory), *section = g_strdup_printf("subjectAltName=%s\n", names);
    g_assert_true(g_file_set_contents(extensions, section, -1, NULL));
    const char *request[] = {"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                             "-keyout", key, "-out", csr, "-subj", subject, NULL};
    run(request);
    const char *sign[] = {"openssl", "ca", "-batch", "-config", config, "-notext", "-in", csr, "-out", pem, "-extfile", extensions,
                          "-startdate", from, "-enddate", until, NULL};
    run(sign);
}

gboolean certificates_make(const char *directory) {
    g_autofree char *found = g_find_program_in_path("openssl");
    if (!found) return FALSE;
    g_autofree char *key = g_build_filename(directory, "ca.key", NULL), *pem = g_build_filename(directory, "ca.pem", NULL);
    g_autofree char *index = g_build_filename(directory, "ca.index", NULL),
                    *serial = g_build_filename(directory, "ca.serial", NULL);
    g_autofree char *config = g_build_filename(directory, "ca.cnf", NULL);
    g_autofree char *text = g_strdup_printf(
        "[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=%s\ndatabase=%s\nserial=%s\ncertificate=%s\nprivate_key=%s\ndefault_md=sha256\n"
        "policy=p\nunique_subject=no\n[p]\ncommonName=supplied\n", directory, index, serial, pem, key);
    g_assert_true(g_file_set_contents(config, text, -1, NULL) && g_file_set_contents(index, "", -1, NULL) &&
                  g_file_set_contents(serial, "01\n", -1, NULL));
    const char *authority[] = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                               "-keyout", key, "-out", pem, "-days", "3650", "-subj", "/CN=test authority", NULL};
    run(authority);
    make_certificate(directory, "server", "/CN=broker", "DNS:localhost,IP:127.0.0.1", "20200101000000Z", "20490101000000Z");
    make_certificate(directory, "other", "/CN=localhost", "DNS:elsewhere.example", "20200101000000Z", "20490101000000Z");
    make_certificate(directory, "expired", "/CN=broker", "DNS:localhost", "20200101000000Z", "20210101000000Z");
    make_certificate(directory, "future", "/CN=broker", "DNS:localhost", "20480101000000Z", "20490101000000Z");
    make_certificate(directory, "client", "/CN=gateway", "DNS:gateway", "20200101000000Z", "20490101000000Z");
    return TRUE;
}

void certificates_remove(const char *directory) {
    remove_directory(directory);
}
