"""The page without a browser, by Streamlit's own AppTest."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from nst import jobs
from nst.pictures.codec import encode_png
from nst.ui import resources
from tests.support.fake_engine import SECONDS, Engine
from tests.support.markdown import shown

APP = Path(__file__).parents[2] / "app.py"


def page() -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=90).run()
    assert not at.exception
    return at


def opened(way: str) -> AppTest:
    """The page with one of the further ways to paint opened."""
    at = AppTest.from_file(str(APP), default_timeout=90)
    at.session_state["more"] = True
    at.session_state["more_way"] = way
    at.run()
    assert not at.exception
    return at


def until(at: AppTest, holds: Callable[[AppTest], bool], seconds: float = SECONDS) -> AppTest:
    """Run the page again, as its fragment would, until something holds."""
    deadline = time.monotonic() + seconds
    while not holds(at):
        assert time.monotonic() < deadline, [element.value for element in at.caption]
        time.sleep(0.01)
        at.run()
        assert not at.exception
    return at


def cancelled(at: AppTest, engine: Engine) -> AppTest:
    """Press Cancel after the second evaluation of the job under way, and wait for what is kept of it."""
    engine.release(2)
    until(at, lambda now: job(now).frame == 2)
    at.button(key="cancel").click().run()
    engine.release(1)
    return until(at, finished)


def buttons(at: AppTest) -> list[str]:
    return [button.key for button in at.button]


def finished(at: AppTest) -> bool:
    return {"download_png", "download_jpeg"} <= {button.key for button in at.download_button}


def job(at: AppTest) -> jobs.JobSnapshot:
    return resources.runner().poll(at.query_params["job"])


def sentences(at: AppTest) -> list[str]:
    return [shown(error.value) for error in at.error]


def png(height: int = 40, width: int = 60) -> bytes:
    return encode_png(np.full((height, width, 3), 128, np.uint8))
