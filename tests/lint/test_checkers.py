#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_checkers.py COMPILER...: each checker is shown a good tree, which it must pass, and bad samples, each of which it must find."""
import os
import subprocess
import sys
import tempfile

import check_exports
import check_headers
import check_includes
import check_shipped
import check_sizes
import check_words
from tree import Tree, report

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import tally  # pylint: disable=wrong-import-position

SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
GOOD = {
    "pipelines/base/lock.h": SPDX + "#pragma once\n#include <pthread.h>\ntypedef pthread_mutex_t SkyLock;\n",
    "pipelines/base/lock.c": SPDX + '#include "base/lock.h"\nint sky_lock(void) {\n    /* goto */ return "{"[0];\n}\n',
    "pipelines/motion/motion_result.h": SPDX + "#pragma once\n#include <stdint.h>\n",
    "pipelines/media/frame.h": SPDX + "#pragma once\n",
    "pipelines/event/event.h": SPDX + '#pragma once\n#include "motion/motion_result.h"\n',
    "pipelines/source/rtsp_source.c": SPDX + "#include <libavformat/avformat.h>\n",
    "config/config.h": SPDX + '#pragma once\n#include "event/event_params.h"\n',
    "pipelines/event/event_params.h": SPDX + "#pragma once\n",
    "config/skynetd.yaml": "site: {}\n",
    "daemon/app.h": SPDX + "#pragma once\n",
    "daemon/main.c": SPDX + '#include "config/config.h"\n#include "event/event.h"\n#include <systemd/sd-daemon.h>\n',
    "daemon/ctl/ctl.h": SPDX + "#pragma once\n",
    "deploy/demo": "#!/bin/bash\n# SPDX-License-Identifier: Apache-2.0\ntrue\n",
}


def long_function(lines):
    return "int sky_long(int a)\n{\n" + "    a++;\n" * (lines - 2) + "}\n"


# checker, file, text, a part of what must be found
BAD = [
    (check_includes, "pipelines/base/a.c", '#include "media/frame.h"\n', "pipelines/base may include nothing of ours"),
        (check_includes, "pipelines/event/a.c", '# include  "source/source.h"\n', "is no file"),
    (check_includes, "pipelines/media/a.h", '#include "event/event.h"\n', "pipelines/media may include only base/*"),
    (check_includes, "config/a.c", '#include "event/event.h"\n', "config may include only"),
    (check_includes, "pipelines/event/a.c", '#include "config/config.h"\n', "pipelines/event may include only"),
    (check_includes, "daemon/a.c", '#include "daemon/ctl/ctl.h"\n', "daemon may include only"),
    (check_includes, "daemon/ctl/a.c", '#include "daemon/app.h"\n', "daemon/ctl may include only"),
    (check_includes, "pipelines/new/a.c", '#include "base/lock.h"\n', "no folder of the table"),
    (check_includes, "deploy/a.c", "int a;\n", "no folder of the table"),
    (check_includes, "pipelines/event/a.c", "#include <sqlite3.h>\n", "<sqlite3.h> belongs in pipelines/store/*"),
    (check_includes, "pipelines/source/gst_a.c", "#include <libavutil/error.h>\n", "<libavutil/error.h> belongs in"),
    (check_includes, "pipelines/source/rtsp_a.c", "#include <gst/gst.h>\n", "<gst/gst.h> belongs in"),
    (check_includes, "pipelines/mqtt/a.c", "#include <systemd/sd-daemon.h>\n", "<systemd/sd-daemon.h> belongs in daemon/*"),
    (check_includes, "pipelines/motion/kernel_c.c", "#include <glib.h>\n", "not in pipelines/motion/kernel_*"),
    (check_includes, "daemon/a.c", "#include <curl/curl.h>\n", "has no row"),
    (check_sizes, "daemon/a.c", "int a;\n" * 500, "501 lines, at most 500"),
    (check_sizes, "tests/e2e/a.py", "a = 1\nb = " + "1" * 137 + "\n", "a.py:3: 141 characters, at most 140"),
    (check_sizes, "daemon/a.c", long_function(101), "sky_long() has 101 lines"),
    (check_sizes, "daemon/string_utils.c", "int a;\n", "one noun"),
    (check_sizes, "scripts/a.sh", "true\n", "the top level is fixed"),
    (check_words, "daemon/a.c", "static GMutex lock;\n", "GMutex"),
    (check_words, "tests/unit/a.c", "pthread_mutex_t lock;\n", "pthread_mutex_t"),
    (check_words, "pipelines/mqtt/a.c", "void sky_a(void) {\n    g_thread_new(0, 0, 0);\n}\n", "g_thread_new"),
    (check_words, "pipelines/mqtt/a.c", "void sky_a(void) {\n    g_usleep (5);\n}\n", "g_usleep"),
    (check_words, "daemon/a.c", "void sky_a(void) {\n    goto out;\nout:;\n}\n", "goto"),
    (check_words, "daemon/a.c", "static volatile int a;\n", "volatile"),
    (check_words, "config/a.c", 'void sky_a(char *a) {\n    strcpy(a, "x");\n}\n', "strcpy"),
    (check_words, "daemon/a.c", 'int sky_a(void) {\n    return system("ls");\n}\n', "system"),
    (check_words, "pipelines/mqtt/a.c", 'void sky_a(void) {\n    printf("x");\n}\n', "printf"),
    (check_words, "pipelines/mqtt/a.c", 'void sky_a(void) {\n    sky_log(SKY_LOG_WARNING, 0, 0, "x");\n}\n', "SKY_LOG_WARNING"),
    (check_words, "daemon/a.c", "static int sky_a(void) {\n    return 0;\n}\n", "sky_a"),
    (check_words, "daemon/a.c", 'static const char *path = "/ho' 'me/wang/a";\n', "/ho" "me/w"),
    (check_words, "daemon/a.c", "/* TO" "DO later */\n", "TO" "DO"),
]


