"""The folders of films: whoever goes on with a film finds its frames, and of nothing else is anything left behind."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nst.config import FilmConfig
from nst.jobs import JobSpec, JobState, Store
from nst.jobs.limits import Limits
from nst.jobs.queue import JobQueue
from nst.jobs.records import FilmClip
from nst.jobs.workplace import LEFT_BEHIND, Workplaces
from tests.support.queued import DONE, FOREVER, Clock, spec, taken

ROOT = Path(__file__).parents[2]


def film() -> JobSpec:
    return replace(spec(), film=FilmClip(b"film", "me.mp4", FilmConfig(size=64, steps=10, seconds=1, fps=5)))


class Killed(BaseException):
    """What ends a worker without a word."""


def left_by(places: Workplaces, job_id: str) -> Path:
    """Return the folder that a worker leaves which is killed in it."""
    with pytest.raises(Killed):
        _killed_in(places, job_id)
    return places.place_of(job_id)


def _killed_in(places: Workplaces, job_id: str) -> None:
    with places.lent(job_id) as folder:
        (folder / "frame").write_bytes(b"painted")
        raise Killed


class Server:
    """A server on a folder of its own that was killed while it painted a film."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, Clock()
        self.store = Store(folder)
        self.queue = self.opened()
        self.job = self.queue.submit(film())
        taken(self.queue)
        self.frames = left_by(self.store.films, self.job)

    def opened(self) -> JobQueue:
        queue = JobQueue(Limits(grace_seconds=100, result_seconds=1000), self.store, self.clock)
        queue.join("a")
        return queue

    def restart(self) -> JobQueue:
        self.store.close()
        self.store = Store(self.folder)
        self.queue = self.opened()
        return self.queue

    def age(self, seconds: float) -> None:
        """Let everything in the folder have been written so long ago."""
        for path in (*self.folder.rglob("*"),):
            os.utime(path, (time.time() - seconds,) * 2)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path / "state")


def cancelled(server: Server) -> None:
    server.restart().cancel(server.job)


def given_up(server: Server) -> None:
    queue = server.restart()
    server.clock.run(101, queue.statistics)
    assert queue.poll("another") is None


def finished(server: Server) -> None:
    queue = server.restart()
    queue.poll(server.job)
    with server.store.films.lent(taken(queue)) as folder:
        assert folder == server.frames, "the film goes on where it was"
        assert (folder / "frame").exists()
        queue.finish("a", server.job, DONE)
        assert folder.exists(), "the worker is still in it"


def expired(server: Server) -> None:
    server.age(1001)
    assert server.restart().poll(server.job) is None


def by_the_command(server: Server) -> None:
    server.store.close()
    server.age(1001)
    command = [sys.executable, "-m", "nst.jobs", "--expire", str(server.folder), "--seconds", "1000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "1 expired jobs were removed, 0 are kept.\n", done.stderr


@pytest.mark.parametrize("ends", [cancelled, given_up, finished, expired, by_the_command])
def test_the_frames_of_a_film_go_with_its_job(server: Server, ends: Callable[[Server], None]) -> None:
    server.restart()
    assert server.frames.exists(), "it can be gone on with"
    assert server.job not in str(server.frames), "the id opens the picture"
    ends(server)
    assert list((server.folder / "films").iterdir()) == []


def test_a_server_that_was_killed_after_the_film_s_end_leaves_no_frames(server: Server) -> None:
    server.queue.finish("a", server.job, DONE)
    assert server.queue.poll(server.job).state is JobState.DONE
    left = left_by(server.store.films, server.job)
    stranger = left_by(server.store.films, "a job that nobody knows")
    server.restart()
    assert not left.exists()
    assert not stranger.exists()


def test_servers_on_one_machine_leave_each_other_s_films_alone(server: Server, tmp_path: Path) -> None:
    other = Server(tmp_path / "other")
    other.restart().cancel(other.job)
    other.store.close()
    Store(other.folder).expire(0)
    assert server.frames.exists()
    assert not other.frames.exists()


def test_without_a_folder_of_its_own_a_film_s_frames_go_a_day_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    places = Workplaces()
    old, fresh = left_by(places, "old"), left_by(places, "fresh")
    upload, foreign = tmp_path / "nst-film-upload", tmp_path / "another's"
    for path in (old, *old.iterdir(), upload, foreign):
        if path in (upload, foreign):
            path.write_bytes(b"")
        os.utime(path, (time.time() - LEFT_BEHIND - 1,) * 2)
    with places.lent("in use") as busy:
        for path in (busy, *busy.iterdir()):
            os.utime(path, (time.time() - LEFT_BEHIND - 1,) * 2)
        JobQueue(Limits(grace_seconds=FOREVER))
        assert sorted(tmp_path.iterdir()) == sorted([fresh, busy, foreign])


def test_a_worker_that_was_taken_for_lost_is_not_disturbed(tmp_path: Path) -> None:
    places = Workplaces(tmp_path)
    with places.lent("secret") as one, places.lent("secret") as other:
        assert one != other
        places.remove("secret")
        places.keep([])
        places.expire(-1)
        assert one.exists()
        assert other.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_its_place_leads_nowhere(tmp_path: Path) -> None:
    places, aim = Workplaces(tmp_path / "films"), tmp_path / "aim"
    aim.mkdir(mode=0o700)
    (tmp_path / "films").mkdir()
    places.place_of("secret").symlink_to(aim)
    with places.lent("secret") as folder:
        assert folder != places.place_of("secret")
    places.keep([])
    assert aim.is_dir()
