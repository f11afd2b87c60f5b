"""A server's bounds: a profile, then a file, then variables; what is wrong is said in one sentence."""

from pathlib import Path

import pytest

from nst.config import StyleTransferConfig
from nst.errors import HostingError, LimitError
from nst.jobs.limits import PROFILES, Limits, limits_from, read_table


def test_variables_win_over_the_file_and_the_file_over_the_profile() -> None:
    limits = limits_from("public", {"max_size": 640, "max_steps": 90}, {"NST_MAX_STEPS": "80", "NST_OTHER": "x"})
    assert (limits.max_size, limits.max_steps) == (640, 80)
    assert limits.job_seconds == PROFILES["public"].job_seconds


def test_a_demo_gives_strangers_less_than_one_s_own_computer_gives() -> None:
    own, public = PROFILES["own"], PROFILES["public"]
    for name in ("max_size", "max_steps", "queue_jobs", "queue_megabytes", "job_seconds", "result_seconds"):
        assert getattr(public, name) < getattr(own, name), name


def test_a_job_within_the_limits_passes_and_one_beyond_is_told_which() -> None:
    limits = Limits(max_size=512, max_steps=100)
    limits.check(StyleTransferConfig(size=512, steps=100))
    with pytest.raises(LimitError, match=r"^size: expected at most 512 on this server, got 513; lower it\.$"):
        limits.check(StyleTransferConfig(size=513, steps=100))
    with pytest.raises(LimitError, match=r"^steps: expected at most 100 on this server, got 101; lower it\.$"):
        limits.check(StyleTransferConfig(size=512, steps=101))


@pytest.mark.parametrize(
    ("profile", "table", "variables", "sentence"),
    [
        ("demo", {}, {}, "profile: expected own or public, got 'demo'; choose one."),
        ("own", {"max_sise": 5}, {}, "max_sise: expected one of the limits max_size,"),
        ("own", {"max_size": 3}, {}, "max_size: expected a whole number from 64 to 8192, got '3'; correct it."),
        ("own", {}, {"NST_QUEUE_JOBS": "2.5"}, "queue_jobs: expected a whole number from 1 to 10000, got '2.5'"),
        ("own", {}, {"NST_JOB_SECONDS": "nan"}, "job_seconds: expected a number from 1 to 1e+07, got 'nan'"),
        ("own", {"job_seconds": True}, {}, "job_seconds: expected a number"),
        ("own", {"job_seconds": [1]}, {}, "job_seconds: expected a number"),
    ],
)
def test_a_wrong_setting_is_named(profile: str, table: dict, variables: dict, sentence: str) -> None:
    with pytest.raises(HostingError) as caught:
        limits_from(profile, table, variables)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostingError, match=r"none\.toml: expected the server's settings, got an error"):
        read_table(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("max_size = = 3")
    with pytest.raises(HostingError, match=r"bad\.toml: expected TOML, got "):
        read_table(tmp_path / "bad.toml")
    (tmp_path / "good.toml").write_text('profile = "public"\n[limits]\nmax_size = 300\n')
    assert read_table(tmp_path / "good.toml") == {"profile": "public", "limits": {"max_size": 300}}
