"""What a user relies on: the gallery is whole and lawful, shows no frames, and grows by two files at a time."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.config import StyleTransferConfig
from nst.errors import PresetError
from nst.pictures.codec import Pixels, encode_jpeg, encode_png
from nst.pictures.gallery import GALLERY_FOLDER, OPTIONAL_FIELDS, TEXT_FIELDS, Preset, attribution_table, load_gallery

GALLERY = load_gallery()
PRESETS = GALLERY.paintings + GALLERY.photos
every_preset = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)


def framed_sides(pixels: Pixels) -> set[str]:
    """Return the sides along which a line runs within 20 px of the edge, over most of the side's length.

    A frame, a mat, a caption's strip or a panel's dark edge is such a line: nearly everywhere along it the
    grey level steps the same way, by 20 levels or more. What is painted is rarely that straight.
    """
    grey = pixels.astype(np.float32).mean(axis=2)
    views = {"top": grey, "bottom": grey[::-1], "left": grey.T, "right": grey.T[::-1]}
    return {side for side, rows in views.items() if any(_steps_as_one(rows, depth) for depth in range(20))}


def _steps_as_one(rows: np.ndarray, depth: int) -> bool:
    step = rows[depth : depth + 2].mean(axis=0) - rows[depth + 4 : depth + 7].mean(axis=0)
    return max(np.mean(step > 20), np.mean(step < -20)) > 0.7


def texture(height: int = 80, width: int = 120) -> Pixels:
    noise = np.random.default_rng(0).integers(60, 200, (height // 4, width // 4, 3), np.uint8)
    return noise.repeat(4, axis=0).repeat(4, axis=1)


def add_preset(gallery: Path, folder: str = "paintings", name: str = "blue-dots", **changes: Any) -> Path:
    """Write the two files of a preset; a change to None leaves the field out. Return the record's path."""
    home = gallery / folder
    home.mkdir(parents=True, exist_ok=True)
    data = encode_jpeg(texture())
    (home / f"{name}.jpg").write_bytes(data)
    fields: dict[str, Any] = dict.fromkeys(TEXT_FIELDS, "some text") | {"sha256": hashlib.sha256(data).hexdigest()}
    fields = {key: value for key, value in (fields | changes).items() if value is not None}
    record = home / f"{name}.json"
    record.write_text(json.dumps(fields), encoding="utf-8")
    return record


def refusal(gallery: Path) -> str:
    with pytest.raises(PresetError) as caught:
        load_gallery(gallery)
    return str(caught.value)


class TestShippedGallery:
    @pytest.mark.parametrize("preset", GALLERY.paintings, ids=lambda preset: preset.id)
    def test_a_painting_has_its_collection_and_what_is_told_of_it_is_short_and_has_a_source(
        self, preset: Preset
    ) -> None:
        assert preset.collection
        assert bool(preset.about) == bool(preset.about_source)
        assert len(preset.about) <= 420

    def test_it_offers_paintings_of_many_schools_and_media_and_photos_of_many_things(self) -> None:
        assert len(GALLERY.paintings) >= 24
        assert len(GALLERY.photos) >= 8
        assert len({preset.movement for preset in GALLERY.paintings}) >= 12
        media = " ".join(preset.medium.lower() for preset in GALLERY.paintings)
        for medium in ("oil", "ink", "watercolour", "tempera", "distemper"):
            assert medium in media
        shown = {preset.movement for preset in GALLERY.photos}
        assert shown >= {"people", "animals", "architecture", "landscape", "still life"}

    @every_preset
    def test_the_picture_is_the_one_of_its_record_and_large_enough_to_use(self, preset: Preset) -> None:
        pixels = preset.read().pixels
        assert pixels.dtype == np.uint8
        assert pixels.shape[2] == 3
        assert max(pixels.shape) >= 400
        assert preset.path.stat().st_size <= 350_000

    @every_preset
    def test_it_may_be_shared_and_says_whose_it_is(self, preset: Preset) -> None:
        assert preset.licence in ("CC0 1.0", "Public domain", "CC BY 2.0")
        assert "package" in preset.source
        assert preset.description.endswith(".")

    @every_preset
    def test_no_frame_or_dark_edge_is_left(self, preset: Preset) -> None:
        assert framed_sides(preset.read().pixels) == set()

    @pytest.mark.parametrize(("border", "level"), [(2, 0), (6, 230), (18, 250)], ids=["line", "margin", "mat"])
    def test_a_frame_would_be_noticed(self, border: int, level: int) -> None:
        inside = GALLERY.find("wheat-field-with-cypresses", "painting").read().pixels
        framed = np.pad(inside, ((border, border), (border, border), (0, 0)), constant_values=level)
        everywhere = {"top", "bottom", "left", "right"}
        assert framed_sides(framed) == everywhere
        assert framed_sides(framed[border:]) == everywhere - {"top"}

    def test_its_readme_agrees_with_the_records(self) -> None:
        _, _, attributions = (GALLERY_FOLDER / "README.md").read_text(encoding="utf-8").partition("## Whose pictures")
        rows = [row for row in attributions.splitlines() if row.startswith("| `")]
        assert len(rows) >= 32
        assert set(rows) <= set(attribution_table(GALLERY).splitlines())


