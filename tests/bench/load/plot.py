# SPDX-License-Identifier: Apache-2.0
"""Percent of one core over the number of cameras, a panel a scene, a line a subject."""
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 460, 300, 56, 34, 130, 40
COLOURS = ("#1b6ca8", "#77a6c8", "#c0392b", "#e59866", "#555555", "#8e8e38")


def panel(scene, rows, at_x):
    counts = sorted(rows)
    names = list(dict.fromkeys(name for count in counts for name in rows[count]))
    most = max([row["cpu_percent"] for count in counts for row in rows[count].values()] + [1]) * 1.05
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(count):
        return at_x + LEFT + wide * count / max(counts)

    def y(percent):
        return TOP + high * (1 - percent / most)
    lines = [f'<text x="{at_x + LEFT}" y="20" font-weight="bold">{scene}: percent of one core over cameras</text>',
             f'<path d="M{x(0)},{y(0)}H{x(max(counts))}M{x(0)},{y(0)}V{y(most)}" stroke="#888" fill="none"/>']
    for count in counts:
        lines.append(f'<text x="{x(count)}" y="{y(0) + 16}" text-anchor="middle">{count}</text>')
    for part in range(5):
        lines.append(f'<text x="{x(0) - 6}" y="{y(most * part / 4) + 4}" text-anchor="end">{most * part / 4:.0f}</text>')
    for i, name in enumerate(names):
        points = [(x(count), y(rows[count][name]["cpu_percent"])) for count in counts if name in rows[count]]
        colour = COLOURS[i % len(COLOURS)]
        lines.append(f'<polyline points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}" fill="none" stroke="{colour}" '
                     f'stroke-width="2"/>')
        lines += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        lines.append(f'<text x="{at_x + WIDTH - RIGHT + 12}" y="{TOP + 14 + 18 * i}" fill="{colour}">{name}</text>')
    return lines


def svg(scenes):
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH * max(len(scenes), 1)}" height="{HEIGHT}" font-family="sans-serif" '
             'font-size="12">', '<rect width="100%" height="100%" fill="white"/>']
    for i, (scene, rows) in enumerate(scenes.items()):
        lines += panel(scene, rows, i * WIDTH)
    return "\n".join(lines + ["</svg>"]) + "\n"
