"""What is said to be free, and how much of it a run takes."""

from pathlib import Path

import pytest

from nst.plan import machine


def test_what_is_asked_for_is_the_budget() -> None:
    assert machine.budget(6000) == 6_000_000_000


def test_the_budget_is_a_share_of_what_is_free_and_what_the_process_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_memory", lambda: 900)
    monkeypatch.setattr(machine, "own_memory", lambda: 100)
    assert machine.budget(0) == 800


def test_this_process_and_this_computer_have_memory() -> None:
    assert 10**7 < machine.own_memory() < 10**11
    assert 0 < machine.free_memory() < 10**14


@pytest.mark.parametrize(("limit", "free"), [("3000", 2000), ("500", 0)])
def test_a_container_has_what_its_limit_leaves(
    limit: str, free: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "limit", tmp_path / "usage"
    for file, text in zip(files, (limit, "1000"), strict=True):
        file.write_text(f"{text}\n")
    monkeypatch.setattr(machine, "_CGROUPS", (files,))
    assert machine.free_memory() == free


def test_a_container_without_a_limit_has_what_the_computer_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = tmp_path / "limit", tmp_path / "usage"
    for file, text in zip(files, ("max", "1000"), strict=True):
        file.write_text(text)
    monkeypatch.setattr(machine, "_CGROUPS", (files,))
    assert machine.free_memory() > 10**6
