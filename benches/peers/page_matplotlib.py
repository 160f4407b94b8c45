"""The same table and the same number of figures as a PDF by matplotlib, as a laboratory would script it.

Usage: page_matplotlib.py study.json OUT.pdf [REPEATS]

Reads the study.json that `endplate analyze --to json` wrote, draws per train the amplitudes and areas by response and a second
figure, and per series its course, six figures a page, with a table of all trains on page one. Prints the least CPU time of the
repeats in ms, and wall and CPU time for compare.py; the import of matplotlib is not counted.
"""

import json
import sys
import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.backends.backend_pdf import PdfPages


def value(estimate):
    return float("nan") if estimate["value"] is None else estimate["value"]


def page(study, out):
    with PdfPages(out) as pdf:
        figure, axes = plt.subplots(figsize=(8.27, 11.69))
        axes.axis("off")
        rows = []
        for channel in study["channels"]:
            for train in channel["trains"]:
                cells = [f"{train['train']}", f"{train['rate_hz'] or 0:.1f}"]
                for change in train["changes"]:
                    if change["convention"] == "decrement_1_4":
                        cells.append(f"{value(change):.1f} [{change['low'] or 0:.1f}; {change['high'] or 0:.1f}]")
                rows.append(cells)
        axes.table(cellText=rows, colLabels=["#", "Hz", "decrement amplitude, %", "decrement area, %"], loc="upper center")
        axes.set_title("Repetitive nerve stimulation")
        pdf.savefig(figure)
        plt.close(figure)
        panels = []
        for channel in study["channels"]:
            responses = channel["responses"]
            for train in channel["trains"]:
                own = [r for r in responses if r["train"] == train["train"]]
                panels.append(("raster", own))
                panels.append(("train", own))
            for series in channel["series"]:
                if len(series["entries"]) > 1:
                    panels.append(("series", [responses[0]] * len(series["entries"])))
        for first in range(0, len(panels), 6):
            figure, grid = plt.subplots(3, 2, figsize=(8.27, 11.69))
            for axes, (kind, own) in zip(grid.flat, panels[first : first + 6]):
                if kind == "raster":
                    # The samples are not in the JSON; as many points of a smooth curve cost the same.
                    for index in range(len(own)):
                        axes.plot(range(500), [((x - 250) / 100.0) ** 2 + index for x in range(500)], lw=0.7)
                    continue
                for name in ("amplitude", "area"):
                    points = [value(v) for r in own for v in r["values"] if v["measure"] == name]
                    axes.plot(range(1, len(points) + 1), points, "o-")
                axes.set_xlabel("response")
                axes.set_ylabel("mV")
            pdf.savefig(figure)
            plt.close(figure)
    return len(panels)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        study = json.load(file)
    repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    least = least_wall = float("inf")
    for _ in range(repeats):
        start, start_wall = time.process_time(), time.perf_counter()
        figures = page(study, sys.argv[2])
        least = min(least, time.process_time() - start)
        least_wall = min(least_wall, time.perf_counter() - start_wall)
    print(f"matplotlib {matplotlib.__version__}: {1000 * least:.0f} ms CPU, {figures} figures")
    print(json.dumps({"job_s": least_wall, "job_cpu_s": least}))


if __name__ == "__main__":
    main()
