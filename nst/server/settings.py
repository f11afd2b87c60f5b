"""How one server is run: where it keeps its jobs, what works on them, what visitors may have.

Everything has a default that suits one's own computer. A TOML file (its path in the variable NST_CONFIG) changes it,
and variables such as NST_STATE win over the file:

    profile = "public"            # NST_PROFILE: own or public, see nst/jobs/limits.py
    state = "/var/lib/nst"        # NST_STATE: folder for checkpoints and results, or "off"
    backend = "local"             # NST_BACKEND: local, or ray
    ray_address = "auto"          # NST_RAY_ADDRESS: of the cluster's head
    workers = 2                   # NST_WORKERS: on the cluster
    worker_cpus = 1               # NST_WORKER_CPUS: processor cores of each
    worker_gpus = 0               # NST_WORKER_GPUS: share of a GPU of each
    server_name = "a"             # NST_SERVER_NAME: first part of its jobs' addresses, for a proxy; empty for none
    [limits]
    max_size = 640                # NST_MAX_SIZE
    [run]                         # how pictures are computed, see nst/config/run.py
    precision = "auto"            # NST_PRECISION: auto, bfloat16 or float32
    memory = 0                    # NST_MEMORY: megabytes that the process may take; 0 for a safe share of what is free
    tile = 0                      # NST_TILE: side of the tiles in pixels; 0 for the largest that fit into memory
    history = 20                  # NST_HISTORY: most correction pairs that L-BFGS keeps
    weights = ""                  # NST_WEIGHTS: file with VGG-19's weights in place of the bundled ones
    weights_scale = "stored"      # NST_WEIGHTS_SCALE: stored, or normalised
"""

import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from nst import jobs
from nst.config import RUN_FIELDS, RunOptions
from nst.errors import ConfigError, HostingError
from nst.jobs import painter
from nst.jobs.limits import Limits, limits_from, number, read_table
from nst.jobs.painter import warm_up
from nst.plan.machine import Machine, assumed

_BACKENDS = ("local", "ray")
_DEFAULTS = {
    "profile": "own",
    "state": "",
    "backend": "local",
    "ray_address": "auto",
    "workers": 1,
    "worker_cpus": 1,
    "worker_gpus": 0,
    "server_name": "",
}
_TABLES = ("limits", "run")
#: Lowest and highest number of workers, and of what each of them gets.
_WORKERS, _CPUS, _GPUS = (1, 1000), (0, 1000), (0, 64)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServerSettings:
    """One server's configuration.

    Attributes:
        run: How pictures are computed here; no visitor chooses it.
        state: Folder of the jobs, or None for none.
        state_chosen: Whether the operator named it, so that not having it is an error.
    """

    limits: Limits
    run: RunOptions
    state: Path | None
    state_chosen: bool
    backend: str
    ray_address: str
    workers: int
    worker_cpus: float
    worker_gpus: float
    server_name: str

    def machine(self) -> Machine:
        """Return what can be said of what paints here before anything is measured."""
        return assumed(self.run, here=self.backend == "local")


def load_settings(environment: Mapping[str, str] = os.environ) -> ServerSettings:
    """Return the configuration that the environment, and the file that it names, describe.

    Raises:
        HostingError: naming the setting that is wrong.
    """
    table: dict[str, Any] = read_table(Path(environment["NST_CONFIG"])) if "NST_CONFIG" in environment else {}
    for name in table:
        if name not in (*_DEFAULTS, *_TABLES):
            known = ", ".join((*_DEFAULTS, *_TABLES))
            raise HostingError(f"{name}: expected one of the settings {known}; correct the name.")
    settings = {
        name: environment.get(f"NST_{name.upper()}") or table.get(name, default) for name, default in _DEFAULTS.items()
    }
    limits, run = (table.get(name, {}) for name in _TABLES)
    for name, values in zip(_TABLES, (limits, run), strict=True):
        if not isinstance(values, dict):
            raise HostingError(f"{name}: expected a table [{name}], got another kind of value; correct the file.")
    backend = str(settings["backend"])
    if backend not in _BACKENDS:
        raise HostingError(f"backend: expected {' or '.join(_BACKENDS)}, got {backend!r}; choose one.")
    state = str(settings["state"])
    bounds = limits_from(str(settings["profile"]), limits, environment)
    if backend == "ray":
        bounds = bounds.with_changes({"hourly_sketches": 0})  # its workers paint none
    return ServerSettings(
        limits=bounds,
        run=_run_options(run, environment),
        state=None if state == "off" else Path(state) if state else _default_state(environment),
        state_chosen=bool(state),
        backend=backend,
        ray_address=str(settings["ray_address"]),
        workers=int(number("workers", settings["workers"], *_WORKERS)),
        worker_cpus=number("worker_cpus", settings["worker_cpus"], *_CPUS),
        worker_gpus=number("worker_gpus", settings["worker_gpus"], *_GPUS),
        server_name=_server_name(str(settings["server_name"])),
    )


def _server_name(name: str) -> str:
    if not re.fullmatch(r"[0-9a-z]{0,32}", name):
        raise HostingError(
            f"server_name: expected at most 32 small letters and digits, got {name[:40]!r}; choose another."
        )
    return name


def _run_options(table: Mapping[str, Any], environment: Mapping[str, str]) -> RunOptions:
    """Return the options of a table of a TOML file, changed by variables such as NST_MEMORY."""
    variables = {
        name: environment[f"NST_{name.upper()}"] for name in RUN_FIELDS if f"NST_{name.upper()}" in environment
    }
    try:
        return RunOptions.from_dict({**table, **variables})
    except ConfigError as error:
        raise HostingError(f"run: {error}") from error


def make_runner(hosting: ServerSettings, warm_up: Callable[[RunOptions], None] = warm_up) -> jobs.Runner:
    """Return the queue that the page talks to.

    Args:
        warm_up: Loads the network in this process for the options of its runs, if it is this process that paints.

    Raises:
        HostingError: if the folder or the cluster that the operator chose cannot be used.
    """
    if hosting.backend == "ray":
        from nst.jobs.ray import RayRunner

        return RayRunner(
            hosting.limits,
            hosting.state,
            address=hosting.ray_address,
            workers=hosting.workers,
            cpus=hosting.worker_cpus,
            gpus=hosting.worker_gpus,
            options=hosting.run,
        )
    return jobs.JobRunner(
        stylize=partial(painter.stylize, options=hosting.run),
        film=partial(painter.stylize_film, options=hosting.run),
        sketch=partial(painter.sketch, options=hosting.run),
        warm_up=partial(warm_up, hosting.run),
        limits=hosting.limits,
        store=_store(hosting),
        server=hosting.server_name,
        run=hosting.run,
    )


def _store(hosting: ServerSettings) -> jobs.Store | None:
    if hosting.state is None:
        return None
    try:
        return jobs.Store(hosting.state)
    except HostingError as error:
        if hosting.state_chosen:
            raise
        _log.warning("Jobs are not kept on the disk: %s", error)
        return None


def _default_state(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "nst"
