"""A visitor who means harm, photos from phones, and kills behind nginx: ``python -m benchmarks.hostile --help``.

Three trials on real servers with the real engine and ``NST_PROFILE=public``:

* ``visitor``: one visitor sends extreme values over the page's own connection for ten minutes while 20 ordinary ones
  move controls, start small jobs and wait for their pictures. None of those may fail, the page must answer them within
  a second (95th percentile), and the server must stay within its memory.
* ``photos``: 50 tabs upload a phone's photo of 12 megapixels each, lying on its side, and paint something small of it.
* ``killed``: two servers behind hosting/nginx.conf are killed ten times at random; no finished picture may be lost,
  every job must end, and visitors come back by the address that they had.
"""

import argparse
import asyncio
import base64
import io
import json
import os
import platform
import random
import shutil
import tempfile
import threading
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import numpy as np
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import WebSocketException

from benchmarks.front import Front
from benchmarks.load import MARK, Host, mark_of, recipe_of, spread, tell
from benchmarks.serving import READY
from benchmarks.visitor import Visitor, put_file
from nst import __version__
from nst.config import StyleTransferConfig
from nst.layers import LAYERS
from nst.masks.mask import MAX_REGIONS
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.pictures.codec import encode_png
from nst.pictures.gallery import load_gallery
from nst.recipes.link import to_link
from nst.recipes.recipe import Recipe, Source

#: Megabytes that the server is told to keep within while it paints, and those that everything together may take:
#: beside the painting there are the pictures in the queue, the kept ones, uploads, and a process that decodes.
MEMORY, MOST_MEMORY = 4000, 8000

VISITORS, SIZE, STEPS = 20, 128, 20

#: Where the hostile tabs come from, as a proxy would say; each ordinary visitor comes from an address of its own.
HOSTILE_ADDRESS = "192.0.2.66"

#: Seconds after the hostile visitor has gone within which every ordinary one must have its picture.
PATIENCE = 600.0

_NAMES = (
    "![x](http://127.0.0.1:1/x.png) [click](http://127.0.0.1:1/)", "<img src=x onerror=alert(1)>.png",
    "<script>alert(1)</script>", ":red[$x$]" * 40, "../../etc/passwd", "\u202egnp.x", "a" * 5000,
)  # fmt: skip

#: What becomes of a connection that the server ends, or of a page that is no longer there.
_ENDED = (OSError, WebSocketException, RuntimeError, KeyError, AssertionError, TimeoutError)


@dataclass
class Villain(Visitor):
    """A tab that sends whatever it likes."""

    async def throw(
        self, *states: WidgetState, query: str | None = None, locale: str | None = None, times: int = 1
    ) -> None:
        """Send values for widgets, and wait for no answer."""
        assert self._socket is not None
        message = self._message()
        if query is not None:
            message.rerun_script.query_string = query
        if locale is not None:
            message.rerun_script.context_info.locale = locale
        message.rerun_script.widget_states.widgets.extend(states)
        for _ in range(times):
            await self._socket.send(message.SerializeToString())

    async def force(self, *states: WidgetState, query: str | None = None, locale: str | None = None) -> None:
        """Send values for widgets, and wait until the page has answered or no longer does."""
        await self.throw(*states, query=query, locale=locale)
        await asyncio.wait_for(self._ended.get(), 60)

    async def give(self, key: str, name: str, data: bytes) -> None:
        """Give a file to an uploader, if the page has it."""
        with suppress(OSError, KeyError, TimeoutError):
            await asyncio.wait_for(self.upload(key, name, data), 60)

    async def litter(self, count: int, data: bytes) -> int:
        """Send files that belong to no widget; return how many the server has taken."""
        assert self._socket is not None
        taken = 0
        for number in range(count):
            request = BackMsg()
            request.file_urls_request.request_id = request_id = f"litter-{number}"
            request.file_urls_request.file_names.append(request_id)
            await self._socket.send(request.SerializeToString())
            place = await asyncio.wait_for(self._places.get(), 60)
            with suppress(OSError):
                await asyncio.to_thread(put_file, self.address, place.upload_url, request_id, data)
                taken += 1
        return taken


