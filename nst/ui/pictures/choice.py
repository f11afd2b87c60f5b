"""The photo or painting that is chosen: from the gallery or the visitor's own file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from nst.errors import ImageError
from nst.pictures.codec import Pixels, encode_jpeg, resize, resize_to
from nst.pictures.gallery import Preset
from nst.plan.scales import Shape
from nst.recipes.recipe import Source
from nst.ui import resources
from nst.ui.language import deferred, language, said, text
from nst.ui.visitor import asker
from nst.ui.widgets.component import component
from nst.ui.widgets.markdown import literal
from nst.ui.widgets.picker import Item, picker

#: What the visitor's own file is called among the ids of the presets.
UPLOAD = "upload"
PREVIEW_SIDE = 640
#: Of the JPEGs that the page shows.
_QUALITY = 82

FILE_TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]

#: What can be chosen, what that is called in a visitor's own file, and what is asked for.
Kind = Literal["photo", "painting", "second", "third", "fourth"]
OWN: dict[Kind, str] = {
    "photo": deferred("Your own photo"),
    "painting": deferred("Your own painting"),
    "second": deferred("Your own second painting"),
    "third": deferred("Your own third painting"),
    "fourth": deferred("Your own fourth painting"),
}
_CHOOSE: dict[Kind, str] = {
    "photo": deferred("Choose a photo"),
    "painting": deferred("Choose a painting"),
    "second": deferred("Choose a second painting"),
    "third": deferred("Choose a third painting"),
    "fourth": deferred("Choose a fourth painting"),
}
PAINTINGS: tuple[Kind, ...] = ("painting", "second", "third", "fourth")

_paste = component("paste")


@dataclass(frozen=True)
class Upload:
    """A visitor's file that was read without trouble; its pixels are decoded again when they are needed."""

    name: str
    data: bytes
    notes: tuple[str, ...]
    preview: bytes
    shape: tuple[int, int]

    @cached_property
    def source(self) -> Source:
        """The entry for the recipe; its checksum is made once, for the page asks for it dozens of times a run."""
        return Source.of(self.name, self.data)


@dataclass(frozen=True)
class Choice:
    """A picture to work with, from either place."""

    origin: Preset | Upload

    @property
    def title(self) -> str:
        """The name to show."""
        return text(self.origin.title) if isinstance(self.origin, Preset) else self.origin.name

    @property
    def description(self) -> str:
        """What there is to see, for those who cannot see it."""
        if isinstance(self.origin, Preset):
            return text(self.origin.description)
        return text("Your own file {name}", name=self.origin.name)

    @property
    def id(self) -> str:
        """The preset's id, or `UPLOAD`."""
        return self.origin.id if isinstance(self.origin, Preset) else UPLOAD

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return resources.shape(self.origin) if isinstance(self.origin, Preset) else self.origin.shape

    def read(self, shape: Shape | None = None) -> Pixels:
        """Return the picture, uint8 RGB (height, width, 3).

        Args:
            shape: (height, width) to which it is reduced, for what is not used any larger; None for its own.
        """
        if not isinstance(self.origin, Preset):
            return resources.decoder().read(self.origin.data, self.origin.name, asker(), shape).pixels
        pixels = self.origin.read().pixels
        return pixels if shape in (None, self.shape) else resize_to(pixels, *shape)

    def preview(self) -> bytes:
        """Return a JPEG for the page."""
        if isinstance(self.origin, Preset):
            return resources.thumbnail(self.origin, PREVIEW_SIDE)
        return self.origin.preview

    def thumbnail(self) -> bytes:
        """Return a small JPEG for the page."""
        return resources.thumbnail(self.origin) if isinstance(self.origin, Preset) else self.origin.preview

    def source(self) -> Source:
        """Return the entry for the recipe."""
        if isinstance(self.origin, Preset):
            return Source(self.origin.id, self.origin.sha256)
        return self.origin.source


def distinct(names: Sequence[str]) -> list[str]:
    """Return names of which no two are alike: the same painting may be chosen twice."""
    return [f"{name} ({index + 1})" if names.count(name) > 1 else name for index, name in enumerate(names)]


