"""Loading the network once in a process where Streamlit runs the page again and again, and what it then knows."""

import gc

import streamlit as st

from nst.config import RunOptions
from nst.plan.machine import Machine
from nst.ui import guards


class Measured:
    """What the worker has measured of this computer; nothing before the network is loaded, or where others paint."""

    machine: Machine | None = None


@st.cache_resource(show_spinner=False)
def measured() -> Measured:
    """Return the one record of this process."""
    return Measured()


def load_network(options: RunOptions) -> None:
    """Load TensorFlow and the weights, and keep Streamlit from disturbing them; for the worker's thread.

    Streamlit collects garbage after every run of a page, so several times a second while a job is followed. Through all
    of TensorFlow's objects each such collection takes 0.2 s. It also wants Keras to forget its session; see
    `nst.ui.guards.keep_keras_session`.
    """
    from nst.engine.device import this_machine
    from nst.engine.transfer import warm_up

    guards.keep_keras_session()  # between the import and here no model has been built
    warm_up(options)
    # What is loaded by now stays for good: later collections need not look at it again.
    gc.collect()
    gc.freeze()
    measured().machine = this_machine(options.precision, options.memory, measured=True)
