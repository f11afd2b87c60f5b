"""J and its gradient: what the picture is optimised for.

    J = alpha * Jc + beta * Js + gamma * Jtv

The network is built once for a choice of layers, pooling and precision and shared by every job; what differs
from job to job (targets and weights) is passed in as tensors, so that no job makes TensorFlow trace again.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from nst.config import LAYERS, StyleTransferConfig, normalised
from nst.losses import content_loss, gram_matrix, style_loss, total_variation_loss
from nst.tensors import as_tensor
from nst.vgg import build_features, channels


class Network(NamedTuple):
    """Which network computes J; hashable, so that it is the key of everything cached for it.

    `content_layers` and `style_layers` are Keras names; the rest are the arguments of
    `nst.vgg.build_features`.
    """

    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    pooling: str = "average"
    precision: str = "float32"
    edge: str = "zero"

    @property
    def layers(self) -> tuple[str, ...]:
        """All layers in use, each once, shallow to deep."""
        return tuple(name for name in LAYERS if name in self.content_layers + self.style_layers)

    @property
    def deepest_block(self) -> int:
        """The number of the block, from 1, that the deepest layer is in."""
        return int(self.layers[-1][len("block")])

    @classmethod
    def of(cls, config: StyleTransferConfig, precision: str, edge: str) -> "Network":
        """Return the network that `config` asks for, in a resolved precision."""
        return cls(
            tuple(name for name, _ in config.content_layers),
            tuple(name for name, _ in config.style_layers),
            config.pooling,
            precision,
            edge,
        )


class Targets(NamedTuple):
    """What one job's picture is compared with, and how much each part counts.

    Attributes:
        content: The photo's feature maps, (1, H, W, C) for each content layer.
        grams: The paintings' Gram matrices, (C, C) float32 for each style layer.
        content_weights: w_l, (content layers,), sum 1.
        style_weights: lambda_l, (style layers,), sum 1.
        weights: alpha, beta, gamma, (3,).
    """

    content: tuple[tf.Tensor, ...]
    grams: tuple[tf.Tensor, ...]
    content_weights: tf.Tensor
    style_weights: tf.Tensor
    weights: tf.Tensor


class Value(NamedTuple):
    """J at a picture: `total` is J, `parts` (3,) the unweighted Jc, Js and Jtv, `gradient` dJ/dpixels."""

    total: tf.Tensor
    parts: tf.Tensor
    gradient: tf.Tensor


@lru_cache(maxsize=8)
def _features(network: Network) -> keras.Model:
    # Asked for while a function is traced: without this the weights would be set in its graph, not now.
    with tf.init_scope():
        return build_features(network.layers, pooling=network.pooling, precision=network.precision, edge=network.edge)


def _split(network: Network, pixels: tf.Tensor) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
    """Return the feature maps of the content layers and of the style layers at `pixels`."""
    maps = _features(network)(pixels)
    return [maps[name] for name in network.content_layers], [maps[name] for name in network.style_layers]


def losses(network: Network, pixels: tf.Tensor, targets: Targets) -> tuple[tf.Tensor, tf.Tensor]:
    """Return J () and its unweighted parts (3,) at a picture (1, H, W, 3) float32 in 0..255."""
    content, style = _split(network, pixels)
    content_terms = [content_loss(*pair) for pair in zip(content, targets.content, strict=True)]
    style_terms = [style_loss(gram_matrix(maps), gram) for maps, gram in zip(style, targets.grams, strict=True)]
    parts = tf.stack(
        [
            tf.tensordot(targets.content_weights, tf.stack(content_terms), 1),
            tf.tensordot(targets.style_weights, tf.stack(style_terms), 1),
            total_variation_loss(pixels),
        ]
    )
    return tf.tensordot(targets.weights, parts, 1), parts


def value_and_gradient(network: Network, pixels: tf.Tensor, targets: Targets) -> Value:
    """Return J, its parts and its gradient at a picture (1, H, W, 3) float32 in 0..255."""
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        total, parts = losses(network, pixels, targets)
    return Value(total, parts, tape.gradient(total, pixels))


def make_targets(
    network: Network, config: StyleTransferConfig, content: np.ndarray, styles: Sequence[np.ndarray]
) -> Targets:
    """Return the targets of a photo and paintings, all uint8 RGB (height, width, 3) at the sizes to be used.

    Several paintings blend linearly, gram = sum_k v_k gram(S_k) with sum v_k = 1.

    Raises:
        ConfigError: if there is no painting, or not one blend weight for each.
    """
    blend = config.blend(len(styles))
    grams = [_gram_function(network)(as_tensor(style)) for style in styles]
    return Targets(
        content=tuple(_content_function(network)(as_tensor(content))),
        grams=tuple(
            tf.add_n([share * gram for share, gram in zip(blend, layer, strict=True)])
            for layer in zip(*grams, strict=True)
        ),
        content_weights=tf.constant(list(normalised(config.content_layers).values()), tf.float32),
        style_weights=tf.constant(list(normalised(config.style_layers).values()), tf.float32),
        weights=tf.constant([config.content_weight, config.style_weight, config.tv_weight], tf.float32),
    )


def targets_signature(network: Network) -> Targets:
    """Return the TensorFlow signature of a network's targets for pictures of any size."""
    scalars = [
        tf.TensorSpec((count,), tf.float32) for count in (len(network.content_layers), len(network.style_layers))
    ]
    return Targets(
        content=tuple(
            tf.TensorSpec((1, None, None, channels(name)), _dtype(network, name)) for name in network.content_layers
        ),
        grams=tuple(tf.TensorSpec((channels(name),) * 2, tf.float32) for name in network.style_layers),
        content_weights=scalars[0],
        style_weights=scalars[1],
        weights=tf.TensorSpec((3,), tf.float32),
    )


def _dtype(network: Network, name: str) -> tf.DType:
    return tf.as_dtype("float32" if name == LAYERS[0] else network.precision)


_PIXELS = tf.TensorSpec((1, None, None, 3), tf.float32)


@lru_cache(maxsize=16)
def _content_function(network: Network) -> Any:
    # TensorFlow drops the layers whose output is not asked for.
    return tf.function(lambda pixels: tuple(_split(network, pixels)[0]), input_signature=[_PIXELS], autograph=False)


@lru_cache(maxsize=16)
def _gram_function(network: Network) -> Any:
    return tf.function(
        lambda pixels: tuple(gram_matrix(maps) for maps in _split(network, pixels)[1]),
        input_signature=[_PIXELS],
        autograph=False,
    )
