"""VGG-19's sixteen convolution layers (Simonyan and Zisserman 2015, configuration E): names and dimensions."""

#: Convolutions of each block.
CONVOLUTIONS_PER_BLOCK = (2, 2, 4, 4, 4)

#: Feature maps of each block's layers.
CHANNELS = (64, 128, 256, 512, 512)

#: The layers by their Keras names, shallow to deep.
LAYERS = tuple(
    f"block{block}_conv{convolution}"
    for block, convolutions in enumerate(CONVOLUTIONS_PER_BLOCK, start=1)
    for convolution in range(1, convolutions + 1)
)

#: The paper's names for them, e.g. ``conv4_2`` for ``block4_conv2``, and back.
PAPER_NAMES = {name: "conv" + name.removeprefix("block").replace("_conv", "_") for name in LAYERS}
KERAS_NAMES = {paper: name for name, paper in PAPER_NAMES.items()}


def block_of(layer: str) -> int:
    """Return the number, 1 to 5, of the block that a layer is in; `layer` is a Keras name."""
    return int(layer[len("block")])


def convolution_of(layer: str) -> int:
    """Return which convolution of its block a layer is, from 1; `layer` is a Keras name."""
    return int(layer.partition("_conv")[2])


def stride_of(layer: str) -> int:
    """Return how many pixels of the picture lie between neighbouring positions of a layer's feature maps."""
    return int(2 ** (block_of(layer) - 1))


def channels_of(layer: str) -> int:
    """Return the number of a layer's feature maps."""
    return CHANNELS[block_of(layer) - 1]


def up_to(layers: tuple[str, ...]) -> tuple[str, ...]:
    """Return every layer that has to be computed for `layers`: all from the first to the deepest of them."""
    return LAYERS[: max(map(LAYERS.index, layers)) + 1]
