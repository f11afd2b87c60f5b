"""How it works, in pictures that this engine painted: see `nst.ui.about.illustrations`."""

import streamlit as st

from nst.layers import PAPER_NAMES
from nst.ui.about.illustrations import PLACES, RECONSTRUCTIONS, STARTS, STRENGTHS, TEXTURES, picture
from nst.ui.language import deferred, text
from nst.ui.widgets.component import data_url

Cell = tuple[str, str, str]  # the file's name, the caption, the alternative text

_DETAIL = {
    "block1_conv2": deferred("every detail"),
    "block3_conv2": deferred("forms and texture"),
    "block4_conv2": deferred("forms; the default"),
    "block5_conv2": deferred("the layout"),
}


def how_panel() -> None:
    """Draw the panel: five rows of pictures, each with a paragraph."""
    with st.container(key="how"):
        _rows()


def _rows() -> None:
    st.header(text("How it works"), anchor=False)
    st.markdown(
        text(
            "A network that has learnt to recognise things, VGG-19, looks at the picture. Its shallow layers see "
            "colours and edges, its deep ones whole forms. The picture's pixels are changed, step by step, until its "
            "deep layers see what they saw in the photo, and the statistics of all layers (which features occur "
            "together) are the painting's. *J* says how far that still is."
        )
    )
    st.caption(
        text(
            "The pictures below follow the paper, with Gram matrices for statistics. The page's own settings compare "
            "means and covariances, which keeps colours clearer, and find the strength for each pair of pictures."
        )
    )
    _row(
        text("What is kept of the photo"),
        text(
            "Started from noise, the photo is rebuilt from what one layer alone still knows of it. The deeper the "
            "layer, the more freedom the painting has."
        ),
        [("photo", text("The photo"), text("The photo: a pagoda above a lake"))]
        + [
            (
                f"content-{layer}",
                f"{PAPER_NAMES[layer]}: {text(_DETAIL[layer])}",
                text("The photo rebuilt from {layer}", layer=layer),
            )
            for layer in RECONSTRUCTIONS
        ],
    )
    _row(
        text("What is taken from the painting"),
        text(
            "Here noise takes on the statistics of the painting's layers, one more from picture to picture: first its "
            "colours, then strokes, then forms. Where things are is lost on purpose."
        ),
        [("painting", text("The painting"), text("The painting: Wheat Field with Cypresses"))]
        + [
            (
                f"style-{layer}",
                f"{'+ ' if number else ''}{PAPER_NAMES[layer]}",
                text("A texture with layers up to {layer}", layer=layer),
            )
            for number, layer in enumerate(TEXTURES)
        ],
    )
    _row(
        text("Nearest neighbours instead"),
        text(
            "The other way to paint keeps no statistics: for each place of the photo it looks for the place of the "
            "painting that the network finds most similar, and paints with that one's strokes. Here are {count} "
            "places, each with its neighbour, and what comes of all of them with the page's own settings.",
            count=len(PLACES),
        ),
        [
            (
                "neighbours-photo",
                text("Places of the photo"),
                text("Numbered squares on the photo: roof, sky, eaves and bushes"),
            ),
            (
                "neighbours-painting",
                text("Their neighbours"),
                text("The numbered squares on the painting that are most similar to those of the photo"),
            ),
            (
                "neighbours-squares",
                text("Both, enlarged"),
                text("Each square of the photo, and below it its neighbour in the painting"),
            ),
            ("neighbours-result", text("Painted with neighbours"), text("The pagoda, painted with neighbours")),
        ],
    )
    _row(
        text("Style strength, β : α"),
        text("How much the painting counts against the photo, on a logarithmic scale."),
        [
            (f"strength-{beta}", f"{beta:,} : 1".replace(",", " "), text("The result with β = {beta}", beta=beta))
            for beta in STRENGTHS
        ],
    )
    _row(
        text("Where it starts"),
        text("The start can be the photo, noise, or a blend of both. The more noise, the more the painting decides."),
        [
            (
                f"start-{percent}",
                text("{percent} % noise", percent=percent),
                text("Started from {percent} % noise", percent=percent),
            )
            for percent in STARTS
        ],
    )


def _row(title: str, paragraph: str, cells: list[Cell]) -> None:
    st.subheader(title, anchor=False)
    st.markdown(paragraph)
    with st.container(horizontal=True, key=f"how_{cells[-1][0]}"):
        for name, caption, alt in cells:
            with st.container(width=155):
                st.image(data_url(picture(name)), caption=caption, width="stretch", alt=alt)
