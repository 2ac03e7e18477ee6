#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OpenCV's background models with a blob rule, as a rival for bench_scenes.

usage: rival_opencv.py mog2|knn < GRAY    (320x180, 8 pictures a second; "begin end detected" a line an event)

The rule: an event begins where the largest blob has 0.15 % of the picture or more in 3 pictures running, and ends where that was so
last, 2 s ago; none in the first 4 s.
"""
import sys

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


def largest(mask):
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return stats[1:, cv2.CC_STAT_AREA].max() if count > 1 else 0


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in MODELS:
        sys.exit(__doc__)
    cv2.setNumThreads(1)
    model = MODELS[sys.argv[1]]()
    number = run = 0
    event = None  # begin, end (seen last), detected
    while len(data := sys.stdin.buffer.read(WIDTH * HEIGHT)) == WIDTH * HEIGHT:
        mask = cv2.medianBlur(model.apply(numpy.frombuffer(data, numpy.uint8).reshape(HEIGHT, WIDTH)), 5)
        now = number / FPS
        number += 1
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


if __name__ == "__main__":
    main()
