"""A table of small pictures of one pair, each with other settings: a click takes the settings of one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import streamlit as st

from nst.config import PAPER, StyleTransferConfig
from nst.errors import StyleTransferError
from nst.jobs import JobSnapshot
from nst.jobs.inputs import reduced
from nst.jobs.place import Step
from nst.jobs.series import Series, check_count
from nst.pictures.codec import encode_jpeg, fitted_shape
from nst.plan.scales import final_shape
from nst.ui import resources
from nst.ui.job.pace import about_in_all, estimate
from nst.ui.job.series import is_in_gallery, own_series, start_series
from nst.ui.job.start import Chosen, spec_of
from nst.ui.language import deferred, number, plural, said, text
from nst.ui.settings import state
from nst.ui.widgets.errors import errors_shown
from nst.ui.widgets.markdown import literal
from nst.ui.widgets.picker import Item, picker

#: Long side of a cell's picture in pixels.
CELL = 256

#: How much more or less than now, of the strength and of the brush size.
STRENGTHS = (0.1, 0.3, 1.0, 3.0, 10.0)
BRUSHES = (0.5, 0.7, 1.0, 1.4, 2.0)
_STRENGTHS, _BRUSHES = (0.3, 1.0, 3.0), (0.7, 1.0, 1.4)

_AXES = {"brush": deferred("Brush size"), "statistics": deferred("Statistics")}
#: Grey level of a cell that is not painted yet.
_GREY = 150


@dataclass(frozen=True)
class _Value:
    """One value of an axis: what it is called, and the fields of the config that it sets, as `to_dict` has them."""

    label: str
    settings: Mapping[str, Any]


def table_panel(chosen: Chosen, config: StyleTransferConfig, busy: bool) -> None:
    """Draw the choice of what is compared, and the button that starts it."""
    st.pills(
        text("Strength"), STRENGTHS, selection_mode="multi", default=_STRENGTHS, key="table_strengths",
        format_func=_times, help=text("Of the style, over that of the settings; it makes the rows."),
    )  # fmt: skip
    against = st.segmented_control(
        text("Against"), list(_AXES), default="brush", required=True, key="table_against",
        format_func=lambda axis: text(_AXES[axis]),
    )  # fmt: skip
    if against == "brush":
        st.pills(
            text("Brush size"), BRUSHES, selection_mode="multi", default=_BRUSHES, key="table_brushes",
            format_func=_times, help=text("Over that of the settings; it makes the columns."),
        )  # fmt: skip
    rows, columns = strengths(config), _columns(config, str(against))
    try:
        steps = cells(rows, columns)
        check_count(len(steps), resources.limits())
        line = _line(chosen, config, len(steps))
    except StyleTransferError as error:
        st.error(literal(said(str(error))))
        return
    st.caption(literal(line))
    pressed = st.button(
        text("Compare"), type="primary", icon=":material/grid_view:", key="table_start", disabled=busy or len(steps) < 2
    )
    if pressed:
        _start(chosen, config, rows, columns)


def _times(factor: float) -> str:
    return f"{number(factor)}×"


def _columns(config: StyleTransferConfig, against: str) -> list[_Value]:
    """Return the values of the other axis."""
    if against == "statistics":
        return [
            _Value(title, {name: settings[name] for name in ("style_statistics", "style_layers")})
            for title, settings in (
                (text("means and covariances"), StyleTransferConfig().to_dict()),
                (text("Gram matrices and means"), StyleTransferConfig(style_statistics="moments").to_dict()),
                (text("Gram matrices"), PAPER.to_dict()),
            )
        ]
    low, high = state.bounds("style_scale")
    sizes = (round(factor * config.style_scale, 2) for factor in sorted(st.session_state.get("table_brushes") or ()))
    kept = dict.fromkeys(min(max(size, low), high) for size in sizes)
    return [_Value(text("brush {size}×", size=number(size)), {"style_scale": size}) for size in kept]


def strengths(config: StyleTransferConfig) -> list[_Value]:
    """Return the values of the strength: multiples of the style weight, or of what is to be lost of the photo."""
    factors = sorted(st.session_state.get("table_strengths") or ())
    if config.finds_strength:
        shares = dict.fromkeys(round(config.photo_kept ** (factor**0.5), 2) for factor in factors)
        kept = [(share, f"{100 * share:.0f}") for share in shares if 0 < share < 1]
        return [_Value(text("photo {percent}%", percent=percent), {"photo_kept": share}) for share, percent in kept]
    highest = state.bounds("style_weight")[1]
    weights = dict.fromkeys(min(float(f"{factor * config.style_weight:.3g}"), highest) for factor in factors)
    alpha = config.content_weight or 1.0
    ratios = [(weight, number(float(f"{weight / alpha:.3g}"))) for weight in weights]
    return [_Value(text("strength {ratio}", ratio=ratio), {"style_weight": weight}) for weight, ratio in ratios]


def cells(rows: list[_Value], columns: list[_Value]) -> list[_Value]:
    """Return the cells row by row, the brush's settings after those of the strength."""
    return [
        _Value(f"{row.label}, {column.label}", {**row.settings, **column.settings})
        for row, column in product(rows, columns)
    ]


