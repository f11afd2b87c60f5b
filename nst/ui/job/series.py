"""The series of this page's visitor, and how the page follows it from picture to picture.

It is kept by the visitor's secret and not in the page's session: after a reload it goes on.
"""

import threading
from collections import OrderedDict

import streamlit as st

from nst.jobs import JobSnapshot
from nst.jobs.series import Kind, Series, Step
from nst.ui import resources
from nst.ui.job.followed import follow
from nst.ui.language import said, text
from nst.ui.visitor import network, visitor
from nst.ui.widgets.markdown import literal

#: Series that are remembered on this server; the oldest go first. Each holds its photo.
_MOST = 64


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
            while len(self._series) > _MOST:
                self._series.popitem(last=False)


@st.cache_resource(show_spinner=False)
def _desk() -> _Desk:
    return _Desk()


def own_series() -> Series | None:
    """Return the series of this page's visitor; None if there is none, or something else was started since."""
    return _desk().of(visitor())


def start_series(steps: list[Step], kind: Kind = "pictures", columns: int = 0) -> None:
    """Start a series in place of whatever this visitor has in the queue, and let the page follow it.

    Raises:
        StyleTransferError: if it is not taken.
    """
    series = Series(resources.runner(), steps, visitor(), network=network(), kind=kind, columns=columns)
    st.session_state.notice = None
    job_id = series.start()
    _desk().put(visitor(), series)
    follow(job_id)


def leave_series() -> None:
    """Forget the series of this visitor; its pictures stay."""
    _desk().put(visitor(), None)


def gone_on(job: JobSnapshot | None) -> JobSnapshot | None:
    """Return the job that the page is to show: the next one of the series, if the followed one has ended."""
    series = own_series()
    if series is None or job is None or not job.state.final or job.id not in series.job_ids:
        return job
    job_id = series.go_on()
    if job_id is None or job_id == job.id:
        return job
    follow(job_id)
    return resources.runner().poll(job_id, visitor()) or job


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
