#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold messages against the schemas of the MQTT contract.

    check_messages.py SCHEMAS < LINES                        each line "topic<TAB>payload": is every payload valid?
    check_messages.py SCHEMAS --run PROGRAM --all CONTRACT   the program's lines; and is every topic of the contract, every member
                                                             and every word of the schemas in some line, and in the contract?
Ends with 1 and one line a fault; with 77 (skipped) where python3-jsonschema is missing.
"""
import argparse
import copy
import glob
import json
import os
import re
import subprocess
import sys

ID = "[a-z0-9][a-z0-9-]{0,62}"
# Members that this version always leaves null.
ALWAYS_NULL = {"alert.deadline", "alert.clock.camera_offset_ms", "event.clock.camera_offset_ms"}


def load(folder):
    schemas = {}
    for path in sorted(glob.glob(os.path.join(folder, "*-1.json"))):
        with open(path, encoding="utf-8") as file:
            schemas[os.path.basename(path)[: -len("-1.json")]] = json.load(file)
    return schemas


def resolve(schema, root):
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].split("/")[-1]]
    return schema


def choices(schema, root):
    """The schema, or what stands under its anyOf, without null."""
    schema = resolve(schema, root)
    each = [resolve(one, root) for one in schema.get("anyOf", [schema])]
    return [one for one in each if one.get("type") != "null"]


def members(schema, root, prefix):
    """Yields (dotted name, schema) of every member, at every level of ours."""
    for one in choices(schema, root):
        if "items" in one:
            yield from members(one["items"], root, prefix)
        for name, inner in one.get("properties", {}).items():
            yield prefix + "." + name, inner
            yield from members(inner, root, prefix + "." + name)


def open_objects(schema, root, prefix):
    """Objects with named members that would let an unknown one pass."""
    for one in choices(schema, root):
        if "properties" in one and one.get("additionalProperties") is not False:
            yield prefix
    for name, inner in members(schema, root, prefix):
        for one in choices(inner, root):
            if "properties" in one and one.get("additionalProperties") is not False:
                yield name


class Seen:
    def __init__(self):
        self.values = {}   # dotted name -> set of JSON texts
        self.absent = set()

    def note(self, value, schema, root, prefix):
        if isinstance(value, list):
            for one in value:
                self.note_item(one, schema, root, prefix)
            return
        self.note_item(value, schema, root, prefix)

    def note_item(self, value, schema, root, prefix):
        if not isinstance(value, dict):
            return
        for one in choices(schema, root):
            if "items" in one:
                one = resolve(one["items"], root)
            for name, inner in one.get("properties", {}).items():
                dotted = prefix + "." + name
                if name not in value:
                    self.absent.add(dotted)
                    continue
                self.values.setdefault(dotted, set()).add(json.dumps(value[name], ensure_ascii=False))
                self.note(value[name], inner, root, dotted)


def schema_of(topic, message):
    """Its name, and what of the message it describes."""
    if re.fullmatch(r"skynet/v1/[^/]+/cmd/(?!probe/).*", topic):
        return "command", message
    match = re.fullmatch(r"urn:skynetd:schema/([a-z-]+)-1\.json", str(message.get("dataschema")))
    return (match.group(1) if match else None), message.get("data")


class Checker:
    def __init__(self, schemas, validator):
        self.schemas = schemas
        self.validators = {name: validator(schema) for name, schema in schemas.items()}
        self.faults = []
        self.seen = Seen()
        self.topics = []
        self.last = None

    def fault(self, text):
        self.faults.append(text)

    def validate(self, name, value, where):
        errors = list(self.validators[name].iter_errors(value))
        for error in errors:
            place = "/".join(str(step) for step in error.absolute_path)
            self.fault(f"{where}: {name}-1.json: {place or '(top)'}: {error.message}")
        if not errors:
            self.seen.note(value, self.schemas[name], self.schemas[name], name)
        return not errors

    def line(self, line):
        topic, _, payload = line.rstrip("\n").partition("\t")
        self.topics.append(topic)
        if not payload or "/image/" in topic:
            return
        if len(payload.encode()) > 8192:
            self.fault(f"{topic}: {len(payload.encode())} bytes")
        try:
            message = json.loads(payload)
        except ValueError as error:
            self.fault(f"{topic}: not JSON: {error}")
            return
        name, value = schema_of(topic, message)
        if name not in self.schemas:
            self.fault(f"{topic}: no schema for it")
            return
        if name != "command":
            self.validate("envelope", message, topic)
        if self.validate(name, value, topic):
            self.last = (name, value)

    def complete(self, contract):
        with open(contract, encoding="utf-8") as file:
            text = file.read()
        words = set(re.findall(r"`([^`\n]+)`", text))
        for name, schema in self.schemas.items():
            for place in open_objects(schema, schema, name):
                self.fault(f"{place}: unknown members would pass")
            self.members_seen(name, schema, words)
        self.topics_seen(text)
        self.can_fail()

    def members_seen(self, name, schema, words):
        required = set(schema["required"])
        for dotted, inner in members(schema, schema, name):
            member = dotted.split(".")[-1]
            values = self.seen.values.get(dotted, set())
            if member not in words and not any(word.endswith("." + member) for word in words):
                self.fault(f"{dotted}: not in the contract")
            if not values:
                self.fault(f"{dotted}: in the schema, in no message")
            if values == {"null"} and dotted not in ALWAYS_NULL:
                self.fault(f"{dotted}: never has a value")
            if dotted.count(".") == 1 and member not in required and dotted not in self.seen.absent:
                self.fault(f"{dotted}: optional, but never absent")
            for one in choices(inner, schema):
                for word in one.get("enum", []):
                    if json.dumps(word) not in values:
                        self.fault(f"{dotted}: '{word}' is in no message")
                    if word not in words and not any(word.endswith(shown) for shown in words):
                        self.fault(f"{dotted}: '{word}' is not in the contract")
                if one.get("type") == "boolean" and values != {"true", "false"}:
                    self.fault(f"{dotted}: only {values}")

    def topics_seen(self, text):
        rows = re.findall(r"^\| `([a-z-]+(?:/[^`]+)?)` \| (?:yes|no|while open|refused) \|", text, re.M)
        patterns = {row: re.compile("skynet/v1/" + ID + "/" + re.sub("<[a-z]+>", ID, row)) for row in rows}
        if len(rows) != 11:
            self.fault(f"the contract's table has {len(rows)} topics")
        for topic in self.topics:
            if not any(pattern.fullmatch(topic) for pattern in patterns.values()):
                self.fault(f"{topic}: not in the contract")
        for row, pattern in patterns.items():
            if not any(pattern.fullmatch(topic) for topic in self.topics):
                self.fault(f"{row}: in the contract, in no message")

    def can_fail(self):
        """A checker that can not fail is none."""
        name, value = self.last
        spoilt = copy.deepcopy(value)
        spoilt["rtsp_url"] = "x"
        if self.validators[name].is_valid(spoilt) or self.validators["envelope"].is_valid({"specversion": "1.0"}):
            self.fault("an unknown member passed")


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("schemas")
    arguments.add_argument("--run")
    arguments.add_argument("--all", dest="contract")
    options = arguments.parse_args()
    try:
        import jsonschema
        validator = jsonschema.Draft202012Validator
    except (ImportError, AttributeError):
        print("skipped: python3-jsonschema (4.0 or later) is not installed")
        return 77
    schemas = load(options.schemas)
    for schema in schemas.values():
        validator.check_schema(schema)
    checker = Checker(schemas, validator)
    if options.run:
        wrapper = os.environ.get("MESON_EXE_WRAPPER", "").split()  # built for another machine
        lines = subprocess.run([*wrapper, options.run], check=True, stdout=subprocess.PIPE, timeout=60).stdout.decode().splitlines()
    else:
        lines = sys.stdin
    for line in lines:
        checker.line(line)
    if options.contract:
        checker.complete(options.contract)
    for fault in checker.faults:
        print(fault)
    print(f"{len(checker.topics)} messages, {len(checker.faults)} faults")
    return 1 if checker.faults else 0


if __name__ == "__main__":
    sys.exit(main())
