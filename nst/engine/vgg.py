"""VGG-19 as Gatys et al. (2016) used it: weights in, feature maps out.

The bundled filters are rescaled so that each one's mean activation over images and positions is 1 (section 2 of the
paper), which is what makes one alpha:beta mean the same for all layers. Layer names are those of
``keras.applications.VGG19``; the network is cut at the deepest layer asked for, is built once for a choice of layers,
pooling and precision, and is shared by every job.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import layers as kl

from nst.config import StyleTransferConfig
from nst.engine import tracing
from nst.engine.convolution import Forms, factored, fastest_forms, rectified, turned
from nst.engine.low_rank import Factors, factors
from nst.engine.normalisation import gallery_means, rescaled
from nst.layers import LAYERS, block_of
from nst.weights.bundled import load_weights
from nst.weights.files import Vgg19, WeightsFile, read_weights

#: Layers that a pooling precedes.
BLOCK_STARTS = ("block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")


@lru_cache(maxsize=2)
def weights_of(file: WeightsFile | None) -> Vgg19:
    """Return the weights to compute with: the bundled ones, or those of a file, normalised if that is asked for.

    Raises:
        WeightsError: if the file is missing, damaged, or not what it has to be.
    """
    if file is None:
        return Vgg19(load_weights())
    weights = read_weights(file)
    return rescaled(weights, gallery_means(weights, file.source.sha256)) if file.source.normalised else weights


def build_features(
    names: tuple[str, ...],
    *,
    pooling: str = "average",
    precision: str = "float32",
    edge: str = "zero",
    weights: WeightsFile | None = None,
    low_rank: int = 0,
) -> keras.Model:
    """Return a frozen model from pixels to a dictionary of the feature maps of `names`.

    The input is a picture (1, height, width, 3), RGB, float32, 0..255; each feature map is
    (1, height // 2**(block - 1), width // 2**(block - 1), channels), after the ReLU. Models share their
    layers, so a second choice of layers costs no memory.

    Args:
        names: Keras layer names, at least one.
        pooling: ``"average"`` (the paper's choice) or ``"max"``.
        precision: ``"float32"`` or ``"bfloat16"`` for the convolutions and their outputs. The first
            convolution always runs in float32: bfloat16 would round the pixels to whole grey levels, and
            with three input channels it costs next to nothing.
        edge: Padding: ``"zero"`` as in the paper; ``"replicate"``, which is that of the first convolution alone; or
            ``"wrap"`` around, of all of them, where the picture has no border. Its sides have to be multiples of
            the deepest layer's stride then, so that the pooling grid closes too.
        weights: A file to take the weights from; None for the bundled ones.
        low_rank: The number of the block, from 1, from which on layers are computed in fewer operations, and only
            nearly, see `nst.engine.low_rank`; 0 for none. The bundled weights alone can be.
    """
    deepest = max(LAYERS.index(name) for name in names)
    pixels = keras.Input((None, None, 3), batch_size=1, dtype="float32")
    x = pixels[..., ::-1] - np.array(weights_of(weights).means, np.float32)
    if edge == "replicate":
        x = keras.ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="symmetric")
    elif edge == "wrap":
        x = _wrapped(x)
    outputs = {}
    for index, name in enumerate(LAYERS[: deepest + 1]):
        tracing.check()
        is_near = 0 < low_rank <= block_of(name)
        if name in BLOCK_STARTS:
            x = _pool(pooling, precision, f"block{BLOCK_STARTS.index(name) + 1}_pool")(x)
        if index == 0:
            x = _first_convolution(edge, weights)(x)
        elif edge == "wrap":
            # The outermost positions, which see zeros, are those of the padding.
            x = _convolution(name, precision, weights, is_near)(_wrapped(x))[:, 1:-1, 1:-1]
        else:
            x = _convolution(name, precision, weights, is_near)(x)
        outputs[name] = x
    return keras.Model(pixels, {name: outputs[name] for name in names})


def _wrapped(x: Any) -> Any:
    """Return maps (1, h, w, C) with a border of one position, that of the opposite side: (1, h + 2, w + 2, C)."""
    x = keras.ops.concatenate([x[:, -1:], x, x[:, :1]], axis=1)
    return keras.ops.concatenate([x[:, :, -1:], x, x[:, :, :1]], axis=2)


class _Convolution(kl.Conv2D):  # type: ignore[misc]
    """A convolution with ReLU in the form that is fastest here, see `nst.engine.convolution`."""

    def __init__(self, forms: Forms, kernel: np.ndarray, **settings: Any) -> None:
        super().__init__(**settings)
        self._forms = forms
        unusual = forms != Forms()
        self._turned = tf.constant(turned(kernel), self.compute_dtype) if unusual else None

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        kernel = tf.convert_to_tensor(self.kernel)
        return rectified(inputs, kernel, self._turned, tf.convert_to_tensor(self.bias), self._forms)


class _Factored(kl.Layer):  # type: ignore[misc]
    """A convolution with ReLU in two factors, in the form that is fastest here."""

    def __init__(self, forms: Forms, parts: Factors, **settings: Any) -> None:
        super().__init__(**settings)
        self._forms = forms
        arrays = (parts.down, turned(parts.down), parts.up, parts.bias)
        # Variables, as the network's kernels are: what TensorFlow knows to be constant takes other paths.
        self._parts = [tf.Variable(tf.cast(each, self.compute_dtype), trainable=False) for each in arrays]

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        down, turned_down, up, bias = map(tf.convert_to_tensor, self._parts)
        return factored(inputs, down, turned_down, up, bias, self._forms)


@lru_cache(maxsize=64)
def _convolution(name: str, precision: str, weights: WeightsFile | None, is_near: bool) -> kl.Layer:
    parts = factors(name) if is_near else None
    if parts is not None:
        return _Factored(fastest_forms(precision), parts, name=name, dtype=_policy(precision))
    kernel, bias = weights_of(weights).layers[name]
    settings = {"filters": bias.size, "kernel_size": 3, "padding": "same", "name": name, "dtype": _policy(precision)}
    return _with_weights(_Convolution(fastest_forms(precision), kernel, **settings), kernel, bias)


@lru_cache(maxsize=4)
def _first_convolution(edge: str, weights: WeightsFile | None) -> kl.Layer:
    kernel, bias = weights_of(weights).layers[LAYERS[0]]
    padding = "same" if edge == "zero" else "valid"
    layer = kl.Conv2D(bias.size, 3, padding=padding, activation="relu", name=LAYERS[0], dtype=_policy("float32"))
    return _with_weights(layer, kernel, bias)


def _with_weights(layer: kl.Conv2D, kernel: np.ndarray, bias: np.ndarray) -> kl.Conv2D:
    layer.build((1, None, None, kernel.shape[2]))
    layer.set_weights([kernel, bias])
    layer.trainable = False
    return layer


def _pool(pooling: str, precision: str, name: str) -> kl.Layer:
    # Named by us: Keras counts the layers that it names, and a page framework may reset the count meanwhile.
    kind = {"average": kl.AveragePooling2D, "max": kl.MaxPooling2D}[pooling]
    return kind(2, name=name, dtype=_policy(precision))


def _policy(precision: str) -> keras.DTypePolicy:
    # A plain "bfloat16" policy keeps the weights in bfloat16 too: nothing is cast again in every evaluation.
    return keras.DTypePolicy(precision)


class Network(NamedTuple):
    """Which network computes J; hashable, so that it is the key of everything cached for it.

    `content_layers` and `style_layers` are Keras names; `statistics`, ``"gram"``, ``"moments"`` or ``"wasserstein"``,
    says how the style layers' features are compared, see `style_statistics` of the settings; `matching`, where the
    picture is compared with neighbours in the paintings, is ``"columns"`` or ``"layers"``, see
    `nst.engine.neighbours.matches`, and else empty; the rest are the arguments of `build_features`, `weights` None for
    the bundled ones.
    """

    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    pooling: str = "average"
    precision: str = "float32"
    edge: str = "zero"
    weights: WeightsFile | None = None
    statistics: str = "gram"
    matching: str = ""
    low_rank: int = 0

    @property
    def layers(self) -> tuple[str, ...]:
        """All layers in use, each once, shallow to deep."""
        return tuple(name for name in LAYERS if name in self.content_layers + self.style_layers)

    @property
    def has_means(self) -> bool:
        """Whether the means of the style layers' features count beside their products: see `nst.engine.statistics`."""
        return self.statistics != "gram"

    @property
    def deepest_block(self) -> int:
        """The number of the block, from 1, that the deepest layer is in."""
        return block_of(self.layers[-1])

    @property
    def of_paintings(self) -> "Network":
        """The network that paintings are seen with: their borders do not wrap around, whatever the picture's do."""
        return self._replace(edge="replicate") if self.edge == "wrap" else self

    def of_pass(self, by_layer: bool) -> "Network":
        """Return the network of a pass in which each layer has neighbours by itself, or of one where all have one."""
        return self._replace(matching="layers" if by_layer else "columns") if self.matching else self

    @classmethod
    def of(
        cls,
        config: StyleTransferConfig,
        precision: str,
        edge: str,
        weights: WeightsFile | None = None,
        *,
        low_rank: int = 0,
    ) -> "Network":
        """Return the network that `config` asks for, in a resolved precision; one that wraps around if it asks for it.

        Args:
            config: For the layers, the pooling and the borders.
            precision: ``"float32"`` or ``"bfloat16"``.
            edge: Padding of a picture that has borders.
            weights: A file to take the weights from; None for the bundled ones.
            low_rank: As for `build_features`.
        """
        return cls(
            tuple(name for name, _ in config.content_layers),
            tuple(name for name, _ in config.compared_layers),
            config.pooling,
            precision,
            "wrap" if config.tileable else edge,
            weights,
            statistics=config.style_statistics if config.method == "statistics" else "gram",
            matching="columns" if config.method == "neighbours" else "",
            low_rank=low_rank,
        )


def feature_maps(network: Network, pixels: tf.Tensor) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
    """Return the feature maps of the content layers and of the style layers at `pixels` (1, H, W, 3) in 0..255."""
    maps = _features(network)(pixels)
    return [maps[name] for name in network.content_layers], [maps[name] for name in network.style_layers]


def build(network: Network) -> None:
    """Build a network before a function is traced with it: a trace that is stopped must not have made variables."""
    _features(network)


def dtype(network: Network, name: str) -> tf.DType:
    """Return the type of a layer's feature maps."""
    return tf.as_dtype("float32" if name == LAYERS[0] else network.precision)


@lru_cache(maxsize=8)
def _features(network: Network) -> keras.Model:
    # Request for while a function is traced: without this the weights would be set in its graph, not now.
    with tf.init_scope():
        return build_features(
            network.layers,
            pooling=network.pooling,
            precision=network.precision,
            edge=network.edge,
            weights=network.weights,
            low_rank=network.low_rank,
        )
