"""The results of this session: a strip of thumbnails, each a click away from the canvas."""

from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from nst.jobs import JobSnapshot
from nst.pictures.codec import encode_jpeg, read_picture, resize
from nst.recipes.blank import is_without_photo
from nst.recipes.recipe import Recipe
from nst.ui import resources
from nst.ui.job.followed import follow, unfollow
from nst.ui.job.pace import learn_pace
from nst.ui.job.series import is_cell, own_series
from nst.ui.language import language, text
from nst.ui.pictures.titles import manner, name
from nst.ui.result.archive import archive
from nst.ui.result.downloads import when_asked
from nst.ui.visitor import visitor
from nst.ui.widgets.picker import Item, picker

#: The most that are remembered, newest first; the queue itself may forget them sooner.
KEEP = 48
_THUMBNAIL_SIDE = 200


@dataclass(frozen=True)
class Entry:
    """One result: its job, its number in the session, of what it was made, and a thumbnail."""

    job_id: str
    number: int
    recipe: Recipe
    thumbnail: bytes

    @property
    def label(self) -> str:
        """A name that tells it from the others."""
        return f"{self.number} · {manner(self.recipe)}"

    @property
    def byline(self) -> str:
        """What it was painted on."""
        return text("No photo") if is_without_photo(self.recipe) else name(self.recipe.content)


def remember(job: JobSnapshot) -> None:
    """Put a finished job on the strip, unless it is there; a table's small pictures have their place in the table."""
    entries: list[Entry] = st.session_state.setdefault("results", [])
    if job.result_jpeg is None or any(entry.job_id == job.id for entry in entries) or is_cell(job.id):
        return
    learn_pace(job)
    number = st.session_state["painted"] = st.session_state.get("painted", 0) + 1
    pixels = read_picture(job.result_jpeg).pixels
    thumbnail = encode_jpeg(resize(pixels, min(_THUMBNAIL_SIDE, max(pixels.shape))), 76)
    st.session_state.results = [Entry(job.id, number, _pictures(job.spec.recipe), thumbnail), *entries][:KEEP]


def _pictures(recipe: Recipe) -> Recipe:
    """Return a recipe without the masks, which would be kept for nothing."""
    return replace(recipe, regions=(), style_guides=())


def remember_series() -> None:
    """Put the pictures of the visitor's series on the strip, as far as they are painted."""
    series = own_series()
    known = {entry.job_id for entry in st.session_state.get("results", [])}
    for job_id in [] if series is None or series.kind == "table" else series.job_ids:
        job = None if job_id in known else resources.runner().poll(job_id)
        if job is not None:
            remember(job)


def kept() -> dict[str, Entry]:
    """Return the results that the queue still has, newest first, by their jobs' ids."""
    entries: dict[str, Entry] = {entry.job_id: entry for entry in st.session_state.get("results", [])}
    known = resources.runner().known(entries.keys())
    kept = {job_id: entry for job_id, entry in entries.items() if job_id in known}
    st.session_state.results = list(kept.values())
    return kept


def forget(job_id: str) -> None:
    """Remove the visitor's own result, and show the newest one that is left."""
    resources.runner().remove(job_id, visitor())
    left = kept()
    if left:
        follow(next(iter(left)))
    else:
        unfollow()


def history_panel(shown: str = "") -> None:
    """Draw the strip if there is more than the result that is shown anyway."""
    entries = kept()
    if not entries.keys() - {shown}:
        return
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="history_bar"
    ):
        st.subheader(text("This session"), anchor=False, width="content")
        st.download_button(
            text("All as ZIP"), when_asked(partial(archive, list(entries), language())), "results.zip",
            "application/zip", key="download_all", icon=":material/folder_zip:", on_click="ignore",
            help=text("Every picture of this session as a PNG, with its recipe inside and as a file beside it."),
        )  # fmt: skip
    told = text("A result")
    items = [Item(entry.job_id, entry.label, entry.byline, told, entry.thumbnail) for entry in entries.values()]
    picker(text("Choose a result"), items, shown, "strip", key="history_picker", on_pick=follow)