def _number(tab: Visitor, key: str, value: float) -> WidgetState:
    state = WidgetState(id=tab.widgets[key].id)
    if key == "style_scale":  # a slider
        state.double_array_value.data.append(value)
    else:
        state.double_value = value
    return state


def _texts(tab: Visitor, key: str, values: tuple[str, ...]) -> WidgetState:
    state = WidgetState(id=tab.widgets[key].id)
    state.string_array_value.data.extend(values)
    return state


def _press(tab: Visitor, key: str) -> WidgetState:
    return WidgetState(id=tab.widgets[key].id, trigger_value=True)


async def _extremes(tab: Villain, chance: random.Random) -> None:
    values = (-1.0, 0.0, 1e9, 1e308, float("inf"), float("nan"), 8192.0, 5000.0, 4.0, 768.0, 0.1)
    for _ in range(10):
        # A control is not on the page that an earlier value has made an error of.
        names = [name for name in ("size", "steps", "style_scale", "style_weight", "tv_weight") if name in tab.widgets]
        pressed = [_press(tab, "stylise")] if "stylise" in tab.widgets else []
        await tab.force(*(_number(tab, name, chance.choice(values)) for name in names), *pressed)


async def _dear(tab: Villain, chance: random.Random) -> None:
    """The dearest job that may be allowed: broad strokes of a large painting, every layer, and few steps."""
    await tab.give("painting_file", f"{chance.choice(_NAMES)}.png", _large())
    await tab.force(
        _number(tab, "size", 768), _number(tab, "style_scale", 4.0), _number(tab, "steps", chance.choice((1, 20, 150))),
        _texts(tab, "style_layers", LAYERS), _texts(tab, "content_layers", LAYERS),
    )  # fmt: skip
    await tab.force(_press(tab, "stylise"))
    await asyncio.sleep(chance.uniform(0, 10))


async def _links(tab: Villain, chance: random.Random) -> None:
    queries = (
        f"recipe={to_link(_recipe())}", f"recipe={to_link(_recipe())[:-9]}", "recipe=1." + "A" * 6000,
        "recipe=" + "A" * 1_000_000, "job=" + "x" * 100_000, "&".join(f"a{n}=1" for n in range(20_000)),
        "job=../../etc/passwd", f"job=8502.{quote(_NAMES[0])}", "recipe=1.%00&recipe=2.&job=&job=1", _tiny_tiles(),
    )  # fmt: skip
    for query in chance.sample(queries, 5):
        await tab.force(query=query)


async def _litter(tab: Villain, chance: random.Random) -> None:
    await tab.litter(50, chance.randbytes(8_000_000))


async def _uploads(tab: Villain, chance: random.Random) -> None:
    for key in ("photo_file", "painting_file", "reopen_file"):
        if key in tab.widgets:
            await tab.give(key, chance.choice(_NAMES), chance.choice((_large(), b"", chance.randbytes(100_000))))


async def _dropped_png(tab: Villain, chance: random.Random) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    text = chance.choice((_recipe().to_json().ljust(192 * 1024), "[" * 192 * 1024, _many_regions()))
    await tab.give("reopen_file", "painted.png", encode_png(pixels, text))
    await tab.force(_press(tab, "stylise"))


async def _quick(tab: Villain, chance: random.Random) -> None:
    for _ in range(20):
        await tab.throw(_press(tab, "stylise"), times=3)
        await asyncio.sleep(chance.uniform(0, 0.3))
        if "cancel" in tab.widgets:
            await tab.throw(_press(tab, "cancel"), times=3)


async def _come_and_go(tab: Villain, chance: random.Random) -> None:
    others = [Villain(tab.address, query=f"recipe={to_link(_recipe())}", forwarded=tab.forwarded) for _ in range(20)]
    await asyncio.gather(*(asyncio.wait_for(other.open(), 60) for other in others), return_exceptions=True)
    for other in others:
        with suppress(*_ENDED):
            await other.throw(_press(other, "stylise"))
        await other.close()


