"""Time to quality: this engine beside the textbook method, with the same weights, objective and pictures.

`python -m benchmarks.quality` runs, for each pair, the textbook method, then the engine, then the command line,
each alone in its own process, and lets `benchmarks.textbook.independent_evaluation` judge every picture that was
saved. It prints Markdown tables, each pair's and that of all pairs together, and writes everything to a JSON file.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median, median_low
from typing import Any

from benchmarks.pictures import read_rgb
from nst.config import PAPER, STEPS, RunOptions, StyleTransferConfig

ROOT = Path(__file__).parents[1]

#: Photo and painting, by their names in the gallery: buildings, animals, a face, a plain, a still life; landscape and
#: portrait format; Post-Impressionism, Pointillism, Renaissance, Mannerism and an Indian miniature.
PAIRS = (
    ("pagoda", "wheat-field-with-cypresses"),
    ("raccoon", "circus-sideshow"),
    ("grace-hopper", "self-portrait-with-a-straw-hat"),
    ("serengeti", "harvesters"),
    ("abbey-arches", "view-of-toledo"),
    ("coffee", "maharana-inspects-a-stallion"),
)

#: How close to the textbook's unclipped final J a saved picture comes, in per cent above it.
CLOSENESS = (30, 20, 10, 5)

#: How many times sooner than the textbook's last evaluation the median pair is to be that close, and the share of that
#: which no pair may miss.
GOALS = {"30": 15.0, "10": 8.0, "5": 10.0}
WORST = 2 / 3

#: How far a reported J may be from the independent one.
DISAGREEMENT = 0.005

#: What makes a processor imitate one without AVX-512: the first for TensorFlow, all but the last for PyTorch.
ENVIRONMENT = ("ONEDNN_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY", "MKL_ENABLE_INSTRUCTIONS", "TF_ENABLE_ONEDNN_OPTS")

Record = dict[str, Any]


@dataclass(frozen=True)
class Saved:
    """A picture that somebody could have saved after `seconds`, and its J by the independent evaluation."""

    seconds: float
    step: int
    j: float


def measure(photo: Path, painting: Path, config: StyleTransferConfig, options: argparse.Namespace) -> Record:
    """Run both sides and the command line on one pair and return everything that was measured."""
    folder = options.pictures / f"{photo.stem}+{painting.stem}"
    folder.mkdir(parents=True, exist_ok=True)
    judge = _judge(photo, painting, config)

    said(f"{folder.name}: textbook, {options.evaluations} evaluations")
    settings = ["--config", json.dumps(config.to_dict()), "--folder", folder]
    run("benchmarks.textbook", photo, painting, "--evaluations", options.evaluations, *settings)
    textbook = json.loads((folder / "textbook.json").read_text())
    saved = [
        Saved(textbook["seconds"][mark - 1], mark, judge(folder / f"textbook-{mark:04d}.png"))
        for mark in textbook["marks"]
    ]

    said(f"{folder.name}: engine, {config.steps} evaluations at the final size")
    how = ["--precision", options.precision, "--network", options.network, "--history", options.history]
    run("benchmarks.engine", photo, painting, *settings, *how)
    snapshots = [
        Saved(snapshot["seconds"], snapshot["step"], judge(folder / snapshot["file"]))
        for snapshot in json.loads((folder / "engine.json").read_text())
    ]

    said(f"{folder.name}: command line")
    command = command_line(photo, painting, config, folder, textbook["marks"][-1], judge, options.precision)
    return {
        "photo": photo.stem,
        "painting": painting.stem,
        "width": textbook["width"],
        "height": textbook["height"],
        "textbook": {
            "threads": textbook["threads"],
            "seconds": textbook["seconds"],
            "unclipped": textbook["unclipped"],
            "saved": [asdict(picture) for picture in saved],
        },
        "engine": [asdict(picture) for picture in snapshots],
        "command_line": command,
        **compared(textbook["seconds"][-1], textbook["unclipped"][-1], saved, snapshots),
    }


def command_line(
    photo: Path,
    painting: Path,
    config: StyleTransferConfig,
    folder: Path,
    last_mark: int,
    judge: Callable[[Path], float],
    precision: str = "auto",
) -> list[Record]:
    """Return what `--json` says of each named quality's picture and of the textbook's last, with the judge's J."""
    objective = [
        "--look",
        "paper",
        "--size",
        config.size,
        "--tv-weight",
        config.tv_weight,
        "--style-weight",
        config.style_weight,
        "--precision",
        precision,
        "--json",
    ]
    made = {folder / f"{name}.png": ["--quality", name] for name in STEPS}
    given = folder / f"textbook-{last_mark:04d}.png"
    tasks = {**{picture: ["-o", picture, *quality] for picture, quality in made.items()}, given: ["--evaluate", given]}
    reports = []
    for picture, arguments in tasks.items():
        report = json.loads(run("nst", photo, painting, *arguments, *objective).splitlines()[-1])
        independent = judge(picture)
        reports.append(
            {
                **report,
                "picture": picture.name,
                "independent_J": independent,
                "disagreement": abs(report["J"] / independent - 1),
            }
        )
    return reports


