# SPDX-License-Identifier: Apache-2.0
"""The scene in which it is known to the picture when somebody appears, begun elsewhere in its loop for each camera: cameras of the world
do not all see somebody at the same moment."""
import os
import subprocess

import stage

KEY = 2  # seconds from key frame to key frame


def turned(s, seconds, turn, turns, **options):
    """(video, [onset in its loop]): the scene of so many seconds, begun at so many of its turns."""
    video = stage.scene("onset", seconds, **options)
    cut = turn % turns * seconds // turns // KEY * KEY
    path = s.file(f"{os.path.basename(video)[:-4]}-{cut}.mp4")
    if not os.path.exists(path):
        with open(s.file("parts"), "w", encoding="utf-8") as out:
            out.write(f"file '{video}'\ninpoint {cut}\nfile '{video}'\noutpoint {cut}\n" if cut else f"file '{video}'\n")
        subprocess.run([stage.tool("ffmpeg"), "-v", "error", "-f", "concat", "-safe", "0", "-i", s.file("parts"), "-c", "copy", path],
                       check=True)
    return path, [(start - cut) % seconds for start, _ in stage.truth(video)]
