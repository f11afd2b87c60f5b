"""What sketches the page wishes for, and a job that goes on from one of them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import streamlit as st

from nst.config import StyleTransferConfig
from nst.jobs import JobSpec
from nst.jobs.sketches import SOURCE_SIDE, Sketched, Wish, sketch_key, sketch_settings
from nst.pictures.codec import Pixels, read_picture, resize
from nst.pictures.gallery import Preset
from nst.plan.scales import COARSEST_LONG_SIDE, SKETCH_STEPS, final_shape
from nst.recipes.recipe import Recipe
from nst.ui import resources
from nst.ui.pictures.choice import Choice, Upload

#: Key of the switch between sketches and paintings.
SWITCH = "mosaic"
#: Key of the sketch that a restored recipe's picture was begun from: its weight, and of what it is.
_RESTORED = "restored_sketch"


class _Small:
    """A picture as sketches need it, reduced when it is first asked for, in whatever thread."""

    def __init__(self, read: Callable[[], Pixels]) -> None:
        self._read: Callable[[], Pixels] | None = read
        self._pixels: Pixels | None = None

    def __call__(self) -> Pixels:
        """Return it, uint8 RGB (height, width, 3); raises ImageError if it cannot be read."""
        read = self._read
        if self._pixels is None and read is not None:
            pixels = read()
            self._pixels = resize(pixels, min(SOURCE_SIDE, max(pixels.shape[:2])))
            self._read = None
        assert self._pixels is not None
        return self._pixels


def wish(photo: Choice, painting: Choice, config: StyleTransferConfig) -> Wish:
    """Return the wish for a sketch of a photo in the manner of a painting, with the settings of its picture."""
    settings = sketch_settings(config)
    return Wish(sketch_key(photo.source(), painting.source(), settings), small(photo), small(painting), settings)


def can_be_sketched(config: StyleTransferConfig) -> bool:
    """Return whether there are sketches for these settings, which take a start from the photo and small sizes."""
    return config.with_changes(sketch_weight=1.0).begins_from_sketch and not config.tileable


def begun(spec: JobSpec) -> JobSpec:
    """Return a job that goes on from the sketch of its picture, if the page shows that and it is of use.

    One whose settings are those of a recipe goes on from a sketch if, and only if, the recipe's picture did.
    """
    recipe = spec.recipe
    weight, restored = st.session_state.get(_RESTORED, (0.0, None))
    sketched = _sketch_of(spec)
    is_restored = restored == _identity(recipe)
    if is_restored and (sketched is None or sketched.style_weight != weight):
        return replace(spec, recipe=_from_sketch(recipe, weight))  # which the run paints, if there is to be one
    if sketched is None:
        return spec
    return replace(spec, recipe=_from_sketch(recipe, sketched.style_weight), initial=sketched.picture)


def restored_sketch(recipe: Recipe) -> dict[str, object]:
    """Return the entry of the session's state by which `begun` knows the picture of a recipe again."""
    return {_RESTORED: (recipe.config.sketch_weight, _identity(recipe))}


def _identity(recipe: Recipe) -> tuple[object, ...]:
    """Return what a sketch depends on."""
    config = recipe.config
    if config.init == "picture":
        config = config.with_changes(init="content")  # as the page takes it over
    return recipe.content.sha256, *(style.sha256 for style in recipe.styles), sketch_settings(config)


def _from_sketch(recipe: Recipe, weight: float) -> Recipe:
    return replace(recipe, config=recipe.config.with_changes(sketch_weight=weight))


def _sketch_of(spec: JobSpec) -> Sketched | None:
    """Return the sketch of what a job is to paint, if the page shows it and it is of use."""
    recipe, config = spec.recipe, spec.recipe.config
    height, width = spec.content.shape[:2]
    is_plain = len(recipe.styles) == 1 and not recipe.regions and not any(recipe.style_guides)
    has_coarse_sizes = max(final_shape(height, width, config)) >= 2 * COARSEST_LONG_SIDE
    is_long = has_coarse_sizes and config.steps >= SKETCH_STEPS
    if not (st.session_state.get(SWITCH) and is_plain and is_long and can_be_sketched(config)):
        return None
    return resources.runner().sketch(sketch_key(recipe.content, recipe.styles[0], sketch_settings(config)))


def small(choice: Choice) -> Callable[[], Pixels]:
    """Return what gives a picture in small, in any thread."""
    if isinstance(choice.origin, Preset):
        return _small_preset(choice.origin)
    return _small_upload(choice.origin)


@cache
def _small_preset(preset: Preset) -> _Small:
    return _Small(lambda: preset.read().pixels)


def _small_upload(upload: Upload) -> _Small:
    """Return a visitor's own picture in small; it is kept while the visitor's page has it.

    It is made of what the page shows: a stranger's file that takes its time is not decoded where pictures are painted.
    """
    kept: dict[int, tuple[Upload, _Small]] = st.session_state.setdefault("small_uploads", {})
    found = kept.get(id(upload))
    if found is None:
        preview = upload.preview
        found = upload, _Small(lambda: read_picture(preview).pixels)
        # Of a photo and a painting.
        st.session_state.small_uploads = dict([*kept.items(), (id(upload), found)][-2:])
    return found[1]
