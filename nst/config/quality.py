"""The named qualities: places on the curve of quality over time, meant for any size.

A quality sets the evaluations of J at the final size (`StyleTransferConfig.steps`) and nothing else: the large strokes
are found at the coarser sizes, of which a larger picture has more. Viewers preferred Standard's number to the 75 steps
of statistics alone that it was before, and found more steps cleaner, see benchmarks/README.md. With the paper's
objective J tells how far each comes: ``python -m benchmarks quality`` compares it with the textbook method's J after
300 evaluations.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quality:
    """One place on the curve.

    Attributes:
        name: As it is written on the command line.
        steps: Evaluations of J at the final size.
        reason: What one gets for them.
    """

    name: str
    steps: int
    reason: str


#: From quick to careful. Change the numbers here and nowhere else.
QUALITIES = (
    Quality("draft", 25, "enough to judge the painting and the settings"),
    Quality("standard", 45, "a finished picture; more steps make it cleaner"),
    Quality("fine", 200, "for the picture that is kept"),
)

#: Evaluations of each quality by its name.
STEPS = {quality.name: quality.steps for quality in QUALITIES}
