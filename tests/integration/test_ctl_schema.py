#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skynetctl print-schema: what an editor sees of a configuration."""
import copy
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import stage  # noqa: E402

GOOD = {"site": {"id": "a"}, "broker": {"host": "h"}, "audiences": [{"id": "duty"}], "cameras": [{"id": "gate", "main": "rtsp://h/1"}]}
# What is wrong, each a path into GOOD and its new value; `skynetctl check` refuses all of them too.
BAD = [
    (["site", "id"], "Gate"), (["site"], {}), (["sites"], 1), (["broker"], {}), (["broker", "socket"], "/run/x"),
    (["broker", "port"], 70000),
    (["broker", "tls"], "maybe"), (["broker", "keep_alive"], 30), (["broker", "keep_alive"], "30 x"), (["audiences"], []),
    (["audiences", 0, "kinds"], ["fire"]), (["audiences", 0, "kinds"], []), (["cameras", 0, "transport"], "http"),
    (["cameras", 0, "main"], "http://h/1"), (["cameras", 0, "vendor"], "axis"), (["cameras", 0], {"id": "gate"}),
    (["cameras", 0], {"id": "gate", "vendor": "dahua"}), (["cameras", 0, "sensitivity"], 1.5), (["cameras", 0, "memory"], "24 XB"),
    (["cameras", 0, "zones"], [{"id": "z", "points": [[0, 0], [2, 0], [1, 1]]}]), (["cameras", 0, "zones"], [{"id": "z"}]),
    (["cameras", 0, "ignore"], [{"points": [[0, 0], [1, 1]]}]), (["cameras", 0, "zoness"], []), (["storage"], {"directory": "state"}),
    (["storage"], {"free_min": "1"}), (["workers"], 65), (["workers"], "two"),
]
FINE = [
    (["site", "name"], 5), (["storage"], None), (["storage"], {"free_min": 0, "evidence_max": "20 GB", "pre_roll": "1.5s"}),
    (["cameras", 0], {"id": "gate", "vendor": "uniview", "host": "::1", "channel": 3}), (["audiences", 0, "kinds"], "all"),
    (["cameras", 0, "zones"], None), (["cameras", 0, "zones"], [{"id": "z", "points": [[0, 0], [1, 0], [1, 0.5]]}]),
]


def schema(s, *options):
    try:
        import jsonschema  # pylint: disable=import-outside-toplevel
    except ImportError as missing:
        raise stage.Skip("python3-jsonschema is not installed") from missing
    text = json.loads(s.ctl("print-schema", *options, check=0).stdout)
    jsonschema.Draft7Validator.check_schema(text)
    return jsonschema.Draft7Validator(text)


def changed(path, value):
    config = copy.deepcopy(GOOD)
    place = config
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return config


def check(s, config):
    with open(s.file("skynetd.yaml"), "w", encoding="utf-8") as out:
        json.dump(config, out)
    return s.ctl("check").returncode == 0


def test_the_shipped_file_is_valid(s):
    validator = schema(s)
    try:
        import yaml  # pylint: disable=import-outside-toplevel
    except ImportError as missing:
        raise stage.Skip("python3-yaml is not installed") from missing
    with open(os.path.join(stage.SOURCE, "config/skynetd.yaml"), encoding="utf-8") as text:
        shipped = yaml.safe_load(text)
    assert not [error.message for error in validator.iter_errors(shipped)]


def test_schema_and_check_agree(s):
    validator = schema(s)
    for expected, rows in ((True, FINE), (False, BAD)):
        for path, value in rows:
            config = changed(path, value)
            errors = [error.message for error in validator.iter_errors(config)]
            assert (not errors) == expected, f"schema: {path} {value}: {errors}"
            assert check(s, config) == expected, f"check: {path} {value}"


def test_a_file_of_cameras(s):
    """What a file in cameras.d may be is what the main file has under cameras."""
    validator = schema(s, "--cameras")
    for expected, rows in ((True, FINE), (False, BAD)):
        for path, value in rows:
            if path[0] == "cameras":
                cameras = changed(path, value)["cameras"]
                assert validator.is_valid(cameras) == expected and validator.is_valid(cameras[0]) == expected, f"{path} {value}"
    assert schema(s).is_valid({key: value for key, value in GOOD.items() if key != "cameras"})


def test_every_key_is_explained(s):
    def walk(node, path):
        for name, key in node.get("properties", {}).items():
            assert key["description"].strip() and ("type" in key or "enum" in key or "anyOf" in key), f"{path}.{name}"
            walk(key.get("items", key), f"{path}.{name}")
    text = schema(s).schema
    walk(text, "")
    assert text["properties"]["cameras"]["items"]["properties"]["severity"]["default"] == 3


if __name__ == "__main__":
    stage.main(globals())
