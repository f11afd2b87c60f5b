"""The page with an engine that paints nothing real, at once."""

import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from nst import jobs  # noqa: E402  (the path comes first)
from nst.jobs.local import JobRunner  # noqa: E402
from tests.support.fake_engine import Engine, Sketcher  # noqa: E402

jobs.JobRunner = lambda **_: JobRunner(Engine(), lambda: None, sketch=Sketcher())  # type: ignore[assignment,misc]
runpy.run_path(str(ROOT / "app.py"))
