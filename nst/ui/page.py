"""The page: choose a photo and a painting, adjust, watch the one turn into the other, keep the picture."""

import streamlit as st

from nst.errors import StyleTransferError
from nst.ui import resources
from nst.ui.about.example import example_of
from nst.ui.about.guide import guide_panel
from nst.ui.about.how import how_panel
from nst.ui.about.illustrations import EXAMPLE
from nst.ui.about.languages import languages_control
from nst.ui.job.follow import follow_panel
from nst.ui.job.followed import followed_job
from nst.ui.job.looking import still_shown
from nst.ui.job.series import gone_on, is_cell, series_note
from nst.ui.job.start import Chosen, start_bar
from nst.ui.language import said, text
from nst.ui.more.panel import more_panel
from nst.ui.more.table import table
from nst.ui.mosaic.panel import large_sketch, mosaic_panel
from nst.ui.pictures.chosen import chosen_panel
from nst.ui.pictures.painting import painting_panel
from nst.ui.pictures.photo import photo_panel
from nst.ui.recipes.reopen import follow_link, link_error, reopen_panel
from nst.ui.recipes.restore import notice
from nst.ui.recipes.wall import take_over_picked, wall_panel
from nst.ui.regions.easel import Easel
from nst.ui.regions.panel import regions_panel
from nst.ui.regions.style_guides import style_guides_panel
from nst.ui.regions.subject import subject_control, subject_mask
from nst.ui.result.history import history_panel, kept, remember, remember_series
from nst.ui.result.panel import result_panel
from nst.ui.settings import overtaken, state
from nst.ui.settings.first_run import is_measured, measurement_awaited
from nst.ui.settings.panel import settings_panel
from nst.ui.settings.paper import chosen_bits, dots_per_inch
from nst.ui.visitor import remember_visitor
from nst.ui.widgets.component import FRONTEND
from nst.ui.widgets.markdown import literal


def draw() -> None:
    """Draw the page once; what is wrong stands in one sentence where the rest would be."""
    st.set_page_config(
        page_title=text("From a photo to a painting"), page_icon="🎨", layout="wide", initial_sidebar_state=330
    )
    resources.guarded()
    try:
        _panels()
    except StyleTransferError as error:
        st.error(literal(said(str(error))))


def _panels() -> None:
    """Draw the panels from top to bottom."""
    was_measured = is_measured()
    if was_measured:  # else asking for the runner would start to load the network before the page is there
        resources.runner().give_way()
    st.html(FRONTEND / "page.css")
    gallery = resources.gallery()
    overtaken.put_right()
    state.fill_in_defaults()
    follow_link()
    take_over_picked(gallery)
    # First of all, for it takes room from everything else.
    st.sidebar.header(text("Settings"), anchor=False)
    st.title(text("From a photo to a painting"), anchor=False)
    # The canvas comes first, so that a phone shows it first.
    canvas, choices = st.columns([8, 5], gap="large")
    with canvas:
        job = gone_on(followed_job())
        above, subject, place = st.container(), st.container(), st.container()
    busy = job is not None and not job.state.final
    with choices:
        photo = photo_panel(gallery, EXAMPLE.photo)
        mosaic = st.container()
        paintings = painting_panel(gallery, EXAMPLE.painting)
        guide_panel(gallery)
        if job is not None and not busy:
            remember(job)
        job = still_shown(job, (photo, *paintings.paintings))
        easel = Easel(place, "" if job is None else job.id, busy)
        regions = regions_panel(photo, paintings, easel)
        guides = style_guides_panel(paintings, easel)
    with st.sidebar:
        config = settings_panel(photo, paintings, regions)
        reopen_panel()
    with subject:
        subject_control(photo, easel)
    with mosaic:
        mosaic_panel(gallery, photo, paintings.paintings, config, busy)
    chosen = Chosen(
        photo, paintings.paintings, regions, guides, subject_mask(photo), dots_per_inch(config, photo), chosen_bits()
    )
    with choices:
        more_panel(gallery, chosen, config, busy)
    with above:
        notice()
        link_error()
        start_bar(chosen, config, busy)
    with canvas:
        remember_series()
        if easel.is_used:
            history_panel("" if job is None else job.id)
        elif job is None:
            example = example_of(photo, paintings.paintings)
            chosen_panel(photo, paintings.paintings, example or large_sketch(photo, paintings.paintings, config))
            history_panel()
            if not kept():
                with st.container(key="wall"):
                    wall_panel(gallery)
        elif busy:
            follow_panel(job)
            table()
        elif is_cell(job.id):
            series_note()
            table()
        else:
            series_note()
            result_panel(job, config, chosen.dpi, chosen.bits)
    how_panel()
    languages_control()
    overtaken.number_drawing()
    remember_visitor()
    # Last, when the page is on its way to the browser: this starts to load the network.
    resources.runner()
    measurement_awaited(was_measured)
