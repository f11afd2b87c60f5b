"""The page with a queue that gives up an abandoned job after seconds: for the test of a closed tab."""

import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from nst.jobs import JobRunner  # noqa: E402  (the path comes first)
from nst.ui.presence import Presence  # noqa: E402

# As in life the server asks several times within the queue's patience: it is the asking that has to end.
JobRunner.__init__.__kwdefaults__["patience"] = 4.0
Presence.__init__.__defaults__ = (0.5,)
runpy.run_path(str(ROOT / "app.py"))
