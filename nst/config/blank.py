"""The settings of a picture that is painted without a photo: there is nothing to be kept, so the start is noise."""

from typing import Any

#: Fields of `StyleTransferConfig`, as its `to_dict` has them.
WITHOUT_PHOTO: dict[str, Any] = {
    "content_weight": 0.0,
    "photo_kept": 0.0,
    "subject_weight": 1.0,
    "colour": "none",
    "init": "noise",
}