async def _wrong_kinds(tab: Villain, chance: random.Random) -> None:
    """Values that no control of the page can have."""
    for widget in list(tab.widgets.values()):
        kinds = (
            WidgetState(id=widget.id, string_value=chance.choice(_NAMES)), WidgetState(id=widget.id, int_value=2**40),
            WidgetState(id=widget.id, json_value="[" * 5000), WidgetState(id=widget.id, bytes_value=b"\0" * 100_000),
            WidgetState(id=widget.id, json_value=json.dumps({"strokes": [[1e308] * 5] * 5000, "secret": "x" * 10**6})),
        )  # fmt: skip
        await tab.throw(chance.choice(kinds))
    await tab.throw(WidgetState(id="$$ID-none-none", bool_value=True), times=50)


async def _megabytes(tab: Villain, chance: random.Random) -> None:
    """What a browser says of itself, and what the page's own components say, as long as a message may be."""
    long = chance.choice(("de-", "a", "\u202e", ", ")) * 400_000
    await tab.force(locale=long)
    await tab.force(query=f"lang={quote(long[:400_000])}")
    said = json.dumps({"picked": ["irises"] * 80_000})
    pickers = [widget for key, widget in tab.widgets.items() if key.endswith("_picker")]
    await tab.force(*(WidgetState(id=widget.id, json_value=said) for widget in pickers))


async def _noise(tab: Villain, chance: random.Random) -> None:
    assert tab._socket is not None
    for size in (0, 1, 100, 100_000):
        await tab._socket.send(chance.randbytes(size))


ACTS = (
    _extremes, _dear, _links, _litter, _uploads, _dropped_png, _quick, _come_and_go, _wrong_kinds, _megabytes, _noise,
)  # fmt: skip


@cache  # it takes a second, in which the ordinary visitors of this process would stand still
def _large() -> bytes:
    """Return a painting of 49 megapixels in few bytes."""
    return encode_png(np.full((7000, 7000, 3), 99, np.uint8))


@cache
def _own_photo(number: int) -> bytes:
    return encode_png(np.random.default_rng(number).integers(0, 256, (600, 800, 3), np.uint8))


def _recipe() -> Recipe:
    gallery = load_gallery()
    config = StyleTransferConfig(
        size=8192, steps=5000, style_scale=4.0, style_layers=tuple((layer, 1.0) for layer in LAYERS)
    )
    region = Region(_NAMES[0], PackedMask.everything(), (1.0,))
    styles = (Source(_NAMES[1], gallery.paintings[0].sha256),)
    return Recipe(
        Source(_NAMES[2], gallery.photos[0].sha256), styles, config, __version__, regions=(region,) * MAX_REGIONS
    )


def _many_regions() -> str:
    entries = json.loads(_recipe().to_json())
    entries["regions"] *= 40
    return json.dumps(entries)


def _tiny_tiles() -> str:
    """Return the link that once cost a server ten seconds a run: tiles of one pixel."""
    entries = json.loads(_recipe().to_json())
    entries["config"] |= {"tile": 1, "memory": 1e6, "size": 1024}
    packed = base64.urlsafe_b64encode(zlib.compress(json.dumps(entries).encode(), 9)).decode().rstrip("=")
    return f"recipe=1.{packed}"


async def molest(server: Host, until: float, did: Counter[str]) -> None:
    """Do what is not allowed, one thing after another, each in a new tab: the last one may be of no more use."""
    chance = random.Random(12)
    while time.monotonic() < until:
        for act in chance.sample(ACTS, len(ACTS)):
            tab = Villain(server.address, forwarded=HOSTILE_ADDRESS)
            try:
                await asyncio.wait_for(tab.open(), 120)
                await asyncio.wait_for(act(tab, chance), max(1.0, min(60.0, until - time.monotonic())))
                did[act.__name__.strip("_")] += 1
            except _ENDED as error:
                did[f"{act.__name__.strip('_')}, ended by {type(error).__name__}"] += 1
            with suppress(*_ENDED):
                await tab.close()
            if time.monotonic() >= until:
                break


