"""The photo or painting that is chosen: from the gallery or the visitor's own file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from nst.errors import ImageError
from nst.images import Picture, encode_jpeg, resize
from nst.presets import Preset
from nst.recipe import Source
from nst.ui import resources
from nst.ui.picker import Item, picker

#: What the visitor's own file is called among the ids of the presets.
UPLOAD = "upload"
PREVIEW_SIDE = 560

FILE_TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]


@dataclass(frozen=True)
class Upload:
    """A visitor's file that was read without trouble; its pixels are decoded again when they are needed."""

    name: str
    data: bytes
    notes: tuple[str, ...]
    preview: bytes


@dataclass(frozen=True)
class Choice:
    """A picture to work with, from either place."""

    origin: Preset | Upload

    @property
    def title(self) -> str:
        """The name to show."""
        return self.origin.title if isinstance(self.origin, Preset) else self.origin.name

    @property
    def description(self) -> str:
        """What there is to see, for those who cannot see it."""
        return self.origin.description if isinstance(self.origin, Preset) else f"Your own file {self.origin.name}"

    @property
    def id(self) -> str:
        """The preset's id, or `UPLOAD`."""
        return self.origin.id if isinstance(self.origin, Preset) else UPLOAD

    def read(self) -> Picture:
        """Return the picture at its full size."""
        if isinstance(self.origin, Preset):
            return self.origin.read()
        return resources.decoder().read(self.origin.data, self.origin.name)

    def preview(self) -> bytes:
        """Return a JPEG for the page."""
        if isinstance(self.origin, Preset):
            return resources.thumbnail(self.origin, PREVIEW_SIDE)
        return self.origin.preview

    def source(self) -> Source:
        """Return the entry for the recipe."""
        if isinstance(self.origin, Preset):
            return Source(self.origin.id, self.origin.sha256)
        return Source.of(self.origin.name, self.origin.data)


def choose(kind: Literal["photo", "painting"], presets: Sequence[Preset], layout: Literal["strip", "grid"]) -> Choice:
    """Draw thumbnails and an uploader and return what is chosen: whichever of the two was used last.

    A file that cannot be read leaves the choice as it was, and its one sentence stands below the uploader.
    """
    chosen = st.session_state.setdefault(kind, presets[0].id)
    upload: Upload | None = st.session_state.get(f"{kind}_upload")
    items = [_preset_item(preset) for preset in presets]
    if upload is not None:
        items.insert(0, Item(UPLOAD, "Your own", upload.name, f"Your own {kind}", upload.preview))

    def pick(item: str) -> None:
        st.session_state[kind] = item

    picker(f"Choose a {kind}", items, chosen, layout, key=f"{kind}_picker", on_pick=pick)
    st.file_uploader(
        f"Or use your own {kind}",
        type=FILE_TYPES,
        key=f"{kind}_file",
        on_change=_take_upload,
        args=(kind, presets[0].id),
    )
    if sentence := st.session_state.get(f"{kind}_error"):
        st.error(sentence)
    if chosen == UPLOAD and upload is not None:
        for note in upload.notes:
            st.caption(note)
        return Choice(upload)
    return Choice(next(preset for preset in presets if preset.id == chosen))


def _preset_item(preset: Preset) -> Item:
    byline = f"{preset.artist}, {preset.year}" if preset.kind == "painting" else ""
    return Item(preset.id, preset.title, byline, preset.description, resources.thumbnail(preset))


def _take_upload(kind: str, fallback: str) -> None:
    """Read the file that has just arrived, or go back to the first preset if it was taken away."""
    state = st.session_state
    file = state[f"{kind}_file"]
    state[f"{kind}_error"] = None
    if file is None:
        state[f"{kind}_upload"] = None
        state[kind] = fallback if state[kind] == UPLOAD else state[kind]
        return
    data = file.getvalue()
    try:
        picture = resources.decoder().read(data, file.name)
    except ImageError as error:
        state[f"{kind}_error"] = str(error)
        return
    side = min(PREVIEW_SIDE, max(picture.pixels.shape[:2]))
    state[f"{kind}_upload"] = Upload(file.name, data, picture.notes, encode_jpeg(resize(picture.pixels, side), 85))
    state[kind] = UPLOAD
