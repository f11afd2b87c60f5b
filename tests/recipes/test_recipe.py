"""What a user relies on: a saved picture says how it was made, and a hostile one does no harm."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nst import __version__
from nst.config import RECORDED_FIELDS, RunOptions, StyleTransferConfig
from nst.errors import ConfigError
from nst.layers import LAYERS
from nst.masks.mask import MAX_REGIONS
from nst.masks.packed import PackedMask
from nst.masks.regions import MAX_GUIDES, Region
from nst.pictures.codec import MAX_RECIPE_BYTES, encode_png, read_recipe_text
from nst.plan.tiling import WHOLE
from nst.recipes.link import from_link, to_link
from nst.recipes.provenance import Provenance
from nst.recipes.recipe import MAX_STYLES, Recipe, Source
from nst.weights.files import WeightsSource

PHOTO = Source.of("harbour", b"a photo")
PAINTINGS = (Source.of("great-wave", b"a painting"), Source.of("irises", b"another"))
WAVE = Source.of("great-wave", b"a painting")
RECIPE = Recipe(PHOTO, (WAVE,), StyleTransferConfig(size=96, style_layers="conv1_1,conv3_1:2"), "0.1.0")  # type: ignore[arg-type]


def with_entry(**changes: Any) -> str:
    """RECIPE's JSON with some of its entries replaced."""
    return json.dumps({**json.loads(RECIPE.to_json()), **changes})


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        Recipe.from_json(text)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 500
    return sentence


def test_a_checksum_is_that_of_the_file() -> None:
    # printf abc | sha256sum
    assert Source.of("a", b"abc").sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    "recipe",
    [
        RECIPE,
        Recipe(PHOTO, (WAVE,), StyleTransferConfig(init="picture"), "0.1.0", initial=Source.of("früher.png", b"x")),
        Recipe(PHOTO, (WAVE, PHOTO), StyleTransferConfig(style_blend_weights=(0.1, 0.9)), "12.34.56"),
        Recipe(PHOTO, (WAVE,), StyleTransferConfig(), "0.1.0", evaluations=17),
    ],
    ids=["simple", "continued", "blended", "stopped"],
)
def test_a_recipe_survives_json_and_png(recipe: Recipe) -> None:
    assert Recipe.from_json(recipe.to_json()) == recipe
    data = encode_png(np.zeros((4, 4, 3), np.uint8), recipe.to_json())
    text = read_recipe_text(data)
    assert text is not None
    assert Recipe.from_json(text) == recipe


def test_the_json_is_one_readable_line() -> None:
    text = RECIPE.to_json()
    assert "\n" not in text
    entries = json.loads(text)
    assert entries["recipe"] == 1
    assert entries["content"] == {"name": "harbour", "sha256": PHOTO.sha256}
    assert entries["config"]["size"] == 96


def test_the_largest_recipe_fits_into_a_png() -> None:
    source = Source.of("波" * 1000, b"x")
    layers = dict.fromkeys(LAYERS, 0.12345678901234566)
    config = StyleTransferConfig(
        content_layers=layers,  # type: ignore[arg-type]
        style_layers=layers,  # type: ignore[arg-type]
        style_blend_weights=(0.12345678901234567,) * MAX_STYLES,
    )
    noise = PackedMask.of(np.random.default_rng(0).random((700, 500)).astype(np.float32))
    region = Region("波" * 1000, noise, (0.12345678901234567,) * MAX_STYLES, 0.12345678901234567)
    guides = (noise,) * MAX_GUIDES + (None,) * (MAX_STYLES - MAX_GUIDES)
    recipe = Recipe(
        source,
        (source,) * MAX_STYLES,
        config,
        "0.1.0",
        initial=source,
        regions=(region,) * MAX_REGIONS,
        style_guides=guides,
    )
    text = recipe.to_json()
    assert Recipe.from_json(text) == recipe
    assert len(text.encode()) < MAX_RECIPE_BYTES
    assert read_recipe_text(encode_png(np.zeros((4, 4, 3), np.uint8), text)) == text


