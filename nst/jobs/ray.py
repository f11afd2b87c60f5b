"""The same queue on a Ray cluster: several page servers share it, and workers on other machines paint.

The table of jobs is one named, detached actor; each worker is another, with its own warm model and a share of
processors or of a GPU. Both outlive the server that started them. A worker that dies is started again by Ray, and its
job goes on from its last checkpoint with whichever worker is free first; so does the job of a worker that has not been
heard of for `SILENCE` seconds, because its machine has gone.

Ray is an optional package: requirements-ray.txt.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from nst.config import RunOptions
from nst.errors import HostingError
from nst.jobs import painter
from nst.jobs.clips import paint_film
from nst.jobs.inputs import reduced
from nst.jobs.limits import Limits
from nst.jobs.queue import JobQueue
from nst.jobs.records import Checkpoint, JobProgress, JobSnapshot, JobSpec, Outcome, Statistics
from nst.jobs.sketches import NO_SKETCHES, Sketched, SketchNews, Wish
from nst.jobs.store import Store
from nst.jobs.workplace import Workplaces

NAMESPACE = "nst"
TABLE = "nst-table"

#: Seconds between two signs of life of a worker, and without one after which it counts as lost.
HEARTBEAT = 2.0
SILENCE = 20.0

#: Seconds after which a worker that waits for a job asks again, so that the call of one that has died ends.
PATIENCE = 5.0

#: Seconds that a page waits for an answer of the table, and after that for which it does not ask again: a head that is
#: dead must not hold up a page by more than one wait at a time. A worker has longer: the table may be starting anew.
ANSWER = 8.0
PAUSE = 5.0
WORKER_ANSWER = 120.0

#: Specs that a page server keeps, so that their pictures do not travel with every poll.
_SPECS = 32

SILENT = "The queue does not answer at the moment; your pictures are kept, try again in a minute."

_ROOT = Path(__file__).parent.parent.parent


class Table(JobQueue):
    """The actor with the queue. Its methods are called from many threads at a time; attributes cannot be reached."""

    def __init__(self, limits: Limits, state: Path | None, run: RunOptions) -> None:
        super().__init__(limits, None if state is None else Store(state), run=run, here=False)
        threading.Thread(target=self._watch, name="nst-watch", daemon=True).start()

    def bounds(self) -> Limits:
        """Return what visitors may have."""
        return self.limits

    def news(self, job_id: str, session: str | None) -> dict[str, Any] | None:
        """Return the snapshot's fields but the spec, whose pictures are large and never change."""
        snapshot = self.poll(job_id, session)
        return None if snapshot is None else {**vars(snapshot), "spec": None}

    def spec(self, job_id: str) -> JobSpec | None:
        """Return what a job is to paint."""
        snapshot = self.poll(job_id)
        return None if snapshot is None else snapshot.spec

    def _watch(self) -> None:
        while True:
            time.sleep(HEARTBEAT)
            self.lose_silent(SILENCE)


def _answer(reference: Any, seconds: float = WORKER_ANSWER) -> Any:
    """Return what the table answers, or raise what it raises; HostingError if it does not answer in time."""
    try:
        return ray.get(reference, timeout=seconds)
    except RayTaskError as error:
        raise error.cause from None
    except RayError as error:  # the time is over, or the actor or its machine is gone
        raise HostingError(SILENT) from error


class _RemoteDesk:
    """The table as a worker sees it; every call waits for the answer."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def note(self, worker: str, job_id: str, progress: JobProgress, note: str, preview: bytes | None) -> bool:
        return bool(_answer(self._table.note.remote(worker, job_id, progress, note, preview)))

    def is_to_end(self, worker: str, job_id: str) -> bool:
        return bool(_answer(self._table.is_to_end.remote(worker, job_id)))

    def keep(self, worker: str, job_id: str, checkpoint: Checkpoint) -> None:
        _answer(self._table.keep.remote(worker, job_id, checkpoint))

    def finish(self, worker: str, job_id: str, outcome: Outcome) -> None:
        _answer(self._table.finish.remote(worker, job_id, outcome))


class Worker:
    """The actor that paints. It works from its start on, so that Ray's restart of a dead one is all it takes."""

    def __init__(self, table: Any, name: str, options: RunOptions) -> None:
        self._table = table
        self._name = name
        self._options = options
        _answer(table.lose.remote(name))  # the job of a predecessor who died
        Workplaces().expire()  # what workers of this machine have left behind
        threading.Thread(target=self._beat, name="nst-beat", daemon=True).start()
        threading.Thread(target=self._work, name="nst-worker", daemon=True).start()

    def pid(self) -> int:
        """Return the process that paints."""
        return os.getpid()

    def _beat(self) -> None:
        while True:
            self._table.heartbeat.remote(self._name)
            time.sleep(HEARTBEAT)

    def _work(self) -> None:
        try:
            painter.warm_up(self._options)
            engine = partial(painter.stylize, options=self._options)
            film = partial(painter.stylize_film, options=self._options)
            while True:
                order = _answer(self._table.take.remote(self._name, PATIENCE))
                if order is not None:
                    desk = _RemoteDesk(self._table)
                    if order.spec.film is not None:
                        paint_film(self._name, order, desk, film, lambda: None)
                    else:
                        painter.paint(self._name, order, desk, engine, lambda: None)
        finally:
            os._exit(1)  # Ray starts another


