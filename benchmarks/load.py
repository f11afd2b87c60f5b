"""Many visitors at once, on a real server with the real engine: ``python -m benchmarks.load --help``.

Three trials, each on a server of its own, started as a host would start it:

* ``crowd``: 50 tabs submit a small job each at the same time. Each must end, in the order of the queue and with its own
  picture, and a waiting visitor's settings must react within a second (95th percentile).
* ``soak``: 200 jobs, some cancelled, some left by closing the tab, some failing; memory, threads and files must not
  grow after the first 50.
* ``killed``: the server is killed with SIGKILL ten times at random moments; no finished picture may be lost, and every
  job must end.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.visitor import Visitor
from nst.images import read_recipe_text
from nst.recipe import Recipe

ROOT = Path(__file__).parent.parent
SIZE = 64
STEPS = 20


class Server:
    """A server on a free port, and its state folder."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self._folder = folder
        self._settings = {f"NST_{name.upper()}": str(value) for name, value in settings.items()}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        """Start it and wait until it is ready for visitors."""
        options = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={self._port}"]
        environment = {**os.environ, "NST_STATE": str(self._folder / "state"), "TF_CPP_MIN_LOG_LEVEL": "3"}
        with open(self._folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "hosting/server.py", *options],
                cwd=ROOT,
                env={**environment, **self._settings},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the server has ended by itself"
            with suppress(OSError):
                urllib.request.urlopen(f"{self.address}/readyz", timeout=30)
                return
            time.sleep(0.2)
        raise AssertionError("the server was not ready within ten minutes")

    def kill(self) -> None:
        """Kill it as the system does when memory is short."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def events(self, kind: str) -> list[str]:
        """Return the jobs of which the log tells something, in its order."""
        lines = (self._folder / "log").read_text().splitlines()
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry["job"] for entry in entries if entry.get("event") == kind]

    def numbers(self) -> dict[str, float]:
        """Return the process's memory, threads, open files and children, and the files it keeps."""
        home = Path(f"/proc/{self.process.pid}")
        status = dict(line.split(":", 1) for line in (home / "status").read_text().splitlines())
        return {
            "megabytes": int(status["VmRSS"].split()[0]) / 1024,
            "threads": int(status["Threads"]),
            "open_files": len(list((home / "fd").iterdir())),
            "state_files": len(list((self._folder / "state").rglob("*"))),
        }