def write(root, path, text):
    os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
    with open(os.path.join(root, path), "w", encoding="utf-8") as file:
        file.write(text)


def good(root):
    for path, text in GOOD.items():
        write(root, path, text)


def findings(results):
    return [finding for found in results.values() for finding in found]


def expect(found, part):
    """Just one finding, and the right one: a checker that cries at everything is none."""
    return [] if len(found) == 1 and part in found[0] else [f"wanted one finding with '{part}', got {found}"]


def samples():
    results = {}
    with tempfile.TemporaryDirectory() as root:
        good(root)
        for checker in (check_includes, check_sizes, check_words):
            results[f"{checker.__name__} passes what is right"] = findings(checker.check(Tree(root)))
    for number, (checker, path, text, part) in enumerate(BAD, 1):
        with tempfile.TemporaryDirectory() as root:
            good(root)
            write(root, path, SPDX + text)
            results[f"{checker.__name__} finds sample {number} in {path}"] = expect(findings(checker.check(Tree(root))), part)
    with tempfile.TemporaryDirectory() as root:
        good(root)
        write(root, "daemon/a.c", "int a;\n")
        results["check_words finds a missing licence"] = expect(findings(check_words.check(Tree(root))), "daemon/a.c: no line SPDX")
    return results


def headers(compiler):
    with tempfile.TemporaryDirectory() as root:
        good(root)
        write(root, "pipelines/base/lonely.h", SPDX + "#pragma once\nuint32_t sky_lonely(void);\n")
        alone = expect(findings(check_headers.check(Tree(root), compiler, [])), "lonely.h")
        write(root, "pipelines/base/lonely.h", SPDX + "typedef struct { int a; } SkyTwice;\n")
        twice = findings(check_headers.check(Tree(root), compiler, []))
    return {"check_headers finds one that needs another": alone,
            "check_headers finds one without a guard": [] if twice else ["nothing found"]}


def exports(compiler):
    with tempfile.TemporaryDirectory() as root:
        write(root, "pipelines/a.c", "int sky_right(void) { return 0; }\nint wrong(void) { return 0; }\n"
              "static int own = 1;\nint *sky_own(void) { return &own; }\n")
        folder = os.path.join(root, "pipelines")
        subprocess.run(compiler + ["-c", "a.c", "-o", "a.o"], cwd=folder, check=True)
        subprocess.run(["ar", "rcs", "libsky_a.a", "a.o"], cwd=folder, check=True)
        return {"check_exports finds a name": expect(findings(check_exports.check(root)), "libsky_a.a: wrong")}


def shipped():
    with tempfile.TemporaryDirectory() as root:
        good(root)
        write(root, "printer", "#!/bin/sh\necho 'site: {}'\n")
        os.chmod(os.path.join(root, "printer"), 0o755)
        same = findings(check_shipped.check(Tree(root), os.path.join(root, "printer")))
        write(root, "config/skynetd.yaml", "site: {id: a}\n")
        other = check_shipped.config(Tree(root), os.path.join(root, "printer"))
        write(root, "deploy/demo", "#!/bin/bash\nif true; then\n")
        os.chmod(os.path.join(root, "deploy/demo"), 0o755)
        broken = check_shipped.scripts(Tree(root))
    return {"check_shipped passes what is right": same, "check_shipped finds another default": [] if other else ["nothing found"],
            "check_shipped finds a broken script": [] if broken else ["nothing found"]}


# What a test program printed, how it ended for meson, its exit code; what tests/tally.py makes of it: passed, failed, skipped.
ENDS = [
    ("1..2\nok 1 /a/b\nok 2 /a/c # SKIP no footage\n", "OK", 0, (1, 0, 1)),
    ("1..2\nok 1 - a\nnot ok 2 - b\n", "FAIL", 1, (1, 1, 0)),
    ("1..1\nok 1 a\n", "ERROR", 66, (1, 1, 0)),
    ("1..2\nok 1 a\n", "TIMEOUT", -15, (1, 1, 0)),
    ("1..0 # SKIP no GStreamer\n", "SKIP", 0, (0, 0, 1)),
    ("", "SKIP", 0, (0, 1, 0)),
    ("no jsonschema\n", "SKIP", 77, (0, 0, 1)),
    ("fine\n", "OK", 0, (1, 0, 0)),
]


def counting():
    results = {}
    for number, (output, result, code, wanted) in enumerate(ENDS, 1):
        states = [state for _, state, _ in tally.cases({"name": "a", "stdout": output, "result": result, "returncode": code})]
        counted = tuple(states.count(state) for state in ("passed", "failed", "skipped"))
        results[f"tally counts end {number}"] = [] if counted == wanted else [f"counted {counted}, wanted {wanted}"]
    return results


if __name__ == "__main__":
    report(counting() | samples() | headers(sys.argv[1:]) | exports(sys.argv[1:]) | shipped())
