"""What a user relies on: a setting is either taken as meant or refused in a sentence that names it."""

import json
import math
from dataclasses import FrozenInstanceError, fields
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from nst.config import DEFAULT_STYLE_LAYERS, PAPER_STYLE_LAYERS, StyleTransferConfig, normalised
from nst.config.transfer import FINISHING_SUBJECT, FINISHING_WEIGHT
from nst.errors import ConfigError, StyleTransferError
from nst.layers import LAYERS, PAPER_NAMES

NUMBERS = [spec for spec in fields(StyleTransferConfig) if "low" in spec.metadata]
WHOLE = [spec for spec in NUMBERS if isinstance(spec.default, int)]
CHOICES = [spec for spec in fields(StyleTransferConfig) if "choices" in spec.metadata]
SWITCHES = [spec for spec in fields(StyleTransferConfig) if isinstance(spec.default, bool)]
LAYER_FIELDS = ["content_layers", "style_layers"]


def by_name(spec: Any) -> str:
    return str(getattr(spec, "name", spec))


def refusal(**settings: Any) -> str:
    """The one sentence with which `settings` are refused."""
    with pytest.raises(ConfigError) as caught:
        StyleTransferConfig(**settings)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 400
    return sentence


def test_every_field_is_a_number_a_choice_a_switch_or_weights() -> None:
    weights = {*LAYER_FIELDS, "style_blend_weights", "style_blocks"}
    kinds = [{spec.name for spec in kind} for kind in (NUMBERS, CHOICES, SWITCHES)]
    assert set.union(weights, *kinds) == {spec.name for spec in fields(StyleTransferConfig)}
    assert all(spec.metadata["help"] for spec in fields(StyleTransferConfig))


# Numbers


@pytest.mark.parametrize("spec", NUMBERS, ids=by_name)
def test_both_bounds_are_allowed(spec: Any) -> None:
    for bound in (spec.metadata["low"], spec.metadata["high"]):
        changes = {spec.name: bound}
        if spec.name == "style_weight":
            changes["content_weight"] = 1.0
        assert getattr(StyleTransferConfig(**changes), spec.name) == bound


@pytest.mark.parametrize("spec", NUMBERS, ids=by_name)
def test_numbers_past_the_bounds_are_refused(spec: Any) -> None:
    low, high = spec.metadata["low"], spec.metadata["high"]
    whole = isinstance(spec.default, int)
    beyond = [low - 1, high + 1] if whole else [math.nextafter(low, -math.inf), math.nextafter(high, math.inf)]
    for value in beyond:
        sentence = refusal(**{spec.name: value})
        assert sentence.startswith(f"{spec.name}: expected a number from {low:g} to {high:g}, got ")
        assert repr(value) in sentence


@pytest.mark.parametrize("spec", NUMBERS, ids=by_name)
@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, "nan", "1e999", "", "many", True, False, [], {}, (1,), b"one", 1j, object],
    ids=repr,
)
def test_what_is_no_number_is_refused(spec: Any, value: Any) -> None:
    assert refusal(**{spec.name: value}).startswith(f"{spec.name}: expected a number from ")


@pytest.mark.parametrize("spec", NUMBERS, ids=by_name)
def test_nothing_is_no_number_in_settings_from_outside(spec: Any) -> None:
    with pytest.raises(ConfigError, match=f"^{spec.name}: expected a number from .*, got None"):
        StyleTransferConfig.from_dict({spec.name: None})


@pytest.mark.parametrize("spec", NUMBERS, ids=by_name)
@pytest.mark.parametrize("value", [10**400, -(10**400), 10**5000, "9" * 100_000], ids=["1", "2", "3", "4"])
def test_huge_numbers_are_refused_briefly(spec: Any, value: Any) -> None:
    assert refusal(**{spec.name: value}).startswith(f"{spec.name}: ")


@pytest.mark.parametrize("spec", WHOLE, ids=by_name)
def test_fractions_are_refused_where_a_whole_number_is_needed(spec: Any) -> None:
    value = spec.metadata["low"] + 0.5
    assert refusal(**{spec.name: value}) == f"{spec.name}: expected a whole number, got {value!r}."


@pytest.mark.parametrize("value", [128, 128.0, "128", " 128 ", "128.0", "1.28e2", np.int64(128), Decimal(128)])
def test_numbers_may_come_as_text_or_from_numpy(value: Any) -> None:
    size = StyleTransferConfig(size=value).size
    assert size == 128
    assert type(size) is int
    weight = StyleTransferConfig(style_weight=value).style_weight
    assert weight == 128.0
    assert type(weight) is float


