"""The subject of a photo: what a viewer looks at first, found by a network that has learnt it.

The network is U2-Netp (Qin, Zhang, Huang, Dehghan, Zaiane and Jagersand 2020, "U2-Net: Going Deeper with Nested
U-Structure for Salient Object Detection", the small variant), run by OpenCV, which is imported where it is used: the
page need not wait for it.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nst.errors import MaskError, WeightsError
from nst.masks.mask import Mask, resized
from nst.pictures.codec import Pixels

WEIGHTS_PATH = Path(__file__).with_name("u2netp.onnx")
WEIGHTS_SHA256 = "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"

#: The network's output that joins all of its scales.
_OUTPUT = "1959"
#: The network was trained on squares of this side, whatever the proportions of the photo.
_SIDE = 320
#: Means and standard deviations of the pictures that it was trained on, red, green, blue, of a brightest value of 1.
_MEANS = np.array((0.485, 0.456, 0.406), np.float32)
_DEVIATIONS = np.array((0.229, 0.224, 0.225), np.float32)

#: The network's certainty below which a pixel is background, and above which it is subject; a soft edge between.
_LOW, _HIGH = 0.25, 0.75
#: A subject covers at least this share of the photo.
_SMALLEST = 0.002


def subject(photo: Pixels) -> Mask:
    """Return the subject of a photo: people, animals and things that stand out from their surroundings.

    The same photo gives the same mask. Of the gallery's photos people, animals, the flower, the cup, the pagoda, the
    rocket and the nearer lions come out; of a photo without a subject, such as the abbey's arches, any part may. It
    takes less than a second on one core, whatever the photo's size, and cannot be stopped: whoever may be stopped asks
    before and after it.

    Args:
        photo: uint8 RGB (height, width, 3).

    Returns:
        float32 (height, width) in 0..1, with a soft edge.

    Raises:
        MaskError: if nothing stands out.
        WeightsError: if the network's file is missing or damaged.
    """
    certainty = _certainty(photo)
    mask: Mask = np.clip((certainty - _LOW) / (_HIGH - _LOW), 0.0, 1.0)
    if np.mean(mask) < _SMALLEST:
        raise MaskError(
            "subject: expected something that stands out from its surroundings, found nothing; paint it by hand."
        )
    return resized(mask, photo.shape[:2])


def _certainty(photo: Pixels) -> Mask:
    """Return how certain the network is that a pixel belongs to the subject, float32 (320, 320) in 0..1."""
    return _certainty_of(Image.fromarray(photo).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS).tobytes())


@lru_cache(maxsize=16)  # the same photo is painted again and again
def _certainty_of(square: bytes) -> Mask:
    import cv2

    values = np.frombuffer(square, np.uint8).reshape(_SIDE, _SIDE, 3).astype(np.float32)
    brightest = np.float32(max(values.max(), 1.0))  # a black photo stays black
    values = (values / brightest - _MEANS) / _DEVIATIONS
    # A net of its own for each call: one net cannot serve two threads, and reading it takes a tenth of the time.
    net: Any = cv2.dnn.readNetFromONNX(np.frombuffer(_weights(), np.uint8))
    net.setInput(np.ascontiguousarray(values.transpose(2, 0, 1)[None]))
    return np.asarray(net.forward(_OUTPUT)[0, 0], np.float32)


@lru_cache(maxsize=1)
def _weights() -> bytes:
    try:
        data = WEIGHTS_PATH.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"U2-Netp weights: expected the file {WEIGHTS_PATH}, got {error.strerror or error}; "
            "restore it from the repository."
        ) from None
    if hashlib.sha256(data).hexdigest() != WEIGHTS_SHA256:
        raise WeightsError(
            f"U2-Netp weights: expected {WEIGHTS_PATH} with sha256 {WEIGHTS_SHA256[:12]}..., got another file; "
            "restore it from the repository."
        )
    return data
