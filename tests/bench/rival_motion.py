#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Motion as a rival for bench_scenes. It knows no time but the clock, so a minute takes a minute: run some scenes at once (-j 4).

usage: rival_motion.py motion < GRAY    (320x180, 8 pictures a second; "begin end detected" a line an event)

As in bench/load: event_gap 3, threshold 0.15 % of the picture, the rest as it comes. It takes the pictures in as those of an MJPEG
camera on loopback (ffmpeg makes them, as good as JPEG gets; 192 rows, for sizes are multiples of 16 to it); a script that it calls
tells of an event's begin and end. An event ends event_gap after its last motion: that is taken off.
"""
import bisect
import contextlib
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

WIDTH, HEIGHT, ROWS, FPS = 320, 180, 192, 8
THRESHOLD_PX, GAP_S = round(0.0015 * WIDTH * HEIGHT), 3
SETTLE_S, OPEN_S, SLOW_MAX = 3, 60, 1.05
CONFIG = f"""daemon off
log_level 4
webcontrol_port 0
stream_port 0
picture_output off
movie_output off
text_right
framerate {FPS}
width {WIDTH}
height {ROWS}
threshold {THRESHOLD_PX}
event_gap {GAP_S}
target_dir FOLDER
netcam_url http://127.0.0.1:PORT/pictures
on_event_start sh FOLDER/tell begin
on_event_end sh FOLDER/tell end
"""


class Camera:
    """Whoever connected last is shown the pictures: JPEG after JPEG, as good as it gets."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.viewer = None
        self.coder = subprocess.Popen(
            ["ffmpeg", "-v", "error", "-fflags", "nobuffer", "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}",
             "-r", str(FPS), "-i", "-", "-vf", f"pad={WIDTH}:{ROWS}", "-pix_fmt", "yuvj420p", "-vsync", "passthrough", "-q:v", "1",
             "-flush_packets", "1", "-f", "mjpeg", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        threading.Thread(target=self.pass_on, daemon=True).start()

    def pass_on(self):
        while data := self.coder.stdout.read(65536):
            with contextlib.suppress(BlockingIOError):
                viewer, _ = self.listener.accept()
                viewer.settimeout(5)
                viewer.recv(4096)
                viewer.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: video/x-motion-jpeg\r\n\r\n")
                self.viewer = viewer
            if self.viewer:
                with contextlib.suppress(OSError):
                    self.viewer.sendall(data)

    def show(self, luma):
        self.coder.stdin.write(luma)

    def close(self):
        self.coder.stdin.close()
        self.coder.wait()


def read_picture():
    luma = sys.stdin.buffer.read(WIDTH * HEIGHT)
    return luma if len(luma) == WIDTH * HEIGHT else None


class Motion:
    def __init__(self, config):
        self.config = config
        self.start()

    def start(self):
        self.process = subprocess.Popen(["motion", "-n", "-c", self.config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ended(self):
        return self.process.poll() is not None

    def stop(self):
        self.process.terminate()
        self.process.wait()


def play(camera, motion, luma):
    """The clock's time of each picture. The first one stands until Motion has had the camera open for a while: it opens it twice,
    and gives up where that takes long. On a busy machine pictures come slower, never in a burst."""
    shown_s, settled, now_s = [], 0, time.time()
    give_up_s = now_s + OPEN_S
    while luma is not None:
        camera.show(luma)
        settled = 0 if motion.ended() else settled + (camera.viewer is not None)
        if settled > SETTLE_S * FPS:
            shown_s.append(now_s)
            luma = read_picture()
        elif shown_s or now_s > give_up_s:
            sys.exit(f"rival_motion.py: motion {'has ended' if shown_s else 'opens no camera'}")
        elif motion.ended():
            camera.viewer = None
            motion.start()
        time.sleep(max(0, now_s + 1 / FPS - time.time()))
        now_s = max(time.time(), now_s + 1 / FPS)
    slow = (shown_s[-1] - shown_s[0]) / (len(shown_s) / FPS)
    if slow > SLOW_MAX:
        print(f"rival_motion.py: a second took {slow:.2f} s: fewer scenes at once, or a quiet machine", file=sys.stderr)
    return shown_s


def events(told, shown_s):
    """begin, end in the time of the pictures."""
    def media_s(clock_s):
        return max(bisect.bisect(shown_s, clock_s) - 1, 0) / FPS

    begin_s = None
    for line in [*told.read_text(encoding="ascii").splitlines(), f"end {shown_s[-1] + GAP_S}"] if told.exists() else []:
        word, clock = line.split()
        if word == "begin":
            begin_s = media_s(float(clock))
        elif begin_s is not None:
            yield begin_s, max(begin_s, media_s(float(clock) - GAP_S))
            begin_s = None


def main():
    if sys.argv[1:] != ["motion"]:
        sys.exit(__doc__)
    for program in ("motion", "ffmpeg"):
        if not shutil.which(program):
            sys.exit(f"rival_motion.py: {program} is not installed (apt-get install {program})")
    luma = read_picture()
    if luma is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        camera = Camera()
        told, config = pathlib.Path(folder) / "told", pathlib.Path(folder) / "motion.conf"
        (config.parent / "tell").write_text(f'echo "$1" $(date +%s.%N) >> {told}\n', encoding="ascii")
        config.write_text(CONFIG.replace("FOLDER", folder).replace("PORT", str(camera.port)), encoding="ascii")
        motion = Motion(config)
        try:
            shown_s = play(camera, motion, luma)
        finally:
            motion.stop()
        camera.close()
        for begin_s, end_s in events(told, shown_s):
            print(f"{begin_s:.2f} {end_s:.2f} {begin_s:.2f}")


if __name__ == "__main__":
    main()
