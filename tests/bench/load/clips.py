# SPDX-License-Identifier: Apache-2.0
"""What the cameras send."""
import collections
import os
import subprocess
import tempfile

import stage

Scene = collections.namedtuple("Scene", "what file own options")
SCENES = {
    "busy": Scene("640x360, people nearly all the time, 512 kbit/s", "sub-busy-cbr.mp4", "storm", {"size": "640x360", "kbit": 512}),
    "rest": Scene("640x360, an empty yard, as a camera sends it that encodes for quality", "sub-idle-vbr.mp4", "empty",
                  {"size": "640x360"}),
    "noise": Scene("640x360, an empty yard, 512 kbit/s", "sub-idle-cbr.mp4", "empty", {"size": "640x360", "kbit": 512}),
    "main": Scene("1920x1080, an empty yard, 4 Mbit/s, kept in the pre-roll and not decoded", "main-idle.mp4", "empty",
                  {"size": "1920x1080", "kbit": 4000}),
}


def maker():
    footage = os.environ.get("SKYNET_FOOTAGE") or os.path.join(stage.SOURCE, "..", "shared", "footage")
    path = os.path.join(footage, "..", "tools", "make-load-clips")
    return path if os.path.exists(path) else None


def path_of(name, folder):
    """(path, where it comes from)"""
    scene = SCENES[name]
    if not folder and maker():
        folder = os.path.join(stage.BUILD, "tests", "load-clips")
        if not os.path.exists(folder):
            print("making the clips, some minutes, once", flush=True)
            with tempfile.TemporaryDirectory(dir=os.path.dirname(folder)) as part:
                subprocess.run([maker(), os.path.join(part, "clips")], check=True, stdout=subprocess.DEVNULL)
                os.rename(os.path.join(part, "clips"), folder)
    if folder:
        return os.path.join(os.path.abspath(folder), scene.file), "of real footage"
    return stage.scene(scene.own, 60 if name != "main" else 20, **scene.options), "a scene of our own"
