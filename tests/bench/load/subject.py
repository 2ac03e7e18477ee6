# SPDX-License-Identifier: Apache-2.0
"""Who is measured: each takes the streams of the cameras in, by its own means, until it is stopped."""
import os
import shutil
import subprocess
import tempfile
import time

import meter
import stage


class Subject:
    decodes = True  # everything that it takes in
    folder = None   # where it keeps clips and pictures
    settle_s = 4

    def __init__(self, s, urls, sub_urls):
        """sub_urls: the small streams of the same cameras, where urls are large ones that nobody should decode; else None."""
        self.s, self.urls, self.sub_urls, self.processes = s, urls, sub_urls, []
        if sub_urls and self.decodes:
            raise stage.Skip("decodes whatever it takes in")

    def run(self, *command):
        log = open(self.s.file("subject.log"), "a", encoding="utf-8")
        self.processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, stdin=subprocess.DEVNULL))

    def drops(self):
        return 0

    def files(self):
        """Clips and pictures that it keeps, those under way as well."""
        return sum(name.endswith((".mp4", ".mkv", ".jpg", ".part")) for _, _, names in os.walk(self.folder or "") for name in names)

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=60)

    def measure(self, settle, seconds):
        self.start()
        time.sleep(self.settle_s if settle is None else settle)
        pids, begun = [process.pid for process in self.processes], time.monotonic()
        before = meter.Reading(pids)
        most = meter.most_memory_mb(pids, seconds)
        after = meter.Reading(pids)
        row = {**meter.between(before, after, time.monotonic() - begun), "memory_mb": most}
        dead = [process for process in self.processes if process.poll() is not None]
        row["drops"] = 0 if dead else self.drops()
        row["files"] = self.files()
        self.stop()
        if dead:
            raise AssertionError(f"{type(self).__name__} ended: " + open(self.s.file("subject.log"), encoding="utf-8").read()[-500:])
        return row


class Floor(Subject):
    what, decodes = "packets", False

    def start(self):
        self.run(stage.program("tests/bench/bench_floor"), self.what, "3600", *self.urls)


class FloorDecode(Floor):
    what, decodes = "decode", True


class Skynetd(Subject):
    """As shipped. Where there are large and small streams: what the large ones cost beside the small ones, which are analysed."""
    camera, decodes = {}, False
    settle_s = 16  # a camera rests after it has been calm for a while

    def start(self):
        s = self.s
        if not s.broker:
            s.start_broker()
        small = self.sub_urls or [None] * len(self.urls)
        s.cameras = [{"id": f"c{i}", "main": main, **({"sub": sub} if sub else {}), **self.camera}
                     for i, (main, sub) in enumerate(zip(self.urls, small))]
        s.options["storage"]["pre_roll"] = "10s"
        s.start_daemon()
        self.processes, self.folder = [s.daemon], os.path.join(s.file("state"), "evidence")

    def measure(self, settle, seconds):
        row = super().measure(settle, seconds)
        if self.sub_urls:
            alone = type(self)(self.s, self.sub_urls, None).measure(settle, seconds)
            row["cpu_percent"] -= alone["cpu_percent"]
            row["wakeups_s"] -= alone["wakeups_s"]
        return row

    def drops(self):
        state = self.s.status()
        assert all(state[f"camera.c{i}.state"] == "ok" for i in range(len(self.urls))), "not every camera is ok"
        return sum(meter.lost_packets(state, f"c{i}") for i in range(len(self.urls)))


class SkynetdGst(Skynetd):
    camera = {"pipeline": "rtsp-tcp"}


class Motion(Subject):
    """4.5.1, as a careful user would set it: event_gap 3, threshold 0.15 % of the picture, no web server. It keeps what skynetd keeps of an
    event, in its cheapest way: the camera's own stream as a movie, not encoded anew, and one picture."""
    keeps = ("movie_output on", "movie_passthrough on", "movie_codec mp4", "picture_output first")

    def start(self):
        if not shutil.which("motion"):
            raise stage.Skip("motion is not installed")
        folder = self.folder = tempfile.mkdtemp(prefix="motion-", dir=os.path.dirname(self.s.file("motion")))
        lines = ["daemon off", "log_level 3", "webcontrol_port 0", "stream_port 0", "event_gap 3", "framerate 25", *self.keeps]
        for i, url in enumerate(self.urls):
            with open(os.path.join(folder, f"c{i}.conf"), "w", encoding="ascii") as out:
                out.write(f"camera_id {i + 1}\ntarget_dir {folder}/c{i}\nnetcam_url {url}\nnetcam_params rtsp_transport=tcp\n"
                          "width 640\nheight 360\nthreshold 345\n")
            lines.append(f"camera {folder}/c{i}.conf")
        with open(os.path.join(folder, "motion.conf"), "w", encoding="ascii") as out:
            out.write("\n".join(lines) + "\n")
        self.run("motion", "-n", "-c", os.path.join(folder, "motion.conf"))


class MotionDetect(Motion):
    """It looks, and nothing else: no file, no word to anybody."""
    keeps = ("movie_output off", "picture_output off")


class Ffmpeg(Subject):
    """One a camera, scaled to raw pictures at 5 a second: what Frigate starts before it looks at one."""

    def start(self):
        for url in self.urls:
            self.run(stage.tool("ffmpeg"), "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-an", "-vf", "fps=5,scale=320:-2", "-f",
                     "rawvideo",
                     "-pix_fmt", "yuv420p", "-y", "/dev/null")


SUBJECTS = {"packets-in": Floor, "packets+decode": FloorDecode, "skynetd": Skynetd, "skynetd-gst": SkynetdGst, "motion": Motion,
            "motion-detect": MotionDetect, "ffmpeg-each": Ffmpeg}
