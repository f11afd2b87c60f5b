"""The recipe of CONTRIBUTING.md, followed: one more term is added in the named places, and a run minimises it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: What the recipe changes in each file: (what is there, what takes its place).
CHANGES = {
    "nst/engine/losses.py": [
        (
            "def total_variation_loss(",
            "def brightness_loss(pixels, whole):\n"
            "    count = tf.reduce_prod(tf.cast(whole, tf.float32)) * 3.0\n"
            "    return tf.reduce_sum(tf.square(pixels / 255.0)) / count\n\n\n"
            "def total_variation_loss(",
        )
    ],
    "nst/engine/terms.py": [
        ("    tv: Any\n", "    tv: Any\n    brightness: Any\n"),
        ("    tv: float\n", "    tv: float\n    brightness: float\n"),
    ],
    "nst/engine/objective.py": [
        ("import content_loss,", "import brightness_loss, content_loss,"),
        ("    tv: tf.Tensor\n", "    tv: tf.Tensor\n    brightness: tf.Tensor\n"),
        ("tv=tf.zeros(()),", "tv=tf.zeros(()), brightness=tf.zeros(()),"),
        (
            "tv=variation(pixels),",
            "tv=variation(pixels), brightness=brightness_loss(pixels, tf.shape(pixels)[1:3]),",
        ),
        (
            "tile.picture, tile.core_shape),\n",
            "tile.picture, tile.core_shape),\n"
            "            brightness=brightness_loss(tile.core_of_tile(pixels, 'block1_conv1'), tile.picture),\n",
        ),
        ("            tv=self.tv,\n", "            tv=self.tv,\n            brightness=self.brightness,\n"),
    ],
    "nst/config/transfer.py": [
        (
            "    tv_weight:",
            '    brightness_weight: float = number(0.0, 0.0, 1e6, "weight of the brightness")\n    tv_weight:',
        )
    ],
}

RUN = """
import numpy as np
from nst.config import RunOptions, StyleTransferConfig
from nst.engine.transfer import evaluate, stylize
photo, painting = (np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8) for seed in (1, 2))
layers = {"content_layers": "block2_conv1", "style_layers": "block1_conv1"}
plain = StyleTransferConfig(method="statistics", size=64, steps=6, style_weight=0.0, **layers)
dark = plain.with_changes(brightness_weight=1e6)
brightness = []
for config in (plain, dark):
    *_, last = stylize(photo, [painting], config, RunOptions(precision="float32"), preview_seconds=None)
    judged = evaluate(photo, [painting], config, last.picture())
    assert abs(judged.brightness - np.mean((last.picture() / 255.0) ** 2)) < 1e-4, judged
    brightness.append(judged.brightness)
assert brightness[1] < 0.9 * brightness[0], brightness
TILED
from nst.jobs.records import JobProgress
kept = JobProgress.of(last)
assert abs(sum(kept.weighted().values()) - kept.total) <= 1e-3 * kept.total, kept
assert kept.weights["brightness"] == 1e6, kept
print("followed")
"""

#: J and its gradient by tiles are those of the whole with the new term too.
TILED = """
from nst.engine.canvas import as_tensor
from nst.engine.objective import value_and_gradient
from nst.engine.targets import make_targets
from nst.engine.tiled import evaluated_by_tiles
from nst.engine.vgg import Network
from nst.plan.tiling import cut
network = Network.of(dark, "float32", "zero")
targets = make_targets(network, dark, photo, [painting])
whole = value_and_gradient(network, as_tensor(photo), targets)
tiled = evaluated_by_tiles(network, as_tensor(photo), targets, cut(64, 64, network.layers[-1], 32))
np.testing.assert_allclose(tiled.terms, whole.terms, rtol=1e-5, atol=1e-9)
np.testing.assert_allclose(tiled.gradient, whole.gradient, atol=1e-5 * np.abs(whole.gradient).max())
"""


def test_a_loss_is_added_in_the_named_files_and_nowhere_else(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "nst", tmp_path / "nst", ignore=shutil.ignore_patterns("__pycache__"))
    for name, changes in CHANGES.items():
        text = (tmp_path / name).read_text("utf-8")
        for before, after in changes:
            assert before in text, f"{name}: the recipe's place {before!r} is not there"
            text = text.replace(before, after, 1)
        (tmp_path / name).write_text(text, "utf-8")
    code = RUN.replace("TILED", TILED)
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
    )
    assert result.stdout.strip() == "followed", result.stderr[-3000:]


@pytest.mark.parametrize("name", CHANGES)
def test_the_recipe_names_the_files(name: str) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert f"`{name}`" in text.partition("## To add a loss")[2].partition("\n## ")[0]


def test_no_other_module_names_all_terms() -> None:
    words = (
        "nst/ui/widgets/terms.py", "nst/ui/settings/labels.py", "nst/ui/settings/advanced.py", "nst/config/looks.py",
    )  # fmt: skip
    allowed = {ROOT / name for name in (*CHANGES, *words)}
    naming = re.compile(r"\btv(_loss|_weight)?\b")
    for path in sorted((ROOT / "nst").rglob("*.py")):
        if path not in allowed:
            assert not naming.search(path.read_text("utf-8")), f"{path.name} knows the terms of J"
