"""What others call: a photo and paintings in, a stream of progress out, the best picture at any time.

`stylize` is a generator. To cancel it, stop iterating; the last record still gives the best picture so far.
`interrupted` ends it in the middle of a long evaluation too.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf

from nst.config import RunOptions, StyleTransferConfig
from nst.engine import tracing
from nst.engine.canvas import as_tensor
from nst.engine.clock import Clock
from nst.engine.device import this_machine
from nst.engine.neighbours.matching import Matching
from nst.engine.objective import losses
from nst.engine.records import Progress, Sketch
from nst.engine.run import Run, deblocked_paintings, resized_paintings
from nst.engine.run_plan import RunPlan, check_sizes, layout_of, shape_of, shapes_of, used_weights, with_subject
from nst.engine.targets import Targets, make_targets, targets_signature
from nst.engine.terms import Losses, Terms
from nst.engine.tiled import losses_by_tiles
from nst.engine.vgg import Network, build
from nst.errors import ConfigError
from nst.masks.packed import PackedMask
from nst.masks.regions import Region
from nst.masks.temporal import TemporalTarget
from nst.pictures.codec import resize_to
from nst.pictures.colour import ColourControl
from nst.plan.run import evaluation_tile
from nst.plan.scales import (
    check_closes,
    check_proportions,
    cropped,
    style_shape,
)
from nst.plan.tiling import cut
from nst.progress import Interruption


def stylize(
    content: np.ndarray,
    styles: Sequence[np.ndarray],
    config: StyleTransferConfig | None = None,
    options: RunOptions | None = None,
    *,
    initial: np.ndarray | None = None,
    temporal: TemporalTarget | None = None,
    regions: Sequence[Region] = (),
    style_guides: Sequence[PackedMask | None] = (),
    subject_mask: PackedMask | None = None,
    finishing: bool = False,
    preview_seconds: float | None = 0.5,
    interrupted: Callable[[], bool] | None = None,
) -> Iterator[Progress]:
    """Repaint a photo in the manner of one or more paintings; one record an evaluation of J.

    Settings and pictures are checked at the call, before the first record is asked for.

    Args:
        content: The photo, uint8 RGB (height, width, 3), or float32 in 0..255 if it has more than 8 bits.
        styles: The paintings, likewise, of any sizes.
        config: The settings; the defaults if None.
        options: How it is computed; the defaults if None.
        initial: The picture to start from, with ``config.init == "picture"``: a result to be continued. Or, with
            ``config.sketch_weight``, the sketch that `sketch` has painted; where it is not given it is painted first.
        temporal: What the frames before it say that a film's frame should look like, in the photo's proportions; it
            counts by ``config.temporal_weight``. None for a picture by itself.
        regions: Parts of the photo with paintings of their own, later ones on top; what they leave stays as the photo.
            Without any the paintings are blended all over, as `config` says.
        style_guides: For each painting the part of it that is used, or None for the whole; empty for all whole.
        subject_mask: Where the photo's subject is; None to look for it where that matters.
        finishing: Whether `initial` is of a run that was interrupted in its last pass, by layer: that pass alone is
            painted then, with all of the steps. Without effect where a run has none.
        preview_seconds: Seconds between previews; 0 for one in every record, None for none.
        interrupted: Whether to stop in the middle of an evaluation; asked between tiles, and so has to be quick. The
            last record then is the one before, or, if there is none, one of step 0 with the picture started from.

    Raises:
        ConfigError: if the settings do not fit the pictures given.
        MaskError: if a region does not fit the photo, is covered by others, or is too small for all style layers.
        OversizeError: if the picture does not fit into memory in any way.
        ImageError: if a picture is too small for the layers asked for, or `initial` is not in the photo's proportions.
        WeightsError: if weights of one's own cannot be used, or the bundled ones are damaged.
        DivergenceError: while iterating, if J was never finite and there is no picture to keep.
    """
    config, options = config or StyleTransferConfig(), options or RunOptions()
    clock = Clock(preview_seconds)
    if (config.init == "picture") != (initial is not None) and not config.begins_from_sketch:
        raise ConfigError(
            "init: expected a picture to start from exactly when init is 'picture', "
            f"got {config.init!r} {'without' if initial is None else 'with'} one."
        )
    part = cropped(content, config.crop)
    if initial is not None:
        check_proportions("init", shape_of(initial), shape_of(part))
    if temporal is None:
        config = config.with_changes(temporal_weight=0.0)  # as it may come with the recipe of a film's frame
    else:
        check_proportions("temporal", shape_of(temporal.picture), shape_of(part))
    plan = RunPlan.of(shape_of(content), shapes_of(styles), config, options, regions, style_guides, subject_mask)
    if finishing and initial is not None:
        plan = plan.of_last_pass()
    return Run(part, styles, initial, temporal, plan, clock, Interruption(interrupted)).records()


def evaluate(
    content: np.ndarray,
    styles: Sequence[np.ndarray],
    config: StyleTransferConfig,
    picture: np.ndarray,
    options: RunOptions | None = None,
    *,
    regions: Sequence[Region] = (),
    style_guides: Sequence[PackedMask | None] = (),
    subject_mask: PackedMask | None = None,
    interrupted: Callable[[], bool] | None = None,
) -> Losses:
    """Return J and its terms at a saved picture, uint8 or float32 RGB in 0..255: float32, zero padding, at its size.

    The photo is resized to the picture's (height, width), each painting as `stylize` does for that size. J is the one
    that `stylize` minimises with `config`: paintings are recoloured first where it says so, and with "luminance" the
    photo, the paintings and the picture are all judged without the chroma that the run does not paint (at strength 1
    as grey pictures). With `photo_kept`, which finds a weight for a run, J is that of `style_weight` as it stands: a
    run's record has the one that was found. Of `options` only memory, tile and the weights matter.

    Raises:
        ConfigError, MaskError, ImageError, WeightsError: as `stylize`.
        Interrupted: if `interrupted`, which is asked between tiles as by `stylize`, says so.
    """
    shape, options, interruption = shape_of(picture), options or RunOptions(), Interruption(interrupted)
    check_closes(shape, config)
    config = config.of_pass(by_layer=True)
    network = Network.of(config, "float32", "zero", used_weights(options)).of_pass(by_layer=True)
    style_shapes = tuple(style_shape(*style, max(shape), config) for style in shapes_of(styles))
    check_sizes(network, shape, style_shapes)
    layout = layout_of(regions, style_guides, subject_mask, shape, len(styles), shape_of(content), config)
    machine = this_machine("float32", options.memory)
    tile = evaluation_tile(shape, shapes_of(styles), config, options, machine, len(regions))
    photo = resize_to(cropped(content, config.crop), *shape)
    interruption.check()
    layout = with_subject(layout, photo, config)
    interruption.check()
    colours = ColourControl.of(config, photo, styles)
    paintings = resized_paintings(deblocked_paintings(styles, style_shapes), style_shapes, colours)
    targets = make_targets(network, config, colours.content(photo), paintings, tile, layout, interruption)
    interruption.check()
    tiles, pixels = cut(*shape, network.layers[-1], tile), as_tensor(colours.unfinished(picture))
    if network.matching:
        targets = Matching(network, config, paintings, tile, layout, interruption).matched(targets, pixels, tile)
    if len(tiles) == 1:
        return Losses.of(*_losses_function(network, len(targets.guides))(pixels, targets))
    return Losses.of(*losses_by_tiles(network, pixels, targets, tiles, interruption))


def sketch(
    content: np.ndarray,
    styles: Sequence[np.ndarray],
    config: StyleTransferConfig | None = None,
    options: RunOptions | None = None,
    *,
    interrupted: Callable[[], bool] | None = None,
) -> Sketch:
    """Paint a sketch: one short run at 128 px, or two where the first one keeps far from the wanted share of the photo.

    A run with these settings and the sketch's weight as `sketch_weight` goes on from it.

    Args:
        content, styles: As for `stylize`; twice the sketch's size is enough.
        config: The settings, without a sketch's weight.
        options: How it is computed.
        interrupted: Whether to stop; asked before every evaluation, and a few times a second while TensorFlow traces
            and prepares a network that is new to it.

    Raises:
        ConfigError, ImageError, WeightsError: as `stylize`.
        DivergenceError: if J was never finite.
        Interrupted: if `interrupted` says so.
    """
    config, options = config or StyleTransferConfig(), options or RunOptions()
    part = cropped(content, config.crop)
    interruption = Interruption(interrupted)
    with tracing.heeding(interruption, leaves=True):
        plan = RunPlan.of(shape_of(content), shapes_of(styles), config, options, (), (), None)
        return Run(part, styles, None, None, plan, Clock(None), interruption).sketch()


def warm_up(options: RunOptions | None = None) -> None:
    """Load the weights, choose the precision and trace the default's networks, so that the first job need not."""
    pixels = np.zeros((32, 32, 3), np.uint8)
    config = StyleTransferConfig(size=64, steps=2)  # one for each pass
    for _ in stylize(pixels, [pixels], config, options, preview_seconds=None):
        pass


@lru_cache(maxsize=8)
def _losses_function(network: Network, regions: int) -> Any:
    """Return one traced function for J and its terms at a picture taken whole, with the targets."""

    def judged(picture: tf.Tensor, targets: Targets) -> tuple[tf.Tensor, Terms]:
        return losses(network, picture, targets)

    build(network)
    signature = [tf.TensorSpec((1, None, None, 3), tf.float32), targets_signature(network, regions)]
    return tf.function(judged, input_signature=signature, autograph=False)