class TestAddingAPreset:
    def test_two_files_are_enough(self, tmp_path: Path) -> None:
        add_preset(tmp_path, title="Blue Dots", settings={"style_weight": 300})
        (preset,) = load_gallery(tmp_path).paintings
        assert (preset.id, preset.kind, preset.title) == ("blue-dots", "painting", "Blue Dots")
        assert preset.read().pixels.shape == (80, 120, 3)
        assert StyleTransferConfig.from_dict(preset.settings).style_weight == 300

    def test_what_a_preset_of_old_says_of_the_computer_is_left_out(self, tmp_path: Path) -> None:
        add_preset(tmp_path, settings={"style_weight": 300, "precision": "float32", "memory": 4000})
        assert load_gallery(tmp_path).paintings[0].settings == {"style_weight": 300}

    def test_the_picture_may_be_a_png_and_a_photo(self, tmp_path: Path) -> None:
        record = add_preset(tmp_path, "photos", "dots")
        record.with_suffix(".jpg").unlink()
        record.with_suffix(".png").write_bytes(encode_png(texture()))
        sha256 = hashlib.sha256(encode_png(texture())).hexdigest()
        record.write_text(json.dumps(json.loads(record.read_text()) | {"sha256": sha256}))
        (preset,) = load_gallery(tmp_path).photos
        assert preset.kind == "photo"
        np.testing.assert_array_equal(preset.read().pixels, texture())

    def test_ordered_ones_come_first_then_the_newest(self, tmp_path: Path) -> None:
        add_preset(tmp_path, name="old", year="ca. 1330–35")
        add_preset(tmp_path, name="undated", year="undated")
        add_preset(tmp_path, name="new", year="1907")
        add_preset(tmp_path, name="second", year="1200", order=2)
        add_preset(tmp_path, name="first", year="1100", order=1)
        shown = [preset.id for preset in load_gallery(tmp_path).paintings]
        assert shown == ["first", "second", "new", "old", "undated"]

    def test_other_files_in_the_folders_are_left_alone(self, tmp_path: Path) -> None:
        add_preset(tmp_path).with_name(".DS_Store").write_bytes(b"\0")
        assert len(load_gallery(tmp_path).paintings) == 1


