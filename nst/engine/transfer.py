"""The loop: a photo and paintings in, a stream of progress out, the best picture at any time.

`stylize` is a generator. To cancel it, stop iterating; the last record still gives the best picture so far.
`interrupted` ends it in the middle of a long evaluation too.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from nst.config import RunOptions, StyleTransferConfig
from nst.engine.canvas import Canvas, as_tensor, to_pixels
from nst.engine.clock import Clock
from nst.engine.descent import Descent, Pictures, tiles_of
from nst.engine.device import device_name, this_machine
from nst.engine.objective import losses
from nst.engine.optimizers.base import Box
from nst.engine.optimizers.best import Best
from nst.engine.strength import Keeping, found_weight
from nst.engine.targets import Targets, make_targets, targets_signature
from nst.engine.terms import Losses, Terms
from nst.engine.tiles import TILES
from nst.engine.vgg import Network
from nst.errors import ConfigError, DivergenceError, Interrupted, MaskError
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout, Region
from nst.pictures.codec import resize_to
from nst.pictures.colour import ColourControl
from nst.plan.guidance import Guidance
from nst.plan.run import evaluation_tile, plan_run
from nst.plan.scales import Scale, Shape, check_proportions, check_size, scales_of, style_shape
from nst.plan.strength import FIRST, Search, search_scale
from nst.progress import Interruption, RunProgress

#: Padding of the first convolution while optimising, see `nst.engine.border`. J of a saved picture is that with zeros.
EDGE = "replicate"

SMALLER_TILES = "Memory ran out; the run goes on from the best picture so far, by smaller tiles."


@dataclass(frozen=True, eq=False)
class Progress(RunProgress):
    """Where a transfer stands after one evaluation of J, and the picture it has come to.

    Attributes:
        losses: Of the best picture so far at this scale, in the precision of the run. At the last scale it is near what
            `evaluate` gives, see `nst.engine.border`; at the others it lacks the border's share. Infinite before J was
            finite.
        config: The settings as they were asked for, with the style weight that was found if it was to be.
        options: Of the run, with what was chosen by itself filled in: precision, tiles and history.
        device: What is computed on, e.g. ``"CPU"``.
        preview: The best picture so far at this scale, uint8 RGB (height, width, 3), when one is due.
        note: A sentence when something happened that the user should know, else empty.
    """

    losses: Losses
    config: StyleTransferConfig
    options: RunOptions
    device: str
    preview: np.ndarray | None
    note: str
    _canvas: Canvas = field(repr=False)
    _palette: ColourControl = field(repr=False)
    _best: tf.Tensor = field(repr=False)

    def picture(self) -> np.ndarray:
        """Return the best picture so far at the final size, uint8 RGB (height, width, 3)."""
        return self._palette.finished(self._canvas.final(self._best))


def stylize(
    content: np.ndarray,
    styles: Sequence[np.ndarray],
    config: StyleTransferConfig | None = None,
    options: RunOptions | None = None,
    *,
    initial: np.ndarray | None = None,
    regions: Sequence[Region] = (),
    style_guides: Sequence[PackedMask | None] = (),
    preview_seconds: float | None = 0.5,
    interrupted: Callable[[], bool] | None = None,
) -> Iterator[Progress]:
    """Repaint a photo in the manner of one or more paintings; one record an evaluation of J.

    Settings and pictures are checked at the call, before the first record is asked for.

    Args:
        content: The photo, uint8 RGB (height, width, 3).
        styles: The paintings, likewise, of any sizes.
        config: The settings; the defaults if None.
        options: How it is computed; the defaults if None.
        initial: The picture to start from, with ``config.init == "picture"``: a result to be continued.
        regions: Parts of the photo with paintings of their own, later ones on top; what they leave stays as the photo.
            Without any the paintings are blended all over, as `config` says.
        style_guides: For each painting the part of it that is used, or None for the whole; empty for all whole.
        preview_seconds: Seconds between previews; 0 for one in every record, None for none.
        interrupted: Whether to stop in the middle of an evaluation; asked between tiles, and so has to be quick. The
            last record then is the one before, or, if there is none, one of step 0 with the picture started from.

    Raises:
        ConfigError: if the settings do not fit the pictures given.
        MaskError: if a region does not fit the photo, is covered by others, or is too small for all style layers.
        OversizeError: if the picture does not fit into memory in any way.
        ImageError: if a picture is too small for the layers asked for, or `initial` is not in the photo's proportions.
        DivergenceError: while iterating, if J was never finite and there is no picture to keep.
    """
    config, options = config or StyleTransferConfig(), options or RunOptions()
    clock = Clock(preview_seconds)
    if (config.init == "picture") != (initial is not None):
        raise ConfigError(
            "init: expected a picture to start from exactly when init is 'picture', "
            f"got {config.init!r} {'without' if initial is None else 'with'} one."
        )
    if initial is not None:
        check_proportions("init", _shape(initial), _shape(content))
    scales = _scales(content, styles, config)
    layout = Layout.of(regions, style_guides, scales[-1].shape, len(styles), _shape(content))
    Guidance.of(config, layout, scales[-1].style_shapes)
    scales = tuple(scale for scale in scales if scale is scales[-1] or _sees_all(scale, layout, config))
    options = _resolved(content, styles, config, options, len(regions))
    plan = _Plan(config, options, scales, layout)
    return _Run(content, styles, initial, plan, clock, Interruption(interrupted)).records()


def evaluate(
    content: np.ndarray,
    styles: Sequence[np.ndarray],
    config: StyleTransferConfig,
    picture: np.ndarray,
    options: RunOptions | None = None,
    *,
    regions: Sequence[Region] = (),
    style_guides: Sequence[PackedMask | None] = (),
) -> Losses:
    """Return J and its terms at a saved picture, uint8 RGB: float32, zero padding, at the picture's size.

    The photo is resized to the picture's (height, width), each painting as `stylize` does for that size. J is the one
    that `stylize` minimises with `config`: paintings are recoloured first where it says so, and with "luminance" the
    photo, the paintings and the picture are all judged without the chroma that the run does not paint (at strength 1
    as grey pictures). With `photo_kept`, which finds a weight for a run, J is that of `style_weight` as it stands: a
    run's record has the one that was found. Of `options` only memory and tile matter.

    Raises:
        ConfigError, MaskError, ImageError: as `stylize`.
    """
    shape, options = _shape(picture), options or RunOptions()
    network = Network.of(config, "float32", "zero")
    style_shapes = tuple(style_shape(*_shape(style), max(shape), config) for style in styles)
    _check_sizes(network, shape, style_shapes)
    machine = this_machine("float32", options.memory)
    tile = evaluation_tile(shape, tuple(map(_shape, styles)), config, options, machine)
    photo = resize_to(content, *shape)
    colours = ColourControl.of(config, photo)
    layout = Layout.of(regions, style_guides, shape, len(styles), _shape(content))
    paintings = _resized(styles, style_shapes, colours)
    targets = make_targets(network, config, colours.content(photo), paintings, tile, layout)
    tiles = tiles_of(network, shape, tile)
    function = _losses_function(network, bool(tiles), len(targets.guides))
    total, terms = function(as_tensor(colours.unfinished(picture)), targets, *tiles)
    return Losses.of(total, terms)


def warm_up(options: RunOptions | None = None) -> None:
    """Load the weights, choose the precision and trace the default network, so that the first job need not."""
    pixels = np.zeros((32, 32, 3), np.uint8)
    config = StyleTransferConfig(size=64, steps=1)
    for _ in stylize(pixels, [pixels], config, options, preview_seconds=None):
        pass


def _scales(content: np.ndarray, styles: Sequence[np.ndarray], config: StyleTransferConfig) -> tuple[Scale, ...]:
    config.blend(len(styles))
    scales = scales_of(_shape(content), tuple(_shape(style) for style in styles), config)
    _check_sizes(Network.of(config, "float32", EDGE), scales[-1].shape, scales[-1].style_shapes)
    return scales


def _sees_all(scale: Scale, layout: Layout, config: StyleTransferConfig) -> bool:
    """Return whether no region is too small for all style layers at a coarse size, which then can be skipped."""
    try:
        Guidance.of(config, layout.at(scale.shape), scale.style_shapes)
    except MaskError:
        return False
    return True


def _resolved(
    content: np.ndarray,
    styles: Sequence[np.ndarray],
    config: StyleTransferConfig,
    options: RunOptions,
    regions: int,
) -> RunOptions:
    """Return the options with what this machine decides filled in."""
    machine = this_machine(options.precision, options.memory)
    chosen = plan_run(_shape(content), tuple(_shape(style) for style in styles), config, options, machine, regions)
    return options.with_changes(precision=machine.precision, tile=chosen.tile, history=chosen.history)


def _check_sizes(network: Network, shape: Shape, style_shapes: tuple[Shape, ...]) -> None:
    check_size("content", shape, network.deepest_block)
    for each in style_shapes:
        check_size("style", each, network.deepest_block)


class _Plan(NamedTuple):
    """What a run is to do: the settings, the options with what was chosen filled in, the sizes, the regions."""

    config: StyleTransferConfig
    options: RunOptions
    scales: tuple[Scale, ...]
    layout: Layout


class _Run:
    """One run under way: the sizes, coarse to fine, each from where the one before it stopped."""

    def __init__(
        self,
        content: np.ndarray,
        styles: Sequence[np.ndarray],
        initial: np.ndarray | None,
        plan: _Plan,
        clock: Clock,
        interruption: Interruption,
    ) -> None:
        config, shape = plan.config, plan.scales[-1].shape
        self._plan, self._clock, self._interruption, self._styles = plan, clock, interruption, styles
        self._network = Network.of(config, plan.options.precision, EDGE)
        self._colours = ColourControl.of(config, resize_to(content, *shape))
        photo, free = self._colours.content(content), plan.layout.free()
        self._canvas = Canvas(photo, shape, carry_change=config.content_weight > 0, free=free)
        #: The best so far, at the size painted last; None before there is one.
        self._picture = None if initial is None else as_tensor(self._colours.unfinished(initial))
        self._options = plan.options
        self._note = _size_note(content, styles, plan.scales[-1], config)
        self._step = 0

    def records(self) -> Iterator[Progress]:
        """Yield a record for each evaluation of J, or if interrupted before the first one a record of the start."""
        try:
            if self._plan.config.finds_strength:
                self._find_strength()
            for number in range(1, len(self._plan.scales) + 1):
                yield from self._at_scale(number)
        except Interrupted:
            if self._step == 0:
                yield self._record_of_start()
            # Otherwise the record before this has the best picture.

    def _find_strength(self) -> None:
        """Find the style weight for the share of the photo that is to stay, and go on with it."""
        config, scale = self._plan.config, self._search_scale()
        photo = as_tensor(self._canvas.photo(scale.shape))
        layout = self._plan.layout.at(scale.shape)
        keeping = Keeping(self._network, photo, layout.free())
        search = Search(config.photo_kept, FIRST[config.style_statistics])
        start = _start(self._canvas, scale.shape, None, config)

        def paint(beta: float) -> tf.Tensor:
            trial = self._descent(scale, config.with_changes(style_weight=beta))
            *_, (best, _) = trial.begin(start, self._pictures(scale))
            return best.x

        can_tell = not keeping.is_empty and _sees_all(scale, layout, config)
        beta = found_weight(search, paint, keeping.share) if can_tell else float(f"{10.0**search.first:.3g}")
        self._plan = self._plan._replace(config=config.with_changes(photo_kept=0.0, style_weight=beta))
        self._note = f"{self._note} To keep {config.photo_kept:.0%} of the photo, the style weight is {beta:g}.".strip()

    def _search_scale(self) -> Scale:
        """Return the size at which the style weight is looked for."""
        return search_scale(self._plan.scales[-1].shape, tuple(map(_shape, self._styles)), self._plan.config)

    def _at_scale(self, number: int) -> Iterator[Progress]:
        """Paint at one size, from 1, and keep the best picture for the next one."""
        scales = self._plan.scales
        scale = scales[number - 1]
        evaluations = self._descent(scale, self._plan.config).begin(self._start(scale), self._pictures(scale))
        self._clock.begin_scale()
        for done, (best, tile) in enumerate(evaluations, start=1):
            self._clock.evaluated(scales, number, done)
            self._step += 1
            self._notice(best, tile)
            yield self._record(number, best)
        if self._picture is None:
            # Later there is a picture worth keeping, whatever happens to J.
            _check_finite(best)
        self._picture = best.x

    def _descent(self, scale: Scale, config: StyleTransferConfig) -> Descent:
        # Coarse sizes are only on the way: nobody judges them.
        is_final = scale is self._plan.scales[-1]
        box = _box(self._canvas, self._colours, scale.shape)
        return Descent(self._network, config, self._options, box, scale.steps, is_final, self._interruption)

    def _start(self, scale: Scale) -> tf.Tensor:
        return _start(self._canvas, scale.shape, self._picture, self._plan.config)

    def _pictures(self, scale: Scale) -> Pictures:
        return _pictures(self._canvas, self._colours, self._styles, self._plan.layout, scale)

    def _notice(self, best: Best, tile: int) -> None:
        """Take note of what happened in an evaluation, for the next record."""
        if tile != self._options.tile:
            self._options = self._options.with_changes(tile=tile)
            self._note = f"{self._note} {SMALLER_TILES}".strip()
        self._note = f"{self._note} {_trouble(best)}".strip()

    def _record(self, number: int, best: Best) -> Progress:
        """Return the record of the latest evaluation, at a size counted from 1."""
        is_due = self._clock.preview_due()
        preview = self._colours.finished(to_pixels(best.x)) if is_due else None
        return self._progress(number, best.x, Losses.of(best.value, best.terms), self._clock.eta, preview)

    def _record_of_start(self) -> Progress:
        return self._progress(1, self._start(self._plan.scales[0]), Losses.of(math.inf, Terms.filled(math.inf)))

    def _progress(
        self,
        number: int,
        best: tf.Tensor,
        losses: Losses,
        eta: float | None = None,
        preview: np.ndarray | None = None,
    ) -> Progress:
        scales = self._plan.scales
        height, width = scales[number - 1].shape
        note, self._note = self._note, ""
        return Progress(
            step=self._step,
            steps=sum(scale.steps for scale in scales),
            scale=number,
            scales=len(scales),
            width=width,
            height=height,
            losses=losses,
            config=self._plan.config,
            options=self._options,
            device=device_name(),
            seconds=self._clock.seconds(),
            eta=eta,
            preview=preview,
            note=note,
            _canvas=self._canvas,
            _palette=self._colours,
            _best=best,
        )


def _box(canvas: Canvas, colours: ColourControl, shape: Shape) -> Box:
    """Return what each pixel may be: what the regions leave it, and what can be shown with the photo's chroma."""
    box, limits = canvas.box(shape), colours.limits(shape)
    if limits is None:
        return box
    lower, upper = map(as_tensor, limits)
    return Box(tf.maximum(box.lower, lower), tf.minimum(box.upper, upper))