async def crowd(server: Server, visitors: int) -> dict[str, Any]:
    """Let every visitor submit a job at the same time; measure order, ownership and how the page reacts."""
    tabs = [Visitor(server.address) for _ in range(visitors)]
    await asyncio.gather(*(tab.open() for tab in tabs))
    finished: list[int] = []
    reactions: list[float] = []
    owners: list[bool] = []

    async def visit(number: int) -> None:
        tab = tabs[number]
        await tab.submit(SIZE, STEPS, 1000 + number)
        while tab.download is None and await tab.follow():
            if tab.download is None and random.random() < 0.1:
                reactions.append(await tab.set("tv_weight", random.randrange(20)))
        picture = await tab.result()
        finished.append(number)
        owners.append(mark_of(picture) == 1000 + number)

    start = time.perf_counter()
    await asyncio.gather(*(visit(number) for number in range(visitors)))
    seconds = time.perf_counter() - start
    for tab in tabs:
        await tab.close()
    reactions.sort()
    return {
        "visitors": visitors,
        "finished": len(finished),
        "own_picture": sum(owners),
        "in_order": server.events("queued") == server.events("started"),
        "seconds": round(seconds, 1),
        "reactions": len(reactions),
        "reaction_median_seconds": round(reactions[len(reactions) // 2], 3) if reactions else None,
        "reaction_p95_seconds": round(reactions[int(0.95 * (len(reactions) - 1))], 3) if reactions else None,
    }


async def soak(server: Server, jobs: int) -> dict[str, Any]:
    """Let jobs end in every way, four tabs at a time, and watch what the process holds."""
    endings = {"finished": 0, "cancelled": 0, "left": 0, "refused": 0}
    samples: list[dict[str, float]] = []
    turns = asyncio.Semaphore(4)
    done = 0

    async def visit(number: int) -> None:
        nonlocal done
        async with turns:
            endings[await one_job(server, number)] += 1
        done += 1
        if done % 10 == 0:
            samples.append({"jobs": done, **server.numbers()})

    await asyncio.gather(*(visit(number) for number in range(jobs)))
    settled = [sample for sample in samples if sample["jobs"] >= min(50, jobs // 2)]
    growth = {name: round(settled[-1][name] - settled[0][name], 1) for name in settled[0] if name != "jobs"}
    return {"jobs": jobs, "endings": endings, "growth_after_the_first": growth, "samples": samples}


async def one_job(server: Server, number: int) -> str:
    """Submit a job and end it in one of four ways, by its number."""
    tab = Visitor(server.address)
    await tab.open()
    try:
        match number % 5:
            case 0:
                await tab.submit(SIZE, 400, 1000 + number)
                await tab.follow()
                await tab.press("cancel")
                while await tab.follow():
                    pass
                return "cancelled"
            case 1:
                await tab.submit(SIZE, 400, 1000 + number)
                await tab.follow()
                return "left"
            case 2:
                # More than the limits of this server: refused, and said so.
                await tab.submit(512, STEPS, 1000 + number)
                return "refused" if any("expected at most" in text for text in tab.texts) else "finished"
            case _:
                await tab.submit(SIZE, STEPS, 1000 + number)
                assert mark_of(await tab.result()) == 1000 + number
                return "finished"
    finally:
        await tab.close()


async def killed(server: Server, kills: int) -> dict[str, Any]:
    """Kill the server again and again while jobs wait, run and have ended."""
    moments = random.Random(1)
    tabs = [Visitor(server.address) for _ in range(4)]
    for number, tab in enumerate(tabs):
        await tab.open()
        await tab.submit(SIZE, 300, 2000 + number)
    pictures: dict[int, bytes] = {}
    lost = rounds = 0
    while rounds < kills:
        with suppress(ConnectionError, RuntimeError, OSError, KeyError):
            await asyncio.wait_for(_watch(tabs, pictures), moments.uniform(0.5, 6.0))
        server.kill()
        rounds += 1
        await asyncio.to_thread(server.start)
        for number, tab in enumerate(tabs):
            tab.download = None
            await tab.open()
            if number in pictures and not await _still_there(tab, pictures[number]):
                lost += 1
        if len(pictures) == len(tabs):  # all have ended: the next round begins with new ones
            for number, tab in enumerate(tabs):
                await tab.submit(SIZE, 300, 2000 + number)
            pictures.clear()
    await _watch(tabs, pictures)
    recovered = metric(server, "nst_jobs_recovered_total")
    right = sum(mark_of(picture) == 2000 + number for number, picture in pictures.items())
    return {
        "kills": rounds,
        "finished_pictures_lost": lost,
        "all_jobs_ended": right == len(tabs),
        "recovered_last": recovered,
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
    return Recipe.from_json(read_recipe_text(picture) or "").config.style_weight


def metric(server: Server, name: str) -> float:
    """Return one of the server's metrics."""
    with urllib.request.urlopen(f"{server.address}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))


def main() -> None:
    """Run one trial and add its record to ``benchmarks/load.json``."""
    trials: dict[str, tuple[Callable[..., Any], int, dict[str, object]]] = {
        "crowd": (crowd, 50, {"queue_jobs": 100, "max_size": 512}),
        "soak": (soak, 200, {"max_size": 128, "grace_seconds": 30, "kept_results": 20, "kept_megabytes": 60}),
        "killed": (killed, 10, {"checkpoint_seconds": 0.5}),
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trial", choices=trials)
    parser.add_argument("--count", type=int, help="visitors, jobs or kills")
    parser.add_argument("--dry", action="store_true", help="print the record only")
    options = parser.parse_args()
    trial, count, settings = trials[options.trial]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), **settings)
        try:
            record = asyncio.run(trial(server, options.count or count))
        finally:
            server.kill()
    record["machine"] = f"{os.cpu_count()} x {platform.machine()}, load {os.getloadavg()[0]:.1f}"
    print(json.dumps(record, indent=1))
    if not options.dry:
        path = Path(__file__).with_suffix(".json")
        records = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**records, options.trial: record}, indent=1) + "\n")


if __name__ == "__main__":
    main()
