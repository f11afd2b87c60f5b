"""The neighbours of a picture in the paintings: what it is matched with, made anew for each picture that guides."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import tensorflow as tf

from nst.config import StyleTransferConfig
from nst.engine.neighbours.matches import Group, Match, groups_of, place_distances
from nst.engine.neighbours.paintings import Candidates, Seen, candidates_of, seen_by_tiles
from nst.engine.neighbours.search import assigned, directions, nearest
from nst.engine.targets import Targets, style_term
from nst.engine.vgg import Network
from nst.layers import channels_of, stride_of
from nst.masks.regions import Layout
from nst.plan.neighbours import Owners
from nst.plan.tiling import WHOLE, cut, style_side
from nst.progress import UNINTERRUPTED, Interruption

#: The unit of lengths has this share of that of the painting's mean features: all others are 0 in one of one colour.
CENTRE_SHARE = 0.05


class Matching:
    """What the paintings offer at one size.

    Args:
        network: With a matching.
        config: For the shares of the paintings and the seed.
        styles: The paintings at the sizes to be used, uint8 RGB (height, width, 3).
        side: Of a tile's core, see `nst.plan.tiling.cut`.
        layout: The regions at the picture's size, and the parts of the paintings; None for neither.
        interruption: What is asked between tiles and between blocks of the search whether to go on.

    Raises:
        Interrupted: if not; so do its methods.
        MaskError: if the part of a painting is too small.
    """

    def __init__(
        self,
        network: Network,
        config: StyleTransferConfig,
        styles: Sequence[np.ndarray],
        side: int = WHOLE,
        layout: Layout | None = None,
        interruption: Interruption = UNINTERRUPTED,
    ) -> None:
        self._network, self._config, self._interruption = network, config, interruption
        self._layout = layout or Layout.plain(len(styles))
        own, network = style_side(side), network.of_paintings
        pairs = zip(styles, self._layout.guides, strict=True)
        paintings = [
            candidates_of(
                network, style, guide, len(styles), config.seed, own, interruption, f"part of painting {number}"
            )
            for number, (style, guide) in enumerate(pairs, start=1)
        ]
        #: For each group the candidates of each painting.
        self._candidates: list[tuple[Candidates, ...]] = list(zip(*paintings, strict=True))

    def matched(self, targets: Targets, guide: tf.Tensor, side: int = WHOLE) -> Targets:
        """Return the targets with the neighbours of the places of a guide (1, H, W, 3).

        Args:
            targets: For the rest.
            guide: The picture whose places look for neighbours.
            side: Of a tile's core.
        """
        return self._searched(targets, guide, side)[0]

    def corrected(self, targets: Targets, picture: tf.Tensor, side: int = WHOLE) -> tuple[Targets, tf.Tensor]:
        """Return the targets with a picture's own neighbours, and Js () of it under them; only of layers by themselves.

        Arguments as for `matched`.
        """
        matched, searches = self._searched(targets, picture, side)
        pairs = zip(searches, matched.matches, strict=True)
        return matched, style_term(self._network, targets, (), tuple(search.distance(match) for search, match in pairs))

    def _searched(self, targets: Targets, picture: tf.Tensor, side: int) -> "tuple[Targets, list[_Search]]":
        shape = (int(picture.shape[1]), int(picture.shape[2]))
        searches = [
            _Search(group, candidates, Owners.of(self._config, self._layout, shape, group.grid))
            for group, candidates in zip(groups_of(self._network), self._candidates, strict=True)
        ]
        seen = self._seen(picture, side)
        for core, features in seen():
            for search, of_group in zip(searches, features, strict=True):
                search.count(core, of_group)
        for core, features in seen():
            for search, of_group in zip(searches, features, strict=True):
                search.look(core, of_group, self._interruption)
        return targets._replace(matches=tuple(search.match(self._interruption) for search in searches)), searches

    def _seen(self, picture: tf.Tensor, side: int) -> Callable[[], Iterable[Seen]]:
        """Return what yields the tiles' features, each time it is called; those of a single tile are kept."""
        height, width = picture.shape[1:3]
        if len(cut(height, width, self._network.layers[-1], side)) > 1:
            return lambda: seen_by_tiles(self._network, picture, side, self._interruption)
        kept = list(seen_by_tiles(self._network, picture, side, self._interruption))
        return lambda: kept


