"""One run: its sizes from coarse to fine, each begun from the best picture of the one before."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from nst.config import StyleTransferConfig
from nst.engine.canvas import Canvas, as_tensor, to_pixels
from nst.engine.clock import Clock
from nst.engine.descent import Descent, Pictures
from nst.engine.device import device_name
from nst.engine.notes import BLOCKS, SMALLER_TILES, size_note, trouble_note
from nst.engine.optimizers.base import Box
from nst.engine.optimizers.best import Best
from nst.engine.records import Progress, Sketch
from nst.engine.run_plan import RunPlan, sees_all, shape_of, shapes_of, with_subject
from nst.engine.strength import Keeping, found_weight
from nst.engine.terms import Losses, Terms
from nst.engine.vgg import Network
from nst.errors import DivergenceError, Interrupted
from nst.masks.temporal import TemporalTarget
from nst.pictures.blocks import deblocked
from nst.pictures.codec import resize_to
from nst.pictures.colour import ColourControl
from nst.plan.low_rank import exact_from
from nst.plan.scales import SKETCH_STEPS, Scale, Shape
from nst.plan.strength import (
    SKETCH_NEAR,
    SKETCH_RUNS,
    amended,
    may_amend,
    search_for,
    search_scale,
    short_passes,
    sketch_search,
)
from nst.progress import Interruption


class Run:
    """One run under way: the sizes, coarse to fine, each from where the one before it stopped."""

    def __init__(
        self,
        content: np.ndarray,
        styles: Sequence[np.ndarray],
        initial: np.ndarray | None,
        temporal: TemporalTarget | None,
        plan: RunPlan,
        clock: Clock,
        interruption: Interruption,
    ) -> None:
        config, final = plan.config, plan.scales[-1]
        seen = resize_to(content, *final.shape)
        #: Until the subject is looked for in it.
        self._seen: np.ndarray | None = seen
        self._plan, self._clock, self._interruption = plan, clock, interruption
        self._styles = deblocked_paintings(styles, final.style_shapes)
        self._network = plan.network
        self._colours = ColourControl.of(config, seen, styles)
        photo, free = self._colours.content(content), plan.layout.free()
        # The photo's fine detail comes with what guides the search; in the start it would keep strokes small.
        carry_change = config.content_weight > 0 and not plan.network.matching
        self._canvas = Canvas(photo, final.shape, carry_change=carry_change, free=free)
        #: The best so far, at the size painted last; None before there is one.
        self._picture = None if initial is None else self._begun(initial)
        self._temporal = temporal
        self._options = plan.options
        self._note = size_note(shape_of(content), shapes_of(styles), final, config)
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
        self._plan = self._plan._replace(layout=with_subject(self._plan.layout, seen, self._plan.config))
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
        if can_tell and may_amend(self._plan.scales, config):
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
        # A subject that is held more firmly keeps more than was asked for, and is to.
        if beta == found or (beta > found and self._plan.config.subject_weight > 1):
            return False
        self._take(beta, wanted)
        self._again = scale.steps
        return True

    def _small_scale(self) -> Scale:
        """Return the size of short runs: those that find the style weight, and sketches."""
        return search_scale(self._plan.scales[-1].shape, shapes_of(self._styles), self._plan.config)

    def _small_sees_all(self) -> bool:
        """Return whether no region is too small for all style layers in a short run."""
        scale = self._small_scale()
        return sees_all(scale, self._plan.layout.at(scale.shape), self._plan.config)

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
        descent = self._descent(scale, self._plan.config)
        evaluations = descent.begin(start, pictures)
        del start, pictures  # they take memory
        self._clock.begin_scale()
        for done, (best, tile) in enumerate(evaluations, start=1):
            self._clock.evaluated(self._plan.scales, number, done)
            self._step += 1
            self._low_rank += descent.network_after(done - 1).low_rank > 0
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
        exact = exact_from(config, scale.steps) if is_final else None
        return Descent(network, settings, self._options, box, scale.steps, is_final, self._interruption, exact)

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
        paintings = resized_paintings(self._styles, scale.style_shapes, self._colours)
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


def deblocked_paintings(styles: Sequence[np.ndarray], shapes: tuple[Shape, ...]) -> list[np.ndarray]:
    """Return the paintings without the JPEG blocks that would show at the (height, width) at which they are used."""
    return [deblocked(style, max(shape)) for style, shape in zip(styles, shapes, strict=True)]


def resized_paintings(
    styles: Sequence[np.ndarray], shapes: tuple[Shape, ...], colours: ColourControl
) -> list[np.ndarray]:
    """Return the paintings at (height, width) as the run sees them."""
    return [colours.style(resize_to(style, *shape)) for style, shape in zip(styles, shapes, strict=True)]


def _check_finite(best: Best) -> None:
    if not np.isfinite(float(best.value)):
        raise DivergenceError(
            f"J: expected a finite number, got {float(best.last_value)} {int(best.failures)} times in a row; "
            "lower style_weight or content_weight, or set precision to float32."
        )
