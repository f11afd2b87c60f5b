"""The photo at every size, and how a picture is carried from one size to another.

Carrying a painted picture upwards by resizing it would lose the photo's fine detail, and a start without
detail is worse than the photo itself. So what is carried is the *change* to the photo:
``G_fine = C_fine + up(G_coarse - C_coarse)``.
"""

import numpy as np
import tensorflow as tf

from nst.engine.optimizers.base import Box
from nst.masks.mask import Mask, resized
from nst.pictures.codec import resize_to
from nst.plan.scales import Shape

#: The size that is painted and the one before it, between which a picture is carried.
SHAPES_IN_USE = 2


class Canvas:
    """A photo and the size of the picture that is made from it.

    Args:
        content: The photo, uint8 RGB (height, width, 3), of any size.
        shape: (height, width) of the result.
        carry_change: Carry the change to the photo; otherwise the picture itself, for a result that is not
            to look like the photo (alpha 0).
        free: How far each pixel may change, 0..1 of the grey levels, (height, width) at the result's size; None if all
            may change freely.
    """

    def __init__(self, content: np.ndarray, shape: Shape, *, carry_change: bool, free: Mask | None = None) -> None:
        self._content = content
        self._shape = shape
        self._carry_change = carry_change
        self._free = free
        #: The photo at the shapes in use, by shape, the one asked for last at the end. They take memory, which
        #: `nst.plan.memory.PHOTO_BYTES` counts.
        self._photos: dict[Shape, np.ndarray] = {}

    def photo(self, shape: Shape) -> np.ndarray:
        """Return the photo at (height, width), uint8 RGB; not to be changed."""
        if self._content.shape[:2] == shape:
            return self._content
        photo = self._photos.get(shape)
        if photo is None:
            photo = resize_to(self._content, *shape)
        before = [each for each in self._photos.items() if each[0] != shape]
        # Replaced and not changed: a record may be asked for its picture by another thread.
        self._photos = dict([*before, (shape, photo)][-SHAPES_IN_USE:])
        return photo

    def box(self, shape: Shape) -> Box:
        """Return the bounds of each pixel at (height, width): 0..255, or as near to the photo as it has to stay."""
        if self._free is None:
            return Box(tf.zeros((1, 1, 1, 3)), tf.fill((1, 1, 1, 3), 255.0))
        photo, reach = as_tensor(self.photo(shape)), 255.0 * as_tensor(resized(self._free, shape)[..., None])
        return Box(tf.maximum(photo - reach, 0.0), tf.minimum(photo + reach, 255.0))

    def carried(self, picture: tf.Tensor, shape: Shape) -> tf.Tensor:
        """Return `picture` (1, h, w, 3) float32 in 0..255 carried to `shape`, likewise."""
        own_shape = (picture.shape[1], picture.shape[2])
        if own_shape == shape:
            return picture
        if own_shape[0] > shape[0] or not self._carry_change:
            carried = _resized(picture, shape)
        else:
            change = _resized(picture - as_tensor(self.photo(own_shape)), shape)
            carried = as_tensor(self.photo(shape)) + change
        return self.box(shape).clip(carried)  # Lanczos overshoots

    def final(self, picture: tf.Tensor) -> np.ndarray:
        """Return `picture` (1, h, w, 3) carried to the result's size, uint8 RGB (height, width, 3)."""
        return to_pixels(self.carried(picture, self._shape))

    def final_levels(self, picture: tf.Tensor) -> np.ndarray:
        """Return what `final` rounds, float32 (height, width, 3) in 0..255."""
        levels: np.ndarray = tf.clip_by_value(self.carried(picture, self._shape)[0], 0.0, 255.0).numpy()
        return levels


def _resized(picture: tf.Tensor, shape: Shape) -> tf.Tensor:
    return tf.image.resize(picture, shape, method="lanczos3", antialias=True)


def as_tensor(pixels: np.ndarray) -> tf.Tensor:
    """Return a picture (height, width, 3) of any type as (1, height, width, 3) float32."""
    # In this order no second picture of floats is made.
    return tf.cast(tf.constant(pixels[None]), tf.float32)


def to_pixels(picture: tf.Tensor) -> np.ndarray:
    """Return a picture (1, height, width, 3) float32 in 0..255 as it is saved: rounded, uint8 (height, width, 3)."""
    rounded: np.ndarray = tf.cast(tf.round(tf.clip_by_value(picture[0], 0.0, 255.0)), tf.uint8).numpy()
    return rounded
