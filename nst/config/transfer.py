"""Every setting of a style transfer: its default, its bounds and what it does to the picture, once.

The page's sidebar, the command line's options, a preset's overrides and the recipe inside a saved PNG are
all this one frozen object. It never imports TensorFlow. How the picture is computed is in `nst.config.run`.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from nst.config.fields import LayerWeights, choice, layers, number
from nst.config.settings import Settings
from nst.errors import ConfigError
from nst.layers import block_of

#: Those of Gatys et al. 2016, section 2.3: conv1_1, conv2_1, conv3_1, conv4_1 and conv5_1, a fifth each.
PAPER_STYLE_LAYERS: LayerWeights = tuple((f"block{block}_conv1", 1.0) for block in range(1, 6))
#: The same layers for means and covariances. Deep ones see things: at full weight they paint pieces of the painting's.
#: Shallow ones see grain: with less weight a lattice of ripples stays in flat areas.
DEFAULT_STYLE_LAYERS: LayerWeights = tuple(
    (name, weight) for (name, _), weight in zip(PAPER_STYLE_LAYERS, (4.0, 2.0, 1.0, 0.5, 0.1), strict=True)
)

#: How much of the photo stays; and beta where none is found for it, the paper's.
PHOTO_KEPT, STYLE_WEIGHT = 0.6, 1000.0

#: What features are taken of when nearest neighbours are looked for: layers up to conv4_2, alike. Between those of
#: block3 and block4 are others that see nearly the same.
NEIGHBOUR_LAYERS: LayerWeights = tuple(
    (f"block{name}", 1.0) for name in ("1_conv1", "1_conv2", "2_conv1", "2_conv2", "3_conv1", "3_conv3", "4_conv2")
)

#: The most that beta over alpha is in the last pass of the method combined, and how many times as firmly the photo is
#: held in its subject there: with more of the one and less of the other a face loses its mouth to a flat painting.
FINISHING_WEIGHT, FINISHING_SUBJECT = 100.0, 3.0

#: The most that the photo's subject counts, in the run's own settings and in its last pass.
MOST_SUBJECT_WEIGHT = 100.0

#: beta over alpha at which the picture so far guides the search for neighbours as much as the photo does.
EVEN_GUIDES = 250.0


@dataclass(frozen=True)
class StyleTransferConfig(Settings):
    """Settings of one style transfer, validated on construction.

    Pixels are 8-bit grey levels, sizes are pixels. Layer settings are ``((name, weight), ...)``; they may be
    given as a mapping, a list of names or a string such as ``"block1_conv1,conv2_1:0.5"``, and the weights
    are normalised to sum to 1 where they are used.

    With a `photo_kept` above 0 each run finds its own beta, and `style_weight` does not count. Whoever names a
    `style_weight` and no `photo_kept`, here or in `with_changes`, wants that weight: `photo_kept` then is 0.

    Raises:
        ConfigError: naming the field, what was expected and what came.
    """

    size: int = number(512, 64, 8192, "long side of the result in pixels")
    steps: int = number(45, 1, 5000, "evaluations of J at the final size")
    content_weight: float = number(1.0, 0.0, 1e6, "alpha: how much of the photo's structure is kept")
    style_weight: float = number(
        STYLE_WEIGHT,
        0.0,
        1e9,
        "beta: how strongly the painting's texture is imposed; none is found for photo_kept then",
        follows=True,
    )
    photo_kept: float = number(
        PHOTO_KEPT,
        0.0,
        1.0,
        "share of the photo that is to stay, for which beta is found; 0 for style_weight as it is",
        follows=True,
    )
    subject_weight: float = number(
        1.0,
        1.0,
        MOST_SUBJECT_WEIGHT,
        "how many times as firmly the photo is held in its subject as around it; 1 for the same",
    )
    tv_weight: float = number(2.0, 0.0, 1e6, "gamma: total variation, smooths single-pixel speckle")
    temporal_weight: float = number(
        0.0, 0.0, 1e6, "delta: how firmly a film's frame keeps to those before it; a picture by itself has none"
    )
    content_layers: LayerWeights = layers((("block4_conv2", 1.0),), "layers whose features are matched to the photo's")
    style_layers: LayerWeights = layers(DEFAULT_STYLE_LAYERS, "layers whose statistics are matched to the painting's")
    method: str = choice(
        "combined",
        ("combined", "statistics", "neighbours"),
        "how a picture gets the painting's look: statistics of its features over the whole picture, as in the paper; "
        "at each place the features of its neighbours, the painting's most similar places; or combined, first the one, "
        "then the other",
    )
    style_statistics: str = choice(
        "wasserstein",
        ("wasserstein", "moments", "gram"),
        "how the style layers are compared: wasserstein by their means and covariances, gram by their Gram matrices, "
        "as in the paper, moments by Gram matrices, means and standard deviations; the look paper has the layers' "
        "weights for gram",
    )
    style_scale: float = number(1.0, 0.1, 4.0, "long side of the painting over that of the result: brush size")
    style_blend_weights: tuple[float, ...] = field(
        default=(), metadata={"help": "share of each painting when there are several; equal when left out"}
    )
    style_blocks: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "blocks of the network that each painting is used at, such as 1-2 (fine strokes) and 3-5 (forms); "
            "all when left out"
        },
    )
    guidance: str = choice(
        "simple", ("simple", "inside"), "how regions are seen by deep layers: inside keeps styles from bleeding over"
    )
    colour: str = choice(
        "none",
        ("none", "luminance", "monge-kantorovich", "cholesky", "pca", "histogram", "painting"),
        "which colours the picture has: with luminance the photo's, put back after painting in grey; with the next "
        "four the photo's, since the painting is recoloured first; with painting the painting's, matched at last",
    )
    colour_strength: float = number(1.0, 0.0, 1.0, "how far colour is changed when it is not none")
    pooling: str = choice("average", ("average", "max"), "pooling between the blocks of VGG-19")
    init: str = choice("content", ("content", "noise", "blend", "picture"), "picture that the optimisation starts from")
    noise_ratio: float = number(0.6, 0.0, 1.0, "share of noise in the start when init is blend")
    coarse_to_fine: bool = field(
        default=True, metadata={"help": "paint small sizes first and carry the change upwards"}
    )
    sketch_weight: float = number(
        0.0, 0.0, 1e9, "beta of a sketch, a short run at 128 px that the picture is begun from; 0 for none"
    )
    optimizer: str = choice("lbfgs", ("lbfgs", "adam"), "optimiser of the pixels")
    learning_rate: float = number(10.0, 0.01, 100.0, "Adam's learning rate in grey levels")
    seed: int = number(0, 0, 2**32 - 1, "seed of the noise")
    tileable: bool = field(
        default=False,
        metadata={"help": "let the borders of the result wrap around, so that copies of it fit beside each other"},
    )
    upscale: bool = field(
        default=False, metadata={"help": "allow a result or a painting larger than its source picture"}
    )
    crop: float = number(
        0.0, 0.0, 20.0, "width over height to which the photo is cut around its middle; 0 for the whole photo"
    )

    def __post_init__(self) -> None:
        is_left_out = {name: getattr(self, name) is None for name in ("style_weight", "photo_kept")}
        if is_left_out["photo_kept"]:
            object.__setattr__(self, "photo_kept", PHOTO_KEPT if is_left_out["style_weight"] else 0.0)
        if is_left_out["style_weight"]:
            object.__setattr__(self, "style_weight", STYLE_WEIGHT)
        super().__post_init__()
        if self.content_weight == 0 and self.style_weight == 0:
            raise ConfigError(
                "content_weight and style_weight: expected at least one above 0, got 0 and 0; raise one of them."
            )

    @property
    def finds_strength(self) -> bool:
        """Whether beta is to be found for `photo_kept`; without a content term nothing holds the photo."""
        return self.photo_kept > 0 and self.content_weight > 0

    @property
    def begins_from_sketch(self) -> bool:
        """Whether the run goes on from a sketch: the small sizes of one that starts from the photo."""
        wanted = self.sketch_weight > 0 and self.init == "content"
        return wanted and self.coarse_to_fine and self.method != "neighbours"

    @property
    def ends_with_neighbours(self) -> bool:
        """Whether the method combined has its last pass: not where a painting is for some blocks, nor in one step."""
        return self.method == "combined" and not self.style_blocks and self.steps > 1

    @property
    def sees_subject(self) -> bool:
        """Whether it matters to the run where the photo's subject is."""
        holds = self.subject_weight > 1 or (self.ends_with_neighbours and self.content_weight > 0)
        return holds or self.finds_strength

    @property
    def compared_layers(self) -> LayerWeights:
        """The layers at which the picture is compared with the painting, in any pass of the run."""
        if self.method != "neighbours" and not self.ends_with_neighbours:
            return self.style_layers
        own = self.style_layers if self.method == "combined" else ()
        return tuple(dict((*own, *NEIGHBOUR_LAYERS)).items())

    @property
    def photo_guide(self) -> float:
        """The photo's share in the picture whose places look for neighbours, 0..1; the rest is the picture so far."""
        return self.content_weight / (self.content_weight + self.style_weight / EVEN_GUIDES)

    def of_pass(self, by_layer: bool) -> Self:
        """Return the settings of one pass of the run; with method combined those of one of the two others.

        Args:
            by_layer: Whether it is the one in which each layer looks for neighbours by itself. With method combined it
                starts from what the statistics have painted, has no more style weight than `FINISHING_WEIGHT`, and
                `FINISHING_SUBJECT` times the subject's weight.
        """
        if self.method != "combined":
            return self
        if not (by_layer and self.ends_with_neighbours):
            return self.with_changes(method="statistics")
        most = FINISHING_WEIGHT * (self.content_weight or 1.0)
        return self.with_changes(
            method="neighbours",
            style_weight=min(self.style_weight, most),
            subject_weight=min(FINISHING_SUBJECT * self.subject_weight, MOST_SUBJECT_WEIGHT),
        )

    def with_changes(self, **changes: Any) -> Self:
        """Return a copy with some fields changed and everything validated again."""
        if "style_weight" in changes:
            changes.setdefault("photo_kept", 0.0)
        return super().with_changes(**changes)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON types; `from_dict` reads them back unchanged."""
        settings = super().to_dict()
        for name in ("content_layers", "style_layers"):
            settings[name] = dict(settings[name])
        for name in ("style_blend_weights", "style_blocks"):
            settings[name] = list(settings[name])
        return settings

    def blend(self, styles: int) -> tuple[float, ...]:
        """Return the share of each of `styles` paintings; the shares sum to 1.

        Raises:
            ConfigError: if there is no painting, or not one weight for each.
        """
        if styles == 0:
            raise ConfigError("style: expected at least one painting, got none; choose one.")
        weights = self.style_blend_weights or (1.0,) * styles
        if len(weights) != styles:
            raise ConfigError(
                f"style_blend_weights: expected one weight for each of the {styles} paintings, "
                f"got {len(weights)}; give {styles} or none."
            )
        if self.style_blocks and len(self.style_blocks) != styles:
            raise ConfigError(
                f"style_blocks: expected one range for each of the {styles} paintings, "
                f"got {len(self.style_blocks)}; give {styles} or none."
            )
        return tuple(weight / sum(weights) for weight in weights)

    def blend_at(self, layer: str, shares: tuple[float, ...]) -> tuple[float, ...]:
        """Return the share of each painting at a style layer: those that `style_blocks` uses there, their sum 1 again.

        Raises:
            ConfigError: if none of the paintings that have a share is used there.
        """
        block = block_of(layer)
        ranges = self.style_blocks or ("1-5",) * len(shares)
        used = tuple(
            share if int(blocks[0]) <= block <= int(blocks[-1]) else 0.0
            for share, blocks in zip(shares, ranges, strict=True)
        )
        total = sum(used)
        if total == 0:
            raise ConfigError(
                f"style_blocks: expected a painting for every style layer, got none for {layer}; "
                "widen a range or leave the layer out."
            )
        return shares if total == sum(shares) else tuple(share / total for share in used)


def normalised(layers: LayerWeights) -> dict[str, float]:
    """Return layer weights scaled to sum to 1."""
    total = sum(weight for _, weight in layers)
    return {name: weight / total for name, weight in layers}
