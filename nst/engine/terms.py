"""The terms that J is the weighted sum of: their names, once.

The optimisers know only that there is some nested structure of scalars. `nst.engine.objective.Sums` computes the terms,
the settings weigh them: a term NAME has the weight ``NAME_weight``.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import tensorflow as tf

from nst.config import StyleTransferConfig


class Terms(NamedTuple):
    """One scalar () for each term of J: its unweighted value, or its weight.

    Attributes:
        content: Jc, of weight alpha.
        style: Js, of weight beta.
        tv: Jtv, of weight gamma.
        temporal: Jt, of weight delta: a film's frame against those before it; 0 for a picture by itself.
    """

    content: Any
    style: Any
    tv: Any
    temporal: Any

    @classmethod
    def weights_of(cls, config: StyleTransferConfig) -> Self:
        """Return the weights alpha, beta, gamma and delta as float32 tensors ()."""
        return cls(*(tf.constant(getattr(config, f"{name}_weight"), tf.float32) for name in cls._fields))

    @classmethod
    def filled(cls, value: Any) -> Self:
        """Return the same value for every term."""
        return cls(*(value for _ in cls._fields))


#: The terms of a picture by itself, which no other frame is compared with.
PICTURE_TERMS = tuple(name for name in Terms._fields if name != "temporal")


@dataclass(frozen=True)
class Losses:
    """J (`total`) and its unweighted terms as numbers, see `Terms`."""

    total: float
    content: float
    style: float
    tv: float
    temporal: float

    @classmethod
    def of(cls, total: tf.Tensor, terms: Terms) -> Self:
        """Return the numbers of tensors ()."""
        return cls(float(total), **{name: float(value) for name, value in terms._asdict().items()})


def weighted_sum(weights: Terms, terms: Terms) -> tf.Tensor:
    """Return J (), the sum of weight times term."""
    return tf.tensordot(tf.stack(tuple(weights)), tf.stack(tuple(terms)), 1)
