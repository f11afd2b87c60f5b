"""Many visitors at once, on a real server with the real engine: ``python -m benchmarks.load --help``.

Three trials, each on a server of its own, started as a host would start it:

* ``crowd``: 50 tabs submit a small job each at the same time. Each must end, in the order of the queue and with its own
  picture, and a waiting visitor's settings must react within a second (95th percentile). The waits that the page tells
  are compared with those that came: the error is a share of the real wait.
* ``soak``: 200 jobs, some cancelled, some left by closing the tab, some failing, some refused, some of an uploaded
  photo; memory, threads, files and processes must not grow after the first 50.
* ``killed``: the server is killed with SIGKILL ten times at random moments; no finished picture may be lost, and every
  job must end.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.serving import READY, Server
from benchmarks.visitor import Visitor
from nst.pictures.codec import encode_png, read_recipe_text
from nst.recipes.recipe import Recipe

ROOT = Path(__file__).parent.parent
SIZE = 64
#: beta of the first visitor's pictures, of the second's and so on, by which they are told apart; not the default, which
#: would be no change.
MARK = 1001
STEPS = 20

#: Steps of a job that nobody waits for the end of, and of one that breaks down.
ENDLESS = 4000
FAULTY = 33

#: Seconds after which a server without visitors has tidied up: above `disconnectedSessionTTL` of its configuration.
REST = 45.0

#: Seconds of a wait above which what the page says of it is held against what came.
LONG = 5.0

_WAIT = re.compile(r"Waiting: .* before yours, about (\d+) (s|min)\.")


class Host(Server):
    """A server that tells its state: its log's events, its process, and the files in its state folder."""

    def __init__(self, folder: Path, script: str = "serve.py", **settings: object) -> None:
        self._state = folder / "state"
        named = {f"NST_{name.upper()}": value for name, value in settings.items()}
        super().__init__(script, folder / "log", NST_STATE=self._state, **named)

    def events(self, kind: str) -> list[str]:
        """Return the jobs of which the log tells something, in its order."""
        lines = self.log.read_text().splitlines()
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry["job"] for entry in entries if entry.get("event") == kind]

    def numbers(self) -> dict[str, float]:
        """Return the process's memory, threads, open files and child processes, and the files it keeps."""
        home = Path(f"/proc/{self.process.pid}")
        status = dict(line.split(":", 1) for line in (home / "status").read_text().splitlines())
        return {
            "megabytes": int(status["VmRSS"].split()[0]) / 1024,
            "threads": int(status["Threads"]),
            "open_files": len(list((home / "fd").iterdir())),
            "processes": sum(len((task / "children").read_text().split()) for task in (home / "task").iterdir()),
            "state_files": len(list(self._state.rglob("*"))),
        }


@dataclass
class Visit:
    """What one of a crowd has seen.

    Attributes:
        opened: Seconds until the page was there.
        reactions: Seconds that the page took to answer while this visitor waited.
        told: When the page said how long it would still take to start, and how many seconds it said.
        began: When the job was first seen to be painted.
        picture: What came of it.
    """

    opened: float
    reactions: list[float] = field(default_factory=list)
    told: list[tuple[float, float]] = field(default_factory=list)
    began: float = 0.0
    picture: bytes = b""

    def look(self, text: str) -> None:
        """Note what the page's progress line says."""
        if said := _WAIT.fullmatch(text):
            self.told.append((time.perf_counter(), float(said[1]) * (60 if said[2] == "min" else 1)))
        elif "%" in text and not self.began:
            self.began = time.perf_counter()


