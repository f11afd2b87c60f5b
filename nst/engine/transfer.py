"""The loop: a photo and paintings in, a stream of progress out, the best picture at any time.

`stylize` is a generator. To cancel it, stop iterating; the last record still gives the best picture so far.
`interrupted` ends it in the middle of a long evaluation too.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple, Self

import numpy as np
import tensorflow as tf

from nst.config import RunOptions, StyleTransferConfig
from nst.engine import tracing
from nst.engine.canvas import Canvas, as_tensor, to_pixels
from nst.engine.clock import Clock
from nst.engine.descent import Descent, Pictures
from nst.engine.device import device_name, this_machine
from nst.engine.neighbours.matching import Matching
from nst.engine.notes import BLOCKS, SMALLER_TILES, size_note, trouble_note
from nst.engine.objective import losses
from nst.engine.optimizers.base import Box
from nst.engine.optimizers.best import Best
from nst.engine.strength import Keeping, found_weight
from nst.engine.targets import Targets, make_targets, targets_signature
from nst.engine.terms import Losses, Terms
from nst.engine.tiled import losses_by_tiles
from nst.engine.vgg import Network, build, weights_of
from nst.errors import ConfigError, DivergenceError, Interrupted, MaskError
from nst.masks import mask as masks
from nst.masks.packed import PackedMask
from nst.masks.regions import Layout, Region, check_counts
from nst.masks.subject import subject
from nst.masks.temporal import TemporalTarget
from nst.pictures.blocks import deblocked
from nst.pictures.codec import resize_to
from nst.pictures.colour import ColourControl, as_pixels
from nst.plan.guidance import Guidance
from nst.plan.low_rank import low_rank_of, uses_low_rank
from nst.plan.neighbours import check_places
from nst.plan.run import evaluation_tile, plan_run
from nst.plan.scales import (
    SKETCH_STEPS,
    Scale,
    Shape,
    check_closes,
    check_proportions,
    check_size,
    crop_box,
    cropped,
    is_at_final_size,
    style_shape,
)
from nst.plan.strength import SKETCH_NEAR, SKETCH_RUNS, amended, search_for, search_scale, short_passes, sketch_search
from nst.plan.tiling import cut
from nst.progress import Interruption, RunProgress
from nst.weights.files import WeightsFile, WeightsSource

#: Padding of the first convolution while optimising, see `nst.engine.border`. J of a saved picture is that with zeros.
EDGE = "replicate"


@dataclass(frozen=True, eq=False)
class Progress(RunProgress):
    """Where a transfer stands after one evaluation of J, and the picture it has come to.

    Attributes:
        losses: Of the best picture so far at this scale, in the precision of the run. At the last scale it is near what
            `evaluate` gives, see `nst.engine.border`; at the others it lacks the border's share. Infinite before J was
            finite.
        config: The settings as they were asked for, with the style weight that was found if it was to be.
        options: Of the run, with what was chosen by itself filled in: precision, tiles and history.
        weights: Of one's own, that the run uses in place of the bundled ones; None for these.
        device: What is computed on, e.g. ``"CPU"``.
        low_rank: How many of the evaluations so far were of the network of fewer operations.
        preview: The best picture so far at this scale, uint8 RGB (height, width, 3), when one is due.
        note: A sentence when something happened that the user should know, else empty.
    """

    losses: Losses
    config: StyleTransferConfig
    options: RunOptions
    weights: WeightsSource | None
    device: str
    low_rank: int
    preview: np.ndarray | None
    note: str
    _canvas: Canvas = field(repr=False)
    _palette: ColourControl = field(repr=False)
    _best: tf.Tensor = field(repr=False)

    def picture(self) -> np.ndarray:
        """Return the best picture so far at the final size, uint8 RGB (height, width, 3)."""
        return self._palette.finished(self._canvas.final(self._best))

    def levels(self) -> np.ndarray:
        """Return the same picture before it is rounded: grey levels (height, width, 3), RGB, floats in 0..255."""
        return self._palette.finished_levels(self._canvas.final_levels(self._best))


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
        check_proportions("init", _shape(initial), _shape(part))
    if temporal is None:
        config = config.with_changes(temporal_weight=0.0)  # as it may come with the recipe of a film's frame
    else:
        check_proportions("temporal", _shape(temporal.picture), _shape(part))
    plan = _Plan.of(_shape(content), _shapes(styles), config, options, regions, style_guides, subject_mask)
    if finishing and initial is not None:
        plan = plan.of_last_pass()
    return _Run(part, styles, initial, temporal, plan, clock, Interruption(interrupted)).records()


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
    shape, options, interruption = _shape(picture), options or RunOptions(), Interruption(interrupted)
    check_closes(shape, config)
    config = config.of_pass(by_layer=True)
    network = Network.of(config, "float32", "zero", _used_weights(options)).of_pass(by_layer=True)
    style_shapes = tuple(style_shape(*style, max(shape), config) for style in _shapes(styles))
    _check_sizes(network, shape, style_shapes)
    layout = _layout(regions, style_guides, subject_mask, shape, len(styles), _shape(content), config)
    machine = this_machine("float32", options.memory)
    tile = evaluation_tile(shape, _shapes(styles), config, options, machine, len(regions))
    photo = resize_to(cropped(content, config.crop), *shape)
    interruption.check()
    layout = _with_subject(layout, photo, config)
    interruption.check()
    colours = ColourControl.of(config, photo)
    paintings = _resized(_deblocked(styles, style_shapes), style_shapes, colours)
    targets = make_targets(network, config, colours.content(photo), paintings, tile, layout, interruption)
    interruption.check()
    tiles, pixels = cut(*shape, network.layers[-1], tile), as_tensor(colours.unfinished(picture))
    if network.matching:
        targets = Matching(network, config, paintings, tile, layout, interruption).matched(targets, pixels, tile)
    if len(tiles) == 1:
        return Losses.of(*_losses_function(network, len(targets.guides))(pixels, targets))
    return Losses.of(*losses_by_tiles(network, pixels, targets, tiles, interruption))


class Sketch(NamedTuple):
    """A small picture that shows what a run will come to.

    Attributes:
        picture: uint8 RGB (height, width, 3), at the size of `nst.plan.strength.search_scale`.
        style_weight: beta that it was painted with.
        evaluations: Of J that it took, those of another one included that was tried before it.
    """

    picture: np.ndarray
    style_weight: float
    evaluations: int


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
        plan = _Plan.of(_shape(content), _shapes(styles), config, options, (), (), None)
        return _Run(part, styles, None, None, plan, Clock(None), interruption).sketch()


def warm_up(options: RunOptions | None = None) -> None:
    """Load the weights, choose the precision and trace the default's networks, so that the first job need not."""
    pixels = np.zeros((32, 32, 3), np.uint8)
    config = StyleTransferConfig(size=64, steps=2)  # one for each pass
    for _ in stylize(pixels, [pixels], config, options, preview_seconds=None):
        pass


