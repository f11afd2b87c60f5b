"""What several tests of the page have in common."""

from collections.abc import Generator, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError

from nst import jobs
from nst.ui import resources
from nst.ui import warmup as network
from tests.support.browser import chromium
from tests.support.fake_engine import Engine, Sketcher

#: Characters of a page's main column that are shown where a test failed.
MOST = 3000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the open pages say where a test in a browser has failed: of a long page playwright shows the rest."""
    report = yield
    if report.when == "call" and report.failed and "browser" in getattr(item, "funcargs", {}):
        for context in item.funcargs["browser"].contexts:  # type: ignore[attr-defined]
            for page in context.pages:
                with suppress(BrowserError):
                    text = page.get_by_test_id("stMain").inner_text(timeout=5000)
                    report.sections.append((f"The main column of {page.url}", text[:MOST]))
    return report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def fresh_resources() -> Iterator[None]:
    """What all visitors share, made anew for the test and after it."""
    shared = (resources.runner, resources.gallery, resources.hosting, network.measured)
    for each in shared:
        each.clear()
    yield
    for each in shared:
        each.clear()


@pytest.fixture
def sketcher() -> Sketcher:
    """An engine of sketches that waits for nothing; the page's runner uses it."""
    return Sketcher()


@pytest.fixture
def engine(fresh_resources: None, monkeypatch: pytest.MonkeyPatch, sketcher: Sketcher) -> Engine:
    """An engine that waits before each record; the page's runner uses it."""
    engine = Engine(gated=True)
    runner = jobs.JobRunner
    monkeypatch.setattr(jobs, "JobRunner", lambda **_: runner(engine, lambda: None, sketch=sketcher))
    return engine


@pytest.fixture
def measured() -> Iterator[network.Measured]:
    """What the worker has measured; forgotten after the test."""
    yield network.measured()
    network.measured.clear()
