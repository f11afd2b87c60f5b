"""PyAV, which reads and writes films: it is large, and so an extra of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from nst.errors import FilmError

if TYPE_CHECKING:
    import av.container

#: FFmpeg's names of the formats that are read. The others it knows include lists of further files, here or elsewhere.
FORMATS = (
    "mov", "mp4", "matroska", "webm", "avi", "gif", "apng", "mpegts", "mpeg", "ogg", "flv", "asf", "mxf", "dv", "nut",
    "ivf", "yuv4mpegpipe", "m4v", "h264", "hevc", "wav", "mp3",
)  # fmt: skip
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": ",".join(FORMATS)}


def pyav() -> ModuleType:
    """Return the module ``av``.

    Raises:
        FilmError: if it is not installed.
    """
    try:
        import av
    except ModuleNotFoundError as error:
        raise FilmError(
            "video: expected the package av, which reads and writes films, got none in this Python; "
            "install it by pip install av, or as the extra video of nst."
        ) from error
    av.logging.set_level(av.logging.PANIC)  # what is wrong is said by us
    return av


@contextmanager
def opened(path: str, name: str) -> "Iterator[av.container.InputContainer]":
    """Open a film for reading; what goes wrong with it within becomes one sentence.

    Args:
        path: Of the file.
        name: What the user calls it.

    Raises:
        FilmError: if it is no film, or damaged.
    """
    av = pyav()
    try:
        # Strings that are not UTF-8 are replaced: they are only shown.
        with av.open(f"file:{path}", container_options=_OPTIONS, metadata_errors="replace") as container:
            yield container
    except FileNotFoundError as error:
        raise FilmError(f"{name}: expected a film, got a path where there is none; check the name.") from error
    except av.error.FFmpegError as error:
        raise FilmError(
            f"{name}: expected a film that can be read, got a damaged file or another kind ({error.strerror}); "
            "convert it to MP4, or paint the part before the damage by --seconds."
        ) from error