async def crowd(server: Host, visitors: int) -> dict[str, Any]:
    """Let every visitor submit a job at the same time; measure order, ownership, promises and how the page reacts."""
    tabs = [Visitor(server.address) for _ in range(visitors)]
    visits = [Visit(seconds) for seconds in await asyncio.gather(*(tab.open() for tab in tabs))]

    async def visit(number: int) -> None:
        tab, seen = tabs[number], visits[number]
        await tab.submit(SIZE, STEPS, MARK + number)
        while tab.download is None and await tab.follow():
            seen.look(tab.progress)
            if tab.download is None and random.random() < 0.1:
                seen.reactions.append(await tab.set("tv_weight", random.randrange(20)))
        seen.picture = await tab.result()

    start = time.perf_counter()
    await asyncio.gather(*(visit(number) for number in range(visitors)))
    seconds = time.perf_counter() - start
    for tab in tabs:
        await tab.close()
    reactions = [each for seen in visits for each in seen.reactions]
    waits = [(seen.began - when, said) for seen in visits for when, said in seen.told if seen.began]
    errors = [abs(said - real) / real for real, said in waits if real >= LONG]
    return {
        "visitors": visitors,
        "finished": sum(bool(seen.picture) for seen in visits),
        "own_picture": sum(mark_of(seen.picture) == MARK + number for number, seen in enumerate(visits)),
        "in_order": server.events("queued") == server.events("started"),
        "seconds": round(seconds, 1),
        "opened_seconds": spread([seen.opened for seen in visits]),
        "reaction_seconds": spread(reactions),
        "error_of_told_waits": spread(errors),
    }