def _line(chosen: Chosen, config: StyleTransferConfig, count: int) -> str:
    """Return how many small pictures there will be, and the time for all.

    Raises:
        StyleTransferError: if they are more than a job may have here.
    """
    if count < 2:
        return text("Choose at least two pictures to compare.")
    found = estimate(chosen.photo, chosen.paintings, _small(config), len(chosen.regions))
    pictures = plural("{count} small picture", "{count} small pictures", count)
    if found.seconds is not None:
        pictures = f"{pictures}, {about_in_all(count * found.seconds)}"
    return f"{pictures}. {text('Click the one that you like: its settings are then in place.')}"


def _small(config: StyleTransferConfig) -> StyleTransferConfig:
    return config.with_changes(size=min(CELL, config.size))


def _start(chosen: Chosen, config: StyleTransferConfig, rows: list[_Value], columns: list[_Value]) -> None:
    """Start the series; what stands in its way is said."""
    with errors_shown():
        # Small pictures need no large photo, and each of them keeps it.
        spec = replace(reduced(spec_of(chosen, _small(config)), CELL), dpi=None, bits=8)
        steps = [
            Step(cell.label, _changed(spec.recipe.config, cell.settings), spec.recipe.styles, cell.settings)
            for cell in cells(rows, columns)
        ]
        pairs = zip(spec.recipe.styles, spec.styles, strict=True)
        own = {source.sha256: pixels for source, pixels in pairs if not is_in_gallery(source)}
        start_series(spec, steps, "table", len(columns), own)
        st.rerun()


def _changed(config: StyleTransferConfig, settings: Mapping[str, Any]) -> StyleTransferConfig:
    return StyleTransferConfig.from_dict({**config.to_dict(), **settings})


def table() -> None:
    """Draw the table of this visitor as far as it is painted; a click on a cell takes its settings."""
    series = own_series()
    if series is None or series.kind != "table":
        return
    st.subheader(text("Click what you like"), anchor=False)
    jobs = {job_id: resources.runner().poll(job_id) for job_id in series.job_ids}
    pictures = [None if job is None else job.result_jpeg for job in jobs.values()]
    waiting = _waiting(next((job for job in jobs.values() if job is not None), None))
    pictures += [None] * (len(series.steps) - len(pictures))
    items = [
        Item(str(index), step.label, "", text("Its settings"), picture or waiting)
        for index, (step, picture) in enumerate(zip(series.steps, pictures, strict=True))
    ]
    picker(
        text("Choose settings"), items, _present(series), "table", key="table_picker",
        on_pick=partial(_adopt, series), columns=series.columns,
    )  # fmt: skip


def _present(series: Series) -> str:
    """Return the cell whose settings the controls have."""
    for index, step in enumerate(series.steps):
        if state.current(*step.settings) == dict(step.settings):
            return str(index)
    return ""


def _adopt(series: Series, index: str) -> None:
    """Set the controls as a cell has them."""
    step = cell_at(series, index)
    if step is not None:
        state.put(step.settings)
        st.session_state.notice = text(
            "These settings are in place: {settings}. Press Stylise for the large picture.", settings=step.label
        )


def cell_at(series: Series, index: object) -> Step | None:
    """Return the cell that a click names; the browser may say anything."""
    return next((step for number, step in enumerate(series.steps) if str(number) == index), None)


def _waiting(job: JobSnapshot | None) -> bytes:
    """Return a grey picture in the proportions of a job's."""
    if job is None:
        return _grey(2, 3)
    height, width, _ = job.spec.content.shape
    return _grey(*fitted_shape(*final_shape(height, width, job.spec.recipe.config), 48))


@st.cache_data(show_spinner=False, max_entries=64)
def _grey(height: int, width: int) -> bytes:
    return encode_jpeg(np.full((height, width, 3), _GREY, np.uint8))
