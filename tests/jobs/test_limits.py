"""A server's bounds: a profile, then a file, then variables; what is wrong is said in one sentence."""

import re
from pathlib import Path

import pytest

from nst.config import StyleTransferConfig
from nst.errors import HostingError, LimitError
from nst.jobs.limits import PROFILES, Limits, limits_from, read_table

#: (height, width) of a large photo, and of a painting.
PHOTO = PAINTING = (4000, 6000)


def test_variables_win_over_the_file_and_the_file_over_the_profile() -> None:
    limits = limits_from("public", {"max_size": 640, "max_steps": 90}, {"NST_MAX_STEPS": "80", "NST_OTHER": "x"})
    assert (limits.max_size, limits.max_steps) == (640, 80)
    assert limits.job_seconds == PROFILES["public"].job_seconds


def test_a_demo_gives_strangers_less_than_one_s_own_computer_gives() -> None:
    own, public = PROFILES["own"], PROFILES["public"]
    for name in ("max_size", "max_steps", "max_work", "queue_jobs", "queue_megabytes", "job_seconds", "result_seconds"):
        assert getattr(public, name) < getattr(own, name), name


def test_a_job_within_the_limits_passes_and_one_beyond_is_told_which() -> None:
    limits = Limits(max_size=512, max_steps=100)
    limits.check(StyleTransferConfig(size=512, steps=100), PHOTO)
    with pytest.raises(LimitError, match=r"^size: expected at most 512 on this server, got 513; lower it\.$"):
        limits.check(StyleTransferConfig(size=513, steps=100), PHOTO)
    with pytest.raises(LimitError, match=r"^steps: expected at most 100 on this server, got 101; lower it\.$"):
        limits.check(StyleTransferConfig(size=512, steps=101), PHOTO)


def test_work_beyond_the_bound_is_told_what_to_lower() -> None:
    limits = Limits(max_work=60)
    limits.check(StyleTransferConfig(size=768, steps=75), PHOTO, (PAINTING,))
    with pytest.raises(LimitError) as raised:
        limits.check(StyleTransferConfig(size=1536, steps=150), PHOTO, (PAINTING,))
    told = re.fullmatch(
        r"work: expected at most 60 evaluations of a megapixel on this server, got \d+\.?\d*; "
        r"lower size from 1536 to (\d+), or steps from 150 to (\d+)\.",
        str(raised.value),
    )
    assert told
    size, steps = map(int, told.groups())
    # What is proposed is taken, and one more is not.
    for name, value in (("size", size), ("steps", steps)):
        config = StyleTransferConfig(size=1536, steps=150).with_changes(**{name: value})
        limits.check(config, PHOTO, (PAINTING,))
        with pytest.raises(LimitError):
            limits.check(config.with_changes(**{name: value + 1}), PHOTO, (PAINTING,))


def test_every_ordinary_control_counts_as_work() -> None:
    public = PROFILES["public"]
    config = StyleTransferConfig(size=768, steps=150)
    public.check(config, PHOTO, (PAINTING,))
    with pytest.raises(LimitError, match=r"^work: "):
        public.check(config.with_changes(style_scale=4.0), PHOTO, (PAINTING,) * 8)
    with pytest.raises(LimitError, match=r"^work: "):
        public.check(config, PHOTO, (PAINTING,), regions=20)


def test_the_dearest_that_can_be_asked_for_is_refused_too() -> None:
    dearest = StyleTransferConfig(
        size=8192, steps=5000, style_scale=4.0, upscale=True, style_layers=(("block5_conv4", 1.0),)
    )
    with pytest.raises(LimitError, match=r"^work: .*; lower size from 8192 to \d+\.$"):
        Limits(max_work=120).check(dearest, (8192, 8192), ((8192, 8192),))
    with pytest.raises(LimitError, match=r"^work: .*; take fewer regions or paintings, or smaller ones\.$"):
        Limits(max_work=120).check(dearest, (8192, 8192), ((8192, 8192),) * 100, 50)


def test_only_the_qualities_within_the_steps_are_offered() -> None:
    assert [quality.name for quality in Limits().qualities()] == ["draft", "standard", "fine"]
    assert [quality.name for quality in PROFILES["public"].qualities()] == ["draft", "standard"]
    assert Limits(max_steps=10).qualities() == ()


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
