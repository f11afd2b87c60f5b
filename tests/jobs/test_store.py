"""What survives the server: a queue on a folder, dropped as a killed server drops it, and opened again."""

import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.errors import HostingError
from nst.jobs import JobState, Store
from nst.jobs.limits import Limits
from nst.jobs.queue import JobQueue
from nst.jobs.records import Outcome
from nst.pictures.codec import encode_jpeg, encode_png
from tests.support.queued import DONE, FOREVER, checkpoint, progress, spec, taken

PIXELS = np.full((8, 8, 3), 77, np.uint8)
RESULT = Outcome(encode_png(PIXELS), encode_jpeg(PIXELS))


class Server:
    """Servers one after the other on one folder; `restart` gives the old one no chance to tidy up."""

    def __init__(self, folder: Path, **limits: Any) -> None:
        self.folder = folder
        self.limits = Limits(**{"grace_seconds": FOREVER, **limits})
        self.store = Store(folder)
        self.queue = self._queue()

    def _queue(self) -> JobQueue:
        queue = JobQueue(self.limits, self.store)
        queue.join("a")
        return queue

    def restart(self) -> JobQueue:
        self.store.close()  # as the system does for a process that is killed
        self.store = Store(self.folder)
        self.queue = self._queue()
        return self.queue


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path / "state")


def files(server: Server) -> list[str]:
    return sorted(path.name for path in (server.folder / "jobs").glob("*/*"))


def test_a_finished_job_is_still_there_after_a_restart(server: Server) -> None:
    job = server.queue.submit(spec(seed=7))
    taken(server.queue)
    server.queue.note("a", job, progress(3), "went back", None)
    server.queue.finish("a", job, RESULT)
    before, after = server.queue.poll(job), server.restart().poll(job)
    assert after.state is JobState.DONE
    assert (after.result_png, after.result_jpeg) == (RESULT.png, RESULT.jpeg)
    assert after.progress == before.progress
    assert after.notes == ("went back",)
    assert after.spec.recipe == before.spec.recipe
    np.testing.assert_array_equal(after.spec.content, before.spec.content)
    assert len(after.spec.styles) == 1


def test_queued_jobs_keep_their_order_and_a_running_one_goes_first(server: Server) -> None:
    ids = [server.queue.submit(spec(seed)) for seed in range(4)]
    taken(server.queue)
    queue = server.restart()
    assert [queue.poll(job).position for job in ids] == [0, 1, 2, 3]
    for job in ids:
        assert taken(queue) == job
        queue.finish("a", job, DONE)


def test_a_running_job_goes_on_from_its_checkpoint(server: Server) -> None:
    job = server.queue.submit(spec())
    taken(server.queue)
    server.queue.keep("a", job, checkpoint(3))
    server.queue.keep("a", job, checkpoint(6))
    queue = server.restart()
    assert queue.poll(job).state is JobState.QUEUED
    order = queue.take("a", timeout=0)
    assert (order.checkpoint.step, order.checkpoint.left, order.checkpoint.seconds) == (6, 4, 2.0)
    assert (order.checkpoint.picture == 6).all()
    assert queue.statistics().recovered == 1


def test_a_job_from_before_waits_until_its_page_is_back(server: Server) -> None:
    old = server.queue.submit(spec())
    queue = server.restart()
    new = queue.submit(spec())
    assert taken(queue) == new
    queue.finish("a", new, DONE)
    assert queue.take("a", timeout=0) is None
    queue.poll(old)
    assert taken(queue) == old


def test_a_picture_to_start_from_and_a_session_survive_too(server: Server) -> None:
    base = spec()
    started = type(base)(base.content, (*base.styles, PIXELS), base.recipe, initial=PIXELS)
    job = server.queue.submit(started, "ann")
    queue = server.restart()
    np.testing.assert_array_equal(queue.poll(job).spec.initial, PIXELS)
    assert [style.shape for style in queue.poll(job).spec.styles] == [(64, 64, 3), (8, 8, 3)]
    queue.submit(spec(), "ann", replace=True)
    assert queue.poll(job).state is JobState.CANCELLED


def test_nothing_is_left_of_a_job_that_has_expired_or_was_not_taken(tmp_path: Path) -> None:
    server = Server(tmp_path, kept_results=1, queue_jobs=1)
    for _ in range(3):
        server.queue.submit(spec())
        with pytest.raises(ValueError, match="queue is full"):
            server.queue.submit(spec())
        server.queue.finish("a", taken(server.queue), RESULT)
    assert files(server) == ["result.jpg", "result.png", "spec.npz", "state.json"]


def test_files_of_an_expired_result_are_removed_also_after_a_restart(tmp_path: Path) -> None:
    server = Server(tmp_path, result_seconds=1)
    server.queue.finish("a", server.queue.submit(spec()) and taken(server.queue), RESULT)
    state = next((tmp_path / "jobs").glob("*/state.json"))
    state.write_text(state.read_text().replace('"ended": ', '"ended": -'))  # long ago
    server.restart().statistics()
    assert list((tmp_path / "jobs").iterdir()) == []


def test_only_the_server_s_own_user_can_read_anything(server: Server) -> None:
    previous = os.umask(0)
    try:
        job = server.queue.submit(spec())
        taken(server.queue)
        server.queue.keep("a", job, checkpoint())
        server.queue.finish("a", job, RESULT)
    finally:
        os.umask(previous)
    paths = [server.folder, *server.folder.rglob("*")]
    assert len(paths) == 8
    for path in paths:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("name", ["spec.npz", "state.json", "checkpoint.png"])
def test_a_damaged_file_costs_its_own_job_only(server: Server, name: str, caplog: pytest.LogCaptureFixture) -> None:
    damaged, whole = server.queue.submit(spec()), server.queue.submit(spec())
    taken(server.queue)
    server.queue.keep("a", damaged, checkpoint())
    path = server.folder / "jobs" / damaged / name
    path.write_bytes(path.read_bytes()[:20])
    queue = server.restart()
    assert queue.poll(damaged) is None
    assert queue.poll(whole).state is JobState.QUEUED
    assert not path.parent.exists()
    assert "not whole" in caplog.text


def test_a_state_of_another_version_costs_its_own_job_only(server: Server) -> None:
    strange, whole = server.queue.submit(spec()), server.queue.submit(spec())
    (server.folder / "jobs" / strange / "state.json").write_text('{"state": "sleeping"}')
    queue = server.restart()
    assert queue.poll(strange) is None
    assert queue.poll(whole) is not None


def test_a_full_disk_does_not_stop_the_painting(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    job = server.queue.submit(spec())
    server.queue.finish("a", taken(server.queue), RESULT)
    assert server.queue.poll(job).result_png == RESULT.png
    assert "No space left" in caplog.text


def test_a_folder_belongs_to_one_server(server: Server, tmp_path: Path) -> None:
    with pytest.raises(HostingError, match="expected a folder of its own for each server"):
        Store(server.folder)
    (tmp_path / "file").write_text("")
    with pytest.raises(HostingError, match="expected a folder that can be written"):
        Store(tmp_path / "file" / "below")
