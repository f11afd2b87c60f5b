"""The search for the style weight that leaves the wanted share of the photo: where it looks, and when it stops.

The share is that of `nst.engine.strength.Keeping`. It falls with the logarithm of beta, so a secant on that logarithm
finds the weight in a few short runs. They are painted at a small size, where an evaluation of J costs a sixteenth of
one at 512 px.

A short run keeps something else than the finished picture: less where statistics paint, since its few evaluations have
not yet found the photo's forms again; more with neighbours, since at every size they are looked for from what is
painted so far as well. So there is a share that a short run is to keep: `short_share`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from nst.config import StyleTransferConfig
from nst.config.transfer import PHOTO_KEPT
from nst.plan.scales import (
    COARSEST_LONG_SIDE,
    COARSEST_SHORT_SIDE,
    SKETCH_STEPS,
    Scale,
    Shape,
    is_at_final_size,
    scale_at,
)

#: Short runs of a search, and evaluations of each. All of them take the time of three evaluations at 512 px. The first
#: can have been painted before, as a sketch.
RUNS, RUN_STEPS = 3, SKETCH_STEPS
#: Evaluations of each run at least.
LEAST_STEPS = 1
#: Logarithm of the beta with which most short runs keep what they should for `PHOTO_KEPT`, and how many decades below
#: and above it a search may end: a photo that is like the painting from the start keeps more of itself than was asked
#: for.
FIRST, REACH, RISE = 2.9, 3.1, 0.8
#: How the share falls with a decade of beta, typically: where the first run points to. And the longest step.
TYPICAL_SLOPE, LONGEST = -0.35, 1.5
#: How many decades from `FIRST` the first run may be for other shares.
FIRST_REACH = 1.0
#: What a short run of statistics loses of the photo: so many times this power of what the finished picture loses.
STATISTICS_LOSS, STATISTICS_POWER = 1.38, 1.2
#: As near to the wanted share as one can see.
NEAR = 0.01
#: With neighbours: logarithm of the beta with which finished pictures keep `PHOTO_KEPT` of most photos, how that share
#: falls with a decade, and how many decades below and above what the two say a search may end.
NEIGHBOURS_FIRST, NEIGHBOURS_SLOPE, NEIGHBOURS_REACH = 2.5, -0.3, 0.5
#: The same with neighbours.
NEIGHBOURS_LOSS, NEIGHBOURS_POWER = 0.8, 1.5
#: Passes of a short run with neighbours.
SHORT_PASSES = 3
#: What the first size is to keep more of the photo than was asked for, since later ones lose about that much again; how
#: far from that it may be; and how its share falls with a decade of beta. Where it is farther, as with flat graphic
#: paintings, the short runs stopped too early.
FIRST_GAIN, FIRST_BAND, FIRST_SLOPE = 0.025, 0.08, -0.7
#: Short runs that a sketch may take, and how near to the wanted share the first of them is good enough.
SKETCH_RUNS, SKETCH_NEAR = 2, 0.15
#: Logarithm of a sketch's first beta where `PHOTO_KEPT` is to stay. Below `FIRST`: a sketch is to be
#: weak rather than strong, since what goes on from it does not find back to the photo.
_SKETCH_FIRST = 2.6


def search_scale(shape: Shape, styles: tuple[Shape, ...], config: StyleTransferConfig) -> Scale:
    """Return the size that the short runs are painted at: the coarsest at which the network sees enough.

    Args:
        shape: (height, width) of the result, which is the largest.
        styles: (height, width) of each painting's file.
        config: For the steps and the style scale.
    """
    long_side, steps = min(COARSEST_LONG_SIDE, max(shape)), min(RUN_STEPS, config.steps)
    scale = scale_at(shape, long_side, styles, config, steps)
    while long_side < max(shape) and min(map(min, (scale.shape, *scale.style_shapes))) < COARSEST_SHORT_SIDE:
        long_side = min(2 * long_side, max(shape))
        scale = scale_at(shape, long_side, styles, config, steps)
    # A dearer size gets fewer steps: a poorer guess, but never a longer wait.
    affordable = int(RUN_STEPS * COARSEST_LONG_SIDE**2 / (scale.shape[0] * scale.shape[1]))
    return replace(scale, steps=max(LEAST_STEPS, min(steps, affordable)))


def short_passes(scale: Scale, config: StyleTransferConfig) -> tuple[Scale, ...]:
    """Return the passes of a short run, which all have its size.

    With neighbours they are those of a whole run in small, a third of the evaluations each: neighbours that are looked
    for from the photo, then from the picture so far as well, then by each layer itself.

    Args:
        scale: As `search_scale` gives it.
        config: For the method.
    """
    third = scale.steps // SHORT_PASSES
    if config.method != "neighbours" or third == 0:
        return (scale,)
    steps = scale.steps - (SHORT_PASSES - 1) * third
    return replace(scale, steps=steps), replace(scale, steps=third), replace(scale, steps=third, by_layer=True)


def short_share(config: StyleTransferConfig) -> float:
    """Return what share of the photo a short run keeps where the finished picture keeps `photo_kept`."""
    loss, power = (
        (NEIGHBOURS_LOSS, NEIGHBOURS_POWER) if config.method == "neighbours" else (STATISTICS_LOSS, STATISTICS_POWER)
    )
    return max(0.0, 1.0 - loss * (1.0 - config.photo_kept) ** power)


def search_for(config: StyleTransferConfig) -> "Search":
    """Return the search for the weight with which `photo_kept` of the photo stays."""
    more = config.photo_kept - PHOTO_KEPT
    if config.method == "neighbours":
        first = NEIGHBOURS_FIRST + more / NEIGHBOURS_SLOPE
        return Search(short_share(config), first, NEIGHBOURS_REACH, NEIGHBOURS_REACH)
    off = min(max(more / TYPICAL_SLOPE, -FIRST_REACH), FIRST_REACH)
    return Search(short_share(config), FIRST + off, REACH + off, RISE - off)


def sketch_search(config: StyleTransferConfig) -> "Search":
    """Return the search for the weight of a sketch that keeps about `photo_kept` of the photo."""
    if config.method == "neighbours":
        return search_for(config)
    first = min(_SKETCH_FIRST + (config.photo_kept - PHOTO_KEPT) / TYPICAL_SLOPE, FIRST)
    return Search(config.photo_kept, first)


def amended(beta: float, kept: float, wanted: float) -> float:
    """Return the weight with which the first size is to be painted again, `beta` itself if it has kept what it should.

    Args:
        beta: With which it was painted.
        kept: Which share of the photo it kept.
        wanted: Which share of it the finished picture is to keep.
    """
    missing = wanted + FIRST_GAIN - kept
    if abs(missing) <= FIRST_BAND:
        return beta
    step = min(max(missing / FIRST_SLOPE, -LONGEST), LONGEST)
    # Not beyond where a search may end, if it has not ended there.
    return float(f"{min(beta * 10.0**step, max(beta, 10.0 ** (FIRST + RISE))):.3g}")


def may_amend(scales: Sequence[Scale], config: StyleTransferConfig) -> bool:
    """Return whether the first of a run's sizes may be painted a second time, with an amended weight.

    Only a coarse one is: that takes little of the time.
    """
    return config.finds_strength and config.method != "neighbours" and not is_at_final_size(1, len(scales), config)


@dataclass
class Search:
    """One search under way.

    Attributes:
        wanted: The share of the photo that is to stay in a short run.
        first: The logarithm of the beta to begin with.
        reach, rise: How many decades below and above it the search may end.
        tried: The logarithm of each beta that was tried, and the share that stayed.
    """

    wanted: float
    first: float
    reach: float = REACH
    rise: float = RISE
    tried: list[tuple[float, float]] = field(default_factory=list)

    def proposal(self) -> float:
        """Return the logarithm of the beta that promises the wanted share, from all that was tried."""
        if not self.tried:
            return self.first
        nearest = min(self.tried, key=self._distance)
        below = [each for each in self.tried if each[1] <= self.wanted]
        above = [each for each in self.tried if each[1] > self.wanted]
        if below and above:
            return _crossing(max(above), min(below), self.wanted)
        step = (self.wanted - nearest[1]) / self._slope()
        return min(max(nearest[0] + min(max(step, -LONGEST), LONGEST), self.first - self.reach), self.first + self.rise)

    def is_over(self) -> bool:
        """Return whether another run could tell no more."""
        if not self.tried:
            return False
        known = any(math.isclose(self.proposal(), each[0], abs_tol=1e-3) for each in self.tried)
        return known or len(self.tried) >= RUNS or min(map(self._distance, self.tried)) <= NEAR

    def result(self) -> float:
        """Return beta, to three digits: a number that people can read and give again."""
        near = min(self.tried, key=self._distance)
        return float(f"{10 ** (near[0] if self._distance(near) <= NEAR else self.proposal()):.3g}")

    def _distance(self, each: tuple[float, float]) -> float:
        return abs(each[1] - self.wanted)

    def _slope(self) -> float:
        """Return how the share falls with a decade: by the last two runs, if it fell as it should."""
        if len(self.tried) < 2:
            return TYPICAL_SLOPE
        (one, kept), (other, left) = self.tried[-2:]
        return min((left - kept) / (other - one), TYPICAL_SLOPE / 5)


def _crossing(above: tuple[float, float], below: tuple[float, float], wanted: float) -> float:
    """Return where the line through two points (logarithm of beta, share) has the wanted share, between the two."""
    share = (above[1] - wanted) / (above[1] - below[1])
    # Not too near to either end, so that a bent curve is halved at least roughly.
    return above[0] + (below[0] - above[0]) * min(max(share, 0.1), 0.9)
