"""The page with a queue that gives up an abandoned job after seconds: for the test of a closed tab."""

import os
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from nst.ui.job.presence import Presence  # noqa: E402  (the path comes first)

# As in life the server asks several times within the queue's patience: it is the asking that has to end.
os.environ["NST_GRACE_SECONDS"] = "8"
Presence.__init__.__defaults__ = (0.5,)
runpy.run_path(str(ROOT / "app.py"))
