#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Foreground masks of CDnet's highway against its truth: ours, OpenCV's MOG2 and KNN (5x5 median, 9x9 closing), on one and the same
decoded pictures.

usage: bench_masks.py PLAY_RAW [PYTHON]

$SKYNET_FOOTAGE (../shared/footage) has highway.mp4 and highway-masks/, the folder tools/ beside it score-masks. PYTHON is one that
has cv2. Prints F, precision and recall. Exit codes: 0 ours is 0.92 or more and above both, 1 it is not, 77 something is not here.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from score_footage import decode, size_of

F_LEAST = 0.92
HERE = pathlib.Path(__file__).resolve().parent


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def write_masks(name, command, pictures, folder):
    """FALSE: it does not run here, and has said why."""
    folder.mkdir()
    with open(pictures, "rb") as luma:
        done = subprocess.run(command, stdin=luma, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(f"{name:5} skipped: {done.stderr.strip()}")
    return done.returncode == 0


def score(tool, truth, masks):
    done = subprocess.run([sys.executable, tool, truth, masks, "--json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    footage = pathlib.Path(os.environ.get("SKYNET_FOOTAGE", "../shared/footage"))
    clip, truth, tool = footage / "highway.mp4", footage / "highway-masks", footage.resolve().parent / "tools" / "score-masks"
    for path in (clip, truth, tool):
        if not path.exists():
            skip(f"{path} is not there; SKYNET_FOOTAGE says where the clips are")
    python = sys.argv[2] if len(sys.argv) == 3 else sys.executable
    width, height = size_of(clip)
    size = f"{width}x{height}"
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        with open(work / "gray", "wb") as luma:
            decode(clip, luma).wait()
        rival = [python, str(HERE / "rival_opencv.py"), "--masks"]
        commands = {
            "ours": [sys.argv[1], "--size", size, "--fps", "25", "--analysis-fps", "0", "--masks", str(work / "ours")],
            "mog2": [*rival, str(work / "mog2"), size, "mog2"],
            "knn": [*rival, str(work / "knn"), size, "knn"],
        }
        made = [name for name, command in commands.items() if write_masks(name, command, work / "gray", work / name)]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            scores = dict(zip(made, pool.map(lambda name: score(tool, truth, work / name), made)))
    for name, one in scores.items():
        print(f"{name:5} F {one['f']:.3f} precision {one['precision']:.3f} recall {one['recall']:.3f}, {one['frames']} frames")
    if "ours" not in scores:
        sys.exit(1)
    ours, others = scores["ours"]["f"], [one["f"] for name, one in scores.items() if name != "ours"]
    held = ours >= F_LEAST and ours > max(others, default=0)
    print(f"bar: {F_LEAST} and above both: {'ok' if held else 'FAIL'}")
    sys.exit(1 if not held else 0 if len(others) == 2 else 77)


if __name__ == "__main__":
    main()
