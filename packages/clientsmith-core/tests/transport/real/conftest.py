"""Servers and proxies that nobody here wrote: nginx, Node.js, tinyproxy and microsocks, where they are installed.

Each runs on loopback as a process of its own, in the foreground, and ends with its test.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


@dataclass
class Program:
    """A running program and the port that it listens on."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def find(name: str) -> str:
    """Return where a program is; the test is skipped if it is not installed."""
    found = shutil.which(name, path=PATH)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def wait_for(program: Program) -> None:
    """Return when the port is open."""
    until = time.monotonic() + 10.0
    while time.monotonic() < until:
        if program.process.poll() is not None:
            raise AssertionError(f"it ended at once with {program.process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", program.port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("it did not open its port within ten seconds")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts programs: ``run(port, name, *arguments)``."""
    running: list[Program] = []

    def start(port: int, name: str, *arguments: str) -> Program:
        program = Program(
            subprocess.Popen(
                [find(name), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path
            ),
            port,
            tmp_path,
        )
        running.append(program)
        wait_for(program)
        return program

    yield start
    for program in running:
        program.process.terminate()
        try:
            program.process.wait(5)
        except subprocess.TimeoutExpired:
            program.process.kill()
            program.process.wait()


NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
    log_format connection $connection; access_log {folder}/connections.log connection; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    client_max_body_size 1m; large_client_header_buffers 4 8k;
    gzip on; gzip_min_length 1; gzip_types application/json text/plain; gzip_proxied any;
    {http}
    server {{
        listen 127.0.0.1:{port}{tls};
        {server}
        root {folder}/root;
        location = /json {{ default_type application/json; return 200 '{{"name": "Rex"}}'; }}
        location = /gone {{ return 301 /json; }}
        location = /nothing {{ return 204; }}
        location = /closed {{ return 444; }}
    }}
}}
"""


@pytest.fixture
def nginx(run: Callable[..., Program], tmp_path: Path) -> Callable[..., Program]:
    """Starts nginx with further lines for its ``http`` and ``server`` blocks."""

    def start(http: str = "", server: str = "", *, is_tls: bool = False) -> Program:
        find("nginx")
        port = free_port()
        (tmp_path / "root").mkdir(exist_ok=True)
        # nginx drops root's rights for its workers, which then have to get into the folder of the test.
        user = "user root;\n" if os.geteuid() == 0 else ""
        lines = NGINX.format(folder=tmp_path, port=port, http=http, server=server, tls=" ssl" if is_tls else "")
        (tmp_path / "nginx.conf").write_text(user + lines)
        return run(port, "nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"))

    return start


NODE = """
const http = require('http');
http.createServer({keepAliveTimeout: Number(process.argv[3])}, (request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    if (request.url === '/hints') response.writeEarlyHints({link: '</style.css>; rel=preload'});
    if (request.url === '/trailers') {
      response.writeHead(200, {Trailer: 'X-Sum'});
      for (let n = 0; n < 10; n++) response.write('line ' + n + '\\n');
      response.addTrailers({'X-Sum': '10'});
      return response.end();
    }
    if (request.url === '/half') {
      response.writeHead(200, {'Content-Length': '100'});
      response.write('half');
      return setTimeout(() => response.destroy(), 50);
    }
    response.writeHead(200, {'Content-Type': 'application/json', 'X-Port': request.socket.remotePort});
    response.end(JSON.stringify({method: request.method, url: request.url, length: body.length,
                                 headers: request.headers, raw: request.rawHeaders}));
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
"""


@pytest.fixture
def node(run: Callable[..., Program], tmp_path: Path) -> Callable[..., Program]:
    """Starts a Node.js server that says what it was asked; idle connections live for so many milliseconds."""

    def start(keep_alive: int = 5000) -> Program:
        find("node")
        (tmp_path / "server.js").write_text(NODE)
        port = free_port()
        return run(port, "node", str(tmp_path / "server.js"), str(port), str(keep_alive))

    return start


@pytest.fixture
def tinyproxy(run: Callable[..., Program], tmp_path: Path) -> Callable[..., Program]:
    """Starts tinyproxy with further lines of configuration."""

    def start(*lines: str) -> Program:
        find("tinyproxy")
        port = free_port()
        config = [f"Port {port}", "Listen 127.0.0.1", "Allow 127.0.0.1", f'LogFile "{tmp_path}/tinyproxy.log"', *lines]
        (tmp_path / "tinyproxy.conf").write_text("\n".join([*config, ""]))
        return run(port, "tinyproxy", "-d", "-c", str(tmp_path / "tinyproxy.conf"))

    return start


@pytest.fixture
def microsocks(run: Callable[..., Program]) -> Callable[..., Program]:
    """Starts a SOCKS5 proxy."""

    def start(*arguments: str) -> Program:
        port = free_port()
        return run(port, "microsocks", "-i", "127.0.0.1", "-p", str(port), *arguments)

    return start
