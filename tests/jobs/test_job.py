"""A job's states and what leads from one to the next."""

import itertools
from dataclasses import asdict

import pytest

from nst.jobs import JobState
from nst.jobs.job import TRANSITIONS, Event, Job, TransitionError
from nst.jobs.records import JobProgress, Outcome
from tests.support.queued import DONE, checkpoint, progress, spec


def job(state: JobState = JobState.QUEUED) -> Job:
    return Job("id", spec(), "ann", submitted=0.0, seen=0.0, work=1, state=state)


def happen(subject: Job, event: Event) -> None:
    ends = {
        Event.COMPLETED: JobState.DONE,
        Event.STOPPED: JobState.CANCELLED,
        Event.BROKEN: JobState.FAILED,
    }
    if event is Event.STARTED:
        subject.start("a", 1.0)
    elif event is Event.LOST:
        subject.requeue()
    elif event is Event.ENDING:
        subject.begin_end(JobState.DONE)
    else:
        subject.ending = ends[event]
        subject.end(DONE, 2.0)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(JobState, Event)))
def test_only_what_the_table_says_can_happen(state: JobState, event: Event) -> None:
    subject = job(state)
    if (state, event) in TRANSITIONS:
        happen(subject, event)
        assert subject.state is TRANSITIONS[state, event]
    else:
        with pytest.raises(TransitionError, match=f"A job that is {state} cannot be"):
            happen(subject, event)
        assert subject.state is state


def test_nothing_leads_out_of_a_final_state_and_every_other_can_end() -> None:
    for state in JobState:
        assert state.final == (not any(before is state for before, _ in TRANSITIONS))


def test_a_job_ends_in_a_final_state_only() -> None:
    with pytest.raises(TransitionError):
        job().begin_end(JobState.RUNNING)


def test_a_job_that_is_saved_shows_neither_its_end_nor_its_error_yet() -> None:
    subject = job()
    subject.start("a", 1.0)
    subject.keep(checkpoint())
    subject.begin_end(JobState.FAILED, "No.")
    now = subject.snapshot(0, None, loading=False, own=True)
    assert (now.state, now.error, now.result_png) == (JobState.SAVING, None, None)
    subject.end(Outcome(b"png", b"jpeg"), 2.0)
    now = subject.snapshot(0, None, loading=False, own=True)
    assert (now.state, now.error, now.result_png) == (JobState.FAILED, "No.", b"png")
    assert subject.checkpoint is None


def test_the_progress_that_another_version_left_on_the_disk_is_read() -> None:
    kept = asdict(progress(3))
    assert JobProgress.restored(kept) == JobProgress(**kept)
    old = {name: value for name, value in kept.items() if name not in ("terms", "weights")}
    found = JobProgress.restored({**old, "content": 1.0, "style": 2.0, "tv": 3.0})
    assert (found.step, found.total, found.weighted()) == (3, 4.0, {})
