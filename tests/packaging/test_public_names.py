"""What ``import nst`` offers, and that it costs nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

import nst
from nst.config import FilmConfig, RunOptions, StyleTransferConfig
from nst.pictures.codec import read_picture_file
from nst.video.transfer import stylize_film

ROOT = Path(__file__).parents[2]
NAMES = {
    "FilmConfig", "RunOptions", "StyleTransferConfig", "__version__", "evaluate", "read_picture_file", "stylize",
    "stylize_film",
}  # fmt: skip


def test_the_public_names_are_these() -> None:
    assert set(nst.__all__) == NAMES
    assert set(dir(nst)) >= NAMES


@pytest.mark.engine
def test_they_are_what_the_packages_define() -> None:
    from nst.engine.transfer import evaluate, stylize  # here, so that the other tests need no TensorFlow

    assert nst.FilmConfig is FilmConfig
    assert nst.RunOptions is RunOptions
    assert nst.StyleTransferConfig is StyleTransferConfig
    assert nst.evaluate is evaluate
    assert nst.read_picture_file is read_picture_file
    assert nst.stylize is stylize
    assert nst.stylize_film is stylize_film


def test_an_unknown_name_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'nst' has no attribute 'paint'"):
        nst.paint  # noqa: B018  (the mention is the test)


def loaded_by(code: str) -> set[str]:
    """The packages that a new Python has loaded after it has run `code`."""
    command = [sys.executable, "-c", f"import sys; {code}; print(*{{name.split('.')[0] for name in sys.modules}})"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    return set(result.stdout.split())


def test_importing_loads_nothing_that_is_not_used() -> None:
    heavy = {"numpy", "PIL", "cv2", "tensorflow", "keras", "streamlit"}
    assert not heavy & loaded_by("import nst; dir(nst); nst.__version__")
    assert not {"tensorflow", "keras", "streamlit"} & loaded_by(
        "from nst import StyleTransferConfig, read_picture_file"
    )
