"""One queue for all visitors: submit a job, poll it, cancel it; workers in this process or on a cluster."""

from nst.jobs.job import FRAMES, POINTS
from nst.jobs.local import JobRunner
from nst.jobs.painter import PREVIEW_BYTES, PREVIEW_SIDE
from nst.jobs.records import JobProgress, JobSnapshot, JobSpec, JobState, Runner, Statistics
from nst.jobs.store import Store

__all__ = [
    "FRAMES",
    "POINTS",
    "PREVIEW_BYTES",
    "PREVIEW_SIDE",
    "JobProgress",
    "JobRunner",
    "JobSnapshot",
    "JobSpec",
    "JobState",
    "Runner",
    "Statistics",
    "Store",
]
