"""What a user relies on: to see that it works and how long it will take, and to stop it without loss."""

import io
import os
import signal
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from nst.cli.console import Reporter, StopSignals, hushed


def record(step: int, *, note: str = "") -> Any:
    """A record as the engine gives it, as far as the console looks."""
    return SimpleNamespace(
        step=step,
        steps=75,
        width=512,
        height=342,
        losses=SimpleNamespace(total=0.21344),
        seconds=step / 2,
        eta=65.2 if step > 1 else None,
        note=note,
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Reporter(quiet=False) as reporter:
        reporter.show(record(1))
        reporter.show(record(75, note="The photo is small."))
    drawn = [line for line in terminal.getvalue().split("\r") if "75/75" in line]
    assert drawn[-1].startswith("512x342 |")
    assert "J 0.2134, 2 evaluations/s, 1:05 left" in drawn[-1]
    assert "nst: The photo is small." in terminal.getvalue()


def test_a_log_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter(quiet=False) as reporter:
        for step in range(1, 75):
            reporter.show(record(step))
    captured = capsys.readouterr()
    assert captured.err == "nst: 512x342, 1 of 75 evaluations, J 0.2134, 2 evaluations/s\n"
    assert captured.out == ""


def test_a_terminal_that_has_gone_does_not_end_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(Terminal):
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stderr", Gone())
    with Reporter(quiet=False) as reporter:
        reporter.show(record(1, note="The photo is small."))
        reporter.show(record(2))
        reporter.say("saved.")


def test_quiet_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter(quiet=True) as reporter:
        reporter.show(record(1, note="The photo is small."))
        reporter.say("saved.")
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Python's own handlers, however the tests were started."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_noted_and_the_second_is_not_caught(number: int) -> None:
    before = signal.getsignal(number)
    with StopSignals() as interruption:
        os.kill(os.getpid(), number)
        assert interruption.signal == number
        assert signal.getsignal(number) == before


@pytest.mark.usefixtures("interruptible")
def test_afterwards_ctrl_c_is_what_it_was() -> None:
    with StopSignals():
        pass
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.usefixtures("interruptible")
def test_a_signal_that_the_shell_ignores_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with StopSignals() as interruption:
        os.kill(os.getpid(), signal.SIGINT)
        assert interruption.signal is None


def test_libraries_are_hushed_and_we_are_heard_again(capfd: pytest.CaptureFixture[str]) -> None:
    with hushed():
        os.write(2, b"I0000 a greeting\n")
    os.write(2, b"nst: heard\n")
    assert capfd.readouterr().err == "nst: heard\n"