class _Plan(NamedTuple):
    """What a run is to do: the settings, the options with what was chosen filled in, the sizes, the regions."""

    config: StyleTransferConfig
    options: RunOptions
    network: Network
    last_network: Network
    scales: tuple[Scale, ...]
    layout: Layout

    @classmethod
    def of(
        cls,
        photo: Shape,
        styles: tuple[Shape, ...],
        config: StyleTransferConfig,
        options: RunOptions,
        regions: Sequence[Region],
        guides: Sequence[PackedMask | None],
        subject_mask: PackedMask | None,
    ) -> Self:
        """Return the plan for a photo and paintings of (height, width); raises as `stylize`."""
        config.blend(len(styles))
        check_counts(regions, guides, len(styles))
        machine = this_machine(options.precision, options.memory)
        chosen = plan_run(photo, styles, config, options, machine, len(regions))
        *coarse, final = chosen.scales
        weights = _used_weights(options)
        is_near = uses_low_rank(config, options, machine)
        network, last = (
            Network.of(
                config.of_pass(by_layer), machine.precision, EDGE, weights, low_rank=low_rank_of(is_near, by_layer)
            )
            for by_layer in (False, True)
        )
        for each in (network, last):
            _check_sizes(each, final.shape, final.style_shapes)
        layout = _layout(regions, guides, subject_mask, final.shape, len(styles), photo, config)
        _check_layout(layout, final.style_shapes, config)
        scales = (*(scale for scale in coarse if _sees_all(scale, layout, config)), final)
        options = options.with_changes(precision=machine.precision, tile=chosen.tile, history=chosen.history)
        return cls(config, options, network, last, scales, layout)

    def of_last_pass(self) -> Self:
        """Return the plan of a run that has only its last pass still to paint, with all of the steps."""
        last = self.scales[-1]
        return self._replace(scales=(replace(last, steps=self.config.steps),)) if last.by_layer else self


