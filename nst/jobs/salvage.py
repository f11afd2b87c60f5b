"""The result of a job that ended away from its worker: the picture of its last checkpoint."""

import logging
from dataclasses import replace

from nst.jobs.files import result_files
from nst.jobs.records import Checkpoint, JobSpec, Outcome, label

_log = logging.getLogger(__name__)


def salvaged(job_id: str, spec: JobSpec, checkpoint: Checkpoint | None, outcome: Outcome) -> Outcome:
    """Return how a job ended, with its checkpoint's picture if it came with none of its own."""
    if checkpoint is None or outcome.png is not None:
        return outcome
    try:
        # How the worker computed went with it.
        recipe = replace(spec.recipe, evaluations=checkpoint.step if checkpoint.left else None)
        return Outcome(*result_files(checkpoint.picture, recipe, spec.dpi), outcome.error)
    except Exception:
        _log.exception("No picture could be made of the checkpoint of job %s.", label(job_id))
        return outcome
