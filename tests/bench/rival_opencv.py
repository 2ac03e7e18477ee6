#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OpenCV's background models beside ours on the same gray pictures, which come in on the standard input.

usage: rival_opencv.py mog2|knn                   "begin end detected" a line an event (for bench_scenes: 320x180, 8 a second)
       rival_opencv.py --time WARM mog2|knn       ms a picture that the model takes, the first WARM left out (bench_detect)
       rival_opencv.py --masks DIR WxH mog2|knn   maskNNNNNN.pgm of every picture, 5x5 median and 9x9 closing (bench_masks.py)

The rule of events: one begins where the largest blob has 0.15 % of the picture or more in 3 pictures running, and ends where that
was so last, 2 s ago; none in the first 4 s. One thread, no shadow test: that wants colour.
"""
import pathlib
import sys
import time

try:
    import cv2
    import numpy
except ImportError as error:
    sys.exit(f"rival_opencv.py: {error} (apt-get install python3-opencv)")

WIDTH, HEIGHT, FPS = 320, 180, 8
LEAST_PX = 0.0015 * WIDTH * HEIGHT
RUN, HOLD_S = 3, 2
WARM_S = 4  # all is foreground at first
MODELS = {
    "mog2": lambda: cv2.createBackgroundSubtractorMOG2(history=500, varThreshold=16, detectShadows=False),
    "knn": lambda: cv2.createBackgroundSubtractorKNN(history=500, dist2Threshold=400, detectShadows=False),
}


def pictures(width, height):
    while len(data := sys.stdin.buffer.read(width * height)) == width * height:
        yield numpy.frombuffer(data, numpy.uint8).reshape(height, width)


def largest(mask):
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return stats[1:, cv2.CC_STAT_AREA].max() if count > 1 else 0


def print_events(model):
    run = 0
    event = None  # begin, end (seen last), detected
    for number, picture in enumerate(pictures(WIDTH, HEIGHT)):
        mask = cv2.medianBlur(model.apply(picture), 5)
        now = number / FPS
        run = run + 1 if now >= WARM_S and largest(mask) >= LEAST_PX else 0
        if run >= RUN and event is None:
            event = [now - (RUN - 1) / FPS, now, now]
        elif run >= RUN:
            event[1] = now
        if event and now - event[1] >= HOLD_S:
            print(*event)
            event = None
    if event:
        print(*event)


def print_time(model, warm):
    spent_ns = count = 0
    for number, picture in enumerate(pictures(WIDTH, HEIGHT)):
        before_ns = time.thread_time_ns()
        model.apply(picture)
        if number >= warm:
            spent_ns += time.thread_time_ns() - before_ns
            count += 1
    print(spent_ns / 1e6 / max(count, 1))


def write_masks(model, folder, size):
    width, height = map(int, size.split("x"))
    square = numpy.ones((9, 9), numpy.uint8)
    for number, picture in enumerate(pictures(width, height), 1):
        mask = cv2.morphologyEx(cv2.medianBlur(model.apply(picture), 5), cv2.MORPH_CLOSE, square)
        (folder / f"mask{number:06}.pgm").write_bytes(b"P5\n%d %d\n255\n" % (width, height) + mask.tobytes())


def main():
    *mode, name = sys.argv[1:] or [""]
    if name not in MODELS:
        sys.exit(__doc__)
    cv2.setNumThreads(1)
    model = MODELS[name]()
    if not mode:
        print_events(model)
    elif mode[0] == "--time" and len(mode) == 2:
        print_time(model, int(mode[1]))
    elif mode[0] == "--masks" and len(mode) == 3:
        write_masks(model, pathlib.Path(mode[1]), mode[2])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
