"""The session's results in one file."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from nst.recipes.recipe import Recipe
from nst.ui.result import archive
from nst.ui.result.history import Entry
from tests.support.app import finished, job, page, until
from tests.support.fake_engine import Engine


def painted_twice(engine: Engine) -> list[str]:
    """Paint two pictures; return the ids of the session's results, the newest first."""
    at = page()
    for _ in range(2):
        at.button(key="stylise").click().run()
        engine.release(5)
        until(at, finished)
    assert at.download_button(key="download_all")
    results: list[Entry] = at.session_state["results"]
    assert results[0].job_id == job(at).id
    return [entry.job_id for entry in results]


def test_all_results_are_in_one_file_each_with_its_recipe(engine: Engine) -> None:
    ids = painted_twice(engine)
    data = archive.archive([*ids, "unknown"])
    assert data == archive.archive([*ids, "unknown"]), "a second press takes no further room"
    with ZipFile(BytesIO(data)) as found:
        assert found.testzip() is None
        names = found.namelist()
        assert len(names) == 4
        for name in names[::2]:
            recipe = Recipe.from_json(found.read(name.replace(".png", ".json")).decode())
            assert json.loads(archive.recipe_text(found.read(name))) == json.loads(recipe.to_json())
            assert recipe.content.name


def test_an_archive_has_a_bound_and_says_what_it_left_out(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = painted_twice(engine)
    monkeypatch.setattr(archive, "MOST_BYTES", 1000)
    with ZipFile(BytesIO(archive.archive(ids))) as found:
        assert found.namelist() == [archive.LEFT_OUT]
        assert b"2 more pictures" in found.read(archive.LEFT_OUT)


def test_a_title_of_any_characters_gives_a_name_for_a_file() -> None:
    assert archive.file_stem("../../etc/passwd after <b>") == "etc-passwd-after-b"
    assert archive.file_stem("///") == "result"