def test_the_largest_seed_is_kept_exactly() -> None:
    assert StyleTransferConfig(seed="4294967295").seed == 2**32 - 1  # type: ignore[arg-type]


def test_without_content_and_style_there_is_nothing_to_do() -> None:
    assert "content_weight and style_weight" in refusal(content_weight=0, style_weight=0)
    assert StyleTransferConfig(content_weight=0).content_weight == 0
    assert StyleTransferConfig(style_weight=0).style_weight == 0


# Choices and switches


@pytest.mark.parametrize("spec", CHOICES, ids=by_name)
def test_choices_are_taken_and_others_refused(spec: Any) -> None:
    for choice in spec.metadata["choices"]:
        assert getattr(StyleTransferConfig(**{spec.name: choice}), spec.name) == choice
    others: list[Any] = ["", "other", None, 0, True, [], {}, np.array([1, 2]), "x" * 10_000]
    for value in others:
        sentence = refusal(**{spec.name: value})
        assert sentence.startswith(f"{spec.name}: expected {spec.metadata['choices'][0]} or ")


@pytest.mark.parametrize("spec", SWITCHES, ids=by_name)
def test_switches_take_true_and_false_only(spec: Any) -> None:
    for value in (True, False):
        assert getattr(StyleTransferConfig.from_dict({spec.name: value}), spec.name) is value
    others: list[Any] = [0, 1, "true", "no", None, []]
    for wrong in others:
        assert refusal(**{spec.name: wrong}).startswith(f"{spec.name}: expected true or false, got ")


# Layers


def test_the_sixteen_layers_have_two_names_each() -> None:
    assert len(LAYERS) == 16
    assert LAYERS[0] == "block1_conv1"
    assert LAYERS[-1] == "block5_conv4"
    assert PAPER_NAMES["block4_conv2"] == "conv4_2"


def test_the_paper_s_layers_with_less_weight_on_the_deep_ones() -> None:
    config = StyleTransferConfig()
    assert config.content_layers == (("block4_conv2", 1.0),)
    assert config.style_layers == DEFAULT_STYLE_LAYERS
    assert [PAPER_NAMES[name] for name, _ in config.style_layers] == [f"conv{block}_1" for block in range(1, 6)]
    weights = [weight for _, weight in config.style_layers]
    assert weights == sorted(weights, reverse=True)
    assert set(normalised(PAPER_STYLE_LAYERS).values()) == {0.2}


def test_whoever_names_a_style_weight_wants_no_other_to_be_found() -> None:
    assert (StyleTransferConfig().photo_kept, StyleTransferConfig().style_weight) == (0.6, 1000.0)
    for config in (
        StyleTransferConfig(style_weight=30.0),
        StyleTransferConfig.from_dict({"style_weight": "30"}),
        StyleTransferConfig().with_changes(style_weight=30.0),
    ):
        assert (config.photo_kept, config.style_weight) == (0.0, 30.0)
        assert config.with_changes(size=64).photo_kept == 0
        assert not config.finds_strength
    both = StyleTransferConfig(style_weight=30.0, photo_kept=0.4)
    assert (both.photo_kept, both.with_changes(size=64).photo_kept) == (0.4, 0.4)


@pytest.mark.parametrize("field", LAYER_FIELDS)
@pytest.mark.parametrize(
    "value",
    [
        "conv3_2:0.5,conv1_1",
        " block1_conv1 , conv3_2 : 0.5 ,",
        {"block3_conv2": 0.5, "block1_conv1": 1},
        {"conv3_2": "0.5", "conv1_1": 1.0},
        ["conv3_2:0.5", "block1_conv1"],
        [("conv3_2", 0.5), ["conv1_1", 1]],
        (("block1_conv1", 1.0), ("block3_conv2", 0.5), ("conv5_4", 0)),
    ],
    ids=repr,
)
def test_layers_are_read_in_every_spelling_and_sorted(field: str, value: Any) -> None:
    layers = getattr(StyleTransferConfig(**{field: value}), field)
    assert layers == (("block1_conv1", 1.0), ("block3_conv2", 0.5))
    assert normalised(layers) == pytest.approx({"block1_conv1": 2 / 3, "block3_conv2": 1 / 3})


