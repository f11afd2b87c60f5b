"""What the benchmarks compute from their measurements, by hand; what they measure is their own business."""

from importlib.metadata import PackageNotFoundError
from typing import Any

import numpy as np
import pytest

from benchmarks import quality, rate, start
from nst.engine.vgg import Network
from nst.pictures.gallery import load_gallery

pytestmark = pytest.mark.engine

CONTENT, STYLE = ("block4_conv2",), tuple(f"block{block}_conv1" for block in range(1, 6))


def _pair(**ratios: float | None) -> dict[str, Any]:
    return {"within": {name.removeprefix("_"): {"ratio": ratio} for name, ratio in ratios.items()}}


def test_the_distribution_is_that_of_all_pairs() -> None:
    found = quality.distribution([_pair(_30=20.0), _pair(_30=11.0), _pair(_30=14.0), _pair(_30=18.0)])
    assert found["30"] == {
        "min": 11.0, "median": 16.0, "max": 20.0, "reached_by": 4, "pairs": 4, "goal": 15.0, "goal_reached": True
    }  # fmt: skip


def test_one_slow_pair_fails_the_goal_whatever_the_median() -> None:
    assert not quality.distribution([_pair(_30=9.9), _pair(_30=20.0), _pair(_30=30.0)])["30"]["goal_reached"]


def test_a_pair_that_never_comes_close_counts_as_the_slowest() -> None:
    found = quality.distribution([_pair(_5=None), _pair(_5=12.0), _pair(_5=None), _pair(_5=13.0)])["5"]
    assert (found["min"], found["median"], found["max"]) == (None, None, 13.0)
    assert found["reached_by"] == 2
    assert not found["goal_reached"]


def test_a_named_quality_is_placed_on_the_curve() -> None:
    def pair(unclipped: float, j: float, seconds: float) -> dict[str, Any]:
        textbook = {"unclipped": [9.0, unclipped], "seconds": [1.0, 300.0]}
        reports = [{"picture": "draft.png", "independent_J": j, "seconds": seconds}]
        return {"textbook": textbook, "command_line": [*reports, {**reports[0], "picture": "textbook-0300.png"}]}

    found = quality.named([pair(0.1, 0.13, 20.0), pair(0.2, 0.25, 10.0), pair(0.1, 0.12, 15.0)])
    assert list(found) == ["draft"]
    assert found["draft"]["above"] == pytest.approx({"min": 0.2, "median": 0.25, "max": 0.3})
    assert found["draft"]["times_faster"] == {"min": 15.0, "median": 20.0, "max": 30.0}


def test_every_pair_is_in_the_gallery() -> None:
    gallery = load_gallery()
    for photo, painting in quality.PAIRS:
        assert gallery.find(photo, "photo")
        assert gallery.find(painting, "painting")


def test_operations_are_counted_from_the_layers_shapes() -> None:
    layers = rate.Layers(Network(CONTENT, STYLE), 512, 512)
    assert layers.names[-1] == "block5_conv1"
    # 2 for multiply and add, 2 for forwards and backwards, 9 of the kernel.
    assert layers.operations("block1_conv2") == 2 * 2 * 9 * 64 * 64 * 512 * 512
    assert layers.operations("block3_conv1") == 2 * 2 * 9 * 128 * 256 * 128 * 128
    assert sum(layers.operations(name) for name in layers.names) == pytest.approx(380e9, rel=0.03)
    by_hand = sum(4 * (512 >> halvings) ** 2 * count**2 for halvings, count in enumerate((64, 128, 256, 512, 512)))
    assert layers.gram_operations() == by_hand


def test_every_part_of_the_step_runs() -> None:
    layers = rate.Layers(Network(CONTENT, STYLE, precision="bfloat16"), 33, 48)
    seconds = rate.fastest({"one": layers.convolution("block2_conv2"), "two": layers.grams()}, 1)
    assert min(seconds.values()) > 0
    found: Any = layers.elementwise()()
    assert np.isfinite(found).all()


def test_shares_and_rates() -> None:
    seconds = {"step": 2.0, "evaluation": 1.6, "optimiser": 0.3, "gram matrices": 0.1, "pooling and elementwise": 0.2}
    layers = [{"operations": 6e9, "seconds": 1.0}, {"operations": 2e9, "seconds": 0.2}]
    found = rate.compared(layers, 2 * 10**9, seconds, 6.25e9)
    assert found["share"] == pytest.approx(
        {"convolutions": 0.6, "gram matrices": 0.05, "pooling and elementwise": 0.1, "optimiser": 0.15, "other": 0.1}
    )
    assert found["gflops"] == pytest.approx({"matmul": 6.25, "convolutions": 8 / 1.2, "evaluation": 6.25, "step": 5.0})
    assert found["of_matmul"]["step"] == pytest.approx(0.8)
    assert found["rate_reached"]
    assert not found["share_reached"]


def test_starts_are_judged_by_their_medians() -> None:
    cold = [{"health": 1.0, "page": page, "network": 9.0} for page in (1.5, 1.9, 7.0)]
    warm = [{"network": 8.0, "first_preview": [0.9, each], "traces": [3, 0]} for each in (0.4, 0.5, 3.0)]
    found = start.summary(cold, warm)
    assert found["page"] == 1.9
    assert found["first_preview"] == [0.9, 0.5]
    assert found["page_reached"]
    assert found["preview_reached"]
    assert found["second_job_traces_nothing"]
    warm[1]["traces"] = [3, 1]
    assert not start.summary(cold, warm)["second_job_traces_nothing"]


def test_the_machine_is_described_without_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(package: str) -> str:
        if package == "torch":
            raise PackageNotFoundError(package)
        return "1"

    monkeypatch.setattr(quality, "version", version)
    assert quality.machine()["torch"] is None
    assert quality.machine()["numpy"] == "1"
