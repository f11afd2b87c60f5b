"""Clips that are rendered from the gallery's photos, so that what moves in them is known and nobody's to ask for."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from nst.pictures.codec import Pixels, encode_png, resize
from nst.pictures.gallery import load_gallery

Matrix = npt.NDArray[np.float64]

#: Proportions of all clips.
WIDE = 16 / 9


def camera(frames: int, side: int, photo: str = "pagoda") -> Iterator[Pixels]:
    """Yield a clip of a camera that pans over a photo and draws nearer, a step of about a hundredth of it a frame."""
    pixels = _photo(photo, 4 * side)
    height, width = pixels.shape[:2]
    for number in range(frames):
        view = 0.75 - 0.012 * number
        centre = np.array([0.42 + 0.008 * number, 0.5 + 0.003 * number])
        yield _view(pixels, centre * (width, height), view * width, side)


def passing(frames: int, side: int, photo: str = "raccoon", thing: str = "coffee") -> Iterator[Pixels]:
    """Yield a clip of a still photo before which a round piece of another one rolls past, hiding and baring it."""
    still = _view(_photo(photo, 4 * side), None, None, side)
    disc = _photo(thing, max(16, side // 3))
    for number in range(frames):
        yield _laid(still, disc, (0.2 + 0.02 * number, 0.55), angle=4.0 * number)


def crossing(frames: int, side: int, photo: str = "serengeti") -> Iterator[Pixels]:
    """Yield a clip of two pieces that cross before a photo over which the camera moves slowly."""
    pixels = _photo(photo, 4 * side)
    height, width = pixels.shape[:2]
    pieces = [_photo(name, max(16, side // 4)) for name in ("dahlia", "rocket")]
    for number in range(frames):
        frame = _view(pixels, np.array([0.45 + 0.004 * number, 0.5]) * (width, height), 0.8 * width, side)
        frame = _laid(frame, pieces[0], (0.25 + 0.02 * number, 0.4), angle=0.0)
        yield _laid(frame, pieces[1], (0.75 - 0.015 * number, 0.5), angle=-3.0 * number)


CLIPS = {"camera": camera, "passing": passing, "crossing": crossing}


def save_frames(frames: Iterable[Pixels], folder: Path) -> None:
    """Save a clip as PNGs in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(frames):
        (folder / f"{number:04}.png").write_bytes(encode_png(frame))


def _photo(name: str, side: int) -> Pixels:
    pixels = load_gallery().find(name, "photo").read().pixels
    return resize(pixels, min(side, max(pixels.shape)))


def _view(pixels: Pixels, centre: npt.NDArray[np.float64] | None, width: float | None, side: int) -> Pixels:
    """Return what a camera sees of a photo: a part of `width` around `centre`, (x, y); the middle if None."""
    own_height, own_width = pixels.shape[:2]
    most = min(own_width, own_height * WIDE)
    width = most if width is None else min(width, most)
    size = (side, round(side / WIDE / 2) * 2)
    part = np.array([width, width * size[1] / size[0]])
    centre = np.array([own_width, own_height]) / 2 if centre is None else centre
    centre = np.clip(centre, part / 2, np.array([own_width, own_height]) - part / 2)
    scale = size[0] / width
    moved = np.array([[scale, 0, -scale * (centre - part / 2)[0]], [0, scale, -scale * (centre - part / 2)[1]]])
    # Smoothed before it is made smaller, as a lens does.
    smooth = cv2.GaussianBlur(pixels, (0, 0), 0.4 / scale) if scale < 1 else pixels
    return np.asarray(cv2.warpAffine(smooth, moved, size, flags=cv2.INTER_CUBIC), np.uint8)


def _laid(frame: Pixels, piece: Pixels, at: tuple[float, float], angle: float) -> Pixels:
    """Return a frame with a round piece of a photo on it, its centre at shares of the width and height, turned."""
    height, width = frame.shape[:2]
    side = min(piece.shape[:2])
    turned: Matrix = np.asarray(cv2.getRotationMatrix2D((piece.shape[1] / 2, piece.shape[0] / 2), angle, 1.0), float)
    turned[:, 2] += np.array(at) * (width, height) - np.array(piece.shape[1::-1]) / 2
    moved = cv2.warpAffine(piece, turned, (width, height), flags=cv2.INTER_CUBIC)
    rows, columns = np.indices((height, width))
    distance = np.hypot(columns - at[0] * width, rows - at[1] * height)
    inside = np.clip(side / 2 - 1 - distance, 0, 1)[..., None]
    return np.asarray(np.round(moved * inside + frame * (1 - inside)), np.uint8)
