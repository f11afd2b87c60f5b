"""The result of a job that ended away from its worker: the picture of its last checkpoint, or a film's frames."""

import logging
from dataclasses import replace

from nst.jobs.files import result_files
from nst.jobs.records import Checkpoint, JobSpec, Outcome, label
from nst.jobs.workplace import PAINTED, SOURCE, Workplaces
from nst.pictures.codec import encode_jpeg, read_picture
from nst.video.frames import FrameFolder
from nst.video.part import write_part

_log = logging.getLogger(__name__)


def salvaged(job_id: str, spec: JobSpec, checkpoint: Checkpoint | None, outcome: Outcome, films: Workplaces) -> Outcome:
    """Return how a job ended, with what was painted of it if it came with no picture of its own.

    Args:
        job_id, spec: Of the job.
        checkpoint: Its last one; films have none.
        outcome: How it ended.
        films: Where films are painted.
    """
    if outcome.png is not None:
        return outcome
    try:
        if spec.film is not None:
            return _film(job_id, spec, outcome, films)
        if checkpoint is None:
            return outcome
        # How the worker computed went with it.
        recipe = replace(spec.recipe, evaluations=checkpoint.step if checkpoint.left else None)
        return Outcome(*result_files(checkpoint.picture, recipe, spec.dpi), outcome.error)
    except Exception:
        _log.exception("No picture could be made of what was painted of job %s.", label(job_id))
        return outcome


def _film(job_id: str, spec: JobSpec, outcome: Outcome, films: Workplaces) -> Outcome:
    """Return the first frame and the film as far as it was painted, if a worker has left any."""
    with films.lent(job_id) as folder:
        source, output = folder / SOURCE, folder / PAINTED
        frames = FrameFolder.left(FrameFolder.beside(output))
        if frames is None or not frames.begun():
            return outcome
        png = frames.file(0).read_bytes()
        write_part(source, output, frames.survey, frames.begun(), spec.recipe.to_json())
        return Outcome(png, encode_jpeg(read_picture(png).pixels), outcome.error, output.read_bytes())
