"""Every setting of a film: those of its frames, and what holds the frames together."""

from dataclasses import dataclass, fields

from nst.config.fields import number
from nst.config.transfer import StyleTransferConfig

#: A frame that follows another starts from it, and needs so much less of the steps.
FEWER_STEPS = 5


@dataclass(frozen=True)
class FilmConfig(StyleTransferConfig):
    """Settings of a film, validated on construction; what is not named here is as in `StyleTransferConfig`.

    Raises:
        ConfigError: naming the field, what was expected and what came.
    """

    temporal_weight: float = number(
        1000.0, 0.0, 1e6, "delta: how firmly a frame keeps to those before it where things only move"
    )
    frame_steps: int = number(0, 0, 5000, "evaluations of J of a frame that follows another; 0 for a fifth of steps")
    scene_change: float = number(
        0.25, 0.0, 1.0, "difference of two frames above which a new scene begins, painted afresh; 1 for none"
    )
    fps: float = number(0.0, 0.0, 240.0, "frames a second at most; 0 for all of a film, or 25 of a folder")
    start: float = number(0.0, 0.0, 1e6, "seconds of the film that are left out at its beginning")
    seconds: float = number(0.0, 0.0, 1e6, "seconds of the film that are painted; 0 for all")

    def first_frame(self) -> StyleTransferConfig:
        """Return the settings of a frame that follows no other: those of a picture by itself."""
        names = [spec.name for spec in fields(StyleTransferConfig) if spec.name != "temporal_weight"]
        return StyleTransferConfig(**{name: getattr(self, name) for name in names})

    def next_frame(self, first: StyleTransferConfig) -> StyleTransferConfig:
        """Return the settings of a frame that follows another in a film whose first frame was painted with `first`."""
        steps = self.frame_steps or max(1, self.steps // FEWER_STEPS)
        # The style weight that the first frame has found is that of all.
        return first.with_changes(init="picture", steps=steps, temporal_weight=self.temporal_weight, photo_kept=0.0)
