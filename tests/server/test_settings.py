"""How a server is run: the file, the variables, the folder; the log and the metrics that an operator reads."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from nst import jobs
from nst.config import RunOptions
from nst.errors import HostingError
from nst.jobs import JobState, Statistics, Store, painter
from nst.jobs.limits import PROFILES
from nst.plan.machine import own_memory
from nst.server.logs import JsonLines
from nst.server.metrics import STALLED, prometheus, unfit
from nst.server.settings import load_settings, make_runner
from tests.support.queued import spec


def test_without_any_setting_it_suits_one_s_own_computer(tmp_path: Path) -> None:
    hosting = load_settings({"XDG_STATE_HOME": str(tmp_path)})
    assert hosting.limits == PROFILES["own"]
    assert (hosting.state, hosting.backend, hosting.state_chosen) == (tmp_path / "nst", "local", False)


def test_a_file_and_variables_that_win_over_it(tmp_path: Path) -> None:
    path = tmp_path / "nst.toml"
    path.write_text(
        'profile = "public"\nstate = "/var/lib/nst"\nbackend = "ray"\nworkers=4\n[limits]\nmax_size=640\nmax_steps=90'
    )
    hosting = load_settings({"NST_CONFIG": str(path), "NST_MAX_STEPS": "80", "NST_WORKERS": "2", "NST_STATE": "off"})
    assert (hosting.limits.max_size, hosting.limits.max_steps) == (640, 80)
    assert hosting.limits.job_seconds == PROFILES["public"].job_seconds
    assert (hosting.backend, hosting.workers, hosting.state) == ("ray", 2, None)


def test_the_owner_says_how_pictures_are_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "nst.toml"
    path.write_text('state = "off"\n[run]\nprecision = "bfloat16"\nmemory = 6000\ntile = 512')
    variables = {"NST_MEMORY": "3000", "NST_HISTORY": "5", "NST_WEIGHTS": "/srv/vgg19.mat"}
    options = RunOptions(precision="bfloat16", memory=3000, tile=512, history=5, weights="/srv/vgg19.mat")
    hosting = load_settings({"NST_CONFIG": str(path), **variables})
    assert hosting.run == options
    given: list[Any] = []
    monkeypatch.setattr(jobs, "JobRunner", lambda **arguments: given.append(arguments))
    monkeypatch.setattr(painter, "stylize", lambda *_, **arguments: given.append(arguments["options"]))
    make_runner(hosting, given.append)
    given[0]["warm_up"]()
    given[0]["stylize"](None, None, None)
    assert given[1:] == [options, options]


@pytest.mark.parametrize(
    ("text", "variables", "sentence"),
    [
        (
            "[run]\nthreads = 3",
            {},
            "run: 'threads': expected one of the settings precision, memory, tile, history, ",
        ),
        ("run = 3", {}, "run: expected a table [run], got another kind of value; correct the file."),
        ("", {"NST_PRECISION": "double"}, "run: precision: expected auto or bfloat16 or float32, got 'double'."),
        ('profil = "own"', {}, "profil: expected one of the settings profile, state,"),
        ("limits = 3", {}, "limits: expected a table [limits], got another kind of value; correct the file."),
        ("", {"NST_BACKEND": "celery"}, "backend: expected local or ray, got 'celery'; choose one."),
        ("", {"NST_WORKERS": "many"}, "workers: expected a number from 1 to 1000, got 'many'; correct it."),
        ("", {"NST_WORKER_GPUS": "-1"}, "worker_gpus: expected a number from 0 to 64, got '-1'; correct it."),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, variables: dict[str, str], sentence: str) -> None:
    (tmp_path / "nst.toml").write_text(text)
    with pytest.raises(HostingError) as caught:
        load_settings({"NST_CONFIG": str(tmp_path / "nst.toml"), **variables})
    assert str(caught.value).startswith(sentence)


def test_the_workers_of_a_cluster_paint_no_sketches() -> None:
    assert load_settings({}).limits.hourly_sketches > 0
    assert load_settings({"NST_BACKEND": "ray", "NST_HOURLY_SKETCHES": "50"}).limits.hourly_sketches == 0


def test_a_folder_in_use_is_an_error_only_if_it_was_chosen(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict] = []
    monkeypatch.setattr(jobs, "JobRunner", lambda **options: given.append(options))
    other = Store(tmp_path / "nst")
    make_runner(load_settings({"XDG_STATE_HOME": str(tmp_path)}))
    assert given[0]["store"] is None
    assert "not kept on the disk" in caplog.text
    with pytest.raises(HostingError, match="a folder of its own"):
        make_runner(load_settings({"NST_STATE": str(tmp_path / "nst")}))
    other.close()
    make_runner(load_settings({"NST_STATE": str(tmp_path / "nst"), "NST_MAX_SIZE": "99"}))
    assert given[1]["store"] is not None
    assert given[1]["limits"].max_size == 99


# What an operator reads


def statistics(**changes: object) -> Statistics:
    values: dict[str, Any] = {
        "jobs": {state: number for number, state in enumerate(JobState)},
        "ended": {JobState.DONE: 7, JobState.CANCELLED: 2, JobState.FAILED: 1},
        "refused": 3,
        "recovered": 1,
        "busy_seconds": 12.5,
        "oldest_wait": 4.0,
        "silent": 0.5,
        "workers": 2,
        "loading": False,
    }
    return Statistics(**{**values, **changes})


def test_metrics_are_prometheus_text() -> None:
    lines = prometheus(statistics(), 1000, 'NVIDIA "H"').splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values['nst_jobs{state="queued"}'] == "0"
    assert values['nst_jobs{state="failed"}'] == "5"
    assert values['nst_jobs_ended_total{state="done"}'] == "7"
    assert values["nst_job_seconds_sum"] == "12.5"
    assert values["process_resident_memory_bytes"] == "1000"
    assert values['nst_device_info{device="NVIDIA \\"H\\""}'] == "1"
    names = {name.partition("{")[0] for name in values}
    described = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert names == described
    assert "nst_device_info" not in prometheus(statistics(), 1000, None)
    assert own_memory() > 10**6


def test_a_server_is_fit_when_the_network_is_loaded_and_the_job_alive() -> None:
    assert unfit(statistics()) is None
    assert unfit(statistics(loading=True)) == "No worker has loaded the network yet."
    assert "no sign of life" in str(unfit(statistics(silent=STALLED + 1)))


def test_a_line_of_the_log_is_json_and_names_the_job_by_a_checksum() -> None:
    record = logging.LogRecord("nst.jobs", logging.INFO, "queue.py", 1, "Job %s\nstarts.", ("ab12",), None)
    record.job, record.event = "ab12", "started"
    line = JsonLines().format(record)
    assert "\n" not in line
    entry = json.loads(line)
    assert (entry["message"], entry["job"], entry["event"], entry["level"]) == (
        "Job ab12\nstarts.",
        "ab12",
        "started",
        "info",
    )
    assert entry["time"].endswith("Z")
    try:
        raise RuntimeError("the detail")
    except RuntimeError as error:
        record.exc_info = (RuntimeError, error, error.__traceback__)
    assert "the detail" in json.loads(JsonLines().format(record))["error"]


@pytest.mark.parametrize("name", ["", "8501", "a"])
def test_a_server_s_name_begins_the_addresses_of_its_jobs(name: str) -> None:
    hosting = load_settings({"NST_SERVER_NAME": name, "NST_STATE": "off"})
    runner = make_runner(hosting, warm_up=lambda _: None)
    job = runner.submit(spec())
    assert job.count(".") == (1 if name else 0)
    assert job.startswith(f"{name}." if name else job[:1])
    runner.cancel(job)


def test_a_server_s_name_fits_into_an_address() -> None:
    with pytest.raises(HostingError, match=r"^server_name: expected at most 32 small letters and digits, got 'A\.b';"):
        load_settings({"NST_SERVER_NAME": "A.b"})