@dataclass
class Watch:
    """What the server holds, sampled by a thread of its own until `end` is set."""

    server: Host
    samples: list[dict[str, float]] = field(default_factory=list)
    end: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Take a sample every other second."""
        start = time.monotonic()
        while not self.end.wait(2):
            with suppress(OSError, KeyError):  # a process of it may just have ended
                numbers = self.server.numbers()
                children = sum(_resident(pid) for pid in _children(self.server.process.pid))
                numbers["children_megabytes"] = children
                self.samples.append({"second": round(time.monotonic() - start), **numbers})

    def record(self) -> dict[str, Any]:
        """Return the most of everything, and its course in at most 40 samples."""
        most = {name: round(max(each[name] for each in self.samples), 1) for name in self.samples[0]}
        together = max(each["megabytes"] + each["children_megabytes"] for each in self.samples)
        course = self.samples[:: max(1, len(self.samples) // 40)]
        rounded = [{name: round(value) for name, value in each.items()} for each in course]
        return {"most": most, "most_megabytes_together": round(together), "course": rounded}


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += [int(each) for each in (task / "children").read_text().split()]
    return found + [other for child in found for other in _children_of(child)]


def _children_of(pid: int) -> list[int]:
    with suppress(OSError):
        return _children(pid)
    return []


def _resident(pid: int) -> float:
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
    return 0.0


@dataclass
class Ordinary:
    """What the ordinary visitors have seen.

    Attributes:
        reactions: Seconds that the page took to answer, by what was done.
        pictures: Finished and right.
        failures: In words.
    """

    reactions: dict[str, list[float]] = field(default_factory=lambda: {"open": [], "control": [], "upload": []})
    pictures: int = 0
    failures: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    async def visit(self, server: Host, number: int, until: float) -> None:
        """Paint again and again, as somebody does who likes it."""
        chance = random.Random(number)
        await asyncio.sleep(chance.uniform(0, 10))
        mark = MARK + number
        while time.monotonic() < until:
            tab = Visitor(server.address, forwarded=f"198.51.100.{number}")
            try:
                self.reactions["open"].append(await tab.open())
                if number % 4 == 0:
                    self.reactions["upload"].append(await tab.upload("photo_file", f"{number}.png", _own_photo(number)))
                await self._paint(tab, mark, chance)
            except Exception as error:  # whatever it is, it is what is looked for
                self.failures.append(f"{number}: {type(error).__name__}: {error}"[:300])
                await asyncio.sleep(1)
            finally:
                with suppress(*_ENDED):
                    await tab.close()

    async def _paint(self, tab: Visitor, mark: int, chance: random.Random) -> None:
        start = time.monotonic()
        for key, value in (("size", SIZE), ("steps", STEPS), ("style_weight", mark)):
            self.reactions["control"].append(await tab.set(key, value))
            await asyncio.sleep(chance.uniform(0.2, 2))
        tab.download = None
        await tab.press("stylise")
        while tab.download is None and await tab.follow():
            if tab.download is None and chance.random() < 0.1:
                self.reactions["control"].append(await tab.set("tv_weight", chance.randrange(20)))
        assert mark_of(await tab.result()) == mark
        self.pictures += 1
        self.waits.append(time.monotonic() - start)
        await asyncio.sleep(chance.uniform(1, 10))


async def hostile(minutes: float, server: Host) -> dict[str, Any]:
    """One hostile visitor among 20 ordinary ones."""
    did: Counter[str] = Counter()
    _large()
    for number in range(0, VISITORS, 4):
        _own_photo(number)
    watch = Watch(server)
    sampling = threading.Thread(target=watch.run)
    sampling.start()
    ordinary, until = Ordinary(), time.monotonic() + 60 * minutes
    loads = [os.getloadavg()[0]]
    try:
        visits = [asyncio.create_task(ordinary.visit(server, number, until)) for number in range(VISITORS)]
        await molest(server, until, did)
        loads.append(os.getloadavg()[0])
        _, late = await asyncio.wait(visits, timeout=PATIENCE)
        ordinary.failures += [f"no picture {PATIENCE:.0f} s after the hostile visitor had gone"] * len(late)
        for task in late:
            task.cancel()
    finally:
        watch.end.set()
        sampling.join()
    return {
        "minutes": minutes,
        "visitors": VISITORS,
        "failures": ordinary.failures,
        "pictures": ordinary.pictures,
        "seconds_to_a_picture": spread(ordinary.waits),
        "reaction_seconds": {name: spread(values) for name, values in ordinary.reactions.items()},
        "hostile_acts": dict(sorted(did.items())),
        "answers_at_the_end": server.answers(READY),
        "megabytes_to_keep_within": MOST_MEMORY,
        "server": watch.record(),
        "load": [round(load, 1) for load in loads],
    }


def phone_photo(number: int) -> bytes:
    """Return a phone's JPEG of 4000x3000 pixels, lying on its side as its EXIF says; no two are alike."""
    generator = np.random.default_rng(number)
    coarse = Image.fromarray(generator.integers(0, 256, (30, 40, 3), np.uint8))
    picture = coarse.resize((4000, 3000), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter clockwise
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=92, exif=exif)
    return data.getvalue()