def _layout(
    regions: Sequence[Region],
    guides: Sequence[PackedMask | None],
    subject_mask: PackedMask | None,
    shape: Shape,
    styles: int,
    photo: Shape,
    config: StyleTransferConfig,
) -> Layout:
    """Return what is where on a result of `shape`, which shows the part of the photo, (height, width), that is kept."""
    height, width = photo
    top, left, bottom, right = crop_box(height, width, config.crop)
    part = (top / height, left / width, bottom / height, right / width)
    layout = Layout.of(regions, guides, shape, styles, photo, part)
    if subject_mask is None:
        return layout
    masks.check_proportions(subject_mask.mask, photo, "of the subject")
    return replace(layout, subject=masks.resized(subject_mask.mask, shape, part))


def _check_layout(layout: Layout, styles: tuple[Shape, ...], config: StyleTransferConfig) -> None:
    """Raise MaskError where a region, or the part of a painting of (height, width), is too small for the method."""
    if config.of_pass(by_layer=True).method == "neighbours":
        check_places(config.of_pass(by_layer=True), layout, styles)
    if config.method != "neighbours":
        Guidance.of(config.of_pass(by_layer=False), layout, styles)


def _with_subject(layout: Layout, photo: np.ndarray, config: StyleTransferConfig) -> Layout:
    """Return the layout with the subject of the photo (height, width, 3): as it was given, or found if it counts."""
    if layout.subject is not None or not config.sees_subject:
        return layout
    try:
        return replace(layout, subject=subject(as_pixels(photo)))
    except MaskError:
        return layout


def _used_weights(options: RunOptions) -> WeightsFile | None:
    """Return the file of weights that is used, None for the bundled ones; it is read now, and so fails in time."""
    file = WeightsFile.of(options)
    weights_of(file)
    return file


def _sees_all(scale: Scale, layout: Layout, config: StyleTransferConfig) -> bool:
    """Return whether no region is too small for all style layers at a coarse size, which then can be skipped."""
    try:
        _check_layout(layout.at(scale.shape), scale.style_shapes, config.of_pass(scale.by_layer))
    except MaskError:
        return False
    return True


def _check_sizes(network: Network, shape: Shape, style_shapes: tuple[Shape, ...]) -> None:
    check_size("content", shape, network.deepest_block)
    for each in style_shapes:
        check_size("style", each, network.deepest_block)