@pytest.mark.parametrize("field", LAYER_FIELDS)
@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "expected at least one layer"),
        ([], "expected at least one layer"),
        ({}, "expected at least one layer"),
        (" , ,", "expected at least one layer"),
        ("conv1_1:0", "expected at least one layer"),
        ("conv1_1,block1_conv1", "expected each layer once, got block1_conv1 twice"),
        ([("conv1_1", 1), ("conv1_1", 2)], "expected each layer once"),
        ("block6_conv1", "got 'block6_conv1'"),
        ("conv1_3", "got 'conv1_3'"),
        ("relu1_1", "got 'relu1_1'"),
        ("x" * 10_000, "expected layers from block1_conv1 to block5_conv4"),
        ({1: 1.0}, "got '1'"),
        ("conv1_1:heavy", "block1_conv1: expected a number from 0 to 1e+06, got 'heavy'"),
        ("conv1_1:-1", "block1_conv1: expected a number"),
        ("conv1_1:nan", "block1_conv1: expected a number"),
        ({"conv1_1": True}, "block1_conv1: expected a number"),
        ({"conv1_1": None}, "block1_conv1: expected a number"),
        ({"conv1_1": 10**400}, "block1_conv1: expected a number"),
        (None, "expected layer names such as block4_conv2, got None"),
        (4, "expected layer names such as block4_conv2, got 4"),
        ([4], "expected layer names such as block4_conv2, got 4"),
        ([("conv1_1", 1, 2)], "expected layer names such as block4_conv2"),
        ([[]], "expected layer names such as block4_conv2"),
        (b"conv1_1", "expected layer names such as block4_conv2"),
        ([({}, {})], "expected layers from block1_conv1"),
    ],
)
def test_wrong_layers_are_refused(field: str, value: Any, problem: str) -> None:
    sentence = refusal(**{field: value})
    assert sentence.startswith(field)
    assert problem in sentence


# Several paintings


@pytest.mark.parametrize("value", ["0.75, 0.25", (3, 1), [0.3, 0.1], ("3", "1")])
def test_blend_weights_are_shares(value: Any) -> None:
    assert StyleTransferConfig(style_blend_weights=value).blend(2) == pytest.approx((0.75, 0.25))


def test_paintings_share_equally_when_nothing_is_said() -> None:
    assert StyleTransferConfig().blend(1) == (1.0,)
    assert StyleTransferConfig().blend(4) == (0.25,) * 4


def test_a_painting_may_have_no_share() -> None:
    assert StyleTransferConfig(style_blend_weights=(0, 2)).blend(2) == (0.0, 1.0)


def test_blend_weights_must_match_the_paintings() -> None:
    config = StyleTransferConfig(style_blend_weights=(1, 2))
    for styles in (1, 3):
        with pytest.raises(ConfigError, match=f"one weight for each of the {styles} paintings, got 2"):
            config.blend(styles)
    with pytest.raises(ConfigError, match="style: expected at least one painting, got none"):
        StyleTransferConfig().blend(0)


@pytest.mark.parametrize("value", [0.5, None, True, "", "a,b", (-1, 2), (math.nan,), (0, 0), [True], [None], [10**400]])
def test_wrong_blend_weights_are_refused(value: Any) -> None:
    assert refusal(style_blend_weights=value).startswith("style_blend_weights: expected ")


# The object


UNUSUAL = StyleTransferConfig(
    size=640,
    content_layers={"conv2_2": 0.3, "conv4_2": 1},  # type: ignore[arg-type]
    style_layers="conv1_1,conv5_1:2",  # type: ignore[arg-type]
    style_blend_weights=(0.1, 0.9),
    init="noise",
    coarse_to_fine=False,
    upscale=True,
    tv_weight=0.1,
    seed=2**32 - 1,
)


@pytest.mark.parametrize("config", [StyleTransferConfig(), UNUSUAL], ids=["default", "unusual"])
def test_settings_survive_json(config: StyleTransferConfig) -> None:
    text = json.dumps(config.to_dict(), allow_nan=False)
    assert StyleTransferConfig.from_dict(json.loads(text)) == config


def test_settings_left_out_keep_their_defaults() -> None:
    assert StyleTransferConfig.from_dict({}) == StyleTransferConfig()
    assert StyleTransferConfig.from_dict({"size": 256}) == StyleTransferConfig(size=256)


