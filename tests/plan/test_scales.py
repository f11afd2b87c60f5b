"""Sizes: nothing is squashed, nothing is upscaled unasked, and the last scale is what was asked for."""

import pytest

from nst.config import StyleTransferConfig
from nst.errors import ImageError
from nst.plan.scales import (
    COARSE_STEPS,
    SKETCH_STEPS,
    Scale,
    Shape,
    check_size,
    corrections,
    final_shape,
    is_due,
    plan,
    scales_of,
    style_shape,
)
from tests.support.settings import STATISTICS


@pytest.mark.parametrize(
    ("photo", "size", "upscale", "expected"),
    [
        ((427, 640), 512, False, (342, 512)),  # 427 * 0.8 is 341.6
        ((640, 427), 512, False, (512, 342)),
        ((427, 640), 640, True, (427, 640)),
        ((427, 640), 1024, False, (427, 640)),
        ((427, 640), 1024, True, (683, 1024)),
        ((301, 301), 97, False, (97, 97)),
        ((3000, 20), 300, False, (300, 2)),
        ((3000, 2), 300, False, (300, 1)),  # never no pixels at all
    ],
)
def test_long_side_becomes_size_unless_that_upscales(photo: Shape, size: int, upscale: bool, expected: Shape) -> None:
    assert final_shape(*photo, StyleTransferConfig(size=size, upscale=upscale)) == expected


@pytest.mark.parametrize("size", [64, 65, 97, 512, 1000, 2048])
@pytest.mark.parametrize("photo", [(480, 641), (1999, 700), (2333, 3500), (97, 4001), (64, 64)])
def test_proportions_are_kept_to_half_a_pixel(photo: Shape, size: int) -> None:
    for upscale in (False, True):
        height, width = final_shape(*photo, StyleTransferConfig(size=size, upscale=upscale))
        factor = max(height, width) / max(photo)
        assert height == pytest.approx(photo[0] * factor, abs=0.5)
        assert width == pytest.approx(photo[1] * factor, abs=0.5)


@pytest.mark.parametrize(
    ("long_side", "style_scale", "upscale", "expected"),
    [
        (512, 1, False, (256, 512)),
        (512, 0.5, False, (128, 256)),
        (512, 1.5, False, (300, 600)),  # 768 px were wanted, the painting has 600
        (512, 1.5, True, (384, 768)),
        (64, 0.1, False, (3, 6)),
    ],
)
def test_style_scale_is_the_paintings_long_side_over_the_results(
    long_side: int, style_scale: float, upscale: bool, expected: Shape
) -> None:
    config = StyleTransferConfig(style_scale=style_scale, upscale=upscale)
    assert style_shape(300, 600, long_side, config) == expected


def test_every_halving_down_to_128_px_is_painted_first() -> None:
    config = StyleTransferConfig(steps=7)
    assert plan((342, 512), ((449, 572), (600, 300)), config, coarse=True) == (
        Scale((86, 128), ((100, 128), (128, 64)), 7),
        Scale((171, 256), ((201, 256), (256, 128)), 7),
        Scale((342, 512), ((402, 512), (512, 256)), 5),
        Scale((342, 512), ((402, 512), (512, 256)), 2, by_layer=True),
    )


def test_without_coarse_sizes_there_is_one_scale() -> None:
    config = STATISTICS.with_changes(steps=7, style_scale=0.5)
    assert plan((342, 512), ((450, 600),), config, coarse=False) == (Scale((342, 512), ((192, 256),), 7),)


@pytest.mark.parametrize(
    ("shape", "styles", "scales"),
    [
        ((254, 254), ((400, 400),), 1),
        ((256, 256), ((400, 400),), 2),
        ((64, 2048), ((400, 400),), 2),  # the next would be 16 px high
        ((512, 512), ((60, 600),), 1),  # and here the painting 26 px
        ((2048, 2048), ((2048, 2048),), 5),
    ],
)
def test_no_coarse_size_is_too_small_for_the_network(shape: Shape, styles: tuple[Shape, ...], scales: int) -> None:
    assert len({scale.shape for scale in plan(shape, styles, StyleTransferConfig(), coarse=True)}) == scales


@pytest.mark.parametrize("shape", [(64, 64), (97, 1999), (1023, 2047), (2048, 130)])
def test_last_scale_is_the_result_and_each_before_it_smaller(shape: Shape) -> None:
    scales = plan(shape, ((500, 500),), STATISTICS.with_changes(steps=3), coarse=True)
    assert scales[-1].shape == shape
    assert scales[-1].steps == 3
    long_sides = [max(scale.shape) for scale in scales]
    assert long_sides == sorted(set(long_sides))
    for scale in scales:
        assert scale.shape[0] / max(scale.shape) == pytest.approx(shape[0] / max(shape), abs=0.5 / max(scale.shape))


@pytest.mark.parametrize(("block", "smallest"), [(1, 2), (2, 2), (3, 4), (4, 8), (5, 16)])
def test_each_pooling_needs_twice_the_pixels(block: int, smallest: int) -> None:
    check_size("content", (smallest, 500), block)
    with pytest.raises(ImageError) as raised:
        check_size("content", (500, smallest - 1), block)
    assert str(raised.value).startswith(f"content: expected at least {smallest} px on the short side")
    assert f"block{block}" in str(raised.value)
    assert f"got {smallest - 1}x500 px" in str(raised.value)


def test_corrections_come_less_and_less_often() -> None:
    assert [done for done in range(400) if is_due(done)] == [0, 5, 15, 35, 75, 155, 315]


def test_corrections_are_counted_without_going_through_the_steps() -> None:
    assert [corrections(steps) for steps in range(1, 400)] == [
        sum(map(is_due, range(steps))) for steps in range(1, 400)
    ]


def test_the_coarse_sizes_of_a_tileable_picture_are_filled_by_the_pooling_s_cells() -> None:
    config = STATISTICS.with_changes(size=688, tileable=True)
    shapes = [scale.shape for scale in scales_of((688, 688), ((688, 688),), config)]
    # The halves are 344 and 172 px.
    assert shapes == [(176, 176), (352, 352), (688, 688)]
    shallow = config.with_changes(style_layers="conv1_1", content_layers="conv3_1")
    assert [scale.shape for scale in scales_of((688, 688), ((688, 688),), shallow)] == [
        (172, 172), (344, 344), (688, 688),
    ]  # fmt: skip


def test_what_a_sketch_has_done_the_first_coarse_size_need_not_do() -> None:
    config = StyleTransferConfig(size=512, sketch_weight=500.0)
    steps = [scale.steps for scale in scales_of((512, 512), ((512, 512),), config)]
    assert steps == [COARSE_STEPS - SKETCH_STEPS, COARSE_STEPS, 33, 12]
    # A small picture has no coarse size, and one that does not start from the photo no sketch.
    assert [scale.steps for scale in scales_of((200, 200), ((512, 512),), config)] == [33, 12]
    other = config.with_changes(init="noise")
    assert [scale.steps for scale in scales_of((512, 512), ((512, 512),), other)][:2] == [COARSE_STEPS] * 2
