"""What a user relies on: a grid shows one pair over two settings, and each cell's command paints it at full size.

An engine without a network stands in for the real one.
"""

import json
import random
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst.cli.main import main
from nst.cli.options import parser
from nst.cli.request import Request, config_of, config_over
from nst.cli.wording import command_of
from nst.config import StyleTransferConfig
from nst.engine import transfer
from nst.errors import ConfigError
from nst.pictures.codec import read_picture_file
from nst.pictures.gallery import load_gallery
from tests.support.fake_engine import Record
from tests.support.recipes import draw_recipe

pytestmark = pytest.mark.engine


@pytest.fixture
def configs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[StyleTransferConfig]:
    """The settings of all runs, in their order; each run's picture has the grey level 40 times its number."""
    monkeypatch.chdir(tmp_path)
    seen: list[StyleTransferConfig] = []

    def stylize(content: Any, styles: Any, config: StyleTransferConfig, *_: Any, **__: Any) -> Iterator[Record]:
        seen.append(config)
        yield Record(1, 1, 40 * len(seen), config=config)

    monkeypatch.setattr(transfer, "stylize", stylize)
    return seen


def grid(*words: str) -> int:
    return main(["grid", "pagoda", "irises", *words, "-o", "made"])


def asked_for(command: str) -> StyleTransferConfig:
    """Return the settings that the command line understands a printed command as."""
    name, *words = shlex.split(command)
    assert name == "nst"
    options = parser().parse_intermixed_args(words)
    return config_of(options, Request.of(options, load_gallery()).styles[0])


def test_every_cell_is_painted_in_small_and_its_command_asks_for_the_full_size(
    configs: list[StyleTransferConfig], capsys: pytest.CaptureFixture[str]
) -> None:
    assert grid("--vary", "strength=0.5,2", "--vary", "style-scale=0.7,1.4", "--size", "640", "--seed", "3") == 0
    expected = [(500, 0.7), (500, 1.4), (2000, 0.7), (2000, 1.4)]
    assert [(config.style_weight, config.style_scale) for config in configs] == expected
    assert {(config.size, config.seed) for config in configs} == {(256, 3)}
    printed = capsys.readouterr().out
    assert printed == Path("made/commands.txt").read_text()
    labels, commands = printed.splitlines()[::2], printed.splitlines()[1::2]
    assert labels[1] == "# strength 0.5, style scale 1.4"
    assert [asked_for(command) for command in commands] == [config.with_changes(size=640) for config in configs]


def test_the_sheet_has_rows_of_the_first_setting_and_columns_of_the_second(configs: list[StyleTransferConfig]) -> None:
    assert grid("--vary", "seed=1,2,3", "--vary", "pooling=average,max", "--cell", "192") == 0
    sheet = read_picture_file("made/sheet.jpg").pixels.astype(int)
    # The fake engine's pictures are 6 px high and 8 px wide; cells of 192 px and gaps of 8 px, labels of 20.
    for number in range(6):
        row, column = divmod(number, 2)
        top, left = 28 + 34 * row, 8 + 200 * column
        assert np.abs(sheet[top : top + 6, left : left + 8] - 40 * (number + 1)).max() < 6


def test_one_setting_makes_one_row_and_values_may_have_commas(configs: list[StyleTransferConfig]) -> None:
    assert grid("--vary", "style_layers=conv1_1,conv2_1:0.5;conv3_1") == 0
    assert [config.style_layers for config in configs] == [
        (("block1_conv1", 1), ("block2_conv1", 0.5)), (("block3_conv1", 1),),
    ]  # fmt: skip


def test_the_same_grid_is_not_painted_twice(
    configs: list[StyleTransferConfig], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grid("--vary", "seed=1,2") == 0
    assert grid("--vary", "seed=1,2,3", "--json") in (0, 1)  # no J of a picture of 8 px
    assert [config.seed for config in configs] == [1, 2, 3]
    first, *_ = (json.loads(line) for line in capsys.readouterr().out.splitlines()[4:])
    assert (first["status"], first["label"], first["command"]) == (
        "done", "seed 1", "nst pagoda irises -o seed-1.png --seed 1",
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_a_command_asks_for_exactly_the_settings_it_is_made_of(seed: int) -> None:
    chance, gallery = random.Random(seed), load_gallery()
    recipe = draw_recipe(chance, gallery, most_styles=4)
    styles = [gallery.paintings[index] for index in range(len(recipe.styles))]
    config = recipe.config.with_changes(init="noise")
    if config.photo_kept > 0:  # the weight that is found does not count
        config = config.with_changes(style_weight=config_over({}, styles[0]).style_weight)
    try:
        command = command_of(gallery.photos[0], styles, config, "out.png", config_over({}, styles[0]))
        assert asked_for(command) == config
    except ConfigError as error:
        pytest.fail(str(error))


def test_a_weight_is_asked_for_where_the_painting_wants_one_found() -> None:
    base = StyleTransferConfig(photo_kept=0.5)
    command = command_of(Path("a b.jpg"), [Path("c.jpg")], StyleTransferConfig(style_weight=1000), "out.png", base)
    assert command == "nst './a b.jpg' ./c.jpg -o out.png --style-weight 1000"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "--vary: expected one or two different settings, got 0"),
        ("--vary seed=1 --vary seed=2", "--vary: expected one or two different settings"),
        ("--vary seed", "--vary: expected a setting and its values, as in strength=0.5,1,2, got 'seed'"),
        ("--vary seed=1,,2", "--vary: expected a setting and its values"),
        ("--vary sede=1,2", "--vary: expected strength or a setting other than the size"),
        ("--vary size=64,128", "--vary: expected strength or a setting other than the size"),
        ("--vary strength=much", "--vary strength: expected numbers from 0 to 1e6, got 'much'"),
        ("--vary seed=1,x", "seed: expected a number from 0 to"),
        ("--vary upscale=on,perhaps", "upscale: expected on or off, got 'perhaps'"),
        ("--vary strength=1,2 --photo-kept 0.5", "--photo-kept: expected no style weight or strength that varies"),
        (f"--vary seed={','.join(map(str, range(101)))}", "--vary: expected at most 100 pictures, got 1 times 101"),
        ("--vary seed=1,2 --cell 3", "size: expected a number from 64 to 8192, got 3"),
    ],
)
def test_what_is_wrong_with_the_grid_is_one_line_before_the_work(
    words: str, expected: str, configs: list[StyleTransferConfig], capsys: pytest.CaptureFixture[str]
) -> None:
    assert grid(*words.split()) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert expected in captured.err
    assert configs == []
    assert not Path("made").exists()
