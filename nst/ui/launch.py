"""Starts Streamlit with the page, from any folder: ``nst page`` and ``nst serve``.

Streamlit reads .streamlit/config.toml in the folder of the script that it runs. So the scripts lie beside that file:
in a clone at the top, in the installed package in ui/entry.
"""

import runpy
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

#: What each command runs, and the options of Streamlit that come first; those of the user win.
SCRIPTS = {"page": ("app.py",), "serve": ("serve.py", "--server.headless=true")}


def entry_folder() -> Path:
    """Return the folder with app.py, serve.py and Streamlit's configuration."""
    installed = Path(__file__).with_name("entry")
    return installed if installed.is_dir() else Path(__file__).parents[2]


def launch(command: str, arguments: Sequence[str]) -> int:
    """Run the server until it is stopped, and return its exit status.

    Args:
        command: A key of `SCRIPTS`.
        arguments: Options for ``streamlit run``, e.g. ``["--server.port", "8600"]``.

    Raises:
        ModuleNotFoundError: without Streamlit.
    """
    if find_spec("streamlit") is None:
        raise ModuleNotFoundError("No module named 'streamlit'", name="streamlit")
    # Imported here: the command line can say what is missing only as long as nothing needs it.
    from nst.ui import guards

    guards.install()
    script, *options = SCRIPTS[command]
    sys.argv = ["streamlit", "run", str(entry_folder() / script), *options, *arguments]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0
