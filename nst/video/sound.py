"""The sound of a film, carried over to the painted one."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import av.container

#: Codecs that every container we write takes as they are; any other sound is encoded anew.
_KEPT = ("aac", "mp3", "ac3", "eac3", "alac", "opus")


class Sound:
    """The first sound track of a film: copied packet by packet, or encoded as AAC where the new film cannot hold it.

    Args:
        source: The film that was painted, opened for its sound alone; it has one.
        target: The film that is written, with no packet in it yet.
        start: Seconds of the source that are left out at its beginning.
    """

    def __init__(
        self, source: "av.container.InputContainer", target: "av.container.OutputContainer", start: float
    ) -> None:
        self._target = target
        own = source.streams.audio[0]
        self._start = Fraction(start) + _begin(source)
        self._copied = own.codec_context.name in _KEPT
        self._stream: Any
        if self._copied:
            self._stream, self._parts = target.add_stream_from_template(own), self._packets(source)
        else:
            self._stream = target.add_stream("aac", rate=own.codec_context.sample_rate)
            self._stream.codec_context.layout = "stereo" if own.codec_context.layout.nb_channels > 1 else "mono"
            self._parts = self._frames(source)
        self._next = next(self._parts, None)

    def write_until(self, seconds: Fraction) -> None:
        """Write what is heard before a time of the new film."""
        while self._next is not None and self._next.pts * self._next.time_base < seconds:
            self._write(self._next)
            self._next = next(self._parts, None)

    def finish(self) -> None:
        """Write what the encoder has held back."""
        if not self._copied:
            self._target.mux(self._stream.encode(None))

    def _write(self, part: Any) -> None:
        if self._copied:
            part.stream = self._stream
            self._target.mux(part)
        else:
            self._target.mux(self._stream.encode(part))

    def _packets(self, source: "av.container.InputContainer") -> Iterator[Any]:
        """Yield the packets from the start on, their times those of the new film."""
        for packet in source.demux(source.streams.audio[0]):
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue
            shift = round(self._start / packet.time_base)
            if packet.pts >= shift:
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                yield packet

    def _frames(self, source: "av.container.InputContainer") -> Iterator[Any]:
        for frame in source.decode(source.streams.audio[0]):
            if frame.pts is None or frame.time_base is None:
                continue
            frame.pts -= round(self._start / frame.time_base)
            if frame.pts >= 0:
                yield frame


def _begin(source: "av.container.InputContainer") -> Fraction:
    """Return when the film's pictures begin, in seconds."""
    video = source.streams.video[0]
    if video.start_time is None or video.time_base is None:
        return Fraction(0)
    return video.start_time * video.time_base
