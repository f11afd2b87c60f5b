"""Small films, written with PyAV itself, for the tests of what reads them."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from nst.pictures.codec import Pixels

#: (height, width) of all frames.
SHAPE = (48, 64)


def textured(seed: int = 0, shape: tuple[int, int] = SHAPE) -> Pixels:
    """Return a smooth, irregular picture, uint8 RGB (height, width, 3)."""
    import cv2

    coarse = np.random.default_rng(seed).integers(0, 256, (shape[0] // 6 + 2, shape[1] // 6 + 2, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def flat(level: int, shape: tuple[int, int] = SHAPE) -> Pixels:
    """Return a picture of one grey level."""
    return np.full((*shape, 3), level, np.uint8)


def moving(frames: int, step: int = 2, seed: int = 0) -> list[Pixels]:
    """Return frames of a camera that pans to the right over a texture, `step` pixels each."""
    wide = textured(seed, (SHAPE[0], SHAPE[1] + step * frames))
    return [wide[:, step * number : step * number + SHAPE[1]] for number in range(frames)]


def write(
    path: Path,
    frames: Sequence[Pixels],
    *,
    times: Sequence[Fraction] = (),
    codec: str = "libx264",
    sound: str | None = None,
    audio_seconds: float = 1.0,
) -> Path:
    """Write a film with frames at `times`, 25 a second if empty, and a tone in the codec `sound` if there is one."""
    times = times or [Fraction(number, 25) for number in range(len(frames))]
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream(codec, rate=25, options={"crf": "4"} if codec == "libx264" else {})
        video.height, video.width = frames[0].shape[:2]
        video.pix_fmt = "yuv420p"
        clock = 90_000 if codec == "libx264" else 25
        video.codec_context.time_base = Fraction(1, clock)
        audio: Any = container.add_stream(sound, rate=44_100) if sound else None
        for pixels, time in zip(frames, times, strict=True):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = int(time * clock), Fraction(1, clock)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            _write_tone(container, audio, audio_seconds)
    return path


def _write_tone(container: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    """Write a tone that is silent in its first half second, so that a shift is heard."""
    rate = 44_100
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    wave[: rate // 2] = 0
    for begin in range(0, len(wave), 1024):
        part = (wave[begin : begin + 1024] * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(part[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def read(path: Path) -> tuple[list[Pixels], list[Fraction]]:
    """Return the frames of a film, and when they are shown."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return [np.asarray(each.to_ndarray(format="rgb24"), np.uint8) for each in frames], [
        each.pts * each.time_base for each in frames
    ]


def heard(path: Path) -> tuple[str, np.ndarray, int]:
    """Return the codec of the sound of a film, the loudest level in each tenth of a second, and how many tracks."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        rate, name, tracks = stream.codec_context.sample_rate, stream.codec_context.name, len(container.streams.audio)
        parts = [(float(each.pts * each.time_base), each.to_ndarray()) for each in container.decode(stream)]
    levels = np.zeros(int(parts[-1][0] * 10) + 2)
    for begin, part in parts:
        size = 32767.0 if part.dtype == np.int16 else 1.0
        at = int((begin + part.shape[-1] / rate / 2) * 10)
        levels[at] = max(levels[at], float(np.abs(part).max()) / size)
    return name, levels, tracks
