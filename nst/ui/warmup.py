"""Loading the network once in a process where Streamlit runs the page again and again, and what it then knows."""

import gc
import sys

import streamlit as st

from nst.config import RunOptions
from nst.plan.machine import Machine


class Measured:
    """What the worker has measured of this computer; nothing before the network is loaded, or where others paint."""

    machine: Machine | None = None


@st.cache_resource(show_spinner=False)
def measured() -> Measured:
    """Return the one record of this process."""
    return Measured()


def load_network(options: RunOptions) -> None:
    """Load TensorFlow and the weights, and keep Streamlit from disturbing them; for the worker's thread.

    After every run of a page, so several times a second while a job is followed, Streamlit 1.67 calls
    ``keras.backend.clear_session()`` if Keras is loaded. That throws away the names and the call context which
    Keras keeps for a model that another thread is just building (building then fails at random), empties
    TensorFlow's cache of kernels, and collects garbage through all of TensorFlow's objects. Each such
    collection takes 0.2 s, and Streamlit adds one of its own: together most of a processor core.
    """
    from nst.engine.device import this_machine
    from nst.engine.transfer import warm_up

    # By the way on which Streamlit finds it; between the import and here no model has been built.
    sys.modules["keras"].backend.clear_session = _keep_session
    warm_up(options)
    # What is loaded by now stays for good: later collections need not look at it again.
    gc.collect()
    gc.freeze()
    measured().machine = this_machine(options.precision, options.memory, measured=True)


def _keep_session(free_memory: bool = True) -> None:
    """Stand in for ``keras.backend.clear_session``: nothing here wants the session cleared."""
