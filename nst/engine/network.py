"""Which network judges a picture, and its feature maps.

The network is built once for a choice of layers, pooling and precision and shared by every job.
"""

from functools import lru_cache
from typing import NamedTuple

import keras
import tensorflow as tf

from nst.config import LAYERS, StyleTransferConfig
from nst.engine.vgg import build_features


class Network(NamedTuple):
    """Which network computes J; hashable, so that it is the key of everything cached for it.

    `content_layers` and `style_layers` are Keras names; the rest are the arguments of
    `nst.engine.vgg.build_features`.
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


def feature_maps(network: Network, pixels: tf.Tensor) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
    """Return the feature maps of the content layers and of the style layers at `pixels` (1, H, W, 3) in 0..255."""
    maps = _features(network)(pixels)
    return [maps[name] for name in network.content_layers], [maps[name] for name in network.style_layers]


def dtype(network: Network, name: str) -> tf.DType:
    """Return the type of a layer's feature maps."""
    return tf.as_dtype("float32" if name == LAYERS[0] else network.precision)


@lru_cache(maxsize=8)
def _features(network: Network) -> keras.Model:
    # Asked for while a function is traced: without this the weights would be set in its graph, not now.
    with tf.init_scope():
        return build_features(network.layers, pooling=network.pooling, precision=network.precision, edge=network.edge)
