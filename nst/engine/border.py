"""The border of the picture: out of the optimiser's reach, and yet counted in J.

The paper pads every convolution with zeros. The first one then sees an edge all around the picture, and an optimiser
that is free to shape that edge discolours the outermost row of pixels. So the picture is optimised with the first
convolution's padding replicated from the picture; but it is judged with zeros, and what the border adds to its Gram
matrices is worth 2 to 7 % of J. That share hardly depends on the pixels near the border and is held fixed between
corrections: the optimised Gram matrices are aimed at

    gram(S) - (gram(G) - gram_replicate(G)),        gram with zero padding, G the picture at the last correction,

which lets the rest of the picture make up for its border, without a reason to paint the border itself.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from nst.config import StyleTransferConfig
from nst.engine.optimizers.best import Best
from nst.engine.targets import Targets, grams_of, style_grams, style_term
from nst.engine.terms import weighted_sum
from nst.engine.vgg import Network
from nst.masks.regions import Layout
from nst.plan.tiling import WHOLE
from nst.progress import UNINTERRUPTED, Interruption


class Border:
    """What the border adds to the Gram matrices at one size.

    Args:
        network: That the picture is optimised with.
        config: For the shares of the paintings.
        styles: The paintings at the sizes to be used, uint8 RGB (height, width, 3).
        side: Of a tile's core, see `nst.plan.tiling.cut`.
        layout: The regions, and the parts of the paintings; each region is corrected by itself.
        interruption: What is asked between tiles whether to go on.
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
        self._network = network
        self._judge = network._replace(edge="zero")
        self._grams = style_grams(self._judge, config, styles, side, layout, interruption)
        self._interruption = interruption

    def corrected(self, targets: Targets, picture: tf.Tensor, side: int = WHOLE) -> tuple[Targets, tf.Tensor]:
        """Return the targets for going on from a picture (1, H, W, 3), and Js () of that picture under them.

        Args:
            side: Of a tile's core; not that of the constructor where memory has run out since.
        """
        own, judged = (
            grams_of(network, picture, side, targets.guides, self._interruption)
            for network in (self._network, self._judge)
        )
        aims = tf.nest.map_structure(lambda aim, seen, mine: aim - (seen - mine), self._grams, judged, own)
        corrected = targets._replace(grams=aims)
        return corrected, style_term(self._network, corrected, own)


def revalued(best: Best, targets: Targets, style: tf.Tensor) -> Best:
    """Return the best iterate with its value and terms under corrected targets; unchanged while there is no value."""
    if not np.isfinite(float(best.value)):
        return best
    terms = best.terms._replace(style=style)
    return best._replace(value=weighted_sum(targets.weights, terms), terms=terms)