def _check_finite(best: Best) -> None:
    if not np.isfinite(float(best.value)):
        raise DivergenceError(
            f"J: expected a finite number, got {float(best.last_value)} {int(best.failures)} times in a row; "
            "lower style_weight or content_weight, or set precision to float32."
        )


@lru_cache(maxsize=8)
def _losses_function(network: Network, tiled: bool, regions: int) -> Any:
    """Return one traced function for J and its terms at a picture, with the targets and if `tiled` the tiles."""

    def judged(picture: tf.Tensor, targets: Targets, tiles: tf.Tensor | None = None) -> tuple[tf.Tensor, Terms]:
        return losses(network, picture, targets, tiles)

    signature = [tf.TensorSpec((1, None, None, 3), tf.float32), targets_signature(network, regions)]
    return tf.function(judged, input_signature=[*signature, *[TILES] * tiled], autograph=False)


def _start(canvas: Canvas, shape: Shape, picture: tf.Tensor | None, config: StyleTransferConfig) -> tf.Tensor:
    """Return what a scale starts from, (1, height, width, 3) float32: the picture so far, or if None a fresh one.

    The paper starts from noise; the photo, our default, converges sooner and keeps more of itself.
    """
    if picture is not None:
        return canvas.carried(picture, shape)
    photo = canvas.photo(shape)
    ratio = {"content": 0.0, "picture": 0.0, "noise": 1.0, "blend": config.noise_ratio}[config.init]
    if ratio == 0:
        return as_tensor(photo)
    noise = np.random.default_rng(config.seed).uniform(0.0, 255.0, photo.shape)
    return as_tensor(noise * ratio + photo * (1.0 - ratio))


