"""The command ``nst``, in a clone also ``python -m nst``: it paints pictures and films, or starts the page.

``nst page`` and ``nst serve`` start the page (`nst.ui.launch`);
everything else is for `nst.cli.main`. A picture that is called page is reached as ``./page``.
"""

import sys


def main() -> int:
    """Run the command and return its exit status."""
    command, arguments = sys.argv[1:2], sys.argv[2:]
    try:
        if command in (["page"], ["serve"]):
            from nst.ui.launch import launch

            return launch(command[0], arguments)
        from nst.cli.main import main as paint

        return paint()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "nst"):
            raise
        print(
            f"nst: expected the package {package}, got none in this Python; install the project with what it needs, "
            "e.g. by pip install -r requirements.txt in a clone.",
            file=sys.stderr,
        )
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
