"""A Ray cluster of two machines, which are this one twice, started by the commands that hosting/README.md gives."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import ray

from nst.errors import HostingError
from nst.jobs.ray import RayRunner
from nst.pictures.codec import read_recipe_text
from nst.recipes.painting import RESUMED_STEPS
from nst.recipes.recipe import Recipe
from tests.support.cluster import BEGUN, LIMITS, SECONDS, STEPS, finished, kept, spec, wait
from tests.support.waiting import until

pytestmark = pytest.mark.cluster

#: A machine of one core and, as far as Ray is told, one GPU.
MACHINE = ("--num-cpus=1", "--num-gpus=1", "--object-store-memory=100000000", "--block")


class Machine:
    """``ray start`` with all that it starts; dies as a machine does whose plug is pulled."""

    def __init__(self, *options: str) -> None:
        ray = Path(sys.executable).parent / "ray"
        self._process = subprocess.Popen(
            [ray, "start", *options, *MACHINE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def die(self) -> None:
        """Kill every process of it, if that has not been done."""
        if self._process.poll() is not None:
            return
        for pid in reversed(descendants(self._process.pid)):
            os.kill(pid, signal.SIGKILL)
        self._process.wait()


def descendants(pid: int) -> list[int]:
    """A process and its children, and theirs."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        parents.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found = [pid]
    for each in found:
        found.extend(parents.get(each, []))
    return found


class Cluster:
    """A first machine, and others that join it."""

    def __init__(self, folder: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        options = (f"--temp-dir={folder}", "--include-dashboard=false", "--disable-usage-stats")
        self.machines = [Machine("--head", f"--port={port}", *options)]

    def join(self) -> Machine:
        """Start another machine."""
        self.machines.append(Machine(f"--address={self.address}"))
        return self.machines[-1]

    def serve(self, state: Path, workers: int = 2) -> RayRunner:
        """Return what a page server starts with, as soon as the first machine is ready."""
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                return RayRunner(LIMITS, state, address=self.address, workers=workers, cpus=1, gpus=0.5)
            except HostingError:
                assert time.monotonic() < deadline
                ray.shutdown()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    # Not pytest's folder: names of sockets are in it, which have to be short. Not Ray's own either: there the address
    # of the last cluster is kept, and who looks for it next would wait for a dead machine.
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        cluster = Cluster(folder)
        yield cluster
        ray.shutdown()
        for machine in cluster.machines:
            machine.die()


def test_a_machine_joins_shares_its_gpu_and_fails_and_no_job_is_lost(cluster: Cluster, tmp_path: Path) -> None:
    jobs = cluster.serve(tmp_path)
    until(lambda: jobs.statistics().workers == 1, SECONDS)  # there is room for no more
    second = cluster.join()
    until(lambda: jobs.statistics().workers == 2, SECONDS)
    assert (ray.cluster_resources()["GPU"], ray.available_resources()["GPU"]) == (2, 1)
    ids = [jobs.submit(spec(STEPS, seed)) for seed in (1, 2)]
    for job in ids:  # at a time, one on each machine
        wait(jobs, job, lambda now: now.progress is not None and now.progress.step > BEGUN and now.frame > 1)
    until(lambda: all(kept(jobs, tmp_path, job) for job in ids), SECONDS)
    second.die()
    ends = [wait(jobs, job, finished) for job in ids]
    assert sorted(end.progress.steps for end in ends) == [STEPS, STEPS + RESUMED_STEPS]
    assert [Recipe.from_json(read_recipe_text(end.result_png)).config.seed for end in ends] == [1, 2]
    assert (jobs.statistics().recovered, jobs.statistics().workers) == (1, 1)


def test_a_dead_head_is_a_sentence_within_seconds_and_holds_nobody_up(cluster: Cluster, tmp_path: Path) -> None:
    jobs = cluster.serve(tmp_path, workers=0)
    job = jobs.submit(spec(20))
    assert jobs.known([job]) == {job}
    cluster.machines[0].die()
    start = time.monotonic()
    with pytest.raises(HostingError, match="The queue does not answer"):
        jobs.statistics()
    assert time.monotonic() - start < 20
    for _ in range(20):  # a page asks several times
        with pytest.raises(HostingError, match="The queue does not answer"):
            jobs.poll(job)
    assert time.monotonic() - start < 40
