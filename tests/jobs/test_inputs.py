"""What a job keeps of its pictures: as much as it uses, and no more."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from nst.jobs.inputs import reduced
from nst.jobs.limits import PROFILES
from nst.jobs.queue import JobQueue
from nst.jobs.records import JobSpec
from nst.pictures.codec import resize_to
from nst.pictures.gallery import load_gallery
from nst.plan.scales import scales_of
from tests.support.queued import DONE, spec, taken

PUBLIC = PROFILES["public"]


def large(height: int, width: int, paintings: int = 1, **settings: Any) -> JobSpec:
    """A job with pictures of zeros, which take no memory as long as nobody looks."""
    pixels = np.zeros((height, width, 3), np.uint8)
    return dataclasses.replace(spec(**settings), content=pixels, styles=(pixels,) * paintings)


def shapes(job: JobSpec) -> list[tuple[int, ...]]:
    return [each.shape[:2] for each in (job.content, *job.styles)]


def sizes(job: JobSpec) -> object:
    photo, *styles = ((each.shape[0], each.shape[1]) for each in (job.content, *job.styles))
    return scales_of(photo, tuple(styles), job.recipe.config)


@pytest.mark.slow
@pytest.mark.parametrize(("height", "width"), [(3000, 4000), (4001, 2999), (2377, 3989), (700, 3001)])
@pytest.mark.parametrize("size", [256, 511, 768])
@pytest.mark.parametrize("style_scale", [0.5, 1.0, 2.0])
def test_every_size_on_the_way_stays_the_same(height: int, width: int, size: int, style_scale: float) -> None:
    job = large(height, width, size=size, style_scale=style_scale)
    less = reduced(job, 768)
    assert sizes(less) == sizes(job)
    assert max(less.content.shape) <= max(2 * size, 768) + 64
    assert max(less.styles[0].shape) <= 2 * size * style_scale + 64
    assert less.recipe == job.recipe


def test_what_is_used_as_it_is_stays_as_it_is() -> None:
    job = large(400, 300, size=512)
    assert shapes(reduced(job, 768)) == shapes(job)
    enlarged = large(400, 300, size=2048, upscale=True)
    assert shapes(reduced(enlarged, 768)) == shapes(enlarged)


def test_nobody_sees_that_a_picture_was_reduced_twice() -> None:
    photo = np.asarray(load_gallery().photos[0].read().pixels)
    job = dataclasses.replace(spec(size=128), content=photo)
    shape = scales_of((photo.shape[0], photo.shape[1]), ((64, 64),), job.recipe.config)[-1].shape
    less = reduced(job, 128)
    assert less.content.size < photo.size
    once, twice = (resize_to(each, *shape).astype(float) for each in (photo, less.content))
    assert np.sqrt(np.mean((once - twice) ** 2)) < 1.5  # grey levels of 255


@pytest.mark.slow
def test_five_uploads_of_many_megapixels_leave_others_their_pictures() -> None:
    table = JobQueue(dataclasses.replace(PUBLIC, grace_seconds=1e6))
    table.join("a")
    theirs = [table.submit(spec(side=768, size=768), f"visitor {number}") for number in range(40)]
    for _ in theirs:
        table.finish("a", taken(table), DONE)
    job = table.submit(large(4000, 4000, paintings=4, size=768), "ann")
    table.finish("a", taken(table), DONE)
    assert table.known([*theirs, job]) == {*theirs, job}