async def photos(count: int, server: Host) -> dict[str, Any]:
    """Let `count` tabs upload a phone's photo each, at the same time, and paint something small of it."""
    watch = Watch(server)
    sampling = threading.Thread(target=watch.run)
    sampling.start()
    failures: list[str] = []
    uploads: list[float] = []
    upright = 0

    async def visit(number: int, data: bytes) -> None:
        nonlocal upright
        tab = Visitor(server.address, forwarded=f"198.51.100.{number}")
        try:
            await tab.open()
            uploads.append(await tab.upload("photo_file", f"{number}.jpg", data))
            await tab.submit(SIZE, STEPS, MARK + number)
            picture = await tab.result()
            recipe = recipe_of(picture)
            assert recipe.config.style_weight == MARK + number
            assert recipe.content.name == f"{number}.jpg"
            width, height = Image.open(io.BytesIO(picture)).size
            upright += height > width
        except Exception as error:  # whatever it is, it is what is looked for
            failures.append(f"{number}: {type(error).__name__}: {error}"[:300])
        finally:
            with suppress(*_ENDED):
                await tab.close()

    files = [await asyncio.to_thread(phone_photo, number) for number in range(count)]
    start = time.monotonic()
    try:
        await asyncio.gather(*(visit(number, data) for number, data in enumerate(files)))
    finally:
        watch.end.set()
        sampling.join()
    return {
        "tabs": count,
        "megabytes_of_a_file": round(sum(map(len, files)) / len(files) / 1e6, 1),
        "seconds": round(time.monotonic() - start),
        "failures": failures,
        "upright_pictures": upright,
        "seconds_of_an_upload": spread(uploads),
        "answers_at_the_end": server.answers(READY),
        "megabytes_to_keep_within": MOST_MEMORY,
        "server": watch.record(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


@dataclass
class Follower:
    """A visitor behind nginx: comes, paints, and comes back by the address until the picture is there."""

    front: Front
    number: int
    picture: bytes = b""
    job: str = ""
    returns: int = 0
    told: int = 0

    async def paint(self) -> None:
        """Submit a job and follow it through every death of its server."""
        tab = await self._opened("")
        while not self.job:
            with suppress(*_ENDED):
                await tab.submit(SIZE, 100, MARK + self.number)
                self.job = parse_qs(tab.query)["job"][0]
            if not self.job:
                self.returns += 1
                await tab.close()
                tab = await self._opened("")
        while not self.picture:
            with suppress(*_ENDED):
                await self._seen(tab)
            if not self.picture:
                self.returns += 1
                await tab.close()
                tab = await self._opened(self.job)
        await tab.close()

    async def _seen(self, tab: Visitor) -> None:
        if any("starting anew" in error for error in tab.errors):
            self.told += 1
            tab.errors = []
            await asyncio.sleep(1)
            raise ConnectionError("the tab is with the other server until its own is back")
        self.picture = await tab.result()

    async def _opened(self, job: str) -> Visitor:
        """Open the page as a browser does, by its address first and then with its cookies."""
        while True:
            with suppress(*_ENDED):
                tab = Visitor(self.front.address, query=f"job={job}" if job else "")
                server = job.partition(".")[0]
                tab.cookies = f"nst_route=visitor-{self.number}" + (f"; nst_server={server}" if server else "")
                tab.secret = f"the-secret-of-visitor-{self.number}"
                await asyncio.wait_for(tab.open(), 60)
                return tab
            await asyncio.sleep(0.5)

    async def still_there(self) -> bool:
        """Return whether the finished picture is still to be had by its address."""
        tab = await self._opened(self.job)
        for _ in range(240):
            if tab.download is not None:
                with suppress(*_ENDED):  # it may be killed, too, while it answers
                    found = await tab.result() == self.picture
                    await tab.close()
                    return found
            await tab.close()
            await asyncio.sleep(0.5)
            tab = await self._opened(self.job)
        return False


async def killed(kills: int, front: Front) -> dict[str, Any]:
    """Kill one of the two servers again and again while visitors paint; ask for all their pictures after each kill."""
    chance = random.Random(1)
    names = sorted(front.servers)
    finished: list[Follower] = []
    checked = lost = wrong = number = 0
    following: dict[asyncio.Task[None], Follower] = {}
    victims: Counter[str] = Counter()

    def more() -> None:
        nonlocal number
        while len(following) < 4:
            follower = Follower(front, number)
            following[asyncio.create_task(follower.paint())] = follower
            number += 1

    def collect() -> None:
        for task in [task for task in following if task.done()]:
            task.result()
            finished.append(following.pop(task))

    for _ in range(kills):
        more()
        await asyncio.sleep(chance.uniform(1, 10))
        victim = chance.choice(names)
        victims[victim] += 1
        front.servers[victim].kill()
        await asyncio.sleep(chance.uniform(0, 4))  # meanwhile its visitors meet the other one
        front.servers[victim].start()
        await asyncio.to_thread(front.servers[victim].wait, READY)
        collect()
        for follower in finished[-6:]:
            checked += 1
            lost += not await follower.still_there()
    await asyncio.wait_for(asyncio.gather(*following), 900)
    collect()
    wrong = sum(mark_of(each.picture) != MARK + each.number for each in finished)
    return {
        "kills": dict(victims),
        "jobs": number,
        "jobs_with_a_picture": len(finished),
        "wrong_pictures": wrong,
        "finished_pictures_asked_for_after_a_kill": checked,
        "finished_pictures_lost": lost,
        "returns_by_the_address": sum(each.returns for each in finished),
        "told_that_the_server_starts_anew": sum(each.told for each in finished),
    }


def _with_server(trial: Callable[[Any, Host], Awaitable[dict[str, Any]]], count: float) -> dict[str, Any]:
    async def run(server: Host) -> dict[str, Any]:
        return await trial(count, server)

    with tempfile.TemporaryDirectory() as folder:
        server = Host(Path(folder), profile="public", memory=MEMORY)
        try:
            server.wait(READY)
            record = asyncio.run(run(server))
            record["tracebacks_in_the_log"] = server.log.read_text("utf-8", "replace").count("Traceback")
            shutil.copy(server.log, Path(tempfile.gettempdir()) / f"hostile-{trial.__name__}.log")
            return record
        finally:
            server.stop()


def _behind_nginx(kills: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        front = Front(Path(folder), NST_PROFILE="public", NST_MEMORY=3000, NST_CHECKPOINT_SECONDS=0.5)
        try:
            return asyncio.run(killed(kills, front))
        finally:
            front.stop()


def main() -> None:
    """Run one trial and add its record to ``benchmarks/hostile.json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trial", choices=("visitor", "photos", "killed"))
    parser.add_argument("--count", type=float, help="minutes (10), tabs (50) or kills (10)")
    parser.add_argument("--dry", action="store_true", help="print the record only")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    match options.trial:
        case "visitor":
            record = _with_server(hostile, options.count or 10)
        case "photos":
            record = _with_server(photos, int(options.count or 50))
        case _:
            record = _behind_nginx(int(options.count or 10))
    record["machine"] = (
        f"{len(os.sched_getaffinity(0))} of {os.cpu_count()} x {platform.machine()}, nice {os.nice(0)}, "
        f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after"
    )
    tell(record, options.trial, None if options.dry else Path(__file__).with_suffix(".json"))


if __name__ == "__main__":
    main()
