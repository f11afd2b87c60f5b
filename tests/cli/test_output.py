"""What a user relies on: a finished picture is on the disk, where it was asked for or where it says."""

import errno
import os
import secrets
import tempfile
from pathlib import Path

import numpy as np
import pytest

from nst.cli.output import checked_output, save
from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.pictures.codec import read_picture_file, read_recipe_text
from nst.recipes.recipe import Recipe, Source

PIXELS = np.full((6, 8, 3), 77, np.uint8)
RECIPE = Recipe(Source.of("photo", b"1"), (Source.of("painting", b"2"),), StyleTransferConfig(), "0.1.0")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The current folder and the one for temporary files."""
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return here, temporary


def test_a_picture_is_saved_with_its_recipe_and_nothing_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    assert save(PIXELS, RECIPE, out) == (out, None)
    np.testing.assert_array_equal(read_picture_file(out).pixels, PIXELS)
    assert read_recipe_text(out.read_bytes()) == RECIPE.to_json()
    assert os.listdir(tmp_path) == ["out.png"]
    os.umask(mask := os.umask(0))
    assert out.stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_folder_that_has_gone_does_not_lose_the_picture(elsewhere: tuple[Path, Path], tmp_path: Path) -> None:
    place, refused = save(PIXELS, RECIPE, tmp_path / "gone" / "out.png")
    assert place.parent == elsewhere[0]
    assert place.name.startswith("out-")
    assert place.suffix == ".png"
    assert isinstance(refused, FileNotFoundError)
    np.testing.assert_array_equal(read_picture_file(place).pixels, PIXELS)


def test_without_a_current_folder_it_is_with_the_temporary_files(elsewhere: tuple[Path, Path], tmp_path: Path) -> None:
    elsewhere[0].rmdir()
    place, _ = save(PIXELS, RECIPE, tmp_path / "gone" / "out.jpg")
    assert place.parent == elsewhere[1]
    assert read_picture_file(place).pixels.shape == (6, 8, 3)


def test_a_full_disk_leaves_no_half_file_and_the_picture_elsewhere(
    elsewhere: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(handle: int) -> None:
        if Path(os.readlink(f"/proc/self/fd/{handle}")).parent == full:
            raise OSError(errno.ENOSPC, "No space left on device")

    full = tmp_path / "full"
    full.mkdir()
    (full / "out.png").write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", fsync)
    place, refused = save(PIXELS, RECIPE, full / "out.png")
    assert refused is not None
    assert refused.strerror == "No space left on device"
    assert place.parent == elsewhere[0]
    assert {path.name: path.read_bytes() for path in full.iterdir()} == {"out.png": b"before"}


def test_where_nothing_can_be_saved_it_is_said(
    elsewhere: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in elsewhere:
        folder.rmdir()
    with pytest.raises(StyleTransferError, match="expected a place to save the picture in, got No such file"):
        save(PIXELS, RECIPE, tmp_path / "gone" / "out.png")


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    target, link = tmp_path / "pictures" / "target.png", tmp_path / "link.png"
    target.write_bytes(b"before")
    link.symlink_to("pictures/target.png")
    assert save(PIXELS, RECIPE, checked_output(str(link), [])) == (link, None)
    assert link.is_symlink()
    np.testing.assert_array_equal(read_picture_file(target).pixels, PIXELS)
    assert sorted(os.listdir(tmp_path)) == ["link.png", "pictures"]
    target.unlink()  # to a file that is not there yet
    save(PIXELS, RECIPE, checked_output(str(link), []))
    assert target.exists()


def test_a_link_into_nowhere_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to(tmp_path / "gone" / "target.png")
    (tmp_path / "circle.png").symlink_to(tmp_path / "circle.png")
    with pytest.raises(StyleTransferError, match=r"-o: expected a folder that exists, got .*gone"):
        checked_output(str(tmp_path / "link.png"), [])
    with pytest.raises(StyleTransferError, match="-o: expected a file that can be written, got "):
        checked_output(str(tmp_path / "circle.png"), [])


def test_a_file_put_in_the_way_is_neither_followed_nor_overwritten(
    elsewhere: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody can know the name; here we do.
    monkeypatch.setattr(secrets, "token_hex", lambda _: "known")
    trap, victim = tmp_path / ".nst-known.png", tmp_path / "victim"
    victim.write_bytes(b"precious")
    trap.symlink_to(victim)
    place, refused = save(PIXELS, RECIPE, tmp_path / "out.png")
    assert isinstance(refused, FileExistsError)
    assert place.parent == elsewhere[0]
    assert victim.read_bytes() == b"precious"
    assert trap.is_symlink()
