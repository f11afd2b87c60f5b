"""Which colours the result has: what comes of painting, the photo's, kept in one of two ways, or just the painting's.

Gatys et al. 2017, "Controlling Perceptual Factors in Neural Style Transfer", section 5:

* luminance only: paint in grey, then give the result the photo's chroma back;
* colour matching: first recolour the painting so that its colours are distributed as the photo's.

And the other way round, as Kolkin et al. 2022, "Neural Neighbor Style Transfer", do it: last recolour the picture so
that its colours are distributed as the painting's.

Colours are sRGB grey levels as they are stored, without undoing the gamma. Luminance is ITU-R BT.601's luma, which
is the Y of YIQ and of JPEG's YCbCr; chroma is what is left, ``RGB - Y`` in each channel. That is the same plane as
that of I and Q, or of Cb and Cr, in other coordinates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from nst.config import StyleTransferConfig
from nst.pictures.codec import Pixels, resize, resize_to

Levels = npt.NDArray[np.float64]

#: Weights of R, G and B in the luminance (ITU-R BT.601).
LUMA = np.array([0.299, 0.587, 0.114])

#: Variance of a painting along an axis of colour below which it counts as none: this share of its largest variance,
#: or the variance of rounding to 8 bits. It bounds how much the noise of a nearly grey painting is amplified.
SMALLEST_SHARE = 1e-4
ROUNDING_VARIANCE = 1 / 12

#: Long side in pixels up to which a finished picture and its paintings are looked at for their palettes: a larger one
#: has the same colours, and would take memory and time at each preview.
PALETTE_SIDE = 1024


class Palette(NamedTuple):
    """How colours are distributed: their `mean` (3,) and `covariance` (3, 3), of grey levels in 0..255, RGB."""

    mean: Levels
    covariance: Levels

    @classmethod
    def of(cls, pictures: Sequence[npt.NDArray[Any]], shares: Sequence[float]) -> Self:
        """Return that of pictures (height, width, 3) together, each with its share; the shares sum to 1."""
        colours = [picture.reshape(-1, 3).astype(np.float64) for picture in pictures]
        means, weights = np.stack([each.mean(axis=0) for each in colours]), np.asarray(shares)
        mean = weights @ means
        apart = means - mean
        within = sum(share * _covariance(each) for share, each in zip(shares, colours, strict=True))
        return cls(mean, within + (apart.T * weights) @ apart)


@dataclass(frozen=True, eq=False)
class ColourControl:
    """The colours of one transfer: what the run is given, and how its pictures come to their final colours.

    A run sees the photo as `content` and each painting as `style` gives it. Its pictures pass through `finished` before
    anybody sees them, and a finished picture goes back into a run, or is judged, through `unfinished`.

    Attributes:
        photo: uint8 RGB (height, width, 3) at the size of the result.
        method: ``StyleTransferConfig.colour``.
        strength: ``StyleTransferConfig.colour_strength``; at 0 nothing changes, whatever the method.
        palette: Of the paintings, if finished pictures are to have it.
    """

    photo: Pixels
    method: str
    strength: float
    palette: Palette | None = None

    @classmethod
    def of(cls, config: StyleTransferConfig, photo: Pixels, paintings: Sequence[npt.NDArray[Any]]) -> Self:
        """Return the colours that `config` asks for, with paintings (height, width, 3) of any sizes."""
        is_matched = config.colour == "painting" and config.colour_strength > 0
        palette = Palette.of(list(map(_small, paintings)), config.blend(len(paintings))) if is_matched else None
        return cls(photo, config.colour, config.colour_strength, palette)

    @property
    def _luminance(self) -> bool:
        return self.method == "luminance" and self.strength > 0

    def content(self, photo: Pixels) -> Pixels:
        """Return the photo as the run sees it: `photo` itself, of any size, unless its chroma is to come back later.

        Then it is the colours's own photo, without that share of its chroma.
        """
        return without_chroma(self.photo, self.photo, self.strength) if self._luminance else photo

    def style(self, painting: Pixels) -> Pixels:
        """Return a painting as the run sees it, uint8 RGB of the same shape."""
        if self.method in ("none", "painting") or self.strength == 0:
            return painting
        if self.method == "luminance":
            return as_pixels(painting + self.strength * (grey_as_photo(painting, self.photo) - painting))
        return recoloured(painting, self.photo, self.method, self.strength)

    def finished(self, picture: Pixels) -> Pixels:
        """Return a picture of the run, of any size, as it is shown and saved."""
        if self._luminance:
            return with_chroma(picture, self._photo_at(picture), self.strength)
        return picture if self.palette is None else as_pixels(self.finished_levels(picture))

    def finished_levels(self, picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return what `finished` rounds, for grey levels (height, width, 3) in 0..255 of a picture of the run."""
        if self.palette is not None:
            levels = _moved(picture, Palette.of([_small(picture)], [1.0]), self.palette)
            # In place, since a print has no memory to spare.
            levels -= picture
            levels *= self.strength
            levels += picture
            return np.clip(levels, 0.0, 255.0, out=levels)
        return chroma_added(picture, self._photo_at(picture), self.strength) if self._luminance else picture

    def unfinished(self, picture: Pixels) -> Pixels:
        """Return the picture of the run that `finished` makes `picture` of, up to rounding.

        One that has the painting's colours already keeps them.
        """
        return without_chroma(picture, self._photo_at(picture), self.strength) if self._luminance else picture

    def limits(self, shape: tuple[int, int]) -> tuple[Levels, Levels] | None:
        """Return the least and greatest levels (height, width, 3) that a picture of the run can have for `finished` to
        show its luminance unchanged: a very blue sky cannot be very bright. None if there are no limits but 0 and 255.
        """
        if not self._luminance:
            return None
        back = self.strength * chroma(resize_to(self.photo, *shape))
        if self.strength < 1:
            return np.maximum(-back, 0.0), np.minimum(255.0 - back, 255.0)
        # The run's own chroma is dropped: what counts is its luminance, which lies between its channels.
        lower, upper = -back.min(axis=-1, keepdims=True), 255.0 - back.max(axis=-1, keepdims=True)
        return np.repeat(lower, 3, axis=-1), np.repeat(upper, 3, axis=-1)

    def _photo_at(self, picture: npt.NDArray[Any]) -> Pixels:
        shape = picture.shape[:2]
        return self.photo if self.photo.shape[:2] == shape else resize_to(self.photo, *shape)


