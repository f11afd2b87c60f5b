"""What a user relies on after ``pip install``: the command paints and shows the page, from any folder."""

import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

import nst
from nst.pictures.codec import read_picture_file
from tests.packaging.installed import Installed, free_port
from tests.support.first_run import first_run

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.page, pytest.mark.slow]

HEADLESS = ("--server.headless=true", "--server.address=127.0.0.1")


def test_the_wheel_holds_all_that_the_clone_has(wheel: Path) -> None:
    contents = set(zipfile.ZipFile(wheel).namelist())
    inside = (
        "nst/engine/*.npz",
        "nst/masks/*.onnx",
        "nst/py.typed",
        "nst/ui/frontend/*",
        "nst/ui/about/pictures/*",
        "nst/**/*.py",
    )
    expected = {str(path.relative_to(ROOT)) for pattern in inside for path in ROOT.glob(pattern)}
    expected |= {f"nst/{path.relative_to(ROOT)}" for path in (ROOT / "presets").rglob("*") if path.is_file()}
    expected |= {f"nst/ui/entry/{name}" for name in ("app.py", "serve.py", ".streamlit/config.toml")}
    assert expected <= contents
    information = f"nst-{nst.__version__}.dist-info"
    assert {f"{information}/licenses/{name}" for name in ("LICENSE", "NOTICE")} <= contents
    assert {name.split("/")[0] for name in contents} == {"nst", information}


def test_the_command_lists_the_gallery(installed: Installed) -> None:
    result = installed.run("nst", "--list")
    assert (result.returncode, result.stderr) == (0, "")
    assert "wheat-field-with-cypresses" in result.stdout


def test_the_command_paints(installed: Installed) -> None:
    result = installed.run("nst", "pagoda", "irises", "-o", "out.png", "--size", "64", "--steps", "2", "--quiet")
    assert result.returncode == 0, result.stderr
    assert read_picture_file(installed.folder / "out.png").pixels.shape == (43, 64, 3)


def test_the_command_returns_its_exit_status_and_one_line(installed: Installed) -> None:
    result = installed.run("nst", "pagoda", "no-such-painting", "-o", "out.png")
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)


def test_a_picture_called_page_is_reached_by_its_path(installed: Installed) -> None:
    result = installed.run("nst", "./page", "irises", "-o", "out.png")
    assert result.returncode == 2
    assert "page" in result.stderr
    assert "streamlit" not in result.stderr.lower()


def test_help_names_the_commands_that_start_the_page(installed: Installed) -> None:
    usage = installed.run("nst", "--help").stdout
    assert "nst page" in usage
    assert "nst serve" in usage


@pytest.mark.parametrize(("command", "package"), [("page", "streamlit"), ("--list", "")])
def test_a_missing_package_is_said_in_one_sentence(installed: Installed, command: str, package: str) -> None:
    # Without its site-packages but with the project's own: as after `pip install --no-deps`.
    packages = next(installed.python.parents[1].glob("lib/python*/site-packages"))
    code = f"import sys; sys.path.append({str(packages)!r}); sys.argv = ['nst', {command!r}]; import nst.__main__ as m"
    result = installed.run("python", "-S", "-c", f"{code}; sys.exit(m.main())")
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert f"expected the package {package}" in result.stderr


def test_the_page_starts_with_the_projects_configuration(installed: Installed) -> None:
    port = free_port()
    with installed.serving(["nst", "page", *HEADLESS, "--server.port", str(port)], "/_stcore/health", port) as log:
        messages = first_run(port)
        assert messages[-1].script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        theme = next(each.new_session.custom_theme for each in messages if each.WhichOneof("type") == "new_session")
        deltas = [each.delta for each in messages if each.WhichOneof("type") == "delta"]
    assert not [delta for delta in deltas if delta.new_element.WhichOneof("type") == "exception"]
    assert len(deltas) > 10
    configured = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    assert theme.light.primary_color == configured["light"]["primaryColor"]
    assert "Traceback" not in log.read_text()


def test_the_hosts_server_answers_and_shows_the_page(installed: Installed) -> None:
    port = free_port()
    command = ["nst", "serve", "--server.address=127.0.0.1", f"--server.port={port}"]
    with installed.serving(command, "/readyz", port):
        for path in ("/healthz", "/metrics"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
                assert answer.status == 200
        assert first_run(port)[-1].script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