@pytest.mark.parametrize("name", ["sise", "", "beta", 1, "x\n" * 10_000])
def test_unknown_settings_are_refused(name: Any) -> None:
    with pytest.raises(ConfigError, match="expected one of the settings size, steps") as caught:
        StyleTransferConfig.from_dict({name: 1})
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_changes_are_validated_and_leave_the_original_alone() -> None:
    config = StyleTransferConfig(size=256)
    changed = config.with_changes(steps=3, style_layers="conv1_1")
    assert (changed.size, changed.steps, changed.style_layers) == (256, 3, (("block1_conv1", 1.0),))
    assert config == StyleTransferConfig(size=256)
    with pytest.raises(ConfigError, match="steps"):
        config.with_changes(steps=0)
    with pytest.raises(ConfigError, match="content_weight and style_weight"):
        config.with_changes(content_weight=0, style_weight=0)


def test_a_config_is_frozen_and_a_cache_key() -> None:
    config = StyleTransferConfig(style_layers=["conv1_1"])  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        config.size = 64  # type: ignore[misc]
    assert {config: 1}[StyleTransferConfig(style_layers="block1_conv1:1")] == 1  # type: ignore[arg-type]


def test_the_user_s_errors_are_one_family() -> None:
    assert issubclass(ConfigError, StyleTransferError)


# Blocks of the network for each painting


def test_blocks_are_read_from_text_and_lists() -> None:
    assert StyleTransferConfig(style_blocks="1-2, 3-5").style_blocks == ("1-2", "3-5")  # type: ignore[arg-type]
    assert StyleTransferConfig(style_blocks=["1", "2-5"]).to_dict()["style_blocks"] == ["1", "2-5"]  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["0-2", "2-1", "1-6", "fine", "1-", "1-2-3", [1], [None], 7])
def test_what_is_no_range_of_blocks_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match=r"style_blocks: expected ranges"):
        StyleTransferConfig(style_blocks=value)


def test_blocks_need_one_range_for_each_painting() -> None:
    with pytest.raises(ConfigError, match="style_blocks: expected one range for each of the 3 paintings, got 2"):
        StyleTransferConfig(style_blocks=("1-2", "3-5")).blend(3)


def test_each_pass_of_a_combined_run_has_the_settings_of_one_way() -> None:
    config = StyleTransferConfig(style_weight=2000.0)
    assert config.method == "combined"
    assert config.of_pass(by_layer=False) == config.with_changes(method="statistics", style_weight=2000.0)
    last = config.of_pass(by_layer=True)
    assert (last.method, last.style_weight) == ("neighbours", FINISHING_WEIGHT)
    assert last.subject_weight == FINISHING_SUBJECT, "a face is not to dissolve in the painting's pieces"
    assert config.with_changes(subject_weight=2.0).of_pass(by_layer=True).subject_weight == 2 * FINISHING_SUBJECT
    assert config.with_changes(subject_weight=100.0).of_pass(by_layer=True).subject_weight == 100.0, "the most there is"
    assert config.with_changes(style_weight=30.0).of_pass(by_layer=True).style_weight == 30.0
    doubled = config.with_changes(content_weight=2.0, style_weight=2000.0)
    assert doubled.of_pass(by_layer=True).style_weight == 2 * FINISHING_WEIGHT, "the photo has as much of a say"
    for method in ("statistics", "neighbours"):
        other = StyleTransferConfig(method=method)
        assert other.of_pass(by_layer=True) is other
    names = {name for name, _ in config.compared_layers}
    assert names == {name for way in (False, True) for name, _ in config.of_pass(way).compared_layers}


@pytest.mark.parametrize("changes", [{"style_blocks": "1-2,3-5"}, {"steps": 1}])
def test_a_run_that_cannot_end_with_neighbours_is_one_of_statistics(changes: dict[str, Any]) -> None:
    config = StyleTransferConfig().with_changes(**changes)
    assert not config.ends_with_neighbours
    assert config.of_pass(by_layer=True) == config.of_pass(by_layer=False) == config.with_changes(method="statistics")
    assert config.compared_layers == config.style_layers


def test_where_the_subject_is_matters_to_a_run_that_holds_it_or_finds_its_strength() -> None:
    config = StyleTransferConfig(style_weight=100.0)
    assert config.sees_subject, "in the last pass"
    assert not config.with_changes(content_weight=0.0).sees_subject
    statistics = config.with_changes(method="statistics")
    assert not statistics.sees_subject
    assert statistics.with_changes(subject_weight=2.0).sees_subject
    assert statistics.with_changes(photo_kept=0.5).sees_subject
