"""The size: on a scale of those that people mean, or that of a print, a sheet and its dots per inch, with its time."""

import streamlit as st

from nst.config import StyleTransferConfig
from nst.errors import StyleTransferError
from nst.pictures.paper import Print
from nst.plan import printing
from nst.ui import resources
from nst.ui.job.pace import details_line, estimate
from nst.ui.language import deferred, number, text
from nst.ui.pictures.choice import Choice
from nst.ui.settings import overtaken, state
from nst.ui.settings.labels import effect
from nst.ui.widgets.markdown import literal

#: Sheets by what they are called on the page, and as `Print.parsed` reads them.
SHEETS = {
    "10 × 15 cm": "10x15cm", "13 × 18 cm": "13x18cm", "20 × 30 cm": "20x30cm", "30 × 40 cm": "30x40cm",
    "50 × 70 cm": "50x70cm", "A6": "A6", "A5": "A5", "A4": "A4", "A3": "A3", "A2": "A2", "Letter": "letter",
    "Tabloid": "tabloid",
}  # fmt: skip
#: Dots per inch that are offered; at an arm's length 150 are enough.
DPI = (100, 150, 200, 300)
_SHEET, _DPI = "A4", 150

#: Keys of the controls, and what the first one is when a picture's own settings are brought back.
ON, _KEYS = "print_on", ("print_sheet", "print_dpi", "print_crop", "print_deep")
OFF = {ON: False}

#: Long sides in pixels that are offered, and what they are for. Any other one can be set under Advanced.
SIZES = {
    256: deferred("Tiny"), 384: deferred("Small"), 512: deferred("Small"), 768: deferred("Phone"),
    1024: deferred("Screen"), 1536: deferred("Screen"), 2048: deferred("Large"), 3072: deferred("Print"),
    4096: deferred("Print"),
}  # fmt: skip
_SCALE = "size_scale"


def size_control(photo: Choice, paintings: tuple[Choice, ...], regions: int) -> None:
    """Draw the scale of sizes, or the sheet of a print."""
    sheets = _sheets()
    if sheets and st.toggle(
        text("Print size"), key=ON,
        help=text("Choose a sheet of paper, not pixels; the file has its dots per inch."),
    ):  # fmt: skip
        # A control that is not drawn would lose its value: under Advanced there is none of the size then.
        st.session_state.size = st.session_state.size
        _paper(photo, paintings, regions, sheets)
    else:
        _scale()


def _scale() -> None:
    offered = [size for size in SIZES if size <= resources.limits().max_size]
    # A link may ask for more; it is refused in a sentence, not by the scale.
    overtaken.put({_SCALE: st.session_state.size})
    st.select_slider(
        text("Size"), sorted({*offered, st.session_state.size}), format_func=_size_shown, key=_SCALE,
        help=f"{effect('size')} {text('Any number of pixels can be set under Advanced.')}", on_change=_set_size,
    )  # fmt: skip


def _size_shown(size: int) -> str:
    return f"{text(SIZES[size])} · {size} px" if size in SIZES else f"{size} px"


def _set_size() -> None:
    if not overtaken.is_former(_SCALE):
        state.put({"size": st.session_state[_SCALE]})


def _paper(photo: Choice, paintings: tuple[Choice, ...], regions: int, sheets: dict[str, list[int]]) -> None:
    values = st.session_state
    if values.get("print_sheet") not in sheets:
        values.print_sheet = _SHEET if _SHEET in sheets else next(iter(sheets))
    offered = sheets[values.print_sheet]
    if values.get("print_dpi") not in offered:
        values.print_dpi = _DPI if _DPI in offered else offered[-1]
    left, right = st.columns(2)
    left.selectbox(text("Sheet"), list(sheets), key="print_sheet")
    right.selectbox(text("Dots per inch"), offered, key="print_dpi", help=text("150 are enough at an arm's length."))
    st.toggle(
        text("Fill the sheet"), key="print_crop",
        help=text("Cuts the photo around its middle to the sheet's proportions. Else all of it is on the sheet."),
    )  # fmt: skip
    st.toggle(
        text("16 bits a channel"), key="print_deep",
        help=text(
            "The PNG and the TIFF have what was painted before it is rounded to 8 bits, and are two to three times as "
            "large. For those who work on it."
        ),
    )  # fmt: skip
    st.caption(literal(_line(photo, paintings, regions)))


def details(photo: Choice, paintings: tuple[Choice, ...], regions: int) -> str:
    """Return the steps and the memory of the picture, or an empty line if it cannot be."""
    try:
        config = on_paper(StyleTransferConfig.from_dict(state.current(*state.FIELDS)), photo)
        return details_line(photo, paintings, config, regions)
    except StyleTransferError:  # it stands at the button that starts
        return ""


def _line(photo: Choice, paintings: tuple[Choice, ...], regions: int) -> str:
    """Return the pixels of the print and the time for it, or an empty line if that is not known or cannot be."""
    try:
        config = on_paper(StyleTransferConfig.from_dict(state.current(*state.FIELDS)), photo)
        found = estimate(photo, paintings, config, regions)
    except StyleTransferError:  # it stands at the button that starts
        return ""
    seconds = resources.limits().job_seconds
    line = f"{found.pixels}{found.time}."
    if found.seconds is None or found.seconds <= seconds:
        return line
    hours = number(seconds / 3600)
    return f"{line} {text('A picture gets at most {hours} h here, and is then kept as it is.', hours=hours)}"


def _sheets() -> dict[str, list[int]]:
    """Return the sheets that fit into this server's largest size, each with the dots per inch that do."""
    most = min(resources.limits().max_size, printing.MAX_SIZE)
    fitting = {
        name: [dpi for dpi in DPI if max(Print.parsed(f"{sheet}@{dpi}dpi").sheet(1, 1)) <= most]
        for name, sheet in SHEETS.items()
    }
    return {name: dots for name, dots in fitting.items() if dots}


def chosen_print() -> Print | None:
    """Return the print that the controls are at, None for a size in pixels."""
    values = st.session_state
    if not values.get(ON) or values.get("print_sheet") not in SHEETS or values.get("print_dpi") not in DPI:
        return None
    crop = ",crop" if values.get("print_crop") else ""
    return Print.parsed(f"{SHEETS[values.print_sheet]}@{values.print_dpi}dpi{crop}")


def chosen_bits() -> int:
    """Return the bits of a channel that the chosen print's files are to have."""
    return 16 if chosen_print() is not None and st.session_state.get("print_deep") else 8


def on_paper(config: StyleTransferConfig, photo: Choice) -> StyleTransferConfig:
    """Return the settings with the size and the crop of the chosen print; as they are without one.

    Raises:
        ConfigError: if the print has more pixels than a result can have.
    """
    paper = chosen_print()
    return config if paper is None else printing.for_print(paper, config, photo.shape)


def dots_per_inch(config: StyleTransferConfig | StyleTransferError, photo: Choice) -> float | None:
    """Return those of the picture that these settings make of the photo; None for one that is for no print."""
    paper = chosen_print()
    if paper is None or isinstance(config, StyleTransferError):
        return None
    return printing.dots_per_inch(paper, config, photo.shape)
