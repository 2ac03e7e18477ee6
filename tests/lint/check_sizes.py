#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_sizes.py ROOT: how long files, C functions and lines of Python are, and what files are called."""
import os
import re
import sys

from tree import Tree, bare, matches, report, rules

SOURCES = (".c", ".h", ".py", ".build", "/demo", "/run", ".yaml")


def functions(source):
    """(name, first line, lines) of each function body at file scope, by counting braces."""
    text = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda found: "\n" * found.group(0).count("\n"), bare(source), flags=re.M)
    depth, begin, name, line, seen = 0, None, "", 1, 0
    for found in re.finditer(r"[{}]", text):
        line, seen = line + text.count("\n", seen, found.start()), found.start()
        if found.group(0) == "{":
            head = re.split("[;}]", text[max(text.rfind("}", 0, seen), 0):seen])[-1].rstrip() if depth == 0 else ""
            if head.endswith(")"):
                words = re.findall(r"(\w+)\s*\(", head)
                name, begin = words[0] if words else "?", line
            depth += 1
        else:
            depth -= 1
            if depth == 0 and begin is not None:
                yield name, begin, line - begin + 1
                begin = None


def check(tree):
    law = rules()
    most, longest = law["sizes"]["file_lines"], law["sizes"]["function_lines"]
    widest = law["sizes"]["python_line_characters"]
    files, wide, bodies, names, top = [], [], [], [], set()
    for path in tree.files:
        if path.endswith(SOURCES):
            lines = tree.text(path).count("\n")
            files += [f"{path}: {lines} lines, at most {most}"] if lines > most else []
        if path.endswith(".py"):
            wide += [f"{path}:{number}: {len(line)} characters, at most {widest}"
                     for number, line in enumerate(tree.text(path).split("\n"), 1) if len(line) > widest]
        if path.endswith((".c", ".h")):
            bodies += [f"{path}:{line}: {name}() has {count} lines, at most {longest}"
                       for name, line, count in functions(tree.text(path)) if count > longest]
            names += [f"{path}: a file is one noun"] if matches(os.path.basename(path), law["names"]["files"]) else []
        first = path.split("/")[0]
        if not first.startswith(".") and first not in law["names"]["top_level"]:
            top.add(f"{first}: the top level is fixed")
    return {f"files of at most {most} lines": files, f"lines of Python of at most {widest} characters": wide,
            f"functions of at most {longest} lines": bodies, "files are nouns": names, "the top level is fixed": sorted(top)}


if __name__ == "__main__":
    report(check(Tree(sys.argv[1])))