class _Search:
    """The search for one group of layers: the centres of the regions first, then the neighbours.

    Args:
        group: Of layers.
        candidates: Of each painting.
        owners: Of the picture's places.
    """

    def __init__(self, group: Group, candidates: Sequence[Candidates], owners: Owners) -> None:
        self._group, self._candidates, self._owners = group, candidates, owners
        regions, channels = len(owners.shares), candidates[0].features.shape[1]
        self._sums, self._counts = np.zeros((regions, channels)), np.zeros(regions)
        shape = (*owners.region.shape, len(candidates))
        self._places, self._cosines = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
        #: Of each place with its neighbour, once that is chosen.
        self._cosine = np.zeros(owners.region.shape, np.float32)
        #: Of each place's features without their centre.
        self._lengths = np.zeros(owners.region.shape, np.float32)
        self._directions = [directions(*each) for each in candidates]

    def count(self, core: np.ndarray, features: tf.Tensor) -> None:
        """Add a tile's features (h, w, C) to the regions' centres."""
        _, region = self._part(core)
        for number, _ in enumerate(self._counts):
            own = region == number
            self._counts[number] += own.sum()
            self._sums[number] += tf.reduce_sum(_rows(features, own), 0).numpy()

    def look(self, core: np.ndarray, features: tf.Tensor, interruption: Interruption) -> None:
        """Find the neighbours of a tile's places in each painting that their region has a share of."""
        part, region = self._part(core)
        places, cosines, lengths = self._places[part], self._cosines[part], self._lengths[part]
        for number, shares in enumerate(self._owners.shares):
            own = region == number
            if not own.any():
                continue
            features_there, centre = _rows(features, own), tf.constant(self._centres()[number], tf.float32)
            queries = directions(features_there, centre)
            lengths[own] = tf.norm(features_there - centre, axis=1)
            for painting in np.flatnonzero(shares):
                found = nearest(queries, self._directions[painting], interruption)
                places[own, painting], cosines[own, painting] = found

    def match(self, interruption: Interruption) -> Match:
        """Return the match of all places, each with its neighbour in the painting that it is assigned to."""
        counts = [each.features.shape[0] for each in self._candidates]
        offsets = np.cumsum([0, *counts[:-1]])
        places = np.zeros(self._owners.region.shape, np.int32)
        for number, shares in enumerate(self._owners.shares):
            own = self._owners.region == number
            if own.any():
                painting = assigned(self._cosines[own], shares, interruption)
                places[own] = offsets[painting] + np.take_along_axis(self._places[own], painting[:, None], 1)[:, 0]
                self._cosine[own] = np.take_along_axis(self._cosines[own], painting[:, None], 1)[:, 0]
        sizes = [channels_of(name) for name in self._group.layers]
        wanted, lengths, units = map(tf.concat, zip(*map(self._wanted, self._candidates), strict=True), (0, 0, 0))
        centres = () if self._group.is_column else (tf.constant(self._centres(), tf.float32),)
        return Match(
            tuple(tf.split(wanted, sizes, 1)),
            lengths,
            units,
            tf.constant(places[None, ..., None]),
            centres,
            tf.constant(np.maximum(self._owners.region, 0)[None, ..., None], tf.int32),
            tf.constant(self._owners.weights[None, ..., None] / places.size, tf.float32),
        )

    def distance(self, match: Match) -> tf.Tensor:
        """Return the distance () of the picture that was searched from; of layers by themselves only.

        There the cosines are those of the search.
        """
        assert not self._group.is_column
        lengths, units = (tf.gather(each, match.places[0, ..., 0]) for each in (match.lengths, match.units))
        distances = place_distances(self._cosine * self._lengths, self._lengths**2, lengths, units)
        return tf.reduce_sum(match.weights[0, ..., 0] * distances)

    def _wanted(self, candidates: Candidates) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return the directions and lengths to be had from a painting's places, and the units of the lengths."""
        centre = tf.zeros_like(candidates.centre) if self._group.is_column else candidates.centre
        lengths = tf.norm(candidates.features - centre, axis=1)
        unit = tf.reduce_mean(lengths) + CENTRE_SHARE * tf.norm(candidates.centre)
        return directions(candidates.features, centre), lengths, lengths + unit

    def _centres(self) -> np.ndarray:
        return self._sums / np.maximum(self._counts, 1)[:, None]

    def _part(self, core: np.ndarray) -> tuple[tuple[slice, slice], np.ndarray]:
        """Return which of the places are a tile's, and their regions."""
        top, left, bottom, right = core // stride_of(self._group.grid)
        part = (slice(top, bottom), slice(left, right))
        return part, self._owners.region[part]


def _rows(features: tf.Tensor, own: np.ndarray) -> tf.Tensor:
    """Return the features (P, C) of some of the places (h, w, C)."""
    return tf.reshape(features, (-1, features.shape[-1])) if own.all() else tf.boolean_mask(features, own)