def choose(kind: Kind, presets: Sequence[Preset], layout: Literal["strip", "grid"], default: str) -> Choice:
    """Draw thumbnails and ways to one's own picture, and return what is chosen: whichever was used last.

    A file that cannot be read leaves the choice as it was, and its one sentence stands below the uploader.
    """
    chosen = st.session_state.setdefault(kind, default)
    upload: Upload | None = st.session_state.get(f"{kind}_upload")
    items = preset_items(presets)
    if upload is not None:
        items.insert(0, Item(UPLOAD, text("Your own"), upload.name, text(OWN[kind]), upload.preview))

    def pick(item: str) -> None:
        st.session_state[kind] = item
        st.session_state[_by_visitor(kind)] = True

    with st.container(key=f"{kind}_panel"):
        picker(text(_CHOOSE[kind]), items, chosen, layout, key=f"{kind}_picker", on_pick=pick)
        _own(kind, default)
    if chosen == UPLOAD and upload is not None:
        for note in upload.notes:
            st.caption(literal(said(note)))
        return Choice(upload)
    return Choice(next((preset for preset in presets if preset.id == chosen), presets[0]))


def _own(kind: Kind, default: str) -> None:
    """Draw the uploader, the paste button and, for a photo, the camera."""
    with st.container(horizontal=True, vertical_alignment="top", key=f"{kind}_ways"):
        st.file_uploader(
            text(OWN[kind]),
            type=FILE_TYPES,
            key=f"{kind}_file",
            on_change=_take,
            args=(kind, f"{kind}_file", default),
            label_visibility="collapsed",
        )
        places = {"panel": f".st-key-{kind}_panel", "uploader": f".st-key-{kind}_file"}
        _paste(key=f"{kind}_paste", data={**places, "texts": _paste_texts()})
        # Only when asked for: the browser asks for the permission as soon as the camera is on the page.
        camera = kind == "photo" and st.toggle(text("Camera"), key="photo_camera")
    if camera:
        st.camera_input(
            text("Take a photo"), key="photo_shot", on_change=_take, args=(kind, "photo_shot", default),
            label_visibility="collapsed",
        )  # fmt: skip
    if sentence := st.session_state.get(f"{kind}_error"):
        st.error(literal(said(sentence)))


def _paste_texts() -> dict[str, str]:
    return {
        "paste": text("Paste"),
        "help": text("Or press Ctrl+V here"),
        "empty": text("There is no picture in the clipboard; copy one first."),
        "refused": text("The browser does not hand it over; press Ctrl+V instead."),
    }


def preset_items(presets: Sequence[Preset]) -> list[Item]:
    """Return the thumbnails of pictures of the gallery, with what is told of them in the visitor's language."""
    return [_preset_item(preset, language()) for preset in presets]


@cache
def _preset_item(preset: Preset, _language: str) -> Item:
    """Return a thumbnail, made once a language."""
    byline, group = (painted_by(preset), text(preset.movement)) if preset.kind == "painting" else ("", "")
    title, description = text(preset.title), text(preset.description)
    return Item(preset.id, title, byline, description, resources.thumbnail(preset), group)


def painted_by(preset: Preset) -> str:
    """Return the painter and the year of a painting."""
    return f"{text(preset.artist)}, {text(preset.year)}"


def _take(kind: Kind, key: str, default: str) -> None:
    """Read the file that has just arrived, or go back to the gallery if it was taken away."""
    state = st.session_state
    file = state[key]
    state[f"{kind}_error"] = None
    if not isinstance(file, UploadedFile):
        state[f"{kind}_upload"] = None
        state[kind] = default if state[kind] == UPLOAD else state[kind]
        return
    data = file.getvalue()
    try:
        small = resources.decoder().read_thumbnail(data, PREVIEW_SIDE, file.name, asker())
    except ImageError as error:
        state[f"{kind}_error"] = str(error)
        return
    state[f"{kind}_upload"] = Upload(file.name, data, small.notes, page_jpeg(small.pixels), small.shape)
    state[kind] = UPLOAD
    state[_by_visitor(kind)] = True


def page_jpeg(pixels: Pixels, largest: int = PREVIEW_SIDE) -> bytes:
    """Return a picture, uint8 RGB (height, width, 3), as a JPEG for the page, with a long side of `largest` at most."""
    return encode_jpeg(resize(pixels, min(largest, max(pixels.shape[:2]))), _QUALITY)


def is_chosen(kind: Kind) -> bool:
    """Return whether the visitor has chosen a picture, and does not just look at the one that is there at first."""
    return bool(st.session_state.get(_by_visitor(kind)))


def _by_visitor(kind: Kind) -> str:
    return f"{kind}_by_visitor"
