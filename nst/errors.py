"""What can go wrong through no fault of the code, said in one sentence to the person at the screen.

Every message says what was expected, what came and what to do. The command line prints it on one line and
the page shows it beside the control; neither adds a stack trace.
"""


class StyleTransferError(ValueError):
    """Base of all errors whose message is meant for the user."""


class ConfigError(StyleTransferError):
    """A setting is out of range or unknown; the message names the field."""


class ImageError(StyleTransferError):
    """A picture cannot be read, is not a picture, or does not fit the job."""


class MaskError(StyleTransferError):
    """A region's mask is empty, does not fit the photo or is not what a mask can be; the message names the region."""


class PresetError(StyleTransferError):
    """A gallery record is missing, incomplete or does not match its picture."""


class WeightsError(StyleTransferError):
    """The bundled VGG-19 weights are missing or damaged."""


class FilmError(StyleTransferError):
    """A film cannot be read or written, or is more than can be painted."""


class OversizeError(StyleTransferError):
    """A picture does not fit into the memory that it may take, in any way."""


class DivergenceError(StyleTransferError):
    """The objective stayed non-finite after every recovery; nothing worth saving was made."""


class LimitError(StyleTransferError):
    """The server does not take a job: it asks for more than is given here, or the queue is full."""


class HostingError(StyleTransferError):
    """The server's own configuration is wrong; the message names the setting."""


class Interrupted(Exception):  # noqa: N818 (nothing went wrong)
    """A run was asked to stop in the middle of its work; never shown, since a run then ends with its best picture."""


def is_out_of_memory(error: Exception) -> bool:
    """Return whether the computer or its GPU had no memory left."""
    # TensorFlow's own class is recognised by name: TensorFlow may not even be loaded.
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
