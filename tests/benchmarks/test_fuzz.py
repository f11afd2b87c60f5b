"""A short run of the fuzz benchmark with a fixed seed; the long one is ``python -m benchmarks.fuzz``."""

import os
import signal

import pytest

from benchmarks import fuzz
from nst.pictures.codec import FORMATS, read_picture
from nst.recipes.recipe import Recipe

pytestmark = pytest.mark.slow  # it starts processes


def test_the_files_are_whole_before_they_are_damaged() -> None:
    wholes = fuzz.seeds()
    assert set(wholes) == set(FORMATS)
    for files in wholes.values():
        for data in files:
            assert read_picture(data).pixels.shape[2] == 3
    assert len(Recipe.from_json(fuzz.recipe()).styles) == 2


def test_damaged_files_are_read_or_refused_and_nothing_else() -> None:
    reports = fuzz.fuzz(count=40, seed=7)
    assert {kind: report.failures for kind, report in reports.items() if report.failures} == {}
    assert set(reports) == {*FORMATS, "recipe"}
    for kind, report in reports.items():
        assert report.files == 40
        assert report.outcomes["refused"] > 0, kind
        assert 0 < report.peak_megabytes < fuzz.MEGABYTES


def test_a_process_that_dies_or_hangs_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = fuzz.Subject()
    assert subject.decode("PNG", b"")[0] == "refused"
    subject._process.kill()
    subject._process.join()
    assert subject.decode("PNG", b"")[0].startswith("failure: the process died")
    assert subject._process.pid is not None
    os.kill(subject._process.pid, signal.SIGSTOP)
    monkeypatch.setattr(fuzz, "SECONDS", 0.1)
    assert subject.decode("PNG", b"")[0] == "failure: hangs"
    monkeypatch.undo()
    assert subject.decode("PNG", b"")[0] == "refused"
    subject.close()
