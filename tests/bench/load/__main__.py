# SPDX-License-Identifier: Apache-2.0
"""What N cameras cost: skynetd beside the floors nobody can go below, Motion, and one ffmpeg a camera, on the same streams, one after the
other in one run.

    SKYNET_BUILD=build python3 tests/bench/load [--cameras 1,4,8,12,24,48] [--scenes busy,rest,main] [--subjects ...] [--seconds 10]
                                                [--plot] [--clips DIR] [--json FILE] [--svg FILE] [--latency] [--overload N]

Percent is of one core, for all processes of the subject; memory the most of its share of what is resident (PSS); wake-ups are voluntary
switches of all its threads; files are the clips and pictures of events that it has kept. `motion` keeps both, in its cheapest way, as
skynetd does, and is what skynetd is to be compared with; `motion-detect` only looks. The cameras are another process, over RTSP/TCP on
loopback. Ratios within a row of one run say something, percents of another day or machine little. Clips: those that make-load-clips makes
of real footage, from DIR or made once; else scenes of our own.
"""
import argparse
import json
import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "e2e")]
import clips  # noqa: E402
import latency  # noqa: E402
import overload  # noqa: E402
import plot  # noqa: E402
import stage  # noqa: E402
import subject  # noqa: E402

COLUMNS = (("cpu_percent", 9, ".1f"), ("memory_mb", 11, ".0f"), ("wakeups_s", 11, ".0f"), ("threads", 9, ".0f"), ("drops", 7, ".0f"),
           ("files", 7, ".0f"))


def options_of(words):
    parser = argparse.ArgumentParser(prog="tests/bench/load", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--cameras", default="1,4,8,12,24,48", help="how many, a row each")
    parser.add_argument("--scenes", default="busy,rest,main", help="of " + ",".join(clips.SCENES))
    parser.add_argument("--subjects", default=",".join(subject.SUBJECTS), help="of " + ",".join(subject.SUBJECTS))
    parser.add_argument("--seconds", type=int, default=10, help="measured, after settling")
    parser.add_argument("--settle", type=int, help="seconds before that; else as long as the subject needs to be at rest")
    parser.add_argument("--plot", action="store_true",
                        help="skynetd and the packets floor alone, shorter: how the cost grows, in 12 minutes; --svg load.svg")
    parser.add_argument("--clips", help="folder of the clips that make-load-clips makes")
    parser.add_argument("--json", help="all figures, to this file")
    parser.add_argument("--svg", help="a plot of percent over cameras, to this file")
    parser.add_argument("--latency", action="store_true", help="onset in the stream to message at the broker, too (a minute a row)")
    parser.add_argument("--overload", type=int, metavar="N", help="nothing but this: N cameras that are too many (a minute and a half)")
    options = parser.parse_args(words)
    if options.plot:
        options.subjects, options.seconds, options.svg = "packets-in,skynetd", 6, options.svg or "load.svg"
    return options


def measure(s, scene, path, count, names, options):
    small = clips.path_of("rest", options.clips)[0] if scene == "main" else None
    cameras = stage.Cameras(s, {**{f"c{i}": path for i in range(count)}, **{f"s{i}": small for i in range(count) if small}})
    urls = [cameras.url(f"c{i}") for i in range(count)]
    sub_urls = [cameras.url(f"s{i}") for i in range(count)] if small else None
    row = {}
    for name in names:
        try:
            row[name] = subject.SUBJECTS[name](s, urls, sub_urls).measure(options.settle, options.seconds)
        except stage.Skip as reason:
            print(f"  {name}: skipped, {reason}")
            continue
        print(f"  {count:3} {name:14}" + "".join(f"{row[name].get(key, 0):{width}{form}}" for key, width, form in COLUMNS), flush=True)
    cameras.process.terminate()
    cameras.process.wait()
    return row


def ratios(row):
    ours = [name for name in row if name.startswith("skynetd")]
    others = [name for name in row if not name.startswith("skynetd")]
    for mine in ours:
        words = [f"{row[mine]['cpu_percent'] / row[name]['cpu_percent']:.2f} of {name}" for name in others if row[name]["cpu_percent"] > 0]
        if words:
            print(f"      {mine}: " + ", ".join(words))


def growth(rows):
    """What one camera costs among few and among many."""
    for name in dict.fromkeys(name for row in rows.values() for name in row):
        costs = {count: rows[count][name]["cpu_percent"] / count for count in sorted(rows) if name in rows[count]}
        many = max(costs)
        before = max([count for count in costs if count <= many / 4], default=None)
        if before and costs[before] > 0:
            print(f"  {name}: percent a camera " + ", ".join(f"{costs[count]:.2f} of {count}" for count in costs)
                  + f"; one of {many} costs {costs[many] / costs[before]:.2f} of one of {before}", flush=True)


def main():
    options = options_of(sys.argv[1:])
    counts = [int(word) for word in options.cameras.split(",")]
    scenes, names = options.scenes.split(","), options.subjects.split(",")
    for word, known in [(word, clips.SCENES) for word in scenes] + [(word, subject.SUBJECTS) for word in names]:
        if word not in known:
            sys.exit(f"tests/bench/load: there is no {word}: {', '.join(known)}")
    found = {"scenes": {}, "latency": {}}
    if options.overload:
        with stage.staged("test_load") as s:
            print(overload.text(overload.measure(s, options.overload), options.overload))
        return
    for scene in scenes:
        with stage.staged("test_load") as s:
            path, origin = clips.path_of(scene, options.clips)
            print(f"{scene}: {clips.SCENES[scene].what} ({origin})")
            heads = "".join(f"{key:>{width}}" for key, width, _ in COLUMNS)
            print(f"      {'':14}" + heads.replace("_percent", " %").replace("_mb", " MB"))
            for count in counts:
                row = measure(s, scene, path, count, names, options)
                ratios(row)
                found["scenes"].setdefault(scene, {})[count] = row
            growth(found["scenes"][scene])
    for count in counts if options.latency else []:
        with stage.staged("test_load") as s:
            delays, drops = latency.measure(s, count)
            found["latency"][count] = {"delays_s": delays, "drops": drops}
            ordered = sorted(delays)
            print(f"onset to broker, {count} cameras: {len(delays)} onsets, median {statistics.median(delays):.2f} s, p95 "
                  f"{ordered[int(len(ordered) * 0.95)]:.2f} s, worst {ordered[-1]:.2f} s, {drops} packets dropped", flush=True)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(found, out, indent=1)
    if options.svg:
        with open(options.svg, "w", encoding="utf-8") as out:
            out.write(plot.svg(found["scenes"]))


main()
