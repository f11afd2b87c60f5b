"""A short film on the page."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from nst import jobs
from nst.ui import resources
from nst.ui.result.archive import archive
from tests.support.app import buttons, finished, job, opened, sentences, until
from tests.support.fake_engine import Engine
from tests.support.film_engine import FilmEngine
from tests.support.films import moving, write
from tests.support.markdown import shown


@pytest.fixture
def films(fresh_resources: None, monkeypatch: pytest.MonkeyPatch) -> FilmEngine:
    """An engine of films that waits before each frame; the page's runner uses it."""
    engine, runner = FilmEngine(), jobs.JobRunner
    monkeypatch.setattr(jobs, "JobRunner", lambda **_: runner(Engine(), lambda: None, film=engine))
    return engine


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    return write(tmp_path / "me.mp4", moving(12)).read_bytes()


def uploaded(data: bytes, name: str = "me.mp4") -> AppTest:
    at = opened("film")
    at.file_uploader(key="film_file").upload(name, data, "video/mp4").run()
    assert not at.exception
    return at


def captions(at: AppTest) -> list[str]:
    return [shown(caption.value) for caption in at.caption]


def test_a_film_is_painted_shown_and_saved(films: FilmEngine, film: bytes) -> None:
    at = uploaded(film)
    at.number_input(key="size").set_value(64)
    at.button_group(key="film_fps").set_value(6).run()
    assert any(caption.startswith("me.mp4: 3 frames of 64 × 48 px") for caption in captions(at))
    at.button(key="film_start").click().run()
    clip = job(at).spec.film
    assert clip is not None
    assert clip.data == film
    assert clip.config.temporal_weight == 1000, "frames are held together"
    assert job(at).spec.recipe.config == clip.config.first_frame()
    films.release(1)
    until(at, lambda now: job(now).frame == 1)
    at.run()
    assert any("Frame 2 of 3" in element.proto.text for element in at.get("progress"))
    films.release(2)
    until(at, lambda now: "download_film" in [button.key for button in now.download_button])
    assert {"continue", "use_settings"}.isdisjoint(buttons(at))
    assert at.get("video")
    assert any("Finished with all frames" in shown(text.value) for text in at.markdown)
    assert job(at).result_film in archive([job(at).id])


def test_cancelling_keeps_the_frames_that_are_painted(films: FilmEngine, film: bytes) -> None:
    at = uploaded(film)
    at.button(key="film_start").click().run()
    films.release(2)
    until(at, lambda now: job(now).frame == 2)
    at.button(key="cancel").click().run()
    until(at, lambda now: "download_film" in [button.key for button in now.download_button])
    assert job(at).state is jobs.JobState.CANCELLED
    assert any("Cancelled after 2 of" in shown(text.value) for text in at.markdown)


@pytest.mark.parametrize("data", [b"", b"no film", b"\x00\x00\x00\x18ftypmp42"])
def test_what_is_no_film_is_said_by_the_name_that_it_has(films: FilmEngine, data: bytes) -> None:
    at = uploaded(data, "[me](http://x).mp4")
    assert len(at.error) == 1
    assert sentences(at)[0].startswith("[me](http://x).mp4: expected a film")
    assert "nst-film" not in sentences(at)[0]
    assert "film_start" not in buttons(at)


def test_a_server_for_strangers_offers_no_films(films: FilmEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Film" in opened("several").button_group(key="more_way").options
    monkeypatch.setenv("NST_PROFILE", "public")
    resources.hosting.clear()
    at = opened("several")
    assert at.button_group(key="more_way").options == ["Several paintings", "Compare settings", "Texture", "Doodle"]


def test_a_film_beyond_the_limits_is_refused_before_it_starts(
    films: FilmEngine, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NST_MAX_WORK", "0.1")
    resources.hosting.clear()
    at = uploaded(film)
    assert any(sentence.startswith("work: expected at most 0.1 ") for sentence in sentences(at))
    assert "film_start" not in buttons(at)


def test_the_first_frame_can_be_painted_alone_before_the_film(films: FilmEngine, film: bytes) -> None:
    at = uploaded(film)
    at.number_input(key="size").set_value(64).run()
    at.button(key="film_first").click().run()
    spec = job(at).spec
    assert spec.film is None
    assert spec.content.shape == (48, 64, 3)
    assert spec.recipe.content.name == "me.mp4 frame 1"
    assert spec.recipe.config.temporal_weight == 0
    until(at, finished)
    assert not at.button(key="film_start").disabled, "the film is still there"
    at.button(key="film_start").click().run()
    film_spec = job(at).spec
    assert film_spec.film is not None
    assert film_spec.film.config.first_frame() == spec.recipe.config.with_changes(size=film_spec.film.config.size)