def compared(textbook_seconds: float, unclipped: float, saved: Sequence[Saved], snapshots: Sequence[Saved]) -> Record:
    """Return the engine against the textbook: J at the textbook's time marks, and seconds to each closeness."""
    within = {}
    for percent in CLOSENESS:
        goal = unclipped * (1 + percent / 100)
        seconds = next((snapshot.seconds for snapshot in snapshots if snapshot.j <= goal), None)
        within[str(percent)] = {"seconds": seconds, "ratio": textbook_seconds / seconds if seconds else None}
    at_marks = [latest(snapshots, picture.seconds) for picture in saved]
    return {
        "within": within,
        "at_marks": at_marks,
        "never_above": all(j is not None and j <= picture.j for picture, j in zip(saved, at_marks, strict=True)),
    }


def latest(snapshots: Sequence[Saved], seconds: float) -> float | None:
    """Return J of the picture that the engine holds at that time, or None before there is one."""
    return next((snapshot.j for snapshot in reversed(snapshots) if snapshot.seconds <= seconds), None)


def distribution(pairs: Sequence[Record]) -> Record:
    """Return over all pairs, for each closeness, how many times faster the engine is: least, median and most.

    A pair that never comes that close counts as the slowest of all: where it decides, there is None.
    """
    found: Record = {}
    for percent in pairs[0]["within"]:
        ratios = sorted(pair["within"][percent]["ratio"] or 0.0 for pair in pairs)
        middle = median_low(ratios) and median(ratios)
        figures = {"min": ratios[0], "median": middle, "max": ratios[-1]}
        found[percent] = {
            **{name: value or None for name, value in figures.items()},
            "reached_by": sum(ratio > 0 for ratio in ratios),
            "pairs": len(ratios),
        }
        if percent in GOALS:
            goal = GOALS[percent]
            reached = figures["median"] >= goal and figures["min"] >= WORST * goal
            found[percent].update(goal=goal, goal_reached=reached)
    return found


def named(pairs: Sequence[Record]) -> Record:
    """Return over all pairs, for each named quality, J above the textbook's unclipped one and times faster than it.

    Time is what the command line says: reading the pictures and tracing included, the start of the process not.
    """
    found: Record = {}
    for name in STEPS:
        reports = [
            (pair, report) for pair in pairs for report in pair["command_line"] if report["picture"] == f"{name}.png"
        ]
        if reports:
            above = [report["independent_J"] / pair["textbook"]["unclipped"][-1] - 1 for pair, report in reports]
            ratios = [pair["textbook"]["seconds"][-1] / report["seconds"] for pair, report in reports]
            found[name] = {
                key: {"min": min(each), "median": median(each), "max": max(each)}
                for key, each in (("above", above), ("times_faster", ratios))
            }
    return found


