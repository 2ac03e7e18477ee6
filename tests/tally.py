#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts single test cases in the log that meson wrote (testlog.json: one JSON object a test program).

    tally.py FILE...      prints each failure with the end of its output, each skip with its reason, then
                          "N passed, N failed[, N skipped]"
Ends with 1 where anything failed or nothing passed. A program that crashed, hung, leaked or promised more cases than it ran has failed,
however many of its cases say "ok".
"""
import json
import re
import sys

LINE = re.compile(r"(ok|not ok)\b\s*(\d*)\s*(?:- )?([^#]*?)\s*(?:#\s*(SKIP)\S*\s*(.*))?", re.I)
NOTHING = re.compile(r"1\.\.0\s*#\s*SKIP\S*\s*(.*)", re.I)
EXIT_SKIP = 77


def cases(test):
    """[(name, "passed" | "failed" | "skipped", why)] of one test program."""
    output, result = test.get("stdout") or "", test["result"]
    found = []
    for line in output.splitlines():
        case, nothing = LINE.fullmatch(line), NOTHING.fullmatch(line)
        if case:
            state = "skipped" if case[4] else "passed" if case[1].lower() == "ok" else "failed"
            found.append((case[3] or case[2], state, case[5] or "no reason given"))
        elif nothing:
            found.append(("all", "skipped", nothing[1] or "no reason given"))
    words = [line.strip() for line in output.splitlines() if line.strip()]
    if not found and result == "SKIP" and test.get("returncode") == EXIT_SKIP:
        found.append(("all", "skipped", words[-1][:200] if words else "no reason given"))
    elif not found and result == "OK":
        found.append(("all", "passed", ""))
    bad = result not in ("OK", "SKIP", "EXPECTEDFAIL") or not found
    if bad and not any(state == "failed" for _, state, _ in found):
        found.append(("the program", "failed", f"{result}, exit code {test.get('returncode')}"))
    return found


def show(test):
    for stream in ("stdout", "stderr"):
        for line in (test.get(stream) or "").splitlines()[-30:]:
            print(f"        {line[:300]}")


def main(paths):
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as log:
            for test in map(json.loads, log):
                found = cases(test)
                for name, state, why in found:
                    count[state] += 1
                    if state == "skipped" or name == "the program":
                        print(f"{state} {test['name']}: {name}: {why}")
                    elif state == "failed":
                        print(f"failed {test['name']}: {name}")
                if any(state == "failed" for _, state, _ in found):
                    show(test)
    print(f"{count['passed']} passed, {count['failed']} failed" + (f", {count['skipped']} skipped" if count["skipped"] else ""))
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
