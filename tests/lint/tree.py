# SPDX-License-Identifier: Apache-2.0
"""What every checker needs: the rules, the project's files, C without comments and strings, and TAP on stdout.

A checker is a function check(tree, ...) that gives {rule: [finding, ...]}; a rule without findings holds.
"""
import fnmatch
import os
import re
import sys
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
TOKENS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def rules():
    with open(os.path.join(HERE, "rules.toml"), "rb") as file:
        return tomllib.load(file)


def matches(path, patterns):
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def bare(source):
    """C without comments and with empty strings; every line keeps its number."""
    def blank(found):
        text = found.group(0)
        return "\n" * text.count("\n") if text[0] == "/" else text[0] + text[-1]
    return TOKENS.sub(blank, source)


class Tree:
    """The files of a project: path from its root -> text. Build folders, hidden tools' folders and corpora are no sources."""

    def __init__(self, root):
        self.root = root
        self.files = {}
        for folder, folders, names in os.walk(root):
            inside = os.path.relpath(folder, root).replace("\\", "/")
            inside = "" if inside == "." else inside + "/"
            folders[:] = sorted(one for one in folders if not (one in (".git", "__pycache__", "corpus") or
                                                               (not inside
                                                                and (one.startswith("build") or one[0] == "." and one != ".ci"))))
            for name in sorted(names):
                if not name.endswith((".part", ".pyc")):
                    self.files[inside + name] = None

    def text(self, path):
        if self.files[path] is None:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self.files[path] = file.read()
        return self.files[path]

    def sources(self, *endings):
        return [path for path in self.files if path.endswith(endings or (".c", ".h"))]


def report(results):
    """Prints {rule: findings} as TAP and ends the program: meson judges by the lines, a person by the exit code too."""
    print(f"1..{len(results)}")
    for number, (rule, findings) in enumerate(results.items(), 1):
        print(f"{'not ok' if findings else 'ok'} {number} {rule}")
        for finding in findings:
            print(f"# {finding}")
    sys.exit(any(results.values()))


def skip(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)
