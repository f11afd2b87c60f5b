"""nginx with the project's configuration in front of two page servers, for benchmarks and tests that kill one."""

import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.serving import READY, ROOT, Server, free_port

NAMES = ("8501", "8502")
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class Front:
    """nginx on a port of its own, the servers behind it, and its log.

    Args:
        folder: For configuration, logs and the servers' states.
        settings: Environment variables of both servers.

    Attributes:
        address: Of the page, through nginx.
        servers: By the names that jobs' addresses begin with.
    """

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.servers = {
            name: Server(
                "serve.py", folder / f"log-{name}", NST_STATE=folder / f"state-{name}", NST_SERVER_NAME=name, **settings
            )
            for name in NAMES
        }
        for server in self.servers.values():
            server.wait(READY)
        self.nginx = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        """Start nginx with hosting/nginx.conf as it is, but for ports and paths."""
        assert NGINX is not None, "Expected nginx on this machine, found none: apt-get install nginx"
        text = (ROOT / "hosting" / "nginx.conf").read_text()
        text = text.replace("listen 80;", f"listen 127.0.0.1:{self.port};").replace("/var/log/nginx", str(self.folder))
        for name, server in self.servers.items():
            text = text.replace(f"127.0.0.1:{name}", f"127.0.0.1:{server.port}")
        places = "".join(
            f"{name}_temp_path {self.folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        main = f"daemon off; pid {self.folder}/pid; error_log {self.folder}/error.log; events {{}}\n"
        if os.geteuid() == 0:
            main = f"user root;\n{main}"
        (self.folder / "main.conf").write_text(f"{main}http {{\n{places}{text}\n}}\n")
        return subprocess.Popen([NGINX, "-p", str(self.folder), "-c", str(self.folder / "main.conf")])

    def stop(self) -> None:
        """End nginx and the servers."""
        self.nginx.terminate()
        self.nginx.wait(10)
        for server in self.servers.values():
            server.stop()