def _judge(photo: Path, painting: Path, config: StyleTransferConfig) -> Callable[[Path], float]:
    # Imported late, so that --help and a slip in an option need not wait for PyTorch.
    from benchmarks.textbook import independent_evaluation

    content, style = read_rgb(photo), read_rgb(painting)
    return lambda picture: independent_evaluation(content, [style], config, read_rgb(picture))["J"]


def run(module: str, *arguments: object) -> str:
    """Run `python -m module arguments` on the CPU and return what it prints; its errors go to ours."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "2"}
    return subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def machine() -> Record:
    """Return what the figures depend on besides the code."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    described = dict(reversed([(key.strip(), value.strip()) for key, _, value in (x.partition(":") for x in lines)]))
    flags = described.get("flags", "").split()
    return {
        "cpu": "{model name} (family {cpu family}, model {model})".format_map(described)
        if "model name" in described
        else platform.processor(),
        "cores": os.cpu_count(),
        "flags": [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags],
        "system": platform.platform(),
        "python": platform.python_version(),
        "environment": {name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        **{name: _version(name) for name in ("torch", "tensorflow", "streamlit", "numpy", "pillow")},
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def _version(package: str) -> str | None:
    """Return a package's version, None if it is not installed: most parts do without PyTorch."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def table(record: Record) -> str:
    """Return one pair's result as Markdown."""
    textbook, command = record["textbook"], record["command_line"]
    saved = textbook["saved"]
    unclipped, best = textbook["unclipped"][-1], min(textbook["unclipped"])
    within = record["within"]
    lines = [
        f"### {record['photo']} + {record['painting']}, {record['width']}x{record['height']}",
        "",
        f"Textbook: {len(textbook['unclipped'])} evaluations in {textbook['seconds'][-1]:.0f} s, "
        f"unclipped final J {unclipped:.4f} (lowest on the way {best:.4f}).",
        "",
        row("evaluations of the textbook", [str(picture["step"]) for picture in saved]),
        "|---" * (len(saved) + 1) + "|",
        row("seconds", [f"{picture['seconds']:.1f}" for picture in saved]),
        row("textbook: J of the saved picture", [f"{picture['j']:.3f}" for picture in saved]),
        row("engine: J of the saved picture", ["-" if j is None else f"{j:.3f}" for j in record["at_marks"]]),
        "",
        row("engine's saved picture within", [f"{percent} %" for percent in within]),
        "|---" * (len(within) + 1) + "|",
        row("seconds", ["-" if x["seconds"] is None else f"{x['seconds']:.1f}" for x in within.values()]),
        row("times faster", ["-" if x["ratio"] is None else f"{x['ratio']:.1f}" for x in within.values()]),
        "",
    ]
    lines += [
        f"* `--json` of {report['picture']}: J {report['J']:.5f}, independent {report['independent_J']:.5f}, "
        f"{100 * report['disagreement']:.3f} % apart; {report['seconds']:.1f} s, {report['evaluations']} evaluations, "
        f"{report['precision']}."
        for report in command
    ]
    lines += [f"* {'pass' if passed else 'FAIL'}: {claim}" for claim, passed in checks(record).items()]
    return "\n".join([*lines, ""])


def summary(pairs: Sequence[Record]) -> str:
    """Return the distribution over the pairs as Markdown."""
    found = distribution(pairs)

    def times(name: str) -> list[str]:
        return ["-" if each[name] is None else f"{each[name]:.1f}" for each in found.values()]

    goals = [f"{each['goal']:.0f}" if "goal" in each else "" for each in found.values()]
    verdicts = [("pass" if each["goal_reached"] else "FAIL") if "goal" in each else "" for each in found.values()]
    lines = [
        f"### All {len(pairs)} pairs",
        "",
        row("times faster, saved picture within", [f"{percent} %" for percent in found]),
        "|---" * (len(found) + 1) + "|",
        *(row(name, times(name)) for name in ("min", "median", "max")),
        row("pairs that come so close", [f"{each['reached_by']} of {each['pairs']}" for each in found.values()]),
        row("goal for the median", goals),
        row(f"median at the goal, no pair below {WORST:.2f} of it", verdicts),
        "",
    ]
    if qualities := named(pairs):
        lines += [row("quality", ["% above the textbook's unclipped J", "times faster"]), "|---|---|---|"]
        for name, each in qualities.items():
            above = " to ".join(f"{100 * each['above'][key]:.0f}" for key in ("min", "max"))
            sooner = " to ".join(f"{each['times_faster'][key]:.1f}" for key in ("min", "max"))
            cells = [
                f"{100 * each['above']['median']:.0f} ({above})",
                f"{each['times_faster']['median']:.1f} ({sooner})",
            ]
            lines.append(row(name, cells))
        lines.append("")
    return "\n".join(lines)


def report(result: Record) -> str:
    """Return the record as Markdown: all pairs together, then each."""
    return "\n".join([summary(result["pairs"]), *(table(pair) for pair in result["pairs"])])


def checks(record: Record) -> dict[str, bool]:
    """Return what must hold on every pair."""
    return {
        "J of the saved picture never above the textbook's at its time marks": record["never_above"],
        "J printed by --json within 0.5 % of the independent evaluation": all(
            report["disagreement"] <= DISAGREEMENT for report in record["command_line"]
        ),
    }


def row(head: str, cells: Sequence[str]) -> str:
    """Return a row of a Markdown table."""
    return f"| {head} | {' | '.join(cells)} |"


def said(text: str) -> None:
    """Tell the person who waits what is running; the table alone goes to stdout."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure the pairs one after the other; the JSON file is complete after each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pairs", type=int, default=len(PAIRS), help=f"how many of the {len(PAIRS)} pairs")
    parser.add_argument("--size", type=int, default=512, help="long side in pixels (default 512)")
    parser.add_argument("--evaluations", type=int, default=300, help="of the textbook method (default 300)")
    parser.add_argument(
        "--steps", type=int, default=150, help="the engine's evaluations at the final size (default 150)"
    )
    parser.add_argument("--tv-weight", type=float, default=PAPER.tv_weight, help="gamma, on both sides")
    parser.add_argument("--style-weight", type=float, default=PAPER.style_weight, help="beta, on both sides")
    parser.add_argument("--precision", default="auto", help="of the engine's convolutions; the textbook's is float32")
    parser.add_argument("--network", default="auto", help="of the engine's part: low-rank, exact or auto")
    parser.add_argument("--history", type=int, default=RunOptions().history, help="pairs of its L-BFGS")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "quality.json", help="the JSON record")
    parser.add_argument("--pictures", type=Path, help="keep every saved picture here (default: a temporary folder)")
    options = parser.parse_args()
    config = PAPER.with_changes(
        size=options.size, steps=options.steps, tv_weight=options.tv_weight, style_weight=options.style_weight
    )
    with tempfile.TemporaryDirectory() as temporary:
        options.pictures = options.pictures or Path(temporary)
        result: Record = {
            "machine": machine(),
            "config": config.to_dict(),
            "precision": options.precision,
            "network": options.network,
            "history": options.history,
            "pairs": [],
        }
        print(f"{json.dumps(result['machine'])}\n", flush=True)
        for photo, painting in PAIRS[: options.pairs]:
            paths = ROOT / "presets" / "photos" / f"{photo}.jpg", ROOT / "presets" / "paintings" / f"{painting}.jpg"
            result["pairs"].append(measure(*paths, config, options))
            result.update(distribution=distribution(result["pairs"]), qualities=named(result["pairs"]))
            options.output.write_text(json.dumps(result))
            print(table(result["pairs"][-1]), flush=True)
        print(summary(result["pairs"]), flush=True)


if __name__ == "__main__":
    main()