def spread(values: list[float]) -> dict[str, float]:
    """Return how many values there are, their median and their 95th percentile."""
    ordered = sorted(values)
    if not ordered:
        return {"count": 0}
    middle, high = ordered[len(ordered) // 2], ordered[int(0.95 * (len(ordered) - 1))]
    return {"count": len(ordered), "median": round(middle, 3), "p95": round(high, 3)}


async def soak(server: Host, jobs: int) -> dict[str, Any]:
    """Let jobs end in every way, four tabs at a time, and look at what the process holds when it is at rest again."""
    endings: Counter[str] = Counter()
    turns = asyncio.Semaphore(4)

    async def visit(number: int) -> None:
        async with turns:
            endings[await one_job(server, number)] += 1

    samples: list[dict[str, float]] = []
    parts = max(1, jobs // 50)
    start = time.perf_counter()
    for part in range(parts):
        await asyncio.gather(*(visit(number) for number in range(jobs * part // parts, jobs * (part + 1) // parts)))
        await asyncio.sleep(REST)
        samples.append({"jobs": jobs * (part + 1) // parts, **server.numbers()})
    growth = {name: round(samples[-1][name] - samples[0][name], 1) for name in samples[0] if name != "jobs"}
    seconds = round(time.perf_counter() - start)
    return {"seconds": seconds, "endings": endings, "growth_after_the_first": growth, "at_rest": samples}


async def one_job(server: Host, number: int) -> str:
    """Submit a job and end it in one of five ways, by its number; return which."""
    tab = Visitor(server.address)
    await tab.open()
    mark = MARK + number
    try:
        match number % 6:
            case 0:
                await tab.submit(SIZE, ENDLESS, mark)
                await tab.follow()
                await tab.press("cancel")
                while await tab.follow():
                    pass
                return "cancelled"
            case 1:
                await tab.submit(SIZE, ENDLESS, mark)
                await tab.follow()
                return "left"
            case 2:
                await tab.submit(512, STEPS, mark)  # more than this server gives
                assert "expected at most" in tab.errors[-1], tab.errors
                return "refused"
            case 3:
                await tab.submit(SIZE, FAULTY, mark)
                while await tab.follow():
                    pass
                assert "incident" in tab.errors[-1], tab.errors
                return "failed"
            case _:
                own = f"{number}.png" if number % 6 == 4 else None
                if own is not None:
                    await tab.upload("photo_file", own, own_photo(number))
                await tab.submit(SIZE, STEPS, mark)
                recipe = recipe_of(await tab.result())
                assert recipe.config.style_weight == mark
                assert own in (None, recipe.content.name)
                return "finished"
    finally:
        await tab.close()


def own_photo(number: int) -> bytes:
    """Return a visitor's file, about 3 MB; no two are alike."""
    return encode_png(np.random.default_rng(number).integers(0, 256, (900, 1200, 3), np.uint8))


async def killed(server: Host, kills: int) -> dict[str, Any]:
    """Kill the server again and again while jobs wait, run and have ended."""
    moments = random.Random(1)
    tabs = [Visitor(server.address) for _ in range(4)]
    for number, tab in enumerate(tabs):
        await tab.open()
        await tab.submit(SIZE, 300, 2000 + number)
    pictures: dict[int, bytes] = {}
    checked = lost = rounds = 0
    while rounds < kills:
        with suppress(ConnectionError, RuntimeError, OSError, KeyError):
            await asyncio.wait_for(_watch(tabs, pictures), moments.uniform(0.5, 6.0))
        server.kill()
        rounds += 1
        server.start()
        await asyncio.to_thread(server.wait, READY)
        for number, tab in enumerate(tabs):
            tab.download = None
            await tab.open()
            if number in pictures:
                checked += 1
                lost += not await _still_there(tab, pictures[number])
        if len(pictures) == len(tabs):  # all have ended: the next round begins with new ones
            for number, tab in enumerate(tabs):
                await tab.submit(SIZE, 300, 2000 + number)
            pictures.clear()
    await _watch(tabs, pictures)
    right = sum(mark_of(picture) == 2000 + number for number, picture in pictures.items())
    return {
        "kills": rounds,
        "finished_pictures_asked_for_after_a_kill": checked,
        "finished_pictures_lost": lost,
        "running_jobs_that_went_on": len(server.events("lost")),
        "all_jobs_ended": right == len(tabs),
    }


async def _watch(tabs: list[Visitor], pictures: dict[int, bytes]) -> None:
    async def watch(number: int, tab: Visitor) -> None:
        if number not in pictures:
            pictures[number] = await tab.result()

    await asyncio.gather(*(watch(number, tab) for number, tab in enumerate(tabs)))


async def _still_there(tab: Visitor, picture: bytes) -> bool:
    return tab.download is not None and await tab.result() == picture


def mark_of(picture: bytes) -> float:
    """Return the style's weight in a picture's recipe: whose picture it is."""
    return recipe_of(picture).config.style_weight


def recipe_of(picture: bytes) -> Recipe:
    """Return the recipe inside a picture."""
    return Recipe.from_json(read_recipe_text(picture) or "")


def tell(record: dict[str, Any], trial: str, path: Path | None) -> None:
    """Print the record of a trial, and keep it in the file beside those of other trials if there is a `path`."""
    print(json.dumps(record, indent=1))
    if path is not None:
        records = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**records, trial: record}, indent=1) + "\n")


def main() -> None:
    """Run one trial and add its record to ``benchmarks/load.json``."""
    trials: dict[str, tuple[Callable[..., Any], int, dict[str, Any]]] = {
        "crowd": (crowd, 50, {"queue_jobs": 100, "max_size": 512}),
        "soak": (
            soak,
            200,
            {
                "script": "benchmarks/faulty.py",
                "faulty_steps": FAULTY,
                "max_size": 128,
                "grace_seconds": 6,
                "kept_results": 20,
            },
        ),
        "killed": (killed, 10, {"checkpoint_seconds": 0.5}),
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trial", choices=trials)
    parser.add_argument("--count", type=int, help="visitors, jobs or kills")
    parser.add_argument("--dry", action="store_true", help="print the record only")
    options = parser.parse_args()
    trial, count, settings = trials[options.trial]
    with tempfile.TemporaryDirectory() as folder:
        server = Host(Path(folder), **settings)
        try:
            server.wait(READY)
            record = asyncio.run(trial(server, options.count or count))
        finally:
            server.stop()
    record["machine"] = f"{os.cpu_count()} x {platform.machine()}, load {os.getloadavg()[0]:.1f}"
    tell(record, options.trial, None if options.dry else Path(__file__).with_suffix(".json"))


if __name__ == "__main__":
    main()
