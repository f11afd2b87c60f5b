"""``python -m nst``: see `nst.cli.main`."""

from nst.cli.main import main

raise SystemExit(main())