def _pictures(
    canvas: Canvas, colours: ColourControl, styles: Sequence[np.ndarray], layout: Layout, scale: Scale
) -> Pictures:
    paintings = _resized(styles, scale.style_shapes, colours)
    return Pictures(canvas.photo(scale.shape), paintings, layout.at(scale.shape))


def _resized(styles: Sequence[np.ndarray], shapes: tuple[Shape, ...], colours: ColourControl) -> list[np.ndarray]:
    """Return the paintings at (height, width) as the run sees them."""
    return [colours.style(resize_to(style, *shape)) for style, shape in zip(styles, shapes, strict=True)]


def _size_note(content: np.ndarray, styles: Sequence[np.ndarray], scale: Scale, config: StyleTransferConfig) -> str:
    """Return what the user should know about sizes: nothing is upscaled without saying so."""
    notes = []
    long_side, own = max(scale.shape), max(_shape(content))
    if long_side < config.size:
        notes.append(f"The photo is only {own} px long, so the result is too; upscale allows {config.size} px.")
    elif long_side > own:
        notes.append(f"The photo is upscaled from {own} to {long_side} px.")
    wanted = round(long_side * config.style_scale)
    for style, shape in zip(styles, scale.style_shapes, strict=True):
        if max(shape) < wanted:
            notes.append(f"A painting is only {max(shape)} px long instead of {wanted} px: its strokes come out finer.")
        elif max(shape) > max(_shape(style)):
            notes.append(f"A painting is upscaled from {max(_shape(style))} to {max(shape)} px.")
    return " ".join(notes)


def _trouble(best: Best) -> str:
    # Said once for failures in a row.
    if int(best.failures) != 1:
        return ""
    return "J ran away; the run went back to the best picture so far and takes shorter steps."


def _shape(pixels: np.ndarray) -> Shape:
    return (int(pixels.shape[0]), int(pixels.shape[1]))