# Luminance only


def luminance(pixels: npt.NDArray[Any]) -> Levels:
    """Return BT.601 luminance (height, width, 1) in 0..255 of an RGB picture (height, width, 3)."""
    return (pixels @ LUMA)[..., None]


def chroma(pixels: npt.NDArray[Any]) -> Levels:
    """Return ``RGB - Y`` (height, width, 3) in grey levels; zero where the picture is grey."""
    return pixels - luminance(pixels)


def grey_as_photo(painting: Pixels, photo: Pixels) -> Levels:
    """Return the painting in grey, shifted and scaled to the photo's mean and spread of luminance.

    Gatys et al. 2017, section 5.1. A painting of one brightness becomes the photo's mean.

    Returns:
        (height, width, 3), not clipped to 0..255.
    """
    own, wanted = luminance(painting), luminance(photo)
    spread = own.std()
    gain = wanted.std() / spread if spread**2 > ROUNDING_VARIANCE else 0.0
    return np.repeat(gain * (own - own.mean()) + wanted.mean(), 3, axis=-1)


def with_chroma(picture: Pixels, photo: Pixels, strength: float) -> Pixels:
    """Return `picture` with `strength` (0..1) of the photo's chroma added to what it has left of its own.

    At strength 1 its own chroma is dropped, and the result has the photo's to within rounding. Where luminance and
    chroma together leave 0..255, the luminance gives way: a very blue sky cannot be very bright. (Clipping the
    channels instead would change the hue.)

    Args:
        picture: uint8 RGB (height, width, 3), painted from inputs that lacked this share of their chroma.
        photo: uint8 RGB of the same shape.
    """
    return as_pixels(chroma_added(picture, photo, strength))


def chroma_added(picture: npt.NDArray[Any], photo: Pixels, strength: float) -> Levels:
    """Return what `with_chroma` rounds, grey levels in 0..255; `picture` may have fractions of them."""
    own = chroma(picture) if strength < 1 else 0.0
    return _in_gamut(luminance(picture), own + strength * chroma(photo))


def without_chroma(picture: Pixels, photo: Pixels, strength: float) -> Pixels:
    """Return the picture that `with_chroma` makes `picture` of, up to rounding and luminance that had given way."""
    if strength == 1:
        return as_pixels(np.repeat(luminance(picture), 3, axis=-1))
    return as_pixels(picture - strength * chroma(photo))


def _in_gamut(y: Levels, colour: Levels) -> Levels:
    """Return RGB in 0..255 with chroma `colour`, and luminance `y` or the nearest that is possible with it."""
    low, high = colour.min(axis=-1, keepdims=True), colour.max(axis=-1, keepdims=True)
    # A photo's chroma spans 255 levels at most; only a sum of two can span more.
    fit = np.minimum(1.0, 255.0 / np.maximum(high - low, 255.0))
    possible: Levels = np.clip(y, -low * fit, 255.0 - high * fit) + colour * fit
    return possible