class _Run:
    """One run under way: the sizes, coarse to fine, each from where the one before it stopped."""

    def __init__(
        self,
        content: np.ndarray,
        styles: Sequence[np.ndarray],
        initial: np.ndarray | None,
        temporal: TemporalTarget | None,
        plan: _Plan,
        clock: Clock,
        interruption: Interruption,
    ) -> None:
        config, final = plan.config, plan.scales[-1]
        seen = resize_to(content, *final.shape)
        #: Until the subject is looked for in it.
        self._seen: np.ndarray | None = seen
        self._plan, self._clock, self._interruption = plan, clock, interruption
        self._styles = _deblocked(styles, final.style_shapes)
        self._network = plan.network
        self._colours = ColourControl.of(config, seen)
        photo, free = self._colours.content(content), plan.layout.free()
        # The photo's fine detail comes with what guides the search; in the start it would keep strokes small.
        carry_change = config.content_weight > 0 and not plan.network.matching
        self._canvas = Canvas(photo, final.shape, carry_change=carry_change, free=free)
        #: The best so far, at the size painted last; None before there is one.
        self._picture = None if initial is None else self._begun(initial)
        self._temporal = temporal
        self._options = plan.options
        self._note = size_note(_shape(content), _shapes(styles), final, config)
        if any(own is not given for own, given in zip(self._styles, styles, strict=True)):
            self._note = f"{self._note} {BLOCKS}".strip()
        self._step = 0
        self._low_rank = 0
        #: The share of the photo that the first, coarse size is held to; None for none.
        self._wanted: float | None = None
        #: Evaluations that were made for nothing.
        self._again = 0

    def records(self) -> Iterator[Progress]:
        """Yield a record for each evaluation of J, or if interrupted before the first one a record of the start."""
        try:
            self._find_subject()
            if self._plan.config.begins_from_sketch and self._picture is None and self._small_sees_all():
                self._picture = self._begun(self._sketched(self._plan.config.sketch_weight))
            if self._plan.config.begins_from_sketch and self._picture is not None:
                self._note = f"{self._note} Begun from a sketch of {SKETCH_STEPS} evaluations.".strip()
            if self._plan.config.finds_strength:
                self._find_strength()
            for number, scale in enumerate(self._plan.scales, start=1):
                before = self._picture
                yield from self._at_scale(number, scale)
                if number == 1 and self._amends():
                    self._picture = before
                    yield from self._at_scale(number, scale)
        except Interrupted:
            # Where there was a record, that one has the best picture.
            if self._step == 0:
                yield self._record(1, self._start(self._plan.scales[0]), Losses.of(math.inf, Terms.filled(math.inf)))

    def sketch(self) -> Sketch:
        """Return a sketch of what the run will come to, in place of its records."""
        self._find_subject()
        config, steps = self._plan.config, self._small_scale().steps
        if not config.finds_strength:
            return Sketch(self._sketched(config.style_weight), config.style_weight, steps)
        search, keeping = sketch_search(config), self._keeping(self._small_scale())
        found: list[tuple[float, np.ndarray, float]] = []
        while len(found) < SKETCH_RUNS:
            beta = float(f"{10.0 ** search.proposal():.3g}")
            picture = self._sketched(beta)
            share = search.wanted if keeping.is_empty else keeping.share(self._begun(picture))
            search.tried.append((math.log10(beta), share))
            found.append((abs(share - search.wanted), picture, beta))
            if found[-1][0] <= SKETCH_NEAR:
                break
        _, picture, beta = min(found, key=lambda each: each[0])
        return Sketch(picture, beta, steps * len(found))

    def _find_subject(self) -> None:
        """Find the subject of the photo, if it counts; that takes less than a second."""
        seen, self._seen = self._seen, None
        assert seen is not None
        self._interruption.check()
        self._plan = self._plan._replace(layout=_with_subject(self._plan.layout, seen, self._plan.config))
        self._interruption.check()

    def _sketched(self, beta: float) -> np.ndarray:
        """Return a sketch with a style weight as it is saved, uint8 RGB (height, width, 3)."""
        best = self._short_run(self._small_scale(), self._plan.config.with_changes(style_weight=beta))
        _check_finite(best)
        return self._colours.finished(to_pixels(best.x))

    def _begun(self, picture: np.ndarray) -> tf.Tensor:
        """Return a picture (height, width, 3) to start from as (1, height, width, 3) float32, without kept colours."""
        return as_tensor(self._colours.unfinished(picture))

    def _find_strength(self) -> None:
        """Find the style weight for the share of the photo that is to stay, and go on with it."""
        config, scale = self._plan.config, self._small_scale()
        search, keeping = search_for(config), self._keeping(scale)
        if config.begins_from_sketch and self._picture is not None and config.subject_weight == 1:
            # A sketch is such a short run.
            share = keeping.share(self._canvas.carried(self._picture, scale.shape))
            search.tried.append((math.log10(config.sketch_weight), share))

        def paint(beta: float) -> tf.Tensor:
            # At the strength that the pair has by itself; then the subject is held more firmly than that.
            return self._short_run(scale, config.with_changes(style_weight=beta, subject_weight=1.0)).x

        can_tell = not keeping.is_empty and self._small_sees_all()
        beta = found_weight(search, paint, keeping.share) if can_tell else float(f"{10.0**search.first:.3g}")
        self._take(beta, config.photo_kept)
        is_coarse = not is_at_final_size(1, len(self._plan.scales), config)
        if can_tell and is_coarse and config.method != "neighbours":
            self._wanted = config.photo_kept

    def _take(self, beta: float, share: float) -> None:
        """Go on with a style weight that was found, so that `share` of the photo stays."""
        self._plan = self._plan._replace(config=self._plan.config.with_changes(photo_kept=0.0, style_weight=beta))
        self._note = f"{self._note} To keep {share:.0%} of the photo, the style weight is {beta:g}.".strip()

    def _amends(self) -> bool:
        """Take another style weight if the first size keeps too little or too much; return whether to paint it again.

        Done once, only with a weight that was found here, and only at a coarse size, which takes little of the time.
        """
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return False
        scale, found = self._plan.scales[0], self._plan.config.style_weight
        beta = amended(found, self._keeping(scale).share(self._picture), wanted)
        if beta == found:
            return False
        self._take(beta, wanted)
        self._again = scale.steps
        return True

    def _small_scale(self) -> Scale:
        """Return the size of short runs: those that find the style weight, and sketches."""
        return search_scale(self._plan.scales[-1].shape, _shapes(self._styles), self._plan.config)

    def _small_sees_all(self) -> bool:
        """Return whether no region is too small for all style layers in a short run."""
        scale = self._small_scale()
        return _sees_all(scale, self._plan.layout.at(scale.shape), self._plan.config)

    def _keeping(self, scale: Scale) -> Keeping:
        layout = self._plan.layout.at(scale.shape)
        # By a network that is exact, whatever the statistics are compared by.
        network = self._plan.last_network._replace(low_rank=0)
        return Keeping(network, as_tensor(self._canvas.photo(scale.shape)), layout.free(), layout.subject)

    def _short_run(self, scale: Scale, config: StyleTransferConfig) -> Best:
        """Return the best of a short run from the start that the settings say."""
        picture = None
        for part in short_passes(scale, config):
            start = self._fresh(scale) if picture is None else picture
            guide = self._guide(start, part, config, is_fresh=picture is None)
            *_, (best, _) = self._descent(part, config).begin(start, self._pictures(scale)._replace(guide=guide))
            picture = best.x
        return best

    def _at_scale(self, number: int, scale: Scale) -> Iterator[Progress]:
        """Paint at one size, the `number`-th from 1, and keep the best picture for the next one."""
        start = self._start(scale)
        pictures = self._pictures(scale)._replace(
            guide=self._guide(start, scale, self._plan.config, is_fresh=self._picture is None)
        )
        evaluations = self._descent(scale, self._plan.config).begin(start, pictures)
        del start, pictures  # they take memory
        self._clock.begin_scale()
        for done, (best, tile) in enumerate(evaluations, start=1):
            self._clock.evaluated(self._plan.scales, number, done)
            self._step += 1
            self._low_rank += self._network_of(scale).low_rank > 0
            self._notice(best, tile)
            preview = self._colours.finished(to_pixels(best.x)) if self._clock.preview_due() else None
            yield self._record(number, best.x, Losses.of(best.value, best.terms), preview)
        if self._picture is None:
            # Later there is a picture worth keeping, whatever happens to J.
            _check_finite(best)
        self._picture = best.x

    def _descent(self, scale: Scale, config: StyleTransferConfig) -> Descent:
        # Coarse sizes are only on the way: nobody judges them.
        is_final = scale is self._plan.scales[-1]
        box = self._box(scale.shape)
        network = self._network_of(scale)
        settings = config.of_pass(scale.by_layer)
        return Descent(network, settings, self._options, box, scale.steps, is_final, self._interruption)

    def _network_of(self, scale: Scale) -> Network:
        """Return the network that one size, or the last pass, is painted with."""
        return (self._plan.last_network if scale.by_layer else self._network).of_pass(scale.by_layer)

    def _box(self, shape: Shape) -> Box:
        """Return what each pixel may be: what the regions leave it, and what can be shown with the photo's chroma."""
        box, limits = self._canvas.box(shape), self._colours.limits(shape)
        if limits is None:
            return box
        lower, upper = map(as_tensor, limits)
        return Box(tf.maximum(box.lower, lower), tf.minimum(box.upper, upper))

    def _start(self, scale: Scale) -> tf.Tensor:
        """Return what a size starts from, (1, height, width, 3) float32: the picture so far, or if none a fresh one."""
        return self._fresh(scale) if self._picture is None else self._canvas.carried(self._picture, scale.shape)

    def _fresh(self, scale: Scale) -> tf.Tensor:
        """Return what the settings start from, (1, height, width, 3) float32; the photo if that is a given picture.

        The paper starts from noise; the photo, our default, converges sooner and keeps more of itself.
        """
        config, photo = self._plan.config, self._canvas.photo(scale.shape)
        ratio = {"content": 0.0, "picture": 0.0, "noise": 1.0, "blend": config.noise_ratio}[config.init]
        if ratio == 0:
            return as_tensor(photo)
        noise = np.random.default_rng(config.seed).uniform(0.0, 255.0, photo.shape)
        return as_tensor(noise * ratio + photo * (1.0 - ratio))

    def _guide(self, start: tf.Tensor, scale: Scale, config: StyleTransferConfig, is_fresh: bool) -> tf.Tensor | None:
        """Return the picture whose places look for neighbours: the photo at first, with more and more of the run's own.

        None for the picture that is started from, which `is_fresh` if nothing is painted yet.
        """
        if not self._network.matching or scale.by_layer:
            return None
        photo, share = as_tensor(self._canvas.photo(scale.shape)), config.photo_guide
        if is_fresh and share > 0:
            return photo
        return share * photo + (1.0 - share) * start

    def _pictures(self, scale: Scale) -> Pictures:
        paintings = _resized(self._styles, scale.style_shapes, self._colours)
        temporal = None
        if self._temporal is not None:
            temporal = self._temporal.at(scale.shape).seen_as(self._colours.unfinished)
        return Pictures(self._canvas.photo(scale.shape), paintings, self._plan.layout.at(scale.shape), temporal)

    def _notice(self, best: Best, tile: int) -> None:
        """Take note of what happened in an evaluation, for the next record."""
        if tile != self._options.tile:
            self._options = self._options.with_changes(tile=tile)
            self._note = f"{self._note} {SMALLER_TILES}".strip()
        self._note = f"{self._note} {trouble_note(best)}".strip()

    def _record(self, number: int, best: tf.Tensor, losses: Losses, preview: np.ndarray | None = None) -> Progress:
        """Return the record of where the run stands, with the best picture at the `number`-th size; takes the note."""
        scales = self._plan.scales
        height, width = scales[number - 1].shape
        note, self._note = self._note, ""
        return Progress(
            step=self._step,
            steps=sum(scale.steps for scale in scales) + self._again,
            scale=number,
            scales=len(scales),
            width=width,
            height=height,
            losses=losses,
            config=self._plan.config,
            options=self._options,
            weights=None if self._network.weights is None else self._network.weights.source,
            device=device_name(),
            low_rank=self._low_rank,
            seconds=self._clock.seconds(),
            eta=self._clock.eta,
            preview=preview,
            note=note,
            _canvas=self._canvas,
            _palette=self._colours,
            _best=best,
        )


