"""The plots of the README, drawn from the records alone: ``python -m benchmarks --plots``.

SVG without a background, in greys and colours that stand out from white as well as from black.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

Record = dict[str, Any]

GREY, BLUE, ORANGE, GREEN, PURPLE = "#6e7781", "#2f81f7", "#db6d28", "#2da44e", "#a371f7"
STYLE: dict[Any, Any] = {
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), GREY),
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10,
    "figure.constrained_layout.use": True,
    "font.size": 9,
    "grid.alpha": 0.25,
    "grid.color": GREY,
    "legend.frameon": False,
    "savefig.transparent": True,
    "svg.hashsalt": "benchmarks",
}


def draw(folder: Path) -> None:
    """Draw the plot of each record in `folder` that there is one for, into its folder `plots`."""
    plots: dict[str, Callable[[Record], Figure]] = {"quality": quality, "size": size, "rate": rate}
    (folder / "plots").mkdir(exist_ok=True)
    with mpl.rc_context(STYLE):
        for name, plot in plots.items():
            record = folder / f"{name}.json"
            if record.exists():
                figure = plot(json.loads(record.read_text()))
                # Without the date, so that the same record gives the same file.
                figure.savefig(folder / "plots" / f"{name}.svg", metadata={"Date": None})


def quality(record: Record) -> Figure:
    """Return J of the saved picture over seconds, one panel a pair."""
    pairs = record["pairs"]
    columns = min(3, len(pairs))
    rows = -(-len(pairs) // columns)
    figure = Figure(figsize=(3.4 * columns, 2.8 * rows + 0.4))
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat[len(pairs) :]:
        axes.set_visible(False)
    for axes, pair in zip(grid.flat, pairs, strict=False):
        _pair(axes, pair)
    for axes in grid[:, 0]:
        axes.set_ylabel("J")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def _pair(axes: Axes, pair: Record) -> None:
    textbook = pair["textbook"]
    saved = textbook["saved"]
    final = textbook["unclipped"][-1]
    axes.plot(textbook["seconds"], textbook["unclipped"], color=GREY, lw=1, ls="--", label="textbook, not savable")
    axes.plot(
        *zip(*((each["seconds"], each["j"]) for each in saved), strict=True),
        color=ORANGE,
        marker="o",
        ms=3,
        label="textbook, saved",
    )
    axes.plot(
        *zip(*((each["seconds"], each["j"]) for each in pair["engine"]), strict=True),
        color=BLUE,
        lw=2,
        label="this engine, saved",
    )
    axes.set_xscale("log")
    axes.set_yscale("log")
    # What lies above, and before, is far from every picture that one would save.
    top = 1.3 * max(each["j"] for each in saved)
    axes.set_ylim(0.8 * final, top)
    shown = [each["seconds"] for each in pair["engine"] if each["j"] <= top]
    axes.set_xlim(left=min(shown, default=None))
    axes.set_title(f"{pair['photo']}\n{pair['painting']}")
    axes.set_xlabel("seconds")
    for axis in (axes.xaxis, axes.yaxis):
        _plain_numbers(axis)


def size(record: Record) -> Figure:
    """Return seconds and peak memory over the picture's size, measured and estimated."""
    done = [each for each in record["sizes"] if "refused" not in each]
    sizes = [each["size"] for each in done]
    estimates = [each["estimate"] for each in done]
    figure = Figure(figsize=(8, 3))
    left, right = figure.subplots(1, 2)
    evaluations = [each["evaluations"] for each in estimates]
    measured = [each["all_seconds"] / count for each, count in zip(done, evaluations, strict=True)]
    left.plot(sizes, measured, color=BLUE, marker="o", label="measured")
    left.plot(
        sizes,
        [each["seconds"] / count for each, count in zip(estimates, evaluations, strict=True)],
        color=ORANGE,
        ls="--",
        marker="s",
        ms=4,
        label="estimated before",
    )
    left.set_yscale("log")
    left.set_ylabel("seconds of the run, by its evaluations")
    right.plot(sizes, [each["peak_memory"] / 1e9 for each in done], color=BLUE, marker="o", label="measured")
    right.plot(
        sizes, [each["memory"] / 1e9 for each in estimates], color=ORANGE, ls="--", marker="s", ms=4, label="estimated"
    )
    right.axhline(done[0]["budget"] / 1e3, color=GREY, ls=":", label="budget")
    right.set_ylim(bottom=0)
    right.set_ylabel("peak memory of the process, GB")
    for axes in (left, right):
        axes.set_xscale("log", base=2)
        axes.set_xticks(sizes, [str(each) for each in sizes])
        axes.set_xlabel("long side, px")
        axes.legend()
    _plain_numbers(left.yaxis)
    return figure


def rate(record: Record) -> Figure:
    """Return what a step's time goes into, and its floating-point rate beside a matrix product's."""
    colours = (BLUE, ORANGE, GREEN, PURPLE, GREY)
    figure = Figure(figsize=(8, 3.4))
    upper, lower = figure.subplots(2, 1, height_ratios=(1, 3))
    left = 0.0
    for (name, share), colour in zip(record["share"].items(), colours, strict=True):
        # What is joined into one operation can leave less than nothing for the rest.
        if share > 0:
            upper.barh(0, 100 * share, left=left, color=colour, label=f"{name} {100 * share:.0f} %")
            left += 100 * share
    upper.set_yticks([])
    upper.grid(visible=False)
    upper.set_xlim(0, left)
    upper.set_title(
        f"The step at {record['width']}x{record['height']}, {record['precision']}: parts timed alone, % of it"
    )
    upper.legend(loc="upper center", bbox_to_anchor=(0.5, -0.35), ncols=len(colours), fontsize=8, columnspacing=1)
    names = list(record["gflops"])
    bars = lower.barh(names[::-1], [record["gflops"][name] for name in names[::-1]], color=[*[BLUE] * 3, GREY])
    lower.bar_label(bars, fmt="%.0f", padding=3, color=GREY)
    lower.grid(visible=False, axis="y")
    lower.set_xlabel("GFLOP/s")
    return figure


def _plain_numbers(axis: Axis) -> None:
    """Label a logarithmic axis with 1, 2, 5, 10 instead of powers."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())