# Colour matching


def recoloured(painting: Pixels, photo: Pixels, method: str, strength: float) -> Pixels:
    """Return the painting moved by `strength` (0..1) towards the photo's colours, uint8 RGB; see `matched`."""
    return as_pixels(painting + strength * (matched(painting, photo, method) - painting))


def matched(painting: Pixels, photo: Pixels, method: str) -> Levels:
    """Return the painting with its colours distributed as the photo's.

    ``p' = A (p - mean of the painting) + mean of the photo`` for each pixel p, where A takes the painting's covariance
    S to the photo's covariance C (Gatys et al. 2017, section 5.2). There are many such A:

    * ``"monge-kantorovich"``: the one that moves colours least, S^-1/2 (S^1/2 C S^1/2)^1/2 S^-1/2;
    * ``"pca"``: C^1/2 S^-1/2 with symmetric square roots;
    * ``"cholesky"``: L_C L_S^-1 with lower triangular square roots;
    * ``"histogram"``: no A; each channel by itself gets the photo's distribution, so that the channels' means and
      variances are the photo's but not the covariances between them.

    Args:
        painting, photo: uint8 RGB (height, width, 3) of any two sizes. Either may be grey, or of one colour.
        method: One of the four.

    Returns:
        The painting's shape, not clipped to 0..255.
    """
    if method == "histogram":
        photo = as_pixels(photo)
        return np.stack([_histogram_matched(painting[..., c], photo[..., c]) for c in range(3)], axis=-1)
    own, wanted = (Palette.of([pixels], [1.0]) for pixels in (painting, photo))
    return _moved(painting, own, wanted, method)


def _moved(pixels: npt.NDArray[Any], own: Palette, wanted: Palette, method: str = "monge-kantorovich") -> Levels:
    """Return pixels (height, width, 3) of one palette with another one, not clipped to 0..255; see `matched`."""
    transform = _transform(own.covariance, wanted.covariance, method)
    moved: Levels = (pixels - own.mean) @ transform.T
    moved += wanted.mean
    return moved


def _small(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a picture (height, width, 3) as its palette is taken of, see `PALETTE_SIDE`."""
    return resize(picture, PALETTE_SIDE) if max(picture.shape[:2]) > PALETTE_SIDE else picture


def _covariance(colours: Levels) -> Levels:
    return np.cov(colours.T, bias=True)


def _transform(own: Levels, wanted: Levels, method: str) -> Levels:
    """Return A (3, 3) with A own A^T = wanted, as far as `own` has variance."""
    variances, axes = np.linalg.eigh(own)
    variances = np.maximum(variances, max(variances[-1] * SMALLEST_SHARE, ROUNDING_VARIANCE))
    root = (axes * np.sqrt(variances)) @ axes.T
    inverse = (axes / np.sqrt(variances)) @ axes.T
    if method == "monge-kantorovich":
        return inverse @ _root(root @ wanted @ root) @ inverse
    if method == "pca":
        return _root(wanted) @ inverse
    # By QR: the photo's covariance may be singular, which NumPy's Cholesky refuses. R^T R = C^1/2 C^1/2.
    _, upper = np.linalg.qr(_root(wanted))
    lower = (upper * np.where(np.diag(upper) < 0, -1.0, 1.0)[:, None]).T
    return lower @ np.linalg.inv(np.linalg.cholesky((axes * variances) @ axes.T))


def _root(matrix: Levels) -> Levels:
    """Return the symmetric square root of a symmetric matrix whose eigenvalues are not negative but for rounding."""
    values, vectors = np.linalg.eigh(matrix)
    root: Levels = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def _histogram_matched(own: Pixels, wanted: Pixels) -> Levels:
    """Return one channel (height, width) with the levels of another: each level goes to the same quantile there."""
    own_counts, wanted_counts = (np.bincount(channel.ravel(), minlength=256) for channel in (own, wanted))
    present = np.flatnonzero(wanted_counts)
    quantiles = np.interp(_middles(own_counts), _middles(wanted_counts)[present], present)
    return quantiles[own]


def _middles(counts: npt.NDArray[np.intp]) -> Levels:
    """Return for each level the share of pixels below it, counting half of those at it."""
    middles: Levels = (np.cumsum(counts) - counts / 2) / counts.sum()
    return middles


def as_pixels(levels: npt.NDArray[Any]) -> Pixels:
    """Return grey levels as they are saved: clipped to 0..255, rounded, uint8."""
    return np.rint(np.clip(levels, 0.0, 255.0)).astype(np.uint8)
