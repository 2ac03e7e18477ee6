/* SPDX-License-Identifier: Apache-2.0 */
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "support/camera/account.h"
#include "support/camera/console.h"
#include "support/camera/mount.h"

#define WAITING_MAX 128

typedef struct {
    int port, clock_offset_s, late_sets, session_s;
    char *address, *user, *password_file, *auth, *swallow, *tls;
    gboolean udp_only, tcp_only, no_sprop, seq_wrap;
    char **cameras; /* NAME=VIDEO */
} Options;

typedef struct {
    GMainLoop *loop;
    GstRTSPServer *server;
    Pacer *pacer;
    Habits habits;
} Program;

static int complain(const char *what) {
    g_printerr("skynet-camera: %s\n", what);
    return EXIT_FAILURE;
}

static gboolean parse(Options *options, int *argc, char ***argv, GError **error) {
    const GOptionEntry entries[] = {
        {"port", 'p', 0, G_OPTION_ARG_INT, &options->port, "port", "PORT"},
        {"address", 0, 0, G_OPTION_ARG_STRING, &options->address, "of the loopback, 127.0.0.0/8 (127.0.0.1), or one of a link, fe80::1%IF", "ADDRESS"},
        {"user", 0, 0, G_OPTION_ARG_STRING, &options->user, "account that may look", "NAME"},
        {"password-file", 0, 0, G_OPTION_ARG_FILENAME, &options->password_file, "its password: the file's first line", "FILE"},
        {"auth", 0, 0, G_OPTION_ARG_STRING, &options->auth, "digest (default) or basic", "KIND"},
        {"udp-only", 0, 0, G_OPTION_ARG_NONE, &options->udp_only, "answers TCP with 461", NULL},
        {"tcp-only", 0, 0, G_OPTION_ARG_NONE, &options->tcp_only, "answers UDP with 461", NULL},
        {"tls", 0, 0, G_OPTION_ARG_FILENAME, &options->tls, "rtsps:// with this certificate and key (PEM); needs --user", "FILE"},
        {"swallow", 0, 0, G_OPTION_ARG_STRING, &options->swallow, "agrees to tcp or udp, and nothing comes by it", "tcp|udp"},
        {"session", 0, 0, G_OPTION_ARG_INT, &options->session_s, "a session that is not kept alive ends after so long", "SECONDS"},
        {"no-sprop", 0, 0, G_OPTION_ARG_NONE, &options->no_sprop, "no parameter sets in the session description", NULL},
        {"late-sets", 0, 0, G_OPTION_ARG_INT, &options->late_sets, "the first N key frames come without parameter sets", "N"},
        {"seq-wrap", 0, 0, G_OPTION_ARG_NONE, &options->seq_wrap, "sequence and time stamp begin shortly before they wrap", NULL},
        {"clock-offset", 0, 0, G_OPTION_ARG_INT, &options->clock_offset_s, "the reports' wall clock is off by so much", "SECONDS"},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->cameras, NULL, "NAME=VIDEO..."},
        {NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(context, "Simulated RTSP cameras at rtsp://ADDRESS:PORT/NAME, each playing a file for ever.");
    g_option_context_set_description(
        context, "Commands on standard input, one a line: stall NAME, resume NAME, garbage NAME on|off|PACKETS, reorder "
                 "NAME on|off, drop NAME PERCENT,\nswitch NAME VIDEO, restart NAME, disconnect NAME, quit. Each is answered by ok or error.");
    g_option_context_add_main_entries(context, entries, NULL);
    return g_option_context_parse(context, argc, argv, error);
}

static const char *check(const Options *options) {
    if (options->port < 1 || options->port > 65535) return "--port is needed: 1 to 65535";
    if (options->cameras == NULL) return "no camera given: NAME=VIDEO";
    if (options->late_sets < 0) return "--late-sets is 0 or more";
    if (options->udp_only && options->tcp_only) return "--udp-only and --tcp-only exclude each other";
    if (options->tls && options->user == NULL) return "--tls needs --user";
    if (options->swallow && strcmp(options->swallow, "tcp") != 0 && strcmp(options->swallow, "udp") != 0)
        return "--swallow is tcp or udp";
    if (options->address && !g_str_has_prefix(options->address, "127.") && !g_str_has_prefix(options->address, "fe80::"))
        return "--address is one of 127.0.0.0/8 or fe80::/64";
    if (options->session_s < 0) return "--session is 1 or more";
    if ((options->user == NULL) != (options->password_file == NULL)) return "--user and --password-file need each other";
    if (options->auth && strcmp(options->auth, "digest") != 0 && strcmp(options->auth, "basic") != 0)
        return "--auth is digest or basic";
    return NULL;
}

static gboolean obey_damage(Channel *channel, char **words) {
    ChannelDamage *damage = channel_damage(channel);
    if (words[2] == NULL) return FALSE;
    gboolean on = strcmp(words[2], "on") == 0, off = strcmp(words[2], "off") == 0;
    guint64 packets = on ? G_MAXINT : 0, percent;
    if (strcmp(words[0], "garbage") == 0) {
        if (!on && !off && !g_ascii_string_to_unsigned(words[2], 10, 1, G_MAXINT, &packets, NULL)) return FALSE;
        atomic_store(&damage->garbage, (int)packets);
        return TRUE;
    }
    if (strcmp(words[0], "reorder") == 0) {
        if (on || off) atomic_store(&damage->reorder, on);
        return on || off;
    }
    if (strcmp(words[0], "drop") != 0 || !g_ascii_string_to_unsigned(words[2], 10, 0, 100, &percent, NULL))
        return FALSE;
    atomic_store(&damage->drop_percent, (int)percent);
    return TRUE;
}

/* words: at least a verb and a name. NULL: done; else what is wrong with it. */
static char *obey_channel(Program *program, Channel *channel, char **words) {
    g_autoptr(GError) error = NULL;
    if (strcmp(words[0], "stall") == 0) channel_stall(channel, TRUE);
    else if (strcmp(words[0], "resume") == 0) channel_stall(channel, FALSE);
    else if (strcmp(words[0], "restart") == 0) channel_restart(channel, &error);
    else if (strcmp(words[0], "switch") == 0 && words[2]) channel_switch(channel, words[2], &error);
    else if (strcmp(words[0], "disconnect") == 0) mount_disconnect(program->server, channel);
    else if (!obey_damage(channel, words)) return g_strdup("not a command");
    return error ? g_strdup(error->message) : NULL;
}

static void obey(char *line, gpointer user) {
    Program *program = user;
    g_auto(GStrv) words = g_strsplit(g_strstrip(line), " ", 3);
    if (words[0] && strcmp(words[0], "quit") == 0) {
        console_say("ok");
        g_main_loop_quit(program->loop);
        return;
    }
    if (words[0] == NULL || words[1] == NULL) {
        console_say("error not a command");
        return;
    }
    Channel *channel = pacer_find(program->pacer, words[1]);
    g_autofree char *wrong = channel ? obey_channel(program, channel, words) : g_strdup_printf("no camera %s", words[1]);
    if (wrong) console_say("error %s", wrong);
    else console_say("ok");
}

static gboolean on_signal(gpointer user) {
    g_main_loop_quit(((Program *)user)->loop);
    return G_SOURCE_CONTINUE;
}

/* Who listens by UDP and has gone without a word is noticed by this alone. */
static gboolean forget_silent(gpointer user) {
    g_autoptr(GstRTSPSessionPool) pool = gst_rtsp_server_get_session_pool(((Program *)user)->server);
    gst_rtsp_session_pool_cleanup(pool);
    return G_SOURCE_CONTINUE;
}

static gboolean add_cameras(Program *program, char **cameras, unsigned late_sets, GError **error) {
    for (char **camera = cameras; *camera; camera++) {
        g_auto(GStrv) parts = g_strsplit(*camera, "=", 2);
        if (parts[0] == NULL || parts[1] == NULL || *parts[0] == '\0' || strpbrk(parts[0], " ?") ||
            pacer_find(program->pacer, parts[0])) {
            g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: NAME=VIDEO it must be, each NAME once", *camera);
            return FALSE;
        }
        Channel *channel = pacer_add(program->pacer, parts[0], parts[1], late_sets, error);
        if (channel == NULL) return FALSE;
        mount_add(program->server, channel, &program->habits);
    }
    return TRUE;
}

static gboolean add_account(Program *program, const Options *options, GError **error) {
    if (options->user == NULL) return TRUE;
    g_autoptr(GstRTSPAuth) account =
        account_new(options->user, options->password_file, g_strcmp0(options->auth, "basic") != 0, error);
    if (account == NULL) return FALSE;
    if (options->tls) {
        g_autoptr(GTlsCertificate) certificate = g_tls_certificate_new_from_file(options->tls, error);
        if (certificate == NULL) return FALSE;
        gst_rtsp_auth_set_tls_certificate(account, certificate);
    }
    gst_rtsp_server_set_auth(program->server, account);
    program->habits.role = ACCOUNT_ROLE;
    return TRUE;
}

static gboolean listen_at(Program *program, const char *address, int port, GError **error) {
    g_autofree char *service = g_strdup_printf("%d", port);
    gst_rtsp_server_set_address(program->server, address);
    gst_rtsp_server_set_service(program->server, service);
    gst_rtsp_server_set_backlog(program->server, WAITING_MAX); /* many cameras, one client that opens them all at once */
    if (gst_rtsp_server_attach(program->server, NULL) != 0) return TRUE;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "port %d of %s is taken", port, address);
    return FALSE;
}

