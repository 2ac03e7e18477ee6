/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/password.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>

#include "base/cleanup.h"

#define PASSWORD_BYTES_MAX 1024

/* A whole line, or NULL where a signal or the end of input came first. */
static char *read_line(int terminal, int signals) {
    struct pollfd fds[] = {{.fd = terminal, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    if (poll(fds, G_N_ELEMENTS(fds), -1) <= 0 || fds[1].revents)
        return NULL;
    char line[PASSWORD_BYTES_MAX];
    ssize_t count = read(terminal, line, sizeof line);
    gboolean whole = count > 0 && line[count - 1] == '\n';
    char *password = whole ? g_strndup(line, (gsize)count - 1) : NULL;
    explicit_bzero(line, sizeof line);
    return password;
}

static void say(int terminal, const char *text) {
    ssize_t ignored = write(terminal, text, strlen(text));
    (void)ignored;
}

char *sky_ctl_ask_password(const char *question) {
    sky_autofd terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios before, quiet;
    if (terminal < 0 || tcgetattr(terminal, &before) != 0)
        return NULL;
    /* What would end or stop the program waits until the terminal echoes again. */
    static const int enders[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    sigset_t held, outside;
    sigemptyset(&held);
    for (guint i = 0; i < G_N_ELEMENTS(enders); i++)
        sigaddset(&held, enders[i]);
    sky_autofd signals = signalfd(-1, &held, SFD_CLOEXEC);
    sigprocmask(SIG_BLOCK, &held, &outside);
    quiet = before;
    quiet.c_lflag = (quiet.c_lflag | ICANON) & ~(tcflag_t)ECHO;
    char *password = NULL;
    if (signals >= 0 && tcsetattr(terminal, TCSAFLUSH, &quiet) == 0) {
        say(terminal, question);
        password = read_line(terminal, signals);
        tcsetattr(terminal, TCSAFLUSH, &before);
        say(terminal, "\n");
    }
    sigprocmask(SIG_SETMASK, &outside, NULL);
    return password;
}