def _check_finite(best: Best) -> None:
    if not np.isfinite(float(best.value)):
        raise DivergenceError(
            f"J: expected a finite number, got {float(best.last_value)} {int(best.failures)} times in a row; "
            "lower style_weight or content_weight, or set precision to float32."
        )


@lru_cache(maxsize=8)
def _losses_function(network: Network, regions: int) -> Any:
    """Return one traced function for J and its terms at a picture taken whole, with the targets."""

    def judged(picture: tf.Tensor, targets: Targets) -> tuple[tf.Tensor, Terms]:
        return losses(network, picture, targets)

    build(network)
    signature = [tf.TensorSpec((1, None, None, 3), tf.float32), targets_signature(network, regions)]
    return tf.function(judged, input_signature=signature, autograph=False)


def _deblocked(styles: Sequence[np.ndarray], shapes: tuple[Shape, ...]) -> list[np.ndarray]:
    """Return the paintings without the JPEG blocks that would show at the (height, width) at which they are used."""
    return [deblocked(style, max(shape)) for style, shape in zip(styles, shapes, strict=True)]


def _resized(styles: Sequence[np.ndarray], shapes: tuple[Shape, ...], colours: ColourControl) -> list[np.ndarray]:
    """Return the paintings at (height, width) as the run sees them."""
    return [colours.style(resize_to(style, *shape)) for style, shape in zip(styles, shapes, strict=True)]


def _shape(pixels: np.ndarray) -> Shape:
    return (int(pixels.shape[0]), int(pixels.shape[1]))


def _shapes(pictures: Sequence[np.ndarray]) -> tuple[Shape, ...]:
    return tuple(map(_shape, pictures))