def test_a_strange_file_name_stays_printable() -> None:
    source = Source.of("a\n\x1b[31m\udcff.png", b"x")
    assert source.name == "a??[31m?.png"
    recipe = Recipe(source, (WAVE,), StyleTransferConfig(), "0.1.0")
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_paintings_and_weights_must_match() -> None:
    with pytest.raises(ConfigError, match="at least one painting"):
        Recipe(PHOTO, (), StyleTransferConfig(), "0.1.0")
    with pytest.raises(ConfigError, match="one weight for each"):
        Recipe(PHOTO, (WAVE,), StyleTransferConfig(style_blend_weights=(1, 1)), "0.1.0")
    with pytest.raises(ConfigError, match=f"at most {MAX_STYLES} paintings"):
        Recipe(PHOTO, (WAVE,) * (MAX_STYLES + 1), StyleTransferConfig(), "0.1.0")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        "[]",
        "null",
        "1",
        '"recipe"',
        "{}",
        '{"recipe": 1',
        '{"recipe": 1}',
        '{"recipe": 1, "recipe": 1}',
        RECIPE.to_json()[:-1] + ', "recipe": 1}',
        RECIPE.to_json().replace('"size": 96', '"size": 96, "size": 128'),
        RECIPE.to_json().replace('"size": 96', '"size": NaN'),
        RECIPE.to_json().replace('"size": 96', '"size": Infinity'),
        "[" * 60_000,
        '{"a":' * 10_000,
        "\x00",
        "\ud800",
        "\ufeff{}",
        '{"recipe": ' + "9" * 60_000 + "}",
    ],
    ids=lambda text: ascii(text[:24]),
)
def test_broken_json_is_refused(text: str) -> None:
    assert refusal(text).startswith("recipe: expected ")


def test_an_oversized_text_is_refused_unread() -> None:
    assert "expected at most 196608 characters" in refusal(RECIPE.to_json() + " " * MAX_RECIPE_BYTES)


@pytest.mark.parametrize("number", [0, 4, 1.0, True, "1", None, [1], 10**300])
def test_another_format_is_refused(number: Any) -> None:
    assert refusal(with_entry(recipe=number)).startswith("recipe: expected format 1 to 3, got another")


GOOD = {"name": "a", "sha256": "0" * 64}


@pytest.mark.parametrize(
    "changes",
    [
        {"content": None},
        {"content": "harbour"},
        {"content": {}},
        {"content": {**GOOD, "name": ""}},
        {"content": {**GOOD, "name": 1}},
        {"content": {**GOOD, "sha256": 0}},
        {"content": {**GOOD, "sha256": "0" * 63}},
        {"content": {**GOOD, "sha256": "0" * 64 + "\n"}},
        {"content": {**GOOD, "sha256": "G" * 64}},
        {"styles": None},
        {"styles": GOOD},
        {"styles": [None]},
        {"styles": []},
        {"styles": [GOOD] * (MAX_STYLES + 1)},
        {"initial": 1},
        {"initial": {}},
        {"nst": None},
        {"nst": 1},
        {"nst": "1" * 1000},
        {"config": None},
        {"config": []},
        {"config": {"size": 10**300}},
        {"config": {"size": [[]]}},
        {"config": {"seed": "9" * 5000}},
        {"config": {"unknown": 1}},
        {"config": {"pooling": {}}},
        {"config": {"style_layers": {"conv1_1": {}}}},
        {"config": {"style_layers": [[[[]]]]}},
        {"config": {"style_blend_weights": [[1]]}},
        {"config": {"style_blend_weights": [1, 2, 3]}},
    ],
    ids=lambda changes: ascii(changes)[:50],
)
def test_entries_of_the_wrong_kind_are_refused(changes: dict[str, Any]) -> None:
    refusal(with_entry(**changes))


def test_integers_too_long_for_python_are_refused() -> None:
    refusal(RECIPE.to_json().replace('"size": 96', '"size": ' + "9" * 4200))
    refusal(RECIPE.to_json().replace('"size": 96', '"size": ' + "9" * 20_000))
    refusal(RECIPE.to_json().replace('"size": 96', '"size": 1e400'))


@pytest.mark.parametrize("evaluations", [-1, 1.5, True, "3", 10**9])
def test_evaluations_must_be_a_number_of_them(evaluations: object) -> None:
    entries = {**json.loads(RECIPE.to_json()), "evaluations": evaluations}
    with pytest.raises(ConfigError, match="number of evaluations"):
        Recipe.from_json(json.dumps(entries))


