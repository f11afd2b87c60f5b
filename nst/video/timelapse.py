"""The optimisation as a short film, for those who want no animated picture."""

from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO

from nst.pictures.codec import Pixels, resize_to
from nst.pictures.timelapse import FRAME_MS, LAST_MS
from nst.video.library import pyav

#: x264's constant quality: good enough for a small film that is sent around.
_QUALITY = "20"


def mp4(frames: Sequence[Pixels]) -> bytes:
    """Return the pictures, uint8 RGB of any sizes, as an MP4 of the last one's size, cut to even numbers.

    Raises:
        FilmError: if PyAV is not installed.
    """
    av = pyav()
    height, width = (side - side % 2 for side in frames[-1].shape[:2])
    stream = BytesIO()
    with av.open(stream, "w", format="mp4") as container:
        film = container.add_stream("libx264", rate=Fraction(1000, FRAME_MS), options={"crf": _QUALITY})
        film.width, film.height, film.pix_fmt = width, height, "yuv420p"
        still = [frames[-1]] * (LAST_MS // FRAME_MS)
        for pixels in (*frames, *still):
            frame = av.VideoFrame.from_ndarray(resize_to(pixels, height, width), format="rgb24")
            container.mux(film.encode(frame))
        container.mux(film.encode())
    return stream.getvalue()