class RayRunner:
    """The page's side: the same calls as `JobRunner`, answered by the cluster.

    Args:
        limits: What visitors may have; those of the server that came first hold.
        state: Where jobs survive the table's actor, a folder on the machine of the first server, or None.
        address: Of the cluster, as ``ray.init`` takes it.
        workers: How many are wanted; those for which the cluster has no room start when a machine joins.
        cpus: Processor cores of each worker.
        gpus: Share of a GPU of each worker.
        options: How they compute; those of the server that came first hold.

    Every call raises HostingError if the table does not answer within `ANSWER` seconds.

    Raises:
        HostingError: if there is no cluster.
    """

    def __init__(
        self,
        limits: Limits,
        state: Path | None,
        *,
        address: str = "auto",
        workers: int = 1,
        cpus: float = 1.0,
        gpus: float = 0.0,
        options: RunOptions | None = None,
    ) -> None:
        if not ray.is_initialized():
            try:
                ray.init(address=address, namespace=NAMESPACE, log_to_driver=False)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise HostingError(
                    f"ray_address: expected a Ray cluster at {address!r}, got none; start one with: ray start --head"
                ) from error
        self._specs: OrderedDict[str, JobSpec] = OrderedDict()
        self._lock = threading.Lock()
        self._silent_until = 0.0
        options = options or RunOptions()
        self._table = _table(limits, state, options)
        self._workers = [_worker(self._table, number, cpus, gpus, options) for number in range(workers)]
        self._limits: Limits = _answer(self._table.bounds.remote())

    @property
    def limits(self) -> Limits:
        """What visitors may have."""
        return self._limits

    def submit(self, spec: JobSpec, session: str | None = None, *, network: str = "", replace: bool = False) -> str:
        """Queue a job and return its unguessable id; see `JobQueue.submit`."""
        spec = reduced(spec, self._limits.max_size)  # before it travels
        return str(self._ask(self._table.submit.remote, spec, session, network=network, replace=replace))

    def poll(self, job_id: str, session: str | None = None) -> JobSnapshot | None:
        """Return the job as it is now, or None if it is not known; see `JobQueue.poll`."""
        values = self._ask(self._table.news.remote, job_id, session)
        spec = None if values is None else self._spec(job_id)
        return None if spec is None else JobSnapshot(**{**values, "spec": spec})

    def frames(self, job_id: str) -> tuple[bytes, ...]:
        """Return evenly spaced previews of a job, JPEGs, oldest first, for its time-lapse."""
        return tuple(self._ask(self._table.frames.remote, job_id))

    def known(self, job_ids: Collection[str]) -> set[str]:
        """Return those of the ids whose jobs are still kept."""
        return set(self._ask(self._table.known.remote, list(job_ids)))

    def cancel(self, job_id: str, session: str | None = None) -> None:
        """Stop a visitor's own job and keep its best picture so far; see `JobQueue.cancel`."""
        self._ask(self._table.cancel.remote, job_id, session)

    def remove(self, job_id: str, session: str | None = None) -> None:
        """Forget a visitor's own job that has ended; see `JobQueue.remove`."""
        self._ask(self._table.remove.remote, job_id, session)

    def sketches(self, wishes: Sequence[Wish], session: str, *, network: str = "") -> SketchNews:
        """Return that there are none: a cluster's workers paint no sketches."""
        return NO_SKETCHES

    def give_way(self) -> None:
        """Do nothing: no sketch is painted here."""

    def sketch(self, key: str) -> Sketched | None:
        """Return None, as `sketches`."""
        return None

    def statistics(self) -> Statistics:
        """Return the queue in numbers."""
        numbers: Statistics = self._ask(self._table.statistics.remote)
        return numbers

    def pace(self) -> float | None:
        """Return None: the workers may be on computers of any speed."""
        return None

    def _ask(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Return the table's answer; raises HostingError if there is none, and at once shortly after another one."""
        with self._lock:
            silent = time.monotonic() < self._silent_until
        if silent:
            raise HostingError(SILENT)
        try:
            return _answer(call(*arguments, **options), ANSWER)
        except HostingError:
            with self._lock:
                self._silent_until = time.monotonic() + PAUSE
            raise

    def _spec(self, job_id: str) -> JobSpec | None:
        with self._lock:
            spec = self._specs.get(job_id)
        if spec is None:
            spec = self._ask(self._table.spec.remote, job_id)
            if spec is None:
                return None
        with self._lock:
            self._specs[job_id] = spec
            self._specs.move_to_end(job_id)
            while len(self._specs) > _SPECS:
                self._specs.popitem(last=False)
        return spec


def _table(limits: Limits, state: Path | None, run: RunOptions) -> Any:
    """Return the one table of the cluster; whoever comes first starts it, on its own machine for the folder's sake."""
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    options = {"num_cpus": 0, "max_concurrency": 200, "scheduling_strategy": here}
    return _actor(Table, TABLE, options, limits, state, run)


def _worker(table: Any, number: int, cpus: float, gpus: float, options: RunOptions) -> Any:
    name = f"nst-worker-{number}"
    return _actor(Worker, name, {"num_cpus": cpus, "num_gpus": gpus}, table, name, options)


def _actor(body: type, name: str, options: dict[str, Any], *arguments: Any) -> Any:
    """Return the actor of this name, started if it is not there, and again whenever it dies."""
    lasting = {"lifetime": "detached", "get_if_exists": True, "max_restarts": -1, "max_task_retries": -1}
    # Each machine has the project at the same path.
    environment = {"env_vars": {"PYTHONPATH": str(_ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}}
    actor: Any = ray.remote(body).options(name=name, namespace=NAMESPACE, runtime_env=environment, **lasting, **options)
    return actor.remote(*arguments)
