#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_includes.py ROOT: the include table and the table of foreign headers, direct includes only."""
import re
import sys

from tree import Tree, matches, report, rules

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.M)


def row_of(path, table):
    rows = [folder for folder in table if path.startswith(folder + "/")]
    return max(rows, key=len) if rows else None


def ours(tree, path, name, table):
    row = row_of(path, table)
    if row is None:
        return f'{path}: is in no folder of the table and includes "{name}"'
    places = ["", "pipelines/"] + (["tests/", path.rsplit("/", 1)[0] + "/"] if row == "tests" else [])
    target = next((place + name for place in places if place + name in tree.files), None)
    if target is None:
        return f'{path}: "{name}" is no file from the root or from pipelines/'
    if row_of(target, table) == row or matches(name, table[row]):
        return None
    return f'{path}: "{name}", but {row} may include {"only " + ", ".join(table[row]) if table[row] else "nothing of ours"}'


def foreign(path, name, known, system):
    for one in known:
        if matches(name, one["headers"]):
            if matches(path, one["in"]) and not matches(path, one.get("not", [])):
                return None
            beside = f", not in {', '.join(one['not'])}" if "not" in one else ""
            return f"{path}: <{name}> belongs in {', '.join(one['in'])} only{beside}"
    return None if matches(name, system) else f"{path}: <{name}> has no row in rules.toml"


def check(tree):
    law = rules()
    results = {f"includes of {folder}": [] for folder in law["includes"]}
    results["C only where the table has a folder"] = []
    results["foreign headers"] = []
    for path in tree.sources():
        row = row_of(path, law["includes"])
        if row is None:
            results["C only where the table has a folder"].append(f"{path}: no folder of the table holds it")
        for quoted, angled in INCLUDE.findall(tree.text(path)):
            if angled:
                finding, rule = foreign(path, angled, law["foreign"], law["system"]["headers"]), "foreign headers"
            else:
                finding = ours(tree, path, quoted, law["includes"]) if row else None
                rule = f"includes of {row}"
            if finding:
                results[rule].append(finding)
    return results


if __name__ == "__main__":
    report(check(Tree(sys.argv[1])))
