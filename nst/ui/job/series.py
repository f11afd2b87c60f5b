"""The series of this page's visitor, and how the page follows it from picture to picture.

It is kept by the visitor's secret and not in the page's session: after a reload it goes on. One that is not there any
longer, for the server was started anew, is taken up from its job.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from nst.errors import ImageError, StyleTransferError
from nst.jobs import JobSnapshot, JobSpec
from nst.jobs.place import Kind, Step
from nst.jobs.series import Series
from nst.pictures.codec import Pixels
from nst.pictures.gallery import Gallery
from nst.recipes.recipe import Source
from nst.ui import resources
from nst.ui.job.followed import follow
from nst.ui.language import said, text
from nst.ui.visitor import network, visitor
from nst.ui.widgets.markdown import literal

#: Series that are remembered on this server, and the bytes that their pictures may take together; the oldest go first.
#: One that is still under way is taken up from its job when its page is drawn.
_MOST, _MOST_BYTES = 64, 200_000_000


class _Desk:
    """The series of all visitors by their secrets."""

    def __init__(self) -> None:
        self._series: OrderedDict[str, Series] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, secret: str) -> Series | None:
        """Return a visitor's series."""
        with self._lock:
            return self._series.get(secret)

    def put(self, secret: str, series: Series | None) -> None:
        """Keep a visitor's series in place of the one before, or none."""
        with self._lock:
            self._series.pop(secret, None)
            if series is not None:
                self._series[secret] = series
            while len(self._series) > _MOST or (len(self._series) > 1 and self._size() > _MOST_BYTES):
                # Whoever still watches it must not go on beside the one that is taken up from the job.
                self._series.popitem(last=False)[1].stop()

    def _size(self) -> int:
        return sum(series.size() for series in self._series.values())


@st.cache_resource(show_spinner=False)
def _desk() -> _Desk:
    return _Desk()


def own_series() -> Series | None:
    """Return the series of this page's visitor; None if there is none, or something else was started since."""
    return _desk().of(visitor())


def start_series(
    spec: JobSpec,
    steps: Sequence[Step],
    kind: Kind = "pictures",
    columns: int = 0,
    paintings: Mapping[str, Pixels] | None = None,
) -> None:
    """Start a series in place of whatever this visitor has in the queue, and let the page follow it.

    Arguments as for `nst.jobs.series.Series`.

    Raises:
        StyleTransferError: if it is not taken.
    """
    series = Series(
        resources.runner(), spec, steps, visitor(), _finder(),
        network=network(), kind=kind, columns=columns, paintings=paintings,
    )  # fmt: skip
    st.session_state.notice = None
    job_id = series.start()
    _desk().put(visitor(), series)
    follow(job_id)


def leave_series() -> None:
    """Forget the series of this visitor; its pictures stay."""
    _desk().put(visitor(), None)


def gone_on(job: JobSnapshot | None) -> JobSnapshot | None:
    """Return the job that the page is to show: the next one of the series, if the followed one has ended."""
    series = own_series() or _taken_up(job)
    if series is None or job is None or not job.state.final or job.id not in series.job_ids:
        return job
    job_id = series.go_on()
    if job_id is None or job_id == job.id:
        return job
    follow(job_id)
    return resources.runner().poll(job_id, visitor()) or job


def _taken_up(job: JobSnapshot | None) -> Series | None:
    """Return the series of a job of this visitor that waits or runs, and keep it; None if it has none."""
    if job is None or job.state.final or not job.own or job.spec.series is None:
        return None
    try:
        series = Series.taken_up(resources.runner(), job, visitor(), _finder(), network())
    except StyleTransferError:  # it has more pictures than this server allows by now
        return None
    _desk().put(visitor(), series)
    return series


def is_in_gallery(source: Source) -> bool:
    """Return whether a painting is one of the gallery's, so that a series need not keep it."""
    return any(preset.sha256 == source.sha256 for preset in resources.gallery().paintings)


def _finder() -> partial[Pixels]:
    """Return what finds a painting of the gallery, in any thread."""
    return partial(_found, resources.gallery())


def _found(gallery: Gallery, source: Source) -> Pixels:
    for preset in gallery.paintings:
        if preset.sha256 == source.sha256:
            return preset.read().pixels
    raise ImageError(f"{source.name}: expected a painting of the gallery, got one that is gone; start the rest anew.")


def is_cell(job_id: str) -> bool:
    """Return whether a job is one small picture of this visitor's table, and no result by itself."""
    series = own_series()
    return series is not None and series.kind == "table" and job_id in series.job_ids


def place(job_id: str) -> str:
    """Return where a job stands in the series, e.g. "Picture 2 of 5"; empty for one by itself."""
    series = own_series()
    if series is None or job_id not in series.job_ids:
        return ""
    number, count = series.job_ids.index(job_id) + 1, len(series.steps)
    return text("Picture {number} of {count}", number=number, count=count)


def series_note() -> None:
    """Say what became of a series that has not all of its pictures."""
    series = own_series()
    if series is not None and series.sentence:
        st.warning(literal(said(series.sentence)))
