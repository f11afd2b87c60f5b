"""``python -m nst``: see `nst.cli`."""

from nst.cli import main

raise SystemExit(main())