static gboolean serve(Program *program, const Options *options, GError **error) {
    GstRTSPLowerTrans all = GST_RTSP_LOWER_TRANS_TCP | GST_RTSP_LOWER_TRANS_UDP;
    program->habits = (Habits){.transports = options->udp_only   ? GST_RTSP_LOWER_TRANS_UDP
                                             : options->tcp_only ? GST_RTSP_LOWER_TRANS_TCP
                                                                 : all,
                               .swallowed = options->swallow == NULL               ? 0
                                            : strcmp(options->swallow, "tcp") == 0 ? GST_RTSP_LOWER_TRANS_TCP
                                                                                   : GST_RTSP_LOWER_TRANS_UDP,
                               .session_s = (guint)options->session_s,
                               .no_sprop = options->no_sprop,
                               .seq_wrap = options->seq_wrap,
                               .clock_offset_s = options->clock_offset_s};
    if (!add_account(program, options, error) || !add_cameras(program, options->cameras, (unsigned)options->late_sets, error))
        return FALSE;
    if (!listen_at(program, options->address ? options->address : "127.0.0.1", options->port, error)) return FALSE;
    Console *console = console_new(obey, program);
    guint term = g_unix_signal_add(SIGTERM, on_signal, program), interrupt = g_unix_signal_add(SIGINT, on_signal, program);
    guint forget = g_timeout_add_seconds(5, forget_silent, program);
    console_say("ready");
    g_main_loop_run(program->loop);
    g_source_remove(forget);
    g_source_remove(term);
    g_source_remove(interrupt);
    console_free(console);
    return TRUE;
}

static void clear_options(Options *options) {
    g_free(options->address);
    g_free(options->user);
    g_free(options->password_file);
    g_free(options->auth);
    g_free(options->swallow);
    g_free(options->tls);
    g_strfreev(options->cameras);
}

static int run(const Options *options) {
    const char *wrong = check(options);
    if (wrong) return complain(wrong);
    gst_init(NULL, NULL);
    g_autoptr(GError) error = NULL;
    Program program = {.loop = g_main_loop_new(NULL, FALSE), .server = gst_rtsp_server_new(), .pacer = pacer_new(&error)};
    gboolean served = program.pacer && serve(&program, options, &error);
    _exit(served ? EXIT_SUCCESS : complain(error->message)); /* the server's threads and sockets go with the process */
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    av_log_set_level(AV_LOG_QUIET);
    Options options = {0};
    g_autoptr(GError) error = NULL;
    int status = parse(&options, &argc, &argv, &error) ? run(&options) : complain(error->message);
    clear_options(&options);
    return status;
}
