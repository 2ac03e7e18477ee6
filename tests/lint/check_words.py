#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_words.py ROOT: words that no line may hold (rules.toml), and the licence line in each source."""
import re
import sys

from tree import Tree, bare, matches, report, rules

LICENCE = "SPDX-License-Identifier: Apache-2.0"
BEARERS = (".c", ".h", ".py", ".sh", ".build", ".toml", ".service", ".conf", ".acl", "/demo", "/run")


def check(tree):
    results = {}
    for rule in rules()["words"]:
        findings = results.setdefault(rule["name"], [])
        pattern = re.compile(rule.get("code") or rule["text"])
        for path in tree.files:
            if not matches(path, rule["in"]) or matches(path, rule.get("not", [])) or ("code" in rule and not path.endswith((".c", ".h"))):
                continue
            text = bare(tree.text(path)) if "code" in rule else tree.text(path)
            for number, line in enumerate(text.split("\n"), 1):
                found = pattern.search(line)
                if found:
                    findings.append(f"{path}:{number}: {found.group(0).strip()}")
    results["each source names its licence"] = [
        f"{path}: no line {LICENCE}" for path in tree.files
        if path.endswith(BEARERS) and LICENCE not in "\n".join(tree.text(path).split("\n")[:3])]
    return results


if __name__ == "__main__":
    report(check(Tree(sys.argv[1])))
