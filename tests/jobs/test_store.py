"""What survives the server: a queue on a folder, dropped as a killed server drops it, and opened again."""

import os
import re
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
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
from nst.recipes.recipe import Recipe
from tests.support.queued import DONE, FOREVER, checkpoint, progress, spec, taken

ROOT = Path(__file__).parents[2]
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


def test_how_far_a_picture_that_goes_on_from_another_comes_is_kept(server: Server) -> None:
    job = server.queue.submit(replace(spec(), reached=200))
    assert server.restart().poll(job).spec.reached == 200


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


def test_the_dots_per_inch_and_the_bits_of_a_print_survive_too(server: Server) -> None:
    job = server.queue.submit(replace(spec(), dpi=150.5, bits=16))
    kept = server.restart().poll(job)
    assert kept is not None
    assert (kept.spec.dpi, kept.spec.bits) == (150.5, 16)


def test_a_picture_to_start_from_and_a_session_survive_too(server: Server) -> None:
    base = spec()
    started = type(base)(base.content, (*base.styles, PIXELS), base.recipe, initial=PIXELS)
    job = server.queue.submit(started, "ann")
    queue = server.restart()
    np.testing.assert_array_equal(queue.poll(job).spec.initial, PIXELS)
    assert [style.shape for style in queue.poll(job).spec.styles] == [(64, 64, 3), (8, 8, 3)]
    queue.submit(spec(), "ann", replace=True)
    assert queue.poll(job, "ann").state is JobState.CANCELLED


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
    assert len(paths) == 11
    for path in paths:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("name", ["spec.npz", "state.json"])
def test_a_damaged_file_costs_its_own_job_only_and_is_kept(
    server: Server, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    damaged, whole = server.queue.submit(spec()), server.queue.submit(spec())
    taken(server.queue)
    server.queue.keep("a", damaged, checkpoint())
    path = server.folder / "jobs" / damaged / name
    data = path.read_bytes()
    path.write_bytes(data[:20])
    queue = server.restart()
    assert queue.poll(damaged) is None
    assert queue.poll(whole).state is JobState.QUEUED
    assert "cannot be read now; it stays there" in caplog.text
    path.write_bytes(data)  # the cause is mended
    assert server.restart().poll(damaged).state is JobState.QUEUED


def test_a_damaged_checkpoint_costs_what_was_painted_and_not_the_job(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    job = server.queue.submit(spec())
    taken(server.queue)
    server.queue.keep("a", job, checkpoint())
    (server.folder / "jobs" / job / "checkpoint.png").write_bytes(b"cut off")
    queue = server.restart()
    assert queue.poll(job).state is JobState.QUEUED
    assert queue.take("a", timeout=0).checkpoint is None
    assert "starts from its beginning" in caplog.text


def test_a_damaged_checkpoint_beside_a_result_harms_nothing(server: Server) -> None:
    job = server.queue.submit(spec())
    server.queue.finish("a", taken(server.queue), RESULT)
    (server.folder / "jobs" / job / "checkpoint.png").write_bytes(b"cut off")
    assert server.restart().poll(job).result_png == RESULT.png


@pytest.mark.parametrize("error", [MemoryError(), OSError(24, "Too many open files"), OSError(5, "I/O error")])
def test_what_cannot_be_read_today_is_there_at_the_next_start(
    server: Server, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = server.queue.submit(spec())
    server.queue.finish("a", taken(server.queue), RESULT)

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(np, "load", fail)
        assert server.restart().poll(job) is None
    assert server.restart().poll(job).result_png == RESULT.png


def test_a_setting_of_a_newer_version_is_kept_for_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    job = server.queue.submit(spec())
    known = Recipe.from_json
    with monkeypatch.context() as patch:
        patch.setattr(Recipe, "from_json", lambda text: known(text.replace('"size"', '"sparkle"')))
        assert server.restart().poll(job) is None
    assert server.restart().poll(job).state is JobState.QUEUED


def test_what_has_expired_goes_from_a_stopped_server_s_disk_by_a_command(tmp_path: Path) -> None:
    server = Server(tmp_path, session_jobs=5)
    old, fresh, unreadable, waiting = (server.queue.submit(spec()) for _ in range(4))
    for job in (old, fresh, unreadable):
        server.queue.finish("a", job if taken(server.queue) == job else "", RESULT)
    for job in (old, unreadable, waiting):
        state = tmp_path / "jobs" / job / "state.json"
        if job == unreadable:
            state.write_text("{")
        else:
            state.write_text(re.sub(r'"ended": [\d.]+', '"ended": 1.0', state.read_text()))
        for path in (*state.parent.iterdir(), state.parent):
            os.utime(path, (time.time() - 50_000,) * 2)
    command = [sys.executable, "-m", "nst.jobs", "--expire", str(tmp_path)]
    busy = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (busy.returncode, busy.stderr.count("\n")) == (1, 1)
    assert "a folder of its own for each server" in busy.stderr
    server.store.close()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "2 expired jobs were removed, 2 are kept.\n"), done.stderr
    assert {path.name for path in (tmp_path / "jobs").iterdir()} == {fresh, unreadable}


def test_turns_and_the_order_of_submission_survive(tmp_path: Path) -> None:
    server = Server(tmp_path, session_jobs=3)
    ids = [server.queue.submit(spec(seed), name) for seed, name in enumerate(("ann", "ann", "ann", "bob", "bob"))]
    server.queue.finish("a", taken(server.queue), RESULT)
    queue = server.restart()
    late = queue.submit(spec(), "cid")
    for job, name in zip(ids, ("ann", "ann", "ann", "bob", "bob"), strict=True):
        queue.poll(job, name)
    order = []
    while (next_one := queue.take("a", timeout=0)) is not None:
        order.append(next_one.id)
        queue.note("a", next_one.id, progress(10), "", None)
        queue.finish("a", next_one.id, DONE)
    assert order == [ids[3], late, ids[1], ids[4], ids[2]]


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


def test_names_of_files_are_on_the_disk_before_anybody_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(Path(os.readlink(f"/proc/self/fd/{handle}"))))
    job = server.queue.submit(spec())
    assert synced[-1] == server.folder / "jobs"
    server.queue.finish("a", taken(server.queue), RESULT)
    names = [path.name.removesuffix(".new") if path.is_file() or ".new" in path.name else "folder" for path in synced]
    folder = server.folder / "jobs" / job
    assert folder in synced
    assert names[-8:] == [
        "state.json", "folder", "result.jpg", "folder", "result.png", "folder", "state.json", "folder",
    ]  # fmt: skip


def test_a_slow_disk_holds_up_nobody_else(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, other = server.queue.submit(spec(1)), server.queue.submit(spec(2))
    taken(server.queue)
    writing, written = threading.Event(), threading.Event()

    def save_result(*_: object) -> None:
        writing.set()
        assert written.wait(60)

    monkeypatch.setattr(server.store, "save_result", save_result)
    worker = threading.Thread(target=server.queue.finish, args=("a", slow, RESULT))
    worker.start()
    try:
        assert writing.wait(60)
        # Would wait for ever, were the lock held.
        assert server.queue.poll(slow).state is JobState.SAVING
        server.queue.cancel(other)
        assert server.queue.poll(other).state is JobState.CANCELLED
    finally:
        written.set()
        worker.join()
    assert server.queue.poll(slow).state is JobState.DONE
