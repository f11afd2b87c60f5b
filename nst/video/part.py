"""What is painted of a film so far, as a film by itself."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nst.errors import FilmError
from nst.pictures.codec import Pixels
from nst.video.film import open_film
from nst.video.frames import FrameFolder
from nst.video.survey import Survey
from nst.video.writer import write_film


def write_part(film: Path, output: Path, survey: Survey, done: int, about: str) -> None:
    """Write the first frames of a film that `nst.video.transfer.stylize_film` has begun, with their sound.

    Args:
        film: The file that is painted, from its beginning.
        output: As it was for `stylize_film`; the frames are beside it.
        survey: Of the film.
        done: Frames that are painted, at least one.
        about: Kept in the film as a comment.

    Raises:
        FilmError: if it cannot be written.
    """
    folder = FrameFolder(FrameFolder.beside(output), survey)
    part = replace(survey, times=survey.times[:done], scenes=tuple(each for each in survey.scenes if each < done))

    def pictures() -> Iterator[Pixels]:
        for number in range(done):
            picture = folder.read(number)
            if picture is None:
                raise FilmError(f"{folder.file(number).name}: expected a painted frame, got none; paint the film anew.")
            yield picture

    write_film(pictures(), part, output, folder.unfinished(".mp4"), open_film(film), float(survey.times[0]), about)