class TestBadRecords:
    @pytest.mark.parametrize("missing", TEXT_FIELDS)
    def test_a_missing_field_is_named(self, tmp_path: Path, missing: str) -> None:
        add_preset(tmp_path, **{missing: None})
        assert refusal(tmp_path) == (
            f"paintings/blue-dots.json: expected the field {missing}, got a record without it; add it."
        )

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"title": " "}, "expected some text in the field title, got ' '."),
            ({"year": 1889}, "expected some text in the field year, got 1889."),
            ({"colour": "x"}, f"expected the fields {', '.join(TEXT_FIELDS + OPTIONAL_FIELDS)}, got 'colour'."),
            ({"order": True}, "expected a whole number in the field order, got True."),
            ({"collection": 7}, "expected some text in the field collection, got 7."),
            (
                {"about": "A tale."},
                "expected the fields about and about_source, its address with https, both or none; correct them.",
            ),
            ({"settings": []}, "expected an object of settings in the field settings, got []."),
            ({"settings": {"steps": 0}}, "in its settings, steps: expected a number from 1 to 5000, got 0."),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
    )
    def test_a_wrong_field_is_named(self, tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
        add_preset(tmp_path, **changes)
        assert refusal(tmp_path) == f"paintings/blue-dots.json: {sentence}"

    def test_an_unknown_setting_is_named(self, tmp_path: Path) -> None:
        add_preset(tmp_path, settings={"brush": 1})
        said = refusal(tmp_path)
        assert said.startswith("paintings/blue-dots.json: in its settings, ")
        assert "brush" in said

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b'{"title":\n "x",}', "expected JSON, got "),
            (b"", "expected JSON, got "),
            (b"[]", "expected a JSON object with the fields of a preset, got another kind of value."),
            (b'{"title": "M\xe4da"}', "expected text in UTF-8, got other bytes; save it as UTF-8."),
        ],
        ids=["comma", "empty", "list", "latin-1"],
    )
    def test_a_file_that_is_no_record_is_named(self, tmp_path: Path, content: bytes, sentence: str) -> None:
        add_preset(tmp_path).write_bytes(content)
        said = refusal(tmp_path)
        assert said.startswith(f"paintings/blue-dots.json: {sentence}")
        assert "\n" not in said

    def test_a_missing_picture_is_asked_for(self, tmp_path: Path) -> None:
        add_preset(tmp_path).with_suffix(".jpg").unlink()
        assert refusal(tmp_path) == (
            "paintings/blue-dots.json: expected one picture beside it, blue-dots.jpg or blue-dots.png, got 0."
        )

    def test_two_pictures_for_one_record_are_refused(self, tmp_path: Path) -> None:
        add_preset(tmp_path).with_suffix(".png").write_bytes(encode_png(texture()))
        assert refusal(tmp_path).endswith("got 2.")

    def test_a_picture_without_a_record_is_not_silently_left_out(self, tmp_path: Path) -> None:
        add_preset(tmp_path).unlink()
        assert refusal(tmp_path) == (
            "paintings/blue-dots.jpg: expected a record blue-dots.json beside the picture, got none; write one."
        )

    def test_a_name_that_cannot_be_typed_is_refused(self, tmp_path: Path) -> None:
        add_preset(tmp_path, name="Blue Dots")
        assert refusal(tmp_path).startswith("paintings/Blue Dots.json: expected a file name of lower-case words")

    def test_a_missing_gallery_is_named(self, tmp_path: Path) -> None:
        assert refusal(tmp_path / "presets").startswith("presets: expected the gallery's folder")

    def test_a_changed_picture_is_noticed_when_it_is_read(self, tmp_path: Path) -> None:
        picture = add_preset(tmp_path).with_suffix(".jpg")
        (preset,) = load_gallery(tmp_path).paintings
        picture.write_bytes(encode_jpeg(texture()[::-1]))
        with pytest.raises(PresetError, match=rf"^paintings/blue-dots\.jpg: expected sha256 {preset.sha256} as its"):
            preset.read()

    def test_a_picture_deleted_meanwhile_is_named(self, tmp_path: Path) -> None:
        picture = add_preset(tmp_path).with_suffix(".jpg")
        (preset,) = load_gallery(tmp_path).paintings
        picture.unlink()
        with pytest.raises(PresetError, match=r"^paintings/blue-dots\.jpg: expected the picture of a preset"):
            preset.read()


class TestFind:
    @pytest.mark.parametrize(
        "name", ["wheat-field-with-cypresses", "Wheat Field with Cypresses", " WHEAT-field with cypresses "]
    )
    def test_case_and_spaces_do_not_matter(self, name: str) -> None:
        assert GALLERY.find(name, "painting").title == "Wheat Field with Cypresses"

    @pytest.mark.parametrize("name", ["wheat-feild-with-cypreses", "cypress"])
    def test_a_misspelt_or_shortened_name_brings_a_suggestion(self, name: str) -> None:
        with pytest.raises(PresetError, match=rf"^{name}: .* did you mean .*wheat-field-with-cypresses"):
            GALLERY.find(name, "painting")

    def test_a_photo_is_no_painting(self) -> None:
        assert GALLERY.find("pagoda", "photo").kind == "photo"
        with pytest.raises(PresetError, match="expected the name of a painting in the gallery"):
            GALLERY.find("pagoda", "painting")

    def test_a_name_like_no_other_gets_a_whole_sentence_too(self) -> None:
        with pytest.raises(PresetError, match=r"got an unknown one; choose one that the gallery lists\.$"):
            GALLERY.find("", "photo")
