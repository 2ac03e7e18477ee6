#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real clips through play_raw: decoded by ffmpeg at analysis size, no decoder of ours in between.

usage: score_footage.py PLAY_RAW FOOTAGE OUT.jsonl [--masks DIR] [play_raw options]

FOOTAGE holds *.mp4. OUT.jsonl is for score-events; --masks writes those of highway, every picture, for score-masks.
"""
import pathlib
import subprocess
import sys
import tempfile


def probe(clip, what):
    out = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", what, "-of", "csv=p=0", str(clip)],
                         capture_output=True, text=True, check=True).stdout
    return [line.strip(",") for line in out.split()]


def size_of(clip):
    """What the analysis takes of it."""
    width, height = map(int, probe(clip, "stream=width,height")[0].split(","))
    wide = min(320, width) // 2 * 2
    return wide, round(height * wide / width / 2) * 2


def decode(clip, out):
    """An ffmpeg that writes every picture, gray, at that size."""
    wide, high = size_of(clip)
    return subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-skip_loop_filter", "all", "-i", str(clip), "-map", "0:v:0",
                             "-vsync", "passthrough", "-vf", f"extractplanes=y,scale={wide}:{high}:flags=area",
                             "-f", "rawvideo", "-"], stdout=out)


def play(program, clip, more, out):
    wide, high = size_of(clip)
    with tempfile.NamedTemporaryFile("w", suffix=".times") as times:
        times.write("\n".join(probe(clip, "frame=best_effort_timestamp_time")) + "\n")
        times.flush()
        pictures = decode(clip, subprocess.PIPE)
        subprocess.run([program, "--clip", clip.stem, "--size", f"{wide}x{high}", "--times", times.name, *more],
                       stdin=pictures.stdout, stdout=out, check=True)
        pictures.stdout.close()
        pictures.wait()


def main():
    arguments = sys.argv[1:]
    if len(arguments) < 3:
        sys.exit(__doc__)
    program, footage, events, *more = arguments
    masks = None
    if "--masks" in more:
        at = more.index("--masks")
        masks = more[at + 1]
        del more[at:at + 2]
    with open(events, "w", encoding="utf-8") as out:
        for clip in sorted(pathlib.Path(footage).glob("*.mp4")):
            play(program, clip, more, out)
    if masks:
        pathlib.Path(masks).mkdir(parents=True, exist_ok=True)
        play(program, pathlib.Path(footage) / "highway.mp4", [*more, "--analysis-fps", "0", "--masks", masks], subprocess.DEVNULL)


if __name__ == "__main__":
    main()
