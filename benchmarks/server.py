"""The site the contestants crawl: nginx where it is installed, otherwise `static_server`, on several addresses."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOSTS = 8
START_SECONDS = 20.0

NGINX_CONFIGURATION = """\
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{}}
    default_type text/html;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 60s;
    keepalive_requests 1000000000;
    open_file_cache max=5000;
    gzip_static always;
    gunzip on;
    server {{
{listen}
        root {root};
        location /u/ {{ default_type "text/html; charset=utf-8"; }}
        location /s/ {{
            default_type "text/html; charset=utf-8";
            rewrite "^/s/\\d*(\\d\\d\\d)$" /s/$1.html break;
        }}
        location / {{ }}
    }}
}}
"""


@dataclass(frozen=True)
class Site:
    """A running server."""

    hosts: list[str]
    """`address:port` of each virtual host."""
    server: str
    """What serves: `nginx` or `own server`."""


def find_nginx() -> str | None:
    """Debian keeps nginx in a folder that is not on everybody's PATH."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def can_listen(addresses: list[tuple[str, int]]) -> bool:
    """Whether every address is there and free."""
    sockets = [socket.socket() for _ in addresses]
    try:
        for one, address in zip(sockets, addresses, strict=True):
            one.bind(address)
    except OSError:
        return False
    finally:
        for one in sockets:
            one.close()
    return True


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def choose_hosts() -> list[str]:
    """127.0.0.2 to 127.0.0.9 on one port where the system has them (Linux), otherwise eight ports of 127.0.0.1."""
    for _ in range(20):
        port = free_port()
        addresses = [(f"127.0.0.{number + 2}", port) for number in range(HOSTS)]
        if can_listen(addresses):
            return [f"{host}:{port}" for host, port in addresses]
    return [f"127.0.0.1:{free_port()}" for _ in range(HOSTS)]


def nginx_command(program: str, root: Path, folder: Path, hosts: list[str]) -> list[str]:
    configuration = NGINX_CONFIGURATION.format(
        # Started by root, nginx would give its worker another user, who may not read the files.
        user="user root;" if os.geteuid() == 0 else "",
        folder=folder,
        root=root,
        listen="\n".join(f"        listen {host};" for host in hosts),
    )
    file = folder / "nginx.conf"
    file.write_text(configuration, encoding="utf-8")
    return [program, "-p", str(folder), "-c", str(file)]


def own_command(root: Path, hosts: list[str]) -> list[str]:
    return [sys.executable, "-m", "benchmarks.static_server", str(root), *hosts]


def answers(host: str) -> bool:
    """Whether the server hands out a page in full."""
    connection = http.client.HTTPConnection(host, timeout=2)
    try:
        connection.request("GET", "/s/0000000", headers={"Accept-Encoding": "gzip"})
        response = connection.getresponse()
        return response.status == 200 and bool(response.read())
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def serve(root: Path, folder: Path, repository: Path, use_nginx: bool = True) -> Iterator[Site]:
    """Serve `root` while the block runs; `folder` takes the server's own files.

    Raises:
        RuntimeError: The server did not come up.
    """
    hosts = choose_hosts()
    program = find_nginx() if use_nginx else None
    command = nginx_command(program, root, folder, hosts) if program else own_command(root, hosts)
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=repository, stdout=log, stderr=log, start_new_session=True)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(hosts[-1]):
            if process.poll() is not None or time.monotonic() > deadline:
                message = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"The server did not come up: {message.strip()[-500:] or 'no message'}")
            time.sleep(0.05)
        yield Site(hosts, "nginx" if program else "own server")
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
