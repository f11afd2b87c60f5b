"""The results of a session as one file: every PNG with its recipe inside, the recipe beside it, and the films."""

import json
import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from nst.jobs import JobSnapshot
from nst.pictures.codec import read_recipe_text
from nst.ui import resources
from nst.ui.language import SOURCE, number, speaking, text
from nst.ui.pictures.titles import title

#: Bytes of pictures in one archive, which is put together in memory; the newest go first.
MOST_BYTES = 200_000_000
#: A name in the archive is no longer, or some systems cannot unpack it.
_LONGEST = 100
#: Says in the archive that it is not all of the session.
LEFT_OUT = "left-out.txt"


def archive(job_ids: Sequence[str], language: str = SOURCE) -> bytes:
    """Return a ZIP of the results of these jobs, the newest first; those that are no longer kept are left out.

    The same results give the same bytes, so that a second press needs no more room on the server than the first.

    Args:
        job_ids: The jobs.
        language: What the files are named in: it is put together where there is no visitor to ask.
    """
    found = (resources.runner().poll(job_id) for job_id in job_ids)
    with speaking(language):
        return packed((job for job in found if job is not None), len(job_ids))


def packed(jobs: Iterable[JobSnapshot], count: int) -> bytes:
    """Return the ZIP of finished jobs, as many of the `count` as `MOST_BYTES` allows, numbered from the oldest."""
    stream = BytesIO()
    left, missing = MOST_BYTES, 0
    with ZipFile(stream, "w") as packing:
        for place, job in zip(range(count, 0, -1), jobs, strict=False):
            png, film = job.result_png, job.result_film or b""
            if png is None:
                continue
            left -= len(png) + len(film)
            if left < 0:
                missing += 1
                continue
            name = f"{place:02}-{file_stem(title(job.spec.recipe))}"[:_LONGEST]
            _add(packing, f"{name}.png", png)
            _add(packing, f"{name}.json", recipe_text(png).encode())
            if film:
                _add(packing, f"{name}.mp4", film)
        if missing:
            size = number(MOST_BYTES / 1e6)
            sentence = text(
                "{count} more pictures did not fit into {size} MB; save them one by one.", count=missing, size=size
            )
            _add(packing, LEFT_OUT, f"{sentence}\n".encode())
    return stream.getvalue()


def file_stem(title: str) -> str:
    """Return a title as the name of a file, without its ending."""
    return re.sub(r"[^\w-]+", "-", title).strip("-") or "result"


def recipe_text(png: bytes) -> str:
    """Return the recipe inside a PNG for people to read."""
    return json.dumps(json.loads(read_recipe_text(png) or "{}"), indent=1, ensure_ascii=False)


def _add(packing: ZipFile, name: str, data: bytes) -> None:
    entry = ZipInfo(name)  # of a fixed date
    packing.writestr(entry, data, ZIP_STORED if name.endswith((".png", ".mp4")) else ZIP_DEFLATED)
