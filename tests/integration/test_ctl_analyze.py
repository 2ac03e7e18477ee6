#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skynetctl analyze on a generated scene: events, masks, film, and files that are none."""
import json
import os
import pty
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import stage  # noqa: E402

SECONDS = 24
FPS = 10


def clip():
    return stage.scene("crossing", SECONDS, fps=FPS, size="320x240")


def run(*words):
    return subprocess.run([stage.program("daemon/skynetctl"), "analyze", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=240 * stage.PATIENCE)


def complaints(done):
    """What it said but for what was suppressed, which a scene may have."""
    return [line for line in done.stderr.splitlines() if ": suppressed: " not in line]


def events_of(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def config(s, **camera):
    s.cameras = [{"id": "gate", "name": "东门", "main": "rtsp://127.0.0.1/a", **camera}]
    s.write_config()
    return s.file("skynetd.yaml")


def test_events(s):
    done = run(clip(), "--events", s.file("e.jsonl"))
    assert done.returncode == 0 and not done.stdout and not complaints(done), done
    events = events_of(s.file("e.jsonl"))
    name = os.path.basename(clip())[:-4]
    for event in events:
        assert list(event) == "clip kind zone start end detected box score objects inside path speed".split(), event
        assert event["clip"] == name and event["kind"] == "motion" and event["zone"] is None, event
        assert 0 <= event["start"] <= event["detected"] <= event["end"] <= SECONDS, event
        assert all(0 <= side <= 1 for side in event["box"]) and 0 <= event["score"] <= 1 and event["objects"] >= 1, event
        times = [time for time, x, y in event["path"]]
        assert times == sorted(set(times)) and event["start"] <= times[0] and times[-1] <= event["end"], event
        assert 1 <= len(times) <= 16 and all(0 <= x <= 1 and 0 <= y <= 1 for time, x, y in event["path"]), event
        assert event["speed"] > 0 and 0 <= event["inside"] <= event["end"] - event["start"], event
    real = stage.truth(clip())
    found = [any(e["start"] < end and e["end"] > start for e in events) for start, end in real]
    assert real and all(found), (real, events)
    done = run(clip())
    assert [json.loads(line) for line in done.stdout.splitlines()] == events, done.stdout


def test_suppressed(s):
    """A line of what moved and became no event, beside events as ever."""
    rain = stage.scene("rain")
    done = run(rain)
    assert done.returncode == 0 and not done.stdout, done
    line = re.fullmatch(rf"skynetctl analyze: {re.escape(rain)}: suppressed: ((\d+ [a-z]+, )*\d+ [a-z]+); "
                        r"most: ([a-z]+) in row [1-4], column [1-4] of 4(; \d+ left out, too much at once to be followed)?\n", done.stderr)
    assert line, done
    causes = {word: int(count) for count, word in (cause.split() for cause in line[1].split(", "))}
    assert causes["brief"] > 10 and causes[line[3]] == max(causes.values()), done


def test_no_time_stamps(s):
    """The same events as with them, and a line that says at which rate."""
    bare = s.file("bare.264")
    subprocess.run([stage.tool("ffmpeg"), "-v", "error", "-i", clip(), "-c", "copy", bare], check=True)
    done, wanted = run(bare), run(clip())
    assert complaints(done) == [f"skynetctl analyze: {bare}: no time stamps in it: its pictures are taken as {FPS} a second"], done
    name = os.path.basename(clip())[:-4]
    assert wanted.stdout and done.stdout.replace('"bare"', f'"{name}"') == wanted.stdout, (done.stdout, wanted.stdout)


def test_zone_of_a_camera(s):
    """All of the picture is the zone, and who is in it for a second dwells; then all of it is ignored."""
    whole = [[0, 0], [1, 0], [1, 1], [0, 1]]
    path = config(s, zones=[{"id": "yard", "name": "院子", "points": whole, "dwell": "1s"}])
    done = run("--config", path, "--camera", "gate", clip())
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and events and all(e["zone"] == "yard" for e in events), done
    assert {e["kind"] for e in events} == {"intrusion", "dwell"}, done
    assert all(e["inside"] >= 1 and e["detected"] - e["start"] >= 1 for e in events if e["kind"] == "dwell"), done
    path = config(s, ignore=[{"points": whole}])
    done = run(clip(), "--config", path, "--camera", "gate")
    assert done.returncode == 0 and not done.stdout, done
    done = run(clip(), "--config", path, "--camera", "yard")
    assert done.returncode == 2 and "no camera 'yard'" in done.stderr, done
    done = run(clip(), "--config", s.file("none.yaml"), "--camera", "gate")
    assert done.returncode == 1 and "none.yaml" in done.stderr, done


def test_several_files(s):
    second = s.file("夜 2.x.mp4")
    shutil.copy(clip(), second)
    with open(s.file("text.mp4"), "w", encoding="utf-8") as out:
        out.write("no video\n")
    done = run(clip(), s.file("none.mp4"), second, s.file("text.mp4"), s.folder)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1 and {e["clip"] for e in events} == {os.path.basename(clip())[:-4], "夜 2.x"}, done
    strip = [{key: value for key, value in e.items() if key != "clip"} for e in events]
    assert strip[:len(strip) // 2] == strip[len(strip) // 2:], "the second file's analysis begins anew"
    lines = complaints(done)
    assert len(lines) == 3 and all(line.startswith("skynetctl analyze: " + s.folder) for line in lines), done.stderr
    assert "none.mp4: No such file" in lines[0] and "text.mp4: " in lines[1] and lines[2].endswith("not a file"), done.stderr


def test_masks(s):
    done = run(clip(), "--masks", s.file("masks"), "--events", s.file("e.jsonl"))
    assert done.returncode == 0, done
    names = sorted(os.listdir(s.file("masks")))
    assert names == [f"mask{number:06d}.pgm" for number in range(1, SECONDS * FPS + 1)], (len(names), names[:3])
    moving = 0
    for name in names:
        with open(os.path.join(s.file("masks"), name), "rb") as file:
            data = file.read()
        head = re.match(rb"P5\n(\d+) (\d+)\n255\n", data)
        width, height = int(head[1]), int(head[2])
        pixels = data[head.end():]
        assert (width, height) == (320, 240) and len(pixels) == width * height and not pixels.strip(b"\x00\xff"), name
        moving += 255 in pixels
    assert 0 < moving < len(names), moving
    done = run(clip(), "--masks", "/proc/none/masks")
    assert done.returncode == 1 and "/proc/none/masks" in done.stderr, done


def test_film(s):
    stage.tool("ffmpeg")
    film = s.file("-film.mp4")
    done = run(clip(), "--annotate", film, "--events", s.file("e.jsonl"))
    assert done.returncode == 0 and not complaints(done), done
    assert abs(stage.plays(film) - SECONDS) < 0.5
    shown = subprocess.run([stage.tool("ffprobe"), "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", film],
                           capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "960,720", shown
    # green only while an event is under way: the film's seconds are the events'
    event = events_of(s.file("e.jsonl"))[0]
    assert coloured(film, (event["detected"] + event["end"]) / 2 + 0.3, is_green) > 100
    assert coloured(film, max(event["start"] - 1.0, 0), is_green) == 0
    # and so is what is believed, in cyan, beside its path
    assert coloured(film, (event["detected"] + event["end"]) / 2, is_cyan) > 100
    # the legend stands from the first picture on
    assert coloured(film, 0, is_green, rows=range(700, 720)) > 100


def is_green(red, green, blue):
    return green > red + 80 and green > blue + 60


def is_cyan(red, green, blue):
    return blue > red + 80 and green > red + 60


def coloured(film, second, what, rows=range(690)):
    """Pixels of that colour above the legend."""
    raw = subprocess.run([stage.tool("ffmpeg"), "-v", "error", "-ss", f"{second:.2f}", "-i", film, "-frames:v", "1", "-f", "rawvideo",
                          "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    assert len(raw) == 960 * 720 * 3, len(raw)
    return sum(what(*raw[at:at + 3]) for at in range(rows[0] * 960 * 3, (rows[-1] + 1) * 960 * 3, 3))


def pixels(path):
    raw = subprocess.run([stage.tool("ffmpeg"), "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                         capture_output=True, check=True).stdout
    size = subprocess.run([stage.tool("ffprobe"), "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", path],
                          capture_output=True, text=True, check=True).stdout
    width, height = map(int, size.strip().split(","))
    assert len(raw) == width * height * 3, path
    return width, height, raw


def framed(raw, width, left, top):
    """Green pixels of the tile that begins there."""
    at = [3 * (y * width + x) for y in range(top, top + 240) for x in range(left, left + 320)]
    return sum(1 for i in at if raw[i] < 20 and raw[i + 1] > 200 and 60 < raw[i + 2] < 120)


def test_sheet(s):
    """A tile an event, four beside each other, each with its frame; none where there is no event."""
    stage.tool("ffmpeg")
    done = run(clip(), clip(), "--sheet", s.file("sheet.png"), "--events", s.file("e.jsonl"))
    assert done.returncode == 0 and not complaints(done), done
    events = events_of(s.file("e.jsonl"))
    width, height, raw = pixels(s.file("sheet.png"))
    assert (width, height) == (4 * 328 + 8, (len(events) + 3) // 4 * 286 + 8), (width, height, len(events))
    for number in range(-(-len(events) // 4) * 4):
        green_px = framed(raw, width, 8 + number % 4 * 328, 8 + number // 4 * 286)
        assert (green_px > 40) == (number < len(events)), (number, green_px, len(events))
    path = config(s, ignore=[{"points": [[0, 0], [1, 0], [1, 1], [0, 1]]}])
    done = run("--config", path, "--camera", "gate", clip(), "--sheet", s.file("none.png"))
    width, height, raw = pixels(s.file("none.png"))
    assert done.returncode == 0 and raw.count(b"\xff\xff\xff") > 100, done
    done = run(clip(), "--sheet", s.file("no/such/sheet.png"), "--events", s.file("e.jsonl"))
    assert done.returncode == 1 and "no/such/sheet.png" in done.stderr and events_of(s.file("e.jsonl")) == events[:len(events) // 2], done


def test_film_that_can_not_be(s):
    stage.tool("ffmpeg")
    done = run(clip(), "--annotate", s.file("no/such/folder.mp4"), "--events", s.file("e.jsonl"))
    assert done.returncode == 1 and "no/such/folder.mp4" in done.stderr and events_of(s.file("e.jsonl")), done
    bare = subprocess.run([stage.program("daemon/skynetctl"), "analyze", clip(), "--annotate", s.file("a.mp4")], capture_output=True,
                          text=True,
                          timeout=240 * stage.PATIENCE, env={**os.environ, "PATH": s.folder})
    assert bare.returncode == 1 and "apt-get install ffmpeg" in bare.stderr, bare


def test_outputs_that_are_full(s):
    done = run(clip(), "--events", "/dev/full")
    assert done.returncode == 1 and "/dev/full: " in done.stderr, done
    done = run(clip(), "--events", s.file("no/such/folder.jsonl"))
    assert done.returncode == 1 and "no/such/folder.jsonl: No such file" in done.stderr, done


def test_progress_on_a_terminal(s):
    reader, writer = pty.openpty()
    with open(s.file("out"), "w", encoding="utf-8") as out:
        process = subprocess.Popen([stage.program("daemon/skynetctl"), "analyze", clip()], stdout=out, stderr=writer)
        s.processes.append(process)
    os.close(writer)
    seen = b""
    while True:
        try:
            more = os.read(reader, 4096)
        except OSError:  # the other end is closed
            break
        if not more:
            break
        seen += more
    os.close(reader)
    assert process.wait(60) == 0
    last = [words for words in seen.decode().split("\r") if "[#" in words][-1].rstrip()
    assert re.search(r"\[#{30}\] 2[34] s, [1-9]\d* events$", last), seen[-200:]


if __name__ == "__main__":
    stage.main(globals())