def test_a_run_adds_how_it_was_computed_and_where_it_was_stopped() -> None:
    run = Provenance.of(RunOptions(precision="bfloat16", tile=768), "NVIDIA H200")
    stopped, finished = (RECIPE.as_run(run, step, 10) for step in (7, 10))
    assert stopped == replace(RECIPE, run=run, evaluations=7)
    assert finished == replace(RECIPE, run=run)
    assert json.loads(stopped.to_json())["run"] == {
        "precision": "bfloat16", "memory": 0, "tile": 768, "history": 20, "nst": __version__, "device": "NVIDIA H200",
    }  # fmt: skip
    sentence = run.sentence()
    assert all(word in sentence for word in ("bfloat16", "768 px", "NVIDIA H200", __version__))


def test_a_picture_taken_whole_says_nothing_of_tiles() -> None:
    run = Provenance.of(RunOptions(precision="float32", tile=WHOLE), "CPU")
    assert run.options.tile == 0
    assert "tiles" not in run.sentence()


def test_a_run_tells_how_many_evaluations_were_of_the_low_rank_network() -> None:
    run = Provenance.of(RunOptions(precision="float32"), "CPU", low_rank=40)
    told = replace(RECIPE, run=run)
    assert Recipe.from_json(told.to_json()) == told
    assert "The low-rank network made 40 of its evaluations" in run.sentence()
    assert "low-rank" not in Provenance.of(RunOptions(), "CPU").sentence()
    entries = json.loads(told.to_json())
    entries["run"]["low_rank"] = "many"
    with pytest.raises(ConfigError, match="low-rank"):
        Recipe.from_json(json.dumps(entries))


def test_how_an_old_recipe_was_computed_is_kept_apart_from_its_settings() -> None:
    settings = {**RECIPE.config.to_dict(), "precision": "bfloat16", "tile": 768, "memory": 4000, "history": 5}
    found = Recipe.from_json(with_entry(config=settings))
    options = RunOptions(precision="bfloat16", tile=768, memory=4000, history=5)
    assert found == replace(RECIPE, run=Provenance(options, RECIPE.nst_version))
    assert Recipe.from_json(found.to_json()) == found
    assert from_link(to_link(found)) == found


def test_an_old_recipe_that_left_the_run_to_the_machine_says_nothing_of_it() -> None:
    settings = {**RECIPE.config.to_dict(), **{name: getattr(RunOptions(), name) for name in RECORDED_FIELDS}}
    assert Recipe.from_json(with_entry(config=settings)) == RECIPE


@pytest.mark.parametrize(
    "changes",
    [
        {"config": {"tile": -1}},
        {"config": {"precision": "float16"}},
        {"run": []},
        {"run": {"history": "many"}},
        {"run": {"memory": 10**400}},
        {"run": {"resumed": 3}},
        {"run": {"resumed": [1, -1]}},
        {"run": {"resumed": [1, 10**9]}},
        {"run": {"vgg19": "mine.mat"}},
        {"run": {"vgg19": {"kind": "keras", "sha256": "12", "normalised": False}}},
        {"run": {"vgg19": {"kind": "secret", "sha256": "0" * 64, "normalised": False}}},
        {"run": {"vgg19": {"kind": "keras", "sha256": "0" * 64, "normalised": 1}}},
    ],
    ids=ascii,
)
def test_a_run_that_cannot_have_been_is_refused(changes: dict[str, Any]) -> None:
    refusal(with_entry(**changes))


def test_a_recipe_says_what_its_weights_were_and_not_where() -> None:
    source = WeightsSource("matconvnet", "0123456789abcdef" * 4, True)
    run = Provenance.of(RunOptions(weights="/home/me/vgg.mat", weights_scale="normalised"), "CPU", None, source)
    recipe = replace(RECIPE, run=run)
    assert "/home/me" not in recipe.to_json()
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert "a file of MatConvNet with the sha256 0123456789ab..., normalised over the gallery" in run.sentence()
    assert "without it the picture cannot be made again" in run.sentence()


def test_no_recipe_names_a_file_of_weights_for_the_one_who_reads_it() -> None:
    run = Recipe.from_json(with_entry(run={"weights": "/etc/passwd", "weights_scale": "normalised"})).run
    assert run.options == RunOptions()
    assert "'weights': expected one of the settings" in refusal(
        with_entry(config={**RECIPE.config.to_dict(), "weights": "/etc/passwd"})
    )


def test_a_recipe_says_that_a_run_went_on_from_a_checkpoint() -> None:
    resumed = replace(RECIPE, run=Provenance.of(RunOptions(), "CPU", (60, 35)))
    assert Recipe.from_json(resumed.to_json()) == resumed
    assert json.loads(resumed.to_json())["run"]["resumed"] == [60, 35]


def test_what_a_later_version_says_of_a_run_is_left_out_and_names_are_printable() -> None:
    run = Recipe.from_json(with_entry(run={"nst": "9.0", "device": "a\nb", "threads": 4})).run
    assert run == Provenance(RunOptions(), "9.0", "a?b")
    assert Recipe.from_json(with_entry(run={"nst": 1, "device": None})).run == Provenance(RunOptions(), "")


# Regions

MASK = PackedMask.of(np.eye(12, 18, dtype=np.float32))
WITH_REGIONS = Recipe(
    PHOTO, (WAVE, PHOTO), StyleTransferConfig(), "0.1.0", None, None, (Region("sky", MASK, (1, 3), 0.5),), (None, MASK)
)


def test_regions_come_back_with_their_masks() -> None:
    assert Recipe.from_json(WITH_REGIONS.to_json()) == WITH_REGIONS
    assert json.loads(WITH_REGIONS.to_json())["recipe"] == 2
    np.testing.assert_array_equal(WITH_REGIONS.regions[0].mask.mask, np.eye(12, 18))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"mask": None},
        {"mask": {"height": 12, "width": 18, "data": ""}},
        {"shares": [1]},
        {"shares": [0, 0]},
        {"shares": ["1", 2]},
        {"shares": {}},
        {"strength": None},
        {"strength": 1e9},
        {"strength": 10**400},
        {"strength": True},
    ],
)
def test_broken_regions_are_refused(changes: dict[str, Any]) -> None:
    entries = json.loads(WITH_REGIONS.to_json())
    entries["regions"][0].update(changes)
    assert refusal(json.dumps(entries)).startswith("recipe: ")


@pytest.mark.parametrize(
    "changes", [{"regions": {}}, {"regions": [1]}, {"style_guides": [1, 2]}, {"regions": [{}] * 99}]
)
def test_broken_lists_of_regions_are_refused(changes: dict[str, Any]) -> None:
    assert refusal(json.dumps({**json.loads(WITH_REGIONS.to_json()), **changes})).startswith("recipe: ")


def test_a_recipe_knows_the_picture_that_is_asked_for() -> None:
    config = StyleTransferConfig(style_weight=900)
    made = Recipe(PHOTO, PAINTINGS, config, "0.1.0", evaluations=3)
    renamed = Recipe(replace(PHOTO, name="other"), PAINTINGS, config, "0.2.0")
    assert made.is_of(renamed)
    assert not made.is_of(replace(renamed, config=config.with_changes(seed=1)))
    assert not made.is_of(replace(renamed, styles=PAINTINGS[::-1]))
    assert not made.is_of(replace(renamed, content=PAINTINGS[0]))


def test_a_recipe_from_before_there_were_other_statistics_means_gram_matrices_and_its_own_weight() -> None:
    entries = json.loads(RECIPE.to_json())
    for name in ("style_statistics", "photo_kept", "subject_weight"):
        del entries["config"][name]
    config = Recipe.from_json(json.dumps(entries)).config
    assert (config.style_statistics, config.photo_kept, config.subject_weight) == ("gram", 0, 1)


def test_a_recipe_with_a_weight_that_was_found_knows_for_which_share() -> None:
    asked = replace(RECIPE, config=StyleTransferConfig(photo_kept=0.4))
    made = asked.with_strength(asked.config.with_changes(photo_kept=0.0, style_weight=24.7))
    made = Recipe.from_json(made.to_json())
    assert (made.config.style_weight, made.photo_kept) == (24.7, 0.4)
    assert made.is_of(asked)
    assert not made.is_of(replace(asked, config=asked.config.with_changes(photo_kept=0.5)))
    assert not replace(made, photo_kept=None).is_of(asked)
    assert made.is_of(replace(asked, config=made.config))
